"""The command `docx eval`; nothing heavy is loaded before it runs."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from docx_cli.cli.apps import new_app
from docx_cli.cli.messages import complain
from docx_cli.cli.options import Model, spread
from docx_cli.cli.stdout import guarded_stdout, write, written_file
from docx_cli.errors import DocxError, FileAccessError, UsageError

if TYPE_CHECKING:
    from docx_cli.answers import AnswerWith
    from docx_models.compare import Comparison
    from docx_models.evaluate import Judged, Measured, Plan
    from docx_models.structure import Tally
    from docx_models.systems import Contender

WIDTH = 150

EXAMPLES = """
\b
Examples:
  docx eval corpora/sroie corpora/adbuy --baseline
  docx eval data-packs/held-out --model runs/bundle --head auto --head decoder
  docx eval corpora/sroie --words gold --format json -o sroie.json
  docx eval corpora/funsd data-packs/held-out --zeroed
  docx eval corpora/sroie corpora/adbuy --model int8 --against float32
"""

eval_app = new_app("Measure a model on labelled documents.")


HEADS = ("auto", "spans", "decoder")


@dataclass(frozen=True)
class Systems:
    """What is measured."""

    model: Model = None
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head", metavar="|".join(HEADS), help="What answers; repeat it. Default: auto."
        ),
    ] = None
    zeroed: Annotated[
        bool,
        typer.Option("--zeroed", help="Also measure it with its encoder's output set to zero."),
    ] = False
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="NAME|DIR", help="Compare answers with this model's."),
    ] = None
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Also measure hand-written rules.")
    ] = False
    baseline_only: Annotated[
        bool, typer.Option("--baseline-only", help="Measure them alone; needs no model.")
    ] = False


@dataclass(frozen=True)
class Documents:
    """What it is measured on."""

    split: Annotated[str, typer.Option("--split", help="Of a real set: dev or train.")] = "dev"
    words: Annotated[
        Literal["own", "gold"],
        typer.Option("--words", help="own: as the tool reads them; gold: the set's own."),
    ] = "own"
    absent: Annotated[
        bool,
        typer.Option("--absent", help="Also ask for what adbuy and sroie documents cannot hold."),
    ] = False
    words_cache: Annotated[
        Path | None,
        typer.Option("--words-cache", metavar="DIR", help="Keep what was read there, for reuse."),
    ] = None
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Documents of each set, at most.")
    ] = None


@dataclass(frozen=True)
class Running:
    """How it is run, and what comes out."""

    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes.")] = 1
    check_records: Annotated[
        bool, typer.Option("--check-records", help="Validate every record against the schema.")
    ] = False
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json lists every answer.")
    ] = "text"
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there, whole or not at all."),
    ] = None
    plots: Annotated[
        Path | None,
        typer.Option("--plots", metavar="DIR", help="Draw reliability and risk-coverage there."),
    ] = None


@eval_app.command(epilog=EXAMPLES)
@spread
def evaluate(
    sets: Annotated[
        list[Path],
        typer.Argument(metavar="SET", help="Folder of a real set, or of records (*.jsonl)."),
    ],
    *,
    systems: Systems,
    documents: Documents,
    running: Running,
) -> None:
    """Measure a model on labelled documents.

    A real set is a folder of documents with labels: a list dev.jsonl, a
    published set as it comes, or files with labels.jsonl as docx prints them.
    Anything else is a folder of page records. Questions, key-values and tables
    are measured where they are labelled. Scores of answers are means over
    questions, those of structure F-scores over all documents; 95 % intervals
    are over documents.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="docx-eval-")))
        plan = _plan(systems, documents, running, scratch)
        out = stack.enter_context(guarded_stdout())
        color = running.output is None and out.isatty()
        width = os.get_terminal_size(out.fileno()).columns if color else WIDTH
        if running.output is not None:
            out = stack.enter_context(written_file(running.output))
        reports = [_measure(folder, plan, documents, running.jobs) for folder in sets]
        compared = _compare(reports, plan) if systems.against else []
        as_text = running.format == "text"
        text = (
            _tables(reports, compared, width, color) if as_text else _json(reports, compared, plan)
        )
        write(out, text.encode())
        if running.plots is not None:
            _draw(reports, running.plots)
    invalid = sum(len(measured.invalid) for report in reports for measured in report.measured)
    if invalid:
        raise DocxError(f"{invalid} records do not satisfy the schema")


