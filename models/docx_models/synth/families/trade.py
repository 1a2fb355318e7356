"""What invoices, orders and delivery notes share: goods tables, parties, totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docx_models.synth import blocks, lookups
from docx_models.synth.draft import Draft, Pair, Run

COLUMN_LABELS = {
    "line": {"en": ("#", "No.", "Line", "Item", "Pos"), "de": ("Pos.", "Nr."), "fr": ("N°",)},
    "sku": {
        "en": ("SKU", "Item No.", "Part #", "Code", "Product ID", "Item Code"),
        "de": ("Art.-Nr.", "Artikel"),
        "fr": ("Réf.",),
    },
    "date": {"en": ("Date", "Service Date", "Date Supplied"), "de": ("Datum",), "fr": ("Date",)},
    "item": {
        "en": ("Description", "Item", "Product", "Details", "Particulars", "Description of Goods"),
        "de": ("Bezeichnung", "Beschreibung", "Artikel"),
        "fr": ("Désignation", "Description"),
    },
    "quantity": {
        "en": ("Qty", "Quantity", "Units", "Qty.", "Ordered"),
        "de": ("Menge", "Anzahl"),
        "fr": ("Qté", "Quantité"),
    },
    "unit": {"en": ("Unit", "UOM", "U/M"), "de": ("Einheit", "ME"), "fr": ("Unité",)},
    "price": {
        "en": ("Unit Price", "Price", "Rate", "Unit Cost", "U. Price", "Price Each"),
        "de": ("Einzelpreis", "Preis", "E-Preis"),
        "fr": ("Prix unitaire", "P.U. HT", "PU"),
    },
    "tax": {"en": ("VAT %", "Tax", "GST", "Tax Rate"), "de": ("USt.", "MwSt."), "fr": ("TVA",)},
    "amount": {
        "en": ("Amount", "Total", "Line Total", "Ext. Price", "Value", "Net Amount"),
        "de": ("Gesamt", "Betrag", "Summe"),
        "fr": ("Montant", "Total HT"),
    },
}
SIDES = {"quantity": "right", "price": "right", "amount": "right", "tax": "right"}
CARRIERS = (
    "UPS Ground",
    "DHL",
    "FedEx",
    "Own truck",
    "Poslaju",
    "TNT",
    "DPD",
    "Best Way",
    "Pick up",
    "Freight",
)
UNITS = ("pcs", "ea", "box", "hrs", "kg", "set", "m", "PKT", "CTN", "Stk")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of goods: values, and the runs that were placed for each column."""

    name: str
    quantity: int
    price: float
    runs: dict[str, Run]

    @property
    def amount(self) -> float:
        """Quantity times price."""
        return round(self.quantity * self.price, 2)


def goods(d: Draft, count: int, *, priced: bool = True, rate: float = 0.0) -> list[Line]:
    """Draw lines of goods; two of them often cost the same."""
    v, drawn = d.values, []
    for _ in range(count):
        quantity = d.rng.choice((1, 1, 1, 2, 3, 5, 10, d.rng.randint(1, 60)))
        drawn.append((v.item(), quantity, v.price()))
    if count > 1 and d.chance(0.3):
        first, second = d.rng.sample(range(count), 2)
        drawn[second] = (drawn[second][0], drawn[first][1], drawn[first][2])
    lines, seen, bare = [], set(), d.chance(0.65)
    for number, (name, quantity, price) in enumerate(drawn, 1):
        if name in seen:
            continue
        seen.add(name)
        texts = _texts(d, number, (name, quantity, price), rate, bare)
        if not priced:
            texts = {k: t for k, t in texts.items() if k not in ("price", "tax", "amount")}
        lines.append(Line(name, quantity, price, {k: d.run(t) for k, t in texts.items()}))
    return lines


def _texts(
    d: Draft, number: int, line: tuple[str, int, float], rate: float, bare: bool
) -> dict[str, str]:
    v = d.values
    name, quantity, price = line
    texts = {
        "line": str(number),
        "sku": v.code(d.rng.choice(("######", "@@-####", "#####-##", "@###"))),
        "date": v.date(v.day(-20, 0)),
        "item": name,
        "quantity": str(quantity) if d.chance(0.8) else v.number(quantity),
        "unit": d.rng.choice(UNITS),
        "price": v.money(price, bare=bare),
        "tax": v.percent(rate),
        "amount": v.money(round(quantity * price, 2), bare=bare),
    }
    return {key: texts[key] for key in _columns(d)}


