"""Findings as sheets of rows and columns: what CSV, workbooks and data frames are made of.

Answers and key-values are one sheet that grows with every document; each table is a sheet of its
own. Text is as printed, without what could drive a terminal; numbers are the tool's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from docx_cli.document import Answer, Cell, DocumentResult, Evidence, KeyValue, Money, Table
from docx_cli.document import Value as Printed
from docx_cli.safe_text import printable
from docx_cli.values import as_number, as_plain

if TYPE_CHECKING:
    from docx_cli.fields import Schema

Value = str | int | float | bool | date | None
Content = Literal["answers", "key_values", "tables"]
"""Which of a result's findings: as the fields of `DocumentResult` are called."""

_PLACE = {"page": int, "x0": float, "y0": float, "x1": float, "y1": float}
COLUMNS: dict[str, dict[str, type]] = {
    "answers": {
        "source": str,
        "name": str,
        "question": str,
        "text": str,
        "type": str,
        "value": str,
        "currency": str,
        "found": bool,
        "confidence": float,
        "grounding": str,
        **_PLACE,
        "error": str,
    },
    "key_values": {
        "source": str,
        "key": str,
        "value": str,
        "confidence": float,
        "origin": str,
        "field": str,
        **_PLACE,
        "error": str,
    },
}
"""Columns of the sheets that grow, with their types; None is possible in all of them.

The place is the answer's or the value's; `origin` says "page" or "form". `value` is what the text
says, numbers as numbers where the format has some. A document that failed
is a row with source and error.
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of values, all of one length, with the spans and headers of a table."""

    name: str
    """Short, for a tab of a workbook; need not be unique."""
    title: str
    """A line for a person."""
    rows: list[list[Value]]
    """A spanning cell's value stands in its top left slot, its other slots are None."""
    header_rows: int
    """So many rows at the top are headers."""
    headers: frozenset[tuple[int, int]] = frozenset()
    """Slots (row, column) that are headers of columns or rows."""
    spans: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """Rows and columns of what spans more than one slot; they do not overlap."""
    types: dict[str, type] | None = None
    """Given where the sheet goes on with the next document's; its one header row names them."""

    @property
    def covered(self) -> frozenset[tuple[int, int]]:
        """Slots that lie under a spanning cell and are not its first."""
        return frozenset(
            (row + r, column + c)
            for (row, column), (high, wide) in self.spans.items()
            for r in range(high)
            for c in range(wide)
            if (r, c) != (0, 0)
        )

    def column_names(self) -> list[str]:
        """Return a name for each column, all different: its headers, top to bottom.

        A header that spans columns names each of them; a column without any is
        called by its number, counted from 1.
        """
        labels: list[list[str]] = [[] for _ in (self.rows[0] if self.rows else ())]
        for row, values in enumerate(self.rows[: self.header_rows]):
            for column, value in enumerate(values):
                _, wide = self.spans.get((row, column), (1, 1))
                for under in labels[column : column + wide] if value else ():
                    under.append(str(value))
        names = Names()
        return [names.claim(" / ".join(label) or str(n)) for n, label in enumerate(labels, 1)]


