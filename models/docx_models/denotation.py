"""How answers to questions about tables are scored: what they denote, not how they are printed.

The rules are those of the WikiTableQuestions evaluator (Pasupat and Liang, ACL 2015): both sides
are normalised, then compared as strings, as numbers or as dates. Its gold also comes with parsed
values, which our sets lack; so a thousands separator and a percent or currency sign do not keep
a number from being one here. Statements about tables (TabFact) are answered by yes or no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

YES = frozenset({"yes", "true", "entailed", "supported", "1"})
NO = frozenset({"no", "false", "refuted", "0"})

_DASHES = re.compile("[‐‑‒–—−]")
_QUOTES = re.compile("[‘’´`]")
_DOUBLE_QUOTES = re.compile("[“”]")
_CITATIONS = re.compile(r"((?<!^)\[[^\]]*\]|\[\d+\]|[•♦†‡*#+])*$")
_DETAILS = re.compile(r"(?<!^)( \([^)]*\))*$")
_QUOTED = re.compile(r'^"([^"]*)"$')
_NUMBER = re.compile(r"[$€£]?([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)%?")
_DATE = re.compile(r"(\d{4}|xxxx)-(\d{1,2}|xx)-(\d{1,2}|xx)")
_SEPARATOR = re.compile(r"\s*(?:[;|\n]|, | and )\s*")

NEAR = 1e-6
"""Numbers closer than this are equal."""


def normalise(text: str) -> str:
    """Drop accents, citations, details in brackets, outer quotes, a final stop and case."""
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    text = _DOUBLE_QUOTES.sub('"', _QUOTES.sub("'", _DASHES.sub("-", text)))
    before = None
    while text != before:
        before = text
        text = _CITATIONS.sub("", text.strip())
        text = _DETAILS.sub("", text.strip())
        text = _QUOTED.sub(r"\1", text.strip())
    return " ".join(text.removesuffix(".").split()).casefold()


def number(text: str) -> float | None:
    """Read a normalised text as a number; None if it is more or less than one."""
    found = _NUMBER.fullmatch(text)
    digits = found.group(1).replace(",", "") if found else ""
    return float(digits) if any(c.isdigit() for c in digits) else None


def date(text: str) -> tuple[str, ...] | None:
    """Read a normalised text as year, month and day; "xx" stands for what is not given."""
    found = _DATE.fullmatch(text)
    return tuple(part.lstrip("0") for part in found.groups()) if found else None


def same_value(a: str, b: str) -> bool:
    """Say whether two texts denote the same string, number or date."""
    a, b = normalise(a), normalise(b)
    if a == b:
        return bool(a)
    one, other = number(a), number(b)
    if one is not None and other is not None:
        return abs(one - other) < NEAR
    return date(a) is not None and date(a) == date(b)


def match(found: str, golds: Sequence[str]) -> float:
    """Return 1.0 if an answer denotes exactly the gold's values, in any order, else 0.0.

    Args:
        found: the answer; where several values are asked for they are parted by commas,
            semicolons, bars, lines or "and".
        golds: all values of the right answer.
    """
    if len(golds) == 1:
        return float(same_value(found, golds[0]))
    parts = [part for part in _SEPARATOR.split(found) if part]
    left = list(golds)
    for part in parts:
        partner = next((g for g in left if same_value(part, g)), None)
        if partner is None:
            return 0.0
        left.remove(partner)
    return float(not left and bool(golds))


def truth(text: str) -> bool | None:
    """Read yes or no; None for anything else."""
    word = normalise(text)
    return True if word in YES else False if word in NO else None


def truth_match(found: str, golds: Sequence[str]) -> float:
    """Return 1.0 if an answer is the right one of yes and no, else 0.0."""
    answer = truth(found)
    return float(answer is not None and any(truth(gold) == answer for gold in golds))
