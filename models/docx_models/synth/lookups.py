"""Questions about the cells of a table: by row and column, by value, by place, by size.

They are drawn with the page's own `asker`, so that a table looks the same
whatever is asked of it. Cells whose text stands elsewhere in the table as well
come first: only their row and column tell which one is meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docx_models.synth.data import vocabulary
from docx_models.synth.draft import Ask, Draft, Run

CELL = (
    "What is the {column} of {row}?",
    "What is the {column} of {row}?",
    "What is the {column} for {row}?",
    "{column} of {row}",
    "{row}, {column}",
    "{row}: {column}",
    "What is the value for {row} in {column}?",
    "What is listed under {column} for {row}?",
    "Which {column} does {row} have?",
    "What does the table give for {row} under {column}?",
    "In the row {row}, what is the {column}?",
)
VALUE = (
    "Which {stub} has {value} under {column}?",
    "Which {stub} has a {column} of {value}?",
    "For which {stub} is the {column} {value}?",
    "{stub} with {column} {value}",
)
PLACE = (
    "What is the {column} in the {nth} row?",
    "What is the {column} of the {nth} entry?",
    "{column} in the {nth} line",
)
NEXT = (
    "Which {stub} comes right after {row}?",
    "What {stub} is listed directly below {row}?",
    "what is the next {stub} after {row}?",
)
BEFORE = (
    "Which {stub} comes right before {row}?",
    "What {stub} is listed directly above {row}?",
    "what is the {stub} previous to {row}?",
)
MOST = ("Which {stub} has the {most} {column}?", "what {stub} has the {most} {column}?")
EXTREME = ("What is the {most} {column}?", "the {most} {column}")
TIMES = ("How many rows have {value} under {column}?", "how often does {value} stand in {column}?")
HOLDS = ("Is it true that the {column} of {row} is {value}?", "Is {value} the {column} of {row}?")
FOREIGN = ("countries", "items", "malay_people", "accounts", "cities")
COLUMNS = ("Turnover", "Height", "Margin", "Head Coach", "Postal Code", "Capacity", "Elevation")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NUMBER = re.compile(r"[-+(]?\s*[$£€]?\s*\d[\d,]*(?:\.\d+)?\s*%?\)?")


@dataclass(frozen=True)
class Grid:
    """A table's body: one cell of runs for each row and head; `stub` names the rows."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Sequence[Run]]]
    stub: int = 0

    def text(self, row: int, column: int) -> str:
        """Return what a cell says."""
        return " ".join(run.text for run in self.rows[row][column])


def ask(d: Draft, grid: Grid, cells: int = 14, others: int = 2) -> None:
    """Ask about `cells` cells by row and column, and in `others` ways of each other kind.

    With none of the others, each question names a row and a column, as it must
    where several tables of a page share their columns.
    """
    counts = Counter(head.lower() for head in grid.heads)
    named = [i for i, head in enumerate(grid.heads) if head and counts[head.lower()] == 1]
    names = Counter(grid.text(i, grid.stub).lower() for i in range(len(grid.rows)))
    known = [i for i in range(len(grid.rows)) if names[_name(grid, i).lower()] == 1]
    known = [i for i in known if 0 < len(_name(grid, i)) < 50]
    columns = [i for i in named if i != grid.stub]
    _by_name(d, grid, known, columns, cells)
    if grid.stub in named and columns:
        _by_value(d, grid, columns, others)
        _neighbours(d, grid, known, others)
        _extremes(d, grid, columns, others)
    for _ in range(others if columns else 0):
        row, column = d.asker.randrange(min(len(grid.rows), 8)), d.asker.choice(columns)
        if grid.rows[row][column]:
            nth = "last" if row == len(grid.rows) - 1 else ORDINALS[row]
            _ask(d, "cell_place", grid, row, column, PLACE, {"nth": nth})
    _absent(d, grid, known, columns)


def _name(grid: Grid, row: int) -> str:
    return grid.text(row, grid.stub)


def _ask(
    d: Draft,
    kind: str,
    grid: Grid,
    row: int,
    column: int,
    ways: Sequence[str],
    how: Mapping[str, str],
) -> None:
    """Ask for a cell; a way to ask names its column, its row or both."""
    told = {"column": grid.heads[column], "row": _name(grid, row), "stub": grid.heads[grid.stub]}
    question = d.asker.choice(ways).format(**{**told, **how})
    if d.asker.random() < 0.25:
        question = question.lower()
    d.asks.append(Ask(question, kind, tuple(grid.rows[row][column])))


