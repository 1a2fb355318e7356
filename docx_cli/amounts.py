"""Printed numbers and amounts, and every way in which each can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Literal

from docx_cli.locales import currencies, table

Mark = Literal[".", ","]
"""What stands before the fraction of a number."""

_GROUPED = r"\d{1,3}(?:(?:[.,'’ ]\d{3})+|(?:,\d\d)+,\d{3})"
NUMBER = re.compile(rf"(?<![\d.,])(?:{_GROUPED}|\d+)?(?:[.,]\d+)?(?<=\d)(?:[.,][-–—]+)?(?![.,]?\d)")
_SIGN = re.compile(r"(?<!\w)[-−–]\s*$")
LONGEST = 15
"""Digits of the longest number: so many a JSON reader keeps exactly."""


def numbers(text: str) -> list[re.Match[str]]:
    """Return where numbers stand."""
    return list(NUMBER.finditer(text))


def readings(number: str) -> Mapping[Mark, Decimal]:
    """Return the value of a number without a sign, by the decimal mark that gives it.

    Both marks are there if it has no fraction by either; "1,234" has two values.
    """
    digits = re.sub(r"[ '’]|[.,][-–—]+$", "", number)
    return {mark: value for mark in _MARKS if (value := _read(digits, mark)) is not None}


_MARKS: tuple[Mark, Mark] = (".", ",")


def _read(digits: str, mark: Mark) -> Decimal | None:
    """Read digits and marks, of which `mark` stands before the fraction."""
    other = _MARKS[mark == "."]
    whole, _, fraction = digits.partition(mark)
    grouped = re.fullmatch(rf"\d*|\d{{1,3}}(?:\{other}\d{{3}})+|\d{{1,2}}(?:,\d\d)+,\d{{3}}", whole)
    if not grouped or not re.fullmatch(r"\d*", fraction) or len(digits) > LONGEST + 5:
        return None
    if other in whole and whole.startswith("0"):
        return None
    return Decimal(f"{whole.replace(other, '') or 0}.{fraction}")


def meant(number: str, decimal: Mark | None) -> Decimal | None:
    """Return the value of a number without a sign; None if it remains open.

    Args:
        number: as printed.
        decimal: the mark before fractions where it stands, if that is known.
    """
    found = readings(number)
    if decimal is not None and decimal in found:
        return found[decimal]
    return next(iter(found.values())) if len(set(found.values())) == 1 else None


def signed(text: str, number: re.Match[str], value: Decimal) -> Decimal:
    """Give a value its sign: a dash before or right behind it, brackets around it, or CR."""
    before, after = text[: number.start()], text[number.end() :]
    around = "".join(c for c in before + after if not c.isspace())
    minus = (
        _SIGN.search(before.rstrip("$€£ "))
        or after.startswith(("-", "−"))
        or (around.startswith("(") and around.endswith(")"))
        or re.match(r"\s*CR\b", after)
    )
    return -value if minus else value


def currency(text: str, preferred: Sequence[str] = ()) -> str | None:
    """Return the code of the one currency that a text names; None if it names none or several.

    Args:
        text: with a symbol or a code beside the amount.
        preferred: currencies of the document; one of them is meant by a symbol of several.
    """
    found: set[str | None] = set()
    for token in _currency_pattern().findall(text):
        meanings = table()["symbols"].get(token) or [token.upper()]
        likely = [code for code in meanings if code in preferred]
        found.add(likely[0] if len(likely) == 1 else meanings[0])
    return found.pop() if len(found) == 1 else None


@cache
def _currency_pattern() -> re.Pattern[str]:
    """Return what matches a symbol or a code that no other letters touch."""
    known = sorted([*table()["symbols"], *currencies()], key=len, reverse=True)
    parts = (
        rf"(?<![^\W\d_]){re.escape(k)}(?![^\W\d_])" if k[-1].isalpha() else re.escape(k)
        for k in known
    )
    return re.compile("|".join(parts))


def without_currency(text: str) -> str:
    """Return the text without symbols and codes of currencies."""
    return _currency_pattern().sub(" ", text)
