"""A run: inputs through a pool into the ledger, one record for each."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from docx_cli.batch.ledger import Entry, Ledger
from docx_cli.batch.mirror import mirrored
from docx_cli.batch.pool import Pool, PoolOptions
from docx_cli.batch.unit import (
    Job,
    Outcome,
    Spoiled,
    content_sha256,
    outcome,
    path_key,
    process,
)
from docx_cli.errors import FileAccessError, MemoryLimitError, ProgramError, TimeLimitError
from docx_cli.inputs import is_url
from docx_cli.pipeline import failed
from docx_cli.safe_text import as_json

DOCUMENTS = "documents"
_RETRIED = ("failed", "partial")


@dataclass(frozen=True)
class RunOptions:
    """How a run goes, apart from what stands in its records."""

    per_document: bool = False
    """Write each record into a file of its own, too."""
    retry_failed: bool = False
    """Do again what failed, or of which pages did, in an earlier run."""
    most_failures: int | None = None
    """Stop after so many."""


@dataclass
class Summary:
    """How far a run came."""

    total: int
    begun: float = field(default_factory=time.monotonic)
    done: int = 0
    """Inputs with a record made in this run."""
    kept: int = 0
    """Inputs whose record was there before."""
    pages: int = 0
    """Pages read in this run."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Inputs by status, those of before too."""
    errors: Counter[str] = field(default_factory=Counter)
    """Failed inputs by the kind of their error, those of before too."""
    failures: int = 0
    """Inputs that failed in this run."""
    stopped: bool = False
    """There were too many failures."""

    def count(self, status: str, error: str | None) -> None:
        """Take one input into account."""
        self.statuses[status] += 1
        if error is not None:
            self.errors[error] += 1


class Engine(Protocol):
    """What makes outcomes of paths, in any order: a pool here, or a cluster."""

    def run(self, paths: Iterator[str]) -> Generator[Outcome, None, None]:
        """Yield an outcome for each path; take only a few more than are at work."""


Watch = Callable[[Summary, Outcome | None], None]
"""Is told how far a run is, and what came last."""


class Run:
    """One run over some inputs.

    Args:
        ledger: where records go.
        job: what is done with each input.
        options: how.
        watch: is told of each step.
    """

    def __init__(self, ledger: Ledger, job: Job, options: RunOptions, watch: Watch) -> None:
        self._ledger, self._job, self._options, self._watch = ledger, job, options, watch
        self._contents: dict[str, str] = {}
        """Paths at work, with their content's hash."""
        self._waiting: dict[str, list[str]] = {}
        """By content at work: the other paths that wait for its record."""
        self._fresh: set[str] = set()
        """Contents with a record of this run."""

    def over(self, names: Sequence[str], engine: Engine) -> Summary:
        """Work through all inputs; those that have a record are passed over.

        Raises:
            FileAccessError: a record cannot be written; those before it stand.
        """
        self.summary = summary = Summary(len(names))
        left = names
        while left and not summary.stopped:
            changed: list[str] = []
            with contextlib.closing(engine.run(self._to_do(left))) as outcomes:
                for made in outcomes:
                    changed += self._enter_with_twins(made)
                    if summary.stopped:
                        break
            left = changed
        return summary

    def _to_do(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the inputs that must be worked on, passing over what is known."""
        ledger = self._ledger
        for name in names:
            sha256 = content_sha256(name)
            known = ledger.entry(name)
            same = known and (known.sha256 == sha256 or is_url(name))  # fetched once
            if known and same and not self._to_retry(known):
                self._pass_over(name, known)
            elif sha256 is None:
                yield name
            elif sha256 in self._waiting:
                self._waiting[sha256].append(name)
            elif (twin := ledger.twin(sha256)) and (
                sha256 in self._fresh or not self._to_retry(twin)
            ):
                self._enter(self._copied(ledger.body(twin), name))
            else:
                self._contents[name] = sha256
                self._waiting[sha256] = []
                yield name

    def _to_retry(self, known: Entry) -> bool:
        """Say whether what has a record of an earlier run is done once more."""
        return self._options.retry_failed and known.status in _RETRIED

    def _pass_over(self, name: str, known: Entry) -> None:
        """Count an input that has its record; its file may not have been asked for before."""
        if self._options.per_document:
            self._write_file(name, self._ledger.body(known))
        self.summary.kept += 1
        self.summary.count(known.status, known.error)
        self._watch(self.summary, None)

    def _enter_with_twins(self, made: Outcome) -> list[str]:
        """Enter a record, and copies for equal inputs; return those that it is none of.

        A file may have changed between the look at its content and the work on it.
        """
        self._enter(made)
        sha256 = self._contents.pop(made.path, None)
        waiting = self._waiting.pop(sha256, []) if sha256 else []
        if made.sha256 != sha256:
            return waiting
        for path in waiting:
            self._enter(self._copied(made.body, path))
        return []

    def _enter(self, made: Outcome) -> None:
        summary = self.summary
        if self._options.per_document:
            self._write_file(made.path, made.body)
        self._ledger.add(made)
        if made.sha256:
            self._fresh.add(made.sha256)
        summary.done += 1
        summary.pages += made.pages
        summary.count(made.status, made.error)
        summary.failures += made.status == "failed"
        most = self._options.most_failures
        summary.stopped = most is not None and summary.failures >= most
        self._watch(summary, made)

    def _copied(self, body: bytes, path: str) -> Outcome:
        """Return the record of the same content for another path; it took no time."""
        record = json.loads(body)
        record |= {"source": path, "timings": {}}
        record["run"] = {"input": path_key(path), "settings": self._job.fingerprint}
        error = record["error"] and record["error"]["kind"]
        copy = as_json(record).encode()
        return Outcome(path, record["sha256"], copy, record["status"], error, 0)

    def _write_file(self, path: str, body: bytes) -> None:
        target = self._ledger.folder / DOCUMENTS / mirrored(path)
        data = (as_json(json.loads(body), indent=2) + "\n").encode()
        # Written beside the tree, so that nothing half written can be met in it.
        whole = self._ledger.folder / ".document.json"
        try:
            if target.is_file() and target.read_bytes() == data:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            whole.write_bytes(data)
            whole.replace(target)
        except OSError as error:
            whole.unlink(missing_ok=True)
            raise FileAccessError(f"cannot write: {error.strerror}", source=str(target)) from error


def local_pool(job: Job, options: PoolOptions, scratch: Path) -> Pool:
    """Return the pool of this machine."""
    work = functools.partial(process, job=job)
    return Pool(work, functools.partial(refused, job), options, scratch)


def refused(job: Job, path: str, cause: Spoiled) -> Outcome:
    """Make the record of an input that no worker survives."""
    kinds = {"timeout": TimeLimitError, "out_of_memory": MemoryLimitError}
    error = kinds.get(cause.status, ProgramError)(cause.error)
    return outcome(path, dataclasses.replace(failed(path, error), sha256=content_sha256(path)), job)
