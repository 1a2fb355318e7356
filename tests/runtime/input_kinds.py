"""Every kind of input there is, and docs/input-kinds.md: what becomes of each.

``python tests/runtime/input_kinds.py docs/input-kinds.md`` makes the files, asks each for its
total and writes the page.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents import A4, PASSWORD, invisible, letter
from form_fixtures import form
from guide_files import askew, fax, invoice, picture, turned_photo
from pdf_fixtures import PdfPage, image_bytes, pdf, source_of
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from docx_cli.cli.extract import attempt, extraction
from docx_cli.cli.options import Reading
from docx_cli.document import DocumentResult, Page, Question
from docx_cli.reading import render_page

QUESTION = Question("What is the total?")

HEAD = """# Every kind of input

What becomes of each kind of file that people have, asked for "{question}". The files are made
by `tests/runtime/input_kinds.py`, which asks them and writes this page (`make docs`). On all that
show an invoice its total is $118.80; the letter and the form have none.
"""
COLUMNS = ("input", "pages", "words from", "total", "exit code", "what docx says")

# Maps every letter to one of the private use area, as broken writers of PDF do.
_BROKEN_MAP = b"""begincmap 1 begincodespacerange <00> <FF> endcodespacerange
1 beginbfrange <20> <7E> <E020> endbfrange endcmap"""


@dataclass(frozen=True)
class Kind:
    """A file of a kind, and how it is asked."""

    what: str
    name: str
    data: bytes
    password: str | None = None


def kinds() -> list[Kind]:
    """Return a file of every kind, PDFs first, what is not read last."""
    return [*_pdfs(), *_pictures(), *_others()]


def _pdfs() -> Iterator[Kind]:
    plain = pdf(invoice())
    locked = pdf(invoice(), password=PASSWORD)
    yield Kind("PDF with text", "invoice.pdf", plain)
    yield Kind("PDF, a scan", "scan.pdf", scanned())
    yield Kind("PDF, a scan with a layer of OCR", "layer.pdf", scanned(layer=invoice()))
    stamp = PdfPage(crop=A4, media=A4).text("Received 4711", 60, 800, 8)
    yield Kind("PDF, a scan with a stamp as its only text", "stamp.pdf", scanned(layer=stamp))
    yield Kind("PDF whose text is garbled", "garbled.pdf", garbled(plain))
    yield Kind("PDF with a page turned by /Rotate", "turned.pdf", pdf(invoice(rotate=90)))
    yield Kind("PDF with a page that lies on its side", "lying.pdf", lying(plain))
    yield Kind("PDF with a blank page before", "blank-first.pdf", pdf(PdfPage(), invoice()))
    yield Kind("PDF, blank", "blank.pdf", pdf(PdfPage()))
    yield Kind("PDF form", "form.pdf", form())
    yield Kind("PDF of a letter", "letter.pdf", pdf(letter()))
    yield Kind("PDF, encrypted", "locked.pdf", locked)
    yield Kind("the same, with its password", "locked.pdf", locked, PASSWORD)
    yield Kind("the same, with another one", "locked.pdf", locked, "wrong")
    yield Kind("PDF with a page that cannot be read", "partial.pdf", pdf(invoice(), invisible()))
    yield Kind("PDF with no page that can be read", "unread.pdf", pdf(invisible()))
    yield Kind("PDF, cut off", "cut.pdf", plain[:200])
    yield Kind("PDF behind other bytes", "mail.pdf", b"From: scanner\r\n\r\n" + plain)


def _pictures() -> Iterator[Kind]:
    scan = picture(invoice())
    yield Kind("PNG", "scan.png", image_bytes(scan, dpi=(150, 150)))
    yield Kind("PNG with an alpha channel", "alpha.png", image_bytes(scan.convert("RGBA")))
    yield Kind("PNG with a PDF's name", "scan.pdf", image_bytes(scan))
    yield Kind("JPEG", "scan.jpg", image_bytes(scan, "JPEG", quality=90))
    cmyk = scan.convert("RGB").convert("CMYK")
    yield Kind("JPEG in CMYK", "print.jpg", image_bytes(cmyk, "JPEG", quality=90))
    yield Kind("JPEG, turned by EXIF", "photo.jpg", turned_photo(scan))
    yield Kind("PNG, upside down", "upside-down.png", image_bytes(scan.rotate(180)))
    yield Kind("PNG that lies on its side", "lying.png", image_bytes(scan.rotate(90, expand=True)))
    yield Kind("PNG, skewed by 3 degrees", "skewed.png", image_bytes(askew(scan)))
    yield Kind("TIFF with two pages", "fax.tif", fax(picture(letter()), scan))
    bilevel = image_bytes(scan.convert("1"), "TIFF", compression="group4", dpi=(150, 150))
    yield Kind("TIFF of a fax, black and white", "group4.tif", bilevel)
    yield Kind("WebP", "scan.webp", image_bytes(scan, "WEBP", quality=90))
    yield Kind("GIF", "scan.gif", image_bytes(scan, "GIF"))
    yield Kind("HEIC", "photo.heic", _heic(scan))
    yield Kind("PNG, blank", "blank.png", image_bytes(Image.new("L", (600, 800), 255)))
    yield Kind("PNG, cut off", "cut.png", image_bytes(scan)[:2000])


def _others() -> Iterator[Kind]:
    yield Kind("ZIP or office document", "letter.docx", b"PK\x03\x04" + bytes(60))
    yield Kind("old office document", "letter.doc", b"\xd0\xcf\x11\xe0" + bytes(60))
    yield Kind("PostScript", "letter.ps", b"%!PS-Adobe-3.0\n")
    yield Kind("JPEG 2000", "scan.jp2", b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(40))
    yield Kind("AVIF", "photo.avif", b"\x00\x00\x00\x1cftypavif" + bytes(40))
    yield Kind("plain text", "notes.txt", b"Paid by transfer.\n")
    yield Kind("unknown bytes", "core.bin", bytes(range(64)))
    yield Kind("an empty file", "empty.pdf", b"")


def scanned(layer: PdfPage | None = None) -> bytes:
    """Return a PDF with the picture of an invoice, and text behind it that is not painted."""
    image = render_page(source_of(pdf(invoice())), 1, dpi=150).convert("L")
    writer = PdfWriter(clone_from=io.BytesIO(image_bytes(image, "PDF", resolution=150)))
    if layer is not None:
        layer.operators.insert(0, "3 Tr")  # text rendering mode: invisible (PDF 1.7, 9.3.6)
        writer.pages[0].merge_page(PdfReader(io.BytesIO(pdf(layer))).pages[0])
    return _written(writer)


def garbled(plain: bytes) -> bytes:
    """Return a PDF whose letters look right and mean nothing."""
    writer = PdfWriter(clone_from=io.BytesIO(plain))
    font: Any = writer.pages[0]["/Resources"]["/Font"]["/F1"]  # type: ignore[index]
    stream = DecodedStreamObject()
    stream.set_data(_BROKEN_MAP)
    font[NameObject("/ToUnicode")] = writer._add_object(stream)
    return _written(writer)


def lying(plain: bytes) -> bytes:
    """Return a PDF with a page that is shown on its side."""
    writer = PdfWriter(clone_from=io.BytesIO(plain))
    writer.pages[0].rotate(90)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _heic(image: Image.Image) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return image_bytes(image, "HEIF", quality=90)


def row(kind: Kind, result: DocumentResult) -> tuple[str, ...]:
    """Return a row of the table: what was asked, and what came of it."""
    found = dict.fromkeys(words_from(page) for page in result.pages if page.text_source != "none")
    total = next((a.text or "not found" for a in result.answers or ()), "-")
    said = [f"page {page.number}: {note}" for page in result.pages for note in notes(page)]
    code = 0
    if result.error is not None:
        code, said = result.error.exit_code, [result.error.message]
    pages = str(len(result.pages) or "-")
    return (kind.what, pages, ", ".join(found) or "-", total, str(code), "; ".join(said))


def words_from(page: Page) -> str:
    """Say where a page's words come from, and why not from the PDF."""
    if page.text_source == "pdf":
        return "the PDF"
    return f"OCR ({(page.ocr_reason or '').replace('_', ' ')})"


def notes(page: Page) -> Iterator[str]:
    """Say what the record says of a page."""
    if page.error:
        yield page.error
    if page.blank:
        yield "blank"
    if page.turned:
        yield f"turned by {page.turned} degrees"
    if abs(page.skew) >= 0.5:
        yield f"skew of {page.skew:.0f} degrees"


def table(rows: list[tuple[str, ...]]) -> str:
    """Return the page as Markdown."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *rows]
    return (
        HEAD.format(question=QUESTION.text)
        + "\n"
        + "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in lines)
    )


def measured(folder: Path) -> list[tuple[str, ...]]:
    """Write a file of each kind to the folder, ask it, and return the rows of the table."""
    work = {
        password: extraction(Reading(password=password), None, None, questions=[QUESTION])
        for password in {kind.password for kind in kinds()}
    }
    rows = []
    for kind in kinds():
        path = folder / kind.name
        path.write_bytes(kind.data)
        rows.append(row(kind, attempt(str(path), work[kind.password], allow_network=False)))
    return rows


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        Path(sys.argv[1]).write_text(table(measured(Path(name))), encoding="utf-8")
