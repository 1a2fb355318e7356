"""Settings in files: where they are looked for, and what each file holds.

Rising precedence: the user's own file, ``[tool.docx]`` of the nearest pyproject.toml, the nearest
docx.toml; above them stand variables and the command line, see `docx_cli.cli.settings`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx_cli.errors import ConfigurationError

FILE = "docx.toml"
_PROJECT = "pyproject.toml"


@dataclass(frozen=True)
class Layer:
    """The settings of one file; a table in it holds those of one command."""

    path: Path
    values: Mapping[str, Any]
    own: bool
    """Whether it is the user's own file, not one that lies where documents lie."""

    def error(self, key: str, said: str) -> ConfigurationError:
        """Return the error for one key."""
        return ConfigurationError(f"{key}: {said}", source=str(self.path))


def user_file() -> Path:
    """Return where the user's own settings stand."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "docx" / "config.toml"


def layers(folder: Path) -> list[Layer]:
    """Return the settings that hold in a folder, in rising precedence.

    Raises:
        ConfigurationError: a file cannot be read or is not TOML.
    """
    found = []
    if own := _values(user_file()):
        found.append(Layer(user_file(), own, own=True))
    for name in (_PROJECT, FILE):
        found += next(_nearest(name, folder), [])
    return found


def _nearest(name: str, folder: Path) -> Iterator[list[Layer]]:
    """Yield the settings in files of this name, from a folder upwards."""
    for place in (folder, *folder.parents):
        path = place / name
        values = _values(path)
        if values is not None and name == _PROJECT:
            values = values.get("tool", {}).get("docx")
        if values is not None:
            yield [Layer(path, values, own=False)]


def _values(path: Path) -> dict[str, Any] | None:
    """Return what a file holds; None if there is none."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", source=str(path)) from error
    import tomllib

    try:
        return _hyphened(tomllib.loads(data.decode()))
    except ValueError as error:  # TOML's and UTF-8's
        raise ConfigurationError(f"is not TOML: {error}", source=str(path)) from error


def _hyphened(values: dict[str, Any]) -> dict[str, Any]:
    """Write keys as options are written, page-timeout for page_timeout."""
    return {
        key.replace("_", "-"): _hyphened(value) if isinstance(value, dict) else value
        for key, value in values.items()
    }
