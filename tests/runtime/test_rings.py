"""Radio buttons on paper: rings drawn for the purpose, in pages drawn, scanned and read."""

from __future__ import annotations

import io

import numpy as np
import pytest
import small_pages as pages
from pdf_fixtures import PdfPage, pdf, source_of
from PIL import Image, ImageDraw, ImageFilter

from docx_cli.check_boxes import check_boxes
from docx_cli.document import Box, Page, Word
from docx_cli.reading import ReadOptions, read_pages, render_page
from docx_cli.rings import find_rings
from docx_cli.squares import Square, find_squares

DPI = 150
FINE = 4
SIZE = (600, 800)  # columns, rows
SHEET = (0, 0, 400, 300)


def picture(*rings: tuple[int, int, float, str], stroke: float = 1.5) -> Image.Image:
    """Draw rings of middle x and y, width and mark, in gray at their edges as PDF pages are."""
    image = Image.new("L", (SIZE[0] * FINE, SIZE[1] * FINE), 255)
    draw = ImageDraw.Draw(image)
    for x, y, wide, mark in rings:
        draw.ellipse(_around(x, y, wide / 2), outline=0, width=round(stroke * FINE))
        if mark == "dot":
            draw.ellipse(_around(x, y, wide / 4), fill=0)
        if mark == "full":
            draw.ellipse(_around(x, y, wide / 2), fill=0)
        if mark == "cross":
            x0, y0, x1, y1 = _around(x, y, 0.3 * wide)
            draw.line((x0, y0, x1, y1), fill=0, width=round(stroke * FINE))
            draw.line((x0, y1, x1, y0), fill=0, width=round(stroke * FINE))
    return image.resize(SIZE, Image.Resampling.BOX)


def _around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return tuple(FINE * v for v in (x - radius, y - radius, x + radius, y + radius))  # type: ignore[return-value]


def found(image: Image.Image) -> list[tuple[int, int, bool]]:
    """Middles and states of the rings of a picture."""
    rings = find_rings(np.asarray(image), DPI)
    assert all(ring.round for ring in rings)
    middles = [(ring.box.center, ring.marked) for ring in rings]
    return [(round(x * SIZE[0]), round(y * SIZE[1]), marked) for (x, y), marked in middles]


@pytest.mark.parametrize("wide", [14, 20, 34])
@pytest.mark.parametrize("stroke", [1.0, 1.5, 2.5])
@pytest.mark.parametrize("mark", ["dot", "cross", "full"])
def test_rings_are_found_with_their_state(wide: int, stroke: float, mark: str) -> None:
    image = picture((100, 200, wide, ""), (100, 260, wide, mark), stroke=stroke)
    assert found(image) == [(100, 200, False), (100, 260, True)]


def test_blurred_rings_are_some() -> None:
    image = picture((100, 200, 20, ""), (100, 260, 20, "dot"))
    image = image.filter(ImageFilter.GaussianBlur(0.8))
    assert found(image) == [(100, 200, False), (100, 260, True)]


@pytest.mark.parametrize(
    "rings",
    [
        [(100, 200, 20, "")],  # alone
        [(100, 200, 20, ""), (100, 260, 30, "")],  # two kinds
        [(100, 200, 16, "full"), (100, 260, 16, "full"), (100, 320, 16, "dot")],  # bullets
        [(100, 200, 8, ""), (100, 260, 8, "")],  # small
        [(100, 200, 60, ""), (100, 300, 60, "")],  # large
        [(100, 200, 20, ""), (108, 200, 20, ""), (116, 200, 20, "")],  # a chain
    ],
)
def test_what_is_no_radio_button(rings: list[tuple[int, int, float, str]]) -> None:
    assert found(picture(*rings)) == []


def test_squares_ovals_and_open_shapes_are_no_rings() -> None:
    image = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(image)
    for y in (100, 200):
        draw.rectangle((100, y, 120, y + 20), outline=0)
        draw.rounded_rectangle((200, y, 220, y + 20), radius=4, outline=0)
        draw.ellipse((300, y, 314, y + 20), outline=0, width=2)
        draw.arc((400, y, 420, y + 20), 30, 330, fill=0, width=2)
    assert found(image) == []


def test_an_empty_picture_has_no_rings() -> None:
    assert find_rings(np.full((1, 1), 255, np.uint8), 200) == ()
    assert find_rings(np.zeros((50, 40), np.uint8), 72) == ()


RINGS = [Box(0.02, top, 0.045, top + 0.025) for top in (0.055, 0.115, 0.175, 0.235)]


def read(words: tuple[Word, ...], *rings: Square) -> list[tuple[str, bool | None]]:
    pairs = check_boxes(Page(1, 500, 500, words=words), rings)
    return [(pair.key.text, pair.checked) for pair in pairs]


def ocr(words: tuple[Word, ...], *reaching: str) -> tuple[Word, ...]:
    """Words as OCR gives them; `reaching` ones begin at the ring before them."""
    return tuple(
        Word(w.text, Box(0.02, w.box.y0, w.box.x1, w.box.y1) if w.text in reaching else w.box, 0.9)
        for w in words
    )


