"""Who reads tables in `table_reading.py`: us and the peers, each as a function of a file."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docx_cli import pdfium
from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Box, Cell, Table
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions
from docx_cli.source import load

Reader = Callable[[Path], list[Table]]

PACKAGES = {
    "camelot lattice": "camelot-py",
    "camelot stream": "camelot-py",
    "pdfplumber": "pdfplumber",
    "img2table": "img2table",
    "img2table + OCR": "img2table",
}
"""What each peer is installed as."""


def ours() -> Reader:
    bundle = open_bundle(resolve(None))
    extractor = Extractor(bundle)
    options = ReadOptions(picture_size=bundle.picture_size)
    return lambda path: list(extractor.run(load(path), tables=True, read=options).tables or ())


def camelot(flavor: str) -> Reader:
    library = importlib.import_module("camelot")

    def read(path: Path) -> list[Table]:
        sizes = page_sizes(path)
        found = library.read_pdf(str(path), pages="all", flavor=flavor)
        out = []
        for table in found:
            wide, high = sizes[table.page - 1]
            x0, y0, x1, y1 = table._bbox
            box = Box.clipped(x0 / wide, 1 - y1 / high, x1 / wide, 1 - y0 / high)
            out.append(plain_table(table.page, box, table.df.values.tolist()))
        return out

    return read


def pdfplumber() -> Reader:
    library = importlib.import_module("pdfplumber")

    def read(path: Path) -> list[Table]:
        out = []
        with library.open(path) as document:
            for number, page in enumerate(document.pages, 1):
                for table in page.find_tables():
                    x0, y0, x1, y1 = table.bbox
                    wide, high = float(page.width), float(page.height)
                    box = Box.clipped(x0 / wide, y0 / high, x1 / wide, y1 / high)
                    out.append(plain_table(number, box, table.extract()))
        return out

    return read


def img2table() -> Reader:
    library = importlib.import_module("img2table.document")

    def read(path: Path) -> list[Table]:
        document = library.PDF(str(path))
        found = document.extract_tables(borderless_tables=True)
        out = []
        for number, tables in found.items():
            high, wide = document.images[number].shape[:2]
            out += [spanned_table(number + 1, table, wide, high) for table in tables]
        return out

    return read


def img2table_of_pictures() -> Reader:
    library = importlib.import_module("img2table.document")
    ocr = importlib.import_module("img2table.ocr").TesseractOCR(n_threads=1, lang="eng")

    def read(path: Path) -> list[Table]:
        document = (library.PDF if path.suffix == ".pdf" else library.Image)(str(path))
        found = document.extract_tables(ocr=ocr, borderless_tables=True)
        out = []
        for number, tables in found.items() if isinstance(found, dict) else [(0, found)]:
            high, wide = document.images[number].shape[:2]
            out += [spanned_table(number + 1, table, wide, high) for table in tables]
        return out

    return read


def page_sizes(path: Path) -> list[tuple[float, float]]:
    with pdfium.open_document(load(path)) as document:
        sizes = []
        for number in range(1, document.page_count + 1):
            with document.page(number) as page:
                sizes.append((page.geometry.width, page.geometry.height))
        return sizes


def plain_table(page: int, box: Box, rows: Sequence[Sequence[Any]]) -> Table:
    """Make a table of texts; an empty one is no cell."""
    cells = tuple(
        Cell(r, c, 1, 1, "body", str(text), box, 1.0, page)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        if text not in (None, "")
    )
    return Table(page, box, cells, 1.0)


def spanned_table(page: int, table: Any, wide: float, high: float) -> Table:
    """Make a table of img2table's, which names a spanning cell in each of its slots."""
    slots: dict[tuple[float, ...], list[tuple[int, int]]] = {}
    texts: dict[tuple[float, ...], str] = {}
    for r, row in enumerate(table.content.values()):
        for c, cell in enumerate(row):
            box = (cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2)
            slots.setdefault(box, []).append((r, c))
            texts[box] = cell.value or ""
    cells = tuple(_spanning(page, at, texts[box], wide, high, box) for box, at in slots.items())
    b = table.bbox
    box = Box.clipped(b.x1 / wide, b.y1 / high, b.x2 / wide, b.y2 / high)
    return Table(page, box, tuple(c for c in cells if c.text), 1.0)


def _spanning(
    page: int,
    slots: Sequence[tuple[int, int]],
    text: str,
    wide: float,
    high: float,
    box: tuple[float, ...],
) -> Cell:
    rows, columns = ([slot[i] for slot in slots] for i in (0, 1))
    x0, y0, x1, y1 = box
    place = Box.clipped(x0 / wide, y0 / high, x1 / wide, y1 / high)
    spans = (max(rows) - min(rows) + 1, max(columns) - min(columns) + 1)
    return Cell(min(rows), min(columns), *spans, "body", text, place, 1.0, page)


def readers(pictures: bool) -> Iterator[tuple[str, Reader]]:
    """Yield those that are installed; of pictures, those that can read them."""
    makers: Mapping[str, Callable[[], Reader]] = {
        "docx tables": ours,
        "camelot lattice": lambda: camelot("lattice"),
        "camelot stream": lambda: camelot("stream"),
        "pdfplumber": pdfplumber,
        "img2table": img2table,
    }
    if pictures:
        makers = {"docx tables": ours, "img2table + OCR": img2table_of_pictures}
    for name, make in makers.items():
        try:
            yield name, make()
        except ImportError as error:
            print(f"{name}: not installed ({error.name})", file=sys.stderr)
