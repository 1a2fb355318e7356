"""Purchase orders and delivery notes: goods without or with prices, parties the other way round."""

from __future__ import annotations

from docx_models.synth import blocks
from docx_models.synth.draft import Draft, Pair
from docx_models.synth.families import trade

ORDER_TITLES = {
    "en": ("Purchase Order", "PURCHASE ORDER", "Order", "Order Form"),
    "de": ("Bestellung", "Auftrag"),
    "fr": ("Bon de commande",),
}
NOTE_TITLES = {
    "en": (
        "Delivery Note",
        "Packing Slip",
        "Delivery Order",
        "Packing List",
        "Goods Delivery Note",
    ),
    "de": ("Lieferschein",),
    "fr": ("Bon de livraison",),
}


def write_purchase_order(d: Draft) -> None:
    """Fill a draft with an order: its issuer buys, the party addressed sells."""
    v = d.values
    lines = trade.goods(d, d.rng.choice((1, 2, 4, 7, 11, 16, 22)), rate=0.0)
    head = blocks.title(d, d.rng.choice(ORDER_TITLES.get(v.place.language, ORDER_TITLES["en"])))
    issuer = trade.seller(d, "buyer", "buyer_address")
    vendor = trade.buyer(d, "seller", "seller_address")
    parties = [vendor] + ([trade.buyer(d, "ship_to", "ship_address")] if d.chance(0.5) else [])
    texts = {
        "order_number": (1.0, v.code()),
        "order_date": (0.9, v.date(v.today)),
        "delivery_date": (0.6, v.date(v.today if d.chance(0.3) else v.day(3, 60))),
        "terms": (0.5, v.pick("terms")),
        "reference": (0.3, v.code()),
        "contact": (0.3, v.person()),
        "carrier": (0.2, d.rng.choice(trade.CARRIERS)),
        "payment_method": (0.15, "Bank transfer"),
        "customer_number": (0.2, v.code()),
    }
    total = round(sum(line.amount for line in lines), 2)
    rows = [("total", d.money("total", total))]
    if d.chance(0.5):
        rows.insert(0, ("subtotal", d.money("subtotal", total)))
    _compose(
        d,
        head,
        issuer,
        parties,
        _chosen(d, texts),
        [trade.goods_table(d, lines), trade.totals(d, rows)],
    )


QUOTE_TITLES = {
    "en": ("Quotation", "Quote", "Proposal", "Estimate", "Price Quotation", "Offer"),
    "de": ("Angebot", "Kostenvoranschlag"),
    "fr": ("Devis", "Offre de prix"),
}
CONFIRMATION_TITLES = {
    "en": ("Order Confirmation", "Sales Order", "Order Acknowledgement", "Your Order"),
    "de": ("Auftragsbestätigung",),
    "fr": ("Confirmation de commande",),
}


def write_quote(d: Draft) -> None:
    """Fill a draft with a quote: what goods would cost, and how long that holds."""
    v = d.values
    texts = {
        "quote_number": (1.0, v.code()),
        "quote_date": (0.9, v.date(v.today)),
        "valid_until": (0.8, v.date(v.today if d.chance(0.2) else v.day(7, 90))),
        "delivery_date": (0.3, v.date(v.day(3, 60))),
        "terms": (0.4, v.pick("terms")),
        "customer_number": (0.3, v.code()),
        "reference": (0.3, v.code()),
        "salesperson": (0.5, v.person()),
        "contact": (0.3, v.person()),
        "currency": (0.2, v.pick("USD|EUR|GBP|MYR")),
    }
    _write_sale(d, QUOTE_TITLES, texts)


def write_confirmation(d: Draft) -> None:
    """Fill a draft with the confirmation of an order, with the number either side gave it."""
    v = d.values
    texts = {
        "confirmation_number": (0.9, v.code()),
        "order_number": (0.8, v.code()),
        "order_date": (0.8, v.date(v.today if d.chance(0.3) else v.day(-14, -1))),
        "letter_date": (0.4, v.date(v.today)),
        "delivery_date": (0.7, v.date(v.day(1, 40))),
        "terms": (0.4, v.pick("terms")),
        "payment_method": (0.4, v.pick("VISA|PayPal|Bank transfer|Invoice|Credit card")),
        "carrier": (0.4, d.rng.choice(trade.CARRIERS)),
        "weight": (0.15, f"{v.number(v.price(1, 900), 1)} kg"),
        "packages": (0.15, str(d.rng.randint(1, 40))),
        "customer_number": (0.4, v.code()),
        "email": (0.3, v.fake.email()),
    }
    _write_sale(d, CONFIRMATION_TITLES, texts)


