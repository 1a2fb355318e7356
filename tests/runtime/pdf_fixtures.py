"""PDF and image files for the tests, built here from hand-written content streams."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass, field
from itertools import pairwise

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    RectangleObject,
)

from docx_cli.source import Source

MEDIA = (0, 0, 400, 300)
CROP = (60, 30, 360, 250)  # 300 x 220, off centre on every side

# Text matrix that makes text upright once the page is turned clockwise by the key.
_UPRIGHT = {0: "1 0 0 1", 90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}


@dataclass
class PdfPage:
    """A page; `u` runs right and `v` down from the displayed CropBox's top left, in units."""

    rotate: int = 0
    crop: tuple[float, float, float, float] = CROP
    media: tuple[float, float, float, float] = MEDIA
    user_unit: float | None = None
    operators: list[str] = field(default_factory=list)

    def to_user_space(self, u: float, v: float) -> tuple[float, float]:
        """Undo CropBox and /Rotate."""
        x0, y0, x1, y1 = self.crop
        return {
            0: (x0 + u, y1 - v),
            90: (x0 + v, y0 + u),
            180: (x1 - u, y0 + v),
            270: (x1 - v, y1 - u),
        }[self.rotate]

    def text(
        self, text: str, u: float, v: float, size: float = 14, upright: bool = True
    ) -> PdfPage:
        """Write from the baseline's start; not upright means along user space's x axis."""
        x, y = self.to_user_space(u, v)
        matrix = _UPRIGHT[self.rotate if upright else 0]
        self.operators.append(f"BT /F1 {size} Tf {matrix} {x} {y} Tm ({text}) Tj ET")
        return self

    def rectangle(self, u0: float, v0: float, u1: float, v1: float, gray: float = 0) -> PdfPage:
        """Fill a rectangle given by two displayed corners."""
        (xa, ya), (xb, yb) = self.to_user_space(u0, v0), self.to_user_space(u1, v1)
        box = f"{min(xa, xb)} {min(ya, yb)} {abs(xa - xb)} {abs(ya - yb)}"
        self.operators.append(f"{gray} g {box} re f 0 g")
        return self

    def ring(self, u: float, v: float, wide: float, *, dot: bool = False) -> PdfPage:
        """Draw a circle around a point, in a line of 0.7 units, with a dot in it or without."""
        for radius, paint in ((wide / 2, "S"), (wide / 5, "f"))[: 1 + dot]:
            bend = 0.5523 * radius  # four such curves are a circle but for 0.03 %
            x, y = self.to_user_space(u, v)
            turns = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 0))
            path = [f"0.7 w {x + radius} {y} m"]
            for (a, b), (c, d) in pairwise(turns):
                first = f"{x + radius * a + bend * c} {y + radius * b + bend * d}"
                second = f"{x + radius * c + bend * a} {y + radius * d + bend * b}"
                path.append(f"{first} {second} {x + radius * c} {y + radius * d} c")
            self.operators.append(" ".join([*path, paint]))
        return self


def invoice_page(rotate: int = 0, user_unit: float | None = None, upright: bool = True) -> PdfPage:
    """Three words and a small black rectangle inside the CropBox, one word outside it."""
    page = PdfPage(rotate=rotate, user_unit=user_unit)
    wide = CROP[2] - CROP[0] if rotate % 180 == 0 else CROP[3] - CROP[1]
    page.rectangle(wide - 30, 10, wide - 10, 16)
    for line, text in enumerate(("Invoice", "Total", "12.50")):
        page.text(text, *((80 + 20 * line, 100 + 30 * line)), upright=upright)
    page.operators.append("BT /F1 14 Tf 1 0 0 1 100 10 Tm (Hidden) Tj ET")
    return page


