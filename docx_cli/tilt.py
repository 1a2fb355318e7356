"""How a page lies: what it takes to turn it upright, and the way back for what was found there."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from docx_cli.document import Box, Page, Table, Word

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tilt:
    """How a page must be turned to be read.

    First by `turned` degrees clockwise, then by `skew` degrees counter-clockwise about its
    middle, on a sheet just large enough to hold it. `width` and `height` are those of the page
    as given, in any one unit.
    """

    turned: int
    skew: float
    width: float
    height: float

    @classmethod
    def of(cls, page: Page) -> Tilt:
        """Return how a page lies."""
        return cls(page.turned, page.skew, page.width, page.height)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page when it stands upright."""
        wide, high = self._quartered
        return wide * self._cos + high * abs(self._sin), wide * abs(self._sin) + high * self._cos

    def upright(self, box: Box) -> Box:
        """Return the box around a box of the page as given, when the page stands upright."""
        return _around(self._forward, box)

    def back(self, box: Box) -> Box:
        """Return the box, on the page as given, around a box of the upright page."""
        return _around(self._backward, box)

    def leveled(self, box: Box) -> Box:
        """Return the box of the upright page around which `back` gives this one.

        For words that were read on a page hardly askew: `upright` would add margins to margins.
        """
        new_wide, new_high = self.size
        cos, sin = self._cos, abs(self._sin)
        sides = (box.x1 - box.x0) * self.width, (box.y1 - box.y0) * self.height
        around_wide, around_high = sides[::-1] if self.turned % 180 else sides
        narrowing = cos * cos - sin * sin
        across = (cos * around_wide - sin * around_high) / narrowing
        down = (cos * around_high - sin * around_wide) / narrowing
        # A box that is none around slanting text must not vanish.
        across = min(max(across, around_wide / 2), around_wide) / new_wide
        down = min(max(down, around_high / 2), around_high) / new_high
        x, y = self._forward(*box.center)
        return Box.clipped(x - across / 2, y - down / 2, x + across / 2, y + down / 2)

    def straightened(self, image: Image, *, quickly: bool = False) -> Image:
        """Turn a gray picture of the page upright; the corners that come in are paper.

        Args:
            image: the picture of the page as given.
            quickly: take a third of the time, and blur letters a little.
        """
        from PIL import Image as Pictures

        if self.turned:
            # Pillow counts counter-clockwise.
            image = image.transpose(Pictures.Transpose[f"ROTATE_{360 - self.turned}"])
        if not self.skew:
            return image
        exact = dataclasses.replace(self, turned=0, width=image.width, height=image.height)
        wide, high = (round(side) for side in exact.size)
        cos, sin = self._cos, self._sin
        left = image.width / 2 - (cos * wide - sin * high) / 2
        top = image.height / 2 - (sin * wide + cos * high) / 2
        return image.transform(
            (wide, high),
            Pictures.Transform.AFFINE,
            (cos, -sin, left, sin, cos, top),
            Pictures.Resampling.BILINEAR if quickly else Pictures.Resampling.BICUBIC,
            fillcolor=_paper(image),
        )

    @property
    def _cos(self) -> float:
        return math.cos(math.radians(self.skew))

    @property
    def _sin(self) -> float:
        return math.sin(math.radians(self.skew))

    @property
    def _quartered(self) -> tuple[float, float]:
        """Width and height after the quarter turns."""
        sides = self.width, self.height
        return sides[::-1] if self.turned % 180 else sides

    def _forward(self, x: float, y: float) -> tuple[float, float]:
        """Move a point, in fractions, from the page as given to the upright one."""
        x, y = {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[self.turned]
        if not self.skew:
            return x, y
        (wide, high), (new_wide, new_high) = self._quartered, self.size
        x, y = (x - 0.5) * wide, (y - 0.5) * high
        across, down = x * self._cos + y * self._sin, y * self._cos - x * self._sin
        return across / new_wide + 0.5, down / new_high + 0.5

    def _backward(self, x: float, y: float) -> tuple[float, float]:
        """Undo `_forward`."""
        if self.skew:
            (wide, high), (new_wide, new_high) = self._quartered, self.size
            x, y = (x - 0.5) * new_wide, (y - 0.5) * new_high
            x, y = x * self._cos - y * self._sin, y * self._cos + x * self._sin
            x, y = x / wide + 0.5, y / high + 0.5
        return {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[self.turned]


def upright_words(page: Page) -> tuple[Word, ...]:
    """Return a page's words as they stand when it is turned upright, one for one."""
    if not (page.turned or page.skew):
        return page.words
    tilt = Tilt.of(page)
    return tuple(dataclasses.replace(word, box=tilt.leveled(word.box)) for word in page.words)


def undone(found: T, tilts: Mapping[int, Tilt]) -> T:
    """Put what was found on upright pages back to its place on the pages as given.

    Args:
        found: a finding, or a tuple of findings, with whatever boxes are in it.
        tilts: of the pages that were turned, by their number.
    """
    return _undone(found, tilts, None) if tilts else found


def _undone(found: Any, tilts: Mapping[int, Tilt], tilt: Tilt | None) -> Any:
    """Undo a page's tilt in all that says it is on that page, and in what it holds."""
    if isinstance(found, Box):
        return found if tilt is None else tilt.back(found)
    if isinstance(found, tuple):
        return tuple(_undone(item, tilts, tilt) for item in found)
    if not dataclasses.is_dataclass(found):
        return found
    tilt = tilts.get(getattr(found, "page", 0), tilt)
    values = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
    if isinstance(found, Table) and tilt is not None:
        values["turned"] = (found.turned + tilt.turned) % 360
    moved = {name: _undone(value, tilts, tilt) for name, value in values.items()}
    return dataclasses.replace(found, **moved)


def _around(move: Callable[[float, float], tuple[float, float]], box: Box) -> Box:
    corners = [move(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
    across, down = zip(*corners, strict=True)
    return Box.clipped(min(across), min(down), max(across), max(down))


def _paper(image: Image) -> int:
    """Return the gray level of most of a picture."""
    counts = image.histogram()
    return counts.index(max(counts))
