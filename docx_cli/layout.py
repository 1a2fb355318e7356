"""Words of a page -> lines and their chunks: what tables are built from.

Lengths are points. A chunk is a piece of a line that no wide gap and no ruling line divides.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from docx_cli.amounts import without_currency
from docx_cli.document import Box, Word
from docx_cli.rules import Rules

Floats = NDArray[np.float64]
Apart = Callable[[Sequence[int], Sequence[int]], NDArray[np.bool_]]

WIDE_GAP = 0.72
"""Gap between words that divides chunks, in heights of the line."""
NARROW_GAP = 0.4
"""The same where the model is certain that two cells begin and end there."""
WIDER = 1.6
"""The first in spaces between words, which some fonts set far apart."""
A4 = (595.0, 842.0)
"""Width and height of a page whose size is not known."""

_BEFORE, _BEHIND = slice(None, -1), slice(1, None)

_DIGIT = re.compile(r"\d")
_MISSING = re.compile(r"(?:[-–—−.·:*/\\xX]+|n[./]?[asdv]\.?|nil|none)", re.IGNORECASE)
_NUMBER = re.compile(
    r"[^\w]*\d[\d\s.,:'’/–−-]*[^\w]*(?:[a-z]{1,2}|€|eur|usd|ppm)?[^\w]*", re.IGNORECASE
)


def numeric(text: str) -> bool:
    """Say whether a text is a number, maybe of a currency, or a mark for a missing one."""
    text = text.strip()
    if _NUMBER.fullmatch(text) or _MISSING.fullmatch(text):
        return True
    return _DIGIT.search(text) is not None and bool(_NUMBER.fullmatch(without_currency(text)))


def median(values: Sequence[float]) -> float:
    """Return what np.median does, which for a few values takes ten times as long."""
    ranked, half = sorted(values), len(values) // 2
    return ranked[half] if len(values) % 2 else (ranked[half - 1] + ranked[half]) / 2


@dataclass(frozen=True)
class Chunk:
    """A piece of a line; `words` are numbers of the page's words, left to right."""

    words: tuple[int, ...]
    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @cached_property
    def numeric(self) -> bool:
        """Whether its text is `numeric`."""
        return numeric(self.text)

    @property
    def middle(self) -> float:
        """Middle of its height."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True)
class Line:
    """Chunks side by side, left to right."""

    chunks: tuple[Chunk, ...]

    @cached_property
    def y0(self) -> float:
        """Top."""
        return min(c.y0 for c in self.chunks)

    @cached_property
    def y1(self) -> float:
        """Bottom."""
        return max(c.y1 for c in self.chunks)

    @cached_property
    def height(self) -> float:
        """Height of most of its text."""
        return median([c.y1 - c.y0 for c in self.chunks])

    @cached_property
    def middle(self) -> float:
        """Middle of most of its text."""
        return median([c.middle for c in self.chunks])

    def within(self, x0: float, x1: float) -> Line | None:
        """Return the part whose chunks have their middle between two edges."""
        kept = tuple(c for c in self.chunks if x0 <= (c.x0 + c.x1) / 2 <= x1)
        return Line(kept) if kept else None


@dataclass(frozen=True)
class Sheet:
    """A page's words and ruling lines in points.

    `across` has rows (y, x0, x1), `down` rows (x, y0, y1); `boxes` is [W, 4].
    """

    words: tuple[Word, ...]
    width: float
    height: float
    boxes: Floats
    across: Floats
    down: Floats
    apart: Apart | None

    @classmethod
    def of(
        cls,
        words: Sequence[Word],
        rules: Rules,
        size: tuple[float, float],
        apart: Apart | None = None,
    ) -> Sheet:
        """Scale a page.

        Args:
            words: of the page.
            rules: its ruling lines.
            size: width and height in points; 0 where it is not known, which is taken for an A4.
            apart: says of neighbours in a line whether they stand in two cells for certain.
        """
        width, height = size
        if not (width > 0 and height > 0):
            width, height = A4
        boxes = np.array([w.box.as_tuple() for w in words]).reshape(-1, 4)
        rules = rules.apart_from(words)
        return cls(
            tuple(words),
            width,
            height,
            boxes * (width, height, width, height),
            rules.across * (height, width, width),
            rules.down * (width, height, height),
            apart,
        )

    @cached_property
    def space(self) -> float:
        """Space between words of a line, in heights of one; 0.3 where the page has too few."""
        names = np.array([w.text.strip(".,:;()").isalpha() for w in self.words], dtype=bool)
        first, second = self.boxes[:-1], self.boxes[1:]
        height = np.minimum(first[:, 3] - first[:, 1], second[:, 3] - second[:, 1])
        shared = np.minimum(first[:, 3], second[:, 3]) - np.maximum(first[:, 1], second[:, 1])
        gap = (second[:, 0] - first[:, 2]) / np.maximum(height, 1e-6)
        usual = names[:-1] & names[1:] & (shared > 0.7 * height) & (gap > 0.05) & (gap < 1.2)
        return float(np.median(gap[usual])) if usual.sum() >= 8 else 0.3

    @cached_property
    def corners(self) -> list[list[float]]:
        """`boxes` for loops over single words: over arrays these take ten times as long."""
        corners: list[list[float]] = self.boxes.tolist()
        return corners

    def lines(self) -> list[Line]:
        """Group words into lines, top to bottom, and cut these into chunks."""
        rows: list[tuple[float, float, list[int]]] = []
        middles = (self.boxes[:, 1] + self.boxes[:, 3]) / 2
        for i in np.argsort(middles, kind="stable").tolist():
            _, y0, _, y1 = self.corners[i]
            for n in range(len(rows) - 1, max(len(rows) - 4, -1), -1):
                top, bottom, members = rows[n]
                shared = min(bottom, y1) - max(top, y0)
                if shared > 0.55 * min(bottom - top, y1 - y0):
                    members.append(i)
                    if y1 - y0 > bottom - top:  # a raised mark must not set the line's place
                        rows[n] = (y0, y1, members)
                    break
            else:
                rows.append((y0, y1, [i]))
        ranked = [sorted(members, key=lambda i: self.corners[i][0]) for _, _, members in rows]
        told = iter(self._told(ranked))
        lines = [Line(tuple(self._chunks(members, told))) for members in ranked]
        return sorted(lines, key=lambda line: line.middle)

    def _told(self, rows: Sequence[Sequence[int]]) -> list[bool]:
        """Say of all neighbours, row by row, whether they are certain to stand in two cells."""
        first, second = ([i for row in rows for i in row[part]] for part in (_BEFORE, _BEHIND))
        return self.apart(first, second).tolist() if self.apart else [False] * len(first)

    def _chunks(self, members: Sequence[int], told: Iterator[bool]) -> list[Chunk]:
        """Cut words of a line, left to right; `told` says of each two whether they are apart."""
        corners = [self.corners[i] for i in members]
        height = median([y1 - y0 for _, y0, _, y1 in corners])
        walls = self._walls(median([(y0 + y1) / 2 for _, y0, _, y1 in corners]))
        narrow, wide = NARROW_GAP * height, max(WIDE_GAP, WIDER * self.space) * height
        groups, edge = [[members[0]]], corners[0][2]
        for i, (start, _, end, _) in zip(members[1:], corners[1:], strict=True):
            walled = bisect_right(walls, edge - 1.5) < bisect_left(walls, start + 1.5)
            if start - edge > (narrow if next(told) else wide) or walled:
                groups.append([i])
                edge = end
            else:
                groups[-1].append(i)
                edge = max(edge, end)
        return [self.chunk(group) for group in groups]

    def _walls(self, y: float) -> list[float]:
        """Return where vertical lines cross a line of text, ascending."""
        x, top, bottom = self.down.T
        found: list[float] = np.sort(x[(top < y) & (y < bottom)]).tolist()
        return found

    def chunk(self, words: Sequence[int]) -> Chunk:
        """Put words together."""
        text = " ".join(self.words[i].text for i in words)
        x0, y0, x1, y1 = zip(*(self.corners[i] for i in words), strict=True)
        return Chunk(tuple(words), text, min(x0), min(y0), max(x1), max(y1))

    def box(self, words: Sequence[int]) -> Box:
        """Return the box around some words, as fractions of the page."""
        return Box.around(self.words[i].box for i in words)
