"""Receipts of shops and restaurants: narrow rolls with a head, goods, totals and tax summaries."""

from __future__ import annotations

from collections.abc import Sequence

from docx_models.synth import blocks, names
from docx_models.synth.data import vocabulary
from docx_models.synth.draft import Draft, Pair, Run
from docx_models.synth.families.trade import Line, goods


def write(d: Draft) -> None:
    """Fill a draft with a receipt."""
    side = d.rng.choice(("center", "center", "center", "left"))
    d.values.currency = d.rng.choice((d.values.currency, ""))
    head = blocks.aligned(blocks.lines(_head(d), 3), side)
    title = blocks.aligned(
        blocks.styled(d.header(d.values.pick("receipt_titles")), weight="bold"), side
    )
    meta = _meta(d)
    rate = d.rng.choice(d.values.place.tax_rates)
    lines = goods(d, d.rng.choice((1, 1, 2, 3, 4, 5, 6, 8, 11, 15)), rate=rate)
    parts = [head, title if d.chance(0.8) else "", meta, _rule(d), _goods(d, lines), _rule(d)]
    parts.append(_sums(d, lines, rate))
    feet = [
        d.run(d.values.case(text))
        for text in d.rng.sample(vocabulary("receipt_footers"), d.rng.randint(0, 4))
    ]
    if feet:
        parts.append(blocks.aligned(blocks.lines(feet, 3), side))
    if d.chance(0.15):
        widths = ", ".join(str(d.rng.randint(1, 4)) for _ in range(40))
        parts.insert(d.rng.choice((1, len(parts))), f"align(center, bars(({widths})))")
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(4, 10))


def _rule(d: Draft) -> str:
    kind = d.rng.choice(("line", "dash", "none", "stars"))
    if kind == "none":
        return ""
    if kind == "stars":
        return str(d.run(d.rng.choice("*-=") * int(d.style.width / d.style.size)))
    return "rule()" if kind == "line" else 'rule(stroke: (thickness: 0.6pt, dash: "dashed"))'


def _head(d: Draft) -> list[object]:
    """Company, registration, address and numbers: legal and trade name may both stand there."""
    v = d.values
    out: list[object] = []
    if d.chance(0.12):
        out.append(d.run(v.case(d.rng.choice((v.person(), "Welcome to", v.site(v.company()))))))
    name = d.fact("seller", names.shop(v) if d.chance(0.6) else v.company())
    shown = blocks.styled(
        name, size=d.rng.choice((1.0, 1.0, 1.3, 1.5)), weight=d.rng.choice(("bold", "regular"))
    )
    registration = d.chance(0.45)
    if registration and d.chance(0.5):
        out.append(f"{shown} + [ (] + {d.fact('registration_number', v.registration())} + [)]")
    else:
        out.append(shown)
        if registration:
            number = d.fact("registration_number", v.registration())
            out.append(
                d.rng.choice(
                    (
                        f"[(] + {number} + [)]",
                        blocks.pairs(d, [d.pair("registration_number", number)], "inline"),
                    )
                )
            )
    if d.chance(0.2):
        lead = d.rng.choice(("Licensee of", "Outlet:", "T/A", "Branch:", "Owned by:"))
        out.append(d.run(v.case(f"{lead} {v.company()}")))
    if d.chance(0.94):
        out += d.fact_lines("seller_address", v.address())
    phone, fax = d.pair("phone", d.fact("phone", v.phone())), None
    if d.chance(0.25):
        fax = d.pair("fax", d.fact("fax", v.phone()))
        out.append(
            blocks.in_line(d, [phone, fax], 8)
            if d.chance(0.5)
            else blocks.pairs(d, [phone, fax], "inline")
        )
    else:
        out.append(blocks.pairs(d, [phone], "inline"))
    if d.chance(0.25):
        site = v.site(name.text)
        out.append(
            d.fact("website", f"www.{site}") if d.chance(0.5) else d.fact("email", f"shop@{site}")
        )
    if d.chance(0.55):
        pair = d.pair("tax_id", d.fact("tax_id", v.tax_id()))
        line = blocks.pairs(d, [pair], "inline")
        out.append(f"[(] + {line} + [)]" if d.chance(0.1) else line)
    return out


