"""Broadcasters' contracts, orders and invoices for political and other advertising."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from docx_models.synth import blocks, words
from docx_models.synth.draft import Draft, Pair, Run
from docx_models.synth.families import trade

TITLES = {
    "invoice": ("Invoice", "INVOICE", "Advertising Invoice", "Statement of Account / Invoice"),
    "contract": ("Contract", "CONTRACT", "Broadcast Contract", "Time Sales Agreement", "Confirmation", "Sales Contract"),
    "order": ("Order", "Order Confirmation", "Electronic Order", "Broadcast Order", "Insertion Order", "Buy Confirmation", "Schedule"),
}  # fmt: skip
NUMBER_LABELS = {
    "invoice": ("Invoice #", "Invoice #", "Inv #", "Invoice", "Invoice Number", "Invoice No."),
    "contract": (
        "Contract #",
        "Contract",
        "Contract / Revision",
        "Contract:",
        "Contract Number",
        "Contract No.",
    ),
    "order": (
        "Order / Rev",
        "Order #",
        "Order",
        "Order Number",
        "Order/ Rev",
        "Contract/Order",
        "Worksheet ID",
    ),
}
LEGAL = (
    "This contract is subject to the standard terms and conditions for the purchase of broadcast advertising, which can be reviewed on the web site of the station.",
    "Notwithstanding to whom bills are rendered, advertiser, agency and service, jointly and severally, shall remain obligated to pay to station the amount of any bills rendered by station within the time specified.",
    "We warrant that the actual broadcast information shown on this invoice was taken from the official program log.",
    "Station does not discriminate in the sale of advertising time, and will accept no advertising which is placed with an intent to discriminate on the basis of race or ethnicity.",
    "Four weeks advance cancellation notice is required unless otherwise specified.",
    "(* Line Transactions: N = New, E = Edited, D = Deleted)",
    "Payment by advertiser to agency or to service, or payment by agency to service, shall not constitute payment to station.",
    "Net 30 - Payment is due within 30 days from invoice date.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buy:
    """What was bought: lines of spots with their dates and amounts, and the commission."""

    kind: str
    start: datetime.date
    end: datetime.date
    spots: tuple[tuple[str, datetime.date, datetime.date, int, float], ...]
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


def write(d: Draft) -> None:
    """Fill a draft with a contract, an order or an invoice."""
    _habits(d)
    buy = _buy(d)
    d.labels["contract_number"] = d.rng.choice(NUMBER_LABELS[buy.kind])
    title = blocks.title(d, d.rng.choice(TITLES[buy.kind]))
    station, agency = _station(d), _agency(d)
    meta = _meta(d, buy)
    cut = d.rng.choice((0, 0, len(meta) // 2, len(meta) // 3))
    columns = [blocks.pairs(d, part) for part in (meta[:cut], meta[cut:]) if part]
    if d.chance(0.5):
        top = [
            blocks.side_by_side(d, [station, blocks.stack([title, *columns[:1]], 6), *columns[1:]])
        ]
        top.append(agency)
    else:
        top = [blocks.side_by_side(d, [station, title]), blocks.side_by_side(d, [agency, *columns])]
    middle = [_spots(d, buy)]
    summary = _summary(d, buy)
    middle.insert(d.rng.choice((0, 1, 1, 1)), summary)
    legal = [blocks.note(d, text, 0.75) for text in d.rng.sample(LEGAL, d.rng.randint(0, 4))]
    feet = [blocks.stack(legal, 4)] if legal else []
    if d.chance(0.4):
        printed = f"Print Date {d.values.date(d.values.day(0, 9))}  Page 1 of {d.rng.randint(1, 9)}"
        feet.append(blocks.aligned(blocks.note(d, printed), d.rng.choice(("left", "right"))))
        d.rng.shuffle(feet)
    d.body = blocks.page(d, *top, *middle, *feet, gap=d.rng.uniform(7, 16))
    d.ask_text(
        "count", str(len(buy.spots)), "How many lines does the order have?", "number of order lines"
    )


def _habits(d: Draft) -> None:
    """Dates and money as American broadcasters print them."""
    v = d.values
    v.currency = d.rng.choice(("$", "$", "$", "$", "", "USD"))
    v.after = False
    v.date_format = d.rng.choice(("%m/%d/%y", "%m/%d/%y", "%m/%d/%Y", "{m}/{d}/%Y", "{m}/{d}/%y", "%b%d/%y",
                                  "%d-%b-%y", "%d-%b-%Y", "%Y%m%d", "%b {d}, %Y"))  # fmt: skip
    v.thousands = ","
    d.style = replace(d.style, size=min(d.style.size, 9.0))


def _buy(d: Draft) -> Buy:
    v = d.values
    start = v.day(-10, 30)
    spots = []
    for _ in range(d.rng.choice((1, 1, 2, 3, 4, 6, 8, 10, 14))):
        first = start + datetime.timedelta(days=d.rng.choice((0, 0, 0, d.rng.randint(0, 14))))
        last = first + datetime.timedelta(
            days=d.rng.choice((0, 1, 4, 6, 6, 6, d.rng.randint(0, 20)))
        )
        rate = float(d.rng.choice((25, 40, 75, 100, 150, 200, 250, 300, 450, 600, 1200, 5000)))
        spots.append(
            (
                v.pick(words.PROGRAMMES),
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


def campaign(d: Draft) -> str:
    """Draw the name of a candidate's committee, a cause or a business that advertises."""
    v = d.values
    if d.chance(0.15):
        return v.company()
    text = d.rng.choice(words.CAMPAIGN_FORMS).format(
        first=v.fake.first_name(), last=v.fake.last_name(), office=v.pick(words.OFFICES),
        cause=v.pick(words.CAMPAIGN_CAUSES), party=d.rng.choice("DRDRI"), race=d.rng.choice(words.RACES),
        state=d.rng.choice(words.STATES), year=v.today.year, code=v.code(d.rng.choice(("####", "#####", "######"))),
    )  # fmt: skip
    return v.case(text)


