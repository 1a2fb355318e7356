"""Writes docx_cli/locales.json: how languages and countries print months, dates and amounts.

All of it is CLDR's, as Babel carries it. docx itself does not load Babel, whose 33 MB take a
second to tell the months of ten languages.

    python tools/locale_table.py [--check]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies

TABLE = Path(__file__).parents[1] / "docx_cli" / "locales.json"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "sv", "da", "nb", "fi", "ms")
COUNTRIES = (
    "US", "GB", "IE", "CA", "AU", "NZ", "IN", "SG", "MY", "PH", "HK", "ZA", "DE", "AT", "CH",
    "FR", "BE", "LU", "ES", "MX", "AR", "CO", "CL", "IT", "NL", "PT", "BR", "PL", "CZ", "SE",
    "DK", "NO", "FI", "ID", "TH", "JP", "CN", "KR", "TR", "AE", "IL", "RU", "UA", "HU", "RO",
    "GR", "SK", "SI", "HR", "BG", "VN", "TW", "SA", "EG", "NG", "KE", "PK", "PE",
)  # fmt: skip


PRINTED = {"US$": ["USD"], "C$": ["CAD"], "S$": ["SGD"], "Fr.": ["CHF"], "SFr.": ["CHF"]}
"""Symbols that are everywhere but in CLDR."""


def table() -> dict[str, Any]:
    """Return months by language, conventions by language and country, currencies by symbol."""
    languages = {code: Locale.parse(code) for code in LANGUAGES}
    countries = {code: Locale.parse(f"und_{code}") for code in COUNTRIES}
    return {
        "months": {code: _months(locale) for code, locale in languages.items()},
        "languages": {code: _conventions(locale) for code, locale in languages.items()},
        "countries": {
            code: {
                **_conventions(_english(code) or locale),
                "currency": get_territory_currencies(code)[0],
                "names": sorted(
                    {languages["en"].territories[code], locale.territories.get(code, "")} - {""}
                ),
            }
            for code, locale in countries.items()
        },
        "symbols": _symbols(languages["en"], countries),
    }


def _english(country: str) -> Locale | None:
    """Return how English is written in a country, if CLDR knows."""
    try:
        return Locale.parse(f"en_{country}") if country in ("SG", "MY", "PH", "HK") else None
    except UnknownLocaleError:
        return None


def _conventions(locale: Locale) -> dict[str, Any]:
    pattern = locale.date_formats["short"].pattern
    order = "".join(sorted((c for c in "dMy" if c in pattern), key=pattern.index)).lower()
    return {"order": order, "decimal": locale.number_symbols["latn"]["decimal"]}


def _months(locale: Locale) -> dict[str, int]:
    """Names and abbreviations, both as they stand in a date and alone, in small letters."""
    names = {
        text.casefold().rstrip("."): number
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, text in locale.months[context][width].items()
    }
    return {name: number for name, number in sorted(names.items()) if not name.isdigit()}


def _symbols(english: Locale, countries: dict[str, Locale]) -> dict[str, list[str | None]]:
    """The currencies that a symbol may mean; first the one it means alone, None if none."""
    found: dict[str, list[str | None]] = {}
    for currency, symbol in english.currency_symbols.items():
        if symbol != currency and not symbol.isalpha():
            found.setdefault(symbol, []).append(currency)
    for country, locale in countries.items():
        currency = get_territory_currencies(country)[0]
        symbol = locale.currency_symbols.get(currency, currency)
        if symbol != currency and currency not in found.setdefault(symbol, []):
            found[symbol].append(currency)
    alone = set(english.currency_symbols.values())
    for symbol, meanings in found.items():
        if len(meanings) > 1 and symbol not in alone:
            meanings.insert(0, None)
    # A single letter and the sign for "some currency" say nothing.
    known = {symbol: found[symbol] for symbol in sorted(found) if symbol not in ("R", "¤")}
    return known | PRINTED


def main() -> int:
    """Write the table, or say whether it is what would be written."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; 1 if it is stale")
    text = json.dumps(table(), ensure_ascii=False, indent=1) + "\n"
    if arguments.parse_args().check:
        return int(TABLE.read_text(encoding="utf-8") != text)
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