def _meta(d: Draft) -> str:
    """Numbers, date and time; the date may stand alone, or the time right after it."""
    v = d.values
    day = d.fact("date", v.date(v.today))
    items: list[Pair] = []
    dated = d.rng.random()
    if dated < 0.35:
        items.append(d.pair("date", day, " ", d.fact("time", v.time())))
    elif dated < 0.8:
        items.append(d.pair("date", day))
        if d.chance(0.5):
            items.append(d.pair("time", d.fact("time", v.time())))
    for name, chance, text in (
        ("receipt_number", 0.8, v.code()),
        ("cashier", 0.5, _short(d)),
        ("register", 0.3, v.code("0#")),
        ("table", 0.12, v.code("##")),
        ("salesperson", 0.15, _short(d)),
        ("member", 0.1, v.code("########")),
        ("payment_method", 0.15, d.rng.choice(("CASH", "VISA", "Cash", "C.O.D."))),
        ("customer_number", 0.08, v.code()),
        ("reference", 0.12, v.code()),
    ):
        if d.chance(chance):
            items.append(d.pair(name, d.fact(name, text)))
    if d.chance(0.2):
        items.append(d.pair("buyer", d.fact("buyer", v.company() if d.chance(0.6) else v.person())))
    if d.chance(0.12):
        items.append(d.pair("delivery_date", d.fact("delivery_date", v.date(v.day(0, 3)))))
    d.rng.shuffle(items)
    parts: list[str] = []
    if dated >= 0.8:
        parts.append(
            f"{day} + h(1fr) + {d.fact('time', v.time())}"
            if d.chance(0.5)
            else f"{day} + [ ] + {d.fact('time', v.time())}"
        )
    if items and d.chance(0.35):
        pairs = [items[i : i + 2] for i in range(0, len(items), 2)]
        parts += [
            f"{' + h(1fr) + '.join(blocks.in_line(d, [item]) for item in pair)}" for pair in pairs
        ]
    elif items:
        parts.append(blocks.pairs(d, items, d.rng.choice(("inline", "inline", "columns", "right"))))
    d.rng.shuffle(parts)
    return blocks.stack(parts, 3.5)


def _short(d: Draft) -> str:
    first = d.values.person().split()[0]
    return d.rng.choice(
        (
            first,
            first.upper(),
            f"{first} ({d.values.code('###')})",
            "ADMIN",
            "USER",
            d.values.code("###"),
        )
    )


# --- goods ----------------------------------------------------------------------


def _goods(d: Draft, lines: Sequence[Line]) -> str:
    for line in lines:
        if "amount" in line.runs and "quantity" in line.runs:
            d.ask(
                "item_amount",
                [line.runs["amount"]],
                f"How much does {line.name} cost?",
                f"{line.name} amount",
                f"What is charged for {line.name}?",
                f"price of the {line.name}",
            )
            d.ask(
                "item_quantity",
                [line.runs["quantity"]],
                f"How many {line.name} were bought?",
                f"quantity of {line.name}",
            )
    d.ask_text(
        "count",
        str(len(lines)),
        "How many items were bought?",
        "How many different items are on the receipt?",
    )
    if d.chance(0.5):
        return _goods_table(d, lines)
    parts = [_two_lines(d, number, line) for number, line in enumerate(lines, 1)]
    head = ""
    if d.chance(0.6):
        labels = [
            d.run(d.values.case(t))
            for t in d.rng.choice(
                (
                    ("Item", "Amount"),
                    ("Description", "RM"),
                    ("Qty", "Total"),
                    ("Desc", "Qty x Price", "Amt"),
                )
            )
        ]
        head = " + h(1fr) + ".join(map(str, labels))
    return blocks.stack([part for part in (head, *parts) if part], 3.5)


def _two_lines(d: Draft, number: int, line: Line) -> str:
    """The name on a line of its own, then quantity, price and amount."""
    runs = line.runs
    name = str(runs["item"])
    if "line" in runs and d.style.boxed:
        name = f"{runs['line']} + [. ] + {name}"
    if "sku" in runs:
        name = (
            f"{runs['sku']} + [ ] + {name}"
            if d.style.upper
            else f"{name} + linebreak() + {runs['sku']}"
        )
    price = f"{runs['quantity']} + [ {'x' if d.style.narrow else 'X'} ] + {runs['price']}"
    tail = f"{runs['amount']} + [ ] + {runs['tax']}" if "tax" in runs else str(runs["amount"])
    if number and d.style.colon == "":
        return f"{name} + linebreak() + {price} + h(1fr) + {tail}"
    return f"{name} + linebreak() + h(8pt) + {price} + h(1fr) + {tail}"


def _goods_table(d: Draft, lines: Sequence[Line]) -> str:
    wanted = d.rng.choice(
        (
            ("item", "quantity", "price", "amount"),
            ("quantity", "item", "amount"),
            ("item", "amount"),
            ("item", "price", "quantity", "amount"),
        )
    )
    labels = {
        "item": ("Item", "Description", "Desc"),
        "quantity": ("Qty", "QTY", "Q"),
        "price": ("Price", "U.Price", "S/Price", "@"),
        "amount": ("Amount", "Total", "Amt(RM)", "RM", "Amt"),
    }
    table = blocks.Table(
        ["1fr" if n == "item" else "auto" for n in wanted],
        ["left" if n == "item" else "right" for n in wanted],
    )
    table.row(0, [[d.run(d.values.case(d.rng.choice(labels[n])))] for n in wanted], header=True)
    for number, line in enumerate(lines, 1):
        table.row(number, [[line.runs[name]] for name in wanted])
    return blocks.set_table(
        d, table, ruling=d.rng.choice(("none", "header", "rows", "booktabs", "all"))
    )


