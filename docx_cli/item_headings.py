"""Headings of line items, found on a page by what they say, and where their columns meet.

Columns of invoices often share no straight white: a long name runs under the next heading, a number
is set in the middle. Which columns there are is then told by the headings alone, and where each
meets the next by the words of the rows beneath.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from docx_cli.fields import Field
from docx_cli.labels import bare, field_columns, synonyms
from docx_cli.layout import Line, Sheet

LONGEST = 5
"""Words of a label."""
LEAST_NAMED = 2
"""Labels that make a line one of headings."""
LINES = 4
"""Lines of headings above and below that line."""
SET = 0.35
"""White between the lines of one cell of a PDF, in heights of a line."""
SCANNED = 0.85
"""The same where boxes were read from a picture and hold the letters alone."""
SPACE = 0.72
"""White between words of one heading, in heights of a line."""


@dataclass(frozen=True)
class Group:
    """Words side by side; lengths are points."""

    words: tuple[int, ...]
    x0: float
    x1: float


@dataclass(frozen=True)
class Heading:
    """What stands over one column: its words from top to bottom, and from where to where."""

    words: tuple[int, ...]
    text: str
    x0: float
    x1: float


@dataclass(frozen=True)
class Headings:
    """The headings of one table, left to right.

    `fields` has the column of each field; `top` is their first line and `below` the one behind
    their last.
    """

    columns: tuple[Heading, ...]
    fields: Mapping[str, int]
    top: int
    below: int


@dataclass(frozen=True)
class Reader:
    """A page's lines, and the labels that are looked for."""

    sheet: Sheet
    fields: tuple[Field, ...]
    white: float

    @cached_property
    def lines(self) -> list[Line]:
        """The lines, top to bottom."""
        return self.sheet.lines() if self.sheet.words else []

    @cached_property
    def _labels(self) -> frozenset[str]:
        return frozenset(bare(s) for field in self.fields for s in synonyms(field.labels))

    def headings(self, start: int = 0) -> Headings | None:
        """Return the next headings, from a line on."""
        for number in range(start, len(self.lines)):
            if sum(named for named, _ in self.groups(self.lines[number])) >= LEAST_NAMED:
                found = self._around(number, start)
                if found is not None:
                    return found
        return None

    def _around(self, number: int, start: int) -> Headings | None:
        """Put the lines around a line of headings under and over it."""
        low = high = number
        while low > max(start, number - LINES) and self._joins(low - 1, low):
            low -= 1
        while high + 1 < min(len(self.lines), number + LINES) and self._joins(high, high + 1):
            high += 1
        # What the line itself says comes first: it tells the columns apart.
        order = sorted(range(low, high + 1), key=lambda n: abs(n - number))
        columns: list[list[Group]] = []
        for n in order:
            for _, group in self.groups(self.lines[n]):
                over = max(columns, key=lambda c: _shared(c, group), default=None)
                if over is None or n == number or _shared(over, group) <= 0:
                    columns.append([group])
                else:
                    over.append(group)
        found = sorted((self._heading(groups) for groups in columns), key=lambda h: h.x0)
        fields, _ = field_columns(self.fields, [[h.text] for h in found])
        missing = any(f.required and f.name not in fields for f in self.fields)
        if missing or len(fields) < LEAST_NAMED:
            return None
        return Headings(tuple(found), fields, low, high + 1)

    def _joins(self, upper: int, lower: int) -> bool:
        """Say whether both of two lines may be of one row of headings."""
        above, below = self.lines[upper], self.lines[lower]
        height = min(above.height, below.height)
        both = [c.text for line in (above, below) for c in line.chunks]
        return below.y0 - above.y1 <= self.white * height and not re.search(r"\d", " ".join(both))

    def _heading(self, groups: Sequence[Group]) -> Heading:
        height = self.sheet.boxes[:, 3]
        words = sorted(
            (w for g in groups for w in g.words),
            key=lambda w: (round(float(height[w])), self.sheet.boxes[w, 0]),
        )
        text = " ".join(self.sheet.words[w].text for w in words)
        # "Positions- betrag" was parted at the end of a line.
        text = re.sub(r"(?<=\w)- (?=[^\W\d_])", "", text)
        x0, x1 = min(g.x0 for g in groups), max(g.x1 for g in groups)
        return Heading(tuple(words), text, x0, x1)

    def groups(self, line: Line) -> list[tuple[bool, Group]]:
        """Part a line into labels that are known, the longest first, and what is between them."""
        words = [w for chunk in line.chunks for w in chunk.words]
        parts: list[tuple[bool, list[int]]] = []
        at = 0
        while at < len(words):
            end = self._label(words, at, line.height)
            near = bool(parts) and self._gap(words[at - 1], words[at]) <= SPACE * line.height
            known = end > at
            end = max(end, at + 1)
            if near and (self._goes_on(words[at]) or self._goes_on(parts[-1][1][-1])):
                parts[-1][1].extend(words[at:end])  # as in "Price w/o tax"
            elif near and not known and not parts[-1][0]:
                parts[-1][1].append(words[at])
            else:
                parts.append((known, words[at:end]))
            at = end
        return [(known, self._group(inside)) for known, inside in parts]

    def _goes_on(self, word: int) -> bool:
        """Say whether a word stands within a heading: those begin with a capital."""
        text = self.sheet.words[word].text
        return text[:1].islower() and bare(text) not in self._labels

    def _label(self, words: Sequence[int], at: int, height: float) -> int:
        """Return the end of the longest label that begins at a word; the word if none does."""
        text = ""
        end = at
        for n in range(at, min(at + LONGEST, len(words))):
            if n > at and self._gap(words[n - 1], words[n]) > 1.5 * height:
                break
            text += self.sheet.words[words[n]].text
            if bare(text) in self._labels:
                end = n + 1
        return end

    def _gap(self, first: int, second: int) -> float:
        return float(self.sheet.boxes[second, 0] - self.sheet.boxes[first, 2])

    def _group(self, words: Sequence[int]) -> Group:
        boxes = self.sheet.boxes[list(words)]
        return Group(tuple(words), float(boxes[:, 0].min()), float(boxes[:, 2].max()))


