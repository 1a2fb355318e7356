"""How languages and countries print months, dates and amounts: CLDR's data, see locales.json.

tools/locale_table.py makes that file.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from docx_cli.errors import UsageError


@cache
def table() -> dict[str, Any]:
    """Return the table: months, languages, countries, symbols."""
    text = (Path(__file__).parent / "locales.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def months() -> dict[str, int]:
    """Return the number of each month's name and abbreviation, in small letters, no dot."""
    return {name: number for names in table()["months"].values() for name, number in names.items()}


@cache
def currencies() -> frozenset[str]:
    """Return the codes of the currencies that are known, such as EUR."""
    countries = table()["countries"].values()
    symbols = table()["symbols"].values()
    return frozenset(c["currency"] for c in countries) | {
        code for meanings in symbols for code in meanings if code
    }


def described(locale: str) -> dict[str, Any]:
    """Return order, decimal and, if it names a country, currency of a locale.

    Args:
        locale: a language, a country or both: ``"de"``, ``"de_AT"``, ``"en-GB"``, ``"GB"``.

    Raises:
        UsageError: the locale is not known.
    """
    parts = locale.replace("-", "_").partition(".")[0].split("_")
    known = table()
    country = parts[-1].upper() if len(parts) > 1 or parts[0].isupper() else None
    language = parts[0].lower() if country is None or len(parts) > 1 else None
    fits_country = country is None or country in known["countries"]
    if not fits_country or (language is not None and language not in known["languages"]):
        raise UsageError(f"the locale {locale!r} is not known", hint="try de, en_US or GB")
    found: dict[str, Any] = known["countries"][country] if country else known["languages"][language]
    return found
