"""How outside programs are started: with limits, by their names, never through a shell.

pytesseract and pdf2image start programs themselves and have no hook for limits, but both take
another path for a program. So there is a folder with a launcher for each: it limits itself, then
becomes the program. Where no launcher can run, the programs run as they are. What we start
ourselves is limited by util-linux's programs where they are there: Python as a launcher takes
twenty milliseconds.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import logging
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from docx_cli.errors import MemoryLimitError, ProgramError

NAMES = ("tesseract", "pdftotext", "pdftoppm", "pdfinfo")

_SECONDS = "DOCX_PROGRAM_SECONDS"
_THREADS = "OMP_THREAD_LIMIT"
_TUNABLES, _HUGE_PAGES = "GLIBC_TUNABLES", "glibc.malloc.hugetlb"
_MOST_ADDRESSES = 4 << 30
"""Bytes: many times what a page of 40 megapixels takes."""
_MOST_WRITTEN = 1 << 30
"""Bytes of a file."""
_SHORT_OF_MEMORY = re.compile(
    "bad_alloc|out of memory|cannot allocate memory|failed to map segment", re.IGNORECASE
)

_LONGEST_SHEBANG = 120  # Linux before 5.1 reads no more of it

_LAUNCHER = f"""#!{{python}} -IS
import os, resource, sys
limits = {{{{
    resource.RLIMIT_AS: {_MOST_ADDRESSES},
    resource.RLIMIT_FSIZE: {_MOST_WRITTEN},
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_CPU: int(os.environ.get("{_SECONDS}", 3600)),
}}}}
for kind, most in limits.items():
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    try:
        resource.setrlimit(kind, (most, most))
    except (ValueError, OSError):  # macOS knows no limit of the address space
        pass
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL: it ends with who started it
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.closerange(3, 256)
name = os.path.basename(sys.argv[0])
os.execvp(name, [name, *sys.argv[1:]])
"""

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


def command(name: str, seconds: float) -> list[str]:
    """Return what starts a program that may take so many seconds of processor time."""
    tools = _util_linux()
    if tools and shutil.which(name):
        prlimit, setpriv = tools
        limits = {
            "as": (resource.RLIMIT_AS, _MOST_ADDRESSES),
            "fsize": (resource.RLIMIT_FSIZE, _MOST_WRITTEN),
            "core": (resource.RLIMIT_CORE, 0),
            "cpu": (resource.RLIMIT_CPU, math.ceil(seconds) + 1),
        }
        told = [f"--{key}={_allowed(*limit)}" for key, limit in limits.items()]
        return [prlimit, *told, setpriv, "--pdeathsig", "KILL", name]
    return [launcher(name)]


def _allowed(kind: int, most: int) -> int:
    """Return the limit that is wanted, or the one that this process must keep if that is less."""
    hard = resource.getrlimit(kind)[1]
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


@functools.cache
def _util_linux() -> tuple[str, str] | None:
    """Return prlimit and setpriv; None without them, or where they know less than util-linux's."""
    prlimit, setpriv = shutil.which("prlimit"), shutil.which("setpriv")
    if prlimit is None or setpriv is None:
        return None
    tried = [prlimit, "--core=0", setpriv, "--pdeathsig", "KILL", "true"]
    sound = subprocess.run(tried, capture_output=True, check=False).returncode == 0
    return (prlimit, setpriv) if sound else None


@functools.cache
def launchers() -> str | None:
    """Return a private folder of launchers, which goes away with this process; None without."""
    shebang = f"#!{sys.executable} -IS"
    if len(shebang) > _LONGEST_SHEBANG or any(c.isspace() for c in sys.executable):
        log.debug("programs run without limits: %s cannot start launchers", sys.executable)
        return None
    folder = tempfile.mkdtemp(prefix="docx-run-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in NAMES:
        path = Path(folder) / name
        path.write_text(_LAUNCHER.format(python=sys.executable), encoding="utf-8")
        path.chmod(0o700)
    if not os.access(path, os.X_OK):
        log.debug("programs run without limits: nothing in %s may be executed", folder)
        return None
    return folder


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Limit the programs that are started in the block, whose children inherit its variables.

    They get so much processor time, which ends them even if nobody is left to do it; one thread,
    with which Tesseract is six to ten times faster; and huge pages, which spare it a fifteenth.
    Where several threads are in such a block, the longest time holds for all.
    """
    most = math.ceil(seconds) + 1
    with _lock:
        if not _limits:
            names = (_THREADS, _SECONDS, _TUNABLES)
            _before.update({name: os.environ.get(name) for name in names})
            os.environ.update({_THREADS: "1", _TUNABLES: _tuned(_before[_TUNABLES])})
        _limits.append(most)
        os.environ[_SECONDS] = str(max(_limits))
    try:
        yield
    finally:
        with _lock:
            _limits.remove(most)
            if _limits:
                os.environ[_SECONDS] = str(max(_limits))
            else:
                _restore()


def _tuned(tunables: str | None) -> str:
    """Ask glibc for huge pages, unless the user has told it otherwise."""
    if tunables and _HUGE_PAGES in tunables:
        return tunables
    return ":".join(filter(None, (tunables, f"{_HUGE_PAGES}=1")))


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
