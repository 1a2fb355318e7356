"""Accounts of two sides: what comes in, what goes out, and what remains.

Balance sheets, income statements, budgets, settlements, and what somebody earned: labels with
amounts, in two tables side by side or one above the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from docx_models.synth import blocks, data
from docx_models.synth.data import listed
from docx_models.synth.draft import Draft, Pair, Run
from docx_models.synth.families import trade


@dataclass(frozen=True, slots=True)
class Side:
    """One half of an account: its heading, its rows, what their sum is called."""

    head: str
    rows: str
    total: str


@dataclass(frozen=True, slots=True)
class Theme:
    """What an account is about; a paid one says what a person earned."""

    titles: str
    sides: tuple[Side, Side]
    result: str
    paid: bool = False


def _themes() -> tuple[Theme, ...]:
    entries = data.load("ledgers.toml")["theme"]
    return tuple(
        Theme(**{**entry, "sides": tuple(Side(**side) for side in entry["sides"])})
        for entry in entries
    )


THEMES = _themes()
FURTHER = ("", "", "", "Previous Year", "Year to Date", "Budget", "Plan")
"""Heads of a second column of amounts; as a rule there is none."""


def write(d: Draft) -> None:
    """Fill a draft with an account of two sides."""
    theme = d.rng.choice(THEMES)
    title = blocks.title(d, d.values.pick(theme.titles))
    issuer = trade.seller(d, "employer" if theme.paid else "seller")
    meta = blocks.pairs(d, _person(d) if theme.paid else _account(d))
    sides = [_amounts(d, side) for side in theme.sides]
    totals = _totals(d, theme, *(round(sum(rows.values()), 2) for rows in sides))
    inside, further = d.chance(0.5), d.rng.choice(FURTHER)
    tables = [
        _table(d, side.head, rows, further, total if inside else None)
        for side, rows, total in zip(theme.sides, sides, totals, strict=False)
    ]
    if d.chance(0.65):
        tables = [blocks.grid(tables, "1fr, 1fr", column_gutter=f"{d.rng.uniform(6, 24):.0f}pt")]
    parts = [*tables, trade.sums(d, totals[2:] if inside else totals)]
    if d.chance(0.15):
        parts.insert(0, parts.pop())
    if d.chance(0.4):
        parts.append(blocks.note(d, d.values.fake.paragraph(d.rng.randint(1, 4)), 0.8))
    top = [blocks.side_by_side(d, [issuer, title]), meta]
    if d.chance(0.5):
        top = [blocks.side_by_side(d, [issuer, blocks.stack([title, meta], 8)])]
    d.body = blocks.page(d, *top, *parts, gap=d.rng.uniform(9, 18))


def _person(d: Draft) -> list[Pair]:
    """Say who earned it, and when."""
    v = d.values
    texts = {
        "employee": (1.0, v.person()),
        "employee_number": (0.6, v.code()),
        "position": (0.5, v.fake.job().split(",")[0]),
        "pay_date": (0.8, v.date(v.today)),
        "start_date": (0.2, v.date(v.day(-4000, -100))),
        "ssn": (0.2, v.code("###-##-####")),
        "iban": (0.2, v.fake.iban()),
    }
    return _chosen(d, texts)


def _account(d: Draft) -> list[Pair]:
    """Say what the account is of."""
    v = d.values
    texts = {
        "statement_date": (0.8, v.date(v.today)),
        "account_number": (0.4, v.code()),
        "reference": (0.3, v.code()),
        "contact": (0.3, v.person()),
        "currency": (0.2, v.pick("USD|EUR|GBP|MYR")),
    }
    return _chosen(d, texts)


def _chosen(d: Draft, texts: dict[str, tuple[float, str]]) -> list[Pair]:
    items = trade.chosen(d, texts)
    if d.chance(0.5):
        items.append(
            trade.date_range(d, "period", "period_start", "period_end", -d.rng.randint(28, 365), 0)
        )
    d.rng.shuffle(items)
    return items


def _amounts(d: Draft, side: Side) -> dict[str, float]:
    """Draw some rows of a side with their amounts."""
    names = listed(side.rows)
    low = d.rng.choice((5.0, 100.0, 1000.0))
    chosen = d.rng.sample(names, d.rng.randint(2, min(7, len(names))))
    return {name: round(d.values.price(low, low * 100), 2) for name in chosen}


def _totals(d: Draft, theme: Theme, plus: float, minus: float) -> list[Pair]:
    """Return the sums of both sides, and what remains."""
    amounts = (plus, minus, round(plus - minus, 2))
    if theme.paid:
        fields = ("gross_pay", "deductions", "net_pay")
        return [
            d.pair(name, d.money(name, amount))
            for name, amount in zip(fields, amounts, strict=True)
        ]
    labels = (theme.sides[0].total, theme.sides[1].total, theme.result)
    pairs = []
    for label, amount in zip(labels, amounts, strict=True):
        run = d.run(d.values.money(amount))
        _ask_line(d, label, run)
        pairs.append(Pair(label, (run,)))
    return pairs


def _ask_line(d: Draft, name: str, run: Run) -> None:
    small = name[:1].lower() + name[1:]
    d.ask(
        "ledger_line",
        [run],
        f"How much is the {small}?",
        f"How much was {small}?",
        f"What is the amount for {name}?",
        f"{small} amount",
        name,
        f"What does {small} come to?",
    )


def _table(d: Draft, head: str, rows: dict[str, float], further: str, total: Pair | None) -> str:
    """Set one side as a table, its sum in the last row where it is given."""
    v = d.values
    bare = d.chance(0.8)
    more = [further] if further else []
    amount_head = d.rng.choice(("Amount", "Amount", "Current", "Total", v.currency or "Value"))
    table = blocks.Table(["1fr", *["auto"] * (1 + len(more))], ["left", *["right"] * 2])
    heads = [head, amount_head, *more]
    table.row(0, [[d.run(text)] for text in heads], header=True)
    for number, (name, amount) in enumerate(rows.items(), 1):
        run = d.run(v.money(amount, bare=bare))
        others = [d.run(v.money(round(amount * d.rng.uniform(0.5, 9), 2), bare=bare)) for _ in more]
        table.row(number, [[d.run(name)], [run], *([other] for other in others)])
        _ask_line(d, name, run)
        for other in others:
            d.ask("ledger_further", [other], f"What is the {further} of {name}?",
                  f"{name}: {further}", f"{name} {further.lower()}")  # fmt: skip
    if total is not None:
        blank: list[list[Run]] = [[] for _ in more]
        label = d.run(d.style.cased(total.label or ""))
        table.row(len(rows) + 1, [[label], list(total.runs), *blank])
    return blocks.set_table(d, table)
