"""Tables that run over pages -> one table each.

A table goes on where it is the last thing on a page and the first on the next, page headers and
footers aside, and its columns stand in the same places there. Places are fractions of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import takewhile

from docx_cli.document import ALL_PARTS, Box, Cell, DocumentResult, Page, Table, Word
from docx_cli.layout import numeric

MARGIN = 0.05
"""Height at the top and at the foot of a page where nothing but furniture stands."""
UNUSED = 0.2
"""Most white below a table that goes on: a row that did not fit may be high."""
ALIGNED = 0.012
"""Most that the edges or the middles of one column differ by on two pages."""
ALIKE = 0.85
"""Similarity from which two rows are the same heading; OCR may have read one differently."""

_MARK = re.compile(
    r"\W*(?:page\W*)?\d+(?:\s*(?:/|of)\s*\d+)?\W*|.*\b(?:continued|cont|contd|cont'd)\b.*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


def joined(result: DocumentResult) -> DocumentResult:
    """Return a result in which each table that runs over pages is one.

    Cells keep the page and box they were read from; repeated header rows are left out.
    """
    if not result.tables:
        return result
    pages = {page.number: page for page in result.pages}
    out: list[Table] = []
    for table in result.tables:
        if out and _goes_on(out[-1], table, pages):
            out[-1] = _join(out[-1], table)
        else:
            out.append(table)
    return replace(result, tables=tuple(out))


def _goes_on(upper: Table, lower: Table, pages: dict[int, Page]) -> bool:
    """Say whether a table goes on with the one before it."""
    end = upper.parts[-1]
    if lower.page != end.page + 1 or upper.turned or lower.turned:
        return False
    first, second = pages[end.page], pages[lower.page]
    return (
        first.width == second.width
        and _at_the_foot(end.box, first, second)
        and _at_the_head(lower.box, second, first)
        and _same_columns(upper, lower)
        and not _begins_anew(upper, lower)
    )


def _at_the_foot(box: Box, page: Page, other: Page) -> bool:
    """Say whether a table reaches down to the page's furniture."""
    below = [w for w in page.words if w.box.center[1] > box.y1]
    floor = min((w.box.y0 for w in below), default=1 - MARGIN)
    return floor - box.y1 <= UNUSED and _furniture(below, other)


def _at_the_head(box: Box, page: Page, other: Page) -> bool:
    """Say whether nothing but furniture stands above a table."""
    return _furniture([w for w in page.words if w.box.center[1] < box.y0], other)


def _furniture(words: Iterable[Word], other: Page) -> bool:
    """Say whether words are page headers or footers: in the margin, repeated, or page numbers."""
    there = _lines(other.words)
    return all(
        not MARGIN < y < 1 - MARGIN
        or _MARK.fullmatch(text)
        or any(abs(y - place) < ALIGNED and text == same for place, same in there)
        for y, text in _lines(words)
    )


def _lines(words: Iterable[Word]) -> list[tuple[float, str]]:
    """Return the height of each line on the page, and its text with all numbers alike."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.box.center[1]):
        if lines and word.box.y0 < lines[-1][0].box.center[1]:
            lines[-1].append(word)
        else:
            lines.append([word])
    out = []
    for line in lines:
        text = " ".join(w.text for w in sorted(line, key=lambda w: w.box.x0))
        out.append((line[0].box.center[1], _DIGITS.sub("0", text)))
    return out


def _same_columns(upper: Table, lower: Table) -> bool:
    """Say whether two tables have as many columns, in the same places."""
    if upper.shape[1] != lower.shape[1]:
        return False
    last = (c for c in upper.cells if c.page == upper.parts[-1].page)
    before, after = _columns(last), _columns(lower.cells)
    pairs = [(before[c], after[c]) for c in before.keys() & after.keys()]
    overlap = all(a.x0 < b.x1 and b.x0 < a.x1 for a, b in pairs)
    # Numbers under each other's point, of other lengths, share no edge: a third may be such.
    return len(pairs) > 1 and overlap and 3 * sum(_aligned(*p) for p in pairs) >= 2 * len(pairs)


def _columns(cells: Iterable[Cell]) -> dict[int, Box]:
    """Return the box around each column's cells that stand in it alone."""
    alone: dict[int, list[Box]] = {}
    for cell in cells:
        if cell.column_span == 1 and cell.kind != "header":
            alone.setdefault(cell.column, []).append(cell.box)
    return {column: Box.around(boxes) for column, boxes in alone.items()}


def _aligned(a: Box, b: Box) -> bool:
    apart = abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.center[0] - b.center[0])
    return min(apart) <= ALIGNED


def _begins_anew(upper: Table, lower: Table) -> bool:
    """Say whether a table has headings of its own: words over numbers, not repeated."""
    heads = [c for c in lower.cells if c.kind == "header" and c.row >= _repeated(upper, lower)]
    body = [c for c in lower.cells if c.kind != "header"]
    return any(
        not numeric(head.text) and 2 * sum(map(numeric, below)) > len(below)
        for head in heads
        if (below := [c.text for c in body if c.column == head.column > 0])
    )


def _repeated(upper: Table, lower: Table) -> int:
    """Count the rows at the top of a table that are header rows of the one before it."""
    heads = [_row(row) for row in upper.grid()[: upper.header_rows]]
    rows = map(_row, lower.grid())
    return sum(1 for _ in takewhile(lambda row: any(_alike(row, head) for head in heads), rows))


def _row(texts: Sequence[str]) -> str:
    return " ".join(texts).casefold()


def _alike(a: str, b: str) -> bool:
    same_numbers = _DIGITS.findall(a) == _DIGITS.findall(b)
    return same_numbers and SequenceMatcher(None, a, b).ratio() >= ALIKE


def _join(upper: Table, lower: Table) -> Table:
    """Put the rows of a table under those of the one before it."""
    dropped = _repeated(upper, lower)
    down = upper.shape[0] - dropped
    kinds = {c.column: c.kind for c in upper.cells if c.kind == "stub"}
    added = (
        replace(
            cell,
            row=cell.row + down,
            # What has no headings above it on its page was taken for one.
            kind=kinds.get(cell.column, "body") if cell.kind == "header" else cell.kind,
        )
        for cell in lower.cells
        if cell.row >= dropped
    )
    cells = (*upper.cells, *added)
    return replace(
        upper,
        cells=cells,
        confidence=sum(c.confidence for c in cells) / len(cells),
        basis=tuple(b for b in ALL_PARTS if b in upper.basis + lower.basis),
        further=(*upper.further, *lower.parts),
    )
