"""Payslips: an employee's data, earnings and deductions, and what is paid out."""

from __future__ import annotations

from docx_models.synth import blocks
from docx_models.synth.draft import Draft, Run
from docx_models.synth.families import trade

EARNINGS = ("Basic pay", "Overtime", "Bonus", "Travel allowance", "Commission", "Holiday pay")
DEDUCTIONS = (
    "Income tax",
    "Pension",
    "National insurance",
    "Health insurance",
    "Union dues",
    "Advance",
)


def write(d: Draft) -> None:
    """Fill a draft with a payslip."""
    v = d.values
    title = blocks.title(
        d, d.rng.choice(("Payslip", "Pay Statement", "Salary Slip", "Earnings Statement"))
    )
    employer = trade.seller(d, "employer", "seller_address")
    texts = {
        "employee": (1.0, v.person()),
        "employee_number": (0.8, v.code()),
        "position": (0.6, v.fake.job().split(",")[0]),
        "pay_date": (0.9, v.date(v.today)),
        "bank": (0.3, f"{v.fake.last_name()} Bank"),
        "iban": (0.4, v.fake.iban()),
        "start_date": (0.3, v.date(v.day(-4000, -100))),
        "tax_id": (0.3, v.tax_id()),
    }
    meta = [
        d.pair(name, d.fact(name, text))
        for name, (chance, text) in texts.items()
        if d.chance(chance)
    ]
    if d.chance(0.7):
        meta.append(trade.date_range(d, "period", "period_start", "period_end", -30, 0))
    d.rng.shuffle(meta)
    gross, earned = _amounts(d, EARNINGS, 200, 5000)
    taken, deducted = _amounts(d, DEDUCTIONS, 10, 300)
    rows = [
        ("gross_pay", d.money("gross_pay", gross)),
        ("deductions", d.money("deductions", taken)),
        ("net_pay", d.money("net_pay", round(gross - taken, 2))),
    ]
    tables = blocks.grid(
        [_table(d, "Earnings", earned), _table(d, "Deductions", deducted)],
        "1fr, 1fr",
        column_gutter="12pt",
    )
    d.body = blocks.page(
        d,
        blocks.side_by_side(d, [employer, title]),
        blocks.pairs(d, meta),
        tables,
        trade.totals(d, rows),
        gap=14,
    )


def _amounts(
    d: Draft, names: tuple[str, ...], low: float, high: float
) -> tuple[float, list[tuple[str, Run]]]:
    total, rows = 0.0, []
    for name in d.rng.sample(names, d.rng.randint(2, 5)):
        amount = round(d.values.price(low, high), 2)
        total += amount
        run = d.run(d.values.money(amount, bare=True))
        rows.append((name, run))
        d.ask("pay_line", [run], f"How much is the {name.lower()}?", name, f"{name} amount")
    return round(total, 2), rows


def _table(d: Draft, head: str, rows: list[tuple[str, Run]]) -> str:
    table = blocks.Table(["1fr", "auto"], ["left", "right"])
    table.row(0, [[d.run(head)], [d.run("Amount")]], header=True)
    for number, (name, run) in enumerate(rows, 1):
        table.row(number, [[d.run(name)], [run]])
    return blocks.set_table(d, table)
