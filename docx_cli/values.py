"""From text as printed to what it says: dates, numbers, amounts of money, check marks.

A text is read by the conventions of its document. What has several readings after that has no
value: a wrong date does more harm than none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from docx_cli import amounts, dates
from docx_cli.conventions import Conventions
from docx_cli.document import Money, Value, ValueType

_TRUTH = {
    True: "yes true on x checked ja wahr oui vrai sí si sì sim ☑ ☒ ✓ ✔ ✗ ✘ [x] (x)",
    False: "no false off unchecked nein falsch non faux não nao nee ☐ □ [] ()",
}
_TRUTH_OF = {word: truth for truth, words in _TRUTH.items() for word in words.split()}
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?\b(?: ?[AaPp]\.?[Mm]\.?)?(?: Uhr)?")
_PERCENT = re.compile(r"%|\bper ?cent\b|\bProzent\b|\bv\. ?H\.", re.IGNORECASE)
_UNIT = r"[^\W\d_]{0,10}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says; `value` is None where it says nothing of the type, or not clearly."""

    value: Value = None
    ambiguous: bool = False


def read(kind: ValueType, text: str, known: Conventions) -> Reading:
    """Read a text as a type.

    Args:
        kind: what it should be.
        text: as printed; words beside the value do not matter, a second value does.
        known: how the document writes.

    Returns:
        For date a `datetime.date`; for number and percent a `Decimal`, a percentage as printed
        (19 for "19 %"); for integer an `int`; for money a `Money`; for boolean a bool; for text
        the text itself, spaces made single.
    """
    plain = _plain(text)
    if kind == "text":
        return Reading(plain or None)
    if kind == "boolean":
        return Reading(_truth(plain))
    if kind == "date":
        return _date(plain, known)
    found = _number(_PERCENT.sub(" ", plain) if kind == "percent" else plain, known, kind)
    if not isinstance(found.value, Decimal):
        return found
    if kind == "money":
        code = amounts.currency(plain, known.currencies)
        if code is None and len(known.currencies) == 1:
            code = known.currencies[0]
        return Reading(Money(found.value, code))
    if kind == "integer":
        whole = found.value == found.value.to_integral_value()
        return Reading(int(found.value) if whole else None)
    return found


def guess(text: str, known: Conventions) -> tuple[ValueType, Value]:
    """Tell what type of value a text is and what it says, nothing being known of what was asked.

    It is a date, an amount and so on only if hardly anything else stands beside it. A number
    that begins with zeros, or has more than 15 digits, is text.
    """
    plain = _plain(text)
    if plain.casefold() not in ("x", "on", "no") and (truth := _truth(plain)) is not None:
        return "boolean", truth
    kind = _kind(plain)
    return kind, read(kind, plain, known).value


def _kind(text: str) -> ValueType:
    """Tell the type of a text that holds one value and hardly anything else."""
    day = dates.PATTERN.search(text)
    if day and not day.group().isdigit() and dates.readings(day.group()):
        rest = _TIME.sub(" ", text[: day.start()] + " " + text[day.end() :])
        return "date" if re.fullmatch(rf"\W*{_UNIT}\W*", rest) else "text"
    unpaid = amounts.without_currency(text)
    bare = _PERCENT.sub(" ", unpaid)
    found = amounts.numbers(bare)
    if len(found) != 1:
        return "text"
    (number,) = found
    rest = bare[: number.start()] + bare[number.end() :]
    digits = number.group()
    if not re.fullmatch(r"[\s()+\-−–]*(?:CR)?\s*", rest) or len(re.findall(r"\d", digits)) > 15:
        return "text"
    if _PERCENT.search(text):
        return "percent"
    if unpaid != text:
        return "money"
    return "text" if re.match(r"0\d", digits) else "number"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _truth(text: str) -> bool | None:
    return _TRUTH_OF.get(text.casefold().strip(" .:").replace("[ ]", "[]").replace("( )", "()"))


def _date(text: str, known: Conventions) -> Reading:
    found = {printed: dates.meant(printed, known.order) for printed in dates.printed(text)}
    values = set(found.values())
    one = values.pop() if len(values) == 1 else None
    return Reading(one, ambiguous=bool(found) and one is None)


def _number(text: str, known: Conventions, kind: ValueType) -> Reading:
    found = amounts.numbers(text)
    if len(found) > 1:
        # A share or a quantity beside the amount is told by what stands behind it.
        found = [m for m in found if not re.match(r"\s*(?:%|x\b)", text[m.end() :])]
    values = set()
    for match in found:
        decimal = known.decimal
        if kind == "money" and decimal is None and (thousands := _thousands(match.group())):
            decimal = thousands
        value = amounts.meant(match.group(), decimal)
        values.add(None if value is None else amounts.signed(text, match, value))
    one = values.pop() if len(values) == 1 else None
    if one is not None and len(one.as_tuple().digits) > amounts.LONGEST:
        return Reading()
    readable = any(amounts.readings(match.group()) for match in found)
    return Reading(one, ambiguous=readable and one is None)


def _thousands(number: str) -> amounts.Mark | None:
    """Return the other mark than that of a number with three digits behind its only one.

    Amounts have two decimals or none, so that the mark separates thousands.
    """
    grouped = re.fullmatch(r"\d{1,3}([.,])\d{3}", number)
    return None if grouped is None else ("," if grouped[1] == "." else ".")


def as_plain(value: Value) -> Any:
    """Return a value as JSON has it: dates in ISO 8601, numbers as numbers, money as an object.

    JSON's readers keep 15 digits of a number, and none here has more.
    """
    if isinstance(value, Money):
        return {"amount": as_number(value.amount), "currency": value.currency}
    if isinstance(value, Decimal):
        return as_number(value)
    return value.isoformat() if isinstance(value, date) else value


def as_number(number: Decimal) -> int | float:
    """Return a number as JSON and spreadsheets have it."""
    return int(number) if number == number.to_integral_value() else float(number)
