"""The entry point: the one place where a failure becomes a line and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer
from typer.main import get_command

from docx_cli.cli.app import app
from docx_cli.cli.completion import VARIABLE as COMPLETION_VARIABLE
from docx_cli.cli.completion import teach_shells
from docx_cli.cli.messages import complain, unforeseen
from docx_cli.errors import DocxError

INTERRUPTED = 130
TERMINATED = 128 + signal.SIGTERM
READER_GONE = 141
"""What a shell reports for a program that SIGPIPE ended, as ``head`` ends others."""


class _TerminatedError(BaseException):
    """Somebody sent SIGTERM; nothing on the way may take it for a failure."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``docx`` and return its exit code.

    Args:
        arguments: what stands behind ``docx``; None takes the process's own.
    """
    _open_closed_streams()
    if COMPLETION_VARIABLE in os.environ:
        teach_shells()
    try:
        signal.signal(signal.SIGTERM, _leave)
        code = get_command(app).main(arguments, prog_name="docx", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except DocxError as error:
        complain(str(error))
        return error.exit_code
    except typer.TyperException as error:
        _explain(error)
        return error.exit_code
    except _TerminatedError:
        return TERMINATED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit as stop:
        # Typer turns a pipe that broke under its own output into exit 1.
        if isinstance(stop.__context__, BrokenPipeError):
            return _reader_gone()
        raise
    except Exception as error:
        failure = unforeseen(error)
        complain(str(failure))
        return failure.exit_code
    return code if isinstance(code, int) else 0


def _leave(number: int, frame: object) -> NoReturn:
    """End as Ctrl-C does, so that temporary files go away; programs end with this process."""
    raise _TerminatedError


def _open_closed_streams() -> None:
    """Occupy descriptors that the caller closed, lest a file take the number of stdout.

    Writing to a closed stdout fails as it should; a closed stderr swallows.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if descriptor == 2 else os.O_RDONLY)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def _reader_gone() -> int:
    """Let the interpreter's last flush go nowhere, silently."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return READER_GONE


def _explain(error: typer.TyperException) -> None:
    """Say in one line what is wrong with the command line; a group called bare prints its help."""
    message = error.format_message()
    if message.startswith("Usage:"):
        typer.echo(message, err=True)
        return
    context = getattr(error, "ctx", None)
    complain(f"{message} (see '{context.command_path} --help')" if context else message)


if __name__ == "__main__":
    sys.exit(main())
