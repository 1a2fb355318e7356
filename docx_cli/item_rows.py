"""Tables of line items read under their headings, beside what the table reader finds.

A row is a line with values of the right types under several headings; what stands near it and has
none, such as the rest of a long name, belongs to it. The rows end where totals begin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from docx_cli.conventions import Conventions
from docx_cli.document import Box, Cell, CellKind, Page, Place, Table
from docx_cli.fields import Rows
from docx_cli.item_headings import SCANNED, SET, Headings, Reader, meetings
from docx_cli.layout import Line, Sheet
from docx_cli.rules import Rules
from docx_cli.tilt import Tilt, undone, upright_words
from docx_cli.values import read

NOTES = 12
"""Lines below an item that may say more of it."""
CONFIDENCE = 0.9
"""Of a cell: on synthetic pages 98 % of such items are right; those of people are harder."""
TOTALS = re.compile(
    r"(?:sub|sous|grand)?[\s-]*totals?\b|amount due|balance|tax\b|vat\b|gst\b|nett?\b|gross\b|"
    r"\w*(?:summe|betrag|gesamt)\b|netto|brutto|mwst|ust\b|umsatzsteuer|"
    r"mehrwertsteuer|übertrag|zzgl|montant|tva\b|net à payer",
    re.IGNORECASE,
)
"""How a row begins that is no item but adds items up."""


def adds_up(first: str, *, lacks: bool) -> bool:
    """Say whether a row is one of totals, by its first words.

    A tool may be called "Total Station", so more than a word for a total counts only where the
    row `lacks` what items have.
    """
    return bool(TOTALS.match(first) if lacks else TOTALS.fullmatch(first.strip(" .:")))


@dataclass
class _Row:
    """An item on its way: its words by column, and how far down it reaches."""

    cells: dict[int, list[int]]
    bottom: float


_Told = tuple[Line, bool, dict[int, list[int]]]
"""A line, whether it is a row, and its words by column."""


@dataclass
class _Part:
    """What one page has of a table: a row of headings, unless it is carried on, and items.

    `open` says whether it may go on on the next page.
    """

    headings: Headings
    rows: list[tuple[Cell, ...]]
    open: bool


def item_tables(rows: Rows, pages: Sequence[Page], known: Conventions) -> list[Table]:
    """Read what stands under headings that name a row's fields; it may run over pages.

    Args:
        rows: the fields of a row.
        pages: of a document; boxes of what is found are those of the pages as given.
        known: how the document writes.
    """
    tables: list[list[tuple[Cell, ...]]] = []
    last: _Part | None = None
    before = 0
    for page in pages:
        carried = last.headings if last and last.open and page.number == before + 1 else None
        before = page.number
        for part in _Reading(rows, page, known).parts(carried):
            if part.headings is carried:
                tables[-1] += part.rows
            else:
                tables.append(part.rows)
            last = part
    found = tuple(_table(cells) for cells in tables if len(cells) > 1)
    return list(undone(found, {p.number: Tilt.of(p) for p in pages if p.turned or p.skew}))


def _table(rows: Sequence[tuple[Cell, ...]]) -> Table:
    """Put the headings and the rows of one table together."""
    cells = tuple(replace(cell, row=number) for number, row in enumerate(rows) for cell in row)
    places = [
        Place(page, Box.around(cell.box for cell in cells if cell.page == page))
        for page in dict.fromkeys(cell.page for cell in cells)
    ]
    return Table(places[0].page, places[0].box, cells, CONFIDENCE, further=tuple(places[1:]))


class _Reading:
    """Reads the items of one page."""

    def __init__(self, rows: Rows, page: Page, known: Conventions) -> None:
        self._page = page.number
        self._known = known
        self._typed = {f.name: f for f in rows.fields if f.type != "text"}
        self._required = [f.name for f in rows.fields if f.required]
        self._white = SET if page.text_source == "pdf" else SCANNED
        self._sheet = Sheet.of(upright_words(page), Rules.none(), Tilt.of(page).size)
        self._reader = Reader(self._sheet, rows.fields, self._white)

    def parts(self, carried: Headings | None) -> list[_Part]:
        """Return the tables, top to bottom; `carried` are headings of the page before."""
        out = []
        lines = self._reader.lines
        headings, begin = carried, 0
        following = self._reader.headings()
        if headings is None and following:
            headings, begin, following = following, following.below, None
        while headings is not None:
            following = following or self._reader.headings(begin)
            end = following.top if following else len(lines)
            words = {n: list(h.words) for n, h in enumerate(headings.columns)}
            own = headings is not carried
            rows, ended = self._rows(headings, lines[begin:end], own=own)
            cells = [self._cells_of("header", words)] if own else []
            cells += [self._cells_of("body", row.cells) for row in rows]
            out.append(_Part(headings, cells, open=not ended and following is None))
            headings, begin = following, following.below if following else 0
            following = None
        return out

    def _rows(
        self, headings: Headings, lines: Sequence[Line], *, own: bool
    ) -> tuple[list[_Row], bool]:
        """Read the rows under some headings; say whether totals end them."""
        cuts = meetings(headings, (), self._sheet)
        sure = self._fullest(headings, self._cut(headings, lines, cuts))
        cuts = meetings(headings, sure, self._sheet, own=own)
        rows: list[_Row] = []
        above: list[tuple[Line, dict[int, list[int]]]] = []
        told = self._cut(headings, lines, cuts)
        for line, is_row, cells in told:
            if is_row:
                row = _Row(cells, line.y1)
                self._add_above(headings, row, line, above)
                rows.append(row)
                above = []
            elif rows and line.y0 - rows[-1].bottom <= self._white * line.height:
                self._add(headings, rows[-1].cells, cells)
                rows[-1].bottom = max(rows[-1].bottom, line.y1)
            else:
                above.append((line, cells))
                if (rows or not own) and (
                    len(above) > NOTES or self._leaves(headings, line, cells)
                ):
                    return rows, True
        return rows, len(told) < len(lines)

    def _fullest(self, headings: Headings, told: Sequence[_Told]) -> list[Line]:
        """Return the rows with the most values: what only looks like a row has fewer."""
        count = {id(line): len(self._values(headings, cells)) for line, row, cells in told if row}
        most = max(count.values(), default=0)
        return [line for line, _, _ in told if count.get(id(line)) == most]

    def _leaves(self, headings: Headings, line: Line, cells: Mapping[int, Sequence[int]]) -> bool:
        """Say whether a line is other text below the items.

        It is if it begins at the margin, left of the items' names, or looks like other headings.
        """
        named = min((headings.fields[name] for name in self._required), default=0)
        texts = [chunk.text for chunk in line.chunks]
        other = len(texts) > 2 and not any(c.isdigit() for c in "".join(texts))
        return other or (len(texts) == 1 and min(cells) == 0 < named)

    def _cut(self, headings: Headings, lines: Sequence[Line], cuts: Sequence[float]) -> list[_Told]:
        """Say of each line above the totals whether it is a row, and which words are whose."""
        out = []
        for line in lines:
            cells = self._cells(headings, line, cuts)
            values = self._values(headings, cells)
            typed = headings.fields.keys() & self._typed.keys()
            lacks = len(values) < len(typed)
            named = any(adds_up(chunk.text, lacks=True) for chunk in line.chunks)
            total = (named and lacks) or adds_up(line.chunks[0].text, lacks=False)
            if total and max(cells) >= max((headings.fields[name] for name in typed), default=0):
                break
            prose = 2 * len(line.chunks) < len(cells)
            is_row = not total and not prose and self._is_row(headings, cells, values)
            out.append((line, is_row, cells))
        return out

    def _cells(self, headings: Headings, line: Line, cuts: Sequence[float]) -> dict[int, list[int]]:
        """Give a line's words to the columns that they stand in."""
        cells: dict[int, list[int]] = {}
        typed = {headings.fields[name] for name in headings.fields.keys() & self._typed.keys()}
        for chunk in line.chunks:
            own: dict[int, list[int]] = {}
            first = None
            for word in chunk.words:
                column = sum(self._middle(word) > cut for cut in cuts)
                first = column if first is None else first
                text = self._sheet.words[word].text
                # The end of a long name stands where a number would.
                if column in typed and column not in own and text.isalpha() and first not in typed:
                    column = first
                own.setdefault(column, []).append(word)
            for column, words in own.items():
                cells.setdefault(column, []).extend(words)
        return cells

    def _values(self, headings: Headings, cells: Mapping[int, Sequence[int]]) -> list[str]:
        """Return the fields, texts aside, that a line has a value of."""
        return [
            name
            for name, column in headings.fields.items()
            if name in self._typed and column in cells
            if read(self._typed[name].type, self._text(cells[column]), self._known).value
            is not None
        ]

    def _is_row(
        self, headings: Headings, cells: Mapping[int, Sequence[int]], values: Sequence[str]
    ) -> bool:
        """Say whether a line is one of an item: several values, or a name and what it costs."""
        typed = headings.fields.keys() & self._typed.keys()
        if not typed:
            return self._named(headings, cells) and len(cells) > 1
        if len(values) >= min(2, len(typed)):
            return True
        last = max(typed, key=lambda name: headings.fields[name])
        return values == [last] and self._named(headings, cells)

    def _named(self, headings: Headings, cells: Mapping[int, Sequence[int]]) -> bool:
        """Say whether a line has all that an item must have."""
        return all(headings.fields[name] in cells for name in self._required)

    def _add(
        self, headings: Headings, cells: dict[int, list[int]], more: Mapping[int, Sequence[int]]
    ) -> None:
        """Let a row go on with the texts of a line; numbers are never wrapped."""
        typed = {headings.fields[name] for name in headings.fields.keys() & self._typed.keys()}
        for column in more.keys() - typed:
            cells.setdefault(column, []).extend(more[column])

    def _add_above(
        self,
        headings: Headings,
        row: _Row,
        line: Line,
        above: Sequence[tuple[Line, dict[int, list[int]]]],
    ) -> None:
        """Put what stands right above a row, and not right below another, before it."""
        top = line.y0
        for upper, cells in reversed(above):
            if top - upper.y1 > self._white * upper.height:
                break
            begun: dict[int, list[int]] = {}
            self._add(headings, begun, cells)
            for column, words in begun.items():
                row.cells[column] = [*words, *row.cells.get(column, ())]
            top = upper.y0

    def _cells_of(self, kind: CellKind, words: Mapping[int, Sequence[int]]) -> tuple[Cell, ...]:
        """Make the cells of one row; which row it is is not known yet."""
        return tuple(
            Cell(
                0,
                column,
                1,
                1,
                kind,
                self._text(inside),
                self._sheet.box(inside),
                CONFIDENCE,
                self._page,
            )
            for column, inside in sorted(words.items())
        )

    def _text(self, words: Sequence[int]) -> str:
        return " ".join(self._sheet.words[word].text for word in words)

    def _middle(self, word: int) -> float:
        x0, _, x1, _ = self._sheet.boxes[word]
        return float(x0 + x1) / 2
