"""How outside programs are started: with limits, by their names, never through a shell.

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
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAMES = ("tesseract", "pdftotext", "pdftoppm", "pdfinfo")

_SECONDS = "DOCX_PROGRAM_SECONDS"
_MOST_ADDRESSES = 4 << 30
"""Bytes: many times what a page of 40 megapixels takes."""
_MOST_WRITTEN = 1 << 30
"""Bytes of a file."""
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

log = logging.getLogger(__name__)


def launcher(name: str) -> str:
    """Return what starts a program of `NAMES`: a launcher, or its name if it is not installed."""
    folder = launchers()
    return str(Path(folder) / name) if folder and shutil.which(name) else name


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

    They get so much processor time, which ends them even if nobody is left to do it; and one
    thread, with which Tesseract is six to ten times faster.
    """
    values = {"OMP_THREAD_LIMIT": "1", _SECONDS: str(math.ceil(seconds) + 1)}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
