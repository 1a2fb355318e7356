"""Columns that stand closer than words are cut apart: white that runs down through many lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from docx_cli.layout import Floats, Line, Sheet

LEAST_LINES = 3
"""Lines that a river must divide; words of two lines end in one place by chance."""
LEAST_FOR_ONE = 6
"""The same where it cuts the words of a single line apart; in the others the white is wide."""
LEAST_GAP = 0.4
"""Of each of them, in heights of the line."""
MOST_ACROSS = 0.2
"""Words that stand across it, such as headings over several columns, as a share of the lines."""
WIDER = 1.4
"""The same in spaces between words, of which there may be many in one place."""


def divided(sheet: Sheet, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Cut the chunks of a table's lines where white divides nearly all lines in one place."""
    inside = [w for line in lines for chunk in line.chunks for w in chunk.words]
    starts, ends = sheet.boxes[inside, 0], sheet.boxes[inside, 2]
    narrow = [_narrow_gaps(sheet, line) for line in lines]
    white = np.concatenate([*narrow, *map(_wide_gaps, lines)])
    middles = []
    for x in np.concatenate(narrow).mean(axis=1):
        divides = ((white[:, 0] <= x) & (x <= white[:, 1])).sum()
        close = sum(bool(((g[:, 0] <= x) & (x <= g[:, 1])).any()) for g in narrow)
        across = ((starts < x) & (x < ends)).sum()
        least = LEAST_LINES if close > 1 else LEAST_FOR_ONE
        if divides >= least and across <= MOST_ACROSS * divides:
            middles.append(x)
    if not middles:
        return tuple(lines)
    return tuple(
        _cut(sheet, line, gaps, np.sort(middles)) for line, gaps in zip(lines, narrow, strict=True)
    )


def _narrow_gaps(sheet: Sheet, line: Line) -> Floats:
    """Return from where to where white within chunks is wide enough, [N, 2]."""
    least = max(LEAST_GAP, WIDER * sheet.space) * line.height
    gaps = [np.zeros((0, 2))]
    for chunk in line.chunks:
        boxes = sheet.boxes[list(chunk.words)]
        gaps.append(np.stack([np.maximum.accumulate(boxes[:-1, 2]), boxes[1:, 0]], axis=1))
    found = np.concatenate(gaps)
    return np.asarray(found[found[:, 1] - found[:, 0] >= least])


def _wide_gaps(line: Line) -> Floats:
    """Return from where to where white between chunks reaches, [N, 2]."""
    found = [(a.x1, b.x0) for a, b in pairwise(line.chunks)]
    return np.array(found).reshape(-1, 2)


def _cut(sheet: Sheet, line: Line, gaps: Floats, middles: Floats) -> Line:
    """Cut the chunks of a line in the gaps that hold one of some places."""
    holds = (gaps[:, :1] <= middles) & (middles <= gaps[:, 1:])
    places = np.sort(gaps[holds.any(axis=1)].mean(axis=1))
    chunks = []
    for chunk in line.chunks:
        side = np.searchsorted(places, sheet.boxes[list(chunk.words), 0])
        for n in dict.fromkeys(side.tolist()):
            words = [w for w, s in zip(chunk.words, side, strict=True) if s == n]
            chunks.append(sheet.chunk(words) if len(words) < len(chunk.words) else chunk)
    return Line(tuple(chunks))
