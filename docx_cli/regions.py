"""Where the tables of a page stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

import numpy as np

from docx_cli.grids import NEAR, Region
from docx_cli.grouping import components
from docx_cli.headings import is_year
from docx_cli.layout import Floats, Line, Sheet
from docx_cli.levels import leveled

PROSE = 55
"""Characters of a chunk that is rather a line of prose than a cell."""
WIDEST = 2.2
"""White between two lines of a table, in heights of a line."""
LEAST_CELL = 0.15
"""Mean probability of being a cell below which an unframed region is no table."""
LEAST_FRAMED = 0.05
"""The same of a framed one without numbers, such as addresses side by side in a box."""
SURE_CELL = 0.6
"""Mean probability from which words are cells though they look like prose or stand far apart."""

SURE_FORM = 0.9
"""Mean probability of keys and values from which words are a form, even below headings."""


@dataclass(frozen=True)
class Opinion:
    """What the model says of words: probabilities, [W] each.

    `known` is False where it was not asked; it then knows of no word anything.
    """

    known: bool
    cell: Floats
    head: Floats
    """Of those the cells that are headers."""
    pair: Floats

    def sure(self, lines: Sequence[Line]) -> bool:
        """Whether lines hold cells in any case."""
        return self.known and self._mean(lines, self.cell) >= SURE_CELL

    def heads(self, line: Line) -> bool:
        """Whether a line holds headers in any case."""
        return self.known and self._mean([line], self.head) >= SURE_CELL

    def form(self, lines: Sequence[Line], least: float = 0.5) -> bool:
        """Whether lines hold keys and values rather than cells; that is `least` sure."""
        table, form = self._mean(lines, self.cell), self._mean(lines, self.pair)
        return self.known and form > max(table, least)

    def ends(self, run: Sequence[Line], line: Line) -> bool:
        """Whether a line is other text below a run of cells."""
        return self.sure(run) and self._mean([line], self.cell) < LEAST_CELL

    def begun(self, run: Sequence[Line]) -> list[Line]:
        """Leave out other text above a run of cells."""
        first = next((n for n in range(len(run)) if not self.ends(run[n:], run[n])), 0)
        return list(run[first:])

    def refused(self, region: Region) -> bool:
        """Whether a region is a form or other text; numbers in a frame are hardly that."""
        table = self._mean(region.lines, self.cell)
        unframed = len(region.down) < 2
        unlikely = self.known and table < (LEAST_CELL if unframed else LEAST_FRAMED)
        unlikely &= unframed or not _has_numbers(region.lines)
        head, *body = region.lines
        headed = len(body) > 1 and _heads(head, body)
        return unlikely or self.form(region.lines, SURE_FORM if headed else 0.5)

    @staticmethod
    def _mean(lines: Sequence[Line], of: Floats) -> float:
        return float(of[[w for line in lines for c in line.chunks for w in c.words]].mean())


def regions(sheet: Sheet, opinion: Opinion) -> list[Region]:
    """Find tables: framed ones first, then runs of lines with several chunks."""
    lines = leveled(sheet.lines())
    found, used = _framed(sheet, lines, opinion)
    left = []
    for line in lines:
        chunks = tuple(c for c in line.chunks if not used & set(c.words))
        if chunks:
            left.append(Line(chunks))
    found += [_region(sheet, run) for run in _runs(left, opinion)]
    return sorted((r for r in found if not opinion.refused(r)), key=lambda r: r.bounds[1])


def _region(sheet: Sheet, lines: Sequence[Line], slack: float = 8.0) -> Region:
    """Take the ruling lines in and around some lines along."""
    bare = Region(tuple(lines), sheet.across, sheet.down)
    x0, y0, x1, y1 = bare.bounds
    across = sheet.across[
        (sheet.across[:, 0] > y0 - slack)
        & (sheet.across[:, 0] < y1 + slack)
        & (sheet.across[:, 1] < x1)
        & (sheet.across[:, 2] > x0)
    ]
    down = sheet.down[
        (sheet.down[:, 0] > x0 - slack)
        & (sheet.down[:, 0] < x1 + slack)
        & (sheet.down[:, 1] < y1)
        & (sheet.down[:, 2] > y0)
    ].copy()
    down[:, 1:] = np.clip(down[:, 1:], y0 - slack, y1 + slack)
    return Region(tuple(lines), across, down)


def _framed(sheet: Sheet, lines: Sequence[Line], opinion: Opinion) -> tuple[list[Region], set[int]]:
    """Find tables whose ruling lines cross or touch."""
    across, down = sheet.across, sheet.down
    y, x0, x1 = (across[:, [i]] for i in range(3))
    x, y0, y1 = (down[:, i][None] for i in range(3))
    meet = (x0 - NEAR < x) & (x < x1 + NEAR) & (y0 - NEAR < y) & (y < y1 + NEAR)
    count = len(across) + len(down)
    linked = np.zeros((count, count), dtype=bool)
    linked[: len(across), len(across) :] = meet
    linked |= linked.T
    found: list[Region] = []
    used: set[int] = set()
    for group in components(linked):
        rows = across[[i for i in group if i < len(across)]]
        columns = down[[i - len(across) for i in group if i >= len(across)]]
        if len(np.unique(rows[:, 0].round(-1))) < 2 or len(columns) < 1:
            continue
        left = min(rows[:, 1].min(), columns[:, 0].min())
        right = max(rows[:, 2].max(), columns[:, 0].max())
        top = min(rows[:, 0].min(), columns[:, 1].min())
        bottom = max(rows[:, 0].max(), columns[:, 2].max())
        inside = [
            part
            for line in lines
            if top - 2 < line.middle < bottom + 2 and (part := line.within(left - 2, right + 2))
        ]
        if _is_table(inside, 2):
            inside = _with_heads(inside, lines, opinion)
            found.append(_region(sheet, inside))
            used |= {w for line in inside for c in line.chunks for w in c.words}
    return found, used


def _is_table(lines: Sequence[Line], least: int) -> bool:
    """Say whether enough of some lines have several chunks."""
    several = [line for line in lines if len(line.chunks) > 1]
    return len(several) >= max(least, 0.3 * len(lines))


def _runs(lines: Sequence[Line], opinion: Opinion) -> list[list[Line]]:
    """Find runs of lines with several chunks, with few others between them."""
    out: list[list[Line]] = []
    run: list[Line] = []
    others: list[Line] = []
    for line, following in zip_longest(lines, lines[1:]):
        last = (others or run)[-1:]
        widest = WIDEST * (2 if last and opinion.sure([last[0], line]) else 1)
        if last and line.y0 - last[0].y1 > widest * line.height:
            out.append(run)
            run, others = [], []
        if run and _begins_anew(run, others, line, following):
            out.append(run)
            run, others = [], []
        head = run[0] if run else line
        below = line if run else following
        sure = SURE_FORM if below and _heads(head, [below]) else 0.5
        alike = run and (_like(run[-1], line) or _goes_on(run, line))
        tabular = alike or _tabular(line, opinion, sure)
        if tabular and not (run and opinion.ends(run, line)):
            run = [*run, *others, line] if run else [line]
            others = []
        elif run:
            others.append(line)
            if len(others) > 2 or (len(line.chunks) == 1 and _prose(line)):
                out.append(run)
                run, others = [], []
    out.append(run)
    found = [
        run
        for run in out
        if (_is_table(run, 3) and _has_numbers(run)) or (_is_table(run, 2) and opinion.sure(run))
    ]
    return [_with_heads(_with_heading(opinion.begun(run), lines), lines, opinion) for run in found]


def _begins_anew(
    run: Sequence[Line], others: Sequence[Line], line: Line, following: Line | None
) -> bool:
    """Whether a line heads a table of its own, below one that has its numbers."""
    if following is None or not _heads(line, [following]):
        return False
    if not any(c.numeric and not is_year(c.text) for c in run[-1].chunks[1:]):
        return False
    if others or len(run) == 1:
        return True
    gaps = [b.y0 - a.y1 for a, b in pairwise(run[1:])]
    return bool(gaps) and line.y0 - run[-1].y1 > max(gaps) + 0.5 * line.height


def _separated(text: str) -> bool:
    """Whether a colon makes a text a key, or the value of one."""
    return text.startswith(":") or text.endswith(":")


def _heads(head: Line, body: Sequence[Line]) -> bool:
    """Whether a line of words, which are no key and its value, stands over a column of numbers."""
    if len(head.chunks) < 2 or any(c.numeric or _separated(c.text) for c in head.chunks):
        return False
    for top in head.chunks[1:]:
        below = [c for line in body for c in line.chunks if c.x0 < top.x1 and top.x0 < c.x1]
        if below and all(c.numeric for c in below):
            return True
    return False


def _like(above: Line, line: Line) -> bool:
    """Whether a line is set as the one above: as many chunks, each beginning or ending alike.

    Two chunks are too few to tell: totals below a table, and keys with values, are set so too.
    """
    return len(line.chunks) > 2 and _aligned(above, line)


def _goes_on(run: Sequence[Line], line: Line) -> bool:
    """Whether a line of two chunks is set as those of a headed table, and stands as near."""
    if len(run) < 3 or not _heads(run[0], [*run[1:], line]):
        return False
    before, above = run[-2:]
    near = (line.middle - above.middle) - (above.middle - before.middle) < 0.2 * line.height
    return near and _aligned(above, line)


def _aligned(above: Line, line: Line) -> bool:
    """Whether two lines have as many chunks, each beginning or ending alike."""
    pairs = zip(above.chunks, line.chunks, strict=False)
    return len(above.chunks) == len(line.chunks) and all(
        min(abs(a.x0 - b.x0), abs(a.x1 - b.x1)) < 0.2 * line.height for a, b in pairs
    )


def _with_heading(run: list[Line], lines: Sequence[Line]) -> list[Line]:
    """Take along a line right above that stands over later columns only."""
    at = next(i for i, line in enumerate(lines) if line is run[0])
    second = min(line.chunks[1].x0 for line in run if len(line.chunks) > 1)
    if at == 0:
        return run
    above = lines[at - 1]
    near = run[0].y0 - above.y1 < 1.2 * run[0].height
    words = not any(c.numeric and not is_year(c.text) for c in above.chunks)
    return [above, *run] if near and words and above.chunks[0].x0 > second - above.height else run


def _with_heads(run: list[Line], lines: Sequence[Line], opinion: Opinion) -> list[Line]:
    """Take along what the model is sure are headers right above, as in a band of colour."""
    height = run[0].height
    left = min(c.x0 for line in run for c in line.chunks) - height
    right = max(c.x1 for line in run for c in line.chunks) + height
    for line in reversed(lines):
        part = line.within(left, right) if line.y1 <= run[0].middle else None
        if part is None:
            continue
        near = run[0].y0 - part.y1 < 1.2 * height
        if not near or len(part.chunks) < 2 or not opinion.heads(part):
            break
        run = [part, *run]
    return run


def _prose(line: Line) -> bool:
    return len(line.chunks[0].text) > 1.6 * PROSE


def _tabular(line: Line, opinion: Opinion, sure: float) -> bool:
    """Say whether a line may be one of a table; a form only where the model is `sure` of it."""
    if len(line.chunks) < 2 or opinion.form([line], sure):
        return False
    return opinion.sure([line]) or all(len(c.text) <= PROSE for c in line.chunks)


def _has_numbers(lines: Sequence[Line]) -> bool:
    chunks = [c for line in lines for c in line.chunks[1:]]
    return sum(c.numeric for c in chunks) >= 0.3 * len(chunks)
