"""A page that is one picture is read from that picture, pixel for pixel."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import numpy as np
import pypdfium2
import pytest
from pdf_fixtures import PdfPage, pdf, source_of
from PIL import Image

from docx_cli import pdfium, poppler
from docx_cli.reading import ReadOptions, read_pages, render_page
from docx_cli.source import Source

WIDE, HIGH = 300, 420
DPI = 150
NOISE = np.random.default_rng(2).integers(0, 256, (HIGH, WIDE), dtype=np.uint8)


def placed(
    picture: np.ndarray,
    dpi: float = DPI,
    turned: int = 0,
    rotate: int = 0,
    crop: Sequence[float] | None = None,
    degrees: float = 0.0,
    copies: int = 1,
) -> Source:
    """Put a picture, turned counter-clockwise, on a page as large, which is turned clockwise."""
    high, wide = (side / dpi * 72 for side in picture.shape)
    sheet = (high, wide) if turned % 180 else (wide, high)
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(*sheet)
    for _ in range(copies):
        image = pypdfium2.PdfImage.new(document)
        image.set_bitmap(pypdfium2.PdfBitmap.from_pil(Image.fromarray(picture)))
        matrix = pypdfium2.PdfMatrix().scale(wide, high).translate(-wide / 2, -high / 2)
        matrix = matrix.rotate(turned + degrees, ccw=True)
        image.set_matrix(matrix.translate(sheet[0] / 2, sheet[1] / 2))
        page.insert_obj(image)
    page.gen_content()
    page.set_rotation(rotate)
    if crop:
        page.set_cropbox(*crop)
    out = io.BytesIO()
    document.save(out)
    return Source("scan.pdf", out.getvalue(), "pdf", hashlib.sha256(out.getvalue()).hexdigest())


def scan(source: Source, least: float = 100, most: float = 200) -> tuple[np.ndarray, float] | None:
    with pdfium.open_document(source) as document, document.page(1) as page:
        taken = page.scan(least, most)
        return taken and (np.asarray(taken[0]), taken[1])


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_picture_is_taken_as_it_is_seen(rotate: int) -> None:
    taken = scan(placed(NOISE, rotate=rotate))
    assert taken is not None
    assert taken[1] == pytest.approx(DPI, abs=0.01)
    seen = np.rot90(NOISE, -rotate // 90).astype(int)
    assert taken[0].shape == seen.shape
    assert np.abs(taken[0] - seen).max() <= 1  # gray is made of three colours


def test_other_pages_are_not_taken() -> None:
    assert scan(placed(NOISE, copies=2)) is None
    assert scan(placed(NOISE, degrees=1.0)) is None
    assert scan(placed(NOISE, turned=180)) is None
    assert scan(placed(NOISE), least=160) is None
    assert scan(placed(NOISE), most=140) is None
    assert scan(placed(NOISE, crop=(20, 20, 120, 150))) is None
    assert scan(source_of(pdf(PdfPage().text("Total", 80, 100)))) is None


def test_words_lie_where_they_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PdfPage(crop=(0, 0, 300, 220), media=(0, 0, 300, 220))
    for number, text in enumerate(("Delivered to Margaret", "Order 4471-B", "Payable 1,284.50")):
        page.text(text, 30, 50 + 60 * number, 14)
    printed = source_of(pdf(page))
    (content,) = read_pages(printed, ReadOptions(ocr="never"))
    drawn = np.asarray(render_page(printed, 1, dpi=200).convert("L"))
    monkeypatch.setattr(poppler, "rasterize", None)  # it is not needed
    (read,) = read_pages(placed(np.rot90(drawn), 200, rotate=90), ReadOptions())
    assert [w.text for w in read.page.words] == [w.text for w in content.page.words]
    for one, other in zip(read.page.words, content.page.words, strict=True):
        # The text layer's boxes are as high as the font, those of OCR as the letters.
        assert one.box.center == pytest.approx(other.box.center, abs=0.02)
        assert (one.box.x0, one.box.x1) == pytest.approx((other.box.x0, other.box.x1), abs=0.01)
