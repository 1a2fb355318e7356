"""What a broadcaster's page sells: lines of spots, their table, and gross to net."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from docx_models.synth import blocks
from docx_models.synth.draft import Draft, Run
from docx_models.synth.families import trade

# Programme, first day, last day, number of spots, price of one.
Spot = tuple[str, datetime.date, datetime.date, int, float]


@dataclass(frozen=True, slots=True)
class Buy:
    """What was bought: lines of spots with their dates and amounts, and the commission."""

    kind: str
    start: datetime.date
    end: datetime.date
    spots: tuple[Spot, ...]
    share: float

    @property
    def gross(self) -> float:
        """What all spots cost before commission."""
        return round(sum(count * rate for *_, count, rate in self.spots), 2)

    @property
    def commission(self) -> float:
        """The agency's part."""
        return round(self.gross * self.share, 2)

    @property
    def total_spots(self) -> int:
        """Number of spots."""
        return sum(spot[3] for spot in self.spots)


def draw(d: Draft) -> Buy:
    """Draw what was bought, and on what kind of paper it stands."""
    v = d.values
    start = v.day(-10, 30)
    spots = []
    for _ in range(d.rng.choice((1, 2, 3, 4, 6, 8, 10, 14, 20, 26))):
        first = start + datetime.timedelta(days=d.rng.choice((0, 0, 0, d.rng.randint(0, 14))))
        last = first + datetime.timedelta(
            days=d.rng.choice((0, 1, 4, 6, 6, 6, d.rng.randint(0, 20)))
        )
        rate = float(d.rng.choice((25, 40, 75, 100, 150, 200, 250, 300, 450, 600, 1200, 5000)))
        spots.append(
            (
                v.pick("programmes"),
                first,
                last,
                d.rng.choice((1, 1, 2, 3, 5, d.rng.randint(1, 20))),
                rate,
            )
        )
    end = max(spot[2] for spot in spots)
    kind = d.rng.choice(("invoice", "invoice", "contract", "contract", "order", "order"))
    return Buy(
        kind,
        min(spot[1] for spot in spots),
        end,
        tuple(spots),
        d.rng.choice((0.15, 0.15, 0.15, 0.0, 0.1)),
    )


# --- spots and sums -------------------------------------------------------------

COLUMNS = {
    "line": ("Line", "Ln", "#", "Line #"),
    "channel": ("Ch", "Channel", "Stn", "Property"),
    "start": ("Start Date", "Start", "From", "Begin"),
    "end": ("End Date", "End", "To"),
    "programme": ("Description", "Program", "Inventory Code", "Program Name", "Day/Time/Program"),
    "time": ("Start/End Time", "Time", "Time Period", "Dayparts"),
    "days": ("MTWTFSS", "Days", "Weekdays", "Day"),
    "length": ("Length", "Len", "Dur"),
    "count": ("Spots", "Spots/Week", "# Spots", "Units", "Wk Spots"),
    "rate": ("Rate", "Unit Rate", "Rate/Spot", "Cost"),
    "type": ("Type", "Rtg", "Pri"),
    "amount": ("Amount", "Total", "Total Cost", "Gross", "Line Amount"),
}
KEEP = {
    "line": 0.8,
    "channel": 0.5,
    "start": 0.8,
    "end": 0.7,
    "time": 0.8,
    "days": 0.7,
    "length": 0.8,
    "type": 0.4,
    "amount": 0.6,
}


def spots_table(d: Draft, buy: Buy) -> str:
    """The schedule: a table of lines, its last row sometimes the totals."""
    names = [name for name in COLUMNS if d.chance(KEEP.get(name, 1.0))]
    right = {"count", "rate", "amount", "line"}
    table = blocks.Table(
        ["1fr" if n == "programme" else "auto" for n in names],
        ["right" if n in right else "left" for n in names],
    )
    table.row(0, [[d.run(d.rng.choice(COLUMNS[n]))] for n in names], header=True)
    length, call = (
        d.rng.choice((":30", ":30", ":15", "30", ":60")),
        d.facts["station"][0].text.split("-")[0],
    )
    weekly = d.chance(0.3) and {"start", "end"} <= set(names)
    for number, spot in enumerate(buy.spots, 1):
        runs = _spot(d, number, spot, {"length": length, "channel": call}, names)
        row = table.rows
        table.row(row, [[runs[n]] for n in names])
        if weekly:
            table.row(row + 1, _week(d, names, spot))
    if "count" in names and d.chance(0.35):
        _total_row(d, buy, names, table)
    return blocks.set_table(d, table)