def _letters(d: Draft) -> str:
    call = d.values.code(d.rng.choice(("K@@@", "W@@@", "W@@", "K@@")))
    return call + d.rng.choice(("", "", "-TV", " TV", "-DT", "+", " 7.1", "/FOX"))


def _station(d: Draft) -> str:
    """The broadcaster's head: call letters, address, telephone numbers."""
    v = d.values
    call = _letters(d)
    name = d.fact("station", call)
    parts: list[object] = [
        blocks.styled(
            name, size=d.rng.choice((1.0, 1.3, 1.8)), weight=d.rng.choice(("bold", "regular"))
        )
    ]
    if d.chance(0.4):
        owner = v.case(
            f"{v.fake.last_name()} {d.rng.choice(('Broadcasting', 'Television', 'Media Group', 'Television Group, Inc.'))}"
        )
        parts.insert(d.rng.choice((0, 1)), d.run(owner))
    parts += [d.run(line) for line in v.address()]
    d.hinted |= {"phone", "terms", "email"}
    for label in ("Main", "Billing"):
        if d.chance(0.5):
            parts.append(blocks.pairs(d, [Pair(label, (d.run(v.phone()),))], "inline"))
    if d.chance(0.3):
        parts.append(d.run(f"www.{call.lower()[:4]}.com"))
    remit = ""
    if d.chance(0.4):
        head = d.run(
            v.case(
                d.rng.choice(("Remit To:", "Send Payment To:", "Remit Address:", "Please remit to"))
            )
        )
        lines = [d.run(v.case(f"{call} {d.rng.choice(('', 'c/o', 'Lockbox'))}")), d.run(f"PO Box {v.code('#####')}"),
                 d.run(v.case(f"{v.pick(words.CITIES)}, {d.rng.choice(words.STATES)} {v.code('#####-####')}"))]  # fmt: skip
        remit = blocks.lines([head, *lines])
    return blocks.stack([part for part in (blocks.lines(parts), remit) if part], 9)


def _agency(d: Draft) -> str:
    """The agency that is billed; the advertiser may stand there as a section of its own."""
    v = d.values
    agency = v.case(f"{v.pick(words.AGENCY_NAMES)} {d.rng.choice(words.AGENCY_ENDS)}")
    sectioned = d.chance(0.3)
    if not sectioned:
        lines = [
            d.run(v.case(line))
            for line in (["Attention: Accounts Payable"] if d.chance(0.5) else [])
        ]
        lines += d.fact_lines("buyer_address", v.address())
        return blocks.party(d, "agency", d.fact("agency", agency), lines)
    groups = []
    for role, text in (("agency", agency), ("advertiser", campaign(d))):
        d.section = role.title()
        items = [
            Pair("Name", (d.fact(role, text),)),
            Pair("Address", (d.run(", ".join(v.address())),)),
        ]
        if role == "agency":
            items.append(Pair("Buying Contact", (d.fact("media_buyer", v.person()),)))
        elif d.chance(0.5):
            items += [Pair("Product", (d.fact("product", _product(d)),)), Pair("Brand", ())]
        groups.append(
            blocks.stack(
                [
                    blocks.styled(d.header(role.title()), weight="bold"),
                    blocks.pairs(d, items, d.rng.choice(("inline", "columns"))),
                ],
                4,
            )
        )
    d.section = ""
    return blocks.side_by_side(d, groups, even=True) if d.chance(0.6) else blocks.stack(groups, 8)


