"""Tables -> arrays of objects: which columns are which fields, which rows are items.

A column is told by its heading, and by whether its cells can be read as the field's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from docx_cli.amounts import without_currency
from docx_cli.conventions import Conventions
from docx_cli.document import Cell, Table, Word
from docx_cli.fields import Field, Rows
from docx_cli.item_rows import adds_up
from docx_cli.labels import bare, field_columns, synonyms
from docx_cli.values import Reading, read

Words = Callable[[Cell], Sequence[Word]]

TYPED = 0.5
"""Share of a column's cells that must be of the field's type."""
AS_GOOD = 0.8
"""A further table must fit so well, as a share of the one that fits best."""

CLEARLY = 1.25
"""So many times as good must the items of tables be: merged columns give more values, but wrong."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row: a reading and its cell for each field that the row says something of."""

    values: Mapping[str, tuple[Reading, Cell]]


@dataclass(frozen=True, slots=True)
class _Fit:
    """How the columns of a table fit the fields: a column for each field that has one."""

    table: Table
    columns: Mapping[str, int]
    first_row: int
    score: float


def items(rows: Rows, tables: Iterable[Table], words: Words, known: Conventions) -> list[Item]:
    """Return the rows of the tables that fit best.

    Rows without a required field are left out, and so are rows of totals.

    Args:
        rows: the fields that the columns hold.
        tables: of a document, joined where they run over pages.
        words: tells the words of a cell.
        known: how the document writes.
    """
    fits = [fit for table in tables if (fit := _fit(rows, table, words, known))]
    best = max((fit.score for fit in fits), default=0.0)
    found = []
    for fit in fits:
        if fit.score >= AS_GOOD * best:
            found += _items(rows, fit, known)
    return found


def column(field: Field, tables: Iterable[Table], known: Conventions) -> list[Cell]:
    """Return the cells of the first column that is called as a list, without those of totals."""
    asked = {bare(label) for label in synonyms(field.labels)}
    for table in tables:
        first_row = table.header_rows or min(1, table.shape[0] - 1)
        for number, texts in enumerate(_headings(table, first_row, lambda cell: ())):
            cells = [
                c
                for c in table.cells
                if c.column == number and c.row >= first_row and c.text and not _in_total(table, c)
            ]
            named = any(bare(text) in asked for text in texts)
            if named and _typed(field, [c.text for c in cells], known) >= TYPED:
                return cells
    return []


def longer(tables: list[Cell], headed: list[Cell]) -> list[Cell]:
    """Return a column as tables have it if that is clearly longer, else as read by headings."""
    better = len(tables) > CLEARLY * len(headed)
    return tables if better or [c.text for c in tables] == [c.text for c in headed] else headed


def beside(field: Field, lists: Sequence[Field]) -> Rows:
    """Return the columns that a list may stand among: other lists, and those of line items.

    By their headings a list's own is told from what runs into it.
    """
    from docx_cli.short_schema import find

    own = replace(field, required=True, many=False)
    others = [f for f in lists if f is not field]
    others += [f for rows in find("invoice").rows for f in rows.fields]
    taken = {bare(label) for label in synonyms(field.labels)}
    columns = [own]
    for other in others:
        called = {bare(label) for label in synonyms(other.labels)}
        if taken.isdisjoint(called):
            columns.append(replace(other, required=False, many=False))
            taken |= called
    return Rows(field.path, tuple(columns), field.required)


def likelier(rows: Rows, tables: list[Item], headed: list[Item]) -> list[Item]:
    """Return the items read from tables if they are clearly more, else those read by headings.

    An item counts by the square of its share of the values that can be told right from wrong, so
    that half an item is not half as good.
    """
    told = [f.name for f in rows.fields if f.required or f.type != "text"]

    def worth(found: list[Item]) -> float:
        held = (
            [item.values[name][0].value is not None for name in told if name in item.values]
            for item in found
        )
        good = (max(0.0, (2 * sum(flags) - len(flags)) / len(told)) for flags in held)
        return sum(share * share for share in good)

    def texts(found: list[Item]) -> list[dict[str, str]]:
        return [{name: cell.text for name, (_, cell) in item.values.items()} for item in found]

    # Where both say the same, tables say it more surely.
    better = worth(tables) > CLEARLY * worth(headed)
    return tables if better or texts(tables) == texts(headed) else headed


