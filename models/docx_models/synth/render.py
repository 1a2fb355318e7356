"""Drafts -> one PDF -> words, boxes and pictures, with the truth resolved to words.

Many pages go through one compilation and one `pdftotext`, since starting
either costs more than a page does.
"""

from __future__ import annotations

import base64
import ctypes
import io
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib import resources
from pathlib import Path
from re import compile as pattern

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import typst
from numpy.typing import NDArray

from docx_models.synth.draft import Draft, Run, SynthError, quote
from docx_models.synth.style import FALLBACK

PICTURE_ROWS, PICTURE_COLUMNS = 512, 256
Piece = tuple[int, int, int]
Rect = tuple[float, float, float, float]
_PAGE = pattern(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>')
_WORD = pattern(
    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A rendered page.

    `boxes` is (words, 4) in points, origin top left; `rects` the link
    rectangles of each run, in the same unit; `picture` a gray PNG.
    """

    width: float
    height: float
    texts: tuple[str, ...]
    boxes: NDArray[np.float64]
    rects: dict[int, list[Rect]]
    picture: bytes


def compile_pdf(
    drafts: Sequence[Draft], *, fit: bool = False, marked: bool = True, more: str = ""
) -> bytes:
    """Return a PDF that holds each draft as one page.

    Args:
        drafts: the pages.
        fit: shrink what is too long for its page; it takes three times as long,
            and without it such a draft becomes several pages.
        marked: keep the links that tell where each text stands.
        more: typst source behind the prelude, which may define its functions anew.

    Raises:
        SynthError: typst rejects the source.
    """
    prelude = resources.files("docx_models.synth").joinpath("prelude.typ").read_text("utf-8")
    if not marked:
        prelude += "#let m(page, id, body) = [#body]\n"
    source = prelude + more + "".join(_page(i, draft, fit) for i, draft in enumerate(drafts))
    try:
        pdf = _compiler().compile(input=source.encode(), format="pdf")
    except typst.TypstError as error:
        raise SynthError(f"typst: {error}") from error
    assert isinstance(pdf, bytes)  # a list only for pictures, one a page
    return pdf


def shown_pdf(page: Draft) -> bytes:
    """Return one page's PDF without its marks, laid out as `render` does it."""
    pdf = compile_pdf([page], marked=False)
    with pypdfium2.PdfDocument(pdf) as document:
        whole = len(document) == 1
    return pdf if whole else compile_pdf([page], fit=True, marked=False)


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(b"")


def _page(number: int, draft: Draft, fit: bool) -> str:
    style = draft.style
    height = "auto" if style.height == 0 else f"{style.height}pt"
    body = f"fit({draft.body})" if fit and style.height else draft.body
    fonts = f"({quote(style.font)}, {quote(FALLBACK)})"
    stretch = "75%" if style.narrow else "100%"
    return (
        f"#page(width: {style.width}pt, height: {height}, margin: {style.margin}pt, {{"
        f"set text(font: {fonts}, size: {style.size}pt, stretch: {stretch}, hyphenate: false, "
        f"ligatures: false);set par(leading: {style.leading}em);set block(spacing: 0.9em);"
        f"set grid(align: left + top);let m = m.with({number});{body}}})\n"
    )


def render(drafts: Sequence[Draft]) -> list[Sheet]:
    """Return one sheet for each draft; what is too long is set again, smaller.

    Raises:
        SynthError: a draft does not become one page.
    """
    sheets = _sheets(compile_pdf(drafts), len(drafts))
    long = [i for i in range(len(drafts)) if i not in sheets]
    if long:
        fitted = _sheets(compile_pdf([drafts[i] for i in long], fit=True), len(long))
        sheets |= {long[i]: sheet for i, sheet in fitted.items()}
    if len(sheets) < len(drafts):
        raise SynthError("a page is too long")
    return [sheets[i] for i in range(len(drafts))]


def _sheets(pdf: bytes, count: int) -> dict[int, Sheet]:
    """Read a PDF's pages by the draft they belong to; drafts of several pages are left out."""
    sheets: dict[int, Sheet] = {}
    pages = list(read_words(pdf))
    with pypdfium2.PdfDocument(pdf) as document:
        rects = [_link_rects(document, i, page[1]) for i, page in enumerate(pages)]
        owners = [owner for owner, _ in rects]
        for number, (owner, found) in enumerate(rects):
            if owners.count(owner) == 1 and owner < count:
                page = document[number]
                sheets[owner] = Sheet(*pages[number], found, _picture(page))
                page.close()
    return sheets


def read_words(pdf: bytes) -> Iterator[tuple[float, float, tuple[str, ...], NDArray[np.float64]]]:
    """Yield each page's width, height, words and boxes, as `Sheet` holds them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.pdf"
        path.write_bytes(pdf)
        run = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    listing = run.stdout.decode().replace("\n", "")
    for page in _PAGE.finditer(listing):
        words = [match.groups() for match in _WORD.finditer(page[3])]
        boxes = np.array([[float(v) for v in word[:4]] for word in words]).reshape(-1, 4)
        yield float(page[1]), float(page[2]), tuple(unescape(word[4]) for word in words), boxes


def _link_rects(
    document: pypdfium2.PdfDocument, index: int, height: float
) -> tuple[int, dict[int, list[Rect]]]:
    """Return whose page it is, and the rectangles of its runs."""
    rects: dict[int, list[Rect]] = {}
    owner = -1
    page = document[index]
    position, link, rect = ctypes.c_int(0), pdfium.FPDF_LINK(), pdfium.FS_RECTF()
    uri = ctypes.create_string_buffer(32)
    while pdfium.FPDFLink_Enumerate(page.raw, position, link):
        action = pdfium.FPDFLink_GetAction(link)
        pdfium.FPDFAction_GetURIPath(document.raw, action, uri, len(uri))
        pdfium.FPDFLink_GetAnnotRect(link, rect)
        _, draft, run = uri.value.split(b":")
        owner = int(draft)
        box = (rect.left, height - rect.top, rect.right, height - rect.bottom)
        rects.setdefault(int(run), []).append(box)
    page.close()
    return owner, rects


def _picture(page: pypdfium2.PdfPage) -> bytes:
    scale = 2 * PICTURE_ROWS / page.get_height()
    image = page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil()
    image = image.resize((PICTURE_COLUMNS, PICTURE_ROWS), resample=4)  # 4: Pillow's BOX filter
    out = io.BytesIO()
    image.save(out, "png", compress_level=4)
    return out.getvalue()


def encoded(picture: bytes) -> str:
    """Return a PNG as base64 text."""
    return base64.b64encode(picture).decode("ascii")


def locate(sheet: Sheet, run: Run) -> list[Piece]:
    """Return where a run stands: (word, start character, end character), in reading order.

    Raises:
        SynthError: the words found do not spell exactly what was placed.
    """
    rects = sorted(sheet.rects.get(run.number, ()), key=lambda r: (round(r[1]), r[0]))
    order: list[int] = []
    for rect in rects:
        order += [word for word in _touched(sheet.boxes, rect) if word not in order]
    letters = "".join(sheet.texts[word] for word in order)
    wanted = "".join(run.text.split())
    starts = [i for i in range(len(letters)) if letters.startswith(wanted, i)]
    if not starts:
        raise SynthError(f"placed {run.text!r}, found {letters!r}")
    guess = _letters_before(sheet, order[0], rects[0][0])
    start = min(starts, key=lambda i: abs(i - guess))
    return list(_pieces(sheet, order, start, start + len(wanted)))


def _touched(boxes: NDArray[np.float64], rect: Rect) -> list[int]:
    """Words whose middle line crosses the rectangle, from left to right."""
    x0, y0, x1, y1 = rect
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    inside = (middle > y0) & (middle < y1) & (boxes[:, 2] > x0 + 0.4) & (boxes[:, 0] < x1 - 0.4)
    hits = np.flatnonzero(inside)
    return [int(word) for word in hits[np.argsort(boxes[hits, 0], kind="stable")]]


def _letters_before(sheet: Sheet, word: int, x: float) -> float:
    """Estimate how many letters of a word stand left of `x`."""
    left, _, right, _ = sheet.boxes[word]
    return float(max(0.0, (x - left) / max(right - left, 1e-6)) * len(sheet.texts[word]))


def _pieces(sheet: Sheet, order: Sequence[int], start: int, end: int) -> Iterator[Piece]:
    """Cut the letters start..end of the words in `order` into pieces of words."""
    offset = 0
    for word in order:
        size = len(sheet.texts[word])
        first, last = max(start - offset, 0), min(end - offset, size)
        if first < last:
            yield word, first, last
        offset += size
