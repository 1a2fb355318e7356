"""Tables of a page: ruling lines and the places of words give the grid, the model the kinds.

Where a table stands is said by lines that cross, by lines of text with several chunks, and by
the model's tags; each can be left out, to measure what it brings.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from docx_cli.document import ALL_PARTS, Basis, Box, Cell, CellKind, Page, Table
from docx_cli.grids import Layout, Region, Slot, lay_out
from docx_cli.layout import Floats, Sheet
from docx_cli.regions import regions
from docx_cli.rules import Rules
from docx_cli.word_scores import WordScores


def tables(
    page: Page,
    rules: Rules | None,
    scores: WordScores | None,
    parts: Collection[Basis] = ALL_PARTS,
) -> list[Table]:
    """Read the tables of one page, top to bottom.

    Args:
        page: with its words.
        rules: its ruling lines, None where nobody looked.
        scores: what the model says of its words; their order may be another than the page's.
        parts: what may be used; all but for measuring.
    """
    words = page.words if scores is None else scores.words
    known = rules if rules is not None and "rules" in parts else Rules.none()
    sheet = Sheet.of(words, known, page.width, page.height)
    tags = _Tags(scores if "model" in parts else None, len(words))
    found = []
    for region in regions(sheet, tags.cell, tags.pair):
        layout = lay_out(region)
        if len(layout.rows) > 1 and layout.edges:
            found.append(_table(page.number, sheet, region, layout, tags))
    return found


class _Tags:
    """What the model says of words, in the shape that reading tables needs it; [W] each."""

    def __init__(self, scores: WordScores | None, count: int) -> None:
        self.known = scores is not None
        none = np.full(count, 0.5)
        self.body: Floats = none if scores is None else scores.tag("cell")
        self.header: Floats = none if scores is None else scores.tag("cell_header")
        self.cell: Floats | None = None if scores is None else self.body + self.header
        self.pair: Floats | None = (
            None if scores is None else scores.tag("key") + scores.tag("value")
        )


def _table(page: int, sheet: Sheet, region: Region, layout: Layout, tags: _Tags) -> Table:
    """Make a table of what was laid out."""
    cells = tuple(_cell(sheet, slot, layout, tags) for slot in layout.cells)
    basis: tuple[Basis, ...] = ("geometry",)
    if tags.known:
        basis = ("model", *basis)
    if len(region.across) or len(region.down):
        basis = (*basis, "rules")
    confidence = float(np.mean([c.confidence for c in cells]))
    return Table(page, Box.around(c.box for c in cells), cells, confidence, basis)


def _cell(sheet: Sheet, slot: Slot, layout: Layout, tags: _Tags) -> Cell:
    words = [w for chunk in slot.chunks for w in chunk.words]
    header, body = float(tags.header[words].mean()), float(tags.body[words].mean())
    ruled_header = slot.row < layout.header_rows
    kind: CellKind = "header" if ruled_header else "body"
    return Cell(
        slot.row,
        slot.column,
        slot.row_end - slot.row,
        slot.column_end - slot.column,
        kind,
        " ".join(sheet.words[w].text for w in words),
        sheet.box(words),
        (1.0 + min(header + body, 1.0)) / 2,
    )
