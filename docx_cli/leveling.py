"""How text lies in the picture of a page: blank, sideways, or not quite level.

Letters of a line end in few pixel rows, the more so the more level the line is. So lines stand
out where bottom edges are projected along their slope (projection profiles, as Postl 1986, of
edges: what is large and dark weighs no more than letters).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Points = NDArray[np.float32]

MOST_SKEW = 10.0
"""Degrees up to which skew is looked for."""
LEAST_SKEW = 0.25
"""Degrees from which it is undone: below, the words of a line still overlap."""

_DPI = 100
_CONTRAST = 40
"""Gray levels by which ink is darker than the paper around it."""
_TILE = 16
"""Pixels at `_DPI`: paper is what is lightest in a few of these."""

_STEPS = 0.5, 0.05
_MOST_POINTS = 12_000
_LEAST_POINTS = 100
_LONGEST_RUN = 40
"""Pixels: longer level edges are ruling lines and bars, which run both ways."""
_CLEARER = 1.1
"""How much clearer lines must stand out turned than as they are."""
_SIDEWAYS = 1.3
"""The same for lines that run up the page."""
_LETTER = 10
"""Pixels of ink in one tile from which it may be a letter; dust has fewer."""


@dataclass(frozen=True, slots=True)
class Lie:
    """How the text of a page lies: `skew` degrees clockwise of level, after `sideways` is undone.

    Text that runs up is not told from text that runs down, nor is the head of a page from its
    foot: that takes reading.
    """

    blank: bool = False
    sideways: bool = False
    skew: float = 0.0


def lie_of(image: Image, dpi: float) -> Lie:
    """Find how the text of a page lies, in some 20 ms.

    Args:
        image: the page in gray.
        dpi: its resolution, dots an inch.
    """
    dark = ink(image, dpi)
    if not _holds_letters(dark):
        return Lie(blank=True)
    level, upended = _edges(dark), _edges(np.rot90(dark, -1))
    if min(len(level), len(upended)) < _LEAST_POINTS:
        return Lie()
    skew, clear = _skew(level)
    skew_upended, clear_upended = _skew(upended)
    if clear_upended > _SIDEWAYS * clear:
        return Lie(sideways=True, skew=skew_upended)
    return Lie(skew=skew)


def ink(image: Image, dpi: float) -> NDArray[np.bool_]:
    """Tell ink from paper, at about 100 dots an inch, however dark the paper is in places."""
    from PIL import ImageChops

    small = image.reduce(max(round(dpi / _DPI), 1))
    return np.asarray(ImageChops.subtract(paper(small), small)) > _CONTRAST


def paper(image: Image) -> Image:
    """Return the page without its ink: what is lightest around each place."""
    from PIL import ImageFilter
    from PIL.Image import Resampling

    lightest = image.reduce(_TILE).filter(ImageFilter.MaxFilter(3))
    return lightest.resize(image.size, Resampling.BILINEAR)


def _holds_letters(dark: NDArray[np.bool_]) -> bool:
    """Say whether anywhere is as much ink as a letter has."""
    rows, columns = (side // _TILE * _TILE for side in dark.shape)
    tiles = dark[:rows, :columns].reshape(rows // _TILE, _TILE, columns // _TILE, _TILE)
    return bool((tiles.sum(axis=(1, 3)) >= _LETTER).any())


def _edges(dark: NDArray[np.bool_]) -> Points:
    """Return where ink ends downwards, [N, 2] of x and y, without ruling lines."""
    y, x = np.nonzero(dark[:-1] & ~dark[1:])
    starts = np.flatnonzero((np.diff(y, prepend=-1) != 0) | (np.diff(x, prepend=-1) != 1))
    lengths = np.diff(starts, append=len(y))
    kept = np.repeat(lengths <= _LONGEST_RUN, lengths)
    points = np.stack([x[kept], y[kept]], axis=1)
    return points[:: len(points) // _MOST_POINTS + 1].astype(np.float32)


def _skew(points: Points) -> tuple[float, float]:
    """Return the skew in degrees clockwise, 0 where turning does not help, and how clear it is."""
    best, reach = 0.0, MOST_SKEW
    for step in _STEPS:
        angles = best + np.arange(-reach, reach + step / 2, step)
        best, reach = float(max(angles, key=lambda angle: _clearness(points, angle))), step
    clear, as_it_is = _clearness(points, best), _clearness(points, 0.0)
    if abs(best) < LEAST_SKEW or clear < _CLEARER * as_it_is:
        return 0.0, as_it_is
    return best, clear


def _clearness(points: Points, degrees: float) -> float:
    """Return how unevenly points fall on lines of a slope."""
    down = np.rint(points[:, 1] - np.tan(np.radians(degrees)) * points[:, 0]).astype(np.int64)
    counts = np.bincount(down - down.min()).astype(np.float64)
    return float(np.square(counts).sum() / len(points) ** 1.5)