def _product(d: Draft) -> str:
    text = d.rng.choice((campaign(d), "POLITICAL CANDIDATE", f"{d.values.code('####')}/TV", "Issue Advocacy", "Political",
                         f"{d.values.fake.last_name()} {d.values.today.year}", "POL ISSUE (ns)", "Spot TV"))  # fmt: skip
    return text.upper() if d.chance(0.4) else text


OTHER_KEYS = ("Sales Office|Sales Region|Billing Calendar|Billing Type|Special Handling|Agency Code|Advertiser Code|"
              "Product 1|Product 2|Agency Ref|Advertiser Ref|Deal #|Demo|Market|Priority|Rev Type|Acct Type|Bill Type|"
              "Coop|New/Revised|Cash/Trade|IDB #|Hist. Order #|Primary AE|Property Type|Mkt|Separation|Share|AE Phone")  # fmt: skip


def _meta(d: Draft, buy: Buy) -> list[Pair]:
    """Numbers, parties and dates of the head, with many keys that nobody asks for, some blank."""
    v = d.values
    number = v.code(
        d.rng.choice(
            ("#######", "#######", "######", "#######-#", "######-#", "@@########", "####")
        )
    )
    main = d.fact("contract_number", number)
    revision = d.chance(0.35) and buy.kind != "invoice"
    items = [d.pair("contract_number", main, " / ", d.run(str(d.rng.randint(0, 9))), label=None) if revision
             else d.pair("contract_number", main)]  # fmt: skip
    if buy.kind == "invoice":
        d.facts["invoice_number"] = (main,)
        stem = number.split("-")[0] if d.chance(0.5) else v.code("#######")
        items.append(
            Pair(
                d.rng.choice(("Order #", "Order", "Order Number")), (d.fact("order_number", stem),)
            )
        )
        items.append(d.pair("invoice_date", d.fact("invoice_date", v.date(v.today))))
        items += _periods(d, buy)
    else:
        items += _flight(d, buy)
        if d.chance(0.5):
            items.append(d.pair("order_date", d.fact("order_date", v.date(v.day(-30, 0)))))
    texts = {
        "alt_order_number": v.code("########"), "advertiser": campaign(d), "product": _product(d), "estimate": v.code(d.rng.choice(("####", "###", "#####"))),
        "account_executive": v.person(), "media_buyer": v.person(), "station": _letters(d),
        "terms": d.rng.choice(("Net 30", "CIA", "Cash in Advance", "30 Days")), "reference": v.code("######"),
    }  # fmt: skip
    chances = {"advertiser": 1.0, "product": 0.7, "estimate": 0.6, "alt_order_number": 0.6, "account_executive": 0.7,
               "terms": 0.25, "media_buyer": 0.3, "station": 0.5, "reference": 0.1}  # fmt: skip
    for name, text in texts.items():
        if name == "station":
            text = d.facts["station"][0].text.split("-")[0] if d.chance(0.8) else text
        if d.chance(chances[name]) and (name == "station" or name not in d.facts):
            items.append(d.pair(name, d.fact(name, text)))
    for key in d.rng.sample(words.listed(OTHER_KEYS), d.rng.randint(2, 9)):
        blank = d.chance(0.4)
        if blank:
            d.blank.append(key)
        value = d.rng.choice(
            (
                v.code("####"),
                "National",
                "Broadcast",
                "Cash",
                "A35+",
                v.pick(words.CITIES),
                "No",
                "Adults 25-54",
            )
        )
        items.append(Pair(key, () if blank else (d.run(value),)))
    if d.chance(0.5):
        d.rng.shuffle(items)
    return items


def _flight(d: Draft, buy: Buy) -> list[Pair]:
    """Flight dates, as a range or as two keys."""
    v = d.values
    first, last = d.fact("flight_start", v.date(buy.start)), d.fact("flight_end", v.date(buy.end))
    if d.chance(0.75):
        glue = d.rng.choice((" - ", " - ", " - ", "-", " to ", " thru ", " – "))
        return [d.pair("flight_dates", first, glue, last)]
    return [d.pair("flight_start", first), d.pair("flight_end", last)]


def _periods(d: Draft, buy: Buy) -> list[Pair]:
    """An invoice's period beside the flight; where no flight is printed, the period is the flight."""
    v = d.values
    items = []
    if d.chance(0.6):
        month = buy.start.strftime(d.rng.choice(("%B %Y", "%b %Y", "%m/%y", "%b-%y")))
        items.append(d.pair("month", d.fact("month", v.case(month))))
    first = buy.start - datetime.timedelta(days=d.rng.choice((0, 1, 7, 20)))
    last = buy.end + datetime.timedelta(days=d.rng.choice((0, 0, 3, 20)))
    has_flight = d.chance(0.7)
    if d.chance(0.75) or not has_flight:
        start, end = d.run(v.date(first)), d.run(v.date(last))
        names = ("period_start", "period_end") if has_flight else ("flight_start", "flight_end")
        d.facts |= {names[0]: (start,), names[1]: (end,)}
        items.append(d.pair("period", start, d.rng.choice((" - ", "-", " to ")), end))
    if has_flight:
        items += _flight(d, buy)
    if d.chance(0.2):
        items.append(d.pair("due_date", d.fact("due_date", v.date(v.day(0, 30)))))
    return items


