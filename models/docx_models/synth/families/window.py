"""Invoices as letters for window envelopes, as German and French businesses write them.

The issuer stands in one small line above the address, beside a block of numbers and dates, and
again at the foot; the sums go from lines over charges and net to gross, and to what is due.
"""

from __future__ import annotations

from docx_models.synth import blocks, data
from docx_models.synth.data import listed
from docx_models.synth.draft import Draft, Pair, Run, join
from docx_models.synth.families import trade


def write(d: Draft) -> None:
    """Fill a draft with such an invoice."""
    v = d.values
    about = data.load("windows.toml")[v.place.language]
    rate = d.rng.choice(v.place.tax_rates)
    lines = trade.goods(d, d.rng.choice((1, 1, 2, 3, 5, 8, 12, 18)), rate=rate)
    name = v.company()
    address = ", ".join(line.rstrip(",") for line in v.address())
    number = v.code()
    head = _letterhead(d, name)
    window = blocks.stack(
        [
            _sender(d, name, address),
            blocks.party(d, None, d.fact("buyer", v.company()), _addressed(d)),
        ],
        d.rng.uniform(6, 14),
    )
    titled = d.chance(0.5)
    info = blocks.pairs(d, _meta(d, "" if titled else number), d.rng.choice(("columns", "inline")))
    top = blocks.grid(
        [window, info], d.rng.choice(("1fr, 1fr", "1.4fr, 1fr")), column_gutter="20pt"
    )
    title: list[Run | str] = [d.header(v.pick(about["titles"]))]
    if titled:
        title += [d.rng.choice((" Nr. ", " ", ": ", " Nr.: ")), d.fact("invoice_number", number)]
    parts = [head, top, blocks.styled(join(title), size=1.3, weight="bold")]
    if d.chance(0.6):
        parts += [
            blocks.lines([d.run(v.pick(about["greetings"])), d.run(v.pick(about["openings"]))])
        ]
    parts += [trade.goods_table(d, lines), _sums(d, lines, rate, about)]
    if d.chance(0.7):
        parts.append(_payment(d, about))
    if d.chance(0.4):
        parts.append(blocks.lines([d.run(v.pick(about["closings"])), d.run(v.person())], 6))
    parts.append(_foot(d, name, address, about))
    d.body = blocks.page(d, *[part for part in parts if part], gap=d.rng.uniform(9, 20))


def _letterhead(d: Draft, name: str) -> str:
    """Set the issuer's name as a letterhead, or leave the letter without one."""
    if d.chance(0.35):
        return ""
    shown = blocks.styled(
        d.fact("seller", name), size=d.rng.choice((1.0, 1.5, 2.0)), fill=d.style.accent
    )
    return blocks.aligned(shown, d.rng.choice(("right", "right", "left", "center")))


def _sender(d: Draft, name: str, address: str) -> str:
    """Set the line above the address, in small print: who sends it, from where."""
    glue = d.rng.choice((" · ", " - ", ", ", " | ", " • "))
    line = join([d.fact("seller", name), glue, d.fact("seller_address", address)])
    small = f"text(size: {d.rng.choice((0.6, 0.7, 0.8))}em, {line})"
    return f"underline({small})" if d.chance(0.4) else small


def _addressed(d: Draft) -> list[Run]:
    return d.fact_lines("buyer_address", d.values.address())


def _meta(d: Draft, number: str) -> list[Pair]:
    """Numbers and dates beside the address."""
    v = d.values
    texts = {
        "invoice_number": (1.0 if number else 0.0, number),
        "invoice_date": (0.95, v.date(v.today)),
        "customer_number": (0.7, v.code()),
        "order_number": (0.4, v.code()),
        "order_date": (0.25, v.date(v.day(-40, 0))),
        "delivery_date": (0.5, v.date(v.today if d.chance(0.4) else v.day(-12, 3))),
        "delivery_note_number": (0.3, v.code()),
        "due_date": (0.25, v.date(v.day(7, 60))),
        "contact": (0.35, v.person()),
        "buyer_tax_id": (0.2, v.tax_id()),
        "reference": (0.2, v.code()),
    }
    items = trade.chosen(d, texts)
    d.rng.shuffle(items)
    return items


