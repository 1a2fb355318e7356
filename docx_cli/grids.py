"""Rows, columns and cells of one table, from its lines and its ruling lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from docx_cli.columns import gutters
from docx_cli.headings import header_rows, stub_columns
from docx_cli.layout import Chunk, Floats, Line, numeric
from docx_cli.levels import spread, widened

NEAR = 3.0
"""Points: ruling lines this near to each other are one."""


@dataclass
class Slot:
    """A cell on its way: its slots and its words."""

    row: int
    column: int
    row_end: int
    column_end: int
    chunks: list[Chunk] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands in it."""
        return " ".join(c.text for c in self.chunks)

    @property
    def numeric(self) -> bool:
        """Whether that is a number."""
        return numeric(self.text)


@dataclass(frozen=True)
class Region:
    """Where a table stands: its lines, and the ruling lines in and around it, in points."""

    lines: tuple[Line, ...]
    across: Floats  # [H, 3]: y, x0, x1
    down: Floats  # [V, 3]: x, y0, y1

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The box around the text."""
        chunks = [c for line in self.lines for c in line.chunks]
        return (
            min(c.x0 for c in chunks),
            min(c.y0 for c in chunks),
            max(c.x1 for c in chunks),
            max(c.y1 for c in chunks),
        )

    def within(self, x0: float, x1: float) -> Region:
        """Return the part between two edges, which must hold text."""
        lines = tuple(part for line in self.lines if (part := line.within(x0, x1)))
        across = self.across[(self.across[:, 2] > x0) & (self.across[:, 1] < x1)]
        down = self.down[(self.down[:, 0] > x0) & (self.down[:, 0] < x1)]
        return Region(lines, across, down)


@dataclass(frozen=True)
class Layout:
    """A table's cells; `rows` are the numbers of lines in each row."""

    cells: list[Slot]
    rows: list[list[int]]
    edges: list[float]
    header_rows: int
    stub_columns: int


def lay_out(region: Region) -> Layout:
    """Find rows, columns and cells."""
    x0, y0, x1, y1 = region.bounds
    down = _places(region.down, 0.35 * (y1 - y0))
    edges = gutters(region.lines, [x for x in down if x0 < x < x1])
    spans = [[_columns(c, edges, region, line) for c in line.chunks] for line in region.lines]
    for i in range(len(region.lines)):
        if edges and _is_title(region, i):
            spans[i] = [(0, len(edges) + 1)]
    rows = _rows(region, spans)
    cells = _cells(region, rows, spans)
    headers = header_rows(cells, len(rows))
    stubs = stub_columns(cells, headers, len(edges) + 1)
    widened(cells, headers, len(edges) + 1)
    spread(cells, headers)
    return Layout(cells, rows, edges, headers, stubs)


def _is_title(region: Region, number: int) -> bool:
    """Say whether a line is words alone, in the middle of the table: the title of rows below.

    Words below the middle of other words rather go on with these, in a column that is centred.
    """
    line, above = region.lines[number], region.lines[max(number - 1, 0)]
    chunk = line.chunks[0]
    if len(line.chunks) > 1 or chunk.numeric:
        return False
    middle, slack = (chunk.x0 + chunk.x1) / 2, 0.3 * line.height
    words = (c for c in above.chunks if c is not chunk and not c.numeric)
    if any(abs((c.x0 + c.x1) / 2 - middle) < slack for c in words):
        return False
    x0, _, x1, _ = region.bounds
    wide = region.across[region.across[:, 2] - region.across[:, 1] > 0.9 * (x1 - x0)]
    middles = {(x0 + x1) / 2, *((rule[1] + rule[2]) / 2 for rule in wide.tolist())}
    return any(abs(middle - x) < slack for x in middles)


def _places(rules: Floats, least: float) -> list[float]:
    """Join lines in one place; return the places where they are long enough together."""
    out: list[float] = []
    group: list[Floats] = []
    for rule in sorted(rules.tolist()):
        if group and rule[0] - group[-1][0] > NEAR:
            _finish(group, least, out)
            group = []
        group.append(rule)
    _finish(group, least, out)
    return out


def _finish(group: list[Floats], least: float, out: list[float]) -> None:
    if sum(end - start for _, start, end in group) >= least:
        out.append(float(np.mean([place for place, *_ in group])))


def _columns(chunk: Chunk, edges: Sequence[float], region: Region, line: Line) -> tuple[int, int]:
    """Return the first column of a chunk and the one behind its last."""
    slack = 0.35 * line.height
    first = sum(chunk.x0 + slack >= e for e in edges)
    last = sum(chunk.x1 - slack >= e for e in edges)
    first, last = min(first, last), max(first, last)
    return first, last + 1


