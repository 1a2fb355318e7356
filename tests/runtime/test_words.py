"""Every word's box is compared with the ink of that word on the drawn page.

The page is drawn by PDFium, the text layer is read by Poppler and OCR works on
Poppler's raster, so that no two of them can share a mistake about the page's box.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from pdf_fixtures import (
    PdfPage,
    invoice_page,
    pdf,
    pdf_of_image,
    pdf_with_object_stream,
    source_of,
)
from PIL import Image, ImageDraw

from docx_cli.document import Box, Page, Word
from docx_cli.pdfium import Geometry, open_document
from docx_cli.poppler import TextWord
from docx_cli.reading import ReadOptions, read_pages, render_page
from docx_cli.source import Source
from docx_cli.words import from_text_layer, why_ocr

TURNS = [(0, None), (90, None), (180, None), (270, None), (90, 2.0), (0, 0.5)]


def read_one(source: Source, **options: object) -> Page:
    (content,) = read_pages(source, ReadOptions(**options))  # type: ignore[arg-type]
    return content.page


def ink_of(source: Source, unit: float = 1.0) -> NDArray[np.bool_]:
    """Draw the page at two pixels per user space unit and tell what is dark."""
    return np.asarray(render_page(source, 1, dpi=round(144 / unit)).convert("L")) < 128


def pixels(word: Word, ink: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Return the rows and columns of a word's box, grown by a margin."""
    high, wide = ink.shape
    x0, y0, x1, y1 = word.box.as_tuple()
    rows = slice(max(int(y0 * high) - margin, 0), int(np.ceil(y1 * high)) + margin)
    return rows, slice(max(int(x0 * wide) - margin, 0), int(np.ceil(x1 * wide)) + margin)


