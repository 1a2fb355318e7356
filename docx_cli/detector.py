"""Where a picture holds lines of text: PP-OCR's detector, and lines made of what it saw.

For each pixel it says how likely it is to be of a line's core, which is shrunken so that lines
keep apart (DB: Liao et al., AAAI 2020). A core is grown again by the amount that its area and
circumference tell; here, where it is about a rectangle, by a closed formula.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docx_cli.memory import give_back, make_room
from docx_cli.rules import runs

if TYPE_CHECKING:
    from PIL.Image import Image

    from docx_cli.session import Graph

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_SIDE = 960
"""Pixels of the longer side of the picture that the detector sees: more costs by the pixel."""
_STEP = 32
"""Its sides are multiples of this."""

# As it was published: least score of a pixel, least mean score of a core, growth.
_CORE, _LIKELY, _GROWTH = 0.3, 0.5, 1.6

_LEAST_HEIGHT = 2.0
"""Pixels of a core's height: lower ones are rules and dust."""
_LONG = 4.0
"""Heights from which a core is wide enough to tell its slope."""

_loading = threading.Lock()
# One page at a time: each takes 150 MB meanwhile, and all cores.
_running = threading.Lock()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: a parallelogram with upright sides, in fractions of the picture.

    `left` and `right` are the y of its middle at both ends, `height` is from top to bottom.
    """

    x0: float
    x1: float
    left: float
    right: float
    height: float

    def middle(self, x: float) -> float:
        """Return the y of its middle at some x."""
        return self.left + (self.right - self.left) * (x - self.x0) / (self.x1 - self.x0)


def find_lines(image: Image, model: Path) -> list[Line]:
    """Find the lines of a page that lies about level, from top to bottom.

    Args:
        image: the page, gray.
        model: the detector's file.
    """
    from PIL.Image import Resampling

    from docx_cli.session import run

    scale = _SIDE / max(image.size)
    wide, high = (max(round(side * scale / _STEP), 1) * _STEP for side in image.size)
    small = image.convert("L").resize((wide, high), Resampling.BILINEAR)
    pixels = np.asarray(small, np.float32) / 127.5 - 1
    feed = np.ascontiguousarray(np.broadcast_to(pixels, (1, 3, high, wide)))
    graph = _loaded(model)
    with _running:
        make_room()
        scores = run(graph, {graph.get_inputs()[0].name: feed}, forget=True)[0]
        give_back()
    return lines_of(scores[0, 0])


def _loaded(model: Path) -> Graph:
    """Return the detector's graph, which all threads share."""
    with _loading:
        return _graph(model)


@cache
def _graph(model: Path) -> Graph:
    from docx_cli.session import open_graph

    # Tesseract reads other pages meanwhile.
    return open_graph(model, spinning=False)


def lines_of(scores: NDArray[np.float32]) -> list[Line]:
    """Make lines of the detector's scores, [rows, columns] of 0..1."""
    rows, columns = scores.shape
    y, start, end, core = cores(scores > _CORE)
    lengths = end - start
    owner = np.repeat(core, lengths)
    down = np.repeat(y, lengths)
    across = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths - start, lengths)
    count = np.bincount(owner)

    def mean(of: NDArray[np.generic]) -> Floats:
        return np.asarray(np.bincount(owner, of) / count)

    likely = mean(scores[down, across])
    x, middle = mean(across) + 0.5, mean(down) + 0.5
    dx, dy = across + 0.5 - x[owner], down + 0.5 - middle[owner]
    x0, x1 = (
        _of_cores(pick, core, edge) for pick, edge in ((np.minimum, start), (np.maximum, end))
    )
    top, bottom = _of_cores(np.minimum, core, y), _of_cores(np.maximum, core, y + 1)
    # The line of least squares through a core is its middle; a blot has none.
    slope = np.where(
        x1 - x0 < _LONG * (bottom - top), 0.0, mean(dx * dy) / np.maximum(mean(dx * dx), 1e-9)
    )
    # Pixels of a rectangle spread by its height over the root of twelve, however it is frayed.
    height = np.sqrt(12 * mean(np.square(dy - slope[owner] * dx)) + 1)
    grown = _GROWTH * (x1 - x0) * height / (2 * (x1 - x0 + height))
    kept = (likely >= _LIKELY) & (height >= _LEAST_HEIGHT)
    x0, x1 = np.maximum(x0 - grown, 0), np.minimum(x1 + grown, columns)
    left, right = middle + slope * (x0 - x), middle + slope * (x1 - x)
    found = np.stack(
        [x0 / columns, x1 / columns, left / rows, right / rows, (height + 2 * grown) / rows], axis=1
    )
    lines = [Line(*line) for line in found[kept].tolist()]
    return sorted(lines, key=lambda line: (line.left + line.right, line.x0))


def _of_cores(pick: np.ufunc, core: Places, edges: Places) -> Floats:
    """Return the least or largest edge of each core, as `pick` is minimum or maximum."""
    found = np.full(core.max(initial=-1) + 1, -np.inf if pick is np.maximum else np.inf)
    pick.at(found, core, edges)
    return found


def cores(mask: NDArray[np.bool_]) -> tuple[Places, Places, Places, Places]:
    """Find what hangs together, corners included.

    Returns:
        Of each run of set pixels its row, first column, the one behind, and the number of what
        it belongs to; [N] each.
    """
    y, start, end = runs(mask)
    # Rows laid end to end with a gap between: the runs that touch one from below are neighbours.
    stride = mask.shape[1] + 2
    below = (y + 1) * stride
    first = np.searchsorted(y * stride + end, below + start, "left")
    last = np.searchsorted(y * stride + start, below + end, "right")
    count = np.maximum(last - first, 0)
    one = np.repeat(np.arange(len(y)), count)
    other = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    number = np.arange(len(y))
    while True:
        least = np.minimum(number[one], number[other])
        better = number.copy()
        np.minimum.at(better, number[one], least)
        np.minimum.at(better, number[other], least)
        while (better[better] != better).any():
            better = better[better]
        if (better == number).all():
            return y, start, end, np.unique(number, return_inverse=True)[1]
        number = better
