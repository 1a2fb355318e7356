"""How tables are scored: cell adjacency relations, GriTS and TEDS.

Adjacency relations are those of the ICDAR 2013 table competition (Göbel et al.); GriTS is the
grid table similarity of Smock, Pesala and Abraham (ICDAR 2023, arXiv 2203.12555), with their
factored alignment: rows and columns are matched one after the other, which never scores more
than the best joint matching and is what their published figures use. TEDS is the tree edit
distance based similarity of Zhong, ShafieiBavani and Jimeno Yepes (ECCV 2020, arXiv 1911.10683).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from docx_models.metrics import edit_distance, plain

Floats = NDArray[np.float64]
Slot = tuple[int, int]
"""Row and column of one place of a grid."""
Label = tuple[str, int, int, str]
"""Tag, row span, column span and text of a node."""


@dataclass(frozen=True)
class GridCell:
    """A cell with its top left slot, its spans and its text; only TEDS minds headers."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    header: bool = False


@dataclass(frozen=True)
class Grid:
    """A table's cells laid out: each slot knows the cell that covers it, None where none does."""

    rows: int
    columns: int
    cells: tuple[GridCell, ...]

    @classmethod
    def of(cls, cells: Sequence[GridCell]) -> Grid:
        """Lay out cells; the grid is as large as they need."""
        rows = max((c.row + c.row_span for c in cells), default=0)
        columns = max((c.column + c.column_span for c in cells), default=0)
        return cls(rows, columns, tuple(cells))

    @property
    def size(self) -> int:
        """Number of slots."""
        return self.rows * self.columns

    def slots(self) -> list[list[GridCell | None]]:
        """Return the cell of each slot, [rows][columns]."""
        grid: list[list[GridCell | None]] = [[None] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            for r in range(cell.row, cell.row + cell.row_span):
                for c in range(cell.column, cell.column + cell.column_span):
                    grid[r][c] = cell
        return grid


def adjacency(grid: Grid) -> Counter[tuple[str, str, str]]:
    """Count the relations (text, text, direction) of each cell with text to its next one.

    The next one is the nearest with text to the right and below, whatever blank cells lie
    between; a spanning cell has one relation to each of its neighbours. Texts compare like
    exact matches.
    """
    slots = grid.slots()
    pairs: set[tuple[GridCell, GridCell, str]] = set()
    for line in slots:
        pairs.update((a, b, "right") for a, b in _neighbours(line))
    for column in zip(*slots, strict=True):
        pairs.update((a, b, "below") for a, b in _neighbours(column))
    return Counter((plain(a.text), plain(b.text), way) for a, b, way in pairs)


def _neighbours(line: Sequence[GridCell | None]) -> list[tuple[GridCell, GridCell]]:
    filled = [cell for cell in line if cell is not None and plain(cell.text)]
    return [(a, b) for a, b in pairwise(filled) if a is not b]


def grits(gold: Grid, found: Grid, alike: Callable[[Grid, Grid], Floats]) -> float:
    """Sum the likeness of the matched slots of two tables.

    GriTS as an F-score is twice this over ``gold.size + found.size``.

    Args:
        gold: the true table.
        found: the predicted one.
        alike: gives the likeness of all pairs of slots in 0..1, [R, C, R', C'].
    """
    if not gold.size or not found.size:
        return 0.0
    likeness = alike(gold, found)
    # Likeness of whole rows is that of their best alignment, [R, R']; of columns alike.
    rows = _align(_best_sums(likeness.transpose(0, 2, 1, 3)))
    columns = _align(_best_sums(likeness.transpose(1, 3, 0, 2)))
    return float(sum(likeness[r, c, k, m] for r, k in rows for c, m in columns))


def _best_sums(pairs: Floats) -> Floats:
    """Best sum of an alignment that keeps the order, for each pair of lines.

    Args:
        pairs: likeness of the parts of two lines, [lines, lines', parts, parts'].
    """
    return _table(pairs)[..., -1, -1]


def _table(pairs: Floats) -> Floats:
    """Dynamic programme of the alignments of all pairs of lines at once, one longer each way."""
    *lines, first, second = pairs.shape
    best = np.zeros((*lines, first + 1, second + 1))
    for i in range(first):
        for j in range(second):
            skip = np.maximum(best[..., i, j + 1], best[..., i + 1, j])
            best[..., i + 1, j + 1] = np.maximum(best[..., i, j] + pairs[..., i, j], skip)
    return best


def _align(likeness: Floats) -> list[tuple[int, int]]:
    """Return the pairs of the best alignment that keeps the order."""
    best = _table(likeness)
    i, j = likeness.shape
    out: list[tuple[int, int]] = []
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            out.append((i, j))
    return out[::-1]


def content(gold: Grid, found: Grid) -> Floats:
    """Likeness of text (GriTS-Con): longest common subsequence, as a share of both lengths."""
    return _each(gold, found, lambda a, _, b, __: subsequence_share(_text(a), _text(b)))


def topology(gold: Grid, found: Grid) -> Floats:
    """Likeness of spans (GriTS-Top): IoU of the cells' extents, seen from the compared slots."""
    return _each(gold, found, _extent_iou)


def _text(cell: GridCell | None) -> str:
    return "" if cell is None else " ".join(cell.text.split())


def _each(
    gold: Grid,
    found: Grid,
    alike: Callable[[GridCell | None, Slot, GridCell | None, Slot], float],
) -> Floats:
    out = np.zeros((gold.rows, gold.columns, found.rows, found.columns))
    there = found.slots()
    for r, line in enumerate(gold.slots()):
        for c, cell in enumerate(line):
            for k, other_line in enumerate(there):
                for m, other in enumerate(other_line):
                    out[r, c, k, m] = alike(cell, (r, c), other, (k, m))
    return out


def _extent(cell: GridCell | None, slot: Slot) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of a cell, seen from one of its slots; a blank is one slot."""
    if cell is None:
        return 0, 0, 1, 1
    top, left = cell.row - slot[0], cell.column - slot[1]
    return top, left, top + cell.row_span, left + cell.column_span


def _extent_iou(a: GridCell | None, at: Slot, b: GridCell | None, other: Slot) -> float:
    t, left, bottom, right = _extent(a, at)
    t2, left2, bottom2, right2 = _extent(b, other)
    height = min(bottom, bottom2) - max(t, t2)
    width = min(right, right2) - max(left, left2)
    common = max(height, 0) * max(width, 0)
    both = (bottom - t) * (right - left) + (bottom2 - t2) * (right2 - left2)
    return common / (both - common)


@lru_cache(maxsize=65536)
def subsequence_share(a: str, b: str) -> float:
    """Twice the longest common subsequence over both lengths; 1.0 for two blanks.

    The subsequence's length by bit-parallel dynamic programming (Hyyrö 2004): one sum of long
    integers a character.
    """
    if not a or not b:
        return float(a == b)
    places: dict[str, int] = {}
    for i, character in enumerate(a):
        places[character] = places.get(character, 0) | 1 << i
    row = full = (1 << len(a)) - 1
    for character in b:
        hits = row & places.get(character, 0)
        row = ((row + hits) | (row - hits)) & full
    return 2 * (len(a) - row.bit_count()) / (len(a) + len(b))


@dataclass(frozen=True)
class Node:
    """An element of a table written as HTML."""

    label: Label
    children: tuple[Node, ...] = ()

    @property
    def size(self) -> int:
        """Number of nodes below it."""
        return sum(1 + child.size for child in self.children)


def teds(gold: Grid, found: Grid) -> float:
    """Likeness of two tables as HTML trees: 1 - distance / nodes of the larger one.

    Marks of style inside of cells are not seen. Two empty tables are alike.
    """
    a, b = table_tree(gold), table_tree(found)
    return 1 - tree_distance(a, b) / max(a.size, b.size, 1)


def table_tree(grid: Grid) -> Node:
    """Write a table as thead, tbody, rows and cells; slots without a cell become empty ones."""
    rows = []
    for r, line in enumerate(grid.slots()):
        cells = (
            Node(("td", c.row_span, c.column_span, _text(c)) if c else ("td", 1, 1, ""))
            for column, c in enumerate(line)
            if c is None or (c.row, c.column) == (r, column)
        )
        rows.append(Node(("tr", 1, 1, ""), tuple(cells)))
    body = {c.row for c in grid.cells if not c.header}
    heads = min(body, default=grid.rows) if any(c.header for c in grid.cells) else 0
    parts = (("thead", rows[:heads]), ("tbody", rows[heads:]))
    return Node(("table", 1, 1, ""), tuple(Node((n, 1, 1, ""), tuple(p)) for n, p in parts if p))


def tree_distance(a: Node, b: Node) -> float:
    """Least cost that makes one ordered tree the other (Zhang and Shasha 1989).

    A node more or less costs 1, and so does another tag or span; another text of a cell costs
    its Levenshtein distance, as a share of the longer one.
    """
    first, second = _postorder(a), _postorder(b)
    known = [[0.0] * len(second) for _ in first]
    for i in _keyroots(first):
        for j in _keyroots(second):
            _subtrees(first, second, i, j, known)
    return known[-1][-1]


def _postorder(root: Node) -> list[tuple[Label, int]]:
    """Return each node's label and the number of the leftmost leaf below it."""
    out: list[tuple[Label, int]] = []

    def visit(node: Node) -> None:
        leftmost = len(out)
        for child in node.children:
            visit(child)
        out.append((node.label, leftmost))

    visit(root)
    return out


def _keyroots(nodes: Sequence[tuple[Label, int]]) -> list[int]:
    """Return the root, and the nodes that have a sibling to their left, ascending."""
    return sorted({leftmost: i for i, (_, leftmost) in enumerate(nodes)}.values())


def _subtrees(
    first: Sequence[tuple[Label, int]],
    second: Sequence[tuple[Label, int]],
    i: int,
    j: int,
    known: list[list[float]],
) -> None:
    """Fill in the distances of subtrees whose leftmost leaves are those of the nodes i and j."""
    top, start = first[i][1], second[j][1]
    # Of forests: what stands before node top + x - 1 against what stands before start + y - 1.
    cost = [[float(x + y) for y in range(j - start + 2)] for x in range(i - top + 2)]
    for x in range(top, i + 1):
        label, left = first[x]
        for y in range(start, j + 1):
            other, right = second[y]
            row, column = x - top + 1, y - start + 1
            least = min(cost[row - 1][column], cost[row][column - 1]) + 1
            if left == top and right == start:
                changed = cost[row - 1][column - 1] + _change(label, other)
                cost[row][column] = known[x][y] = min(least, changed)
            else:
                cost[row][column] = min(least, cost[left - top][right - start] + known[x][y])


@lru_cache(maxsize=65536)
def _change(a: Label, b: Label) -> float:
    """Cost of making one node the other."""
    if a[:3] != b[:3]:
        return 1.0
    return edit_distance(a[3], b[3]) / max(len(a[3]), len(b[3]), 1)