def _sums(d: Draft, lines: list[trade.Line], rate: float, about: dict[str, str]) -> str:
    """Set the sums from the lines to what is due, at times with a table of the taxes."""
    v = d.values
    goods = round(sum(line.amount for line in lines), 2)
    more, less = (
        round(goods * d.rng.choice((0.02, 0.05, 0.1)), 2) if d.chance(share) else 0.0
        for share in (0.25, 0.25)
    )
    net = round(goods + more - less, 2)
    tax = round(net * rate, 2)
    total = round(net + tax, 2)
    paid = round(total * d.rng.choice((0.2, 0.5, 1.0)), 2) if d.chance(0.2) else 0.0

    def label(name: str) -> str:
        return d.rng.choice(listed(about[name]))

    rows = []
    if more or less or d.chance(0.3):
        rows.append(Pair(label("goods"), (d.run(v.money(goods)),)))
        d.hinted |= set() if goods != net else {"subtotal"}
    for name, amount in (("more", more), ("less", less)):
        if amount:
            rows.append(Pair(label(name), (d.run(v.money(amount)),)))
    if d.chance(0.85):
        rows.append(d.pair("subtotal", d.money("subtotal", net), label=label("net")))
    rows.append(d.pair("tax", d.money("tax", tax), label=label("tax")))
    rows.append(d.pair("total", d.money("total", total), label=label("total")))
    if paid or d.chance(0.15):
        rows.append(d.pair("amount_paid", d.money("amount_paid", paid), label=label("paid")))
        due = d.money("amount_due", round(total - paid, 2))
        rows.append(d.pair("amount_due", due, label=label("due")))
    shown = trade.sums(d, rows)
    if d.chance(0.25):
        table = _taxes(d, (net, rate, tax, total), about)
        shown = blocks.stack([table, shown] if d.chance(0.6) else [shown, table], 8)
    return shown


def _taxes(d: Draft, sums: tuple[float, float, float, float], about: dict[str, str]) -> str:
    """Set what is taxed at which rate as a table; its amounts are those of the sums."""
    v = d.values
    net, rate, tax, total = sums
    heads = listed(about["taxes"])
    table = blocks.Table(["auto"] * 4, ["right"] * 4)
    table.row(0, [[d.run(head)] for head in heads], header=True)
    amounts = (("subtotal", net), ("tax", tax), ("total", total))
    cells = [[d.run(v.percent(rate))], *([d.money(name, value)] for name, value in amounts)]
    table.row(1, cells)
    return f"block(width: 60%, {blocks.set_table(d, table)})"


def _payment(d: Draft, about: dict[str, str]) -> str:
    """Ask for payment in a sentence that names amount, day or account."""
    v = d.values
    texts = {
        "total": d.facts["total"][0].text,
        "due_date": d.facts["due_date"][0].text if "due_date" in d.facts else v.date(v.day(7, 60)),
        "iban": v.fake.iban(),
        "days": d.rng.choice(("7", "10", "14", "30")),
    }
    parts: list[Run | str] = []
    for piece in v.pick(about["payments"]).split("}"):
        text, _, name = piece.partition("{")
        parts.append(text)
        if name == "days":
            parts.append(texts[name])
        elif name and not (name == "total" and "amount_due" in d.facts):
            parts.append(d.fact(name, texts[name]))
        elif name:
            parts.append(d.facts["amount_due"][0].text)
    return f"par({join(parts)})"


def _foot(d: Draft, name: str, address: str, about: dict[str, str]) -> str:
    """Set the foot of a business letter: who, how to reach them, account, register."""
    v = d.values
    columns = [
        [str(d.fact("seller", name)), str(d.fact("seller_address", address))],
        [
            blocks.pairs(d, [d.pair("phone", d.fact("phone", v.phone()))], "inline"),
            str(d.fact("email", f"{d.rng.choice(('info', 'kontakt'))}@{v.site(name)}")),
        ],
        [
            str(d.run(f"{v.fake.last_name()} Bank")),
            blocks.pairs(d, [d.pair("iban", d.fact("iban", _iban(d)), label="IBAN")], "inline"),
            blocks.pairs(d, [d.pair("bic", d.fact("bic", v.code("@@@@@@##")))], "inline"),
        ],
        [
            blocks.pairs(d, [d.pair("tax_id", d.fact("tax_id", v.tax_id()))], "inline"),
            str(d.run(f"{v.pick(about['managers'])} {v.person()}")),
            str(d.fact("registration_number", v.registration())),
        ],
    ]
    columns = d.rng.sample(columns, d.rng.randint(1, 4))
    cells = [blocks.stack(lines, 3) for lines in columns]
    inner = blocks.grid(cells, ", ".join(["1fr"] * len(cells)), column_gutter="8pt")
    return f"text(size: {d.rng.choice((0.65, 0.75))}em, stack(spacing: 4pt, rule(), {inner}))"


def _iban(d: Draft) -> str:
    known = d.facts.get("iban")
    return known[0].text if known else str(d.values.fake.iban())
