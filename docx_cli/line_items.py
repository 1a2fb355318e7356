"""Tables -> arrays of objects: which columns are which fields, which rows are items.

A column is told by its heading, and by whether its cells can be read as the field's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from docx_cli.conventions import Conventions
from docx_cli.document import Cell, Table, Word
from docx_cli.fields import Field, Rows
from docx_cli.values import Reading, read

Words = Callable[[Cell], Sequence[Word]]

NAMED = 0.5
"""Likeness of a heading and a field from which the column is that field's."""
TYPED = 0.5
"""Share of a column's cells that must be of the field's type."""
REQUIRED = 0.25
"""What a field gains that must have a column, where one column may be of several fields."""
AS_GOOD = 0.8
"""A further table must fit so well, as a share of the one that fits best."""

_TOTALS = re.compile(
    r"(?:sub|grand )?-?totals?\b|amount due|balance|tax\b|vat\b|gst\b|net\b|gross\b|"
    r"\w*(?:summe|betrag|gesamt)\b|netto|brutto|mwst|ust\b|umsatzsteuer|"
    r"mehrwertsteuer|übertrag|zzgl|sous-total|montant|tva\b|net à payer",
    re.IGNORECASE,
)


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


def _fit(rows: Rows, table: Table, words: Words, known: Conventions) -> _Fit | None:
    """Give columns to fields, the likeliest pair first; None if that does not make a table."""
    count, columns = table.shape
    first_row = table.header_rows or min(1, count - 1)
    named = _headings(table, first_row, words)
    body = [
        [c.text for c in table.cells if c.column == column and c.row >= first_row and c.text]
        for column in range(columns)
    ]
    pairs = []
    for field in rows.fields:
        for column in range(columns):
            asked = synonyms(field.labels)
            likeness = max(alike(text, label) for text in named[column] for label in asked)
            fitting = _typed(field, body[column], known)
            if likeness >= NAMED and fitting >= TYPED:
                points = likeness + fitting / 4 + REQUIRED * field.required
                pairs.append((points, field.name, column))
    taken: dict[str, int] = {}
    score = 0.0
    for points, name, column in sorted(pairs, key=lambda pair: -pair[0]):
        if name not in taken and column not in taken.values():
            taken[name] = column
            score += points
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


@cache
def synonyms(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return what else may stand over the column of a field that goes by some labels.

    A field that goes by what one of the invoice's columns is called, has its labels too.
    """
    from docx_cli.short_schema import find

    own = {_bare(label) for label in labels}
    ready = [field.labels for rows in find("invoice").rows for field in rows.fields]
    like = (known for known in ready if own & {_bare(label) for label in known})
    return tuple(dict.fromkeys([*labels, *next(like, ())]))


def alike(heading: str, label: str) -> float:
    """Return how well a heading fits a label: 1 for equal letters and digits, 0 for strangers."""
    whole, wanted = _bare(heading), _bare(label)
    if not wanted or not whole:
        return 0.0
    if whole == wanted:
        return 1.0
    words, asked = (re.findall(r"\w+", t.casefold()) for t in (heading, label))
    if set(asked) <= set(words):
        return 0.6 + 0.3 * len(asked) / len(words)
    return NAMED if len(wanted) > 3 and wanted in whole else 0.0


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _typed(field: Field, texts: Sequence[str], known: Conventions) -> float:
    """Return the share of texts that may be of the field's type."""
    if not texts:
        return 0.0
    if field.type == "text":
        # Codes are text too, but a name has letters.
        return 0.5 + 0.5 * sum(any(c.isalpha() for c in text) for text in texts) / len(texts)
    readings = [read(field.type, text, known) for text in texts]
    return sum(r.value is not None or r.ambiguous for r in readings) / len(texts)


def _items(rows: Rows, fit: _Fit, known: Conventions) -> list[Item]:
    """Return the items of one table."""
    told: list[dict[str, tuple[Reading, Cell]]] = []
    for row in range(fit.first_row, fit.table.shape[0]):
        cells = [c for c in fit.table.cells if c.row <= row < c.row_end and c.kind != "header"]
        first = min((c for c in cells if c.text), key=lambda c: c.column, default=None)
        total = first is not None and _TOTALS.match(first.text)
        values = {}
        for field in rows.fields:
            cell = next((c for c in cells if c.column == fit.columns.get(field.name)), None)
            if cell is not None and cell.text:
                values[field.name] = read(field.type, cell.text, known), cell
        # A total lacks what other rows have; a tool called "Total Station" has all of it.
        if not (total and len(values) < len(fit.columns)):
            told.append(values)
    return [Item(values) for values in told if _complete(rows, fit, values)]


def _complete(rows: Rows, fit: _Fit, values: Mapping[str, tuple[Reading, Cell]]) -> bool:
    """Say whether a row is an item: all that is required, and a number if columns hold some."""
    if any(f.required and f.name not in values for f in rows.fields):
        return False
    counted = {f.name for f in rows.fields if f.type != "text" and f.name in fit.columns}
    return not counted or any(values[n][0].value is not None for n in counted & values.keys())