# --- spots and sums -------------------------------------------------------------

COLUMNS = {
    "line": ("Line", "Ln", "#", "Line #"), "channel": ("Ch", "Channel", "Stn", "Property"),
    "start": ("Start Date", "Start", "From", "Begin"), "end": ("End Date", "End", "To"),
    "programme": ("Description", "Program", "Inventory Code", "Program Name", "Day/Time/Program"),
    "time": ("Start/End Time", "Time", "Time Period", "Dayparts"), "days": ("MTWTFSS", "Days", "Weekdays", "Day"),
    "length": ("Length", "Len", "Dur"), "count": ("Spots", "Spots/Week", "# Spots", "Units", "Wk Spots"),
    "rate": ("Rate", "Unit Rate", "Rate/Spot", "Cost"), "type": ("Type", "Rtg", "Pri"), "amount": ("Amount", "Total", "Total Cost", "Gross", "Line Amount"),
}  # fmt: skip
KEEP = {"line": 0.8, "channel": 0.5, "start": 0.8, "end": 0.7, "time": 0.8, "days": 0.7, "length": 0.8,
        "type": 0.4, "amount": 0.6}  # fmt: skip


def _spots(d: Draft, buy: Buy) -> str:
    """The schedule: a table of lines, its last row sometimes the totals."""
    names = [name for name in COLUMNS if d.chance(KEEP.get(name, 1.0))]
    right = {"count", "rate", "amount", "line"}
    table = blocks.Table(["1fr" if n == "programme" else "auto" for n in names],
                         ["right" if n in right else "left" for n in names])  # fmt: skip
    table.row(0, [[d.run(d.rng.choice(COLUMNS[n]))] for n in names], header=True)
    length, call = (
        d.rng.choice((":30", ":30", ":15", "30", ":60")),
        d.facts["station"][0].text.split("-")[0],
    )
    for number, spot in enumerate(buy.spots, 1):
        runs = _spot(d, number, spot, {"length": length, "channel": call}, names)
        table.row(number, [[runs[n]] for n in names])
    if "count" in names and d.chance(0.35):
        _total_row(d, buy, names, table)
    return blocks.set_table(d, table)


def _spot(d: Draft, number: int, spot: tuple[str, datetime.date, datetime.date, int, float],
          same: dict[str, str], names: Sequence[str]) -> dict[str, Run]:  # fmt: skip
    v = d.values
    programme, first, last, count, rate = spot
    texts = {
        "line": str(number), "start": v.date(first), "end": v.date(last), "programme": programme,
        "time": d.rng.choice(words.DAYPARTS), "days": d.rng.choice(words.WEEKS), "count": str(count),
        "rate": v.money(rate), "type": d.rng.choice(("NM", "BK", "P", "0.00")), "amount": v.money(count * rate), **same,
    }  # fmt: skip
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
    table.row(len(buy.spots) + 1, row)


def _summary(d: Draft, buy: Buy) -> str:
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
    heads = [("Month", "Period", "Time Period"), ("# Spots", "Spots", "# of Spots"), ("Gross Amount", "Gross", "Gross Amt"),
             ("Net Amount", "Net", "Net Amt")]  # fmt: skip
    table = blocks.Table(["auto"] * 4, ["left", "right", "right", "right"])
    table.row(0, [[d.run(d.rng.choice(head))] for head in heads], header=True)
    parts = d.rng.choice((1, 1, 2))
    cut = d.rng.uniform(0.2, 0.8) if parts == 2 else 1.0
    for number in range(parts):
        share = cut if number == 0 else 1 - cut
        month = buy.start + datetime.timedelta(days=31 * number)
        text = month.strftime("%B %Y") if d.chance(0.5) else f"{v.date(month)} - {v.date(buy.end)}"
        table.row(number + 1, [[d.run(text)], [d.run(str(max(1, round(buy.total_spots * share))))],
                               [d.run(v.money(round(buy.gross * share, 2)))], [d.run(v.money(round(net * share, 2)))]])  # fmt: skip
    gross = d.money("gross_amount", buy.gross)
    d.facts["gross_amount"] = (gross,)
    spots = d.run(str(buy.total_spots))
    d.facts["total_spots"] = (spots,)
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
