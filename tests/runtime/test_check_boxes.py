"""Check boxes on paper, in pictures drawn for the purpose and as characters."""

from __future__ import annotations

import numpy as np
import pytest
import small_pages as pages
from pdf_fixtures import PdfPage, pdf, source_of
from PIL import Image, ImageDraw, ImageFilter

from docx_cli.check_boxes import check_boxes, merged
from docx_cli.document import Box, FormField, KeyValue, Page, Word
from docx_cli.reading import render_page
from docx_cli.squares import Square, find_squares

DPI = 150
SIZE = (600, 800)  # columns, rows


def picture() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", SIZE, 255)
    return image, ImageDraw.Draw(image)


def found(image: Image.Image) -> list[tuple[int, int, bool]]:
    squares = find_squares(np.asarray(image), DPI)
    return [(round(s.box.x0 * SIZE[0]), round(s.box.y0 * SIZE[1]), s.marked) for s in squares]


@pytest.mark.parametrize("side", [14, 20, 34])
@pytest.mark.parametrize("stroke", [1, 2])
@pytest.mark.parametrize("marked", [True, False])
def test_squares_are_found_with_their_state(side: int, stroke: int, marked: bool) -> None:
    image, draw = picture()
    draw.rectangle((100, 200, 100 + side, 200 + side), outline=0, width=stroke)
    if marked:
        draw.line((103, 203, 97 + side, 197 + side), fill=0, width=stroke)
        draw.line((103, 197 + side, 97 + side, 203), fill=0, width=stroke)
    assert found(image) == [(100, 200, marked)]


def test_a_blurred_square_is_one() -> None:
    image, draw = picture()
    draw.rectangle((100, 200, 120, 220), outline=0, width=2)
    assert found(image.filter(ImageFilter.GaussianBlur(0.6))) == [(100, 200, False)]


def test_cells_bullets_letters_and_open_shapes_are_none() -> None:
    image, draw = picture()
    for x in range(100, 200, 20):  # a comb for digits
        draw.rectangle((x, 100, x + 20, 120), outline=0)
    draw.rectangle((100, 200, 116, 216), fill=0)
    draw.ellipse((100, 300, 120, 320), outline=0)
    draw.line((100, 400, 120, 400, 120, 420, 100, 420), fill=0)
    draw.rectangle((100, 500, 400, 520), outline=0)
    draw.rectangle((100, 600, 400, 640), fill=0)  # white letters on a bar
    draw.rectangle((150, 610, 158, 630), fill=255)
    assert found(image) == []


@pytest.mark.parametrize("dpi", [100, 150, 200])
def test_letters_of_every_size_are_none(dpi: int) -> None:
    page = PdfPage()
    for number, size in enumerate((8, 9, 10, 11, 12, 13, 14, 16)):
        page.text("Boston, Date: Description 08 DBOQ RPEG", 20, 20 + 22 * number, size)
    image = render_page(source_of(pdf(page)), 1, dpi=dpi).convert("L")
    assert find_squares(np.asarray(image), dpi) == ()


@pytest.mark.parametrize("degrees", [-1.5, 1.0])
def test_a_square_that_slants_is_one(degrees: float) -> None:
    image, draw = picture()
    draw.rectangle((300, 400, 324, 424), outline=0, width=2)
    assert len(found(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255))) == 1


def read(
    words: tuple[Word, ...], *squares: Square, fields: tuple[FormField, ...] = ()
) -> list[tuple[str, bool | None]]:
    told = check_boxes(Page(1, 500, 500, words=words), squares, fields)
    return [(pair.key.text, pair.checked) for pair in told]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[ ] Yes   [x] No", [("Yes", False), ("No", True)]),
        ("[] Yes   [X] No", [("Yes", False), ("No", True)]),
        ("( ) by mail   (X) by phone", [("by mail", False), ("by phone", True)]),
        ("☐ Yes   ☒ No   ☑ Both", [("Yes", False), ("No", True), ("Both", True)]),
        ("☐Yes   ☒No thanks", [("Yes", False), ("No thanks", True)]),
        ("\uf06f Yes   \uf0fe No", [("Yes", False), ("No", True)]),
        ("Yes ☐   No ☒", [("Yes", False), ("No", True)]),
        ("f(x) [a] (see) x", []),
        ("☐ ☒", []),
    ],
)
def test_marks_that_are_characters(line: str, told: list[tuple[str, bool]]) -> None:
    assert read(pages.lines(line)) == told


BOX = Box(0.02, 0.055, 0.045, 0.08)


def test_squares_take_the_words_beside_them() -> None:
    words = pages.lines("   married      single", "other text")
    second = Box(0.28, 0.055, 0.305, 0.08)
    squares = (Square(BOX, True), Square(second, False))
    assert read(words, *squares) == [("married", True), ("single", False)]
    (first, _) = check_boxes(Page(3, 500, 500, words=words), squares)
    assert (first.value.text, first.value.evidence.box, first.basis) == ("checked", BOX, ("rules",))
    assert first.key.evidence.page == 3


def test_what_ocr_read_in_a_square_is_no_label() -> None:
    words = tuple(Word(w.text, w.box, 0.4) for w in pages.lines("O married"))
    inside = Square(Box(0.01, 0.045, 0.03, 0.085), False)
    assert read(words, inside) == [("married", False)]
    digit = tuple(Word(w.text, w.box, 0.9) for w in pages.lines("7 married"))
    assert read(digit, inside) == []


def test_a_letter_of_the_pdfs_own_text_is_no_box() -> None:
    words = pages.lines("Details of payment")
    letter = Square(Box(0.02, 0.055, 0.045, 0.075), False)
    assert read(words, letter) == []


def test_boxes_of_a_form_are_left_to_it() -> None:
    field = FormField("married", None, "checkbox", "Yes", True, BOX)
    assert read(pages.lines("   married"), Square(BOX, False), fields=(field,)) == []


def test_a_pair_whose_value_is_a_mark_gives_way_to_it() -> None:
    words = pages.lines("[X] married    Name  Ada")
    (mark,) = check_boxes(Page(1, 500, 500, words=words), ())
    taken = KeyValue(mark.key, mark.value, 0.5)
    other = KeyValue(mark.key, mark.key, 0.5)
    assert merged([taken, other], [mark]) == [other, mark]
