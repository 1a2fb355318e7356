"""Receipts of counters: shops, restaurants, hotels, taxis, car parks and filling stations.

What sums up a receipt comes in schemes by country, in which the same amount
stands in several rows and one of them is the total.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docx_models.synth import blocks, data, names
from docx_models.synth.draft import Draft, Pair, Run, quote
from docx_models.synth.families.trade import Line, goods

MAKERS: dict[str, Callable[[Draft], str]] = {
    "person": lambda d: d.values.person(),
    "date": lambda d: d.values.date(d.values.day(-6, 0)),
    "time": lambda d: d.values.time(),
    "moment": lambda d: f"{d.values.date(d.values.today)} {d.values.time()}",
    "distance": lambda d: (
        f"{d.values.number(d.values.price(1, 60), 1)} {d.values.pick('km|mi|KM')}"
    ),
    "duration": lambda d: f"{d.rng.randint(0, 9)}h {d.rng.randint(1, 59)}min",
    "fuel": lambda d: d.values.pick(
        "UNLEADED|Diesel|RON95|RON97|Super E10|V-Power|REGULAR|PREMIUM"
    ),
    "volume": lambda d: d.values.number(d.values.price(5, 70), d.rng.choice((2, 3))),
    "litre": lambda d: d.values.number(d.values.price(1, 4), 3),
}
# Name, amount, and the line of goods where it is one.
Row = tuple[str, float, Line | None]
NAMED = ("({})", "[{}]", "(Co. No. {})", "Co. Reg No: {}", "({})", "REG. NO: {}", "ROC: {}")


def write(d: Draft) -> None:
    """Fill a draft with a receipt."""
    v = d.values
    v.currency = d.rng.choice((v.currency, "", "")) if v.place.name == "my" else v.currency
    kind = d.rng.choice(("shop", "shop", "shop", "restaurant", "hotel", "taxi", "parking", "fuel"))
    about = data.load("tills.toml")[kind]
    side = d.rng.choice(("center", "center", "center", "left"))
    head = blocks.aligned(blocks.lines(_head(d), d.rng.uniform(2, 4)), side)
    title = v.pick(about["words"] if about["words"] and d.chance(0.6) else "receipt_titles")
    parts = [head, blocks.aligned(blocks.styled(d.header(title), weight="bold"), side)]
    late = kind == "shop" and d.chance(0.3)
    parts += [_meta(d, about, dated=not late), _rule(d), *_sale(d, about)]
    feet = [str(d.run(v.case(v.pick("receipt_footers")))) for _ in range(d.rng.randint(0, 3))]
    if late:
        feet.insert(d.rng.randint(0, len(feet)), _post(d))
    if feet:
        parts.append(blocks.aligned(blocks.lines(feet, 3), side))
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(4, 9))


def _rule(d: Draft) -> str:
    look = d.rng.choice(
        ("rule()", 'rule(stroke: (thickness: 0.6pt, dash: "dashed"))', "", "-", "=", "*")
    )
    return str(d.run(look * int(d.style.width / d.style.size))) if len(look) == 1 else look


def _head(d: Draft) -> list[object]:
    """The company's name, its number in brackets, and its address on two to five lines."""
    v = d.values
    name = names.shop(v) if d.chance(0.75) else v.company()
    shown = d.fact("seller", name)
    look = blocks.styled(
        shown, size=d.rng.choice((1.0, 1.15, 1.3, 1.5)), weight=d.rng.choice(("bold", "regular"))
    )
    out: list[object] = []
    if d.chance(0.15):
        sign = v.case(name.split()[0]) if d.chance(0.5) else names.mark(v)
        out.append(blocks.styled(d.run(sign), size=1.6, weight="bold"))
    before, _, after = d.rng.choice(NAMED).partition("{}")
    number = d.fact("registration_number", v.registration()) if d.chance(0.55) else None
    if number:
        named = f"[#{quote(before)}] + {number} + [#{quote(after)}]"
        out += [f"{look} + [ ] + {named}"] if d.chance(0.5) else [look, named]
    else:
        out.append(look)
    lines = v.address()
    if d.chance(0.3):
        # One or two parts a line: the same address on more lines, or on fewer.
        parts = [part.strip() for line in lines for part in line.split(",") if part.strip()]
        lines = [f"{part}," for part in parts[:-1]] + parts[-1:]
        if len(lines) > 5:
            lines = [" ".join(lines[i : i + 2]) for i in range(0, len(lines), 2)]
    out += d.fact_lines("seller_address", lines)
    contact = [
        d.pair("phone", d.fact("phone", v.phone())) if d.chance(0.75) else None,
        d.pair("fax", d.fact("fax", v.phone())) if d.chance(0.3) else None,
        d.pair("tax_id", d.fact("tax_id", v.tax_id())) if d.chance(0.5) else None,
    ]
    pairs = [pair for pair in contact if pair]
    if len(pairs) > 1 and d.chance(0.3):
        return [*out, blocks.in_line(d, pairs[:2], 8), *(_line(d, pair) for pair in pairs[2:])]
    return [*out, *(_line(d, pair) for pair in pairs)]


