"""Inputs: their kind by content, and the error each bad one gives."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from pdf_fixtures import image_bytes, invoice_page, pdf
from PIL import Image

from docx_cli import page_ranges
from docx_cli.errors import FileAccessError, UnsupportedInputError, UsageError
from docx_cli.source import load

DOT = Image.new("L", (2, 2))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf(invoice_page()), "pdf"),
        (b"\xef\xbb\xbf junk\n" + pdf(invoice_page()), "pdf"),
        (image_bytes(DOT, "PNG"), "png"),
        (image_bytes(DOT, "JPEG"), "jpeg"),
        (image_bytes(DOT, "TIFF"), "tiff"),
        (image_bytes(DOT, "TIFF", big_tiff=True), "tiff"),
        (image_bytes(DOT, "WEBP"), "webp"),
        (image_bytes(DOT, "GIF"), "gif"),
        (b"\0\0\0\x1cftypheic", "heic"),
    ],
)
def test_kind_comes_from_the_content(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "misnamed.txt"
    path.write_bytes(data)
    source = load(path)
    assert source.kind == kind
    assert source.name == str(path)
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def test_stdin() -> None:
    data = pdf(invoice_page())
    source = load("-", io.BytesIO(data))
    assert (source.name, source.data, source.kind) == ("-", data, "pdf")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"Dear Sir,\n", "plain text"),
        (b"PK\x03\x04word/document.xml", "office document"),
        (b"\0\0\0\x1cftypavif", "AVIF"),
        (b"\0\0\0\x18ftypmp42", "a film"),
        (b"RIFF\0\0\0\0WAVE", "unknown kind"),
        (b"\x00\x01\x02", "unknown kind"),
        (b" " * 1024 + b"%PDF-1.4", "plain text"),
    ],
)
def test_other_content_is_unsupported(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(data)
    with pytest.raises(UnsupportedInputError, match=said) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.pdf", "a\0b"])
def test_unreadable_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileAccessError, match="cannot be read"):
        load(f"{tmp_path}/{name}")


def test_a_folder_has_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInputError, match=r"folder with no file.*--recursive"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        (None, [1, 2, 3, 4, 5, 6, 7, 8]),
        ("1-3,7,-1", [1, 2, 3, 7, 8]),
        ("6-", [6, 7, 8]),
        ("-3--2, 2", [2, 6, 7]),
        ("-2-", [7, 8]),
        ("7--1", [7, 8]),
        ("2,2,1", [1, 2]),
    ],
)
def test_page_ranges(text: str | None, pages: list[int]) -> None:
    assert page_ranges.parse(text, 8) == pages


@pytest.mark.parametrize("text", ["", "1,", "a", "0", "9", "-9", "3-1", "1-9", "1:2", "9" * 5000])
def test_bad_page_ranges(text: str) -> None:
    with pytest.raises(UsageError):
        page_ranges.parse(text, 8)