def pdf(
    *pages: PdfPage,
    password: str | None = None,
    owner: str = "owner",
    to_unicode: dict[str, str] | None = None,
) -> bytes:
    """Write a PDF; with a password (it may be empty) it is encrypted with RC4.

    `to_unicode` is what the font says that its letters mean.
    """
    writer = PdfWriter()
    for page in pages:
        target = writer.add_blank_page(1, 1)
        target.mediabox = RectangleObject(page.media)
        target.cropbox = RectangleObject(page.crop)
        target[NameObject("/Rotate")] = NumberObject(page.rotate)
        if page.user_unit is not None:
            target[NameObject("/UserUnit")] = FloatObject(page.user_unit)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        fonts = DictionaryObject({NameObject("/F1"): _names(font)})
        if to_unicode is not None:
            fonts["/F1"][NameObject("/ToUnicode")] = writer._add_object(_cmap(to_unicode))
        target[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data("\n".join(page.operators).encode("latin-1"))
        target[NameObject("/Contents")] = writer._add_object(stream)
    if password is not None:
        writer.encrypt(password, owner, algorithm="RC4-128")
    return _bytes(writer)


def pdf_of_image(image: Image.Image, operators: str = "") -> bytes:
    """Write a page of 300 x 220 points that one picture fills, with operators on top."""
    single = io.BytesIO()
    image.resize((300, 220)).save(single, format="PDF", resolution=72)
    writer = PdfWriter(clone_from=single)
    page = writer.pages[0]
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    page["/Resources"][NameObject("/Font")] = DictionaryObject(  # type: ignore[index]
        {NameObject("/F1"): _names(font)}
    )
    stream = DecodedStreamObject()
    stream.set_data(page.get_contents().get_data() + b"\n" + operators.encode())  # type: ignore[union-attr]
    page[NameObject("/Contents")] = writer._add_object(stream)
    return _bytes(writer)


def pdf_with_object_stream(user_unit: float) -> bytes:
    """Write a page whose dictionary stands compressed in an object stream (PDF 1.5)."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/UserUnit %g>>" % user_unit,
    }
    offsets, body = [], b""
    for number, value in objects.items():
        offsets.append(f"{number} {len(body)}")
        body += value + b" "
    head = " ".join(offsets).encode() + b" "
    out = b"%PDF-1.6\n"
    at_objects = len(out)
    out += _stream(4, b"/Type/ObjStm/N 3/First %d" % len(head), head + body)
    at_table = len(out)
    rows = [(0, 0, 0), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, at_objects, 0), (1, at_table, 0)]
    table = b"".join(bytes([kind]) + at.to_bytes(2, "big") + bytes([low]) for kind, at, low in rows)
    out += _stream(5, b"/Type/XRef/Size 6/W[1 2 1]/Root 1 0 R", table)
    return out + b"startxref\n%d\n%%%%EOF\n" % at_table


def source_of(data: bytes, kind: str = "pdf", name: str = "test") -> Source:
    """Wrap bytes as if they had been loaded."""
    return Source(name, data, kind, hashlib.sha256(data).hexdigest())  # type: ignore[arg-type]


def image_bytes(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Encode a picture."""
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def _cmap(meanings: dict[str, str]) -> DecodedStreamObject:
    """Map codes, given as characters, to characters."""
    rows = [f"<{ord(code):02x}> <{ord(meaning):04x}>" for code, meaning in meanings.items()]
    stream = DecodedStreamObject()
    stream.set_data(
        b"/CIDInit /ProcSet findresource begin begincmap\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"%d beginbfchar\n%b\nendbfchar endcmap end" % (len(rows), "\n".join(rows).encode())
    )
    return stream


def _names(values: dict[str, str]) -> DictionaryObject:
    return DictionaryObject({NameObject(k): NameObject(v) for k, v in values.items()})


def _bytes(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _stream(number: int, keys: bytes, data: bytes) -> bytes:
    packed = zlib.compress(data)
    head = b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>stream\n" % (number, keys, len(packed))
    return head + packed + b"\nendstream\nendobj\n"
