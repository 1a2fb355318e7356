"""What was found on a page, drawn on its picture.

Words are faint outlines, tables grids, each key points at its value with an arrow, and answers are
highlighted. Labels stand where they cover no text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from docx_cli.document import Box, DocumentResult
from docx_cli.marks import COLORS, Finding, Shape, arrow_head, findings

if TYPE_CHECKING:
    from collections.abc import Iterable

_Pixels = tuple[int, int, int, int]

_FILLED = {"answer": 45, "header": 26, "field": 26}
"""Roles whose boxes are tinted, with the tint's opacity of 255."""
_WIDE = {"answer": 2, "table": 2}
"""Roles with a thicker outline, in units."""


def draw_page(image: Image.Image, result: DocumentResult, number: int) -> Image.Image:
    """Return a copy of the page's picture with the findings of that page.

    Args:
        image: the page as a person sees it, any size, RGB.
        result: the findings; those on other pages are left out.
        number: the page, counted from 1.
    """
    words = [word.box for page in result.pages if page.number == number for word in page.words]
    canvas = _Canvas(image, words)
    found = list(findings(result, number))
    for finding in found:
        canvas.finding(finding)
    for finding in found:
        if finding.kind in ("answer", "table"):
            canvas.label(finding)
    return canvas.flat()


class _Canvas:
    """A transparent sheet over the picture, drawn on in fractions of the page."""

    def __init__(self, image: Image.Image, words: Iterable[Box]) -> None:
        self._image = image.convert("RGBA")
        self._sheet = Image.new("RGBA", image.size, (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._sheet)
        # Line width and letters grow with the picture: 1 pixel at 72 dpi.
        self._unit = max(1, round(max(image.size) / 842))
        self._font = ImageFont.load_default(size=9 * self._unit)
        self._occupied = [self._pixels(box) for box in words]
        for place in self._occupied:
            self._draw.rectangle(place, outline=(*COLORS["word"], 90), width=self._unit)

    def finding(self, finding: Finding) -> None:
        """Draw its boxes, the first on top, and its arrow."""
        for shape in reversed(finding.shapes):
            self._shape(shape)
        if finding.arrow is not None:
            self._arrow(*finding.arrow)

    def label(self, finding: Finding) -> None:
        """Write name and confidence near the finding, where least is covered."""
        text = f"{finding.name} {finding.confidence:.0%}"
        shape = finding.shapes[0]
        left, top, right, bottom = self._draw.textbbox((0, 0), text, font=self._font)
        pad = 2 * self._unit
        size = math.ceil(right - left) + 2 * pad, math.ceil(bottom - top) + 2 * pad
        home = self._pixels(shape.box)
        place = min(self._places(home, size), key=lambda p: (self._covered(p), _apart(home, p)))
        self._occupied.append(place)
        color = COLORS[shape.role]
        if _apart(home, place) > 2 * self._unit:
            self._draw.line(_between(home, place), fill=(*color, 255), width=self._unit)
        self._draw.rectangle(place, fill=(*color, 255))
        at = place[0] + pad - left, place[1] + pad - top
        self._draw.text(at, text, font=self._font, fill="white")

    def flat(self) -> Image.Image:
        """Return the picture with the sheet on it, RGB."""
        return Image.alpha_composite(self._image, self._sheet).convert("RGB")

    def _shape(self, shape: Shape) -> None:
        color = COLORS[shape.role]
        tint = (*color, _FILLED[shape.role]) if shape.role in _FILLED else None
        width = _WIDE.get(shape.role, 1) * self._unit
        x0, y0, x1, y1 = self._pixels(shape.box)
        # The line lies around the box, so that it does not cover the letters' edges.
        place = x0 - width, y0 - width, x1 + width, y1 + width
        self._draw.rectangle(place, tint, (*color, 255), width)

    def _arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        tail, tip = self._pixel(*start), self._pixel(*end)
        color = (*COLORS["key"], 255)
        self._draw.line((*tail, *tip), fill=color, width=self._unit)
        self._draw.polygon(arrow_head(tail, tip, 5 * self._unit), fill=color)

    def _places(self, home: _Pixels, size: tuple[int, int]) -> Iterator[_Pixels]:
        """Yield where a label may stand: around the box, and ever further from it."""
        wide, high = size
        x0, y0, x1, y1 = home
        for far in range(0, 8 * high, max(high // 2, 1)):
            for x, y in (
                (x0, y0 - high - far),
                (x1 - wide, y0 - high - far),
                (x0, y1 + far),
                (x1 - wide, y1 + far),
                (x1 + far, (y0 + y1 - high) // 2),
                (x0 - wide - far, (y0 + y1 - high) // 2),
            ):
                left = max(0, min(x, self._image.width - 1 - wide))
                top = max(0, min(y, self._image.height - 1 - high))
                yield left, top, left + wide, top + high

    def _covered(self, place: _Pixels) -> int:
        """Return how many pixels of words and other labels a label there would cover."""
        return sum(_overlap(place, other) for other in self._occupied)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        return round(x * (self._image.width - 1)), round(y * (self._image.height - 1))

    def _pixels(self, box: Box) -> _Pixels:
        return (*self._pixel(box.x0, box.y0), *self._pixel(box.x1, box.y1))


def _overlap(one: _Pixels, other: _Pixels) -> int:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0) * max(high, 0)


def _apart(one: _Pixels, other: _Pixels) -> int:
    """Return the distance between two boxes, the larger of across and down; 0 if they touch."""
    across = max(one[0] - other[2], other[0] - one[2], 0)
    down = max(one[1] - other[3], other[1] - one[3], 0)
    return max(across, down)


def _between(one: _Pixels, other: _Pixels) -> _Pixels:
    """Return the line between the points of two boxes that face each other."""
    x, y = (other[0] + other[2]) // 2, (other[1] + other[3]) // 2
    x, y = min(max(x, one[0]), one[2]), min(max(y, one[1]), one[3])
    return x, y, min(max(x, other[0]), other[2]), min(max(y, other[1]), other[3])
