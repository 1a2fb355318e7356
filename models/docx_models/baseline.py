"""A baseline without any model: labels and patterns that a person wrote down.

A rule is a printed label and the pattern of its value, which stands right of the label in the
same row or right below it. Parties that carry no label (a receipt's shop and its address) are
taken from the top of the first page. The rules know fields, not questions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from docx_cli.document import Answer, Box, Evidence, Page, Question, Word
from docx_cli.encode import text_rows
from docx_models import values
from docx_models.baseline_rules import (
    ADDRESS_END,
    ADDRESS_PART,
    ALIASES,
    ANY_AMOUNT,
    CASH,
    CHANGE,
    LEGAL_FORM,
    NO_COMPANY,
    REGISTRATION,
    SUFFIX,
    TRADE,
    Rule,
    rules_for,
)

GAP = 2.0
"""A space wider than so many characters parts two columns."""

BELOW = 3.0
"""A value stands at most so many line heights below its label."""

COLUMN_BREAK = "   "

RIGHT_IN_HALF = 0.5
"""The share of rules' answers that are right, roughly; they know no better confidence."""

TOP_ROWS = 12
"""A receipt's head is not longer than this."""

NAME_ROWS = 3
"""A shop's name stands in one of so many rows."""


@dataclass(frozen=True)
class Row:
    """Words of one line of a page; `starts[i]` is where word i begins in `text`."""

    page: int
    words: tuple[Word, ...]
    text: str
    starts: tuple[int, ...]

    def hit(self, start: int, end: int) -> Hit:
        """Return a range of characters with the words it touches."""
        touched = tuple(
            word
            for word, at in zip(self.words, self.starts, strict=True)
            if at < end and at + len(word.text) > start
        )
        rest = self.text[end:]
        return Hit(self.text[start:end], self.page, touched, not rest or rest.startswith("  "))

    @cached_property
    def box(self) -> Box:
        """The box around the whole row."""
        return Box.around(word.box for word in self.words)


@dataclass(frozen=True)
class Hit:
    """A text that was found, and the words it was read from."""

    text: str
    page: int
    words: tuple[Word, ...]
    ends_cell: bool = False
    """Nothing of the same cell stands behind it."""

    @property
    def box(self) -> Box:
        """The box around the words."""
        return Box.around(word.box for word in self.words)


def make_row(page: int, words: Sequence[Word]) -> Row:
    """Join a row's words, from left to right; wide gaps become `COLUMN_BREAK`."""
    text, starts = "", []
    for i, word in enumerate(words):
        if i:
            before = words[i - 1]
            character = (before.box.x1 - before.box.x0) / max(len(before.text), 1)
            wide = word.box.x0 - before.box.x1 > GAP * character
            text += COLUMN_BREAK if wide else " "
        starts.append(len(text))
        text += word.text
    return Row(page, tuple(words), text, tuple(starts))


