"""Tables as the model's relations alone have them: what the tool's reading is measured beside.

Words tagged as cells are grouped into cells, cells into rows and columns by the model's relations,
and each cell takes one slot. Neither places nor ruling lines are looked at.
"""

from __future__ import annotations

import numpy as np

from docx_cli.document import Box, Cell, CellKind, Table
from docx_cli.grouping import Floats, block_mean, cluster, components, symmetric
from docx_cli.word_scores import WordScores

LEAST_ROWS, LEAST_COLUMNS = 2, 2
"""Smaller arrangements are not called a table."""


def related_tables(page: int, scores: WordScores) -> list[Table]:
    """Read the tables of one page, top to bottom."""
    cells = scores.entities("cell", "cell_header")
    if not cells:
        return []
    row = symmetric(block_mean(scores.relation("same_row"), cells, cells))
    column = symmetric(block_mean(scores.relation("same_column"), cells, cells))
    found = []
    for members in components(np.maximum(row, column) > 0.5):
        table = _table(page, scores, [cells[i] for i in members], row, column, members)
        if table is not None:
            found.append(table)
    return sorted(found, key=lambda t: t.box.y0)


def _table(
    page: int,
    scores: WordScores,
    cells: list[list[int]],
    row: Floats,
    column: Floats,
    members: list[int],
) -> Table | None:
    """Lay some cells out as a grid; None if they are too few rows or columns."""
    boxes = [Box.around(scores.words[i].box for i in cell) for cell in cells]
    pick = np.ix_(members, members)
    rows = _ordered(cluster(row[pick]), [b.center[1] for b in boxes])
    columns = _ordered(cluster(column[pick]), [b.center[0] for b in boxes])
    if max(rows, default=0) + 1 < LEAST_ROWS or max(columns, default=0) + 1 < LEAST_COLUMNS:
        return None
    slots: dict[tuple[int, int], list[int]] = {}
    for i, slot in enumerate(zip(rows, columns, strict=True)):
        slots.setdefault(slot, []).append(i)
    out = []
    for (r, c), parts in sorted(slots.items()):
        words = sorted(w for i in parts for w in cells[i])
        header = scores.tag("cell_header")[words].mean()
        body = scores.tag("cell")[words].mean()
        kind: CellKind = "header" if header > body else "body"
        box = Box.around(boxes[i] for i in parts)
        likely = float(max(header, body))
        out.append(Cell(r, c, 1, 1, kind, scores.text(words), box, likely, page))
    confidence = float(np.mean([c.confidence for c in out]))
    return Table(page, Box.around(boxes), tuple(out), confidence)


def _ordered(groups: list[list[int]], centers: list[float]) -> list[int]:
    """Number groups by the mean of their members' centres; return each member's number."""
    ranked = sorted(groups, key=lambda g: float(np.mean([centers[i] for i in g])))
    numbers = {i: n for n, group in enumerate(ranked) for i in group}
    return [numbers[i] for i in range(len(centers))]