def assert_boxes_hold_the_ink(page: Page, ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Check that each box holds its word's ink and hardly more; return the other ink."""
    rest = ink.copy()
    for word in page.words:
        assert ink[pixels(word, ink, 0)].sum() > 20, f"{word} holds no ink"
        near, around = ink[pixels(word, ink, 2)], ink[pixels(word, ink, 8)]
        assert near.sum() == around.sum(), f"ink of {word} leaves its box"
        extents = [
            np.ptp(axis) / size for axis, size in zip(np.nonzero(near), near.shape, strict=True)
        ]
        assert max(extents) > 0.8 and min(extents) > 0.4, f"{word} is larger than its ink"
        rest[pixels(word, ink, 2)] = False
    return rest


def check_invoice(rotate: int, unit: float | None, upright: bool, ocr: str) -> None:
    source = source_of(pdf(invoice_page(rotate, unit, upright)))
    page = read_one(source, ocr=ocr)
    assert sorted(word.text for word in page.words) == ["12.50", "Invoice", "Total"]
    assert page.text_source == ("ocr" if ocr == "always" else "pdf")
    assert page.rotation == rotate
    sides = (300, 220) if rotate % 180 == 0 else (220, 300)
    assert (page.width, page.height) == pytest.approx([(unit or 1) * side for side in sides])

    ink = ink_of(source, unit or 1)
    rest = assert_boxes_hold_the_ink(page, ink)

    # What is left is the rectangle, at the displayed page's top right.
    rows, columns = np.nonzero(rest)
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert found == pytest.approx([2 * sides[0] - 60, 20, 2 * sides[0] - 20, 32], abs=1.5)


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize(("rotate", "unit"), TURNS)
def test_text_layer_boxes_lie_on_the_ink(rotate: int, unit: float | None, upright: bool) -> None:
    check_invoice(rotate, unit, upright, "auto")


@pytest.mark.parametrize(("rotate", "unit"), TURNS)
def test_ocr_boxes_lie_on_the_ink(rotate: int, unit: float | None) -> None:
    check_invoice(rotate, unit, True, "always")


@pytest.mark.parametrize("origin", [(-50, -20), (100, 1000)])
def test_the_media_box_may_start_anywhere(origin: tuple[int, int]) -> None:
    x, y = origin
    page = PdfPage(crop=(x, y, x + 300, y + 220), media=(x, y, x + 300, y + 220))
    source = source_of(pdf(page.text("Corner", 0, 216)))
    assert not assert_boxes_hold_the_ink(read_one(source), ink_of(source)).any()


def test_a_crop_box_larger_than_the_media_box_is_cut_to_it() -> None:
    page = PdfPage(crop=(-100, -100, 900, 900), media=(0, 0, 300, 220))
    page.operators.append("BT /F1 14 Tf 40 100 Td (Inside) Tj ET")
    source = source_of(pdf(page))
    read = read_one(source)
    assert (read.width, read.height) == (300, 220)
    assert not assert_boxes_hold_the_ink(read, ink_of(source)).any()


def test_user_unit_in_an_object_stream() -> None:
    page = read_one(source_of(pdf_with_object_stream(user_unit=2.5)), ocr="never")
    assert (page.width, page.height) == (500, 250)


def test_ocr_sees_small_units_at_full_resolution() -> None:
    page = PdfPage(user_unit=6.0).text("Invoice", 20, 50, 2).text("Total", 20, 80, 2)
    assert read_one(source_of(pdf(page)), ocr="always", dpi=100).text() == "Invoice Total"


def test_ocr_confidence_is_a_probability() -> None:
    words = read_one(source_of(pdf(invoice_page())), ocr="always").words
    assert all(word.confidence is not None and 0.5 < word.confidence <= 1 for word in words)


def test_text_is_cleaned_and_boxes_are_cut_to_the_page() -> None:
    raw = [
        TextWord("ef\ufb01\u00adcient", -10, 10, 50, 20),
        TextWord("\x01\x02", 60, 10, 70, 20),
        TextWord("beyond", 120, 10, 150, 20),
    ]
    assert from_text_layer(raw, Geometry(100, 50, 0)) == (
        Word("efficient", Box(0.0, 0.2, 0.5, 0.4)),
    )


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["Invoice", "12"], None),
        ([], "no_text"),
        (["\ufffd\ufffd", "a"], "unreadable"),
        (["\ue001\ue002\ue003", "abc"], "unreadable"),
        (["\x03\x04", "\x05"], "unreadable"),
        (["\uf0b7", "Invoice", "Total"], None),
    ],
)
def test_soundness_of_characters(texts: list[str], reason: str | None) -> None:
    raw = [TextWord(text, 0, 0, 50, 20) for text in texts]
    with open_document(source_of(pdf(PdfPage()))) as document, document.page(1) as page:
        assert why_ocr(raw, from_text_layer(raw, page.geometry), page) == reason


HIDDEN = "BT /F1 14 Tf 3 Tr 40 100 Td (What the scan says in full) Tj ET"
STAMP = "BT /F1 6 Tf 10 210 Td (Received) Tj ET"
METADATA = "BT /F1 8 Tf 3 Tr 10 20 Td (NAME=N/A TYPE=Short-Form STATUS=Active) Tj ET"


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        ("", "no_text"),
        (STAMP, "misplaced"),
        (METADATA, "misplaced"),
        (HIDDEN, None),
        (HIDDEN + STAMP, None),
    ],
)
def test_a_scan_needs_ocr_unless_it_has_had_it(operators: str, expected: str | None) -> None:
    scan = Image.new("L", (300, 220), 255)
    ImageDraw.Draw(scan).rectangle((40, 110, 200, 119), 0)  # where HIDDEN is
    page = read_one(source_of(pdf_of_image(scan, operators)))
    assert (page.ocr_reason, page.text_source) == (expected, "ocr" if expected else "pdf")


@pytest.mark.parametrize("gray", [255, 0])
def test_text_on_paper_or_on_a_photograph_is_sound(gray: int) -> None:
    background = Image.new("L", (300, 220), gray)
    assert read_one(source_of(pdf_of_image(background, STAMP))).text_source == "pdf"


def test_little_text_without_a_picture_is_sound() -> None:
    page = PdfPage(crop=(0, 0, 300, 220), media=(0, 0, 300, 220), operators=[STAMP])
    assert read_one(source_of(pdf(page))).text_source == "pdf"
