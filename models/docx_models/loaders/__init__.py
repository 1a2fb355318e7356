"""Sets of labelled real documents, each format read by a file of its own into `Labelled`.

To add a format, write a module with `holds` and `documents` and put it into `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models.loaders import docvqa, funsd, icdar2013, listed, own, pubtabnet, sroie, zugferd
from docx_models.loaders.fields import FIELDS
from docx_models.loaders.labelled import Asked, Field, Labelled

__all__ = ["FIELDS", "Asked", "Field", "Labelled", "is_set", "open_set"]


class Format(Protocol):
    """How labelled documents are kept."""

    def holds(self, folder: Path) -> bool:
        """Say whether a folder is of this format."""

    def documents(self, folder: Path, split: str, /) -> Iterator[Labelled]:
        """Read the documents of a split, train or dev."""


FORMATS: tuple[Format, ...] = (listed, own, funsd, sroie, docvqa, icdar2013, zugferd, pubtabnet)
"""Tried in this order."""


def is_set(folder: Path) -> bool:
    """Say whether a folder holds labelled real documents, and not page records."""
    return any(form.holds(folder) for form in FORMATS)


def open_set(folder: Path, split: str) -> list[Labelled]:
    """Read the labels of a set; what it holds tells its format.

    Args:
        folder: the set.
        split: train or dev; sets that only measure are all dev.

    Raises:
        FileAccessError: the labels of the split cannot be read.
        UnsupportedInputError: they are not of a format that is known.
    """
    for form in FORMATS:
        if form.holds(folder):
            try:
                return list(form.documents(folder, split))
            except OSError as error:
                file = error.filename or folder
                raise FileAccessError(f"cannot be read: {error}", source=str(file)) from error
            except (ValueError, KeyError, TypeError) as error:
                problem = f"a label is not of its format: {error!r}"
                raise UnsupportedInputError(problem, source=str(folder)) from error
    raise UnsupportedInputError("this is no set of labelled documents", source=str(folder))
