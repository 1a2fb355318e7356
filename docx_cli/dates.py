"""Printed dates and every way in which each can be read.

Which way is meant is for `docx_cli.conventions` to know: here nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

from docx_cli.locales import months

Order = Literal["dmy", "mdy", "ymd"]
"""Which of day, month and year stands first, second and third."""

_MONTH = r"[^\W\d_]{3,12}"
PATTERN = re.compile(
    r"(?<![\d/.])(?:"
    r"\d{1,2}(?:/|-|\. ?)\d{1,2}(?:/|-|\. ?)\d{2,4}"
    r"|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}"
    r"|\d{8}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.|º)?(?: of| de)?[ -]?{_MONTH}\.?,?(?: de| del)?[ -]?\d{{2,4}}"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? ?\d{{4}}"
    rf"|\d{{4}}[ -]{_MONTH}\.?[ -]\d{{1,2}}"
    r")(?![\d/])"
)
_YEARS = range(1900, 2100)


def readings(text: str) -> Mapping[Order, date]:
    """Return the possible readings of one printed date by their order; empty if it is none.

    Two digits of a year mean 1970 to 2069. A date that names its month has one reading.
    """
    words = [w for w in re.findall(_MONTH, text.casefold()) if w in months()]
    numbers = re.findall(r"\d+", text)
    found: dict[Order, tuple[str, str, str]] = {}
    if words and len(numbers) == 2:
        first, last = numbers
        month = str(months()[words[0]])
        found = {"ymd": (first, month, last)} if len(first) == 4 else {"dmy": (last, month, first)}
    elif len(numbers) == 1 and len(numbers[0]) == 8:
        (run,) = numbers
        found = {
            "ymd": (run[:4], run[4:6], run[6:]),
            "dmy": (run[4:], run[2:4], run[:2]),
            "mdy": (run[4:], run[:2], run[2:4]),
        }
    elif len(numbers) == 3 and not words:
        a, b, c = numbers
        if len(a) < 3:
            found = {"dmy": (c, b, a), "mdy": (c, a, b)}
        if len(a) == 4 or len(a) == len(c) == 2:
            found["ymd"] = (a, b, c)
    made = {order: _date(*parts) for order, parts in found.items()}
    return {order: day for order, day in made.items() if day is not None}


def printed(text: str) -> Iterator[str]:
    """Yield what looks like a date and can be read as one."""
    return (m.group() for m in PATTERN.finditer(text) if readings(m.group()))


def meant(text: str, order: Order | None) -> date | None:
    """Return the date that is meant; None if that remains open.

    Args:
        text: one printed date.
        order: how dates are written where it stands, if that is known.
    """
    found = dict(readings(text))
    if len(found) > 1 and order not in found:
        # Years come first where four digits do; points stand between day, month and year alone.
        if len(max(re.findall(r"\d+", text), key=len)) < 8:
            found.pop("ymd", None)
        if "." in text:
            found.pop("mdy", None)
    if order in found:
        return found[order]
    return found.popitem()[1] if len(set(found.values())) == 1 else None


def _date(year: str, month: str, day: str) -> date | None:
    if len(year) == 2:
        year = ("20" if int(year) < 70 else "19") + year
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year in _YEARS else None
