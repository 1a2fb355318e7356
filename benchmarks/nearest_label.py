"""Key-values by places alone: a text belongs to the nearest label left of it, else above it.

What one writes who has no model. A label ends with a colon; with `plain` labels also a few words
in letters, the first of them capital, that another text follows in the line. A value goes on in
the lines below it that begin where it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from docx_cli.document import Page, Word
from docx_cli.layout import Chunk, Sheet
from docx_cli.rules import Rules
from docx_models.structure import Entity, Found

ABOVE = 1.5
"""Most white between a label and the value below it, in heights of the label's line."""
GOES_ON = 0.8
"""The same between the lines of one value."""
INDENT = 0.5
"""Most by which these begin apart."""
LABEL_WORDS = 5

_PLAIN = re.compile(r"[^\W\d_a-z][^\d]*[^\W\d_.,;]")


@dataclass(frozen=True)
class _Piece:
    """A text of one line between wide gaps and colons."""

    line: int
    chunk: Chunk

    @property
    def labels(self) -> bool:
        return self.chunk.text.endswith(":")

    @property
    def seems_to(self) -> bool:
        text = self.chunk.text
        return len(text.split()) <= LABEL_WORDS and bool(_PLAIN.fullmatch(text))

    @property
    def height(self) -> float:
        return self.chunk.y1 - self.chunk.y0


def read(page: Page, rules: Rules | None, *, plain: bool) -> Found:
    """Pair the labels of a page with the texts beside or below them.

    Args:
        page: with its words.
        rules: its ruling lines, which divide the texts of a line.
        plain: also take for labels what does not end with a colon.
    """
    nothing = Rules(np.zeros((0, 3)), np.zeros((0, 3)))
    sheet = Sheet.of(page.words, rules or nothing, (page.width, page.height))
    if not page.words:
        return Found()
    pieces = _pieces(sheet)
    pairs = _beside(pieces, plain)
    taken = {id(piece) for pair in pairs for piece in pair}
    for label in pieces:
        if label.labels and id(label) not in taken:
            value = _below(label, [p for p in pieces if id(p) not in taken and not p.labels])
            if value is not None:
                pairs.append((label, value))
                taken |= {id(label), id(value)}
    entities: list[Entity] = []
    links = []
    for label, value in pairs:
        whole = [value]
        while (more := _next(whole[-1], pieces, taken)) is not None:
            whole.append(more)
            taken.add(id(more))
        entities += [_entity(sheet, "key", [label]), _entity(sheet, "value", whole)]
        links.append((len(entities) - 2, len(entities) - 1))
    lone = [p for p in pieces if p.labels and id(p) not in taken]
    return Found((*entities, *(_entity(sheet, "key", [p]) for p in lone)), tuple(links))


def _pieces(sheet: Sheet) -> list[_Piece]:
    """Cut lines at wide gaps and after colons; top to bottom, left to right."""
    out = []
    for number, line in enumerate(sheet.lines()):
        for chunk in line.chunks:
            words: list[int] = []
            for word in chunk.words:
                words.append(word)
                if sheet.words[word].text.endswith(":"):
                    out.append(_Piece(number, sheet.chunk(words)))
                    words = []
            if words:
                out.append(_Piece(number, sheet.chunk(words)))
    return out


def _beside(pieces: Sequence[_Piece], plain: bool) -> list[tuple[_Piece, _Piece]]:
    """Pair labels with the text that follows in their line."""
    out: list[tuple[_Piece, _Piece]] = []
    taken = False
    for label, value in pairwise(pieces):
        labels = label.labels or (plain and label.seems_to)
        taken = not taken and labels and not value.labels and label.line == value.line
        if taken:
            out.append((label, value))
    return out


def _below(label: _Piece, others: Sequence[_Piece]) -> _Piece | None:
    """Return the nearest text below a label."""
    upper = label.chunk
    near = [
        p
        for p in others
        if -0.3 < (p.chunk.y0 - upper.y1) / label.height < ABOVE
        and min(p.chunk.x1, upper.x1) > max(p.chunk.x0, upper.x0)
    ]
    return min(near, key=lambda p: (p.chunk.y0, p.chunk.x0), default=None)


def _next(value: _Piece, pieces: Sequence[_Piece], taken: set[int]) -> _Piece | None:
    """Return the text that goes on with a value in the line below."""
    upper = value.chunk
    for piece in pieces:
        lower = piece.chunk
        if (
            piece.line > value.line
            and not piece.labels
            and id(piece) not in taken
            and abs(lower.x0 - upper.x0) < INDENT * value.height
            and (lower.y0 - upper.y1) < GOES_ON * value.height
        ):
            return piece
    return None


def _entity(sheet: Sheet, label: str, pieces: Sequence[_Piece]) -> Entity:
    words: tuple[Word, ...] = tuple(sheet.words[w] for p in pieces for w in p.chunk.words)
    return Entity(label, words)
