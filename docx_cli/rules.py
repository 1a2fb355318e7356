"""Ruling lines of a page, found in its gray picture by run lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import Word

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Bits = NDArray[np.uint8]

SHORTEST = 0.22
"""Inches: shorter runs may be strokes of letters."""
THICKEST = 0.04
"""Inches: what is thicker is a bar or a picture."""
CONTRAST = 36
"""Gray levels by which a line is darker than the paper on both of its sides."""


@dataclass(frozen=True)
class Rules:
    """Horizontal and vertical lines; fractions of the page, origin top left.

    `across` has rows (y, x0, x1), `down` rows (x, y0, y1).
    """

    across: Floats  # [H, 3]
    down: Floats  # [V, 3]

    @classmethod
    def none(cls) -> Rules:
        """Return the rules of a page without any."""
        return cls(np.zeros((0, 3)), np.zeros((0, 3)))

    def apart_from(self, words: Sequence[Word]) -> Rules:
        """Drop what is a stroke of text: lines that run through the middle of words."""
        boxes = np.array([w.box.as_tuple() for w in words]).reshape(-1, 4)
        turned = boxes[:, [1, 0, 3, 2]]
        return Rules(_off_text(self.across, boxes), _off_text(self.down, turned))


def _off_text(lines: Floats, boxes: Floats) -> Floats:
    """Keep lines (place, from, to) of which words (x0, y0, x1, y1) cover less than a third."""
    y, x0, x1 = (lines[:, [i]] for i in range(3))
    height = boxes[:, 3] - boxes[:, 1]
    through = (boxes[:, 1] + 0.15 * height < y) & (y < boxes[:, 3] - 0.1 * height)
    shared = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
    covered = np.where(through, np.maximum(shared, 0), 0).sum(axis=1)
    return np.asarray(lines[covered < (x1 - x0)[:, 0] / 3])


def runs(ink: NDArray[np.bool_], least: int = 1) -> tuple[Places, Places, Places]:
    """Find runs of ink in the rows of a picture: row, first column and the one behind, [N] each.

    Args:
        ink: [rows, columns].
        least: shorter runs are left out.
    """
    return _runs(_packed(ink), least)


def _packed(ink: NDArray[np.bool_]) -> Bits:
    """Make bytes of eight rows each, which are then looked through at once; [rows / 8, columns]."""
    if not ink.flags.c_contiguous:  # a picture on its side is packed as it lies in memory
        return np.packbits(ink.T, axis=1).T
    packed = np.zeros((-(-len(ink) // 8), ink.shape[1]), np.uint8)
    for bit in range(8):  # np.packbits takes four times as long across rows
        rows = ink[bit::8].view(np.uint8)
        packed[: len(rows)] |= rows << (7 - bit)
    return packed


def _runs(packed: Bits, least: int) -> tuple[Places, Places, Places]:
    """Find runs as `runs` does."""
    width = packed.shape[1] + 1  # a blank divides the runs of two rows
    apart = np.zeros((len(packed), width), np.uint8)
    apart[:, :-1] = packed
    # What follows each pixel for `least` is ink: few are left, and a run then ends that earlier.
    whole: Bits = apart.ravel()
    reach = 1
    while reach < least:
        step = min(reach, least - reach)
        whole = whole[step:] & whole[:-step]
        reach += step
    at = np.flatnonzero(whole)
    bits = np.unpackbits(whole[at]).reshape(-1, 8)
    which, bit = np.nonzero(bits)
    band, x = np.divmod(at[which], width)
    places = np.sort((8 * band + bit) * width + x)
    first = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    last = np.append(first[1:], len(places))[: len(first)] - 1
    y, start = np.divmod(places[first], width)
    return y, start, start + places[last] - places[first] + least


def find_rules(gray: NDArray[np.uint8], dpi: float) -> Rules:
    """Find the ruling lines in a picture of the page.

    Args:
        gray: [rows, columns], 255 white.
        dpi: its resolution, dots an inch.
    """
    rows, columns = gray.shape
    across = _lines(gray, dpi) / (rows, columns, columns)
    down = _lines(gray.T, dpi) / (columns, rows, rows)
    return Rules(across, down)


def _lines(gray: NDArray[np.uint8], dpi: float) -> Floats:
    """Horizontal lines in pixels, rows (y, x0, x1)."""
    reach = max(2, round(THICKEST * dpi / 2) + 1)
    least = max(8, round(SHORTEST * dpi))
    if len(gray) <= 2 * reach:
        return np.zeros((0, 3))
    paper = np.minimum(gray[2 * reach :], gray[: -2 * reach])
    inner = gray[reach:-reach]
    np.maximum(paper, inner, out=paper)
    np.subtract(paper, inner, out=paper)
    ink = _packed(np.greater(paper, CONTRAST, out=paper.view(bool)))
    ink[:, 1:-1] |= ink[:, :-2] & ink[:, 2:]  # a missing pixel does not end a line
    # Pieces of a slanting line are shorter than the line: they are joined before it is judged.
    y, start, end = _runs(ink, -(-least // 2))
    return _joined(y + reach, start, end, least)


def _joined(y: Places, start: Places, end: Places, least: int) -> Floats:
    """Join runs of neighbouring pixel rows that overlap or nearly touch."""
    found: list[list[float]] = []  # last y, x0, x1, sum of y * length, sum of length
    for row, x0, x1 in zip(y.tolist(), start.tolist(), end.tolist(), strict=True):
        for line in reversed(found[-60:]):
            if row - line[0] <= 2 and x0 <= line[2] + 4 and x1 >= line[1] - 4:
                line[0], line[1], line[2] = row, min(line[1], x0), max(line[2], x1)
                line[3] += row * (x1 - x0)
                line[4] += x1 - x0
                break
        else:
            found.append([row, x0, x1, row * (x1 - x0), x1 - x0])
    lines = [(s / n, x0, x1) for _, x0, x1, s, n in found if x1 - x0 >= least]
    return np.array(lines, dtype=np.float64).reshape(-1, 3)