def _line(d: Draft, pair: Pair) -> str:
    return blocks.pairs(d, [pair], "inline")


def _post(d: Draft) -> str:
    """Where and when it was sold, as some tills print it last of all and without a label."""
    v = d.values
    place = d.run(v.code(v.rng.choice(data.listed(data.load("shops.toml")["posts"]))))
    parts = [str(place), *(str(d.fact("time", v.time())) for _ in range(d.chance(0.7)))]
    parts.append(str(d.fact("date", v.date(v.today))))
    if d.chance(0.3):
        d.rng.shuffle(parts)
    return d.rng.choice((" + [ ] + ", " + h(12pt) + ", " + linebreak() + ")).join(parts)


def _moment(d: Draft) -> list[Run | str]:
    """The date, often with the time and now and then with the day of the week."""
    v = d.values
    parts: list[Run | str] = [d.fact("date", v.date(v.today))]
    day = v.today.strftime(d.rng.choice(("%a", "%A")))
    week = d.rng.random()
    if week < 0.06:
        parts = [f"{v.case(day)}, ", *parts]
    elif week < 0.12:
        parts.append(f" ({v.case(day)})")
    if d.chance(0.6):
        parts += [d.rng.choice((" ", "  ", " / ", " - ")), d.fact("time", v.time())]
    return parts


def _meta(d: Draft, about: dict[str, str], *, dated: bool) -> str:
    """Numbers, date and time, and what belongs to this kind of receipt."""
    v = d.values
    parts = _moment(d) if dated else []
    items = [d.pair("date", *parts)] if dated and d.chance(0.75) else []
    loose = (
        []
        if items or not dated
        else [" + ".join(str(p) if isinstance(p, Run) else f"[#{quote(p)}]" for p in parts)]
    )
    chances = {
        "receipt_number": 0.85,
        "cashier": 0.5,
        "register": 0.35,
        "member": 0.12,
        "buyer": 0.12,
    }
    texts = {
        "receipt_number": v.code(),
        "cashier": v.person().split()[0],
        "register": v.code("0#"),
        "member": v.code("########"),
        "buyer": v.company() if d.chance(0.5) else v.person(),
    }
    items += [d.pair(n, d.fact(n, texts[n])) for n, chance in chances.items() if d.chance(chance)]
    for fact in about["facts"].split(" ") if about["facts"] else ():
        name, _, kind = fact.partition(":")
        if name in ("entry_time", "exit_time") and "time" in d.facts:
            d.hinted.add("time")
        if name == "waiter_covers":
            items.append(Pair(v.pick("Pax|Covers|Guests"), (d.run(v.code(kind)),)))
        elif kind and d.chance(0.85):
            text = MAKERS[kind](d) if kind in MAKERS else v.code(kind)
            items.append(d.pair(name, d.fact(name, text)))
    d.rng.shuffle(items)
    layout = d.rng.choice(("inline", "inline", "columns", "right"))
    if d.chance(0.3) and layout == "inline":
        rows = [items[i : i + 2] for i in range(0, len(items), 2)]
        shown = [" + h(1fr) + ".join(blocks.in_line(d, [item]) for item in row) for row in rows]
    else:
        shown = [blocks.pairs(d, items, layout)] if items else []
    return blocks.stack([*shown, *loose] if d.chance(0.7) else [*loose, *shown], 3.5)


# --- what was sold, and the sums ---------------------------------------------------


def _sale(d: Draft, about: dict[str, str]) -> list[str]:
    rate = d.rng.choice(d.values.place.tax_rates)
    if about["goods"]:
        lines = goods(d, d.rng.choice((1, 1, 2, 3, 4, 6, 9, 12)), rate=rate)
        rows: list[Row] = [(line.name, line.amount, line) for line in lines]
    else:
        names = d.rng.sample(data.listed(about["lines"]), d.rng.randint(1, 3))
        rows = [(d.values.case(name), d.values.price(2, 300), None) for name in names]
    amount = round(sum(row[1] for row in rows), 2)
    return [_lines(d, rows), _rule(d), _sums(d, amount, rate, about["extras"].split())]


