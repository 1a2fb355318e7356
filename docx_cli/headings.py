"""Which rows of a table are headers, and which columns at its left are labels of its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

_YEAR = re.compile(r"\W*(?:1[89]|20)\d\d(?:\s*[-–/]\s*(?:\d\d|\d{4}))?\W*")


def is_year(text: str) -> bool:
    """Say whether a text is a year, or two that follow each other."""
    return _YEAR.fullmatch(text) is not None


class Placed(Protocol):
    """A cell in its slots."""

    row: int
    column: int
    column_end: int

    @property
    def text(self) -> str:
        """What stands in it."""

    @property
    def numeric(self) -> bool:
        """Whether that is a number."""


def header_rows(cells: Sequence[Placed], rows: int) -> int:
    """Count the rows above the first that holds numbers behind its first column.

    Different years over the columns are headings, where they are not all there is.
    """
    columns = max((c.column_end for c in cells), default=0)
    for n in range(rows):
        row = [c for c in cells if c.row == n]
        if n > 0 and len(row) == 1 and row[0].column_end - row[0].column == columns:
            return n
        found = [c for c in row if c.column > 0]
        numbers = [c for c in found if c.numeric]
        if found and 2 * len(numbers) >= len(found) and not _heads(numbers, cells):
            return n if n < rows / 2 else 1
    return 1


def stub_columns(cells: Sequence[Placed], headers: int, columns: int) -> int:
    """Count the columns at the left that label the rows: words, or years, beside numbers.

    0 where no column of numbers follows, or most of what follows is words.
    """
    body = [c for c in cells if c.row >= headers]
    kinds = [_is_stub(body, column) for column in range(columns)]
    leading = kinds.index(False) if False in kinds else 0
    behind = kinds[leading:]
    if 2 * behind.count(False) < len(behind):
        return 0
    return leading if leading <= len(behind) else 1


def _heads(numbers: Sequence[Placed], cells: Sequence[Placed]) -> bool:
    """Say whether the numbers of a row are years, over columns that hold other numbers."""
    years = {c.text for c in numbers if is_year(c.text)}
    row = numbers[0].row
    below = [c for c in cells if c.row > row and c.column > 0 and c.numeric]
    others = sum(not is_year(c.text) for c in below)
    return len(years) == len(numbers) and 2 * others > len(below)


def _is_stub(body: Sequence[Placed], column: int) -> bool:
    """Say whether a column holds words, or is the first and holds different years."""
    own = [c for c in body if c.column == column and c.column_end == column + 1]
    if 2 * sum(c.numeric for c in own) < len(own):
        return True
    years = {c.text for c in own if is_year(c.text)}
    return column == 0 and len(years) == len(own) > 0
