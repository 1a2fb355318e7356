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

Generated from `--help` by `python -m docx_cli.cli.reference docs/cli.md`.

- stdout carries results and nothing else; warnings, errors and progress go to stderr, a line
  each. A terminal gets a readable view, a pipe JSON lines; `--format` says otherwise. A file
  named with `-o` appears whole or not at all; its suffix chooses the format (`.json`, `.txt`,
  `.csv`, `.xlsx`, `.html`, `.md`, `.parquet`), without one it gets JSON lines.
- `-o DIR/`, or a folder that is there, gets a file for each input, called after it; of two that
  would be called alike the later one gets a number. Tables as `csv` or `parquet` are a file each.
- In `csv`, `html` and `markdown` answers and key-values of all inputs stand in one table, and an
  input that failed is a row with its error; tables follow one another, in `csv` with an empty line
  between them, in `xlsx` each on a sheet of its own. Text is as printed.
- What begins like a formula gets an apostrophe in `csv` and is marked as text in `xlsx`, numbers
  and dashes apart; `--keep-formulas` leaves it.
- Each input gives one record, a failed one too: its `status` is `failed` and `error` says
  why. `docx schema` prints the shape; what was not asked for is null.
- One input: the exit code is that of its error. Several inputs: 10 if any failed.
- A folder stands for the files in it that are read, told by their suffix and sorted by name;
  hidden ones are left out, links to folders not followed. A pattern stands for all files that
  match. Each file is read once, however often it is named. With a folder, a pattern or
  `--files-from`, `--format json` is always an array. A name that begins with a dash goes behind
  `--`.
- A page that cannot be read leaves the other pages' results: `status` is `partial`, stderr
  names the page, and the exit code is 0. If no page can be read, the document has failed.
- An option that is not given is looked for, under its name without the dashes, in a variable
  (`DOCX_ASK_PAGE_TIMEOUT`, `DOCX_PAGE_TIMEOUT`), then in the nearest docx.toml, the nearest
  pyproject.toml with `[tool.docx]` and the user's `docx/config.toml` in `$XDG_CONFIG_HOME` or
  `~/.config`; there in the table of the command (`[ask]`), then at the top. What may be repeated
  is a list, in a variable one a line. `output`, `password`, `password-file`, `files-from` and
  `allow-network` are not taken from files that lie beside documents. A switch that a file turns
  on is turned off by its variable: `DOCX_RECURSIVE=false`.
- When the reader of a pipe goes away, docx ends silently with 141, as programs do that
  SIGPIPE ends.
"""


def reference() -> str:
    """Return the page as Markdown: a section for each command, the same on every machine."""
    sections = (f"## {path}\n\n```text\n{text}\n```\n" for path, text in help_pages())
    return "\n".join([HEAD, *sections])


def help_pages() -> Iterator[tuple[str, str]]:
    """Yield each command with its help page, those of training included."""
    root: Any = get_command(app)
    settings = {**root.context_settings, "terminal_width": WIDTH}
    context = typer.Context(root, info_name="docx", **settings)
    yield from _pages(root, context)


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