@dataclass(frozen=True)
class Report:
    """What was measured on one set: all documents' answers and structure by system."""

    title: str
    measured: list[Measured]
    systems: dict[str, list[Judged]]
    structure: dict[str, list[Mapping[str, Tally]]]


def _plan(systems: Systems, documents: Documents, running: Running, scratch: Path) -> Plan:
    from docx_cli.session import usable_cores
    from docx_models.evaluate import Plan

    unknown = sorted(set(systems.head or ()) - set(HEADS))
    if unknown:
        raise UsageError(f"--head {unknown[0]}: {', '.join(HEADS)}")
    if systems.baseline_only and (systems.zeroed or systems.against):
        raise UsageError("--baseline-only leaves no model to compare or to set to zero")
    return Plan(
        contenders=() if systems.baseline_only else tuple(_contenders(systems, scratch)),
        baseline=systems.baseline or systems.baseline_only,
        words=documents.words,
        absent=documents.absent,
        cache=documents.words_cache,
        check_records=running.check_records,
        threads=max(1, usable_cores() // running.jobs),
    )


def _contenders(systems: Systems, scratch: Path) -> Iterator[Contender]:
    """Name the bundles to measure; the one set to zero is written to `scratch`."""
    from docx_cli.bundle import open_bundle, resolve
    from docx_models.systems import Contender

    heads = cast("tuple[AnswerWith, ...]", tuple(dict.fromkeys(systems.head or ["auto"])))
    path = resolve(systems.model)
    name = open_bundle(path).name
    yield Contender(name, path, heads)
    if systems.zeroed:
        from docx_models.zeroed import write_zeroed

        yield Contender(f"{name} zeroed", write_zeroed(path, scratch / "zeroed"), heads)
    if systems.against:
        yield Contender(f"other {systems.against}", resolve(systems.against), heads)


def _measure(folder: Path, plan: Plan, documents: Documents, jobs: int) -> Report:
    """Measure one set; say on stderr how far it is and which documents failed."""
    from docx_models.cases import load_cases
    from docx_models.evaluate import measure_all

    cases = load_cases(folder, documents.split, documents.limit)
    pack = bool(cases) and cases[0].record is not None
    if pack and plan.words == "gold":
        raise UsageError("--words gold is for real sets", source=str(folder))
    title = folder.name if pack else f"{folder.name}/{documents.split}, {plan.words} words"
    report = Report(title, [], {}, {})
    for one in measure_all(plan, cases, jobs):
        report.measured.append(one)
        for name, judged in one.systems.items():
            report.systems.setdefault(name, []).extend(judged)
        for name, tallies in one.structure.items():
            if tallies:
                report.structure.setdefault(name, []).append(tallies)
        if one.error:
            _say(f"{folder.name}, {one.document}: {one.error}")
        for problem in one.invalid:
            _say(f"{folder.name}, {one.document}: bad record: {problem}")
        _progress(folder.name, len(report.measured), len(cases))
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


def _compare(reports: list[Report], plan: Plan) -> list[Comparison]:
    """Compare the model's answers with those of the one named last, pooled over the sets."""
    from docx_models.compare import compare

    after, before = plan.contenders[0], plan.contenders[-1]
    found = []
    for head in after.heads:
        names = [f"{contender.name}, {head}" for contender in (before, after)]
        pooled = [(n, [j for r in reports for j in r.systems.get(n, ())]) for n in names]
        found.append(compare(pooled[0], pooled[1]))
    return [one for one in found if one is not None]


def _draw(reports: list[Report], folder: Path) -> None:
    from docx_models.plots import write_plots

    try:
        for report in reports:
            for name, judged in report.systems.items():
                if judged:
                    write_plots(folder, report.title, name, judged)
    except OSError as error:
        raise FileAccessError(f"cannot be written: {error.strerror}", source=str(folder)) from error


def _tables(reports: list[Report], compared: list[Comparison], width: int, color: bool) -> str:
    from docx_models import scores

    parts = []
    for report in reports:
        if any(report.systems.values()):
            parts.append(scores.as_table(report.title, report.systems, width, color))
        if report.structure:
            title = f"{report.title}: structure"
            parts.append(scores.as_structure_table(title, report.structure, width, color))
    return "\n".join(parts + [one.line() for one in compared])


def _json(reports: list[Report], compared: list[Comparison], plan: Plan) -> str:
    from docx_cli.outputs import as_json
    from docx_models import scores

    body = [
        {
            "set": report.title,
            "words": plan.words,
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
    return as_json(whole, indent=2) + "\n"
