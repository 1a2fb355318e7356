"""Pages that lie on their side or head, or not quite level, are read as the upright page is.

Where a word must stand on the turned page is worked out here from its corners on the upright one.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from pdf_fixtures import PdfPage, image_bytes, pdf, source_of
from PIL import Image

from docx_cli import leveling
from docx_cli.document import Answer, Box, Cell, Evidence, Page, Table, Word
from docx_cli.reading import PageContent, ReadOptions, read_pages, render_page
from docx_cli.tilt import Tilt, undone

LINES = (
    "Delivered to Margaret Holloway",
    "17 Ferndale Crescent, Aberdeen",
    "Order 4471 of 23 March 2019",
    "Payment within thirty days",
    "Amount payable 1284.50",
)
SIZE = 300, 220
DPI = 150


@pytest.fixture(scope="module")
def upright() -> tuple[Image.Image, dict[str, Box]]:
    """Return a page's picture, and its words' boxes from the text layer."""
    page = PdfPage(crop=(0, 0, *SIZE), media=(0, 0, *SIZE))
    for number, line in enumerate(LINES):
        page.text(line, 30, 50 + 32 * number, 13)
    source = source_of(pdf(page))
    (content,) = read_pages(source, ReadOptions(ocr="never"))
    picture = render_page(source, 1, dpi=DPI).convert("L")
    return picture, {word.text: word.box for word in content.page.words}


def turn(picture: Image.Image, degrees: float) -> Image.Image:
    """Turn a picture clockwise on a sheet that holds it."""
    return picture.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def turned_box(box: Box, old: tuple[int, int], new: tuple[int, int], degrees: float) -> Box:
    """Return the box around a box that is turned clockwise with its picture."""
    angle = math.radians(degrees)
    xs, ys = [], []
    for x in (box.x0, box.x1):
        for y in (box.y0, box.y1):
            across, down = (x - 0.5) * old[0], (y - 0.5) * old[1]
            xs.append((across * math.cos(angle) - down * math.sin(angle)) / new[0] + 0.5)
            ys.append((across * math.sin(angle) + down * math.cos(angle)) / new[1] + 0.5)
    return Box.clipped(min(xs), min(ys), max(xs), max(ys))


def read(picture: Image.Image, **options: object) -> PageContent:
    data = image_bytes(picture, dpi=(DPI, DPI))
    (content,) = read_pages(source_of(data, "png"), ReadOptions(**options))  # type: ignore[arg-type]
    return content


@pytest.mark.parametrize(
    ("degrees", "turned", "skew"),
    [
        (0, 0, 0),
        (90, 270, 0),
        (180, 180, 0),
        (270, 90, 0),
        (1, 0, 1),
        (3, 0, 3),
        (-3, 0, -3),
        (87, 270, -3),
    ],
)
def test_words_of_a_turned_page_stand_where_they_are(
    upright: tuple[Image.Image, dict[str, Box]], degrees: float, turned: int, skew: float
) -> None:
    picture, boxes = upright
    given = turn(picture, degrees)
    content = read(given, picture_size=(40, 40))
    page = content.page
    assert page.turned == turned
    assert page.skew == pytest.approx(skew, abs=0.3)
    assert page.text().split() == " ".join(LINES).split()
    for word in page.words:
        expected = turned_box(boxes[word.text], picture.size, given.size, degrees)
        # The text layer's boxes are as high as the font, those of OCR as its letters.
        assert word.box.center == pytest.approx(expected.center, abs=0.02), word
        assert word.box.x1 - word.box.x0 == pytest.approx(expected.x1 - expected.x0, abs=0.05)
        assert word.box.y1 - word.box.y0 == pytest.approx(expected.y1 - expected.y0, abs=0.05)
    assert (page.width, page.height) == pytest.approx(
        [side * 72 / DPI for side in given.size], abs=0.1
    )

    # The model is shown the upright page: wide lines, in rows.
    tops = [word.box.y0 for word in content.upright.words if word.text in LINES[0].split()]
    assert max(tops) - min(tops) < 0.03
    assert content.picture is not None
    ink = 255 - content.picture.astype(float)
    assert ink.sum(axis=1).std() > ink.sum(axis=0).std()


def test_a_turned_pdf_page(upright: tuple[Image.Image, dict[str, Box]], tmp_path: Path) -> None:
    picture, boxes = upright
    turn(picture, 180).save(tmp_path / "scan.pdf", resolution=DPI)
    source = source_of((tmp_path / "scan.pdf").read_bytes())
    (content,) = read_pages(source, ReadOptions())
    assert (content.page.turned, content.page.ocr_reason) == (180, "no_text")
    (word,) = [w for w in content.page.words if w.text == "Holloway"]
    x, y = boxes["Holloway"].center
    assert word.box.center == pytest.approx((1 - x, 1 - y), abs=0.02)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0.0, 4.0, -7.5])
def test_the_way_back_leads_back(turned: int, skew: float) -> None:
    tilt = Tilt(turned, skew, 300, 220)
    point = Box(0.3, 0.4, 0.3, 0.4)
    assert tilt.back(tilt.upright(point)).as_tuple() == pytest.approx(point.as_tuple())
    box = Box(0.3, 0.4, 0.5, 0.45)
    assert tilt.leveled(tilt.back(box)).as_tuple() == pytest.approx(box.as_tuple())
    around = tilt.back(tilt.upright(box))
    assert around.x0 <= box.x0 + 1e-9 and around.x1 >= box.x1 - 1e-9
    assert around.y0 <= box.y0 + 1e-9 and around.y1 >= box.y1 - 1e-9


def test_pixels_move_as_boxes_do() -> None:
    pixels = np.full((220, 300), 255, np.uint8)
    pixels[60:70, 200:230] = 0
    box = Box(200 / 300, 60 / 220, 230 / 300, 70 / 220)
    for tilt in (Tilt(0, 5.0, 300, 220), Tilt(90, 0.0, 300, 220), Tilt(270, -9.0, 300, 220)):
        moved = np.asarray(tilt.straightened(Image.fromarray(pixels)))
        rows, columns = np.nonzero(moved < 128)
        high, wide = moved.shape
        assert (wide, high) == pytest.approx(tilt.size, abs=1)
        x0, y0, x1, y1 = tilt.upright(box).as_tuple()
        assert [columns.min(), columns.max() + 1] == pytest.approx([x0 * wide, x1 * wide], abs=2)
        assert [rows.min(), rows.max() + 1] == pytest.approx([y0 * high, y1 * high], abs=2)


def test_what_was_found_goes_back_with_its_page() -> None:
    box, back = Box(0.1, 0.2, 0.3, 0.4), Box(0.6, 0.1, 0.8, 0.3)
    word = Word("12.50", box)
    answer = Answer("Total?", "total", "12.50", True, 0.9, "pointer", Evidence(2, box, (word,)))
    cell = Cell(0, 0, 1, 1, "body", "12.50", box, 0.9, 2)
    table = Table(2, box, (cell,), 0.9, turned=90)
    tilts = {2: Tilt.of(Page(2, 200, 100, turned=90))}
    assert tilts[2].upright(back).as_tuple() == pytest.approx((0.7, 0.6, 0.9, 0.8))
    back = tilts[2].back(box)
    moved, moved_table = undone((answer, table), tilts)
    assert moved.evidence == Evidence(2, back, (Word("12.50", back),))
    assert (moved_table.box, moved_table.cells[0].box) == (back, back)
    assert moved_table.turned == 180
    assert undone((answer, table), {1: tilts[2]}) == (answer, table)


def test_paper_without_letters_is_blank_and_no_ocr_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    shade = np.linspace(250, 200, 600)[None, :]
    grainy = np.clip(shade + rng.normal(0, 6, (800, 600)), 0, 255)
    for _ in range(40):  # dust
        y, x = rng.integers(0, 795), rng.integers(0, 595)
        grainy[y : y + 2, x : x + 2] = 60
    paper = Image.fromarray(grainy.astype(np.uint8))
    monkeypatch.setenv("PATH", str(tmp_path))  # no Tesseract
    content = read(paper, picture_size=(8, 8))
    assert content.page.blank and content.page.status == "ok"
    assert (content.page.text_source, content.page.words) == ("none", ())
    assert content.picture is not None


def test_a_page_with_a_number_alone_is_not_blank() -> None:
    page = PdfPage(crop=(0, 0, *SIZE), media=(0, 0, *SIZE)).text("7", 150, 200, 10)
    picture = render_page(source_of(pdf(page)), 1, dpi=DPI).convert("L")
    assert not leveling.lie_of(picture, DPI).blank
