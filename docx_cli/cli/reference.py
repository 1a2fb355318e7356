"""Writes docs/cli.md from the help of every command.

``python -m docx_cli.cli.reference docs/cli.md`` writes it, with ``--check`` it
fails if the file is not what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from docx_cli.cli.app import app
from docx_cli.cli.apps import Deferred
from docx_cli.cli.messages import complain

WIDTH = 88

HEAD = """# Command reference

Generated from `--help`; `make docs` writes it anew.
"""


def reference() -> str:
    """Return the page as Markdown: a section for each command, the same on every machine."""
    sections = (f"## {path}\n\n```text\n{text}\n```\n" for path, text in help_pages())
    return "\n".join([HEAD, *sections])


def help_pages() -> Iterator[tuple[str, str]]:
    """Yield each command with its help page, those of training included."""
    root: Any = get_command(app)
    yield from _pages(root, typer.Context(root, info_name="docx", terminal_width=WIDTH))


def _pages(command: Any, context: Any) -> Iterator[tuple[str, str]]:
    text = command.get_help(context)
    yield context.command_path, "\n".join(line.rstrip() for line in text.splitlines())
    if isinstance(command, TyperGroup):
        for name in command.list_commands(context):
            inner: Any = command.get_command(context, name)
            if isinstance(inner, Deferred):
                inner = inner.load()
            yield from _pages(inner, typer.Context(inner, info_name=name, parent=context))


def main(
    path: Path,
    check: bool = typer.Option(False, "--check", help="Write nothing; fail if it is stale."),
) -> None:
    """Write the command reference."""
    text = reference()
    if not check:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        complain(f"{path} is stale: write it anew with python -m docx_cli.cli.reference {path}")
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
