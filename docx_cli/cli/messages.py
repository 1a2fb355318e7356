"""Lines for the person at the terminal: always stderr, always one line."""

from __future__ import annotations

import logging
import sys

from docx_cli.errors import DocxError
from docx_cli.outputs import printable

log = logging.getLogger("docx_cli")


class _OneLine(logging.Formatter):
    """Formats a record as ``docx: message``; a traceback, if any, follows below."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return f"docx: {printable(record.message)}"


def set_up(verbose: bool, quiet: bool = False) -> None:
    """Send the log to stderr: warnings, with `verbose` all steps and tracebacks; or nothing."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    log.handlers[:] = [handler]
    log.propagate = False
    if verbose or quiet:
        log.setLevel(logging.DEBUG if verbose else logging.CRITICAL)


def complain(line: str) -> None:
    """Print one line on stderr."""
    print(f"docx: {printable(line)}", file=sys.stderr, flush=True)  # noqa: T201


def internal_error(error: Exception) -> DocxError:
    """Return the failure that stands for a bug of ours; -v shows the traceback."""
    log.debug("internal error", exc_info=error)
    return DocxError(
        f"internal error: {type(error).__name__}: {error}",
        hint="please report it; 'docx -v ...' shows the traceback",
    )
