"""Invoices for goods and services, in five countries' habits."""

from __future__ import annotations

from docx_models.synth import blocks
from docx_models.synth.draft import Draft, Pair, Run
from docx_models.synth.families import trade

TITLES = {
    "en": ("Invoice", "Tax Invoice", "INVOICE", "Commercial Invoice", "Sales Invoice", "Bill"),
    "de": ("Rechnung", "Rechnung", "Handelsrechnung"),
    "fr": ("Facture", "FACTURE"),
}
METHODS = ("Bank transfer", "Credit card", "Cash", "Cheque", "VISA", "Direct debit", "PayPal")


def write(d: Draft) -> None:
    """Fill a draft with an invoice."""
    lines = trade.goods(
        d,
        d.rng.choice((1, 1, 2, 3, 5, 8, 12, 18, 24)),
        rate=(rate := d.rng.choice(d.values.place.tax_rates)),
    )
    number = _number(d)
    head = blocks.title(d, d.rng.choice(TITLES.get(d.values.place.language, TITLES["en"])))
    meta = blocks.pairs(d, _meta(d, number))
    parties = [trade.buyer(d)]
    if d.chance(0.3):
        parties.append(trade.buyer(d, "ship_to", "ship_address"))
    seller = trade.seller(d)
    if d.chance(0.4):
        top = blocks.side_by_side(d, [seller, blocks.stack([head, meta], 8)])
        second = blocks.side_by_side(d, parties, even=True)
    else:
        top = blocks.side_by_side(d, [seller, head])
        second = blocks.side_by_side(d, [*parties, meta])
    foot = [_bank(d), _remark(d)]
    d.rng.shuffle(foot)
    d.body = blocks.page(
        d,
        top,
        second,
        trade.goods_table(d, lines),
        _sums(d, lines, rate),
        *foot,
        gap=d.rng.uniform(8, 22),
    )
    d.ask_text("paid_cash", "no", "Was it paid in cash?") if "cash" not in d.facts else None


def _number(d: Draft) -> str:
    return d.values.code()


def _meta(d: Draft, number: str) -> list[Pair]:
    """The numbers and dates that head an invoice; due and invoice date are often equal."""
    v = d.values
    issued, due = v.today, v.day(0, 0) if d.chance(0.3) else v.day(7, 60)
    texts = {
        "invoice_number": number,
        "invoice_date": v.date(issued),
        "due_date": v.date(due),
        "order_number": v.code(),
        "order_date": v.date(issued if d.chance(0.3) else v.day(-40, -1)),
        "delivery_date": v.date(issued if d.chance(0.4) else v.day(-10, 10)),
        "customer_number": v.code(),
        "reference": v.code(),
        "terms": v.pick("terms"),
        "payment_method": d.rng.choice(METHODS),
        "salesperson": v.person(),
        "currency": v.currency if v.currency.isalpha() and len(v.currency) > 2 else "",
        "tax_rate": "",
        "buyer_tax_id": v.tax_id(),
    }
    chances = {
        "invoice_number": 0.95,
        "invoice_date": 0.95,
        "due_date": 0.55,
        "order_number": 0.45,
        "currency": 0.5,
        "buyer_tax_id": 0.12,
    }
    items = [
        d.pair(name, d.fact(name, text))
        for name, text in texts.items()
        if text and d.chance(chances.get(name, 0.22))
    ]
    if d.chance(0.2):
        items.append(
            trade.date_range(d, "period", "period_start", "period_end", -45, -d.rng.randint(0, 15))
        )
    items += _dispatch(d)
    if d.chance(0.5):
        d.rng.shuffle(items)
    return items


def _dispatch(d: Draft) -> list[Pair]:
    """Say at times how the goods were sent; drawn apart, so that the page is else the same."""
    asker = d.asker
    texts = {
        "delivery_note_number": f"{asker.choice(('LS-', 'DN', ''))}{asker.randrange(10**6):06}",
        "carrier": asker.choice(trade.CARRIERS),
        "weight": f"{d.values.number(asker.uniform(1, 900), 1)} kg",
        "packages": str(asker.randint(1, 40)),
    }
    return [
        d.pair(name, d.fact(name, text)) for name, text in texts.items() if asker.random() < 0.1
    ]


def _sums(d: Draft, lines: list[trade.Line], rate: float) -> str:
    """Subtotal to balance; without tax, subtotal and total are the same amount."""
    net = round(sum(line.amount for line in lines), 2)
    rows: list[tuple[str, Run]] = []
    chosen = {name: d.chance(0.2) for name in ("discount", "shipping", "amount_paid")}
    subtotal, total = net, net
    if rate or d.chance(0.6) or any(chosen.values()):
        rows.append(("subtotal", d.money("subtotal", subtotal)))
    if chosen["discount"]:
        discount = round(net * d.rng.choice((0.02, 0.05, 0.1)), 2)
        total -= discount
        rows.append(("discount", d.money("discount", -discount if d.chance(0.5) else discount)))
    if chosen["shipping"]:
        shipping = d.values.price(4, 80)
        total += shipping
        rows.append(("shipping", d.money("shipping", shipping)))
    if rate or d.chance(0.3):
        tax = round(total * rate, 2)
        total += tax
        if d.chance(0.3):
            rows.append(("tax_rate", d.fact("tax_rate", d.values.percent(rate))))
        rows.append(("tax", d.money("tax", tax)))
    total = round(total, 2)
    rows.append(("total", d.money("total", total)))
    if chosen["amount_paid"]:
        paid = round(total * d.rng.choice((1.0, 0.5, 0.3)), 2)
        rows.append(("amount_paid", d.money("amount_paid", paid)))
        rows.append(("amount_due", d.money("amount_due", round(total - paid, 2))))
        d.labels["amount_due"] = d.rng.choice(("Balance Due", "Amount Due", "Outstanding"))
    return trade.totals(d, rows)


def _bank(d: Draft) -> str:
    if not d.chance(0.4):
        return ""
    v = d.values
    items = [
        d.pair("bank", d.fact("bank", f"{v.fake.last_name()} Bank")),
        d.pair(
            "iban", d.fact("iban", v.fake.iban() if v.decimal_comma else v.code("####-####-##"))
        ),
    ]
    if d.chance(0.6):
        items.append(d.pair("bic", d.fact("bic", v.code("@@@@@@##"))))
    return blocks.pairs(d, items) if d.chance(0.5) else blocks.in_line(d, items)


def _remark(d: Draft) -> str:
    texts = (
        "Thank you for your business!",
        "Goods remain our property until paid in full.",
        "Please quote the invoice number with your payment.",
        "Payment by cheque or bank transfer only.",
        "Interest of 1.5% per month is charged on overdue accounts.",
        "E. & O. E.",
        "Zahlbar ohne Abzug.",
        "All prices in local currency. Goods sold are not returnable.",
        "This is a computer generated invoice, no signature is required.",
    )
    count = d.rng.choice((0, 1, 1, 2, 3))
    return (
        blocks.stack([blocks.note(d, text) for text in d.rng.sample(texts, count)], 3)
        if count
        else ""
    )
