"""Bank statements in sections: deposits, withdrawals, cheques and daily balances by themselves."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from docx_models.synth import blocks, lookups
from docx_models.synth.draft import Draft, Pair, Run
from docx_models.synth.families import trade

Move = tuple[datetime.date, str, float]
KINDS = "Checking|Savings|Business Checking|Current Account|Premier Account|Money Market"


@dataclass(frozen=True, slots=True)
class Section:
    """A list of movements: its titles, what its entries say, and how many it has at most."""

    titles: str
    texts: str
    most: int
    total: str


SECTIONS = (
    Section(
        "Deposits and Additions|Deposits & Credits|Money In|Credits",
        "Payroll {company}|Wire transfer {person}|Branch deposit|Mobile deposit|Refund {company}|"
        "Interest paid|Transfer from {person}|Card credit {company}",
        7,
        "total_credits",
    ),
    Section(
        "Withdrawals|Electronic Withdrawals|Payments & Debits|Money Out|Other Withdrawals",
        "ATM {city}|Card purchase {company}|Direct debit {company}|Online payment {code}|"
        "Service fee|Transfer to {person}|Standing order {person}|Insurance {company}",
        12,
        "total_debits",
    ),
)


def write(d: Draft) -> None:
    """Fill a draft with a bank statement."""
    v = d.values
    bank, holder = trade.seller(d), trade.buyer(d)
    title = blocks.title(d, f"{v.pick(KINDS)} {v.pick('Summary|Statement|Account Statement')}")
    parts, sums, bare = [], dict[str, float](), d.chance(0.5)
    for section in SECTIONS:
        moves = _moves(d, section)
        sums[section.total] = round(sum(move[2] for move in moves), 2)
        parts.append(_section(d, section, moves, bare))
    if d.chance(0.4):
        parts.append(_cheques(d))
    if d.chance(0.35):
        parts.append(_balances(d))
    if d.chance(0.3):
        d.rng.shuffle(parts)
    head = blocks.side_by_side(d, [bank, blocks.stack([title, blocks.pairs(d, _meta(d))], 7)])
    summary = _summary(d, sums, bare)
    d.body = blocks.page(
        d, head, blocks.side_by_side(d, [holder, summary]), *parts, gap=d.rng.uniform(8, 15)
    )


def _meta(d: Draft) -> list[Pair]:
    v = d.values
    number = v.code(v.pick("#### ####|############|###-######-#|######"))
    items = [
        d.pair("account_number", d.fact("account_number", number)),
        trade.date_range(d, "period", "period_start", "period_end", -31, 0),
    ]
    texts = {
        "statement_date": (0.6, v.date(v.today if d.chance(0.6) else v.day(1, 4))),
        "customer_number": (0.3, v.code()),
        "iban": (0.25, v.fake.iban()),
        "bic": (0.2, v.code("@@@@@@##")),
        "credit_limit": (0.2, v.money(500.0 * d.rng.randint(1, 20))),
    }
    items += [d.pair(n, d.fact(n, text)) for n, (share, text) in texts.items() if d.chance(share)]
    d.rng.shuffle(items)
    return items


def _summary(d: Draft, sums: dict[str, float], bare: bool) -> str:
    """Balances and totals, as keys and values or as a line of small columns."""
    opening = round(d.values.price(20, 20000), 2)
    closing = round(opening + sums["total_credits"] - sums["total_debits"], 2)
    amounts = {"opening_balance": opening, **sums, "closing_balance": closing}
    items = [d.pair(name, d.money(name, value, bare=bare)) for name, value in amounts.items()]
    shown = blocks.pairs(d, items, d.rng.choice(("right", "columns", "row", "boxes", "inline")))
    return blocks.framed(shown) if d.chance(0.3) else shown


def _moves(d: Draft, section: Section) -> list[Move]:
    """Draw movements by date; amounts come again, so that only the row tells them apart."""
    v, moves = d.values, list[Move]()
    for day in sorted(v.day(-30, 0) for _ in range(d.rng.randint(1, section.most))):
        text = v.pick(section.texts).format(
            company=v.company(), person=v.person(), city=v.fake.city(), code=v.code("######")
        )
        again = bool(moves) and d.chance(0.15)
        amount = moves[-1][2] if again else round(v.price(3, 4000), 2)
        moves.append((day, v.case(text), amount))
    return moves


def _section(d: Draft, section: Section, moves: Sequence[Move], bare: bool) -> str:
    """A titled table of movements, with its total as the last row at times."""
    v, numbered = d.values, d.chance(0.25)
    heads = ["Date", *(["Reference"] if numbered else []), "Description", "Amount"]
    stub = heads.index("Description")
    sides = ["left"] * (len(heads) - 1)
    table = blocks.Table(
        ["1fr" if i == stub else "auto" for i in range(len(heads))], [*sides, "right"]
    )
    table.row(0, [[d.run(head)] for head in heads], header=True)
    grid: list[list[tuple[Run, ...]]] = []
    for number, (day, text, amount) in enumerate(moves, 1):
        texts = [v.date(day), *([v.code("########")] if numbered else []), text]
        grid.append([(d.run(shown),) for shown in (*texts, v.money(amount, bare=bare))])
        table.row(number, grid[-1])
    # The sections share their columns: only a row's name tells which cell is meant.
    lookups.ask(d, lookups.Grid(heads, grid, stub), cells=10, others=0)
    if d.chance(0.5):
        row: list[list[Run]] = [[] for _ in heads]
        row[stub] = [d.run(v.pick("Total|Totals|Total for this period"))]
        # The same sum stands in the summary: both places are right.
        total = round(sum(move[2] for move in moves), 2)
        row[-1] = [d.money(section.total, total, bare=bare)]
        table.row(len(moves) + 1, row)
    title = blocks.styled(d.header(v.pick(section.titles)), weight="bold")
    return blocks.stack([title, blocks.set_table(d, table)], 4)


def _cheques(d: Draft) -> str:
    """Cheques paid, two or three lists side by side in one table."""
    v, lists = d.values, d.rng.choice((1, 2, 2, 3))
    heads = ["Check No.", "Date", "Amount"] * lists
    table = blocks.Table(["auto"] * len(heads), ["left", "left", "right"] * lists)
    table.row(0, [[d.run(head)] for head in heads], header=True)
    first, step = d.rng.randint(100, 9000), 0
    grid: list[list[tuple[Run, ...]]] = []
    for number in range(1, d.rng.randint(2, 6)):
        cells: list[tuple[Run, ...]] = []
        for _ in range(lists):
            step += d.rng.choice((1, 1, 1, 2, 5))
            texts = (str(first + step), v.date(v.day(-30, 0)), v.money(v.price(5, 900), bare=True))
            cells += [(d.run(text),) for text in texts]
        table.row(number, cells)
        grid += [cells[i : i + 3] for i in range(0, len(cells), 3)]
    lookups.ask(d, lookups.Grid(heads[:3], grid), cells=10, others=0)
    title = blocks.styled(d.header(v.pick("Checks Paid|Cheques|Checks Cleared")), weight="bold")
    return blocks.stack([title, blocks.set_table(d, table)], 4)


def _balances(d: Draft) -> str:
    """The balance at the end of some days, in a row of dates or in two columns."""
    v = d.values
    days = sorted({v.day(-30, 0) for _ in range(d.rng.randint(3, 8))})
    heads = ["Date", "Balance"]
    table = blocks.Table(["auto", "auto"], ["left", "right"])
    table.row(0, [[d.run(head)] for head in heads], header=True)
    grid = []
    for number, day in enumerate(days, 1):
        amount = v.money(round(v.price(10, 9000), 2), bare=True)
        grid.append([(d.run(v.date(day)),), (d.run(amount),)])
        table.row(number, grid[-1])
    lookups.ask(d, lookups.Grid(heads, grid), cells=6, others=0)
    title = blocks.styled(d.header(v.pick("Daily Balance|Daily Ending Balance")), weight="bold")
    return blocks.stack([title, blocks.set_table(d, table)], 4)
