"""Judged answers -> figures: one summary a group of questions, as data and as a table."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from docx_models import metrics
from docx_models.evaluate import Judged
from docx_models.structure import Tally, add_up

Summary = dict[str, Any]

STRUCTURE = (
    "words",
    "entities",
    "exact",
    "links",
    "all_links",
    "fields",
    "cells",
    "adjacency",
    "grits_con",
    "grits_top",
)
"""Measures of structure in the order in which they are shown; see `docx_models.structure`."""

_SCORES = ("exact", "anls", "typed")


def summary(judged: Sequence[Judged]) -> Summary:
    """Sum up answers, at least one.

    Scores are means over the questions that have an answer, with their 95 % interval over
    documents; a figure that no question speaks to is None. `f1` weighs right answers against all
    that were given and all that should be, typed. `refused` counts "not found" among
    questions without and with an answer. `pointed` looks at right answers whose value also
    stands where it was not asked for, `grounded` at all right ones with a known place.
    """
    present = [j for j in judged if j.present]
    absent = [j for j in judged if not j.present]
    placed = [j for j in present if j.inside is not None]
    sure = [j.answer.confidence for j in judged]
    right = [j.typed > 0 for j in judged]
    tells = len(set(sure)) > 1  # a system that is always equally sure has no calibration
    return {
        "documents": len({j.document for j in judged}),
        "questions": len(present),
        "absent_questions": len(absent),
        **{name: _score(present, name) for name in _SCORES},
        "f1": _f1(judged),
        "refused_absent": _share(not j.answer.found for j in absent),
        "refused_present": _share(not j.answer.found for j in present),
        "pointed": _share(bool(j.inside) for j in placed if j.gold.elsewhere),
        "pointed_of": sum(j.gold.elsewhere for j in placed),
        "grounded": _share(bool(j.inside) for j in placed),
        "grounded_of": len(placed),
        "calibration_error": metrics.calibration_error(sure, right) if tells else None,
        "risk_coverage_area": metrics.risk_coverage_area(sure, right) if tells else None,
    }


def _share(values: Any) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def _f1(judged: Sequence[Judged]) -> float | None:
    present = [j for j in judged if j.present]
    both = sum(j.answer.found for j in judged) + len(present)
    return 2 * sum(j.typed for j in present) / both if present else None


def _score(judged: Sequence[Judged], name: str) -> dict[str, float] | None:
    if not judged:
        return None
    documents: dict[str, list[float]] = {}
    for j in judged:
        documents.setdefault(j.document, []).append(getattr(j, name))
    low, high = metrics.bootstrap(list(documents.values()))
    return {"mean": sum(getattr(j, name) for j in judged) / len(judged), "low": low, "high": high}


def structure_summary(documents: Sequence[Mapping[str, Tally]]) -> Summary:
    """Sum up the structure found in documents, at least one.

    Each measure has its F1 over all documents with its 95 % interval, the mean of the
    documents' own F1, precision, recall and counts.
    """
    out: Summary = {}
    for name in STRUCTURE:
        tallies = [d[name] for d in documents if name in d]
        parts = [(2 * t.matched, t.found + t.gold) for t in tallies]
        if any(both for _, both in parts):
            whole = add_up([{name: tally} for tally in tallies])[name]
            low, high = metrics.bootstrap_ratio(parts)
            out[name] = {
                "f1": whole.f1,
                "document_mean": sum(t.f1 for t in tallies) / len(tallies),
                "low": low,
                "high": high,
                "precision": whole.precision,
                "recall": whole.recall,
                "found": whole.found,
                "gold": whole.gold,
            }
    return out


def by_group(judged: Sequence[Judged]) -> dict[str, Summary]:
    """Sum up each group of questions, in the order in which they first occur."""
    groups: dict[str, list[Judged]] = {}
    for j in judged:
        groups.setdefault(j.gold.group, []).append(j)
    return {name: summary(members) for name, members in groups.items()}


def answer_facts(judged: Judged) -> dict[str, Any]:
    """Return one judged answer as plain JSON values, for looking at errors."""
    answer, gold = judged.answer, judged.gold
    where = answer.evidence
    return {
        "document": judged.document,
        "question": gold.question.text,
        "field": gold.field,
        "group": gold.group,
        "kind": gold.kind,
        "gold": list(gold.answers),
        "found": answer.found,
        "text": answer.text,
        "confidence": round(answer.confidence, 4),
        "grounding": answer.grounding,
        "page": where.page if where else None,
        "box": where.box.rounded() if where else None,
        "exact": bool(judged.exact),
        "anls": round(judged.anls, 4),
        "correct": bool(judged.typed),
        "inside": judged.inside,
        "elsewhere": gold.elsewhere,
    }


_COLUMNS: tuple[tuple[str, Callable[[Summary], str]], ...] = (
    ("n", lambda s: str(s["questions"] + s["absent_questions"])),
    ("EM", lambda s: _with_interval(s["exact"])),
    ("ANLS", lambda s: _with_interval(s["anls"])),
    ("typed", lambda s: _with_interval(s["typed"])),
    ("F1", lambda s: _percent(s["f1"])),
    ("refused", lambda s: f"{_percent(s['refused_absent'])} / {_percent(s['refused_present'])}"),
    ("pointed", lambda s: _counted(s["pointed"], s["pointed_of"])),
    ("grounded", lambda s: _counted(s["grounded"], s["grounded_of"])),
    ("ECE", lambda s: _percent(s["calibration_error"])),
)


def as_table(title: str, systems: Mapping[str, Sequence[Judged]], width: int, color: bool) -> str:
    """Lay out the figures of answers: a row a group of each system, in percent."""
    table = _empty_table(title, "system", "questions", *(name for name, _ in _COLUMNS))
    for system, judged in systems.items():
        rows = {**by_group(judged), "all": summary(judged)} if judged else {}
        for group, figures in rows.items():
            cells = [cell(figures) for _, cell in _COLUMNS]
            last = group == "all"
            style = "bold" if last else None
            table.add_row(system, group, *cells, style=style, end_section=last)
    return _drawn(table, width, color)


def as_structure_table(
    title: str, systems: Mapping[str, Sequence[Mapping[str, Tally]]], width: int, color: bool
) -> str:
    """Lay out the F-scores of structure: a row a measure, a column a system, in percent."""
    figures = {name: structure_summary(documents) for name, documents in systems.items()}
    table = _empty_table(title, "F1", "n", *figures)
    for measure in STRUCTURE:
        found = [f.get(measure) for f in figures.values()]
        if any(found):
            count = next(f["gold"] for f in found if f)
            table.add_row(measure, f"{count:.0f}", *(_with_interval(f, "f1") for f in found))
    return _drawn(table, width, color)


def _empty_table(title: str, first: str, second: str, *columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    table.add_column(first, no_wrap=True)
    table.add_column(second, no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _drawn(table: Table, width: int, color: bool) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=color, no_color=not color, highlight=False
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n") + "\n"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _with_interval(score: Mapping[str, float] | None, value: str = "mean") -> str:
    if score is None:
        return "-"
    return f"{100 * score[value]:.1f} [{100 * score['low']:.0f}-{100 * score['high']:.0f}]"


def _counted(share: float | None, count: int) -> str:
    return "-" if share is None else f"{_percent(share)} of {count}"
