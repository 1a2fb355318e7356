"""Text that stands sideways on an upright page, such as a wide table on a tall page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from docx_cli.document import Box, Table, Word
from docx_cli.rules import Rules

SLENDER = 1.4
"""Height of a word of three characters or more, in widths, from which it stands sideways."""
LEAST = 6
"""Words that stand sideways, below which nobody looks for a table of them."""
UPRIGHT = 0.1
"""Most words that lie among them, as a share of them: more have turned headings, or axes."""


@dataclass(frozen=True)
class Turn:
    """How a page must be turned so that text that runs up, or down, can be read."""

    up: bool

    @property
    def degrees(self) -> int:
        """Degrees clockwise."""
        return 90 if self.up else 270

    def box(self, box: Box) -> Box:
        """Return where a box stands when the page is turned."""
        x0, y0, x1, y1 = box.as_tuple()
        return Box(1 - y1, x0, 1 - y0, x1) if self.up else Box(y0, 1 - x1, y1, 1 - x0)

    def word(self, word: Word) -> Word:
        """Turn a word."""
        return replace(word, box=self.box(word.box))

    def rules(self, rules: Rules) -> Rules:
        """Turn the ruling lines."""
        place, start, end = rules.down.T if self.up else rules.across.T
        mirrored = np.stack([place, 1 - end, 1 - start], axis=1)
        place, start, end = rules.across.T if self.up else rules.down.T
        moved = np.stack([1 - place, start, end], axis=1)
        return Rules(mirrored, moved) if self.up else Rules(moved, mirrored)

    def undone(self, table: Table) -> Table:
        """Put a table of the turned page back to its place."""
        back = Turn(not self.up).box
        cells = tuple(replace(cell, box=back(cell.box)) for cell in table.cells)
        return replace(table, box=back(table.box), cells=cells, turned=self.degrees)


def sideways(words: Sequence[Word], size: tuple[float, float]) -> tuple[list[Word], Turn]:
    """Find the words that stand sideways; none if they are few, or others lie among them.

    Args:
        words: of the page in the order they were read, by which up is told from down.
        size: width and height of the page, in one unit.
    """
    tall = [w for w in words if len(w.text) > 2 and _slender(w, size) >= SLENDER]
    turn = Turn(_runs_up(words, size))
    if len(tall) < LEAST:
        return [], turn
    hull = Box.around(w.box for w in tall)
    here = [w for w in words if hull.contains(*w.box.center)]
    lying = sum(len(w.text) > 2 and _slender(w, size) < 1 for w in here)
    return (here if lying <= UPRIGHT * len(tall) else []), turn


def _slender(word: Word, size: tuple[float, float]) -> float:
    """Height in widths."""
    x0, y0, x1, y1 = word.box.as_tuple()
    return (y1 - y0) * size[1] / max((x1 - x0) * size[0], 1e-9)


def _runs_up(words: Sequence[Word], size: tuple[float, float]) -> bool:
    """Say whether of two words in one sideways line the second mostly stands above the first."""
    up = 0
    for a, b in pairwise(words):
        one_line = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0) > 0.7 * (a.box.x1 - a.box.x0)
        gap = max(a.box.y0, b.box.y0) - min(a.box.y1, b.box.y1)
        near = gap * size[1] < (a.box.x1 - a.box.x0) * size[0]
        if one_line and near and max(_slender(w, size) for w in (a, b)) >= SLENDER:
            up += 1 if b.box.y0 < a.box.y0 else -1
    return up >= 0
