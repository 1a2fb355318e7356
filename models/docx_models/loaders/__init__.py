"""Sets of labelled real documents, each format read by a file of its own into `Labelled`."""

from __future__ import annotations

from pathlib import Path

from docx_models.loaders import funsd, listed
from docx_models.loaders.fields import FIELDS
from docx_models.loaders.labelled import Asked, Field, Labelled

__all__ = ["FIELDS", "Asked", "Field", "Labelled", "is_set", "open_set"]


def is_set(folder: Path) -> bool:
    """Say whether a folder holds labelled real documents, and not page records."""
    return any(test(folder) for test in (_is_listed, _is_funsd))


def open_set(folder: Path, split: str) -> list[Labelled]:
    """Read the labels of a set; what it holds tells its format.

    Args:
        folder: the set.
        split: train or dev; a published test set has no other name here.

    Raises:
        FileAccessError: the list of the split cannot be read.
        UnsupportedInputError: a label is not of its format.
    """
    if _is_funsd(folder):
        return list(funsd.published(folder))
    return list(listed.documents(folder / f"{split}.jsonl"))


def _is_listed(folder: Path) -> bool:
    return any((folder / f"{split}.jsonl").exists() for split in ("train", "dev"))


def _is_funsd(folder: Path) -> bool:
    return (folder / "annotations").is_dir() and (folder / "images").is_dir()
