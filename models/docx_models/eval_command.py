"""The command `docx eval`; nothing heavy is loaded before it runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from docx_cli.cli.apps import new_app
from docx_cli.cli.options import Model, spread
from docx_cli.cli.stdout import guarded_stdout, write, written_file
from docx_cli.document import ALL_PARTS
from docx_cli.errors import DocxError, FileAccessError, UsageError

if TYPE_CHECKING:
    from docx_cli.answers import AnswerWith
    from docx_cli.document import Basis
    from docx_models.evaluate import Plan
    from docx_models.reports import Report
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
    leave_out: Annotated[
        list[str] | None,
        typer.Option(
            "--leave-out",
            metavar="|".join(ALL_PARTS),
            help="Also measure pairs and tables read without this; repeat it.",
        ),
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
        Literal["own", "ocr", "gold"],
        typer.Option(
            "--words",
            help="own: as the tool reads them; ocr: all by OCR; gold: the set's own.",
        ),
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
    from docx_models.reports import as_json, as_tables, compare_models

    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="docx-eval-")))
        plan = _plan(systems, documents, running, scratch)
        out = stack.enter_context(guarded_stdout())
        color = running.output is None and out.isatty()
        width = os.get_terminal_size(out.fileno()).columns if color else WIDTH
        if running.output is not None:
            out = stack.enter_context(written_file(running.output))
        reports = [_measure(folder, plan, documents, running.jobs) for folder in sets]
        compared = compare_models(reports, plan) if systems.against else []
        if running.format == "text":
            text = as_tables(reports, compared, width, color)
        else:
            text = as_json(reports, compared)
        write(out, text.encode())
        if running.plots is not None:
            _draw(reports, running.plots)
    invalid = sum(len(measured.invalid) for report in reports for measured in report.measured)
    if invalid:
        raise DocxError(f"{invalid} records do not satisfy the schema")


def _plan(systems: Systems, documents: Documents, running: Running, scratch: Path) -> Plan:
    from docx_cli.session import usable_cores
    from docx_models.evaluate import Plan

    unknown = sorted(set(systems.head or ()) - set(HEADS))
    if unknown:
        raise UsageError(f"--head {unknown[0]}: {', '.join(HEADS)}")
    strange = sorted(set(systems.leave_out or ()) - set(ALL_PARTS))
    if strange:
        raise UsageError(f"--leave-out {strange[0]}: {', '.join(ALL_PARTS)}")
    if systems.baseline_only and (systems.zeroed or systems.against):
        raise UsageError("--baseline-only leaves no model to compare or to set to zero")
    return Plan(
        contenders=() if systems.baseline_only else tuple(_contenders(systems, scratch)),
        baseline=systems.baseline or systems.baseline_only,
        words=documents.words,
        absent=documents.absent,
        cache=documents.words_cache,
        check_records=running.check_records,
        leave_out=cast("tuple[Basis, ...]", tuple(systems.leave_out or ())),
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
    """Measure one set."""
    from docx_models.cases import load_cases
    from docx_models.reports import measure

    cases = load_cases(folder, documents.split, documents.limit)
    pack = bool(cases) and cases[0].record is not None
    if pack and plan.words != "own":
        raise UsageError(f"--words {plan.words} is for real sets", source=str(folder))
    title = folder.name if pack else f"{folder.name}/{documents.split}, {plan.words} words"
    return measure(folder.name, title, plan, cases, jobs)


def _draw(reports: list[Report], folder: Path) -> None:
    from docx_models.plots import write_plots

    try:
        for report in reports:
            for name, judged in report.systems.items():
                if judged:
                    write_plots(folder, report.title, name, judged)
    except OSError as error:
        raise FileAccessError(f"cannot be written: {error.strerror}", source=str(folder)) from error
