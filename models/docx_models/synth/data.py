"""The vocabularies beside this module, as plain Python values."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return a TOML file of the data folder; a folder's files are merged."""
    path = resources.files("docx_models.synth").joinpath("data", name)
    if path.is_file():
        return tomllib.loads(path.read_text("utf-8"))
    files = sorted(path.iterdir(), key=lambda file: file.name)
    return {
        key: value
        for file in files
        for key, value in tomllib.loads(file.read_text("utf-8")).items()
    }


def listed(text: str) -> tuple[str, ...]:
    """Return the entries of a vocabulary written with bars and line ends between them."""
    return tuple(entry for line in text.split("\n") for entry in line.split("|") if entry)


@cache
def vocabulary(name: str) -> tuple[str, ...]:
    """Return the entries of one vocabulary of ``words.toml``."""
    return listed(load("words.toml")[name])
