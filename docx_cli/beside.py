"""Tables that stand side by side without a frame: one arrangement of lines, several tables.

Labels and numbers begin anew in the middle of such an arrangement. A table of many columns may
do so, too, and one that is folded to save height does: they are told apart by their headings, and
by rows that run on across the middle.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from docx_cli.grids import Layout, Region
from docx_cli.heads import laid_out
from docx_cli.layout import Chunk, Line, Sheet

UNEVEN = 0.12
"""Spread of how far rows of two tables stand apart, in heights of a line; within one table they
stand apart alike, even if the page is skewed."""


def parted(sheet: Sheet, region: Region) -> list[tuple[Region, Layout]]:
    """Return the tables of a region, left to right, each with its layout."""
    region, layout = laid_out(sheet, region)
    for n, x in enumerate(layout.edges):
        if _begins_anew(layout, n) and not _crossed(region, layout, n) and _two(region, layout, n):
            left, right = region.within(-np.inf, x), region.within(x, np.inf)
            return [laid_out(sheet, left), *parted(sheet, right)]
    return [(region, layout)]


def _begins_anew(layout: Layout, n: int) -> bool:
    """Say whether labels stand behind a column of numbers, with numbers behind them."""
    columns = len(layout.edges) + 1
    if not 1 <= n < columns - 2:
        return False
    kinds = [_is_numeric(layout, column) for column in (0, n, n + 1)]
    return kinds == [False, True, False] and _is_numeric(layout, columns - 1)


def _is_numeric(layout: Layout, column: int) -> bool:
    own = [s for s in layout.cells if s.column == column and s.row >= layout.header_rows]
    return 2 * sum(s.numeric for s in own) > len(own)


def _crossed(region: Region, layout: Layout, n: int) -> bool:
    """Say whether a cell or a ruling line runs across a gutter."""
    cells = any(s.column <= n < s.column_end - 1 for s in layout.cells)
    return cells or _ruled(region, layout.edges[n])


def _ruled(region: Region, x: float) -> bool:
    """Say whether a ruling line runs across a place."""
    across = (region.across[:, 1] < x - 1) & (region.across[:, 2] > x + 1)
    return bool(across.any())


def _two(region: Region, layout: Layout, n: int) -> bool:
    """Say whether headings, rows or ruling lines tell that each side is a table."""
    # Ruling lines across all other gutters leave this one free.
    ruled = all(_ruled(region, x) for x in layout.edges[: n + 2] if x != layout.edges[n])
    told = _twins(layout, n) or _ragged(layout, n)
    return ruled or told or _uneven(region.lines, layout.edges[n])


def _twins(layout: Layout, n: int) -> bool:
    """Say whether two tables have the same headings over numbers and others over their labels."""
    top = [s for s in layout.cells if s.row == 0 < layout.header_rows]
    left, right = ([s for s in top if (s.column > n) is side] for side in (False, True))
    if min(len(left), len(right)) < 2:
        return False
    same = [s.text.casefold() for s in left[1:]] == [s.text.casefold() for s in right[1:]]
    return same and left[0].text.casefold() != right[0].text.casefold()


def _ragged(layout: Layout, n: int) -> bool:
    """Say whether one of two tables, with other headings over its labels, ends before the other.

    With the same headings it may be a single one that is folded.
    """
    sides = [[s for s in layout.cells if (s.column > n) is side] for side in (False, True)]
    heads = [[s.text.casefold() for s in side if s.row == 0 < layout.header_rows] for side in sides]
    ends = [max((s.row for s in side), default=0) for side in sides]
    return min(map(len, heads)) > 1 and heads[0][0] != heads[1][0] and abs(ends[0] - ends[1]) > 1


def _uneven(lines: Sequence[Line], x: float) -> bool:
    """Say whether the rows on both sides of a gutter stand in different heights."""
    apart = []
    for line in lines:
        sides = [[c for c in line.chunks if (c.x0 > x) is side] for side in (False, True)]
        if all(sides):
            left, right = (_middle(side) for side in sides)
            apart.append((right - left) / line.height)
    return len(apart) > 1 and float(np.std(apart)) > UNEVEN


def _middle(chunks: Sequence[Chunk]) -> float:
    return float(np.mean([c.middle for c in chunks]))
