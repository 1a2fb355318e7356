"""How a document writes dates and amounts, told from the document itself.

A date such as 03/04/2021 is read by what else is there: dates of the same document that have one
reading, the countries and currencies it names, its language. What stays open is left open.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from docx_cli import amounts, dates
from docx_cli.amounts import Mark
from docx_cli.dates import Order
from docx_cli.locales import currencies, described, table

T = TypeVar("T")
MAJORITY = 4
"""So many times as often as all others must something occur that is to be trusted."""

# The commonest short words of a language that the others here lack.
_WORDS = {
    "en": "the and of to for is by with this your from",
    "de": "der und für von mit zum das bitte auf ist zur nach über",
    "fr": "les des et du pour par est vous une au votre sur",
    "es": "los las el y por con del una su para",
    "it": "il di per della che sono gli nel alla",
    "nl": "het een van voor met zijn op te aan uw",
    "pt": "os da do em não uma ao pelo sua",
}
_AMERICAN_ADDRESS = re.compile(r", ?[A-Z]{2} \d{5}(?:-\d{4})?(?!\d)")


@dataclass(frozen=True, slots=True)
class Conventions:
    """What is known of a document's way to write; None or empty where it is not.

    `currencies` are those it names by code, or by a symbol that means but one.
    """

    order: Order | None = None
    decimal: Mark | None = None
    currencies: tuple[str, ...] = ()


def conventions(texts: Iterable[str], locale: str | None = None) -> Conventions:
    """Tell a document's conventions.

    Args:
        texts: of its pages, words separated by single spaces.
        locale: what the user says it is, such as ``"de_DE"``; it goes before all hints.

    Raises:
        UsageError: the locale is not known.
    """
    text = "\n".join(texts)
    told = described(locale) if locale else {}
    named = _currencies(text)
    codes = (told["currency"],) if "currency" in told else named
    places = [] if told else [*_places(text, named)]
    order = told.get("order") or _order(text) or _agreed(p["order"] for p in places)
    decimal = told.get("decimal") or _decimal(text)
    language = None if told else _language(text)
    if language:
        # English is written with the day first in some countries and with the month in others.
        order = order or (None if language == "en" else table()["languages"][language]["order"])
        decimal = decimal or table()["languages"][language]["decimal"]
    return Conventions(cast("Order | None", order), cast("Mark | None", decimal), codes)


def _order(text: str) -> Order | None:
    """Return the order of the numeric dates that have one reading."""
    found: Counter[Order] = Counter()
    for printed in dates.printed(text):
        one = dates.readings(printed)
        if len(one) == 1 and not re.search(r"[^\W\d]", printed) and not printed.isdigit():
            found.update(one.keys())
    found.pop("ymd", None)  # it says nothing of the others
    return _most(found)


def _decimal(text: str) -> Mark | None:
    """Return the mark before the fractions of numbers that have one reading."""
    found: Counter[Mark] = Counter()
    for match in amounts.numbers(dates.PATTERN.sub(" ", text)):
        one = amounts.readings(match.group())
        if len(one) == 1:
            found.update(one.keys())
    return _most(found)


def _most(found: Counter[T]) -> T | None:
    """Return what occurs `MAJORITY` times as often as all else."""
    if not found:
        return None
    best, count = found.most_common(1)[0]
    return best if count >= MAJORITY * (found.total() - count) else None


def _currencies(text: str) -> tuple[str, ...]:
    """Return the currencies that a document names without doubt, in alphabetical order."""
    words = set(re.findall(r"[A-Z]{3}", text)) & currencies()
    codes = {code for code in words if re.search(rf"(?<![^\W\d_]){code}(?![^\W\d_])", text)}
    sure = {s: c[0] for s, c in table()["symbols"].items() if len(c) == 1 and not s.isalpha()}
    return tuple(sorted(codes | {code for symbol, code in sure.items() if symbol in text}))


def _places(text: str, named: Collection[str]) -> Iterable[dict[str, Any]]:
    """Yield the conventions of the countries that a document names, or pays in the money of."""
    countries: dict[str, Any] = table()["countries"]
    words = set(re.findall(r"[^\W\d_]+", text))
    if _AMERICAN_ADDRESS.search(text) or "USA" in words:
        yield countries["US"]
    for country in countries.values():
        by_name = any(set(n.split()) <= words and n in text for n in country["names"])
        if by_name or country["currency"] in named:
            yield country


def _agreed(orders: Iterable[str]) -> str | None:
    """Return the order that all share; one with the year first says nothing of the others."""
    found = {order for order in orders if order != "ymd"}
    return found.pop() if len(found) == 1 else None


def _language(text: str) -> str | None:
    """Return the language whose commonest words prevail."""
    words: Sequence[str] = re.findall(r"[^\W\d_]+", text.casefold())
    counts = Counter(words)
    found = Counter({code: sum(counts[w] for w in own.split()) for code, own in _WORDS.items()})
    best, second = found.most_common(2)
    return best[0] if best[1] >= 3 and best[1] >= 2 * second[1] else None