def _rows(region: Region, spans: list[list[tuple[int, int]]]) -> list[list[int]]:
    """Group lines into rows."""
    lines = region.lines
    x0, _, x1, _ = region.bounds
    walls = _places(region.across, 0.5 * (x1 - x0))
    band = [sum(line.middle > y for y in walls) for line in lines]
    numbers = list(dict.fromkeys(band))
    rows: list[list[int]] = []
    for n in numbers:
        members = [i for i, b in enumerate(band) if b == n]
        headed = n == numbers[0] and _headed(lines, spans, members)
        if len(numbers) > 2 and not headed and _one_row(lines, spans, members):
            rows.append(members)
        else:
            rows += _rows_of_lines(lines, spans, members, first=n == numbers[0])
    return rows


def _headed(lines: Sequence[Line], spans: list[list[tuple[int, int]]], members: list[int]) -> bool:
    """Say whether the first of some lines heads the next: words, over numbers mostly."""
    first, *more = members
    if not more or spans[first] != spans[more[0]] or len(spans[first]) < 2:
        return False
    words, numbers = lines[first].chunks, lines[more[0]].chunks[1:]
    most = 2 * sum(c.numeric for c in numbers) > len(numbers)
    return most and not any(c.numeric for c in words)


def _one_row(lines: Sequence[Line], spans: list[list[tuple[int, int]]], members: list[int]) -> bool:
    """Say whether the lines between two ruling lines are one row: numbers are never wrapped."""
    seen: set[int] = set()
    for i in members:
        here = {s[0] for c, s in zip(lines[i].chunks, spans[i], strict=True) if c.numeric}
        here -= {0}
        if here & seen:
            return False
        seen |= here
    return len(members) <= 8


def _rows_of_lines(
    lines: Sequence[Line], spans: list[list[tuple[int, int]]], members: list[int], *, first: bool
) -> list[list[int]]:
    """Group lines between two ruling lines into rows, by their places and what they fill."""
    rows = [[members[0]]] if members else []
    gap = _row_gap(lines, members)
    for before, i in pairwise(members):
        if _continues(lines, spans, before, i, gap, rows[-1]):
            rows[-1].append(i)
        else:
            rows.append([i])
    return rows


def _row_gap(lines: Sequence[Line], members: list[int]) -> float:
    """White between lines that both hold numbers: what lies between rows."""
    gaps = [
        lines[b].y0 - lines[a].y1
        for a, b in pairwise(members)
        if all(any(c.numeric for c in lines[i].chunks[1:]) for i in (a, b))
    ]
    return float(np.median(gaps)) if gaps else 0.0


def _continues(
    lines: Sequence[Line],
    spans: list[list[tuple[int, int]]],
    before: int,
    i: int,
    gap: float,
    row: list[int],
) -> bool:
    """Say whether a line goes on with the row of the line before it."""
    above, below = lines[before], lines[i]
    white = below.y0 - above.y1
    height = min(above.height, below.height)
    if below.middle - above.middle < 0.7 * height:
        return True
    if white > 0.6 * height:
        return False
    filled = {c for n in row for s in spans[n] for c in range(*s)}
    mine = {c for s in spans[i] for c in range(*s)}
    if any(c.numeric for c in below.chunks) and any(c.numeric for c in above.chunks[1:]):
        return False
    if any(len(range(*s)) > 1 for n in (before, i) for s in spans[n]):
        return False
    lower = below.chunks[0].text[:1].islower()
    if white < gap - 0.25 * height:
        return True
    if mine < filled:
        return lower or (0 not in mine and not any(c.numeric for c in below.chunks))
    return filled <= mine and lower and filled == {0}


def _cells(region: Region, rows: list[list[int]], spans: list[list[tuple[int, int]]]) -> list[Slot]:
    """Put chunks into slots; those that share one, or overlap, become one cell."""
    cells: list[Slot] = []
    for r, members in enumerate(rows):
        slots: list[Slot] = []
        for i in members:
            for chunk, (first, end) in zip(region.lines[i].chunks, spans[i], strict=True):
                hit = [s for s in slots if s.column < end and first < s.column_end]
                slot = Slot(r, first, r + 1, end)
                for other in hit:
                    slot.column = min(slot.column, other.column)
                    slot.column_end = max(slot.column_end, other.column_end)
                    slot.chunks += other.chunks
                    slots.remove(other)
                slot.chunks.append(chunk)
                slots.append(slot)
        cells += sorted(slots, key=lambda s: s.column)
    return cells
