"""Lines for the person at the terminal: always stderr, always one line."""

from __future__ import annotations

import errno
import logging
import sys

from docx_cli.errors import DocxError, FileAccessError, MemoryLimitError
from docx_cli.safe_text import as_json, printable

log = logging.getLogger("docx_cli")

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_ROOM = 1 << 16


class _OneLine(logging.Formatter):
    """Formats a record as ``docx: message``; a traceback, if any, follows below."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return f"docx: {printable(record.message)}"


class _JsonLine(logging.Formatter):
    """Formats a record as a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        level = record.levelname.lower()
        return as_json({"event": "log", "level": level, "message": record.getMessage()})


def set_up(verbose: bool, quiet: bool = False, *, json_lines: bool = False) -> None:
    """Send the log to stderr: warnings, with `verbose` all steps and tracebacks; or nothing."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLine() if json_lines else _OneLine())
    log.handlers[:] = [handler]
    log.propagate = False
    if verbose or quiet:
        log.setLevel(logging.DEBUG if verbose else logging.CRITICAL)


def complain(line: str) -> None:
    """Print one line on stderr."""
    print(f"docx: {printable(line)}", file=sys.stderr, flush=True)  # noqa: T201


def unforeseen(error: Exception) -> DocxError:
    """Return the failure that an exception stands for which nobody met on its way.

    Memory and disk may end anywhere; all else is a bug of ours, and -v shows the traceback.
    """
    log.debug("internal error", exc_info=error)
    if isinstance(error, MemoryError):
        return MemoryLimitError("needs more memory than allowed")
    if isinstance(error, OSError) and _disk_is_full(error):
        hint = "make room, or set TMPDIR to another folder"
        return FileAccessError("no space is left for temporary files", hint=hint)
    return DocxError(
        f"internal error: {type(error).__name__}: {error}",
        hint="please report it; 'docx -v ...' shows the traceback",
    )


def _disk_is_full(error: OSError) -> bool:
    """Say whether a file could not be written, or was written in part by a program."""
    if error.errno in _FULL:
        return True
    import shutil
    import tempfile

    try:
        return shutil.disk_usage(tempfile.gettempdir()).free < _NO_ROOM
    except OSError:
        return False
