"""Reading printed values for comparison: text, money and dates, without a locale.

Used to score answers type-aware and to locate weak labels; the tool's own normalised output is
another matter. Ambiguous dates compare equal if any reading agrees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from docx_cli.dates import PATTERN, readings

DATE_PATTERN = PATTERN
MONEY_PATTERN = re.compile(r"-?\d(?:[\d.,' ]*\d)?")


def normalise(text: str) -> str:
    """Lower case, accents off, everything but letters and digits dropped."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def money(text: str) -> Decimal | None:
    """Read the one number in `text`; None if there is none."""
    found = MONEY_PATTERN.search(text)
    if not found:
        return None
    digits = found.group().replace(" ", "").replace("'", "")
    comma, point = digits.rfind(","), digits.rfind(".")
    decimal = max(comma, point)
    # A mark with other than two digits behind it separates thousands, unless both kinds occur.
    if decimal >= 0 and len(digits) - decimal - 1 == 3 and (comma < 0 or point < 0):
        decimal = -1
    if decimal >= 0 and digits.count(digits[decimal]) > 1:
        decimal = -1
    whole = re.sub(r"[.,]", "", digits[:decimal] if decimal >= 0 else digits)
    fraction = digits[decimal + 1 :] if decimal >= 0 else ""
    try:
        return Decimal(f"{whole}.{fraction or 0}").normalize()
    except InvalidOperation:
        return None


def dates(text: str) -> set[date]:
    """Return every reading of the first date in `text`."""
    found = DATE_PATTERN.search(text)
    return read_date(found.group()) if found else set()


def read_date(text: str) -> set[date]:
    """Return every reading of a printed date: day or month first, two-digit years in 1970..2069."""
    return set(readings(text).values())


def same(kind: str, found: str, gold: str) -> bool:
    """Compare two printed values as `kind`: money, date or text."""
    if kind == "money":
        value = money(gold)
        return value is not None and money(found) == value
    if kind == "date":
        return bool(dates(found) & dates(gold))
    return bool(normalise(gold)) and normalise(found) == normalise(gold)


def find(kind: str, gold: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where `gold` stands in `text`, as character ranges, compared as `kind`."""
    if kind == "text":
        yield from _find_text(gold, text)
        return
    pattern = MONEY_PATTERN if kind == "money" else DATE_PATTERN
    if kind == "money":
        pattern = re.compile(r"(?<![\w.,])(?:[$€£]|RM ?)?\d[\d.,']*\d(?![\w])")
    for match in pattern.finditer(text):
        if same(kind, match.group(), gold):
            yield match.span()


def _find_text(gold: str, text: str) -> Iterator[tuple[int, int]]:
    wanted = normalise(gold)
    if not wanted:
        return
    letters: list[str] = []
    places: list[int] = []
    for i, character in enumerate(text):
        for c in normalise(character):
            letters.append(c)
            places.append(i)
    flat, at = "".join(letters), -1
    while (at := flat.find(wanted, at + 1)) >= 0:
        start, end = places[at], places[at + len(wanted) - 1] + 1
        free_before = start == 0 or not text[start - 1].isalnum()
        free_after = end == len(text) or not text[end].isalnum()
        if free_before and free_after:
            yield start, end
