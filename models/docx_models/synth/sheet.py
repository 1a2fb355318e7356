"""Contact sheets: pages side by side with their gold answers boxed, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from docx_models.synth import records
from docx_models.synth.content import Content

LABELS = {"key": "#1f77b4", "value": "#2ca02c", "header": "#9467bd", "other": "#dddddd"}


def contact_sheet(
    pages: Sequence[dict[str, Any]],
    out_png: Path,
    columns: int = 4,
    width: int = 620,
    content: Content | None = None,
) -> None:
    """Draw records as pages, `width` pixels wide each, `columns` to a row.

    Keys are underlined blue, values green, headers violet; red boxes are the
    gold words of the questions, with the field's name beside them. `content`
    is what pages of published texts were filled from.
    """
    tiles = [_tile(page, width, content) for page in pages]
    rows = [tiles[i : i + columns] for i in range(0, len(tiles), columns)]
    heights = [max(tile.height for tile in row) for row in rows]
    sheet = Image.new("RGB", (columns * (width + 8), sum(heights) + 8 * len(rows)), "#888888")
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, tile in enumerate(row):
            sheet.paste(tile, (column * (width + 8), top))
        top += height + 8
    sheet.save(out_png)


def _tile(page: dict[str, Any], width: int, content: Content | None) -> Image.Image:
    family, _, seed = page["id"].rpartition("-")
    image = _raster(records.sample_pdf(family, int(seed), content), width)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(10)

    def box(word: int, start: int = 0, end: int | None = None) -> tuple[float, float, float, float]:
        text, x0, y0, x1, y1 = page["words"][word]
        step = (x1 - x0) / max(len(text), 1)
        right = x1 if end is None else x0 + end * step
        return ((x0 + start * step) * width, y0 * image.height, right * width, y1 * image.height)

    for segment in page["segments"]:
        for word in segment["words"]:
            x0, _, x1, y1 = box(word)
            draw.line((x0, y1, x1, y1), fill=LABELS[segment["label"]], width=2)
    for question in page["questions"]:
        for pieces in question.get("occurrences") or [question["pieces"]]:
            for number, piece in enumerate(pieces):
                x0, y0, x1, y1 = box(*piece)
                draw.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline="#d62728")
                if number == 0:
                    draw.text((x0, y0 - 10), question["field"], fill="#d62728", font=font)
    return image


def _raster(pdf: bytes, width: int) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        image = page.render(scale=width / page.get_width()).to_pil().convert("RGB")
        page.close()
    image = image.crop((0, 0, width, image.height))
    assert isinstance(image, Image.Image)
    return image
