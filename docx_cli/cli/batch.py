"""docx batch: many documents, by several workers, with one record for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from docx_cli.cli import messages
from docx_cli.cli.completion import schemas
from docx_cli.cli.extract import parse_questions
from docx_cli.cli.inputs import Inputs
from docx_cli.cli.options import Answering, Model, Pages, Reading, spread
from docx_cli.errors import BatchError, BundleError, UsageError
from docx_cli.inputs import STDIN

if TYPE_CHECKING:
    from docx_cli.batch.flat import FlatFormat
    from docx_cli.batch.pool import PoolOptions
    from docx_cli.batch.runner import Engine
    from docx_cli.batch.unit import Job
    from docx_cli.fields import Schema
    from docx_cli.sheets import Content

_MIB = 1 << 20
# A worker keeps to a document's limit by itself; one that does not is killed so much later.
_GRACE_SECONDS = 10.0
# Its text, its raster, reading it once and once more: each has the page's time.
_STEPS_OF_A_PAGE = 4


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
    schema: Annotated[
        str | None,
        typer.Option(
            "--schema",
            "-s",
            metavar="NAME|FILE|FIELDS",
            help="The values of a schema, as docx extract finds them.",
            autocompletion=schemas,
        ),
    ] = None


@dataclass(frozen=True)
class Writing:
    """What is written beside the records."""

    per_document: Annotated[
        bool, typer.Option("--per-document", help="Write a JSON file for each document, too.")
    ] = False
    csv: Annotated[
        bool, typer.Option("--csv", help="Write rows of answers, key-values or the schema, too.")
    ] = False
    parquet: Annotated[bool, typer.Option("--parquet", help="Such rows as Parquet files.")] = False

    def formats(self) -> list[FlatFormat]:
        """Return the formats of rows that are asked for."""
        asked: dict[FlatFormat, bool] = {"csv": self.csv, "parquet": self.parquet}
        return [style for style, wanted in asked.items() if wanted]


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
        int, typer.Option("--max-memory", metavar="MIB", min=512, help="Most for a worker.")
    ] = 2048
    recycle_after: Annotated[
        int,
        typer.Option("--recycle-after", metavar="N", min=1, help="Documents a worker lives for."),
    ] = 500

    engine: Annotated[
        Literal["local", "ray"],
        typer.Option("--engine", help="ray: on a Ray cluster; see docs/cluster.md."),
    ] = "local"
    address: Annotated[
        str | None,
        typer.Option(
            "--address", metavar="HOST:PORT", help="The cluster. Default: one on this machine."
        ),
    ] = None

    def threads(self) -> tuple[int, int]:
        """Return the number of workers, and of the model's threads in each."""
        from docx_cli.session import usable_cores

        if self.engine == "ray":
            return 1, 1  # each of the cluster's cores has a pool of its own
        cores = max(usable_cores(), 1)
        jobs = self.jobs or cores
        return jobs, max(cores // jobs, 1)

    def pool_options(self, page_timeout: float, log_json: bool) -> PoolOptions:
        """Return what the pool takes."""
        from docx_cli.batch.pool import PoolOptions

        return PoolOptions(
            jobs=self.threads()[0],
            patience=self.timeout + _GRACE_SECONDS,
            most_turns=self.recycle_after,
            swollen=self.max_memory * _MIB // 2,
            memory=self.max_memory * _MIB,
            page_patience=_STEPS_OF_A_PAGE * page_timeout + _GRACE_SECONDS,
            log_json=log_json,
        )

    def engine_for(self, job: Job, scratch: Path, log_json: bool) -> Engine:
        """Return what does the work."""
        options = self.pool_options(job.read.page_timeout, log_json)
        if self.engine == "ray":
            from docx_cli.batch.cluster import RayEngine

            return RayEngine(job, options, self.address)
        from docx_cli.batch.runner import local_pool

        return local_pool(job, options, scratch)


@spread
def batch(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="A folder for the results.")
    ],
    *,
    inputs: Inputs,
    asking: Asking,
    answering: Answering,
    writing: Writing,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Do again what failed, in whole or part.")
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
    from docx_cli.batch import flat
    from docx_cli.batch.ledger import Ledger
    from docx_cli.batch.progress import watcher
    from docx_cli.batch.runner import Run, RunOptions

    messages.set_up(False, json_lines=log_json)
    names = list(inputs.names())
    if STDIN in names:
        raise UsageError("docx batch reads files, not stdin")
    # SQLite's locks do not hold on storage that machines share.
    kept = working.engine == "local" if reading.cache is None else reading.cache
    reading = replace(reading, cache=kept)
    job = _job(asking, answering, reading, working, pages, model)
    job = replace(job, allow_network=inputs.allow_network, max_bytes=inputs.max_bytes)
    most = 1 if fail_fast else max_failures
    options = RunOptions(writing.per_document, retry_failed, most)
    flat.check(writing.formats())
    with watcher(log_json) as watch, Ledger(output, job.settings()) as ledger:
        run = Run(ledger, job, options, watch)
        summary = run.over(names, working.engine_for(job, ledger.scratch, log_json))
        if writing.formats():
            ledger.sync()
            flat.write(output, ledger.records, _contents(job), writing.formats())
    watch.end(summary)
    raise typer.Exit(BatchError.exit_code if summary.statuses["failed"] else 0)


def _contents(job: Job) -> list[Content | Schema]:
    """Return what of a job's findings makes rows; each table is a sheet of its own."""
    kinds: dict[Content, bool] = {"answers": bool(job.questions), "key_values": job.key_values}
    found: list[Content | Schema] = [content for content, asked in kinds.items() if asked]
    return [*found, job.schema] if job.schema else found


def _job(
    asking: Asking,
    answering: Answering,
    reading: Reading,
    working: Working,
    pages: str | None,
    model: str | None,
) -> Job:
    from docx_cli.batch.unit import Job
    from docx_cli.bundle import open_bundle, resolve, verify
    from docx_cli.short_schema import find

    if not (asking.question or asking.kv or asking.tables or asking.schema):
        raise UsageError("nothing is asked: give -q, --kv, --tables or --schema")
    bundle = open_bundle(resolve(model))
    # A run may last for days: the graphs, too, are read whole before it begins.
    if problems := verify(bundle.path):
        raise BundleError("; ".join(problems), source=str(bundle.path))
    return Job(
        model=str(bundle.path),
        model_sha256=bundle.sha256,
        read=reading.options(pages, bundle.picture_size, attended=False),
        questions=tuple(parse_questions(asking.question or [])),
        key_values=asking.kv,
        tables=asking.tables,
        schema=find(asking.schema) if asking.schema else None,
        wanted=answering.wanted(),
        threads=working.threads()[1],
        timeout=working.timeout,
    )