def _fit(rows: Rows, table: Table, words: Words, known: Conventions) -> _Fit | None:
    """Give columns to fields, the likeliest pair first; None if that does not make a table."""
    count, columns = table.shape
    first_row = table.header_rows or min(1, count - 1)
    named = _headings(table, first_row, words)
    body = [
        [c.text for c in table.cells if c.column == column and c.row >= first_row and c.text]
        for column in range(columns)
    ]

    def fitting(field: Field, column: int) -> float | None:
        share = _typed(field, body[column], known)
        return share if share >= TYPED else None

    taken, score = field_columns(rows.fields, named, fitting)
    missing = any(f.required and f.name not in taken for f in rows.fields)
    if missing or len(taken) < min(2, len(rows.fields)):
        return None
    return _Fit(table, taken, first_row, score)


def _headings(table: Table, rows: int, words: Words) -> list[list[str]]:
    """Return what may be the heading of each column, top to bottom, in one line.

    It is the cells over a column; of a cell that spans several, also the words that stand over
    this one: narrow columns often share a cell that holds a heading for each.
    """
    columns = table.shape[1]
    header = [c for c in table.cells if c.row < rows]
    middles = [_middle(table, column, rows) for column in range(columns)]
    whole: list[list[str]] = [[] for _ in range(columns)]
    own: list[list[str]] = [[] for _ in range(columns)]
    for cell in header:
        under = range(cell.column, cell.column_end)
        inside = words(cell) if len(under) > 1 else ()
        for column in under:
            whole[column].append(cell.text)
            own[column] += [] if inside else [cell.text]
        for word in inside:
            nearest = min(under, key=lambda c: abs(middles[c] - word.box.center[0]))
            own[nearest].append(word.text)
    # "Positions- betrag" was parted at the end of a line.
    texts = (
        [re.sub(r"(?<=\w)- (?=[^\W\d_])", "", " ".join(t)) for t in (w, o)]
        for w, o in zip(whole, own, strict=True)
    )
    return [list(dict.fromkeys(pair)) for pair in texts]


def _middle(table: Table, column: int, first_row: int) -> float:
    """Return where the middle of a column's cells is, as a fraction of the page's width."""
    boxes = [
        c.box
        for c in table.cells
        if c.column == column and c.column_span == 1 and c.row >= first_row
    ]
    return sum(b.center[0] for b in boxes) / len(boxes) if boxes else table.box.center[0]


def _typed(field: Field, texts: Sequence[str], known: Conventions) -> float:
    """Return the share of texts that may be of the field's type."""
    if not texts:
        return 0.0
    if field.type == "text":
        # Codes are text too, but a name has letters.
        return 0.5 + 0.5 * sum(any(c.isalpha() for c in text) for text in texts) / len(texts)
    # What is paid is neither a count nor a share.
    likely = [t for t in texts if field.type == "money" or without_currency(t) == t]
    readings = [read(field.type, text, known) for text in likely]
    return sum(r.value is not None or r.ambiguous for r in readings) / len(texts)


def _in_total(table: Table, cell: Cell) -> bool:
    """Say whether a cell stands in a row that begins with a word for a total."""
    texts = [c for c in table.cells if c.row == cell.row and c.text]
    return adds_up(min(texts, key=lambda c: c.column).text, lacks=True)


def _items(rows: Rows, fit: _Fit, known: Conventions) -> list[Item]:
    """Return the items of one table."""
    told: list[dict[str, tuple[Reading, Cell]]] = []
    for row in range(fit.first_row, fit.table.shape[0]):
        cells = [c for c in fit.table.cells if c.row <= row < c.row_end and c.kind != "header"]
        first = min((c for c in cells if c.text), key=lambda c: c.column, default=None)
        values = {}
        for field in rows.fields:
            cell = next((c for c in cells if c.column == fit.columns.get(field.name)), None)
            if cell is not None and cell.text:
                values[field.name] = read(field.type, cell.text, known), cell
        if first is None or not adds_up(first.text, lacks=len(values) < len(fit.columns)):
            told.append(values)
    return [Item(values) for values in told if _complete(rows, fit, values)]


def _complete(rows: Rows, fit: _Fit, values: Mapping[str, tuple[Reading, Cell]]) -> bool:
    """Say whether a row is an item: all that is required, and a number if columns hold some."""
    if any(f.required and f.name not in values for f in rows.fields):
        return False
    counted = {f.name for f in rows.fields if f.type != "text" and f.name in fit.columns}
    return not counted or any(values[n][0].value is not None for n in counted & values.keys())
