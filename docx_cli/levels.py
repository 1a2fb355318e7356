"""Headings of two levels, and the heads that stand beside both of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from docx_cli.layout import Chunk, Line

ASKEW = 0.3
"""Heights of a line by which a heading of several columns misses the head below it at the left, at
the right and in the middle."""


class Spanning(Protocol):
    """A cell in its slots, which may grow."""

    row: int
    column: int
    row_end: int
    column_end: int

    @property
    def text(self) -> str:
        """What stands in it."""


def leveled(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Put heads in the middle beside two lines of headings into the lower one of these."""
    out = list(lines)
    i = 1
    while i + 1 < len(out):
        if _beside_both(out[i - 1], out[i], out[i + 1]):
            chunks = sorted((*out[i].chunks, *out[i + 1].chunks), key=lambda c: c.x0)
            out[i : i + 2] = [Line(tuple(chunks))]
        i += 1
    return tuple(out)


def _beside_both(upper: Line, middle: Line, lower: Line) -> bool:
    """Whether a line stands beside a heading over several columns and their own heads."""
    if not (middle.y0 < upper.y1 and lower.y0 < middle.y1 and upper.y1 <= lower.middle):
        return False
    others = (*upper.chunks, *lower.chunks)
    free = all(c.x1 < o.x0 or o.x1 < c.x0 for c in middle.chunks for o in others)
    return free and any(_over_several(c, lower) for c in upper.chunks)


def _over_several(chunk: Chunk, line: Line) -> bool:
    """Whether a heading stands over several heads, or askew of the one that it stands over."""
    below = [c for c in line.chunks if c.x0 < chunk.x1 and chunk.x0 < c.x1]
    if len(below) != 1:
        return len(below) > 1
    starts, ends = below[0].x0 - chunk.x0, below[0].x1 - chunk.x1
    return min(abs(starts), abs(ends), abs(starts + ends) / 2) > ASKEW * line.height


def widened(cells: Sequence[Spanning], headers: int, columns: int) -> None:
    """Let headings span what repeats below them: as often as there are headings, one each."""
    for row in range(headers - 1):
        upper, lower = (
            sorted((c for c in cells if c.row == r), key=lambda c: c.column) for r in (row, row + 1)
        )
        texts = [c.text.casefold() for c in lower if c.column >= columns - len(lower)]
        each, rest = divmod(len(texts), len(upper)) if len(upper) > 1 else (0, 0)
        if each < 2 or rest or texts != len(upper) * texts[:each]:
            continue
        first = columns - len(texts)
        parts = [range(n, n + each) for n in range(first, columns, each)]
        pairs = list(zip(upper, parts, strict=True))
        if all(c.column in part and c.column_end - 1 in part for c, part in pairs):
            for cell, part in pairs:
                cell.column, cell.column_end = part.start, part.stop


def spread(cells: Sequence[Spanning], headers: int) -> None:
    """Let heads beside headings of two levels span both: those with nothing above or below."""
    heads = [c for c in cells if c.row < headers]
    taken = {
        (row, column)
        for c in heads
        for row in range(c.row, c.row_end)
        for column in range(c.column, c.column_end)
    }
    upper = {c.row for c in heads if c.column_end - c.column > 1}
    for cell in heads:
        columns = range(cell.column, cell.column_end)
        while cell.row - 1 in upper and _free(taken, cell.row - 1, columns):
            cell.row -= 1
            taken |= {(cell.row, c) for c in columns}
        while cell.row_end < headers and _free(taken, cell.row_end, columns) and upper:
            taken |= {(cell.row_end, c) for c in columns}
            cell.row_end += 1


def _free(taken: set[tuple[int, int]], row: int, columns: range) -> bool:
    return not any((row, column) in taken for column in columns)
