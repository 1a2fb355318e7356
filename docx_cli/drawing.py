"""What was found on a page, drawn on its picture.

Words are faint outlines, tables grids, each key points at its value with an
arrow, and answers stand in labelled boxes on top.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from docx_cli.document import Box, DocumentResult
from docx_cli.outputs import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

WORD = (150, 170, 200, 110)
KEY = (30, 110, 200, 255)
VALUE = (20, 140, 90, 255)
TABLE = (150, 70, 180, 255)
ANSWERS = ((214, 60, 50, 255), (230, 126, 20, 255), (190, 30, 120, 255), (120, 90, 20, 255))


def draw_page(image: Image.Image, result: DocumentResult, number: int) -> Image.Image:
    """Return a copy of the page's picture with the findings of that page.

    Args:
        image: the page as a person sees it, any size, RGB.
        result: the findings; those on other pages are left out.
        number: the page, counted from 1.
    """
    canvas = _Canvas(image)
    for page in result.pages:
        if page.number == number:
            canvas.outlines((word.box for word in page.words), WORD)
    for table in result.tables or ():
        if table.page == number:
            canvas.outlines((cell.box for cell in table.cells), TABLE)
            canvas.label(table.box, f"table {table.confidence:.0%}", TABLE)
    for pair in result.key_values or ():
        key, value = pair.key.evidence, pair.value.evidence
        if key.page == value.page == number:
            canvas.outlines([key.box], KEY)
            canvas.outlines([value.box], VALUE)
            canvas.arrow(key.box, value.box, KEY)
    for index, answer in enumerate(result.answers or ()):
        if answer.evidence is not None and answer.evidence.page == number:
            color = ANSWERS[index % len(ANSWERS)]
            canvas.outlines([answer.evidence.box], color, width=3)
            canvas.label(answer.evidence.box, f"{answer.name} {answer.confidence:.0%}", color)
    return canvas.flat()


class _Canvas:
    """A transparent sheet over the picture, drawn on in fractions of the page."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image.convert("RGBA")
        self._sheet = Image.new("RGBA", image.size, (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._sheet)
        # Line width and letters grow with the picture: 1 pixel at 72 dpi.
        self._unit = max(1, round(max(image.size) / 842))
        self._font = ImageFont.load_default(size=9 * self._unit)

    def outlines(self, boxes: Iterable[Box], color: tuple[int, ...], width: int = 1) -> None:
        for box in boxes:
            self._draw.rectangle(self._pixels(box), outline=color, width=width * self._unit)

    def label(self, box: Box, text: str, color: tuple[int, ...]) -> None:
        """Write on a filled tag above the box, or inside where there is no room."""
        text = printable(text)
        x0, y0, _, _ = self._pixels(box)
        left, top, right, bottom = self._draw.textbbox((0, 0), text, font=self._font)
        pad = 2 * self._unit
        width, height = right - left + 2 * pad, bottom - top + 2 * pad
        x = max(0, min(x0, self._image.width - width))
        y = max(0, y0 - height)
        self._draw.rectangle((x, y, x + width, y + height), fill=color)
        self._draw.text((x + pad - left, y + pad - top), text, font=self._font, fill="white")

    def arrow(self, start: Box, end: Box, color: tuple[int, ...]) -> None:
        """Draw from the edge of one box to the edge of the other, where they face each other."""
        (x0, y0), (x1, y1) = self._facing(start, end), self._facing(end, start)
        self._draw.line((x0, y0, x1, y1), fill=color, width=self._unit)
        angle, size = math.atan2(y1 - y0, x1 - x0), 5 * self._unit
        wings = [
            (x1 - size * math.cos(angle + side), y1 - size * math.sin(angle + side))
            for side in (-0.4, 0.4)
        ]
        self._draw.polygon([(x1, y1), *wings], fill=color)

    def flat(self) -> Image.Image:
        return Image.alpha_composite(self._image, self._sheet).convert("RGB")

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        width, height = self._image.width - 1, self._image.height - 1
        x0, y0, x1, y1 = box.as_tuple()
        return round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height)

    def _facing(self, box: Box, other: Box) -> tuple[int, int]:
        """Return the point of `box` nearest to the middle of `other`, in pixels."""
        x, y = other.center
        near = Box.clipped(min(max(x, box.x0), box.x1), min(max(y, box.y0), box.y1), box.x1, box.y1)
        return self._pixels(near)[:2]
