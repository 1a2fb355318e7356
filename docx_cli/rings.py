"""Small rings in the picture of a page, empty or marked: radio buttons and round check boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import Box
from docx_cli.rules import Places, runs
from docx_cli.squares import Square

Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

INK = 190
"""Gray levels below are ink: a thin line that bends is paler than a straight one."""
ACROSS = (0.08, 0.3)
"""Inches: the least and the most that a ring measures; bullets of lists are smaller."""
CHORD = 0.025
"""Inches: the least run of ink at the top and at the bottom of a ring."""
ARC = 0.75
"""The most that such a run is of a ring's width."""
CLEAR = 0.015
"""Inches of white above a top and below a bottom, and by which these may stand out of line."""
CLOSED = 0.93
"""Share of the round that must be ink."""
AROUND = 0.02
"""Inches of white around a ring; letters of a word stand closer."""
BESIDE = 0.2
"""White on both sides of it, in widths of a ring; letters of large type, too, stand closer."""
STRAY, DUST = 0.07, 0.1
"""Share of what is around and beside it that may be ink for all that."""
ROUND = 0.12
"""By how much a ring may be wider than high, or higher than wide; zeros are more."""
EQUAL = 0.15
"""By how much rings of one kind may differ in width."""
CENTRE, INSIDE = 0.15, 0.3
"""Radius of the middle, and of what is inside of a thick line, in widths of a ring."""
MARKED = 0.12
"""Share of the middle that is ink in a ring that is marked."""
BLANK = 0.2
"""The most of the inside that is ink in one that is empty."""
ANGLES = 32