def test_rings_take_the_words_beside_them() -> None:
    words = pages.lines("   by mail", "   by phone")
    rings = [Square(RINGS[0], True, round=True), Square(RINGS[1], False, round=True)]
    assert read(words, *rings) == [("by mail", True), ("by phone", False)]


@pytest.mark.parametrize(
    ("rows", "marked", "what"),
    [
        (("   by mail", ""), (False, False), "no other has a label"),
        (("   by mail", "   by phone"), (True, True), "all have something in them"),
    ],
)
def test_rings_that_are_none(rows: tuple[str, ...], marked: tuple[bool, bool], what: str) -> None:
    rings = [Square(box, m, round=True) for box, m in zip(RINGS, marked, strict=False)]
    assert read(pages.lines(*rows), *rings) == [], what


def test_small_rings_beside_high_words_are_bullets() -> None:
    small = [Square(Box(0.02, y, 0.031, y + 0.011), False, round=True) for y in (0.06, 0.12)]
    assert read(pages.lines("   first point", "   second point"), *small) == []


def test_a_ring_that_ocr_took_into_a_word_keeps_its_label() -> None:
    rows = ("   Mail", "   OPhone", "   Other", "   Fax")
    words = ocr(pages.lines(*rows), "Mail", "OPhone", "Other", "Fax")
    rings = [Square(box, False, round=True) for box in RINGS]
    told = [("Mail", False), ("Phone", False), ("Other", False), ("Fax", False)]
    assert read(words, *rings) == told
    # The O of "Other" may be the ring itself: far from the other rings it is.
    assert read(words, rings[0], rings[1], replaced(rings[2], 0.5)) == told[:2]


def replaced(ring: Square, down: float) -> Square:
    box = ring.box
    return Square(Box(box.x0, box.y0 + down, box.x1, box.y1 + down), ring.marked, round=True)


def test_a_letter_takes_no_words_from_a_check_box() -> None:
    words = ocr(pages.lines("   Other reasons"))
    letter = Square(Box(0.06, 0.055, 0.08, 0.08), False, round=True)
    assert read(words, Square(RINGS[0], True), letter) == [("Other reasons", True)]


def test_rings_within_words_are_letters() -> None:
    wide = [Box(x, 0.055, x + 0.02, 0.08) for x in (0.12, 0.22)]
    rings = [Square(box, False, round=True) for box in wide]
    title = pages.lines("  GEOMETRY PROGRAM   overview")
    assert read(title, *rings) == []
    assert read(ocr(title), *rings) == []


@pytest.mark.parametrize("dpi", [100, 150, 200])
def test_letters_of_every_size_are_none(dpi: int) -> None:
    page = PdfPage(crop=SHEET, media=SHEET)
    for number, size in enumerate((8, 9, 10, 11, 12, 13, 14, 16)):
        page.text("O NO: 0 o @ Order 6000 BOOK e-mail OOO 8", 20, 20 + 30 * number, size)
    (content,) = read_pages(source_of(pdf(page)), ReadOptions(squares=True))
    image = render_page(source_of(pdf(page)), 1, dpi=dpi).convert("L")
    seen = [*find_squares(np.asarray(image), dpi), *find_rings(np.asarray(image), dpi)]
    assert check_boxes(content.page, seen) == []


def radio_buttons() -> PdfPage:
    """Three options below one another, and three in a line."""
    page = PdfPage(crop=SHEET, media=SHEET)
    page.text("How shall we reach you?", 30, 40)
    for number, option in enumerate(("By letter", "By telephone", "Not at all")):
        page.ring(36, 60 + 24 * number, 9, dot=number == 1)
        page.text(option, 48, 64 + 24 * number, 12)
    page.text("When is it best?", 30, 160)
    for number, option in enumerate(("Morning", "Noon", "Evening")):
        page.ring(36 + 100 * number, 180, 9, dot=number == 2)
        page.text(option, 48 + 100 * number, 184, 12)
    return page


TOLD = {
    "By letter": False,
    "By telephone": True,
    "Not at all": False,
    "Morning": False,
    "Noon": False,
    "Evening": True,
}


def test_radio_buttons_of_a_drawn_page_are_read() -> None:
    (content,) = read_pages(source_of(pdf(radio_buttons())), ReadOptions(squares=True))
    pairs = check_boxes(content.page, content.squares)
    assert {pair.key.text: pair.checked for pair in pairs} == TOLD
    assert {pair.value.text for pair in pairs} == {"checked", "unchecked"}


def test_radio_buttons_of_a_scan_are_read() -> None:
    image = render_page(source_of(pdf(radio_buttons())), 1, dpi=200).convert("L")
    image = image.rotate(0.4, Image.Resampling.BICUBIC, fillcolor=255)
    image = image.filter(ImageFilter.GaussianBlur(0.7))
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(200, 200))
    (content,) = read_pages(source_of(out.getvalue(), kind="png"), ReadOptions(squares=True))
    pairs = check_boxes(content.upright, content.squares)
    assert {pair.key.text: pair.checked for pair in pairs} == TOLD
