"""Pages that are read badly are read again; the readings are made one by vote."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pdf_fixtures import PdfPage, pdf, source_of
from PIL import Image

from docx_cli import ocr, pages, tesseract
from docx_cli.document import Box, Word
from docx_cli.errors import TimeLimitError
from docx_cli.reading import ReadOptions, read_pages, render_page
from docx_cli.scanned import Laid, read_scan
from docx_cli.source import load
from docx_cli.tesseract import OcrWord

LINES = (
    "Delivered to Margaret Holloway",
    "17 Ferndale Crescent, Aberdeen",
    "Order 4471-B of 23 March 2019",
    "Amount payable 1,284.50",
)


def word(text: str, x: float, confidence: float, y: float = 0.1, tall: float = 0.02) -> OcrWord:
    """A word at a place; every character is as wide as the next."""
    return OcrWord(text, x, y, x + 0.02 * len(text), y + tall, confidence)


def texts(words: Sequence[OcrWord]) -> list[str]:
    return [each.text for each in words]


def test_the_surer_of_two_readings_stands() -> None:
    first = [word("Tota1", 0.1, 0.6), word("12.50", 0.5, 0.9)]
    second = [word("Total", 0.1, 0.8), word("l2.5O", 0.5, 0.4)]
    assert ocr.vote([first, second]) == [second[0], first[1]]


def test_two_that_agree_outvote_a_surer_one() -> None:
    readings = [[word("8ill", 0.1, 0.9)], [word("Bill", 0.1, 0.6)], [word("Bill", 0.1, 0.5)]]
    assert ocr.vote(readings) == readings[1]


def test_words_joined_in_one_reading_are_one_place() -> None:
    apart = [word("Grand", 0.1, 0.9), word("total", 0.22, 0.9)]
    joined = [word("Grandtotal", 0.1, 0.5)]
    assert ocr.vote([joined, apart]) == apart
    assert ocr.vote([apart, joined]) == apart


def test_what_one_reading_alone_saw_must_be_sure() -> None:
    first = [word("Invoice", 0.1, 0.3)]
    second = [word("Invoice", 0.1, 0.3), word("due", 0.4, 0.6), word("cxe", 0.6, 0.4)]
    assert texts(ocr.vote([first, second])) == ["Invoice", "due"]


def test_specks_must_be_surer_than_words() -> None:
    first = [word("'", 0.1, 0.2), word("Net", 0.3, 0.2)]
    second = [word("|", 0.1, 0.4), word("Net", 0.3, 0.2), word("~", 0.6, 0.7), word("5", 0.7, 0.9)]
    assert texts(ocr.vote([first, second])) == ["Net", "5"]


def test_what_was_missed_comes_where_it_was_read() -> None:
    first = [word("Date", 0.1, 0.9), word("Total", 0.1, 0.9, y=0.3)]
    second = [word("Date", 0.1, 0.8), word("May", 0.5, 0.8), word("Total", 0.1, 0.8, y=0.3)]
    assert texts(ocr.vote([first, second])) == ["Date", "May", "Total"]
    assert texts(ocr.vote([[], second])) == ["Date", "May", "Total"]


def test_a_frame_taken_for_a_letter_swallows_nothing() -> None:
    first = [word("Net", 0.1, 0.6), word("Tax", 0.1, 0.6, y=0.14)]
    frame = OcrWord("[", 0.0, 0.0, 0.5, 0.5, 0.95)
    assert set(first) < set(ocr.vote([first, [frame, *first]]))


def test_no_words_at_all() -> None:
    assert ocr.vote([[], []]) == []
    assert ocr.mean_confidence([]) == 0


def noisy_page(folder: Path) -> tuple[Path, dict[str, Box]]:
    """Draw text coarsely, blurred by the scaling and with noise; return its words' boxes."""
    page = PdfPage(crop=(0, 0, 300, 220), media=(0, 0, 300, 220))
    for number, line in enumerate(LINES):
        page.text(line, 20, 40 + 40 * number, 11)
    source = source_of(pdf(page))
    (content,) = read_pages(source, ReadOptions(ocr="never"))
    drawn = np.asarray(render_page(source, 1, dpi=75).convert("L"), dtype=float)
    noise = np.random.default_rng(3).normal(0, 4, drawn.shape)
    noisy = Image.fromarray(np.clip(60 + 0.6 * drawn + noise, 0, 255).astype(np.uint8))
    return pages.gray_file(noisy, folder), {w.text: w.box for w in content.page.words}


def read(raster: Path, timeout: float, dpi: float | None = None) -> list[OcrWord]:
    return list(read_scan(Laid.of(raster, dpi), "eng", timeout).words)


def found(words: Sequence[OcrWord], boxes: dict[str, Box]) -> list[Word]:
    return [Word(w.text, Box.clipped(w.x0, w.y0, w.x1, w.y1)) for w in words if w.text in boxes]


def test_a_poor_page_gains_and_its_boxes_stay_in_place(tmp_path: Path) -> None:
    raster, boxes = noisy_page(tmp_path)
    once = tesseract.read(raster, "eng", None, 60)
    words = read(raster, 60)
    assert len(found(words, boxes)) > len(found(once, boxes))
    for each in found(words, boxes):
        middle = boxes[each.text].center
        assert each.box.center == pytest.approx(middle, abs=0.012), each
    assert list(tmp_path.iterdir()) == [raster]


def test_a_poor_page_is_read_once_if_that_is_wanted(tmp_path: Path) -> None:
    raster, _ = noisy_page(tmp_path)
    reading = tesseract.read(raster, "eng", None, 60)
    Image.open(raster).save(picture := tmp_path / "noisy.png")
    efforts = ReadOptions(ocr_effort="once"), ReadOptions()
    once, full = (next(read_pages(load(picture), options)).page.words for options in efforts)
    assert [word.text for word in once] == texts(reading) != [word.text for word in full]


def test_a_page_that_reads_well_is_read_once(tmp_path: Path) -> None:
    page = PdfPage(crop=(0, 0, 300, 220), media=(0, 0, 300, 220)).text(LINES[0], 20, 60, 12)
    raster = pages.gray_file(render_page(source_of(pdf(page)), 1, dpi=200), tmp_path)
    assert read(raster, 60, 200) == tesseract.read(raster, "eng", 200, 60)


def test_a_language_the_recogniser_does_not_know_is_read_by_vote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raster, boxes = noisy_page(tmp_path)
    with_it = read(raster, 60)
    monkeypatch.setattr(ocr, "models_for", lambda language: None)
    voted = read(raster, 60)
    once = tesseract.read(raster, "eng", None, 60)
    assert len(found(voted, boxes)) > len(found(once, boxes))
    assert [w.confidence for w in voted] != [w.confidence for w in with_it]


def test_the_first_reading_stands_where_time_runs_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "models_for", lambda language: None)
    raster, _ = noisy_page(tmp_path)
    once = tesseract.read(raster, "eng", None, 60)
    real = shutil.which("tesseract")
    slow = tmp_path / "tesseract"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *"psm 6"*) exec sleep 60;; esac\nexec {real} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert read(raster, 10) == once
    with pytest.raises(TimeLimitError):
        read(raster, 0.01)