def _write_sale(
    d: Draft, titles: dict[str, tuple[str, ...]], texts: dict[str, tuple[float, str]]
) -> None:
    """Write what a seller offers or confirms: its head, goods, and subtotal to total."""
    rate = d.rng.choice(d.values.place.tax_rates)
    lines = trade.goods(d, d.rng.choice((1, 2, 3, 5, 8, 12, 14)), rate=rate)
    head = blocks.title(d, d.rng.choice(titles.get(d.values.place.language, titles["en"])))
    parties = [trade.buyer(d)]
    if d.chance(0.4):
        # Goods often go where the bill goes: then only the key tells the two apart.
        same = d.chance(0.4)
        parties.append(_same_buyer(d) if same else trade.buyer(d, "ship_to", "ship_address"))
    net = round(sum(line.amount for line in lines), 2)
    shipping = d.values.price(4, 60) if d.chance(0.35) else 0.0
    tax = round((net + shipping) * rate, 2)
    amounts = [("subtotal", net, 0.6), ("shipping", shipping, 1.0 if shipping else 0.1)]
    amounts += [("tax", tax, 0.8 if rate else 0.2)]
    rows = [(name, d.money(name, value)) for name, value, share in amounts if d.chance(share)]
    rows.append(("total", d.money("total", round(net + shipping + tax, 2))))
    rest = [trade.goods_table(d, lines), trade.totals(d, rows)]
    if d.chance(0.3):
        rest.append(blocks.note(d, d.values.fake.paragraph(d.rng.randint(1, 4))))
    _compose(d, head, trade.seller(d), parties, _chosen(d, texts), rest)


def _same_buyer(d: Draft) -> str:
    """The buyer once more, as the one the goods go to."""
    name, address = d.facts["buyer"][0].text, [run.text for run in d.facts["buyer_address"]]
    shown = d.fact_lines("ship_address", address)
    return blocks.party(d, "ship_to", d.fact("ship_to", name), shown)


def write_delivery_note(d: Draft) -> None:
    """Fill a draft with a delivery note: goods without prices."""
    v = d.values
    lines = trade.goods(d, d.rng.choice((1, 2, 4, 7, 11, 16, 22)), priced=False)
    head = blocks.title(d, d.rng.choice(NOTE_TITLES.get(v.place.language, NOTE_TITLES["en"])))
    parties = [trade.buyer(d, "ship_to", "ship_address")] + (
        [trade.buyer(d)] if d.chance(0.4) else []
    )
    texts = {
        "delivery_note_number": (1.0, v.code()),
        "delivery_date": (0.9, v.date(v.today)),
        "order_number": (0.7, v.code()),
        "order_date": (0.4, v.date(v.today if d.chance(0.3) else v.day(-30, -1))),
        "carrier": (0.5, d.rng.choice(trade.CARRIERS)),
        "driver": (0.3, v.person()),
        "vehicle": (0.3, v.code("@@@ ####")),
        "weight": (0.4, f"{v.number(v.price(1, 900), 1)} kg"),
        "packages": (0.4, str(d.rng.randint(1, 40))),
        "customer_number": (0.3, v.code()),
        "reference": (0.2, v.code()),
    }
    tail = [f"Received in good order: {'_' * 24}", "Goods remain our property until paid in full."]
    notes = [blocks.note(d, text) for text in tail if d.chance(0.6)]
    _compose(
        d, head, trade.seller(d), parties, _chosen(d, texts), [trade.goods_table(d, lines), *notes]
    )


def _chosen(d: Draft, texts: dict[str, tuple[float, str]]) -> list[Pair]:
    items = trade.chosen(d, texts)
    if d.chance(0.5):
        d.rng.shuffle(items)
    return items


def _compose(
    d: Draft, head: str, issuer: str, parties: list[str], meta: list[Pair], rest: list[str]
) -> None:
    shown = blocks.pairs(d, meta)
    if d.chance(0.5):
        top = [
            blocks.side_by_side(d, [issuer, blocks.stack([head, shown], 8)]),
            blocks.side_by_side(d, parties, even=True),
        ]
    else:
        top = [blocks.side_by_side(d, [issuer, head]), blocks.side_by_side(d, [*parties, shown])]
    d.body = blocks.page(d, *top, *rest, gap=d.rng.uniform(9, 20))