def _by_name(
    d: Draft, grid: Grid, known: Sequence[int], columns: Sequence[int], cells: int
) -> None:
    """Ask for cells by row and column, and whether a cell holds a value."""
    places = [(r, c) for r in known for c in columns if grid.rows[r][c]]
    d.asker.shuffle(places)
    texts = Counter(grid.text(r, c) for r, c in places)
    places.sort(key=lambda place: texts[grid.text(*place)] == 1)
    # Half of them are alone, so that both kinds are met.
    chosen = places[: cells // 2] + places[::-1][: cells - cells // 2]
    for row, column in dict.fromkeys(chosen):
        _ask(d, "cell", grid, row, column, CELL, {})
    for row, column in chosen[:3]:
        value = grid.text(d.asker.choice(known), column) if d.asker.random() < 0.5 else None
        shown = value or grid.text(row, column)
        if 0 < len(shown) < 40:
            answer = "yes" if shown == grid.text(row, column) else "no"
            wording = d.asker.choice(HOLDS).format(
                column=grid.heads[column], row=_name(grid, row), value=shown
            )
            d.asks.append(Ask(wording, "statement", text=answer))


def _by_value(d: Draft, grid: Grid, columns: Sequence[int], count: int) -> None:
    """Ask which row holds a value that its column holds once, or how many hold one."""
    for _ in range(count):
        column = d.asker.choice(columns)
        row = d.asker.randrange(len(grid.rows))
        value = grid.text(row, column)
        times = sum(grid.text(r, column) == value for r in range(len(grid.rows)))
        if not 0 < len(value) < 40:
            continue
        if times == 1 and grid.rows[row][grid.stub]:
            how = {"value": value, "column": grid.heads[column]}
            _ask(d, "cell_row", grid, row, grid.stub, VALUE, how)
        elif times > 1:
            wording = d.asker.choice(TIMES).format(value=value, column=grid.heads[column])
            d.asks.append(Ask(wording, "count", text=str(times)))


def _neighbours(d: Draft, grid: Grid, known: Sequence[int], count: int) -> None:
    """Ask for the row after or before a named one."""
    for _ in range(count):
        row = d.asker.choice(known) if known else 0
        for other, ways in ((row + 1, NEXT), (row - 1, BEFORE)):
            if row in known and 0 <= other < len(grid.rows) and grid.rows[other][grid.stub]:
                _ask(d, "cell_next", grid, other, grid.stub, ways, {"row": _name(grid, row)})


def _extremes(d: Draft, grid: Grid, columns: Sequence[int], count: int) -> None:
    """Ask for the largest and the smallest number of a column, or for its row."""
    for column in d.asker.sample(list(columns), min(count, len(columns))):
        values = [number(grid.text(row, column)) for row in range(len(grid.rows))]
        sums = any("total" in _name(grid, row).lower() for row in range(len(grid.rows)))
        if len(values) < 3 or None in values or sums:
            continue
        numbers = [value for value in values if value is not None]
        for best, most in (
            (max(numbers), ("highest", "most")),
            (min(numbers), ("lowest", "least")),
        ):
            row = numbers.index(best)
            if numbers.count(best) == 1 and grid.rows[row][grid.stub]:
                how = {"most": most[0], "column": grid.heads[column]}
                _ask(d, "cell_top", grid, row, grid.stub, MOST, how)
                _ask(d, "cell_top", grid, row, column, EXTREME, how)


def number(text: str) -> float | None:
    """Return a printed number's value, or None for any other text."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(re.sub(r"[^\d.]", "", text))
    return -value if text[0] in "-(" else value


def _absent(d: Draft, grid: Grid, known: Sequence[int], columns: Sequence[int]) -> None:
    """Ask for a row or a column that the table does not have, and for an empty cell."""
    asked: list[tuple[str, str]] = []
    shown = " ".join(run.text.lower() for run in d.runs)
    other = d.asker.choice(vocabulary(d.asker.choice(FOREIGN)))
    if columns and other.lower() not in shown:
        asked.append((other, grid.heads[d.asker.choice(columns)]))
    column = d.asker.choice(COLUMNS)
    if known and column.lower() not in shown:
        asked.append((_name(grid, d.asker.choice(known)), column))
    empty = [(r, c) for r in known for c in columns if not grid.rows[r][c]]
    for r, c in d.asker.sample(empty, min(2, len(empty))):
        asked.append((_name(grid, r), grid.heads[c]))
    for row, head in asked:
        d.asks.append(Ask(d.asker.choice(CELL).format(row=row, column=head), "cell"))
