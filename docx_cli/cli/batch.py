"""docx batch: many documents, by several workers, with one record for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docx_cli.cli import messages
from docx_cli.cli.extract import parse_questions
from docx_cli.cli.inputs import Inputs
from docx_cli.cli.options import Answering, Model, Pages, Reading, spread
from docx_cli.errors import BatchError, UsageError
from docx_cli.inputs import STDIN

if TYPE_CHECKING:
    from docx_cli.batch.pool import PoolOptions
    from docx_cli.batch.unit import Job

_MIB = 1 << 20
# A worker keeps to a document's limit by itself; one that does not is killed so much later.
_GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Asking:
    """What is extracted."""

    question: Annotated[
        list[str] | None,
        typer.Option(
            "--question", "-q", metavar="[NAME=]TEXT", help="A question; repeat it for several."
        ),
    ] = None
    kv: Annotated[bool, typer.Option("--kv", help="Find keys and their values.")] = False
    tables: Annotated[bool, typer.Option("--tables", help="Read tables.")] = False


@dataclass(frozen=True)
class Working:
    """How the work is spread, and what bounds it."""

    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", min=1, help="Workers. Default: one a core."),
    ] = None
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.01, help="Most for a document.")
    ] = 900.0
    max_memory: Annotated[
        int, typer.Option("--max-memory", metavar="MIB", min=64, help="Most for a worker.")
    ] = 2048
    recycle_after: Annotated[
        int,
        typer.Option("--recycle-after", metavar="N", min=1, help="Documents a worker lives for."),
    ] = 500

    def threads(self) -> tuple[int, int]:
        """Return the number of workers, and of the model's threads in each."""
        from docx_cli.session import usable_cores

        cores = max(usable_cores(), 1)
        jobs = self.jobs or cores
        return jobs, max(cores // jobs, 1)

    def pool_options(self) -> PoolOptions:
        """Return what the pool takes."""
        from docx_cli.batch.pool import PoolOptions

        return PoolOptions(
            jobs=self.threads()[0],
            patience=self.timeout + _GRACE_SECONDS,
            most_turns=self.recycle_after,
            swollen=self.max_memory * _MIB // 2,
            memory=self.max_memory * _MIB,
        )


@spread
def batch(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="A folder for the results.")
    ],
    *,
    inputs: Inputs,
    asking: Asking,
    answering: Answering,
    per_document: Annotated[
        bool, typer.Option("--per-document", help="Write a JSON file for each document, too.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Do again what failed before.")
    ] = False,
    max_failures: Annotated[
        int | None, typer.Option("--max-failures", metavar="N", min=1, help="Stop after so many.")
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first.")] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log JSON objects, one a line, on stderr.")
    ] = False,
    pages: Pages = None,
    model: Model = None,
    reading: Reading,
    working: Working,
) -> None:
    """Work through many documents, a record for each.

    DIR/records.jsonl gets one line an input, whatever happens: the same command
    goes on where it was stopped or killed, and does nothing twice.
    """
    from docx_cli.batch.ledger import Ledger
    from docx_cli.batch.progress import watcher
    from docx_cli.batch.runner import Run, RunOptions, local_pool

    messages.set_up(False)
    names = list(inputs.names())
    if STDIN in names:
        raise UsageError("docx batch reads files, not stdin")
    reading = replace(reading, cache=reading.cache is not False)
    job = _job(asking, answering, reading, working, pages, model)
    job = replace(job, allow_network=inputs.allow_network)
    most = 1 if fail_fast else max_failures
    options = RunOptions(per_document, retry_failed, most)
    with Ledger(output, job.settings()) as ledger, watcher(log_json) as watch:
        run = Run(ledger, job, options, watch)
        summary = run.over(names, local_pool(job, working.pool_options(), ledger.scratch))
    watch.end(summary)
    raise typer.Exit(BatchError.exit_code if summary.statuses["failed"] else 0)


def _job(
    asking: Asking,
    answering: Answering,
    reading: Reading,
    working: Working,
    pages: str | None,
    model: str | None,
) -> Job:
    from docx_cli.batch.unit import Job
    from docx_cli.bundle import open_bundle, resolve

    if not (asking.question or asking.kv or asking.tables):
        raise UsageError("nothing is asked: give -q, --kv or --tables")
    bundle = open_bundle(resolve(model))
    return Job(
        model=str(bundle.path),
        model_sha256=bundle.sha256,
        read=reading.options(pages, bundle.picture_size, attended=False),
        questions=tuple(parse_questions(asking.question or [])),
        key_values=asking.kv,
        tables=asking.tables,
        wanted=answering.wanted(),
        threads=working.threads()[1],
        timeout=working.timeout,
    )
