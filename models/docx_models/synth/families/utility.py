"""Bills for power, gas, water and telephone: meters, charges, last bill and this one."""

from __future__ import annotations

from docx_models.synth import blocks, lookups
from docx_models.synth.draft import Draft, Pair
from docx_models.synth.families import trade

TITLES = {
    "en": "Your Bill|Utility Bill|Account Statement|Electricity Bill|Water Bill|Monthly Statement",
    "de": "Stromrechnung|Jahresabrechnung|Verbrauchsabrechnung",
    "fr": "Votre facture|Facture d'électricité",
}
CHARGES = (
    "Customer charge|Energy charge|Distribution|Transmission|Fuel adjustment|Water service|"
    "Sewer service|Gas supply|Delivery charge|City tax|Franchise fee|Renewable surcharge|"
    "Basic service|Long distance|Data plan|Stormwater|Recycling|Meter rental"
)
UNITS = {"kWh": 900, "therms": 90, "m3": 60, "gal": 9000, "CCF": 40}


def write(d: Draft) -> None:
    """Fill a draft with a utility bill."""
    v = d.values
    issuer = trade.seller(d)
    titles = TITLES.get(v.place.language, TITLES["en"])
    title = blocks.title(d, v.pick(titles))
    customer = trade.buyer(d)
    charges, total = _charges(d)
    meta, sums = blocks.pairs(d, _meta(d)), blocks.pairs(d, _sums(d, total))
    boxes = [customer, meta, blocks.framed(sums) if d.chance(0.4) else sums]
    parts = [blocks.side_by_side(d, [issuer, title]), blocks.side_by_side(d, boxes[:2], even=True)]
    tables = [boxes[2], _meters(d), charges]
    d.rng.shuffle(tables)
    parts += tables
    for _ in range(d.rng.choice((0, 0, 1, 2))):
        parts.append(blocks.note(d, v.fake.paragraph(d.rng.randint(2, 6)), 0.8))
    if d.chance(0.4):
        parts.append(_stub(d))
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(9, 18))


def _meta(d: Draft) -> list[Pair]:
    v = d.values
    due = v.date(v.today if d.chance(0.15) else v.day(10, 30))
    texts = {
        "account_number": (0.95, v.code()),
        "invoice_number": (0.4, v.code()),
        "invoice_date": (0.85, v.date(v.today)),
        "due_date": (0.85, due),
        "customer_number": (0.25, v.code()),
        "service_address": (0.5, ", ".join(line.rstrip(",.") for line in v.address())),
        "tax_id": (0.15, v.tax_id()),
    }
    items = [
        d.pair(name, d.fact(name, text))
        for name, (chance, text) in texts.items()
        if d.chance(chance)
    ]
    if d.chance(0.7):
        items.append(trade.date_range(d, "period", "period_start", "period_end", -45, -10))
    d.rng.shuffle(items)
    return items


def _charges(d: Draft) -> tuple[str, float]:
    """The charges of this period as a table with its total."""
    v = d.values
    names = d.rng.sample(CHARGES.split("|"), d.rng.randint(3, 10))
    amounts = [round(v.price(0.5, 150), 2) for _ in names]
    if d.chance(0.3):
        amounts[-1] = amounts[0]
    total = round(sum(amounts), 2)
    heads = ["Charge", "Rate", "Amount"] if d.chance(0.4) else ["Description", "Amount"]
    table = blocks.Table(
        ["1fr", *["auto"] * (len(heads) - 1)], ["left", *["right"] * (len(heads) - 1)]
    )
    table.row(0, [[d.run(head)] for head in heads], header=True)
    grid = []
    for number, (name, amount) in enumerate(zip(names, amounts, strict=True), 1):
        cells = [(d.run(name),), (d.run(v.money(amount, bare=d.chance(0.5))),)]
        if len(heads) == 3:
            cells.insert(1, (d.run(v.number(v.price(0.01, 3), 4)),))
        grid.append(cells)
        table.row(number, cells)
    lookups.ask(d, lookups.Grid(heads, grid), cells=8, others=1)
    if d.chance(0.6):
        blank: list[list[object]] = [[] for _ in heads[2:]]
        label = d.run(d.rng.choice(("Total Current Charges", "Total", "Total charges")))
        row = [[label], *blank, [d.money("current_charges", total)]]
        table.row(len(grid) + 1, row)  # type: ignore[arg-type]
    return blocks.set_table(d, table), total


def _meters(d: Draft) -> str:
    """Readings and use: of one meter as keys and values, of several as a table."""
    v = d.values
    unit, top = d.rng.choice(list(UNITS.items()))
    if d.chance(0.5):
        before, used = d.rng.randint(100, 90000), d.rng.randint(3, top)
        texts = {
            "meter_number": v.code("########"),
            "previous_reading": str(before),
            "current_reading": str(before + used),
            "consumption": f"{used} {unit}",
        }
        items = [d.pair(name, d.fact(name, text)) for name, text in texts.items()]
        return blocks.pairs(d, items, d.rng.choice(("row", "row", "columns", "boxes", "inline")))
    d.hinted |= {"meter_number", "previous_reading", "current_reading", "consumption"}
    heads = ["Meter", "Read date", "Previous", "Current", f"Usage ({unit})"]
    table = blocks.Table(["auto"] * 5, ["left", "left", "right", "right", "right"])
    table.row(0, [[d.run(head)] for head in heads], header=True)
    grid = []
    for number in range(1, d.rng.randint(3, 7)):
        before, used = d.rng.randint(100, 90000), d.rng.randint(3, top)
        texts_of = (v.code("######"), v.date(v.day(-40, -5)), before, before + used, used)
        grid.append([(d.run(str(text)),) for text in texts_of])
        table.row(number, grid[-1])
    lookups.ask(d, lookups.Grid(heads, grid), cells=10, others=1)
    return blocks.set_table(d, table)


def _sums(d: Draft, charged: float) -> list[Pair]:
    """From the last bill to what is due; often the last bill was paid in full."""
    v = d.values
    last = round(v.price(5, 400), 2)
    paid = last if d.chance(0.65) else round(last * d.rng.choice((0.0, 0.5)), 2)
    due = round(last - paid + charged, 2)
    amounts = {
        "previous_balance": (0.7, last),
        "payments_received": (0.7, -paid if d.chance(0.5) else paid),
        "current_charges": (0.7, charged),
        "amount_due": (1.0, due),
        "late_amount": (0.2, round(due * 1.05, 2)),
    }
    return [
        d.pair(name, d.money(name, value))
        for name, (chance, value) in amounts.items()
        if d.chance(chance)
    ]


def _stub(d: Draft) -> str:
    """The slip to return with a payment: account, due date and amount stand there again."""
    items = []
    for name in ("account_number", "due_date", "amount_due"):
        if name in d.facts and d.chance(0.8):
            items.append(d.pair(name, d.fact(name, d.facts[name][0].text)))
    if not items:
        return ""
    cut = d.run(d.rng.choice(("Please return this portion with your payment", "Remittance slip")))
    return blocks.stack(
        ['rule(stroke: (thickness: 0.6pt, dash: "dashed"))', cut, blocks.pairs(d, items)], 7
    )
