"""The files that the guide's examples work on, made anew for each run of the tests."""

from __future__ import annotations

import io
from pathlib import Path

from documents import PASSWORD, letter, page
from form_fixtures import form
from pdf_fixtures import PdfPage, image_bytes, pdf, source_of
from PIL import Image

from docx_cli.reading import render_page

Rows = list[list[tuple[float, str]]]

PARTS = [
    ("Steel bolts", "4", "$12.50", "$50.00"),
    ("Copper wire", "2", "$30.00", "$60.00"),
]
LEDGER = [
    ("Account", "Opening", "Closing"),
    ("Rent", "1,200", "1,250"),
    ("Heating", "310", "290"),
    ("Water", "88", "92"),
    ("Insurance", "640", "655"),
    ("Repairs", "75", "410"),
    ("Cleaning", "130", "130"),
]
HEARD = ("From a friend", "In the newspaper", "Online")
QUARTERS = [
    ("Region", "Q1", "Q2", "Q3", "Q4"),
    ("North", "1,204", "1,310", "1,288", "1,402"),
    ("South", "987", "1,022", "1,101", "1,097"),
    ("East", "1,450", "1,391", "1,377", "1,512"),
    ("West", "802", "845", "910", "931"),
]


def invoice(
    number: str = "INV-20417",
    day: str = "03/14/2023",
    total: str = "$118.80",
    rotate: int = 0,
) -> PdfPage:
    """Return an invoice of one page; it is upright, whatever its /Rotate says."""
    columns = (60, 300, 380, 470)
    items = [("Description", "Quantity", "Unit Price", "Amount"), *PARTS]
    rows: Rows = [
        [(60, "Northwind Traders Ltd"), (400, "INVOICE")],
        [(60, "12 Harbour Road")],
        [(60, "Boston, MA 02110")],
        [],
        [(60, f"Invoice Number: {number}")],
        [(60, f"Invoice Date: {day}")],
        [],
        *[list(zip(columns, item, strict=True)) for item in items],
        [],
        [(380, "Total Amount:"), (470, total)],
    ]
    return page(rows, rotate=rotate)


def delivery() -> PdfPage:
    """Return a note that does not show whether it writes the day or the month first."""
    lines = ("DELIVERY NOTE", "", "Delivery Number: D-117", "Delivery Date: 03/05/2023", "")
    return page([[(60, line)] if line else [] for line in (*lines, "Handed over by: T. Brandt")])


def report() -> PdfPage:
    """Return a page with a heading, a sentence and a table."""
    columns = (60, 180, 260, 340, 420)
    rows: Rows = [
        [(60, "Sales by region, 2023")],
        [],
        [(60, "Numbers are units sold, returns taken off.")],
        [],
        *[list(zip(columns, row, strict=True)) for row in QUARTERS],
    ]
    return page(rows)


def survey() -> PdfPage:
    """Return a question whose answers are radio buttons, which are drawn and no form's fields."""
    made = page([[(60, "How did you hear about us?")], [], *[[(76, o)] for o in HEARD]], step=20)
    for number in range(len(HEARD)):
        made.ring(66, 96 + 20 * number, 9, dot=number == 1)
    return made


def ledger() -> tuple[PdfPage, PdfPage]:
    """Return two pages that a table runs over, its heading repeated."""
    parts = (LEDGER[:4], [LEDGER[0], *LEDGER[4:]])
    first, second = ([list(zip((60, 260, 380), row, strict=True)) for row in p] for p in parts)
    return page(first, top=760), page(second)


def picture(made: PdfPage) -> Image.Image:
    """Return the upper part of a page as a scanner sees it at 150 dpi."""
    return render_page(source_of(pdf(made)), 1, dpi=150).convert("L").crop((0, 60, 1240, 640))


def turned_photo(upright: Image.Image) -> bytes:
    """Return a JPEG that lies on its side, as a camera stores it, with the mark that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it (EXIF 2.3, 4.6.4)
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    return image_bytes(lying, "JPEG", quality=90, dpi=(150, 150), exif=exif)


def askew(level: Image.Image) -> Image.Image:
    """Return a picture as it comes from a scanner that drew the paper in at an angle."""
    return level.rotate(3, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)


def fax(*pictures: Image.Image) -> bytes:
    """Return a TIFF with a frame a picture."""
    first, *others = (p.copy() for p in pictures)  # Pillow keeps what it was last encoded with
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=others, dpi=(150, 150))
    return out.getvalue()


def write_guide_files(folder: Path) -> Path:
    """Write all of them into a folder."""
    scan = picture(invoice())
    contents = {
        "invoice.pdf": pdf(invoice()),
        "letter.pdf": pdf(letter()),
        "delivery.pdf": pdf(delivery()),
        "report.pdf": pdf(letter(), report()),
        "ledger.pdf": pdf(*ledger()),
        "form.pdf": form(name="Ada Lovelace"),
        "survey.png": image_bytes(picture(survey()), dpi=(150, 150)),
        "locked.pdf": pdf(invoice(), password=PASSWORD),
        "damaged.pdf": pdf(invoice())[:200],
        "scan.png": image_bytes(scan, dpi=(150, 150)),
        "photo.jpg": turned_photo(scan),
        "sideways.png": image_bytes(scan.rotate(90, expand=True), dpi=(150, 150)),
        "askew.png": image_bytes(askew(scan), dpi=(150, 150)),
        "fax.tif": fax(picture(letter()), scan),
        "invoices/march.pdf": pdf(invoice()),
        "invoices/april.pdf": pdf(invoice("INV-20431", "04/18/2023", "$92.10")),
        "invoices/may.pdf": pdf(invoice("INV-20460", "03/05/2023", "$75.00")),
        "invoices/2022/december.pdf": pdf(invoice("INV-19002", "12/29/2022", "$1,240.00")),
        "invoices/2022/notes.txt": b"Paid by transfer.\n",
    }
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
