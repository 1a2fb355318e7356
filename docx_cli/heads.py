"""Heads of neighbouring columns that were read as one are divided, and so are cells.

A word that stands as the cells of a column do begins the head of that column, or a cell of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np

from docx_cli.grids import Layout, Region, Slot, lay_out
from docx_cli.layout import Chunk, Line, Sheet

EXACT = 0.12
"""How far from where a column begins, or the one before it ends, a head may do so, in heights of
a line."""
ALIGNED = 0.3
"""The same of two heads that both stand as their columns do: at the left, right or middle."""
SAME = 0.05
"""What white between heads may be less than white within one, in heights of a line."""
CLOSER = 0.3
"""The same where all heads stand exactly as their columns do."""
MOST_WORDS = 12
"""Of a head that is worth dividing; sentences stand over columns by chance."""

Band = tuple[float, float]


def laid_out(sheet: Sheet, region: Region) -> tuple[Region, Layout]:
    """Find rows, columns and cells, those of neighbouring columns apart."""
    layout = lay_out(region)
    parts = {
        chunk: pieces
        for slot in _wide(layout)
        for chunk in slot.chunks
        if (pieces := _pieces(sheet, chunk, _bands(layout, slot)))
    }
    if not parts:
        return region, layout
    lines = (
        Line(tuple(piece for chunk in line.chunks for piece in parts.get(chunk, (chunk,))))
        for line in region.lines
    )
    divided = replace(region, lines=tuple(lines))
    return divided, lay_out(divided)


def _wide(layout: Layout) -> Iterator[Slot]:
    """Yield cells over several columns, of headers those right above the body."""
    heads = [s for s in layout.cells if s.row < layout.header_rows]
    for slot in layout.cells:
        lower = any(
            slot.row < s.row and s.column < slot.column_end and slot.column < s.column_end
            for s in heads
        )
        if slot.column_end - slot.column > 1 and not lower:
            yield slot


def _bands(layout: Layout, slot: Slot) -> list[Band]:
    """Return from where to where the body's cells reach in the columns of a header.

    In those of a wide cell of the body headers count, too.
    """
    found = []
    first = layout.header_rows if slot.row < layout.header_rows else 0
    for column in range(slot.column, slot.column_end):
        own = [
            chunk
            for s in layout.cells
            if s.row >= first and (s.column, s.column_end) == (column, column + 1)
            for chunk in s.chunks
        ]
        if own:
            found.append((min(c.x0 for c in own), max(c.x1 for c in own)))
    return found if len(found) == slot.column_end - slot.column else []


def _pieces(sheet: Sheet, chunk: Chunk, bands: Sequence[Band]) -> list[Chunk]:
    """Cut a head into one piece a column, where words stand as the columns' cells do; else none."""
    count = len(chunk.words)
    if not 1 < len(bands) <= count <= MOST_WORDS:
        return []
    boxes = sheet.boxes[list(chunk.words)]
    gaps = boxes[1:, 0] - boxes[:-1, 2]
    height = chunk.y1 - chunk.y0
    best: list[tuple[int, int]] = []
    least = np.inf
    for cuts in combinations(range(1, count), len(bands) - 1):
        between = np.isin(np.arange(1, count), cuts)
        pieces = list(pairwise((0, *cuts, count)))
        ends = [(float(boxes[a, 0]), float(boxes[a:b, 2].max())) for a, b in pieces]
        askews = list(map(_askew, ends, bands))
        slack = CLOSER if max(askews) <= EXACT * height else SAME
        if gaps[between].min() < gaps[~between].max(initial=0) - slack * height:
            continue
        apart = all(_apart(*pair, height) for pair in pairwise(zip(ends, bands, strict=True)))
        askew = sum(askews)
        if apart and askew < least:
            best, least = pieces, askew
    return [sheet.chunk(chunk.words[a:b]) for a, b in best]


def _apart(left: tuple[Band, Band], right: tuple[Band, Band], height: float) -> bool:
    """Say whether two neighbouring pieces stand as their columns do.

    Args:
        left: from where to where the piece reaches, and from where to where its column.
        right: the same of the next.
        height: of the line.
    """
    begins, ends = right[0][0] - right[1][0], left[0][1] - left[1][1]
    at_edge = min(abs(begins), abs(ends)) <= EXACT * height
    return at_edge or max(_askew(*left), _askew(*right)) <= ALIGNED * height


def _askew(piece: Band, band: Band) -> float:
    """How far a head stands from its column's beginning, end or middle."""
    begins, ends = piece[0] - band[0], piece[1] - band[1]
    return min(abs(begins), abs(ends), abs(begins + ends) / 2)