def _week(d: Draft, names: Sequence[str], spot: Spot) -> list[list[Run]]:
    """A row beneath a line with its week, spots and rate: dates that answer nothing."""
    v = d.values
    monday = spot[1] - datetime.timedelta(days=spot[1].weekday())
    texts = {
        "start": v.date(monday),
        "end": v.date(monday + datetime.timedelta(days=6)),
        "programme": d.rng.choice(("Week:", "Weeks:", "Week 1", "Class of Time - Pre-emptible")),
        "days": v.pick("weeks"),
        "count": str(spot[3]),
        "rate": v.money(spot[4]),
    }
    return [[d.run(texts[name])] if name in texts else [] for name in names]


def _spot(
    d: Draft,
    number: int,
    spot: Spot,
    same: dict[str, str],
    names: Sequence[str],
) -> dict[str, Run]:
    v = d.values
    programme, first, last, count, rate = spot
    texts = {
        "line": str(number),
        "start": v.date(first),
        "end": v.date(last),
        "programme": programme,
        "time": d.values.pick("dayparts"),
        "days": d.values.pick("weeks"),
        "count": str(count),
        "rate": v.money(rate),
        "type": d.rng.choice(("NM", "BK", "P", "0.00")),
        "amount": v.money(count * rate),
        **same,
    }
    runs = {name: d.run(texts[name]) for name in names}
    d.ask(
        "spot_rate",
        [runs["rate"]],
        f"What is the rate of line {number}?",
        f"What does a spot on line {number} cost?",
    )
    d.ask(
        "spot_count",
        [runs["count"]],
        f"How many spots are on line {number}?",
        f"spots of line {number}",
    )
    if "start" in runs:
        d.ask(
            "spot_start",
            [runs["start"]],
            f"What is the start date of line {number}?",
            f"When does line {number} start?",
        )
    if "amount" in runs:
        d.ask("spot_amount", [runs["amount"]], f"What is the amount of line {number}?")
    return runs


def _total_row(d: Draft, buy: Buy, names: Sequence[str], table: blocks.Table) -> None:
    """Totals as the table's last row; the gross amount then follows the number of spots."""
    place = names.index("count")
    label = d.run(d.rng.choice(("Totals", "Total", "TOTAL", "Grand Total")))
    row: list[list[Run]] = [[] for _ in names]
    row[names.index("programme")] = [label]
    row[place] = [d.fact("total_spots", str(buy.total_spots))]
    money = d.money("gross_amount", buy.gross)
    row[names.index("amount" if "amount" in names else "rate")] = [money]
    table.row(table.rows, row)


def summary(d: Draft, buy: Buy) -> str:
    """Gross, commission and net: as keys and values, or a table by month with its totals."""
    net = round(buy.gross - buy.commission, 2)
    if d.chance(0.35):
        return _months(d, buy, net)
    rows = []
    if "total_spots" not in d.facts and d.chance(0.5):
        rows.append(("total_spots", d.fact("total_spots", str(buy.total_spots))))
    if "gross_amount" not in d.facts or d.chance(0.5):
        rows.append(("gross_amount", d.money("gross_amount", buy.gross)))
    if buy.share and d.chance(0.85):
        rows.append(
            (
                "commission",
                d.money("commission", -buy.commission if d.chance(0.4) else buy.commission),
            )
        )
    if d.chance(0.15):
        rows.append(("tax", d.money("tax", 0.0)))
    if d.chance(0.8):
        rows.append(("net_amount", d.money("net_amount", net)))
    return trade.totals(d, rows) if rows else ""


def _months(d: Draft, buy: Buy, net: float) -> str:
    """A billing plan: one or two periods with spots, gross and net, then their totals."""
    v = d.values
    heads = [
        ("Month", "Period", "Time Period"),
        ("# Spots", "Spots", "# of Spots"),
        ("Gross Amount", "Gross", "Gross Amt"),
        ("Net Amount", "Net", "Net Amt"),
    ]
    table = blocks.Table(["auto"] * 4, ["left", "right", "right", "right"])
    table.row(0, [[d.run(d.rng.choice(head))] for head in heads], header=True)
    parts = d.rng.choice((1, 1, 2))
    cut = d.rng.uniform(0.2, 0.8) if parts == 2 else 1.0
    for number in range(parts):
        share = cut if number == 0 else 1 - cut
        month = buy.start + datetime.timedelta(days=31 * number)
        text = month.strftime("%B %Y") if d.chance(0.5) else f"{v.date(month)} - {v.date(buy.end)}"
        table.row(
            number + 1,
            [
                [d.run(text)],
                [d.run(str(max(1, round(buy.total_spots * share))))],
                [d.run(v.money(round(buy.gross * share, 2)))],
                [d.run(v.money(round(net * share, 2)))],
            ],
        )
    gross = d.money("gross_amount", buy.gross)
    spots = d.fact("total_spots", str(buy.total_spots))
    table.row(
        parts + 1,
        [
            [d.run(d.rng.choice(("Totals", "Total", "TOTALS")))],
            [spots],
            [gross],
            [d.money("net_amount", net)],
        ],
    )
    return blocks.set_table(d, table)
