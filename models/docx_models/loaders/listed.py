"""A set kept as lists of documents: `train.jsonl` and `dev.jsonl`, one document a line.

id, file      of the document, relative to the folder
fields        {name: value as a string}, for a set whose fields are known by its name
lines         [[text, x0, y0, x1, y1], ...] of its only page, fractions of it
entities      a form's, see `funsd.gold_page`
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models.loaders import funsd
from docx_models.loaders.fields import FIELDS
from docx_models.loaders.labelled import Asked, Labelled

SPLITS = ("train", "dev")


def holds(folder: Path) -> bool:
    """Say whether a folder holds the list of a split."""
    return any((folder / f"{split}.jsonl").exists() for split in SPLITS)


def documents(folder: Path, split: str) -> Iterator[Labelled]:
    """Read the documents of a split.

    Raises:
        FileAccessError: its list cannot be read.
        UnsupportedInputError: a line is not a document.
    """
    path = folder / f"{split}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be read", source=str(path)) from error
    for number, line in enumerate(lines, 1):
        try:
            yield document(folder, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"line {number} is no document: {error!r}"
            raise UnsupportedInputError(problem, source=str(path)) from error


def document(folder: Path, raw: dict[str, Any]) -> Labelled:
    """Read one line's document, whose file lies in `folder`."""
    values = raw.get("fields", {})
    return Labelled(
        id=raw["id"],
        file=folder / raw["file"],
        asked=tuple(
            Asked(field, (values[field.name],))
            for field in FIELDS.get(folder.name, ())
            if values.get(field.name)  # an empty label says nothing about the page
        ),
        lines=tuple(tuple(line) for line in raw.get("lines", ())),
        pages=(funsd.gold_page(raw["entities"]),) if "entities" in raw else (),
    )
