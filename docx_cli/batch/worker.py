"""A worker process: takes turns from its pipe and answers with outcomes, until told to end.

It leads a process group, in which all programs that it starts remain, so that whoever ends it
ends them with it; and it ends itself, with all of them, when its parent is gone.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection
from pathlib import Path

from docx_cli import programs
from docx_cli.batch.unit import Outcome
from docx_cli.cli import messages
from docx_cli.memory import give_back

SHORT_OF_MEMORY = "short-of-memory"
"""File in a worker's folder that is there while it holds much of what it may."""

_MUCH = 0.5  # what grows does so by doubling
_SECONDS_BETWEEN_LOOKS = 0.02  # in which no processor fills what is left of 512 MB

Work = Callable[..., Outcome]
"""Takes a turn, and `begin`, which it tells of each page that it begins."""


@dataclass(frozen=True)
class Reply:
    """The end of a turn."""

    outcome: Outcome
    memory: int
    """Bytes that the worker holds now."""


def serve(
    line: Connection, work: Work, folder: Path, memory: int | None, log_json: bool = False
) -> None:
    """Take turns until None comes or the parent closes its end.

    Args:
        line: turns come in; numbers of pages that are begun and replies go out.
        work: makes an outcome of a turn.
        folder: for temporary files; the parent owns it.
        memory: bytes of data this process may hold, None for no limit. Linux keeps to it;
            macOS counts less than all.
        log_json: warnings are JSON objects, and what libraries print on stderr goes nowhere.
    """
    os.setpgid(0, 0)
    programs.in_worker = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and decides
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.dup2(2, 1)  # stdout is data, and none comes from here
    if log_json:
        sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    messages.set_up(False, json_lines=log_json)
    tempfile.tempdir = str(folder)
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    threading.Thread(target=_watch, args=(folder, memory), daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while (turn := line.recv()) is not None:
            outcome = work(turn, begin=line.send)
            give_back()
            line.send(Reply(outcome, resident()))


def resident() -> int:
    """Return the bytes of memory that this process holds now; at most, where no /proc tells."""
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _watch(folder: Path, memory: int | None) -> None:
    """Leave a mark while memory is short, and end with the parent.

    Libraries that get no memory end the process without a word, so the mark must be there before.
    """
    parent = parent_process()
    mark, marked = folder / SHORT_OF_MEMORY, False
    pause = None if memory is None else _SECONDS_BETWEEN_LOOKS
    while parent is None or not connection.wait([parent.sentinel], pause):
        short = memory is not None and _data() > _MUCH * memory
        if short != marked:
            marked = short
            with contextlib.suppress(OSError):
                mark.touch() if short else mark.unlink(missing_ok=True)
    os.killpg(0, signal.SIGKILL)


def _data() -> int:
    """Return the bytes that count against the limit of data; none, where no /proc tells."""
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
        return pages * resource.getpagesize()
    return 0
