"""Statements of bank, card and customer accounts: balances and a list of movements."""

from __future__ import annotations

import datetime

from docx_models.synth import blocks, lookups
from docx_models.synth.draft import Draft, Pair
from docx_models.synth.families import trade

TITLES = {
    "en": (
        "Account Statement",
        "Statement of Account",
        "Bank Statement",
        "Statement",
        "Monthly Statement",
    ),
    "de": ("Kontoauszug", "Auszug"),
    "fr": ("Relevé de compte", "Extrait de compte"),
}
MOVES = (
    "Card payment {shop}",
    "Direct debit {shop}",
    "Transfer {person}",
    "ATM withdrawal",
    "Salary {shop}",
    "Interest",
    "Invoice {code}",
    "Payment received",
    "Credit note {code}",
    "Standing order {person}",
    "Cheque {code}",
    "Service charge",
)


def write(d: Draft) -> None:
    """Fill a draft with a statement."""
    v = d.values
    bank = trade.seller(d)
    title = blocks.title(d, d.rng.choice(TITLES.get(v.place.language, TITLES["en"])))
    holder = trade.buyer(d)
    opening = round(v.price(10, 20000), 2)
    moves = _moves(d)
    closing = round(opening + sum(move[2] for move in moves), 2)
    meta, sums = _meta(d), _sums(d, opening, closing, moves)
    top = blocks.side_by_side(d, [bank, blocks.stack([title, blocks.pairs(d, meta)], 7)])
    second = blocks.side_by_side(d, [holder, blocks.pairs(d, sums)])
    parts = [top, second, _table(d, opening, moves)]
    if d.chance(0.3):
        parts[1:] = parts[:0:-1]
    for _ in range(d.rng.choice((0, 1, 2))):
        parts.append(blocks.note(d, v.fake.paragraph(d.rng.randint(1, 4)), 0.8))
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(9, 18))
    d.ask_text(
        "count", str(len(moves)), "How many transactions are listed?", "number of transactions"
    )


def _moves(d: Draft) -> list[tuple[datetime.date, str, float]]:
    v = d.values
    days = sorted(v.day(-31, 0) for _ in range(d.rng.choice((3, 5, 8, 12, 18, 26))))
    out: list[tuple[datetime.date, str, float]] = []
    for day in days:
        text = d.rng.choice(MOVES).format(shop=v.company(), person=v.person(), code=v.code())
        amount = abs(out[-1][2]) if out and d.chance(0.15) else round(v.price(2, 3000), 2)
        out.append((day, text, amount if d.chance(0.35) else -amount))
    return out


def _meta(d: Draft) -> list[Pair]:
    v = d.values
    texts = {
        "account_number": (0.9, v.code()),
        "statement_date": (0.85, v.date(v.today)),
        "customer_number": (0.3, v.code()),
        "iban": (0.3, v.fake.iban()),
        "bic": (0.2, v.code("@@@@@@##")),
        "credit_limit": (0.25, v.money(1000.0 * d.rng.randint(1, 20))),
        "due_date": (0.3, v.date(v.today if d.chance(0.3) else v.day(10, 30))),
        "reference": (0.2, v.code()),
    }
    items = [
        d.pair(name, d.fact(name, text))
        for name, (chance, text) in texts.items()
        if d.chance(chance)
    ]
    if d.chance(0.6):
        items.append(
            trade.date_range(
                d, "period", "period_start", "period_end", -31, d.rng.choice((0, 0, -1))
            )
        )
    d.rng.shuffle(items)
    return items


def _sums(
    d: Draft, opening: float, closing: float, moves: list[tuple[datetime.date, str, float]]
) -> list[Pair]:
    paid_in = round(sum(move[2] for move in moves if move[2] > 0), 2)
    paid_out = round(-sum(move[2] for move in moves if move[2] < 0), 2)
    amounts = {
        "opening_balance": (0.85, opening),
        "total_credits": (0.5, paid_in),
        "total_debits": (0.5, paid_out),
        "closing_balance": (0.9, closing),
        "minimum_payment": (0.2, round(abs(closing) * 0.05, 2)),
    }
    return [
        d.pair(name, d.money(name, value))
        for name, (chance, value) in amounts.items()
        if d.chance(chance)
    ]


LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    "date": {"en": ("Date", "Posted", "Trans Date"), "de": ("Datum", "Buchung"), "fr": ("Date",)},
    "text": {
        "en": ("Description", "Details", "Transaction"),
        "de": ("Verwendungszweck", "Text"),
        "fr": ("Libellé",),
    },
    "out": {
        "en": ("Debit", "Paid Out", "Withdrawals", "Charges"),
        "de": ("Soll",),
        "fr": ("Débit",),
    },
    "in": {
        "en": ("Credit", "Paid In", "Deposits", "Payments"),
        "de": ("Haben",),
        "fr": ("Crédit",),
    },
    "amount": {"en": ("Amount",), "de": ("Betrag",), "fr": ("Montant",)},
    "balance": {"en": ("Balance", "Running Balance"), "de": ("Saldo",), "fr": ("Solde",)},
}


def _table(d: Draft, opening: float, moves: list[tuple[datetime.date, str, float]]) -> str:
    v = d.values
    names = ["date", "text", *(["out", "in"] if d.chance(0.6) else ["amount"])]
    names += ["balance"] if d.chance(0.6) else []
    table = blocks.Table(
        ["1fr" if n == "text" else "auto" for n in names],
        ["left" if n in ("date", "text") else "right" for n in names],
    )
    language = v.place.language if v.place.language in ("de", "fr") else "en"
    heads = [d.run(d.rng.choice(LABELS[n][language])) for n in names]
    table.row(0, [[head] for head in heads], header=True)
    balance, grid = opening, []
    for number, (day, text, amount) in enumerate(moves, 1):
        balance = round(balance + amount, 2)
        shown = {
            "date": v.date(day),
            "text": text,
            "out": v.money(-amount, bare=True) if amount < 0 else "",
            "in": v.money(amount, bare=True) if amount > 0 else "",
            "amount": v.money(amount, bare=True),
            "balance": v.money(balance, bare=True),
        }
        runs = {name: d.run(shown[name]) for name in names if shown[name]}
        grid.append([(runs[n],) if n in runs else () for n in names])
        table.row(number, grid[-1])
        value = runs.get("amount") or runs.get("out") or runs["in"]
        if sum(move[1] == text for move in moves) == 1:
            d.ask(
                "move_amount",
                [value],
                f"How much was the {text}?",
                f"amount of {text}",
                f"What is the amount for '{text}'?",
            )
            d.ask(
                "move_date",
                [runs["date"]],
                f"When was the {text}?",
                f"date of {text}",
                f"On which date was '{text}' booked?",
            )
            if "balance" in runs:
                d.ask("move_balance", [runs["balance"]], f"What was the balance after {text}?")
    lookups.ask(d, lookups.Grid([head.text for head in heads], grid, names.index("text")), cells=16)
    return blocks.set_table(d, table)
