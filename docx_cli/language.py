"""Letters that make a language, told from those of a font whose codes mean something else.

A text layer may come out shifted ("Invoice" as ",QYRLFH") or through a table that maps codes to
any letters. Whatever the language, pairs of letters then follow each other that hardly ever do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from operator import add

# By letter, those that follow it most often in Dutch, English, French, German, Italian, Polish,
# Portuguese, Spanish and Swedish text.
_FOLLOWERS = {
    "a": "bcdgilmnrstuv",
    "b": "elr",
    "c": "aehikort",
    "d": "aeioru",
    "e": "acdegilmnrstvz",
    "f": "eior",
    "g": "eir",
    "h": "aeiot",
    "i": "acdeglmnorstv",
    "k": "aeio",
    "l": "adeilot",
    "m": "aeiop",
    "n": "acdegiosty",
    "o": "bdeflmnoprstuvw",
    "p": "aeilor",
    "q": "u",
    "r": "adeikmnostuyz",
    "s": "acehiopstuz",
    "t": "aehiorstuy",
    "u": "elmnrst",
    "v": "aeio",
    "w": "aeio",
    "z": "aeiu",
}
_COMMON = frozenset(first + second for first in _FOLLOWERS for second in _FOLLOWERS[first])
_MARKS = ".,:;!?'\"()[]{}<>-*/&%$#@+=_|\\„“”‚‘’«»…–—•·"
_LEAST_COMMON = 0.55
"""Share of such pairs below which text is no language: pages of text have 0.7 to 0.9, the same
shifted or with letters exchanged 0.1 to 0.5."""
_LEAST_PAIRS = 60
"""Pairs below which nobody judges."""


def is_gibberish(texts: Iterable[str]) -> bool:
    """Say whether words in Latin letters make no language; of others, nothing is said."""
    share = common_share(texts)
    return share is not None and share < _LEAST_COMMON


def common_share(texts: Iterable[str]) -> float | None:
    """Return the share of pairs of neighbouring letters that are common, None of too few.

    Where a symbol parts two letters of a word, that is a pair as well, and none that is common:
    a shifted alphabet leaves its range. Numbers, and words with digits, are passed over.
    """
    seen = common = 0
    for text in texts:
        word = _plain(text)
        if len(word) < 3 or (not word.isalpha() and any(c.isdigit() for c in word)):
            continue
        pairs = list(map(add, word, word[1:]))
        if not word.isascii():  # of other scripts nothing is known
            pairs = [pair for pair in pairs if pair.isascii() or not pair.isalpha()]
        seen += len(pairs)
        common += sum(map(_COMMON.__contains__, pairs))
    return common / seen if seen >= _LEAST_PAIRS else None


def _plain(text: str) -> str:
    """Small letters without accents, and without the marks around a word."""
    if text.isascii():
        return text.lower().strip(_MARKS)
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c)).strip(_MARKS)
