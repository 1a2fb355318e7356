"""Documents for `load.py`, so that it needs no corpus.

A few dozen are made and written over and over, each time with other bytes at the file's end, since
docx batch does equal contents once.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pypdfium2
from documents import scanned_pdf, text_pdf

_LAYOUTS = 40
_PAGES_OF_A_REPORT = 5
_SCAN_OF_A_REPORT = 2

Document = tuple[str, bytes]
"""A suffix and a file's content."""


def text_pdfs(count: int) -> Iterator[Document]:
    """Yield PDFs of one page with a text layer."""
    return _repeated([text_pdf(1, seed=n) for n in range(min(count, _LAYOUTS))], count)


def scans(count: int) -> Iterator[Document]:
    """Yield PDFs of one page that is a picture, from a scanner."""
    return _repeated([scanned_pdf(1, seed=n) for n in range(min(count, _LAYOUTS))], count)


def reports(count: int) -> Iterator[Document]:
    """Yield PDFs of five pages; in every other one the third page is a scan."""
    made = []
    for n in range(min(count, _LAYOUTS)):
        pages = text_pdf(_PAGES_OF_A_REPORT, seed=10 * n)
        made.append(_with_a_scan(pages, scanned_pdf(1, seed=n)) if n % 2 else pages)
    return _repeated(made, count)


def small(count: int) -> Iterator[Document]:
    """Yield small documents: of ten one is broken, one a picture, and two are equal."""
    letters = [text_pdf(1, seed=n, families=["letter"]) for n in range(min(count, _LAYOUTS))]
    for n in range(count):
        letter, kind = letters[n % len(letters)], n % 10
        if kind == 3:
            yield ".pdf", b"no document %d" % n
        elif kind == 7:
            yield ".png", _heading(letter) + b"%d" % n
        else:
            # Each twin is the document before it, once more.
            same = n - 1 if kind == 5 else n
            yield ".pdf", _marked(letters[same % len(letters)], same)


def write(documents: Iterator[Document], folder: Path) -> None:
    """Write documents into a folder, a hundred in each one below it."""
    for number, (suffix, data) in enumerate(documents):
        path = folder / f"{number // 100:03d}" / f"{number:05d}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _repeated(made: list[bytes], count: int) -> Iterator[Document]:
    for n, data in enumerate(islice(cycle(made), count)):
        yield ".pdf", _marked(data, n)


def _marked(data: bytes, number: int) -> bytes:
    return data + b"\n%% %d\n" % number


def _heading(letter: bytes) -> bytes:
    """Draw the top of a page."""
    with pypdfium2.PdfDocument(letter) as document:
        drawn = document[0].render(scale=2, grayscale=True).to_pil()
    out = io.BytesIO()
    drawn.crop((0, 0, drawn.width, drawn.height // 5)).save(out, "PNG", dpi=(144, 144))
    return out.getvalue()


def _with_a_scan(pages: bytes, scan: bytes) -> bytes:
    with pypdfium2.PdfDocument(pages) as whole, pypdfium2.PdfDocument(scan) as one:
        whole.del_page(_SCAN_OF_A_REPORT)
        whole.import_pages(one, index=_SCAN_OF_A_REPORT)
        out = io.BytesIO()
        whole.save(out)
    return out.getvalue()
