"""Options that nobody typed: from variables and files, as defaults of the commands.

A setting has the name of its option without the dashes. In a file it stands at the top, for all
commands that have the option, or in a table called after a command. As a variable it is called
``DOCX_LANG`` or, for one command, ``DOCX_ASK_LANG``. What stands higher is stronger: the command
line, variables, docx.toml, pyproject.toml, the user's file; in one place, a command's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup, TyperOption

from docx_cli import settings
from docx_cli.cli.apps import Deferred
from docx_cli.errors import ConfigurationError
from docx_cli.settings import Layer

# Whoever packs documents for others could put a docx.toml beside them.
PRIVATE = frozenset({"output", "password", "password-file", "files-from", "allow-network"})
"""Options that only the user's own file, variables and the command line may set."""
_PATHS = frozenset({"model", "schema", "password-file"})
"""Options that may name a file; one in a file of settings is looked for beside that."""
DEFAULT = "default"
"""The origin of what nobody set."""
_TYPES: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}


@dataclass(frozen=True)
class Setting:
    """An option's value and where it comes from: a file, a variable, or `DEFAULT`."""

    value: Any
    origin: str


def _here() -> Path:
    """Return the current folder; the root, where somebody has removed it meanwhile."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path("/")


class Settings:
    """All settings that hold now, checked against the options of the commands.

    Args:
        commands: by name; training's are not checked unless they are loaded.

    Raises:
        ConfigurationError: a file is not TOML, or holds an unknown key or a wrong value.
    """

    def __init__(self, commands: Mapping[str, Any]) -> None:
        self._commands = commands
        self._layers = settings.layers(_here())
        for layer in self._layers:
            _check(layer, layer.values, self.root, "")

    @cached_property
    def root(self) -> TyperGroup:
        """The group of all commands, loaded but for training's; few runs need to know them."""
        light = {
            name: command.load() if isinstance(command, Deferred) and not command.heavy else command
            for name, command in self._commands.items()
        }
        return TyperGroup(name="docx", commands=light)

    def defaults(self, command: Any, *path: str) -> dict[str, Any]:
        """Return what the options of a command are set to, for `Context.default_map`."""
        if isinstance(command, TyperGroup):
            return {name: self.defaults(c, *path, name) for name, c in command.commands.items()}
        found = {
            option.name: self.of(command, key, path) for key, option in options(command).items()
        }
        return {name: one.value for name, one in found.items() if one.origin != DEFAULT}

    def of(self, command: Any, key: str, path: Sequence[str]) -> Setting:
        """Return the setting of one option of the command at `path`.

        Raises:
            ConfigurationError: a variable has a value that does not suit.
        """
        option = options(command)[key]
        for end in range(len(path), -1, -1):
            variable = "_".join(["DOCX", *path[:end], key]).upper().replace("-", "_")
            text = os.environ.get(variable)
            if text and self._takes(option, text, variable, key if end == 0 else None):
                return Setting(_value(option, _items(option, text)), variable)
        for layer in reversed(self._layers):
            for end in range(len(path), -1, -1):
                table = _table(layer.values, path[:end])
                if key in table and not _problem(option, table[key]):
                    return Setting(_placed(layer, key, table[key]), str(layer.path))
        return Setting(option.default, DEFAULT)

    def _takes(self, option: TyperOption, text: str, variable: str, shared: str | None) -> bool:
        """Say whether a variable suits; one for all commands must suit only one of them."""
        try:
            _value(option, _items(option, text))
        except typer.BadParameter as error:
            others = _options_below(self.root, shared) if shared else []
            if not any(_suits(other, _items(other, text)) for other in others):
                raise ConfigurationError(f"{variable}: {_said(error)}") from error
            return False
        return True


def options(command: Any) -> dict[str, TyperOption]:
    """Return a command's options by the names that settings have."""
    return {
        max(param.opts, key=len).removeprefix("--"): param
        for param in command.params
        if isinstance(param, TyperOption) and not param.is_eager
    }


def _check(layer: Layer, table: Mapping[str, Any], command: Any, place: str) -> None:
    """Refuse keys that nothing at or below `command` knows, and values that suit none of it."""
    for key, value in table.items():
        name = f"{place}{key}"
        if isinstance(value, dict):
            inner = getattr(command, "commands", {}).get(key)
            if inner is None:
                raise layer.error(name, "there is no such command")
            _check(layer, value, inner, f"{name}.")
            continue
        known = list(_options_below(command, key))
        if not layer.own and key in PRIVATE:
            raise layer.error(name, f"belongs in {settings.user_file()} or in a variable")
        if not known and not isinstance(command, Deferred):
            raise layer.error(name, "there is no such setting")
        problems = [_problem(option, value) for option in known]
        if problems and all(problems):
            raise layer.error(name, str(problems[0]))


def _options_below(command: Any, key: str) -> Iterator[TyperOption]:
    """Yield the options of this name of a command, or of all in a group."""
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            yield from _options_below(inner, key)
    elif key in (own := options(command)):
        yield own[key]


def _table(values: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
    """Return the settings of the command at `path`; none if there is no such table."""
    for name in path:
        table = values.get(name)  # "model" is the name of a command, and of an option
        values = table if isinstance(table, dict) else {}
    return values


def _problem(option: TyperOption, value: Any) -> str | None:
    """Say what is wrong with a value from a file; None if nothing is."""
    kind = option.type_descriptor.annotation
    if option.multiple:
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if fits else "must be a list of texts"
    kind = kind if kind in _TYPES else str  # what is left are choices and paths
    if type(value) is not kind and not (kind is float and type(value) is int):
        return f"must be {_TYPES[kind]}"
    try:
        _value(option, value)
    except typer.BadParameter as error:
        return _said(error)
    return None


def _said(error: typer.BadParameter) -> str:
    return error.message.removeprefix("Value error, ").rstrip(".")


def _suits(option: TyperOption, value: Any) -> bool:
    try:
        _value(option, value)
    except typer.BadParameter:
        return False
    return True


def _value(option: TyperOption, value: Any) -> Any:
    """Convert and check a value as if it had been typed; raises `typer.BadParameter`."""
    return option.process_value(typer.Context(TyperGroup(name="docx")), value)


def _items(option: TyperOption, text: str) -> str | list[str]:
    """Split a variable whose option may be repeated: one value a line."""
    return text.splitlines() if option.multiple else text


def _placed(layer: Layer, key: str, value: Any) -> Any:
    """Look for a file that a file names beside it."""
    return str(layer.path.parent / value) if key in _PATHS and os.sep in value else value
