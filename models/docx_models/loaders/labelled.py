"""A real document with its labels: what every loader gives, whatever format it reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx_cli.document import Box
from docx_models.structure import GoldPage


@dataclass(frozen=True)
class Field:
    """A labelled field: how it is asked for, and how its values compare.

    `kind` is money, date or text; `wordings` are other ways to ask, for training.
    """

    name: str
    kind: str
    question: str
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A field of one document; `answers` are equally good, none if it is known to be absent.

    `places` are the page and box of each place of the value, None where nobody marked them.
    """

    field: Field
    answers: tuple[str, ...]
    places: tuple[tuple[int, Box], ...] | None = None


@dataclass(frozen=True)
class Labelled:
    """One document of a set.

    `lines` are gold text lines ``[text, x0, y0, x1, y1]`` of its only page; `pages` those
    whose structure is labelled, each with its number.
    """

    id: str
    file: Path
    asked: tuple[Asked, ...] = ()
    lines: tuple[tuple[Any, ...], ...] = ()
    pages: tuple[GoldPage, ...] = ()
