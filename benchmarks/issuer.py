"""One issuer's invoices: a single layout with ever new values, as templates are written for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import typst

_GOODS = (
    "Copy paper A4", "Envelopes C5", "Ring binders", "Card stock 300 g", "Labels 70 x 36",
    "Flip chart pads", "Till rolls", "Notebooks A5", "Index cards", "Carbonless forms",
)  # fmt: skip
_BUYERS = ("Harlow & Finch", "Dene Valley School", "Tarn Architects", "Quayside Printers")
_PAGE = """
#set page(paper: "a4", margin: 22mm)
#set text(font: ("Liberation Sans", "Libertinus Serif"), size: 10pt)
#grid(columns: (1fr, auto),
  [*Brookfield Paper Ltd*\\ 12 Mill Lane\\ Leeds LS1 4AP], text(18pt)[INVOICE])
#v(1em)
#grid(columns: (1fr, auto, auto), column-gutter: 1.5em, row-gutter: .6em,
  [Bill to: %(buyer)s], [Invoice No:], [%(number)s],
  [], [Invoice Date:], [%(day)s],
  [], [Payment terms:], [30 days])
#v(1em)
#table(columns: (1fr, auto, auto, auto), align: (left, right, right, right), inset: 6pt,
  [Description], [Qty], [Price], [Amount], %(rows)s)
#align(right, grid(columns: 2, column-gutter: 1.5em, row-gutter: .6em,
  [Subtotal], [GBP %(net)s], [VAT 20%%], [GBP %(tax)s], [*Total due*], [*GBP %(total)s*]))
"""


@dataclass(frozen=True)
class Invoice:
    """An invoice's file, and what stands in it."""

    pdf: bytes
    number: str
    day: date
    total: Decimal
    items: tuple[tuple[Decimal, Decimal], ...]
    """Quantity and amount of each line."""


def invoice(seed: int) -> Invoice:
    """Draw one invoice."""
    rng = random.Random(seed)
    number = f"BP-{rng.randint(10_000, 99_999)}"
    day = date(2024, 1, 1) + timedelta(days=rng.randrange(700))
    lines = []
    for goods in rng.sample(_GOODS, rng.randint(2, 8)):
        price, quantity = Decimal(rng.randint(150, 9_900)) / 100, rng.randint(1, 40)
        lines.append((goods, quantity, price, price * quantity))
    net = sum((line[3] for line in lines), Decimal())
    tax = (net / 5).quantize(Decimal("0.01"))
    rows = ", ".join(f"[{g}], [{q}], [{p:,.2f}], [{a:,.2f}]" for g, q, p, a in lines)
    told = {
        "buyer": rng.choice(_BUYERS).replace("&", "and"),
        "number": number,
        "day": f"{day.day} {day:%B %Y}",
        "rows": rows,
        "net": f"{net:,.2f}",
        "tax": f"{tax:,.2f}",
        "total": f"{net + tax:,.2f}",
    }
    pdf = typst.compile((_PAGE % told).encode(), format="pdf")
    return Invoice(pdf, number, day, net + tax, tuple((Decimal(q), a) for _, q, _, a in lines))
