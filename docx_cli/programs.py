"""How outside programs are started: with limits, by their names, their arguments as they are.

pytesseract and pdf2image start programs themselves and have no hook for limits, but both take
another path for a program. So there is a folder with a launcher for each: it limits itself, then
becomes the program. Where no launcher can run, the programs run as they are.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import logging
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from docx_cli.errors import MemoryLimitError, ProgramError

NAMES = ("tesseract", "pdftotext", "pdftoppm", "pdfinfo")

_SECONDS = "DOCX_PROGRAM_SECONDS"
_THREADS = "OMP_THREAD_LIMIT"
_MOST_ADDRESSES = 4 << 30
"""Bytes: many times what a page of 40 megapixels takes."""
_MOST_WRITTEN = 1 << 30
"""Bytes of a file."""
_SHORT_OF_MEMORY = re.compile(
    "bad_alloc|out of memory|cannot allocate memory|failed to map segment", re.IGNORECASE
)

in_worker = False
"""Whether this process leads a group of its own, which whoever ends it ends as a whole."""

_lock = threading.Lock()
_limits: list[int] = []  # of the blocks that are being run
_before: dict[str, str | None] = {}

log = logging.getLogger(__name__)


def launcher(name: str) -> str:
    """Return what starts a program of `NAMES`: a launcher, or its name if it is not installed."""
    folder = launchers()
    return str(Path(folder) / name) if folder and shutil.which(name) else name


@functools.cache
def launchers() -> str | None:
    """Return a private folder of launchers, which goes away with this process; None without."""
    folder = tempfile.mkdtemp(prefix="docx-run-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    begin = _ending_with_us()
    for name in NAMES:
        path = Path(folder) / name
        path.write_text(_script(begin + name), encoding="utf-8")
        path.chmod(0o700)
    if not os.access(path, os.X_OK):
        log.debug("programs run without limits: nothing in %s may be executed", folder)
        return None
    return folder


def _script(command: str) -> str:
    """Return a launcher: a shell's, which starts in a millisecond where Python takes twenty."""
    return f"""#!/bin/sh
{{
    ulimit -c 0
    ulimit -f {_MOST_WRITTEN // 512}
    ulimit -v {_MOST_ADDRESSES // 1024}
    ulimit -t "${{{_SECONDS}:-3600}}"
}} 2>/dev/null  # not every system has each of them
exec {command} "$@" </dev/null
"""


def _ending_with_us() -> str:
    """Return what has the kernel end a program with the thread that started it; "" without.

    That is util-linux's setpriv; others of that name know less.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ""
    command = [setpriv, "--pdeathsig", "KILL"]
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    return "" if tried.returncode else f"{shlex.join(command)} "


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Limit the programs that are started in the block, whose children inherit its variables.

    They get so much processor time, which ends them even if nobody is left to do it; and one
    thread, with which Tesseract is six to ten times faster. Where several threads are in such a
    block, the longest time holds for all.
    """
    most = math.ceil(seconds) + 1
    with _lock:
        if not _limits:
            _before.update({name: os.environ.get(name) for name in (_THREADS, _SECONDS)})
        _limits.append(most)
        os.environ.update({_THREADS: "1", _SECONDS: str(max(_limits))})
    try:
        yield
    finally:
        with _lock:
            _limits.remove(most)
            if _limits:
                os.environ[_SECONDS] = str(max(_limits))
            else:
                _restore()


def failure(name: str, complaint: str) -> ProgramError | MemoryLimitError:
    """Return the error of a program that failed, by what it said on stderr."""
    if _SHORT_OF_MEMORY.search(complaint):
        return MemoryLimitError(f"{name} needs more memory than is allowed")
    return ProgramError(f"{name} failed: {complaint[:200]}")


def _restore() -> None:
    """Set the variables to what they were before."""
    for name, value in _before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def end_those_of(thread: int) -> None:
    """Kill the programs that a thread of this process started, where the system tells them."""
    with contextlib.suppress(OSError):  # no Linux, or they have just ended
        children = Path(f"/proc/self/task/{thread}/children").read_text(encoding="ascii")
        for child in children.split():
            os.kill(int(child), signal.SIGKILL)
