"""How long the work on one document may still take, known to whatever waits for a program."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

from docx_cli.errors import TimeLimitError

_ends: ContextVar[tuple[float, float] | None] = ContextVar("ends", default=None)


@contextlib.contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Limit the block to so many seconds; None sets no limit."""
    token = _ends.set(None if seconds is None else (time.monotonic() + seconds, seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def time_left(seconds: float) -> float:
    """Return `seconds`, or what is left of the document's time if that is less.

    Raises:
        TimeLimitError: nothing is left of it.
    """
    ends = _ends.get()
    if ends is None:
        return seconds
    left = ends[0] - time.monotonic()
    if left <= 0:
        raise TimeLimitError(f"the document took longer than {ends[1]:g} s")
    return min(seconds, left)


def overrun(what: str, seconds: float) -> TimeLimitError:
    """Say what took too long: the document, if its time is over, else what had `seconds`."""
    ends = _ends.get()
    if ends is not None and time.monotonic() >= ends[0]:
        what, seconds = "the document", ends[1]
    return TimeLimitError(f"{what} took longer than {seconds:g} s")
