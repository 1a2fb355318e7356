"""Small squares in the picture of a page, empty or marked: check boxes on paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import Box
from docx_cli.rules import runs

Ints = NDArray[np.int64]
Places = NDArray[np.intp]
Floats = NDArray[np.float64]
Gray = NDArray[np.uint8]

SIDES = (0.07, 0.3)
"""Inches: the least and the most that a check box measures."""
INK = 150
"""Gray levels below are ink."""
CLOSED = 0.9
"""Share of a side that must be ink."""
CROWDED = 0.2
"""Share of a line beside a side that is ink from which it is no edge of anything."""
MARKED = 0.04
"""Share of the inside that is ink in a box that is marked; dust and a thick frame are less."""
CUT = 0.08
"""Share of a side by which a corner may be cut; a B or D is rounded by twice as much."""
EDGE = 0.25
"""Share of a line that is ink from which the line is of the square, not dust beside it."""
SOLID = 0.7
"""The same of a bullet, or of a dark cell, which are no boxes."""


@dataclass(frozen=True)
class Square:
    """A check box or, if it is round, a radio button by its looks; `box` is of the page."""

    box: Box
    marked: bool
    round: bool = False


def find_squares(gray: Gray, dpi: float) -> tuple[Square, ...]:
    """Find small squares that stand alone, top to bottom.

    Args:
        gray: [rows, columns], 255 white.
        dpi: its resolution, dots an inch.
    """
    rows, columns = gray.shape
    ink = np.zeros((rows + 8, columns + 8), dtype=bool)
    np.less(gray, INK, out=ink[4:-4, 4:-4])
    places = _closed(ink, dpi)
    found = []
    for y, x, high, wide in places.tolist():
        share = _inside(ink, y, x, high, wide)
        if share < SOLID and _alone(ink, y, x, high, wide) and _cornered(ink, y, x, high, wide):
            corners = (x - 4) / columns, (y - 4) / rows, (x + wide - 4) / columns
            box = Box.clipped(*corners, (y + high - 4) / rows)
            found.append(Square(box, share >= MARKED))
    return tuple(found)


def _closed(ink: NDArray[np.bool_], dpi: float) -> Ints:
    """Return squares whose four sides are ink: top, left, height, width, [N, 4]."""
    # Of fewer pixels nothing is left inside of a frame.
    least, most = (max(round(side * dpi), 8) for side in SIDES)
    y, x, end = runs(ink, least, most)
    wide = end - x
    fits = y + wide + 4 < len(ink)
    # Most are strokes of letters: without ink half way down at both sides they end here.
    y, x, wide = y[fits], x[fits], wide[fits]
    half = y + wide // 2
    sided = _near(ink, half, x) & _near(ink, half, x + wide - 1)
    y, x, wide = y[sided], x[sided], wide[sided]
    slack = max(1, round(0.012 * dpi))
    # Ink down the left side as far as each row: of any height the share can be told.
    down = np.arange(wide.max(initial=0) + slack)
    left = _near(ink, y[:, None] + down, np.broadcast_to(x[:, None], (len(x), len(down))))
    inked = np.cumsum(left, axis=1)
    found = []
    for more in range(-slack, slack + 1):
        high = wide + more
        reaches = (inked[np.arange(len(y)), high - 1] >= CLOSED * high) & (y + high < len(ink))
        one = np.stack([y, x, high, wide], axis=1)[reaches]
        right, bottom = one[:, 1] + one[:, 3] - 1, one[:, 0] + one[:, 2] - 1
        share = np.minimum(
            _share(ink, one[:, 0], right, one[:, 2], down=True),
            _share(ink, bottom, one[:, 1], one[:, 3], down=False),
        )
        found.append(one[share >= CLOSED])
    return _outermost(np.concatenate(found).astype(np.int64))


def _near(ink: NDArray[np.bool_], y: Places, x: Places) -> NDArray[np.bool_]:
    """Say whether points or their neighbours are ink: a slanting side leaves its pixels."""
    last = np.array(ink.shape) - 2
    y, x = np.clip(y, 1, last[0]), np.clip(x, 1, last[1])
    return np.asarray(ink[y, x] | ink[y, x - 1] | ink[y, x + 1] | ink[y - 1, x] | ink[y + 1, x])


def _share(ink: NDArray[np.bool_], y: Places, x: Places, length: Places, *, down: bool) -> Floats:
    """Share of ink on lines that begin at points and run down or to the right, [N]."""
    steps = np.arange(length.max(initial=0))
    within = steps < length[:, None]
    along, still = (y, x) if down else (x, y)
    moved = along[:, None] + steps
    fixed = np.broadcast_to(still[:, None], moved.shape)
    hits = _near(ink, moved, fixed) if down else _near(ink, fixed, moved)
    return np.asarray((hits & within).sum(axis=1) / np.maximum(length, 1))


def _outermost(found: Ints) -> Ints:
    """Keep one square of those in one place: thick sides make several."""
    kept: list[list[int]] = []
    for y, x, high, wide in sorted(found.tolist(), key=lambda s: (-s[2] * s[3], s)):
        near = (abs(y - k[0]) < k[2] and abs(x - k[1]) < k[3] for k in kept)
        if not any(near):
            kept.append([y, x, high, wide])
    return np.array(sorted(kept), dtype=np.int64).reshape(-1, 4)


def _inside(ink: NDArray[np.bool_], y: int, x: int, high: int, wide: int) -> float:
    """Share of the inside of a square that is ink."""
    edge = max(2, round(0.22 * wide))
    return float(ink[y + edge : y + high - edge, x + edge : x + wide - edge].mean())


def _alone(ink: NDArray[np.bool_], y: int, x: int, high: int, wide: int) -> bool:
    """Say whether white is around, and no side goes on beyond the corners as in a grid."""
    rows, columns = slice(y, y + high), slice(x, x + wide)
    around = (ink[y - 3, columns], ink[y + high + 2, columns])
    beside = (ink[rows, x - 3], ink[rows, x + wide + 2])
    lines = (*around, *beside)
    ends = [line[i] for line in lines for i in (0, 1, -2, -1)]
    return not any(ends) and max(float(line.mean()) for line in lines) < CROWDED


def _cornered(ink: NDArray[np.bool_], y: int, x: int, high: int, wide: int) -> bool:
    """Say whether the corners are drawn: small print has letters that else look like squares."""
    part = ink[y - 2 : y + high + 2, x - 2 : x + wide + 2]
    rows, columns = (np.flatnonzero(part.mean(axis=axis) >= EDGE) for axis in (1, 0))
    shape = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    most = max(1, round(CUT * wide))
    corners = (shape, shape[::-1], shape[:, ::-1], shape[::-1, ::-1])
    return all(corner.diagonal()[: most + 1].any() for corner in corners)
