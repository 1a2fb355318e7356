"""Measures sets of documents, and reports the figures as tables or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from docx_cli import safe_text
from docx_cli.cli.messages import complain
from docx_models import scores
from docx_models.cases import Case, WordsFrom
from docx_models.compare import Comparison, compare
from docx_models.evaluate import Judged, Measured, Plan, measure_all
from docx_models.structure import Tally


@dataclass
class Report:
    """What was measured on one set: all documents' answers and structure by system."""

    title: str
    words: WordsFrom
    measured: list[Measured] = field(default_factory=list)
    systems: dict[str, list[Judged]] = field(default_factory=dict)
    structure: dict[str, list[Mapping[str, Tally]]] = field(default_factory=dict)

    def add(self, one: Measured) -> None:
        """Take in a document."""
        self.measured.append(one)
        for name, judged in one.systems.items():
            self.systems.setdefault(name, []).extend(judged)
        for name, tallies in one.structure.items():
            if tallies:
                self.structure.setdefault(name, []).append(tallies)


def measure(name: str, title: str, plan: Plan, cases: Sequence[Case], jobs: int = 1) -> Report:
    """Measure documents; say on stderr how far it is and which of them failed.

    Args:
        name: of the set, for the lines on stderr.
        title: of the report.
        plan: what is run.
        cases: the documents.
        jobs: processes.
    """
    report = Report(title, plan.words)
    for one in measure_all(plan, cases, jobs):
        report.add(one)
        if one.error:
            _say(f"{name}, {one.document}: {one.error}")
        for problem in one.invalid:
            _say(f"{name}, {one.document}: bad record: {problem}")
        _progress(name, len(report.measured), len(cases))
    return report


def _say(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    complain(line)


def _progress(name: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\r\x1b[K" if done == total else ""
        sys.stderr.write(f"\r{name}: {done} of {total}{end}")
        sys.stderr.flush()


def compare_models(reports: Sequence[Report], plan: Plan) -> list[Comparison]:
    """Compare the first model's answers with the last one's, head by head, pooled over the sets."""
    after, before = plan.contenders[0], plan.contenders[-1]
    found = []
    for head in after.heads:
        names = [f"{contender.name}, {head}" for contender in (before, after)]
        pooled = [(n, [j for r in reports for j in r.systems.get(n, ())]) for n in names]
        found.append(compare(pooled[0], pooled[1]))
    return [one for one in found if one is not None]


def as_tables(
    reports: Sequence[Report], compared: Sequence[Comparison], width: int, color: bool
) -> str:
    """Lay the figures out as tables of at most `width` characters."""
    parts = []
    for report in reports:
        if any(report.systems.values()):
            parts.append(scores.as_table(report.title, report.systems, width, color))
        if report.structure:
            title = f"{report.title}: structure"
            parts.append(scores.as_structure_table(title, report.structure, width, color))
    return "\n".join(parts + [one.line() for one in compared])


def as_json(reports: Sequence[Report], compared: Sequence[Comparison]) -> str:
    """Give the figures and every answer as JSON."""
    body = [
        {
            "set": report.title,
            "words": report.words,
            "documents": len(report.measured),
            "failed": {m.document: m.error for m in report.measured if m.error},
            "systems": {
                name: {
                    "all": scores.summary(judged),
                    "groups": scores.by_group(judged),
                    "answers": [scores.answer_facts(j) for j in judged],
                }
                for name, judged in report.systems.items()
                if judged
            },
            "structure": {
                name: scores.structure_summary(documents)
                for name, documents in report.structure.items()
            },
        }
        for report in reports
    ]
    whole = {"sets": body, "comparisons": [one.to_mapping() for one in compared]}
    return safe_text.as_json(whole, indent=2) + "\n"
