"""Small documents with known content, written once for all tests that run the real pipeline."""

from __future__ import annotations

from pathlib import Path

from pdf_fixtures import PdfPage, image_bytes, pdf, source_of

from docx_cli.reading import render_page

A4 = (0, 0, 595, 842)
PASSWORD = "sesame"

INVOICE_ROWS: list[list[tuple[float, str]]] = [
    [(60, "Northwind Traders Ltd"), (400, "INVOICE")],
    [(60, "12 Harbour Road")],
    [(60, "Boston, MA 02110")],
    [],
    [(60, "Invoice Number: INV-20417")],
    [(60, "Invoice Date: 03/14/2023")],
    [],
    [(60, "Description"), (300, "Quantity"), (380, "Unit Price"), (470, "Amount")],
    [(60, "Steel bolts"), (300, "4"), (380, "$12.50"), (470, "$50.00")],
    [(60, "Copper wire"), (300, "2"), (380, "$30.00"), (470, "$60.00")],
    [],
    [(380, "Total Amount:"), (470, "$118.80")],
]
LETTER_ROWS: list[list[tuple[float, str]]] = [
    [(60, "Dear Ms Cole,")],
    [(60, "thank you for your visit last week. We enjoyed it very much.")],
    [(60, "Our office will be closed until the new roof is finished.")],
]


def page(
    rows: list[list[tuple[float, str]]],
    *,
    top: float = 60,
    size: float = 11,
    step: float = 16,
    rotate: int = 0,
) -> PdfPage:
    """Write rows of (distance from the left, text) on an A4 page; all lengths are points."""
    made = PdfPage(crop=A4, media=A4, rotate=rotate)
    for number, row in enumerate(rows):
        for left, text in row:
            made.text(text, left, top + step * number, size)
    return made


def invoice() -> PdfPage:
    """Return a page so plain that any trained model reads its total and seller."""
    return page(INVOICE_ROWS)


def letter() -> PdfPage:
    """Return a page that answers no question about invoices."""
    return page(LETTER_ROWS)


def dense(lines: int = 80) -> PdfPage:
    """Return a full page of small print, some 1,600 subwords, with a total below it."""
    rows: list[list[tuple[float, str]]] = [
        [(40, f"Part {n:04d} galvanised bracket, batch {7 * n:05d}, shelf {n % 13}, checked twice")]
        for n in range(lines)
    ]
    return page([*rows, [(40, "Total Amount: $118.80")]], top=30, size=6, step=8)


def invisible() -> PdfPage:
    """Return a page that cannot be read: its CropBox lies outside its MediaBox."""
    return PdfPage(crop=(500, 500, 600, 600))


def write_documents(folder: Path) -> Path:
    """Write all of them into a folder."""
    plain = pdf(invoice())
    scan = render_page(source_of(plain), 1, dpi=150).convert("L").crop((0, 60, 1240, 640))
    contents = {
        "invoice.pdf": plain,
        "letter.pdf": pdf(letter()),
        "three.pdf": pdf(letter(), invoice(), letter()),
        "dense.pdf": pdf(dense()),
        "blank.pdf": pdf(PdfPage()),
        "locked.pdf": pdf(invoice(), password=PASSWORD),
        "partial.pdf": pdf(invoice(), invisible()),
        "unread.pdf": pdf(invisible()),
        "scan.png": image_bytes(scan, dpi=(150, 150)),
        "scan.jpg": image_bytes(scan, "JPEG", quality=90, dpi=(150, 150)),
        "empty.pdf": b"",
        "text.pdf": b"This is no PDF.\n",
        "truncated.pdf": plain[:200],
        "truncated.png": image_bytes(scan)[:2000],
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return folder
