"""The baseline's hand-written labels and patterns, tuned on nothing but training splits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docx_models import values


@dataclass(frozen=True)
class Rule:
    """A label, and what its value looks like.

    The value is group 1 of its pattern, matched where a value may begin. `reach` counts the
    characters of other kinds that may stand between; `below` also looks under the label, and
    `skip_cells` goes on there when a cell does not match. `last` takes the last place in the
    document in place of the first, and a row that matches `before` ends the search.
    """

    label: re.Pattern[str]
    value: re.Pattern[str]
    reach: int = 4
    below: bool = True
    skip_cells: bool = True
    last: bool = False
    kind: str = "text"
    before: re.Pattern[str] | None = None

    def accepts(self, value: str) -> bool:
        """Say whether a value can be read as what it should be."""
        return self.kind != "date" or bool(values.read_date(value))


_MONEY = re.compile(
    r"(?:RM|EUR|USD|GBP|MYR)? ?"
    r"(-?(?:[$€£] ?)?-?(?:\d{1,3}(?:[,. ]\d{3})+|\d+|(?<=RM )|(?<=RM))[.,]\d\d)(?![\d%])"
)
_DAY = (
    r"\d{1,4}/\d{1,2}/\d{2,4}|\d{1,4}-\d{1,2}-\d{2,4}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{8}"
    r"|\d{1,2}[ -]?[A-Za-z]{3,9}\.?,?[ -]?\d{2,4}"
)
_DATE = re.compile(rf"({_DAY}|[A-Za-z]{{3,9}}\.? \d{{1,2}},? \d{{4}})(?!\d)")
_SPAN = re.compile(rf"({_DAY})\s*(?:-|–|to|thru|through)\s*(?:{_DAY})(?!\d)")
_SPAN_END = re.compile(rf"(?:{_DAY})\s*(?:-|–|to|thru|through)\s*({_DAY})(?!\d)")
_NUMBER = re.compile(r"((?=[\w/.-]*\d)[A-Za-z0-9][\w/.-]{2,})")
_TAX_SUMMARY = re.compile(r"(?:gst|tax|sst) (?:summary|analysis|code)", re.IGNORECASE)
_CELL = re.compile(r"(\S+(?: \S+)*)")


def _label(pattern: str, *, word: bool = True) -> re.Pattern[str]:
    """Compile a label; colons and the like behind it belong to it."""
    return re.compile((r"(?<!\w)" if word else "") + rf"(?:{pattern})[\s:#.)]*", re.IGNORECASE)


def _money(pattern: str, *, reach: int = 30) -> Rule:
    return Rule(_label(pattern), _MONEY, reach=reach, last=True, before=_TAX_SUMMARY)


def _date(pattern: str, value: re.Pattern[str] = _DATE) -> Rule:
    return Rule(_label(pattern), value, reach=8, kind="date")


def _number(pattern: str) -> Rule:
    return Rule(_label(pattern), _NUMBER)


_NUMBER_OF = r"\s*(?:#|no\b\.?|number|num\b\.?|nr\b\.?|id\b)"
_FLIGHT = (
    r"flight dates?|order flight|contract dates|schedule dates?|flight(?: period)?"
    r"|contract period|order dates"
)
_PERIOD = r"invoice period|billing period|period"

RULES: dict[str, tuple[Rule, ...]] = {
    "contract_num": (
        _number(r"invoice" + _NUMBER_OF),
        _number(r"contract" + _NUMBER_OF),
        _number(r"(?:contract|order) / rev(?:ision)?"),
        _number(r"(?<!alt )order" + _NUMBER_OF),
        _number(r"contract"),
    ),
    "advertiser": (
        Rule(
            _label(r"advertiser\s*(?:name)?(?=[\s:])(?!\s*(?:code|ref|external|product|id\b))"),
            re.compile(
                r"(?!Code|Ref|External|Original|Invoice|Product|Agency)"
                r"(?:Name: +)?(\S+(?: \S+)*)"
            ),
        ),
        Rule(_label(r"client(?: name)?"), _CELL),
    ),
    "gross_amount": (
        _money(r"gross total|total gross(?: amount)?"),
        _money(r"grand total"),
        _money(r"totals?(?=[\s:])", reach=20),
        _money(r"gross (?:amount|billing|charges)"),
        _money(r"net (?:total|amount)"),
    ),
    "flight_from": (_date(_FLIGHT, _SPAN), _date(r"flight start(?: date)?"), _date(_PERIOD, _SPAN)),
    "flight_to": (_date(_FLIGHT, _SPAN_END), _date(r"flight end"), _date(_PERIOD, _SPAN_END)),
    "date": (
        _date(r"date|tarikh|datum|dated"),
        Rule(re.compile(r"^(?=.*\d:\d\d)"), _DATE, 200, below=False, kind="date"),
        Rule(re.compile("^"), _DATE, 200, below=False, kind="date"),
    ),
    "total": (
        _money(r"(?:total (?:after adj|rounded|after round)|rounded? total|final total)[^\d]*?"),
        _money(r"(?:grand total|nett? total|total payable|total due|amount due|net amt)[^\d]*?"),
        _money(r"total (?:sales |amount |amt )?\(?inc[^\d]*?(?:gst|tax)?(?:\s*@?\s*\d%)?"),
        _money(
            r"(?<!sub )(?<!sub-)total(?!\s*(?:qty|quantity|item|gst|tax|disc|saving|excl|\d%))"
        ),
        _money(r"amount|jumlah|gesamtbetrag|summe"),
        _money(r"sub-? ?total"),
    ),
    "subtotal": (_money(r"sub-? ?total|net amount|zwischensumme|sous-total"),),
    "tax": (_money(r"(?:sales )?tax|vat|gst|mwst|tva"),),
    "due_date": (_date(r"(?:payment )?due(?: date)?|pay by|fällig am|zahlbar bis|échéance"),),
    "invoice_number": (
        _number(rf"(?:tax )?(?:invoice|inv|bill|document){_NUMBER_OF}|rechnungs-?(?:nr|nummer)"),
        _number(rf"(?:receipt|rcpt|slip|transaction){_NUMBER_OF}|beleg-?(?:nr|nummer)"),
        _number(r"invoice|receipt|facture"),
    ),
    "order_number": (
        _number(rf"(?<!alt )(?:purchase )?(?:order|p\.?o\.?){_NUMBER_OF}|bestell-?(?:nr|nummer)"),
    ),
    "phone": (
        Rule(_label(r"tel(?:ephone|efon)?|phone|ph"), re.compile(r"([+(]?\d[\d ()/-]{6,}\d)")),
    ),
    "email": (Rule(re.compile(r"(?=\S+@)"), re.compile(r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")),),
    "iban": (
        Rule(_label("iban"), re.compile(r"([A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,8} ?[A-Z0-9]{0,3})")),
    ),
}  # fmt: skip


def rules_for(field: str) -> tuple[Rule, ...]:
    """Return a field's rules; one that has none is looked for by its own name."""
    if field in RULES:
        return RULES[field]
    name = r"[ _-]?".join(re.escape(part) for part in field.split("_"))
    if field.endswith("date"):
        return (_date(name),)
    if field.endswith("number"):
        return (_number(name), _number(name.removesuffix("number") + _NUMBER_OF))
    return (Rule(_label(name + r"\b"), _CELL, reach=3),)