def _columns(d: Draft) -> tuple[str, ...]:
    """Choose a page's columns once; they are kept among its labels."""
    if "columns" not in d.labels:
        chosen = []
        for name in COLUMN_LABELS:
            keep = {"line": 0.45, "sku": 0.4, "date": 0.15, "unit": 0.3, "tax": 0.25}.get(name, 1.0)
            if d.chance(keep):
                chosen.append(name)
        if d.chance(0.2):
            chosen.remove("quantity")
            chosen.insert(0, "quantity")
        d.labels["columns"] = " ".join(chosen)
    return tuple(d.labels["columns"].split())


def goods_table(d: Draft, lines: Sequence[Line]) -> str:
    """Set the lines as a table and ask about them."""
    names = [name for name in _columns(d) if name in lines[0].runs]
    labels = {
        n: d.rng.choice(COLUMN_LABELS[n].get(d.values.place.language) or COLUMN_LABELS[n]["en"])
        for n in names
    }
    if d.chance(0.15):
        labels = {name: label.upper() for name, label in labels.items()}
    widths = ["1fr" if name == "item" else "auto" for name in names]
    table = blocks.Table(widths, [SIDES.get(name, "left") for name in names])
    table.row(0, [[d.run(labels[name])] for name in names], header=True)
    for number, line in enumerate(lines, 1):
        table.row(number, [[line.runs[name]] for name in names])
    _ask_lines(d, lines)
    grid = [[(line.runs[name],) for name in names] for line in lines]
    heads = [labels[name] for name in names]
    lookups.ask(d, lookups.Grid(heads, grid, names.index("item")), cells=8, others=1)
    return blocks.set_table(d, table)


def _ask_lines(d: Draft, lines: Sequence[Line]) -> None:
    for number, line in enumerate(lines, 1):
        _ask_line(d, number, line)
    if (
        len(lines) > 1
        and len({line.amount for line in lines}) == len(lines)
        and "amount" in lines[0].runs
    ):
        top = max(lines, key=lambda line: line.amount)
        d.ask(
            "item_top",
            [top.runs["item"]],
            "Which item is the most expensive in total?",
            "Which line has the highest amount?",
        )
    missing = d.values.item()
    if missing not in {line.name for line in lines}:
        d.ask_absent(
            "item_price",
            f"What is the unit price of {missing}?",
            f"How many {missing} were ordered?",
        )
    d.ask_text(
        "count",
        str(len(lines)),
        "How many items are listed?",
        "How many lines does the table have?",
        "number of line items",
        "How many different items are there?",
    )


def _ask_line(d: Draft, number: int, line: Line) -> None:
    runs, name = line.runs, line.name
    if "quantity" in runs:
        d.ask(
            "item_quantity",
            [runs["quantity"]],
            f"How many {name} were ordered?",
            f"What is the quantity of {name}?",
            f"Quantity of {name}",
            f"How many units of {name}?",
        )
    if "price" in runs:
        d.ask(
            "item_price",
            [runs["price"]],
            f"What is the unit price of {name}?",
            f"unit price of {name}",
            f"How much does one {name} cost?",
            f"{name} price",
        )
    if "amount" in runs:
        d.ask(
            "item_amount",
            [runs["amount"]],
            f"What is the amount of line {number}?",
            f"How much is charged for {name}?",
            f"What is the line total for {name}?",
            f"amount for {name}",
            f"What does the {_ordinal(number)} item come to?",
        )
    if "sku" in runs:
        d.ask("item_sku", [runs["sku"]], f"What is the item number of {name}?", f"code of {name}")
    d.ask(
        "item_name",
        [runs["item"]],
        f"What is the {_ordinal(number)} item?",
        f"Which item is on line {number}?",
        f"description of item {number}",
    )


