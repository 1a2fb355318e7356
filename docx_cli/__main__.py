"""The entry point: the one place where a failure becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer
from typer.main import get_command

from docx_cli.cli.app import app
from docx_cli.cli.messages import complain, internal_error
from docx_cli.errors import DocxError

INTERRUPTED = 130
READER_GONE = 141
"""What a shell reports for a program that SIGPIPE ended, as ``head`` ends others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``docx`` and return its exit code.

    Args:
        arguments: what stands behind ``docx``; None takes the process's own.
    """
    try:
        code = get_command(app).main(arguments, prog_name="docx", standalone_mode=False)
        _flush()
    except DocxError as error:
        complain(str(error))
        return error.exit_code
    except typer.TyperException as error:
        complain(f"{error.format_message()}{_help_for(error)}")
        return error.exit_code
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
        failure = internal_error(error)
        complain(str(failure))
        return failure.exit_code
    return code if isinstance(code, int) else 0


def _flush() -> None:
    """Write what is buffered now, where a failure can still be answered for."""
    sys.stdout.flush()


def _reader_gone() -> int:
    """Let the interpreter's last flush go nowhere, silently."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return READER_GONE


def _help_for(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f" (see '{context.command_path} --help')" if context else ""


if __name__ == "__main__":
    sys.exit(main())
