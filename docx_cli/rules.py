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


def runs(
    ink: NDArray[np.bool_], least: int = 1, most: int | None = None
) -> tuple[Places, Places, Places]:
    """Find runs of ink in the rows of a picture: row, first column and the one behind, [N] each.

    Args:
        ink: [rows, columns].
        least: shorter runs are left out.
        most: longer runs are left out, before they cost anything.
    """
    return _runs(_packed(ink), least, most)


def _packed(ink: NDArray[np.bool_]) -> Bits:
    """Make bytes of eight rows each, which are then looked through at once; [rows / 8, columns]."""
    if not ink.flags.c_contiguous:  # a picture on its side is packed as it lies in memory
        return np.packbits(ink.T, axis=1).T
    packed = np.zeros((-(-len(ink) // 8), ink.shape[1]), np.uint8)
    for bit in range(8):  # np.packbits takes four times as long across rows
        rows = ink[bit::8].view(np.uint8)
        packed[: len(rows)] |= rows << (7 - bit)
    return packed


def _runs(packed: Bits, least: int, most: int | None = None) -> tuple[Places, Places, Places]:
    """Find runs as `runs` does."""
    width = packed.shape[1] + 1  # a blank divides the runs of two rows
    apart = np.zeros((len(packed), width), np.uint8)
    apart[:, :-1] = packed
    bits: Bits = apart.ravel()
    # What follows each pixel for `least` is ink: few are left, and a run then ends that earlier.
    whole = _eroded(bits, least)
    if most is not None:
        whole = whole & ~_dilated(_eroded(bits, most + 1), most + 1)[: len(whole)]
    first, last = whole.copy(), whole.copy()
    first[1:] &= ~whole[:-1]
    last[:-1] &= ~whole[1:]
    begins, ends = _places(first, width), _places(last, width)
    y, start = np.divmod(begins, width)
    return y, start, start + ends - begins + least


def _places(bits: Bits, width: int) -> Places:
    """Return where bits are set, row by row, [N]; bands of rows are `width` long."""
    at = np.flatnonzero(bits != 0)
    which, bit = np.nonzero(np.unpackbits(bits[at]).reshape(-1, 8))
    band, x = np.divmod(at[which], width)
    return np.sort((8 * band + bit) * width + x)


def _eroded(bits: Bits, least: int) -> Bits:
    """Keep the places from which on `least` of them are set, [len(bits) - least + 1]."""
    reach = 1
    while reach < least:
        step = min(reach, least - reach)
        bits = bits[step:] & bits[:-step]
        reach += step
    return bits


def _dilated(bits: Bits, most: int) -> Bits:
    """Set `most` places from each that is set on, [len(bits) + most - 1]."""
    out = np.zeros(len(bits) + most - 1, np.uint8)
    out[: len(bits)] = bits
    reach = 1
    while reach < most:
        step = min(reach, most - reach)
        out[step:] |= out[:-step].copy()
        reach += step
    return out


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
    return _extended(gray, _joined(y + reach, start, end, least), reach)


def _extended(gray: NDArray[np.uint8], lines: Floats, reach: int) -> Floats:
    """Lengthen lines to where they end, though text touches them: there one side is paper.

    Args:
        gray: [rows, columns].
        lines: (y, x0, x1).
        reach: pixels from the middle of a line to its paper.
    """
    found: list[list[float]] = []
    for y, x0, x1 in lines.tolist():
        row, first, last = round(y), int(x0), int(x1)
        inner = gray[row - 1 : row + 2].min(axis=0).astype(np.int16)
        dark = np.maximum(gray[row - reach], gray[row + reach]) - inner > CONTRAST
        light = np.flatnonzero(~dark)
        before, behind = np.searchsorted(light, (first + 1, last - 1))
        first = min(first, int(light[before - 1]) + 1 if before else 0)
        last = max(last, int(light[behind]) if behind < len(light) else len(dark))
        for line in found[-20:]:
            if abs(line[0] - y) < 1.5 and first <= line[2] and line[1] <= last:
                line[1:] = min(line[1], first), max(line[2], last)
                break
        else:
            found.append([y, first, last])
    return np.array(found, dtype=np.float64).reshape(-1, 3)


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