_TURN = np.arange(ANGLES) * (2 * np.pi / ANGLES)
_TURNED = np.stack([np.sin(_TURN), np.cos(_TURN)])
"""Down and to the right, beginning at the right, [2, angles]."""
_EVERY = np.arange(ANGLES)
_FIRST = (_EVERY[:: ANGLES // 2], _EVERY[ANGLES // 8 :: ANGLES // 4])
"""From where it is looked at first: from the sides, then from the corners."""
_SIDES = np.r_[-2:3, ANGLES // 2 - 2 : ANGLES // 2 + 3]
"""Right and left, and somewhat above and below."""


@dataclass(frozen=True)
class _Ink:
    """A picture's ink, `edge` pixels of white around it; `flat` is the same in one row."""

    mask: Mask
    flat: Mask
    edge: int
    dpi: float

    @classmethod
    def of(cls, gray: Gray, dpi: float) -> _Ink:
        edge = round(ACROSS[1] * dpi) + 4
        mask = np.zeros((len(gray) + 2 * edge, gray.shape[1] + 2 * edge), dtype=bool)
        np.less(gray, INK, out=mask[edge:-edge, edge:-edge])
        return cls(mask, mask.ravel(), edge, dpi)

    def at(self, y: Places, x: Places) -> Mask:
        """Say whether points are ink."""
        return np.asarray(self.flat[y * self.mask.shape[1] + x])

    def around(
        self, found: Floats, radius: Floats, angles: Places = _EVERY, *, near: bool = False
    ) -> Floats:
        """Share of ink on circles around the middles of rings, [N]; `near`: one pixel off, too."""
        turned = _TURNED[:, angles]
        y = np.rint(found[:, [0]] + radius[:, None] * turned[0]).astype(np.intp)
        x = np.rint(found[:, [1]] + radius[:, None] * turned[1]).astype(np.intp)
        place = y * self.mask.shape[1] + x
        ink = self.flat[place]
        if near:
            for step in (1, -1, self.mask.shape[1], -self.mask.shape[1]):
                ink |= self.flat[place + step]
        return np.asarray(ink.mean(axis=1))


def find_rings(gray: Gray, dpi: float) -> tuple[Square, ...]:
    """Find small rings that stand alone and are not the only ones of their size, top to bottom.

    Letters look like rings, too, an O more than others: what the words are tells them apart.

    Args:
        gray: [rows, columns], 255 white.
        dpi: its resolution, dots an inch.
    """
    ink = _Ink.of(gray, dpi)
    found = _closed(ink)
    middle, inside = (_share_within(ink, found, share) for share in (CENTRE, INSIDE))
    marked = middle >= MARKED
    known = marked | (inside <= BLANK)  # ink beside an empty middle is a letter's, as in a (c)
    found, marked = found[known], marked[known]
    wide = found[:, 2]
    equal = np.abs(wide[:, None] - wide) <= np.maximum(EQUAL * wide, 1)
    np.fill_diagonal(equal, val=False)
    # Where all have something in them they are bullets, or letters.
    kept = equal.any(axis=1) & (~marked | (equal & ~marked).any(axis=1))
    rows, columns = gray.shape
    out = []
    for (y, x, across), full in zip(found[kept].tolist(), marked[kept].tolist(), strict=True):
        y0, x0 = (at - ink.edge - (across - 1) / 2 for at in (y, x))
        corners = x0 / columns, y0 / rows, (x0 + across) / columns, (y0 + across) / rows
        out.append(Square(Box.clipped(*corners), full, round=True))
    return tuple(out)


def _closed(ink: _Ink) -> Floats:
    """Find rings of any kind: middle y and x, and width across, in pixels, [N, 3]."""
    found = _spans(ink)
    # Most are letters: looked at from eight sides, few are left to be followed around.
    for angles in _FIRST:
        found = found[ink.around(found, found[:, 2] / 2 + AROUND * ink.dpi, angles) == 0]
        found = found[ink.around(found, found[:, 2] / 2 - 1, angles, near=True) == 1]
    found = _fitted(ink, found)
    inner, outer = (ink.around(found, found[:, 2] / 2 - i, near=True) for i in (1, 0.5))
    white = ink.around(found, found[:, 2] / 2 + AROUND * ink.dpi)
    beside = ink.around(found, (0.5 + BESIDE) * found[:, 2], _SIDES)
    return _apart(found[(np.maximum(inner, outer) >= CLOSED) & (white <= STRAY) & (beside <= DUST)])


def _spans(ink: _Ink) -> Floats:
    """Pair the tops of rings, which are runs of ink, with bottoms straight below them, [N, 3]."""
    least, most = (side * ink.dpi for side in ACROSS)
    y, start, end = runs(ink.mask, max(4, round(CHORD * ink.dpi)), round(ARC * most))
    x, wide = (start + end - 1) // 2, end - start
    clear = max(2, round(CLEAR * ink.dpi))
    tops, bottoms = (
        np.flatnonzero(~(ink.at(y + c, x) | ink.at(y + c, start) | ink.at(y + c, end - 1)))
        for c in (-clear, clear)
    )
    # In strips of the page, a strip's bottoms from its top down, those near a top are a slice; all
    # that are in line with it stand in two of the strips.
    rows, strip = len(ink.mask) + 2 * round(most), 2 * clear + 1
    place = x // strip * rows + y
    bottoms = bottoms[np.argsort(place[bottoms])]
    first_strip = (x[tops] - clear) // strip * rows + y[tops]
    order = np.argsort(first_strip)
    tops, first_strip, known, out = tops[order], first_strip[order], place[bottoms], []
    for start_of in (first_strip, first_strip + rows):
        first = np.searchsorted(known, start_of + round(least) - 1)
        count = np.searchsorted(known, start_of + round(most), side="right") - first
        top = np.repeat(tops, count)
        bottom = bottoms[np.arange(len(top)) + np.repeat(first - np.cumsum(count) + count, count)]
        across = y[bottom] - y[top] + 1
        fits = np.abs(x[top] - x[bottom]) <= clear
        fits &= np.maximum(wide[top], wide[bottom]) <= ARC * across
        top, bottom = top[fits], bottom[fits]
        right = (start[top] + end[top] + start[bottom] + end[bottom] - 2) / 4
        out.append(np.stack([(y[top] + y[bottom]) / 2, right, across[fits]], axis=1))
    return np.concatenate(out)


def _fitted(ink: _Ink, found: Floats) -> Floats:
    """Move rings to the middle of their ink; those that are not round are left out."""
    out = []
    for y, x, across in found.tolist():
        half = round(across / 2) + 2
        y0, x0 = round(y) - half, round(x) - half
        part = ink.mask[y0 : y0 + 2 * half + 1, x0 : x0 + 2 * half + 1]
        down, right = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        high, wide = down[-1] - down[0] + 1, right[-1] - right[0] + 1
        if abs(high - wide) <= max(1, ROUND * across):
            middle = y0 + (down[0] + down[-1]) / 2, x0 + (right[0] + right[-1]) / 2
            out.append([*middle, (high + wide) / 2])
    return np.array(out, dtype=np.float64).reshape(-1, 3)


def _apart(found: Floats) -> Floats:
    """Keep one ring of those in one place, the largest; top to bottom."""
    kept: list[list[float]] = []
    for y, x, across in sorted(found.tolist(), key=lambda ring: -ring[2]):
        if not any(max(abs(y - k[0]), abs(x - k[1])) < k[2] / 2 for k in kept):
            kept.append([y, x, across])
    return np.array(sorted(kept)).reshape(-1, 3)


def _share_within(ink: _Ink, found: Floats, share: float) -> Floats:
    """Share of ink in discs about the middles of rings, [N]; their radius in widths of a ring."""
    out = []
    for y, x, across in found.tolist():
        radius = share * across
        reach = int(radius)
        part = ink.mask[
            round(y) - reach : round(y) + reach + 1, round(x) - reach : round(x) + reach + 1
        ]
        down, right = np.ogrid[-reach : reach + 1, -reach : reach + 1]
        out.append(float(part[down**2 + right**2 <= radius**2].mean()))
    return np.array(out)
