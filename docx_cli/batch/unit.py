"""The unit of work: one input and the job's options in, one record out.

`process` looks at nothing else and changes nothing, so it may run anywhere, twice, or again
after it was killed: the same input gives the same record but for its timings.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx_cli import limits
from docx_cli.choices import Wanted
from docx_cli.cli.messages import unforeseen
from docx_cli.document import DocumentResult, Page, PageStatus, Question, RunIdentity
from docx_cli.errors import DocxError, TimeLimitError
from docx_cli.fields import Schema
from docx_cli.inputs import MAX_BYTES
from docx_cli.outputs import record
from docx_cli.reading import PageContent, ReadOptions
from docx_cli.safe_text import as_json

if TYPE_CHECKING:
    from docx_cli.pipeline import Extractor
    from docx_cli.source import Source

# What changes how far a document is read, not what stands in it, and what is nobody's business.
_NO_SETTINGS = ("password", "page_timeout", "max_pages", "max_megapixels", "cache", "on_page")


NO_PAGE = 0
"""Stands for what comes before a document's first page."""


@dataclass(frozen=True)
class Job:
    """What is done with every input."""

    model: str
    """The bundle's folder."""
    model_sha256: str
    """The bundle's identity."""
    read: ReadOptions
    """How documents are read."""
    questions: tuple[Question, ...] = ()
    """What is asked."""
    key_values: bool = False
    """Find key-values."""
    tables: bool = False
    """Find tables."""
    threads: int = 1
    """Of onnxruntime."""
    schema: Schema | None = None
    """Values to extract, too."""
    wanted: Wanted = field(default_factory=Wanted)
    """How sure answers must be, and how their values are read."""
    timeout: float | None = None
    """Seconds for a document."""
    allow_network: bool = False
    """Fetch inputs that are addresses."""
    max_bytes: int = MAX_BYTES
    """A larger input is refused."""

    @property
    def needs_rules(self) -> bool:
        """Whether ruling lines are looked for, as tables need them."""
        return self.tables or bool(self.schema and self.schema.needs_tables)

    def settings(self) -> dict[str, Any]:
        """Return what a record depends on beside its input, as plain JSON values."""
        read = dataclasses.asdict(self.read)
        asked = [{"name": q.name, "text": q.text} for q in self.questions]
        settings = {
            "questions": asked,
            "schema": self.schema and {"name": self.schema.name, "rule": self.schema.rule},
            "wanted": dataclasses.asdict(self.wanted),
            "key_values": self.key_values,
            "tables": self.tables,
            "model": self.model_sha256,
            "read": {k: read[k] for k in sorted(read) if k not in _NO_SETTINGS},
        }
        return dict(json.loads(json.dumps(settings)))  # as they will be read again

    @functools.cached_property
    def fingerprint(self) -> str:
        """A short hash of the settings."""
        text = json.dumps(self.settings(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Spoiled:
    """A page that ended a worker, and is not tried again."""

    status: PageStatus
    error: str


@dataclass(frozen=True)
class Turn:
    """One attempt at one input."""

    path: str
    careful: bool = False
    """Read page by page, and say so at each: an earlier attempt ended its worker."""
    spoiled: Mapping[int, Spoiled] = field(default_factory=dict)
    """Pages that are left out."""


@dataclass(frozen=True)
class Outcome:
    """A record and what the run's books need to know of it."""

    path: str
    sha256: str | None
    body: bytes
    """The record as JSON on one line, without the line's end."""
    status: str
    error: str | None
    """The kind of the document's error."""
    pages: int


def process(turn: Turn, *, job: Job, begin: Callable[[int], None] = lambda page: None) -> Outcome:
    """Make the record of one input; whatever goes wrong stands in it.

    Args:
        turn: the input, and what is known of it.
        job: what is done with it.
        begin: is told `NO_PAGE` when the model is loaded and the document's time begins; and of
            each page before it is read, if the turn is careful.
    """
    from docx_cli.pipeline import failed
    from docx_cli.source import load

    source = None
    try:
        extractor = _extractor(job.model, job.threads)
        begin(NO_PAGE)
        with limits.within(job.timeout):
            source = load(turn.path, allow_network=job.allow_network, max_bytes=job.max_bytes)
            read = dataclasses.replace(job.read, rules=job.needs_rules, squares=job.key_values)
            contents = _contents(source, read, turn, begin)
            result = _extracted(extractor, source, contents, job)
        return outcome(turn.path, result, job)
    except DocxError as error:
        error.source = None  # the record has a field of its own for it
        failure = error
    except Exception as error:
        failure = unforeseen(error)
    sha256 = source.sha256 if source else content_sha256(turn.path)
    return outcome(turn.path, failed(turn.path, failure, sha256), job)


def outcome(path: str, result: DocumentResult, job: Job) -> Outcome:
    """Return a result as the record that a run writes."""
    identity = RunIdentity(path_key(path), job.fingerprint)
    body = as_json(record(dataclasses.replace(result, run=identity))).encode()
    kind = result.error.kind if result.error else None
    return Outcome(path, result.sha256, body, result.status, kind, len(result.pages))


def content_sha256(path: str) -> str | None:
    """Hash a file's content; None if it is none or cannot be read, which its record will say."""
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None


def path_key(path: str) -> str:
    """Return what tells inputs apart: a record's `source` cannot hold names that are no UTF-8."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


@functools.cache
def _extractor(model: str, threads: int) -> Extractor:
    """Return the model, loaded once a process."""
    from docx_cli.bundle import open_bundle
    from docx_cli.pipeline import Extractor
    from docx_cli.session import limit_threads

    limit_threads(threads)
    return Extractor(open_bundle(Path(model)))


def _extracted(
    extractor: Extractor, source: Source, contents: Iterable[PageContent], job: Job
) -> DocumentResult:
    asked: dict[str, Any] = {
        "questions": job.questions,
        "key_values": job.key_values,
        "tables": job.tables,
    }
    contents = extractor.making_way(contents)
    if job.schema is None:
        return extractor.run_pages(source, contents, **asked, wanted=job.wanted, keep_words=False)
    from docx_cli.extraction import Typed

    return Typed(extractor, job.schema, job.wanted).run_pages(source, contents, **asked)


def _contents(
    source: Source, read: ReadOptions, turn: Turn, begin: Callable[[int], None]
) -> Iterator[PageContent]:
    from docx_cli import page_ranges
    from docx_cli.reading import page_count, read_pages

    if not turn.careful:
        yield from _in_time(source, read)
        return
    count = page_count(source, read.password)
    for number in page_ranges.parse(read.pages, count, source.name, read.max_pages):
        spoiled = turn.spoiled.get(number) or _late()
        if spoiled is not None:
            yield _left_out(number, spoiled)
        else:
            begin(number)
            yield from read_pages(source, dataclasses.replace(read, pages=str(number)))


def _in_time(source: Source, read: ReadOptions) -> Iterator[PageContent]:
    """Read pages until the document's time is over; the others are left out without a look."""
    from docx_cli import page_ranges
    from docx_cli.reading import page_count, read_pages

    done, late = set(), None
    for content in read_pages(source, read):
        done.add(content.page.number)
        yield content
        if late := _late():
            break
    if late is not None:
        count = page_count(source, read.password)
        for number in page_ranges.parse(read.pages, count, source.name, read.max_pages):
            if number not in done:
                yield _left_out(number, late)


def _late() -> Spoiled | None:
    try:
        limits.time_left(0.0)
    except TimeLimitError as error:
        return Spoiled("timeout", error.message)
    return None


def _left_out(number: int, cause: Spoiled) -> PageContent:
    return PageContent(Page(number, 0.0, 0.0, status=cause.status, error=cause.error), None, {})