def _ordinal(number: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
    return words[number - 1] if number <= len(words) else f"{number}th"


def contact_lines(d: Draft, company: str) -> list[str]:
    """Return lines with the seller's phone, fax, mail and tax numbers, as a header has them."""
    v = d.values
    wanted = []
    for name, chance, text in (
        ("phone", 0.7, v.phone()),
        ("fax", 0.4, v.phone()),
        (
            "email",
            0.35,
            f"{d.rng.choice(('info', 'sales', 'billing', 'kontakt'))}@{v.site(company)}",
        ),
        ("website", 0.3, f"www.{v.site(company)}"),
        ("tax_id", 0.4, v.tax_id()),
        ("registration_number", 0.15, v.registration()),
    ):
        if d.chance(chance):
            wanted.append(d.pair(name, d.fact(name, text)))
    if not wanted:
        return []
    if d.chance(0.3):
        return [blocks.in_line(d, wanted[i : i + 2]) for i in range(0, len(wanted), 2)]
    return [blocks.pairs(d, [pair], "inline") for pair in wanted]


def seller(d: Draft, field: str = "seller", address_field: str = "seller_address") -> str:
    """Set the issuer: legal or trade name, address, and how to reach it."""
    v = d.values
    name = v.company()
    company, address = d.fact(field, name), v.address()
    if d.chance(0.2):
        text = ", ".join(line.rstrip(",") for line in address)
        shown = [d.fact(address_field, text)]
    else:
        shown = d.fact_lines(address_field, address)
    if d.chance(0.25):
        inner = blocks.party(d, field, company, shown, contact_lines(d, name))
    else:
        size = d.rng.choice((1.0, 1.2, 1.6))
        head = blocks.styled(company, size=size, weight=d.rng.choice(("bold", "regular")))
        if d.chance(0.15):
            alias = d.run(
                v.case(f"({d.rng.choice(('trading as', 'T/A', 'a division of'))} {v.company()})")
            )
            head = blocks.stack([head, alias], 4)
        inner = blocks.lines([head, *map(str, shown), *contact_lines(d, name)])
    return blocks.aligned(inner, d.rng.choice(("left", "left", "left", "center", "right")))


def buyer(d: Draft, field: str = "buyer", address_field: str = "buyer_address") -> str:
    """Set a party that receives something, under its key."""
    v = d.values
    is_person = d.chance(0.25)
    name = d.fact(field, v.person() if is_person else v.company())
    more = []
    if not is_person and d.chance(0.3):
        more.append(blocks.pairs(d, [d.pair("contact", d.fact("contact", v.person()))], "inline"))
    if d.chance(0.2):
        d.hinted.add("phone")
        more.append(str(d.run(v.phone())))
    return blocks.party(d, field, name, d.fact_lines(address_field, v.address()), more)


def chosen(d: Draft, texts: dict[str, tuple[float, str]]) -> list[Pair]:
    """Place some fields, each by its chance and with its value, under their labels."""
    return [
        d.pair(name, d.fact(name, text))
        for name, (chance, text) in texts.items()
        if d.chance(chance)
    ]


def date_range(d: Draft, name: str, first: str, last: str, start: int, end: int) -> Pair:
    """Return a pair that holds a range of two dates, sometimes without spaces."""
    v = d.values
    glue = d.rng.choice((" - ", " - ", "-", " to ", " – ", " thru "))
    return d.pair(
        name,
        d.fact(first, v.date(v.day(start, start))),
        glue,
        d.fact(last, v.date(v.day(end, end))),
    )


def totals(d: Draft, rows: Sequence[tuple[str, Run]]) -> str:
    """Set the totals as key-value rows, on the right as a rule."""
    return sums(d, [d.pair(name, run) for name, run in rows])


def sums(d: Draft, items: Sequence[Pair]) -> str:
    """Set amounts with their keys, on the right as a rule."""
    layout = d.rng.choice(("right", "right", "columns", "inline", "boxes"))
    inner = f"block(width: {d.rng.randint(42, 60)}%, {blocks.pairs(d, items, layout)})"
    if d.chance(0.25):
        inner = f"block(stroke: 0.5pt, inset: 4pt, {inner})"
    return blocks.aligned(inner, d.rng.choice(("right", "right", "right", "left")))
