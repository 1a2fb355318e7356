"""Tesseract in this process reads what its program reads, and says what it cannot."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from cli_support import docx
from pdf_fixtures import PdfPage, pdf, source_of
from PIL import Image

from docx_cli import ocr_cache, pages, tesseract
from docx_cli.errors import MissingDependencyError, TimeLimitError, UsageError
from docx_cli.reading import render_page

LINES = ("Delivered to Margaret Holloway", "Order 4471-B of 23 March", "Payable 1,284.50")


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    page = PdfPage(crop=(0, 0, 300, 220), media=(0, 0, 300, 220))
    for number, line in enumerate(LINES):
        page.text(line, 30, 50 + 60 * number, 12)
    return pages.gray_file(render_page(source_of(pdf(page)), 1, dpi=200), tmp_path)


def test_it_reads_what_the_program_reads(raster: Path) -> None:
    outside = tesseract.read(raster, "eng", 200, 60)
    with tesseract.using("tesserocr"):
        here = tesseract.read(raster, "eng", 200, 60)
    assert [w.text for w in here] == [w.text for w in outside] == " ".join(LINES).split()
    for one, other in zip(here, outside, strict=True):
        corners = other.x0, other.y0, other.x1, other.y1
        assert (one.x0, one.y0, one.x1, one.y1) == pytest.approx(corners, abs=0.005)
        assert one.confidence > 0.8


def test_what_it_read_is_kept_apart(raster: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    with ocr_cache.using(str(cache)):
        tesseract.read(raster, "eng", 200, 60)
        with tesseract.using("tesserocr"):
            first = tesseract.read(raster, "eng", 200, 60)
            assert tesseract.read(raster, "eng", 200, 60) == first
    assert ocr_cache.info(cache).pages == 2


def test_it_ends_at_the_time_limit(raster: Path) -> None:
    with tesseract.using("tesserocr"):
        assert tesseract.read(raster, "eng", 200, 60)
        with pytest.raises(TimeLimitError, match="Tesseract took longer"):
            tesseract.read(raster, "eng", 200, 0.001)
        assert tesseract.read(raster, "eng", 200, 60)


def test_languages_that_are_not_there(raster: Path) -> None:
    with tesseract.using("tesserocr"):
        with pytest.raises(MissingDependencyError, match="xyz is not installed"):
            tesseract.read(raster, "eng+xyz", 200, 60)
        with pytest.raises(UsageError):
            tesseract.read(raster, "../eng", 200, 60)


def test_without_the_package(raster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    with tesseract.using("tesserocr"), pytest.raises(MissingDependencyError, match="tesserocr"):
        tesseract.read(raster, "eng", 200, 60)


def test_the_option_chooses_it(raster: Path) -> None:
    with Image.open(raster) as image:
        image.save(raster.with_suffix(".png"), dpi=(200, 200))
    done = docx("ocr", raster.with_suffix(".png"), "--ocr-engine", "tesserocr")
    [page] = json.loads(done.stdout)["pages"]
    assert done.returncode == 0
    assert [word["text"] for word in page["words"]] == " ".join(LINES).split()