ALIASES = {
    "seller": "company",
    "seller_address": "address",
    "invoice_date": "date",
    "receipt_number": "invoice_number",
    "contract_number": "contract_num",
    "flight_start": "flight_from",
    "flight_end": "flight_to",
    "amount_due": "total",
}
"""Fields of the generator that the rules of another field answer."""

ANY_AMOUNT = Rule(re.compile("^"), _MONEY, reach=200, below=False)
CASH = Rule(_label(r"cash(?: tendered| received)?|tendered|paid"), _MONEY, 30, below=False)
CHANGE = Rule(_label(r"change(?: due| amt)?|baki"), _MONEY, 30, below=False)

LEGAL_FORM = re.compile(
    r"\b(?:sdn|bhd|s/b|ltd|llc|inc|gmbh|ag|sarl|sas|plc|corp)\b\.?", re.IGNORECASE
)
TRADE = re.compile(
    r"\b(?:enterprise|trading|restoran|restaurant|supermarket|hardware|mart|store|shop"
    r"|pharmacy|cafe|bakery|stationery|kedai)\b",
    re.IGNORECASE,
)
SUFFIX = re.compile(r"\W*(?:(?:sdn|bhd|s/b|ltd|trading|enterprise)\b|\w+\) )", re.IGNORECASE)
"""How a row begins that goes on with the company's name in the row above."""
REGISTRATION = re.compile(r"\s*\(?(?:[A-Z]{0,3}\d{4,}[-\s]?[A-Z]{0,2})\)?\W*$")
NO_COMPANY = re.compile(
    r"invoice|receipt|\bgst|tax|\btel|\bfax|cash bill|welcome|page \d|\d[.,]\d\d\b|licensee"
    r"|formerly|\(?co\.? ?reg|posted",
    re.IGNORECASE,
)
ADDRESS_PART = re.compile(
    r"\b(?:jalan|jln|lot|no\.?|lorong|taman|tmn|level|street|st\.|road|rd|ave|suite|bandar"
    r"|kampung|kg|batu|ground floor|g/f|persiaran)\b|\b\d{5} [A-Z]|^\d+[A-Z]?, ?[A-Z]|^PT ?\d",
    re.IGNORECASE,
)
ADDRESS_END = re.compile(
    r"\b(?:tel(?:ephone)?|phone|fax|gst|tax|co\.? ?(?:reg|no)|reg|br no|invoice|inv|receipt|email"
    r"|date|cash|bill|roc|hotline|company|website|www|owned|mobile|whatsapp|shopping hours|site"
    r"|prepay|guest check|licensee|formerly|served|pos no)\b|@|\d\.\d\d\b|^[+\d\s().:-]+$"
    r"|\d:\d\d",
    re.IGNORECASE,
)