class Names:
    """Gives out names of which no two are alike, whatever their case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, name: str, suffix: str = "", longest: int = 200) -> str:
        """Return `name` and `suffix`, with a number between them if that is taken.

        Args:
            name: what is wanted; cut so that the result is not longer than `longest`.
            suffix: what the result must end in.
            longest: characters.
        """
        number = 1
        while True:
            mark = f"-{number}" if number > 1 else ""
            unique = name[: longest - len(mark) - len(suffix)] + mark + suffix
            if unique.casefold() not in self._taken:
                self._taken.add(unique.casefold())
                return unique
            number += 1


def sheets(
    result: DocumentResult, content: Content | Schema, *, apart: bool = False
) -> Iterator[Sheet]:
    """Yield the sheets of one kind of finding; answers and key-values are always one.

    Args:
        result: what was found.
        content: what of it; of an extraction, its schema.
        apart: an extraction's tables become sheets of their own, not JSON in a cell.
    """
    if not isinstance(content, str):
        from docx_cli.field_sheets import field_sheets

        yield from field_sheets(result, content, apart=apart)
        return
    if content == "tables":
        yield from (
            table_sheet(table, number, result.source)
            for table, number in numbered(result.tables or ())
        )
        return
    types = COLUMNS[content]
    if result.error is not None:
        blank: list[Value] = [None] * (len(types) - 2)
        found = [[printable(result.source), *blank, printable(result.error.message)]]
    elif content == "answers":
        found = [[printable(result.source), *_answer(a), None] for a in result.answers or ()]
    else:
        found = [[printable(result.source), *_pair(p), None] for p in result.key_values or ()]
    yield Sheet(content.replace("_", "-"), "", [list(types), *found], 1, types=types)


def numbered(tables: Iterable[Table]) -> Iterator[tuple[Table, int]]:
    """Yield each table with its number on its page, counted from 1."""
    counts: dict[int, int] = {}
    for table in tables:
        counts[table.page] = counts.get(table.page, 0) + 1
        yield table, counts[table.page]


def table_sheet(table: Table, number: int = 1, source: str = "") -> Sheet:
    """Lay a table out.

    Args:
        table: what was found.
        number: which table of its page, counted from 1.
        source: the document's name, for the titles.
    """
    rows, columns = table.shape
    grid: list[list[Value]] = [[None] * columns for _ in range(rows)]
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    taken: set[tuple[int, int]] = set()
    for cell in sorted(table.cells, key=lambda c: (c.row, c.column)):
        slot = cell.row, cell.column
        grid[cell.row][cell.column] = printable(cell.text)
        slots = _slots(cell)
        if len(slots) > 1 and taken.isdisjoint(slots):
            spans[slot] = cell.row_span, cell.column_span
            taken |= slots
        taken.add(slot)
    headers = frozenset(slot for c in table.cells if c.kind != "body" for slot in _slots(c))
    stem = Path(printable(source)).stem
    where = f"{pages_of(table)}, table {number}"
    return Sheet(
        name=f"{stem[:20]} p{table.page} t{number}".strip(),
        title=f"{printable(source)}, {where}" if source else where,
        rows=grid,
        header_rows=table.header_rows,
        headers=headers,
        spans=spans,
    )


def pages_of(table: Table) -> str:
    """Say on which pages a table stands."""
    last = table.parts[-1].page
    return f"page {table.page}" if last == table.page else f"pages {table.page}-{last}"


def _slots(cell: Cell) -> set[tuple[int, int]]:
    columns = range(cell.column, cell.column_end)
    return {(row, column) for row in range(cell.row, cell.row_end) for column in columns}


def _answer(answer: Answer) -> list[Value]:
    return [
        printable(answer.name),
        printable(answer.question),
        printable(answer.text),
        answer.type,
        *value_cells(answer.value),
        answer.found,
        round(answer.confidence, 4),
        answer.grounding,
        *_place(answer.evidence),
    ]


def value_cells(value: Printed) -> list[Value]:
    """Return a value and the currency of an amount."""
    if isinstance(value, Money):
        return [as_number(value.amount), value.currency]
    plain = as_plain(value)
    return [printable(plain) if isinstance(plain, str) else plain, None]


def _pair(pair: KeyValue) -> list[Value]:
    return [
        printable(pair.key.text),
        printable(pair.value.text),
        round(pair.confidence, 4),
        pair.source,
        printable(pair.field.name) if pair.field else None,
        *_place(pair.value.evidence),
    ]


def _place(evidence: Evidence | None) -> list[Value]:
    if evidence is None:
        return [None] * len(_PLACE)
    return [evidence.page, *evidence.box.rounded()]
