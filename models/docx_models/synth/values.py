"""Values as documents print them: parties, dates, money and numbers of one country."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from functools import cache

from faker import Faker

from docx_models.synth import words


@dataclass(frozen=True, slots=True)
class Place:
    """A country's habits: language of the labels, money and dates."""

    name: str
    locale: str
    language: str
    currencies: tuple[str, ...]
    dates: tuple[str, ...]
    tax_rates: tuple[float, ...]


US_DATES = ("%m/%d/%Y", "%m/%d/%y", "{m}/{d}/%Y", "%B {d}, %Y", "%b {d}, %Y", "%d-%b-%Y", "%Y%m%d",
            "%b %d, %Y", "%b%d/%y", "%m-%d-%Y", "{m}/{d}/%y")  # fmt: skip
UK_DATES = ("%d/%m/%Y", "%d/%m/%y", "{d} %B %Y", "%d-%b-%Y", "%d-%b-%y", "%d.%m.%Y", "%Y-%m-%d",
            "%d %b %Y", "{d}/{m}/%Y")  # fmt: skip
MY_DATES = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%m-%y", "%d %b %Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%b-%Y",
            "{d}/{m}/%Y", "%Y%m%d", "%d-%b-%y", "%d %b %y")  # fmt: skip
DE_DATES = ("%d.%m.%Y", "%d.%m.%Y", "%d.%m.%y", "{d}.{m}.%Y", "%Y-%m-%d", "%Y%m%d")
FR_DATES = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%Y-%m-%d", "%d.%m.%Y")
PLACES = {
    "us": Place("us", "en_US", "en", ("$", "$", "$", "", "USD"), US_DATES, (0.0, 0.05, 0.0625, 0.0825, 0.1)),
    "uk": Place("uk", "en_GB", "en", ("£", "£", "", "GBP"), UK_DATES, (0.2, 0.05, 0.0)),
    "my": Place("my", "en_US", "ms", ("", "", "", "RM", "RM", "RM ", "MYR"), MY_DATES, (0.06, 0.06, 0.0, 0.1)),
    "de": Place("de", "de_DE", "de", ("€", "EUR", "€", "", "EUR"), DE_DATES, (0.19, 0.07)),
    "fr": Place("fr", "fr_FR", "fr", ("€", "EUR", "€", ""), FR_DATES, (0.2, 0.055, 0.1)),
}  # fmt: skip


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
        self.thousands = rng.choice(
            (".", ".", "")
            if place == "de"
            else (" ", " ", ".", "")
            if place == "fr"
            else (",",) * 4 + ("",)
        )
        self.after = rng.random() < (0.85 if self.decimal_comma else 0.1)
        self.today = datetime.date(2010, 1, 1) + datetime.timedelta(days=rng.randrange(5800))

    def pick(self, vocabulary: str | tuple[str, ...]) -> str:
        """Choose an entry of a vocabulary."""
        return self.rng.choice(
            words.listed(vocabulary) if isinstance(vocabulary, str) else vocabulary
        )

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
        value = low * (high / low) ** self.rng.random()
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
        pattern = pattern or self.rng.choice(CODES)
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
            trade = self.pick(
                "Supplies|Systems|Logistics|Foods|Tools|Media|Studio|Trading|Engineering|Office Center"
            )
            end = {"de": "GmbH", "fr": "SARL"}.get(
                self.place.language, self.pick("Inc.|LLC|Ltd|Co.|Corp|")
            )
            return self.case(f"{self.rng.choice(names)} {trade} {end}".strip())
        return self.case(self.fake.company())

    def _malay_company(self) -> str:
        name, trade = self.pick(words.MALAY_NAMES), self.pick(words.MALAY_TRADES)
        end = self.rng.choice(words.MALAY_ENDS)
        shape = self.rng.random()
        if shape < 0.25:
            text = f"{self.pick(words.MALAY_SHOPS)} {name} {end if end.startswith('S') else ''}"
        elif shape < 0.35:
            text = f"{self.code('@@@')} {trade} {end}"
        else:
            text = f"{name} {trade} {end}"
        return self.case(" ".join(text.split()))

    def person(self) -> str:
        """Draw a person's name."""
        if self.place.name == "my":
            return self.case(self.pick(words.MALAY_PEOPLE))
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
                self.pick(
                    f"Suite {self.rng.randint(2, 900)}|Building {self.code('@')}|P.O. Box {self.code('####')}|Unit {self.code('#')}"
                ),
            )
        return [self.case(line.strip()) for line in lines if line.strip()]

    def _us_town(self) -> str:
        state, code = self.rng.choice(words.STATES), self.code("#####")
        return f"{self.fake.city()}{self.rng.choice((', ', ', ', ' '))}{state} {code}"

    def _malay_address(self) -> list[str]:
        number = self.code(
            self.pick(
                "No. ##|No ##|No.#|Lot ####|Lot G-##|No. ##-1, Ground Floor|##, ##A & ##B|No. #, G/F|Level #, Menara @@"
            )
        )
        fill = {"n": self.rng.randint(1, 34)}
        street = self.pick(words.MALAY_STREETS).format(**fill)
        area, town = self.pick(words.MALAY_AREAS).format(**fill), self.pick(words.MALAY_TOWNS)
        state = self.rng.choice((*words.MALAY_STATES, "", ""))
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
        pattern = {
            "us": "(###) ###-####|###-###-####|###.###.####|1-800-###-####",
            "uk": "0## #### ####|+44 ## #### ####|01### ######",
            "my": "03-########|07-### ####|+603-#### ####|01#-#######|03-#### ####|1300-##-####",
            "de": "0### / ######|+49 ### ######|0### ######-##",
            "fr": "0# ## ## ## ##|+33 # ## ## ## ##",
        }[self.place.name]
        return self.code(self.pick(pattern))

    def site(self, company: str) -> str:
        """Return a web domain for a company."""
        stem = "".join(c for c in company.lower() if c.isascii() and c.isalnum())[:16] or "example"
        return (
            stem
            + {"us": ".com", "uk": ".co.uk", "my": ".com.my", "de": ".de", "fr": ".fr"}[
                self.place.name
            ]
        )

    def tax_id(self) -> str:
        """Draw a seller's tax number."""
        pattern = {
            "us": "##-#######", "uk": "GB ### #### ##|GB#########", "my": "00##########|000#########|00##-####-####",
            "de": "DE#########|DE ### ### ###|##/###/#####", "fr": "FR ## #########|FR###########",
        }[self.place.name]  # fmt: skip
        return self.code(self.pick(pattern))

    def registration(self) -> str:
        """Draw a company's registration number."""
        return self.code(
            {"my": "######-@", "de": "HRB #####", "fr": "### ### ### #####"}.get(
                self.place.name, "########"
            )
        )

    def item(self) -> str:
        """Draw the name of a good or service."""
        return self.case(self.rng.choice(words.ITEMS))


CODES = ("######", "#######", "########", "INV-YYYY-####", "INV######", "YYYY/####", "YYYY-###", "@@######",
         "#######-#", "@-#####", "####-####", "@@@-####", "SI-##-####", "CS########", "#####", "YY####", "@@YY######",
         "R-YYYY-#####", "No.####", "@####/YY", "#####/###", "RE#####", "##########", "####")  # fmt: skip
