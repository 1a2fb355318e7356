"""docx config: what is set, and where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from docx_cli.cli.apps import Deferred, new_app
from docx_cli.cli.emitter import print_data
from docx_cli.cli.examples import EXAMPLES
from docx_cli.cli.options import FormatOption
from docx_cli.cli.settings import Setting, Settings, options
from docx_cli.safe_text import as_json

config_app = new_app("Show what is set in files and variables.")

_SECRET = "password"


@config_app.callback()
def _group() -> None:
    """Keep `show` a command of its own: of a lone one Typer makes the group itself."""


@config_app.command("show", epilog=EXAMPLES["config show"])
def show_settings(context: typer.Context, style: FormatOption = None) -> None:
    """Show every setting, its value and where it comes from.

    A setting is an option without its dashes. It stands in docx.toml or in
    [tool.docx] of pyproject.toml, both in this folder or one above, in the
    user's file config.toml, or in a variable such as DOCX_LANG; for one
    command alone in a table such as [ask], or in DOCX_ASK_LANG.
    """
    root: Any = context.find_root().command
    settings = Settings(root.commands)
    found: dict[str, dict[str, Setting]] = defaultdict(dict)
    for path, command in _commands(settings.root, ()):
        for key in options(command):
            found[key][" ".join(path)] = settings.of(command, key, path)
    rows = [row for key in sorted(found) for row in _rows(key, found[key])]
    wide = max(len(_name(row)) for row in rows)
    lines = [f"{_name(row):{wide}}  {_shown(row['value'])}  ({row['origin']})" for row in rows]
    print_data(rows, "\n".join(lines), style)


def _commands(group: TyperGroup, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, (*path, name))
        elif not isinstance(command, Deferred):
            yield (*path, name), command


def _rows(key: str, found: dict[str, Setting]) -> Iterator[dict[str, Any]]:
    """Yield what most commands have, and each command that has it otherwise."""
    texts = {command: (repr(one.value), one.origin) for command, one in found.items()}
    (usual, _), *_ = Counter(texts.values()).most_common(1)
    shared = next(one for command, one in found.items() if texts[command] == usual)
    yield _row(key, None, shared)
    for command, one in found.items():
        if texts[command] != usual:
            yield _row(key, command, one)


def _row(key: str, command: str | None, one: Setting) -> dict[str, Any]:
    value = "***" if key == _SECRET and one.value else one.value
    return {"key": key, "command": command, "value": value, "origin": one.origin}


def _shown(value: Any) -> str:
    """Return a value as a file of settings has it; a dash for none."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, str) else as_json(value)


def _name(row: dict[str, Any]) -> str:
    return ".".join([*(row["command"] or "").split(), row["key"]])
