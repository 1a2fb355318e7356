"""Names of shops and small firms, put together so that hardly two are alike.

A model that has seen few names learns them by heart and cuts others short; what it must learn is
where a name begins and ends on the page, whatever words it is made of.
"""

from __future__ import annotations

from docx_models.synth import data
from docx_models.synth.data import listed
from docx_models.synth.values import MALAY_ENDS, Values


def shop(values: Values) -> str:
    """Draw the name of a shop, in the habits of the page's country."""
    rng = values.rng
    core = rng.choice((_words, _words, _numbered, _named, _initials, _town))(values)
    trade = "" if rng.random() < 0.1 else _entry(values, "trades")
    if trade and rng.random() < 0.12:
        trade = f"{trade} & {_entry(values, 'trades')}"
    start = "The" if rng.random() < 0.08 else ""
    return values.case(" ".join(f"{start} {core} {trade} {_end(values)}".split()))


def mark(values: Values) -> str:
    """Draw what a shop calls itself on its sign, without trade or legal form."""
    return values.case(values.rng.choice((_words, _numbered, _named, _initials))(values))


def _entry(values: Values, name: str) -> str:
    return values.rng.choice(_listed(name))


def _listed(name: str) -> tuple[str, ...]:
    text = data.load("shops.toml")[name]
    # A list may hold the empty entry, which `listed` leaves out.
    return tuple(text.split("|")) if text.endswith("|") else listed(text)


def _words(values: Values) -> str:
    count = values.rng.choice((1, 1, 2, 2, 3))
    return " ".join(_entry(values, "words") for _ in range(count))


def _numbered(values: Values) -> str:
    count = values.rng.choice((1, 1, 2, 3))
    numbers = " ".join(_entry(values, "numbers") for _ in range(count))
    return numbers if values.rng.random() < 0.5 else f"{numbers} {_entry(values, 'words')}"


def _named(values: Values) -> str:
    if values.place.name == "my" or values.rng.random() < 0.3:
        return _entry(values, "names")
    return str(values.fake.last_name())


def _initials(values: Values) -> str:
    mark = values.code(values.pick("@@|@@@|@.@.|@.@.@.|@ & @|@@ &|@@@@"))
    return mark if values.rng.random() < 0.5 else f"{mark} {_entry(values, 'words')}"


def _town(values: Values) -> str:
    town = values.malay_place() if values.place.name == "my" else str(values.fake.city())
    return f"{town} {_entry(values, 'words')}" if values.rng.random() < 0.4 else town


def _end(values: Values) -> str:
    if values.place.name == "my":
        return values.rng.choice((*MALAY_ENDS, "SDN BHD", "SDN. BHD", "CO. (M) SDN BHD"))
    kinds = {"de": "german_ends", "fr": "french_ends"}
    return _entry(values, kinds.get(values.place.language, "english_ends"))
