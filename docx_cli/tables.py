"""Tables of a page: ruling lines and the places of words give the grid, the model the kinds.

Where a table stands is said by lines that cross, by lines of text with several chunks, and by
the model's tags; each can be left out, to measure what it brings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from docx_cli.beside import parted
from docx_cli.document import ALL_PARTS, Basis, Box, Cell, CellKind, Page, Table
from docx_cli.grids import Layout, Region, Slot
from docx_cli.layout import A4, Sheet
from docx_cli.regions import SURE_CELL, Opinion, regions
from docx_cli.rivers import divided
from docx_cli.rules import Rules
from docx_cli.sideways import sideways
from docx_cli.word_scores import WordScores

Places = NDArray[np.intp]

LEAST_SAME = 0.1
"""Probability of one cell below which neighbours are certain to be two."""
LEAST_FILLED = 0.4
"""Share of a table's slots; a chart with its axes fills fewer."""


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
    known = rules if rules is not None and "rules" in parts else Rules.none()
    told = scores if "model" in parts else None
    size = (page.width, page.height) if page.width * page.height > 0 else A4
    turned, turn = sideways(page.words, size)
    # The model knows no text that stands sideways.
    sheet = Sheet.of([turn.word(w) for w in turned], turn.rules(known), size[::-1])
    found = [turn.undone(t) for t in _read(page.number, sheet, _opinion(None, range(len(turned))))]
    taken = {w for w in turned if any(t.box.contains(*w.box.center) for t in found)}
    words = page.words if scores is None else scores.words
    left = np.array([i for i, w in enumerate(words) if w not in taken], dtype=np.intp)
    apart = partial(_apart, told, left) if told else None
    sheet = Sheet.of([words[i] for i in left], known, size, apart)
    found += _read(page.number, sheet, _opinion(told, left))
    return sorted(found, key=lambda table: table.box.y0)


def _read(page: int, sheet: Sheet, opinion: Opinion) -> list[Table]:
    """Read the tables of words that stand upright."""
    found = []
    for region in regions(sheet, opinion):
        region = replace(region, lines=divided(sheet, region.lines))
        for part, layout in parted(sheet, region):
            if len(layout.rows) > 1 and layout.edges and _filled(layout) >= LEAST_FILLED:
                found.append(_table(page, sheet, part, layout, opinion))
    return found


def _opinion(scores: WordScores | None, of: Sequence[int] | Places) -> Opinion:
    """Return what the model says of some of the words."""
    if scores is None:
        return Opinion(False, *np.zeros((3, len(of))))
    cell, head, key, value = (
        scores.tag(name)[of] for name in ("cell", "cell_header", "key", "value")
    )
    return Opinion(True, cell + head, head, key + value)


def _apart(
    scores: WordScores, of: Places, first: Sequence[int], second: Sequence[int]
) -> NDArray[np.bool_]:
    """Say of neighbours in a line, numbers among some of the words, which are two cells."""
    cell = scores.tag("cell") + scores.tag("cell_header")
    first, second = of[list(first)].tolist(), of[list(second)].tolist()
    sure = np.minimum(cell[first], cell[second]) >= SURE_CELL
    return np.asarray(sure & (scores.pairwise("same_cell", first, second) < LEAST_SAME))


def _filled(layout: Layout) -> float:
    """Share of the slots that hold a cell; rows of titles, over all columns, tell nothing."""
    columns = len(layout.edges) + 1
    cells = [s for s in layout.cells if s.column_end - s.column < columns]
    held = sum((s.row_end - s.row) * (s.column_end - s.column) for s in cells)
    titles = len({s.row for s in layout.cells} - {s.row for s in cells})
    return held / max((len(layout.rows) - titles) * columns, 1)


def _table(page: int, sheet: Sheet, region: Region, layout: Layout, opinion: Opinion) -> Table:
    """Make a table of what was laid out."""
    cells = tuple(_cell(page, sheet, slot, layout, opinion) for slot in layout.cells)
    basis: tuple[Basis, ...] = ("geometry",)
    if opinion.known:
        basis = ("model", *basis)
    if len(region.across) or len(region.down):
        basis = (*basis, "rules")
    confidence = float(np.mean([c.confidence for c in cells]))
    return Table(page, Box.around(c.box for c in cells), cells, confidence, basis)


def _kind(slot: Slot, layout: Layout) -> CellKind:
    if slot.row < layout.header_rows:
        return "header"
    return "stub" if slot.column_end <= layout.stub_columns else "body"


def _cell(page: int, sheet: Sheet, slot: Slot, layout: Layout, opinion: Opinion) -> Cell:
    words = [w for chunk in slot.chunks for w in chunk.words]
    likely = min(float(opinion.cell[words].mean()), 1.0) if opinion.known else 0.0
    return Cell(
        slot.row,
        slot.column,
        slot.row_end - slot.row,
        slot.column_end - slot.column,
        _kind(slot, layout),
        slot.text,
        sheet.box(words),
        # Places alone are right about as often as not where the model sees no table.
        (1.0 + likely) / 2,
        page,
    )
