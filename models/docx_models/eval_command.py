"""The command `docx eval`; nothing heavy is loaded before it runs."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from docx_cli.cli.apps import new_app
from docx_cli.cli.messages import complain
from docx_cli.cli.options import Model, spread
from docx_cli.cli.stdout import guarded_stdout, write, written_file
from docx_cli.errors import DocxError, UsageError

if TYPE_CHECKING:
    from docx_cli.answers import AnswerWith
    from docx_models.evaluate import Judged, Measured, Plan

WIDTH = 130

EXAMPLES = """
\b
Examples:
  docx eval corpora/sroie corpora/adbuy --baseline
  docx eval data-packs/held-out --model runs/bundle --head auto --head decoder
  docx eval corpora/sroie --words gold --format json -o sroie.json
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
        typer.Option("--words", help="own: as the tool reads them; gold: the set's text lines."),
    ] = "own"
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

    A real set is a folder named after it that holds dev.jsonl; its fields are
    asked for with one question each. Anything else is a folder of page records,
    which bring their questions. Scores are means over questions, with a 95 %
    interval over documents.
    """
    plan = _plan(systems, documents, running)
    with ExitStack() as stack:
        out = stack.enter_context(guarded_stdout())
        color = running.output is None and out.isatty()
        width = os.get_terminal_size(out.fileno()).columns if color else WIDTH
        if running.output is not None:
            out = stack.enter_context(written_file(running.output))
        reports = [_measure(folder, plan, documents, running.jobs) for folder in sets]
        as_text = running.format == "text"
        text = _tables(reports, width, color) if as_text else _json(reports, plan)
        write(out, text.encode())
    invalid = sum(len(measured.invalid) for report in reports for measured in report.measured)
    if invalid:
        raise DocxError(f"{invalid} records do not satisfy the schema")


@dataclass(frozen=True)
class Report:
    """What was measured on one set; `systems` holds all documents' answers by system."""

    title: str
    measured: list[Measured]
    systems: dict[str, list[Judged]]


def _plan(systems: Systems, documents: Documents, running: Running) -> Plan:
    from docx_cli.bundle import resolve
    from docx_cli.session import usable_cores
    from docx_models.evaluate import Plan

    unknown = sorted(set(systems.head or ()) - set(HEADS))
    if unknown:
        raise UsageError(f"--head {unknown[0]}: {', '.join(HEADS)}")
    return Plan(
        model=None if systems.baseline_only else resolve(systems.model),
        heads=cast("tuple[AnswerWith, ...]", tuple(dict.fromkeys(systems.head or ["auto"]))),
        baseline=systems.baseline or systems.baseline_only,
        words=documents.words,
        cache=documents.words_cache,
        check_records=running.check_records,
        threads=max(1, usable_cores() // running.jobs),
    )


def _measure(folder: Path, plan: Plan, documents: Documents, jobs: int) -> Report:
    """Measure one set; say on stderr how far it is and which documents failed."""
    from docx_models.cases import is_pack, load_cases
    from docx_models.evaluate import measure_all

    pack = is_pack(folder)
    if pack and plan.words == "gold":
        raise UsageError("--words gold is for real sets", source=str(folder))
    cases = load_cases(folder, documents.split, documents.limit)
    measured: list[Measured] = []
    systems: dict[str, list[Judged]] = {}
    for one in measure_all(plan, cases, jobs):
        measured.append(one)
        for name, judged in one.systems.items():
            systems.setdefault(name, []).extend(judged)
        if one.error:
            _say(f"{folder.name}, {one.document}: {one.error}")
        for problem in one.invalid:
            _say(f"{folder.name}, {one.document}: bad record: {problem}")
        _progress(folder.name, len(measured), len(cases))
    title = folder.name if pack else f"{folder.name}/{documents.split}, {plan.words} words"
    return Report(title, measured, systems)


def _say(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    complain(line)


def _progress(name: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\r\x1b[K" if done == total else ""
        sys.stderr.write(f"\r{name}: {done} of {total}{end}")
        sys.stderr.flush()


def _tables(reports: list[Report], width: int, color: bool) -> str:
    from docx_models.scores import as_table

    return "\n".join(as_table(r.title, r.systems, width, color) for r in reports)


def _json(reports: list[Report], plan: Plan) -> str:
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
        }
        for report in reports
    ]
    return as_json({"sets": body}, indent=2) + "\n"