def _shared(column: Sequence[Group], group: Group) -> float:
    x0, x1 = min(g.x0 for g in column), max(g.x1 for g in column)
    return min(x1, group.x1) - max(x0, group.x0)


def meetings(
    headings: Headings, rows: Sequence[Line], sheet: Sheet, *, own: bool = True
) -> list[float]:
    """Return where each column meets the next: where the fewest words of the rows stand.

    Args:
        headings: of the columns.
        rows: lines that hold a value in several columns; none makes it the headings' gaps.
        sheet: the page.
        own: the headings stand on this page.
    """
    words = [w for line in rows for c in line.chunks for w in c.words]
    words += [w for heading in headings.columns for w in heading.words] if rows and own else []
    boxes = sheet.boxes[words]
    out: list[float] = []
    for left, right in pairwise(headings.columns):
        low, high = max([left.x0, *out[-1:]]), max(right.x1, left.x0)
        middle = (left.x1 + right.x0) / 2
        if not rows:
            out.append(middle)
            continue
        slack = 0.15 * (boxes[:, 3] - boxes[:, 1])
        starts, ends = boxes[:, 0] - slack, boxes[:, 2] + slack
        marks = sorted({low, high, *(x for x in (*starts, *ends) if low < x < high)})
        spans = []
        for a, b in pairwise(marks):
            crossing = int(((starts < (a + b) / 2) & ((a + b) / 2 < ends)).sum())
            between = max(a, left.x1), min(b, right.x0)
            apart = between[0] >= between[1]
            # Where few words stand, between the headings if possible, and widely so.
            spans.append((crossing, apart, a - b, sum((a, b) if apart else between) / 2))
        out.append(min(spans)[3] if spans else middle)
    return out
