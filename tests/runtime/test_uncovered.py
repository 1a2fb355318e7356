"""Ink that no word covers, or one that cannot be right, is read on its own."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pdf_fixtures import PdfPage, pdf, source_of
from PIL import Image

from docx_cli import pages
from docx_cli.reading import ReadOptions, read_pages, render_page
from docx_cli.tesseract import OcrWord
from docx_cli.uncovered import filled_in

WIDE, HIGH, DPI = 300, 220, 200
ROWS = (("1", "Cotton shirts", "12"), ("2", "Leather belts", "3"), ("3", "Woollen caps", "40"))
COLUMNS = 20, 50, 240
RULES = 40, 230  # between the columns, and the outer ones beside them


def printed(folder: Path, gray: float = 0) -> tuple[Path, list[OcrWord]]:
    """Draw a ruled table; return its picture, and its words row by row."""
    page = PdfPage(crop=(0, 0, WIDE, HIGH), media=(0, 0, WIDE, HIGH))
    for v in (42, 72, 102, 132):
        page.rectangle(14, v, 270, v + 0.8, gray)
    for u in (14, *RULES, 270):
        page.rectangle(u, 42, u + 0.8, 132.8, gray)
    for number, row in enumerate(ROWS):
        for u, text in zip(COLUMNS, row, strict=True):
            page.text(text, u, 62 + 30 * number, 11)
    source = source_of(pdf(page))
    (content,) = read_pages(source, ReadOptions(ocr="never"))
    raster = pages.gray_file(render_page(source, 1, dpi=DPI), folder)
    # The text layer's boxes are as high as the font, those of OCR as the letters.
    boxes = [(w.text, w.box) for w in content.page.words]
    return raster, [
        OcrWord(text, b.x0, b.y0 + 0.2 * (b.y1 - b.y0), b.x1, b.y1 - 0.2 * (b.y1 - b.y0), 0.9)
        for text, b in boxes
    ]


def read(raster: Path, words: Sequence[OcrWord], deadline: float = math.inf) -> list[OcrWord]:
    return filled_in(raster, list(words), "eng", DPI, deadline)


def texts(words: Sequence[OcrWord]) -> list[str]:
    return [word.text for word in words]


def around(words: Sequence[OcrWord], text: str, confidence: float = 0.9) -> OcrWord:
    """Return one word in the place of several."""
    x0, y0 = min(w.x0 for w in words), min(w.y0 for w in words)
    return OcrWord(text, x0, y0, max(w.x1 for w in words), max(w.y1 for w in words), confidence)


def test_what_was_left_out_comes_back_in_its_place(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    found = read(raster, [w for w in words if w.text not in ("1", "3", "40", "Leather", "belts")])
    assert texts(found) == texts(words)
    for one, other in zip(found, words, strict=True):
        assert (one.x0 + one.x1, one.y0 + one.y1) == pytest.approx(
            (other.x0 + other.x1, other.y0 + other.y1), abs=0.03
        )


def test_a_page_that_was_read_whole_stays_as_it_is(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    assert read(raster, words) == words


def test_a_word_read_across_a_rule_is_divided(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    assert texts(words[:2]) == ["1", "Cotton"]
    joined = around(words[:2], "1Cotton", 0.8)
    assert texts(read(raster, [joined, *words[2:]])) == texts(words)
    sure = replace(joined, confidence=0.95)
    assert texts(read(raster, [sure, *words[2:]])) == ["1Cotton", *texts(words[2:])]


def test_a_column_read_on_end_is_read_row_by_row(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    numbers = [w for w in words if w.text in ("1", "2", "3")][:2]
    left = [w for w in words if w not in numbers]
    assert texts(read(raster, [around(numbers, "NF"), *left])) == texts(words)


def test_an_unsure_word_is_replaced_by_what_reads_surely(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    unsure = [replace(w, text="8elfs", confidence=0.3) if w.text == "belts" else w for w in words]
    assert texts(read(raster, unsure)) == texts(words)


def test_an_unsure_word_stays_where_nothing_better_is_read(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    nowhere = OcrWord("faint", 0.1, 0.75, 0.3, 0.8, 0.3)
    assert read(raster, [*words, nowhere]) == [*words, nowhere]


def test_a_rule_read_as_a_letter_is_no_word(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    x = (RULES[0] + 0.4) / WIDE
    rule = OcrWord("|", x - 0.005, 0.25, x + 0.005, 0.3, 0.9)
    assert read(raster, [words[0], rule, *words[1:]]) == words


def test_a_speck_read_as_a_letter_is_no_word(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    with Image.open(raster) as image:
        pixels = np.array(image)
    pixels[490:494, 300:304] = 0
    Image.fromarray(pixels).save(raster)
    rows, columns = pixels.shape
    speck = OcrWord(",", 299 / columns, 489 / rows, 305 / columns, 495 / rows, 0.9)
    assert read(raster, [*words, speck]) == words


def test_dirt_is_no_text(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    rng = np.random.default_rng(5)
    with Image.open(raster) as image:
        pixels = np.array(image)
    rows, columns = pixels.shape
    places = rng.integers((400, 0), (rows - 9, columns - 9), (120, 2))
    for y, x in places.tolist():
        high, wide = rng.integers(1, 9, 2)
        pixels[y : y + high, x : x + wide] = 0
    Image.fromarray(pixels).save(raster)
    assert read(raster, words) == words


def test_pale_rules_are_rules(tmp_path: Path) -> None:
    raster, words = printed(tmp_path, gray=0.6)
    assert texts(read(raster, words[1:])) == texts(words)


def test_nothing_is_read_without_time_or_in_another_script(tmp_path: Path) -> None:
    raster, words = printed(tmp_path)
    assert read(raster, words[1:], deadline=time.monotonic()) == words[1:]
    assert filled_in(raster, words[1:], "jpn", DPI, math.inf) == words[1:]


def test_light_text_on_a_dark_ground_is_read(tmp_path: Path) -> None:
    page = PdfPage(crop=(0, 0, WIDE, HIGH), media=(0, 0, WIDE, HIGH))
    page.rectangle(14, 40, 270, 62)
    page.operators.append("1 g")
    page.text("Earnings", 20, 55, 11).text("Amount", 220, 55, 11)
    page.operators.append("0 g")
    page.text("Overtime", 20, 80, 11).text("369.30", 225, 80, 11)
    raster = pages.gray_file(render_page(source_of(pdf(page)), 1, dpi=DPI), tmp_path)
    x, y = 1 / WIDE, 1 / HIGH
    below = [
        OcrWord("Overtime", 20 * x, 72 * y, 65 * x, 80 * y, 0.9),
        OcrWord("369.30", 225 * x, 72 * y, 259 * x, 80 * y, 0.9),
    ]
    assert texts(read(raster, below)) == ["Earnings", "Amount", "Overtime", "369.30"]
