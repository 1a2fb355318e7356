"""What a person, or a log, sees of a run: always stderr."""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer

from docx_cli.batch.runner import Summary
from docx_cli.batch.unit import Outcome
from docx_cli.cli.messages import complain
from docx_cli.errors import DocxError
from docx_cli.safe_text import as_json, printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_SECONDS_BETWEEN_LINES = 10.0
_MINUTE, _HOUR = 60, 3600


class Lines:
    """A line for each failure, and every few seconds one that says how far the run is."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End; nothing is held."""

    def __call__(self, summary: Summary, made: Outcome | None) -> None:
        """Take note of a step."""
        if made is not None and made.error is not None:
            self.say(failure(made))
        if time.monotonic() - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            self.say(state(summary))

    def say(self, line: str) -> None:
        """Print a line."""
        complain(line)

    def end(self, summary: Summary) -> None:
        """Print what came of the run."""
        for line in verdict(summary):
            self.say(line)


class Bar(Lines):
    """A bar that stays below the lines, on a terminal."""

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = BarColumn(), TextColumn("{task.description}", markup=False)
        self._bar: Progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: TaskID = self._bar.add_task("", total=None)
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, summary: Summary, made: Outcome | None) -> None:
        """Take note of a step."""
        if made is not None and made.error is not None:
            self.say(failure(made))
        finished = summary.done + summary.kept
        self._bar.update(
            self._task, total=summary.total, completed=finished, description=state(summary)
        )

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        text = f"docx: {printable(line)}"
        self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)


class JsonLines(Lines):
    """A JSON object for each document, and one at the end, also of a run that cannot go on."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, DocxError):
            _event("failure", error=error.kind, exit_code=error.exit_code, message=str(error))
            raise typer.Exit(error.exit_code) from error

    def __call__(self, summary: Summary, made: Outcome | None) -> None:
        """Take note of a step."""
        if made is None:
            return
        _event(
            "document",
            source=made.path,
            status=made.status,
            error=made.error,
            pages=made.pages,
            done=summary.done + summary.kept,
            total=summary.total,
        )

    def end(self, summary: Summary) -> None:
        """Print what came of the run."""
        seconds = time.monotonic() - summary.begun
        _event(
            "summary",
            total=summary.total,
            done=summary.done,
            kept=summary.kept,
            pages=summary.pages,
            seconds=round(seconds, 3),
            statuses=dict(summary.statuses),
            errors=dict(summary.errors),
            stopped=summary.stopped,
        )


def watcher(log_json: bool) -> Lines:
    """Return what suits stderr."""
    if log_json:
        return JsonLines()
    return Bar() if sys.stderr.isatty() else Lines()


def state(summary: Summary) -> str:
    """Say how far a run is, how fast, and how long it will still take."""
    seconds = max(time.monotonic() - summary.begun, 1e-3)
    finished = summary.done + summary.kept
    parts = [f"{finished:,} of {summary.total:,} documents"]
    if failed := summary.statuses["failed"]:
        parts.append(f"{failed:,} failed")
    if summary.done:
        parts += [f"{summary.done / seconds:.3g}/s", f"{summary.pages / seconds:.3g} pages/s"]
        parts.append(f"{_duration((summary.total - finished) * seconds / summary.done)} left")
    return ", ".join(parts)


def verdict(summary: Summary) -> list[str]:
    """Sum a run up, by status and by kind of error."""
    finished = summary.done + summary.kept
    statuses = ", ".join(f"{n:,} {status}" for status, n in sorted(summary.statuses.items()))
    seconds = time.monotonic() - summary.begun
    lines = [
        f"{finished:,} of {summary.total:,} documents in {_duration(seconds)}: {statuses or 'none'}"
    ]
    if summary.kept:
        lines.append(f"{summary.kept:,} of them had their records before")
    if summary.errors:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in summary.errors.most_common())
        lines.append(f"failed for: {kinds}")
    if summary.stopped:
        lines.append("stopped: too many failed; the same command goes on")
    return lines


def failure(made: Outcome) -> str:
    """Say why a document failed."""
    return f"{made.path}: {json.loads(made.body)['error']['message']}"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def _event(kind: str, **facts: Any) -> None:
    print(as_json({"event": kind, **facts}), file=sys.stderr, flush=True)  # noqa: T201
