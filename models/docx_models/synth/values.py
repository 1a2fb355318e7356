"""Values as documents print them: parties, dates, money and numbers of one country."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from functools import cache

from faker import Faker

from docx_models.synth import data
from docx_models.synth.data import listed, vocabulary


@dataclass(frozen=True, slots=True)
class Place:
    """A country's habits: language of the labels, formats of money, dates and numbers."""

    name: str
    locale: str
    language: str
    currencies: list[str]
    dates: list[str]
    tax_rates: list[float]
    thousands: list[str]
    phones: list[str]
    tax_ids: list[str]
    registration: str
    domain: str


PLACES = {name: Place(name=name, **entry) for name, entry in data.load("places.toml").items()}
MALAY_ENDS = ("SDN BHD", "SDN. BHD.", "S/B", "ENTERPRISE", "TRADING", "(M) SDN BHD", "BERHAD", "")


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale, use_weighting=False)


class Values:
    """Draws the values of one page, all in the same country's habits.

    Args:
        rng: the page's source of chance; faker is seeded from it.
        place: a key of `PLACES`.
        upper: parties, addresses and goods are printed in capitals.
    """

    def __init__(self, rng: random.Random, place: str, *, upper: bool = False) -> None:
        self.rng = rng
        self.place = PLACES[place]
        self.upper = upper
        self.fake = _faker(self.place.locale)
        self.fake.seed_instance(rng.getrandbits(32))
        self.date_format = rng.choice(self.place.dates)
        self.currency = rng.choice(self.place.currencies)
        self.decimal_comma = self.place.language in ("de", "fr")
        self.thousands = rng.choice(self.place.thousands)
        self.after = rng.random() < (0.85 if self.decimal_comma else 0.1)
        self.today = datetime.date(2010, 1, 1) + datetime.timedelta(days=rng.randrange(5800))

    def pick(self, source: str) -> str:
        """Choose an entry of a vocabulary by its name, or of a list written with bars."""
        return self.rng.choice(listed(source) if "|" in source else vocabulary(source))

    def case(self, text: str) -> str:
        """Return `text` in capitals if the page prints such text in capitals."""
        return text.upper() if self.upper else text

    # --- money, dates, numbers -------------------------------------------------

    def number(self, value: float, decimals: int = 2) -> str:
        """Return an amount without currency."""
        text = f"{abs(value):,.{decimals}f}"
        if self.decimal_comma:
            text = text.translate(str.maketrans(",.", "\0,")).replace("\0", self.thousands)
        else:
            text = text.replace(",", self.thousands)
        return f"-{text}" if value < 0 else text

    def money(self, value: float, *, bare: bool = False) -> str:
        """Return an amount with the page's currency, or without it."""
        text = self.number(abs(value))
        if not bare and self.currency:
            gap = " " if self.currency.isalpha() and len(self.currency) > 2 else ""
            text = (
                f"{text} {self.currency.strip()}" if self.after else f"{self.currency}{gap}{text}"
            )
        if value >= 0:
            return text
        return f"({text})" if self.place.name == "us" else f"-{text}"

    def percent(self, rate: float) -> str:
        """Return a rate as a percentage."""
        text = f"{rate * 100:.2f}".rstrip("0").rstrip(".")
        text = text.replace(".", ",") if self.decimal_comma else text
        return f"{text}%" if self.rng.random() < 0.6 else f"{text} %"

    def price(self, low: float = 0.5, high: float = 900.0) -> float:
        """Draw a price, small ones more often."""
        value = float(low * (high / low) ** self.rng.random())
        return round(round(value * 20) / 20 if self.rng.random() < 0.5 else value, 2)

    def day(self, low: int = 0, high: int = 0) -> datetime.date:
        """Draw a date between `low` and `high` days after the page's own."""
        return self.today + datetime.timedelta(days=self.rng.randint(low, high))

    def date(self, day: datetime.date) -> str:
        """Return a date in the page's format."""
        if self.place.language == "de" and "%B" in self.date_format:
            return day.strftime("%d.%m.%Y")
        text = day.strftime(self.date_format).format(m=day.month, d=day.day)
        return text.upper() if self.upper else text

    def time(self) -> str:
        """Draw a time of day."""
        clock = datetime.time(
            self.rng.randint(7, 22), self.rng.randrange(60), self.rng.randrange(60)
        )
        return clock.strftime(
            self.rng.choice(("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p"))
        )

    def code(self, pattern: str | None = None) -> str:
        """Draw a number from a pattern: # digit, @ capital, Y year; or from common ones."""
        pattern = pattern or self.pick("codes")
        year = self.today.strftime("%Y")
        return "".join(
            str(self.rng.randrange(10))
            if c == "#"
            else self.rng.choice("ABCDEFGHJKLMNPRSTUVWX")
            if c == "@"
            else c
            for c in pattern.replace("YYYY", year).replace("YY", year[2:])
        )

    # --- parties ---------------------------------------------------------------

    def company(self) -> str:
        """Draw a company's name."""
        if self.place.name == "my":
            return self._malay_company()
        if self.rng.random() < 0.3:
            names = (self.fake.last_name(), self.fake.last_name(), self.fake.city())
            trade = self.pick("company_trades")
            end = {"de": "GmbH", "fr": "SARL"}.get(
                self.place.language, self.pick("Inc.|LLC|Ltd|Co.|Corp|")
            )
            return self.case(f"{self.rng.choice(names)} {trade} {end}".strip())
        return self.case(self.fake.company())

    def _malay_company(self) -> str:
        name, trade = self.pick("malay_names"), self.pick("malay_trades")
        end = self.rng.choice(MALAY_ENDS)
        shape = self.rng.random()
        if shape < 0.25:
            text = f"{self.pick('malay_shops')} {name} {end if end.startswith('S') else ''}"
        elif shape < 0.35:
            text = f"{self.code('@@@')} {trade} {end}"
        else:
            text = f"{name} {trade} {end}"
        return self.case(" ".join(text.split()))

    def person(self) -> str:
        """Draw a person's name."""
        if self.place.name == "my":
            return self.case(self.pick("malay_people"))
        return self.case(f"{self.fake.first_name()} {self.fake.last_name()}")

    def address(self) -> list[str]:
        """Draw an address as two to four lines."""
        if self.place.name == "my":
            return [self.case(line) for line in self._malay_address()]
        if self.place.name == "us":
            lines = [self.fake.street_address(), self._us_town()]
        else:
            lines = self.fake.address().splitlines()
        if self.rng.random() < 0.25:
            lines.insert(
                0,
                self.code(self.pick("Suite ###|Suite ##|Building @|P.O. Box ####|Unit #")),
            )
        return [self.case(line.strip()) for line in lines if line.strip()]

    def _us_town(self) -> str:
        state, code = self.pick("states"), self.code("#####")
        return f"{self.fake.city()}{self.rng.choice((', ', ', ', ' '))}{state} {code}"

    def malay_place(self) -> str:
        """Draw a word that sounds like a Malay place."""
        shops = data.load("shops.toml")
        count = self.rng.choice((2, 2, 3))
        stem = "".join(self.rng.choice(listed(shops["syllables"])) for _ in range(count))
        return f"{stem}{self.rng.choice(shops['ends'].split('|'))}".capitalize()

    def _malay_address(self) -> list[str]:
        number = self.code(self.pick("malay_houses"))
        fill = {"n": self.rng.randint(1, 34), "place": self.malay_place()}
        street = self.pick("malay_streets").format(**fill)
        area, town = self.pick("malay_areas").format(**fill), self.pick("malay_towns")
        state = self.rng.choice((*vocabulary("malay_states"), "", ""))
        parts = [f"{number}, {street}", area, town, state]
        if self.rng.random() < 0.3:
            parts = [f"{number}, {street}, {area}", f"{town}, {state}" if state else town]
        parts = [part for part in parts if part]
        comma = self.rng.random() < 0.8
        end = self.rng.choice((".", "", "", ","))
        lines = [part + ("," if comma else "") for part in parts[:-1]] + [parts[-1] + end]
        if self.rng.random() < 0.15:
            lines = [" ".join(lines[:2]), *lines[2:]]
        return lines

    def phone(self) -> str:
        """Draw a telephone number."""
        return self.code(self.rng.choice(self.place.phones))

    def site(self, company: str) -> str:
        """Return a web domain for a company."""
        stem = "".join(c for c in company.lower() if c.isascii() and c.isalnum())[:16] or "example"
        return stem + self.place.domain

    def tax_id(self) -> str:
        """Draw a seller's tax number."""
        return self.code(self.rng.choice(self.place.tax_ids))

    def registration(self) -> str:
        """Draw a company's registration number."""
        return self.code(self.place.registration)

    def item(self) -> str:
        """Draw the name of a good or service."""
        return self.case(self.pick("items"))
