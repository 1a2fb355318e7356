"""What only a person at a terminal sees: a bar while something lasts, a question for a password.

Neither is ever drawn in a pipe. One bar is shown at a time; whatever else writes to the terminal
hides it meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Self

from docx_cli.safe_text import printable

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0
"""Seconds after which a bar is shown."""
_LONGEST_NAME = 40


class Bar:
    """Documents and pages done, below all other lines, once the work lasts over a second.

    Args:
        wanted: a person wants to see it; it is drawn only if stderr is a terminal.
        color: it may have colors.
    """

    _shown: Bar | None = None

    def __init__(self, wanted: bool, color: bool) -> None:
        self.live = wanted and sys.stderr.isatty()
        self._color = color and not os.environ.get("NO_COLOR")
        self._lock = threading.RLock()
        self._timer = threading.Timer(PATIENCE, self._draw)
        self._timer.daemon = True
        self._progress: Progress | None = None
        self._done, self._total, self._now = 0, 0, ""
        self._state = "", 0.0

    def __enter__(self) -> Self:
        if self.live:
            Bar._shown = self
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        Bar._shown = None
        self._timer.cancel()
        with self._lock:
            self.live = False
            if self._progress:
                self._progress.stop()

    def documents(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the names and count what was done; on a terminal they are listed first."""
        if not self.live:
            yield from names
            return
        listed = list(names)
        self._total = len(listed)
        for self._done, name in enumerate(listed):
            short = printable(name)
            short = short if len(short) <= _LONGEST_NAME else f"...{short[3 - _LONGEST_NAME :]}"
            self._now = short
            self._update(0, 1)
            yield name

    def page(self, number: int, count: int) -> None:
        """Take note that a page of the document is begun, the `number`-th of `count`."""
        self._update(number - 1, count)

    def _update(self, done: int, count: int) -> None:
        text = f"{self._done + 1} of {self._total}: {self._now}"
        if count > 1:
            text += f", page {done + 1} of {count}"
        with self._lock:
            self._state = text, completed = text, self._done + done / count
            if self._progress:
                (task,) = self._progress.task_ids
                self._progress.update(task, description=text, completed=completed)

    def _draw(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            if not self.live:
                return
            text, completed = self._state
            self._progress = Progress(
                BarColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
                console=Console(stderr=True, no_color=not self._color), transient=True,
            )  # fmt: skip
            task = self._progress.add_task(text, total=self._total)
            self._progress.update(task, completed=completed)
            self._progress.start()

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Clear the bar away while something else is written."""
        with self._lock:  # the timer waits, too
            if self._progress:
                self._progress.stop()
            try:
                yield
            finally:
                if self._progress:
                    self._progress.start()


def page_begun(number: int, count: int) -> None:
    """Tell the bar, if one is shown, which page of its document is begun."""
    if Bar._shown:
        Bar._shown.page(number, count)


class Prompt:
    """Asks on a terminal for the password of an encrypted document, once for each."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str | None:
        """Return what was typed; None where nobody sits at a terminal."""
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
            return None
        if name not in self._known:
            import getpass

            with Bar._shown.hidden() if Bar._shown else contextlib.nullcontext():
                question = f"docx: password of {printable(name)}: "
                self._known[name] = getpass.getpass(question, stream=sys.stderr)
        return self._known[name]


PROMPT = Prompt()
"""The one of this process, so that a document is asked for once, however often it is opened."""