class Finder:
    """Answers for fields from the pages of one document."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.rows = [
            make_row(page.number, [page.words[i] for i in row])
            for page in pages
            for row in text_rows(page.words)
        ]

    def answer(self, question: Question, field: str) -> Answer:
        """Return what the rules find for a field; a field without rules goes by its name."""
        hit = self.find(ALIASES.get(field, field))
        name = question.name or question.text
        if hit is None or not hit.words:
            return Answer(question.text, name, "", False, RIGHT_IN_HALF, "none")
        where = Evidence(hit.page, hit.box, hit.words)
        return Answer(question.text, name, hit.text, True, RIGHT_IN_HALF, "search", where)

    def find(self, field: str) -> Hit | None:
        """Try a field's rules in their order; the first that finds anything decides."""
        special = _SPECIAL.get(field)
        return special(self) if special is not None else self._labelled(field)

    def _labelled(self, field: str) -> Hit | None:
        for rule in rules_for(field):
            hits = self._hits(rule)
            hit = next(hits, None)
            if rule.last:
                for later in hits:
                    hit = later
            if hit is not None:
                return hit
        return None

    def _hits(self, rule: Rule) -> Iterator[Hit]:
        for number, row in enumerate(self.rows):
            if rule.before is not None and rule.before.search(row.text):
                return
            for label in rule.label.finditer(row.text):
                hit = _right(row, label.end(), rule)
                if hit is None and rule.below:
                    end = label.start() + len(label.group().rstrip(" :#."))
                    hit = self._below(number, row.hit(label.start(), end), rule)
                if hit is not None:
                    yield hit
                    break

    def _below(self, number: int, label: Hit, rule: Rule) -> Hit | None:
        """Look for a value in the label's column, in the rows right below it."""
        if not label.words:
            return None
        left, height = label.box.x0, label.box.y1 - label.box.y0
        # The column reaches to the next one's head: a value may begin right of its label's end.
        further = [w.box.x0 for w in self.rows[number].words if w.box.x0 > label.box.x1]
        right = min((x for x in further), default=1.0) if label.ends_cell else label.box.x1
        for row in self.rows[number + 1 :]:
            if row.page != label.page or row.box.y0 > label.box.y1 + BELOW * height:
                return None
            for start, end in _cells(row.text):
                cell = row.hit(start, end)
                if cell.box.x0 < right and cell.box.x1 > left:
                    found = rule.value.match(row.text, start, end)
                    if found and rule.accepts(found.group(1)):
                        return row.hit(*found.span(1))
                    if not rule.skip_cells:
                        return None
        return None

    @cached_property
    def _top(self) -> list[Row]:
        """The head of the first page."""
        first = [row for row in self.rows if row.page == self.rows[0].page][:TOP_ROWS]
        return [row for row in first if len(values.normalise(row.text)) > 2]

    @cached_property
    def _company_rows(self) -> list[Row]:
        """Rows of the head with the company's name: one of legal form, of a trade, or the first."""
        rows = [row for row in self._top if not NO_COMPANY.search(row.text)]
        if not rows:
            return []
        tests = (LEGAL_FORM, TRADE, re.compile(""))
        names = [row.text for row in rows[:NAME_ROWS]]
        first = next(i for test in tests for i, text in enumerate(names) if test.search(text))
        last = first
        while first and SUFFIX.match(rows[first].text):
            first -= 1
        while last + 1 < len(rows) and SUFFIX.match(rows[last + 1].text):
            last += 1
        return rows[first : last + 1]

    def company(self) -> Hit | None:
        """Take the company's name from the head, without its registration number."""
        rows = self._company_rows
        if not rows:
            return None
        text = " ".join(word.text for row in rows for word in row.words)
        words = tuple(word for row in rows for word in row.words)
        return Hit(REGISTRATION.sub("", text) or text, rows[0].page, words)

    def address(self) -> Hit | None:
        """Take the rows of the head that read like an address, up to what ends one."""
        company = self._company_rows
        taken: list[Row] = []
        for row in self._top[self._top.index(company[-1]) + 1 if company else 0 :]:
            ends = ADDRESS_END.search(row.text)
            if ends and taken:
                break
            if not ends and (taken or ADDRESS_PART.search(row.text)):
                taken.append(row)
        if not taken:
            return None
        words = tuple(word for row in taken for word in row.words)
        return Hit(" ".join(word.text for word in words), taken[0].page, words)

    def total(self) -> Hit | None:
        """Take the amount that cash less change comes to, if it is printed, else a labelled one.

        This settles which of the amounts around a rounding was paid.
        """
        paid = {
            values.money(cash.text): values.money(change.text)
            for cash in self._hits(CASH)
            for change in self._hits(CHANGE)
        }
        due = {c - d for c, d in paid.items() if c is not None and d is not None and c > d}
        for amount in self._hits(ANY_AMOUNT):
            if values.money(amount.text) in due:
                return amount
        return self._labelled("total")


_SPECIAL: dict[str, Callable[[Finder], Hit | None]] = {
    "company": Finder.company,
    "address": Finder.address,
    "total": Finder.total,
}


def _right(row: Row, at: int, rule: Rule) -> Hit | None:
    """Match a value behind a label, over at most `rule.reach` other characters."""
    for start in range(at, min(at + rule.reach, len(row.text)) + 1):
        free = start == at or not row.text[start - 1].isalnum()
        found = rule.value.match(row.text, start) if free else None
        if found and rule.accepts(found.group(1)):
            return row.hit(*found.span(1))
    return None


def _cells(text: str) -> Iterator[tuple[int, int]]:
    """Cut a row's text at its column breaks."""
    for match in re.finditer(r"\S+(?: \S+)*", text):
        yield match.span()