# --- totals ---------------------------------------------------------------------


def _sums(d: Draft, lines: Sequence[Line], rate: float) -> str:
    """Amounts from subtotal to change: many of them equal, only one of them the total."""
    v = d.values
    gross = round(sum(line.amount for line in lines), 2)
    net = round(gross / (1 + rate), 2)
    items: list[Pair] = []

    def add(name: str, value: float, label: str | None = None) -> Run:
        run = d.money(name, value)
        items.append(d.pair(name, run, label=label))
        return run

    if d.chance(0.3):
        items.append(
            d.pair("item_count", d.fact("item_count", str(sum(line.quantity for line in lines))))
        )
    if d.chance(0.55):
        add("subtotal", net if rate and d.chance(0.6) else gross)
    discount = round(gross * 0.1, 2) if d.chance(0.12) else 0.0
    if discount or d.chance(0.2):
        add("discount", -discount if d.chance(0.4) else discount)
    if rate and d.chance(0.6):
        add("tax", round(gross - net, 2))
    before = round(gross - discount, 2)
    total = round(round(before * 20) / 20, 2) if v.place.name == "my" else before
    if d.chance(0.45 if v.place.name == "my" else 0.1):
        if d.chance(0.75):
            add("total_before_rounding", before)
        add("rounding", round(total - before, 2))
    bold = len(items)
    used = {pair.label for pair in items}
    free = [
        label
        for label in (
            "Total",
            "Grand Total",
            "Net Total",
            "Nett Total",
            "Final Total",
            "Total Payable",
            "Amount Due",
            "Total (RM)",
            "Total Rounded",
            "Total Amount Payable",
        )
        if label not in used
    ]
    add("total", total, d.rng.choice(free) if v.place.language in ("en", "ms") else None)
    _paid(d, total, items)
    shown = blocks.pairs(d, items, d.rng.choice(("right", "right", "right", "columns", "inline")))
    extra = _summary(d, net, gross, rate) if rate and d.chance(0.45) else ""
    size = d.rng.choice((1.0, 1.0, 1.15))
    parts = [blocks.styled(shown, size=size) if bold else shown, extra]
    if d.chance(0.08):
        parts.reverse()
    return blocks.stack([part for part in parts if part], 8)


def _paid(d: Draft, total: float, items: list[Pair]) -> None:
    """Cash and change, or a card: the amount printed again."""
    way = d.rng.random()
    if way < 0.6:
        note = d.rng.choice((0, 0, 1, 5, 10, 50))
        cash = total if note == 0 else round(-(-total // note) * note, 2)
        items.append(d.pair("cash", d.money("cash", cash)))
        if d.chance(0.85):
            items.append(d.pair("change", d.money("change", round(cash - total, 2))))
        d.ask_text("paid_cash", "yes", "Was it paid in cash?", "Did the customer pay cash?")
    elif way < 0.8:
        card = d.rng.choice(("VISA", "MASTERCARD", "Credit Card", "Debit", "EC-Karte", "AMEX"))
        items.append(Pair(card, (d.run(d.values.money(total)),)))
        d.ask_text("paid_cash", "no", "Was it paid in cash?", "Did the customer pay cash?")


def _summary(d: Draft, net: float, gross: float, rate: float) -> str:
    """A small table of amounts and taxes by rate."""
    v = d.values
    name = {"my": "GST", "us": "Tax"}.get(v.place.name, "VAT")
    table = blocks.Table(["1fr", "auto", "auto"], ["left", "right", "right"])
    table.row(
        0,
        [
            [d.run(v.case(t))]
            for t in (
                f"{name} Summary",
                f"Amount({v.currency.strip() or 'RM'})",
                f"{name}({v.currency.strip() or 'RM'})",
            )
        ],
        header=True,
    )
    codes = [(d.rng.choice(("SR", "S", "SR @")), rate, net)]
    if d.chance(0.4):
        codes.append((d.rng.choice(("ZRL", "ZR", "Z")), 0.0, 0.0))
    for number, (code, part, amount) in enumerate(codes, 1):
        table.row(
            number,
            [
                [d.run(f"{code} {v.percent(part)}")],
                [d.run(v.money(amount, bare=True))],
                [d.run(v.money(round(gross - net if part else 0.0, 2), bare=True))],
            ],
        )
    return blocks.set_table(d, table, ruling=d.rng.choice(("none", "header", "booktabs")))
