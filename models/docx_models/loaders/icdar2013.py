"""ICDAR 2013 table competition: PDF reports with the structure of their tables (Göbel et al.).

`NAME-str.xml` beside `NAME.pdf`: regions on pages with cells, their places and boxes in points,
origin bottom left (the CropBox begins there in all of them). A table that
runs over pages counts as one a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from docx_cli import pdfium
from docx_cli.document import Box
from docx_cli.source import load
from docx_models.loaders.labelled import Labelled
from docx_models.structure import GoldPage, GoldTable
from docx_models.table_metrics import Grid, GridCell

STRUCTURE = "-str.xml"


def holds(folder: Path) -> bool:
    """Say whether a folder holds PDFs with their tables' structure."""
    return any(True for _ in folder.glob(f"*{STRUCTURE}"))


def documents(folder: Path, _split: str) -> Iterator[Labelled]:
    """Read all documents; they only measure."""
    for path in sorted(folder.glob(f"*{STRUCTURE}")):
        name = path.name.removesuffix(STRUCTURE)
        file = folder / f"{name}.pdf"
        if file.exists():  # one report has two labels, the second without a document
            pages = tuple(_pages(ElementTree.parse(path).getroot(), file))
            yield Labelled(name, file, pages=pages)


def _pages(root: Element, file: Path) -> Iterator[GoldPage]:
    regions: dict[int, list[Element]] = {}
    for region in root.iter("region"):
        regions.setdefault(int(region.attrib["page"]), []).append(region)
    with pdfium.open_document(load(file)) as opened:
        for number, found in sorted(regions.items()):
            with opened.page(number) as page:
                geometry = page.geometry
            yield GoldPage(number, tables=tuple(_table(region, geometry) for region in found))


def _table(region: Element, page: pdfium.Geometry) -> GoldTable:
    cells, boxes = [], []
    for cell in region.iter("cell"):
        row, column = int(cell.attrib["start-row"]), int(cell.attrib["start-col"])
        last_row = int(cell.attrib.get("end-row", row))
        last_column = int(cell.attrib.get("end-col", column))
        text = " ".join((cell.findtext("content") or "").split())
        cells.append(GridCell(row, column, last_row - row + 1, last_column - column + 1, text))
        box = cell.find("bounding-box")
        if box is not None:
            boxes.append(_box({k: float(v) for k, v in box.attrib.items()}, page))
    # Some tables count their rows or columns from 1.
    top, left = min(c.row for c in cells), min(c.column for c in cells)
    moved = [
        GridCell(c.row - top, c.column - left, c.row_span, c.column_span, c.text) for c in cells
    ]
    return GoldTable(Grid.of(moved), Box.around(boxes))


def _box(corners: dict[str, float], page: pdfium.Geometry) -> Box:
    """Turn points into fractions of the page as displayed.

    On a page that /Rotate turns sideways, places are those of the displayed page, but its
    unturned height is what they count from: checked by hand against the text of eu-015.
    """
    top = page.width if page.rotation in (90, 270) else page.height
    return Box.clipped(
        corners["x1"] / page.width,
        (top - corners["y1"]) / page.height,
        corners["x2"] / page.width,
        (top - corners["y2"]) / page.height,
    )