def _lines(d: Draft, rows: Sequence[Row]) -> str:
    """What was sold: a name with its amount on a line, or on two with quantity and price."""
    v, shown = d.values, []
    double = d.chance(0.4)
    for name, amount, line in rows:
        label = line.runs["item"] if line else d.run(name)
        value = line.runs.get("amount") if line else None
        value = value or d.run(v.money(amount, bare=True))
        d.ask(
            "item_amount",
            [value],
            f"How much is {name}?",
            f"{name}",
            f"amount of {name}",
            f"price of {name}",
        )
        if line and "quantity" in line.runs:
            d.ask(
                "item_quantity", [line.runs["quantity"]], f"How many {name}?", f"quantity of {name}"
            )
            times = f" + [ {d.rng.choice(('x', 'X', '@'))} ] + "
            count = f"{line.runs['quantity']}{times}{line.runs['price']}"
            shown.append(
                f"{label} + linebreak() + h(8pt) + {count} + h(1fr) + {value}"
                if double
                else f"{line.runs['quantity']} + [ ] + {label} + h(1fr) + {value}"
            )
        else:
            shown.append(f"{label} + h(1fr) + {value}")
    d.ask_text("count", str(len(rows)), "How many different items are on the receipt?")
    return blocks.stack(shown, 3.5)


def _sums(d: Draft, amount: float, rate: float, extras: Sequence[str]) -> str:
    """Rows from subtotal to change, in one of the country's schemes."""
    v = d.values
    schemes = data.load("totals.toml").get(v.place.name, data.load("totals.toml")["uk"])["schemes"]
    scheme = [_row_of(row) for row in d.rng.choice(schemes).strip().split("\n")]
    rows = [(name, labels) for often, name, labels in scheme if often or d.chance(0.5)]
    names = {name for name, _ in rows}
    more = [name for name in extras if name not in names and d.chance(0.6)]
    values = _amounts(d, names.union(more), amount, rate)
    bare, items = d.chance(0.6), []
    for name in more:
        items.append(d.pair(name, d.money(name, values[name], bare=bare)))
    for name, labels in rows:
        label = d.rng.choice(labels)
        if name == "item_count":
            items.append(d.pair(name, d.fact(name, str(d.rng.randint(1, 20))), label=label))
        elif name == "net_sales":
            d.hinted.add("subtotal")
            items.append(Pair(label, (d.run(v.money(amount, bare=bare)),)))
        else:
            items.append(d.pair(name, d.money(name, values[name], bare=bare), label=label))
    layout = d.rng.choice(("right", "right", "right", "columns", "inline"))
    parts = [blocks.styled(blocks.pairs(d, items, layout), size=d.rng.choice((1.0, 1.0, 1.12)))]
    if "cash" not in names or d.chance(0.1):
        parts.append(_card(d, values["total"], bare))
    elif d.chance(0.12):
        # The total once more, large, as some tills print it: both places are right.
        parts.append(blocks.styled(d.money("total", values["total"], bare=bare), size=1.5))
    return blocks.stack(parts, 8)


def _amounts(d: Draft, names: set[str], amount: float, rate: float) -> dict[str, float]:
    """Draw what each row holds; only the rows that are printed count."""
    malay = d.values.place.name == "my"
    share = {"service_charge": 0.1, "tip": 0.15, "fare": 1.0, "tax": rate, "discount": -0.1}
    if malay and d.chance(0.4):
        share["tax"] = 0.0
    if d.chance(0.4):
        share["discount"] = 0.0
    parts = {name: round(amount * part, 2) for name, part in share.items() if name in names}
    before = round(amount + sum(parts.values()), 2)
    total = round(round(before * 20) / 20, 2) if malay and "rounding" in names else before
    note = d.rng.choice((0, 0, 1, 5, 10, 50))
    given = round(-(-total // note) * note, 2) if note else total
    if d.chance(0.5) and "discount" in parts:
        parts["discount"] = -parts["discount"]
    rounding, change = round(total - before, 2), round(given - total, 2)
    return parts | {
        "subtotal": amount,
        "total_before_rounding": before,
        "rounding": rounding,
        "total": total,
        "cash": -given if d.chance(0.12) else given,
        "change": change,
    }


def _row_of(row: str) -> tuple[bool, str, tuple[str, ...]]:
    name, _, labels = row.partition(": ")
    return not name.startswith("?"), name.lstrip("?"), data.listed(labels)


def _card(d: Draft, total: float, bare: bool) -> str:
    """A card slip: the amount paid once more, under the card's name or as the sale's amount."""
    v = d.values
    items = [
        Pair(
            v.pick("VISA|MASTERCARD|Credit Card|Debit|EC-Karte|AMEX"),
            (d.run(v.money(total, bare=bare)),),
        ),
        d.pair(
            "card_number",
            d.fact("card_number", v.code(v.pick("XXXX XXXX XXXX ####|************####|####"))),
        ),
        d.pair("approval_code", d.fact("approval_code", v.code("######"))),
    ]
    d.ask_text("paid_cash", "no", "Was it paid in cash?", "Did the customer pay cash?")
    return blocks.pairs(
        d, items[: d.rng.randint(1, 3)], d.rng.choice(("right", "inline", "columns"))
    )
