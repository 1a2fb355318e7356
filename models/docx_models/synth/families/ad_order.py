"""Broadcasters' contracts, orders and invoices for political and other advertising."""

from __future__ import annotations

import datetime
from dataclasses import replace

from docx_models.synth import blocks
from docx_models.synth.data import vocabulary
from docx_models.synth.draft import Draft, Pair
from docx_models.synth.families import schedule
from docx_models.synth.families.schedule import Buy


def write(d: Draft) -> None:
    """Fill a draft with a contract, an order or an invoice."""
    _habits(d)
    buy = schedule.draw(d)
    d.labels["contract_number"] = d.values.pick(f"ad_numbers_{buy.kind}")
    title = blocks.title(d, d.values.pick(f"ad_titles_{buy.kind}"))
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
    middle = [schedule.spots_table(d, buy)]
    summary = schedule.summary(d, buy)
    middle.insert(d.rng.choice((0, 1, 1, 1)), summary)
    legal = [
        blocks.note(d, text, 0.75)
        for text in d.rng.sample(vocabulary("ad_legal"), d.rng.randint(0, 4))
    ]
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
    v.date_format = d.rng.choice(
        (
            "%m/%d/%y",
            "%m/%d/%y",
            "%m/%d/%Y",
            "{m}/{d}/%Y",
            "{m}/{d}/%y",
            "%b%d/%y",
            "%d-%b-%y",
            "%d-%b-%Y",
            "%Y%m%d",
            "%b {d}, %Y",
        )
    )
    v.thousands = ","
    d.style = replace(d.style, size=min(d.style.size, 9.0))


def campaign(d: Draft) -> str:
    """Draw the name of a candidate's committee, a cause or a business that advertises."""
    v = d.values
    if d.chance(0.15):
        return v.company()
    text = d.values.pick("campaign_forms").format(
        first=v.fake.first_name(),
        last=v.fake.last_name(),
        office=v.pick("offices"),
        cause=v.pick("campaign_causes"),
        party=d.rng.choice("DRDRI"),
        race=d.values.pick("races"),
        state=d.values.pick("states"),
        year=v.today.year,
        code=v.code(d.rng.choice(("####", "#####", "######"))),
    )
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
        business = v.pick("Broadcasting|Television|Media Group|Television Group, Inc.")
        owner = v.case(f"{v.fake.last_name()} {business}")
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
        lines = [
            d.run(v.case(f"{call} {d.rng.choice(('', 'c/o', 'Lockbox'))}")),
            d.run(f"PO Box {v.code('#####')}"),
            d.run(v.case(f"{v.pick('cities')}, {d.values.pick('states')} {v.code('#####-####')}")),
        ]
        remit = blocks.lines([head, *lines])
    return blocks.stack([part for part in (blocks.lines(parts), remit) if part], 9)


def _agency(d: Draft) -> str:
    """The agency that is billed; the advertiser may stand there as a section of its own."""
    v = d.values
    agency = v.case(f"{v.pick('agency_names')} {d.values.pick('agency_ends')}")
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
    text = d.rng.choice(
        (
            campaign(d),
            "POLITICAL CANDIDATE",
            f"{d.values.code('####')}/TV",
            "Issue Advocacy",
            "Political",
            f"{d.values.fake.last_name()} {d.values.today.year}",
            "POL ISSUE (ns)",
            "Spot TV",
        )
    )
    return text.upper() if d.chance(0.4) else text


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
    items = [
        d.pair("contract_number", main, " / ", d.run(str(d.rng.randint(0, 9))), label=None)
        if revision
        else d.pair("contract_number", main)
    ]
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
    items += _facts(d)
    items += _other_keys(d)
    if d.chance(0.5):
        d.rng.shuffle(items)
    return items


def _facts(d: Draft) -> list[Pair]:
    """What is asked for of advertiser, product, people and terms."""
    v, items = d.values, []
    texts = {
        "alt_order_number": v.code("########"),
        "advertiser": campaign(d),
        "product": _product(d),
        "estimate": v.code(d.rng.choice(("####", "###", "#####"))),
        "account_executive": v.person(),
        "media_buyer": v.person(),
        "station": _letters(d),
        "terms": d.rng.choice(("Net 30", "CIA", "Cash in Advance", "30 Days")),
        "reference": v.code("######"),
    }
    chances = {
        "advertiser": 1.0,
        "product": 0.7,
        "estimate": 0.6,
        "alt_order_number": 0.6,
        "account_executive": 0.7,
        "terms": 0.25,
        "media_buyer": 0.3,
        "station": 0.5,
        "reference": 0.1,
    }
    for name, text in texts.items():
        if name == "station":
            text = d.facts["station"][0].text.split("-")[0] if d.chance(0.8) else text
        if d.chance(chances[name]) and (name == "station" or name not in d.facts):
            items.append(d.pair(name, d.fact(name, text)))
    return items


def _other_keys(d: Draft) -> list[Pair]:
    """Keys that nobody asks for, some of them blank."""
    v, items = d.values, []
    for key in d.rng.sample(vocabulary("ad_other_keys"), d.rng.randint(2, 9)):
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
                v.pick("cities"),
                "No",
                "Adults 25-54",
            )
        )
        items.append(Pair(key, () if blank else (d.run(value),)))
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
    """An invoice's period beside the flight; without a flight, the period stands for it."""
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
