"""Columns of a table: where no text stands, and where lines are ruled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from docx_cli.layout import Chunk, Floats, Line

DEEP = 0.12
"""Text across a gutter, as a share of what stands in the poorer of the columns beside it."""
_UNIT = re.compile(r"(?:[$€£¥%]|EUR|USD|GBP|CHF)")


def gutters(lines: Sequence[Line], ruled: Sequence[float]) -> list[float]:
    """Return where columns meet, ascending.

    Args:
        lines: of the table.
        ruled: where vertical lines stand; they divide columns in any case.
    """
    upper = _upper_heads(lines)
    simple = [
        [c for c in line.chunks if n >= upper and not _spans(c, line, lines)]
        for n, line in enumerate(lines)
    ]
    chunks = [c for line in simple for c in line]
    if not chunks:
        return sorted(ruled)
    bands = _bands(chunks, sorted(ruled))
    bands = _with_company(bands, simple, ruled)
    edges = []
    for (_, x1), (x0, _) in pairwise(bands):
        between = [x for x in ruled if x1 - 2 <= x <= x0 + 2]
        edges.append(between[0] if between else _clearest(x1, x0, lines))
    return edges


def _upper_heads(lines: Sequence[Line]) -> int:
    """Count the lines of headings above the last, not over its first: these span columns."""
    words = 0
    while words < len(lines) and not any(c.numeric for c in lines[words].chunks):
        words += 1
    *upper, lowest = lines[: max(words, 1)]
    first = lowest.chunks[0].x1
    fewer = all(len(u.chunks) < len(lowest.chunks) and u.chunks[0].x0 > first for u in upper)
    return len(upper) if fewer else 0


def _clearest(left: float, right: float, lines: Sequence[Line]) -> float:
    """Return the middle of the widest place in a gutter over which fewest heads reach."""
    every = [c for line in lines for c in line.chunks if c.x0 < right and left < c.x1]
    ends = np.unique(np.clip([left, right, *(x for c in every for x in (c.x0, c.x1))], left, right))
    middles = (ends[:-1] + ends[1:]) / 2
    reach = [sum(c.x0 < x < c.x1 for c in every) for x in middles]
    places = [(-n, b - a, x) for n, a, b, x in zip(reach, ends, ends[1:], middles, strict=False)]
    return float(max(places, default=(0, 0, (left + right) / 2))[2])


def _spans(chunk: Chunk, own: Line, lines: Sequence[Line]) -> bool:
    """Say whether a chunk stands over several columns: other lines have two chunks beneath it."""
    several = 0
    for line in lines:
        if line is own:
            continue
        under = sum(
            min(c.x1, chunk.x1) - max(c.x0, chunk.x0) > 0.2 * (c.x1 - c.x0) for c in line.chunks
        )
        several += under > 1
    return several >= max(1, 0.2 * len(lines))


def _bands(chunks: Sequence[Chunk], ruled: Sequence[float]) -> list[tuple[float, float]]:
    """Cut the width of the table where little or nothing stands."""
    starts = np.array([c.x0 + 0.5 for c in chunks])
    ends = np.array([max(c.x1 - 0.5, c.x0 + 0.6) for c in chunks])
    edges = np.unique(np.concatenate([starts, ends]))
    cover = np.zeros(len(edges))
    np.add.at(cover, np.searchsorted(edges, starts), 1)
    np.add.at(cover, np.searchsorted(edges, ends), -1)
    cover = np.cumsum(cover)[:-1]  # of the interval that begins at each edge
    for x in ruled:
        cover[(edges[:-1] < x) & (x < edges[1:])] = 0
    out: list[tuple[float, float]] = []
    pending = [(0, len(cover))]
    while pending:
        low, high = pending.pop()
        cut = _valley(cover[low:high])
        if cut is None:
            out.append((float(edges[low]), float(edges[high])))
        else:
            left, right = cut
            pending += [(low, low + left), (low + right, high)]
    return sorted(out)


def _valley(cover: Floats) -> tuple[int, int] | None:
    """Find the deepest valley between two peaks: its first interval and the one behind it."""
    if len(cover) < 3:
        return None
    left = np.maximum.accumulate(cover)[:-2]
    right = np.maximum.accumulate(cover[::-1])[::-1][2:]
    depth = cover[1:-1] / np.maximum(np.minimum(left, right), 1e-9)
    at = int(depth.argmin())
    if depth[at] > DEEP:
        return None
    low = high = at + 1
    while low > 1 and cover[low - 1] <= cover[at + 1]:
        low -= 1
    while high < len(cover) - 2 and cover[high + 1] <= cover[at + 1]:
        high += 1
    return low, high + 1


def _with_company(
    bands: list[tuple[float, float]], simple: Sequence[Sequence[Chunk]], ruled: Sequence[float]
) -> list[tuple[float, float]]:
    """Join neighbours that no line fills both, such as labels and indented labels, and units."""
    out = list(bands)
    i = 0
    while i + 1 < len(out):
        filled = [
            ([c for c in line if _in(c, out[i])], [c for c in line if _in(c, out[i + 1])])
            for line in simple
        ]
        walled = any(out[i][1] - 2 <= x <= out[i + 1][0] + 2 for x in ruled)
        together = sum(bool(a) and bool(b) for a, b in filled)
        if not walled and (not together or _units(filled)):
            out[i : i + 2] = [(out[i][0], out[i + 1][1])]
            i = max(i - 1, 0)
        else:
            i += 1
    return out


def _units(filled: Sequence[tuple[list[Chunk], list[Chunk]]]) -> bool:
    """Say whether a column holds only currencies of the numbers behind it, or units before it."""
    left, right = ([c for pair in filled for c in pair[side]] for side in (0, 1))
    if all(_UNIT.fullmatch(c.text) for c in left):
        return True
    numbers = sum(c.numeric for c in left) > 0.5 * len(left)
    return numbers and all(_UNIT.fullmatch(c.text) for c in right)


def _in(chunk: Chunk, band: tuple[float, float]) -> bool:
    return band[0] <= (chunk.x0 + chunk.x1) / 2 <= band[1]
