"""What is asked of a page: sampled from its facts, keys and tables, and from what it lacks."""

from __future__ import annotations

import random
from collections import Counter

from docx_models.synth.draft import Ask, Draft
from docx_models.synth.fields import FIELDS, worded

KEY_TEMPLATES = (
    "What is the {key}?",
    "What is the {key}?",
    "{key}",
    "{key}:",
    "What does it say for {key}?",
    "What is the value of '{key}'?",
    "{key}?",
    "What is given as {key}?",
)
SECTION_TEMPLATES = (
    "What is the {key} in the section '{section}'?",
    "What is the {key} under {section}?",
    "{section}: {key}",
    "{section} {key}",
)


def questions(d: Draft) -> list[Ask]:
    """Return the page's 8 to 14 questions, in random order.

    About a fifth are absent ones; no two have the same wording.
    """
    rng = d.rng
    count = rng.randint(8, 14)
    pools = {
        "fact": [Ask(FIELDS[name].question(rng), name, runs) for name, runs in d.facts.items()],
        "key": _key_asks(d),
        "own": [ask for ask in d.asks if ask.kind == "extract"],
        "text": [ask for ask in d.asks if ask.kind == "text"],
        "absent": _absent_asks(d),
    }
    for pool in pools.values():
        rng.shuffle(pool)
    weights = {"fact": 44, "key": 14, "own": 16, "text": 7, "absent": 19}
    chosen: list[Ask] = []
    seen: set[str] = set()
    while len(chosen) < count and any(pools.values()):
        names = [name for name, pool in pools.items() if pool]
        ask = pools[rng.choices(names, [weights[name] for name in names])[0]].pop()
        wording = " ".join(ask.question.lower().split())
        if wording not in seen:
            seen.add(wording)
            chosen.append(ask)
    return chosen


def _key_asks(d: Draft) -> list[Ask]:
    """Ask for values by the keys printed beside them; a repeated key needs its section."""
    clean = [(" ".join("".join(r.text for r in key).strip(" :*.?").split()), runs, section)
             for key, runs, section in d.pairs if runs]  # fmt: skip
    counts = Counter(key.lower() for key, _, _ in clean)
    placed = Counter((key.lower(), section) for key, _, section in clean)
    asks = []
    for key, runs, section in clean:
        if not key:
            continue
        key = _recased(d.rng, key)
        if counts[key.lower()] == 1 and key.lower() not in (blank.lower() for blank in d.blank):
            question = d.rng.choice(KEY_TEMPLATES).format(key=key)
        elif section and placed[key.lower(), section] == 1:
            question = d.rng.choice(SECTION_TEMPLATES).format(key=key, section=section)
        else:
            continue
        asks.append(Ask(question, "key", runs))
    return asks


def _recased(rng: random.Random, key: str) -> str:
    """People type a key as it is printed, or in small letters."""
    return key.lower() if rng.random() < 0.3 else key


def _absent_asks(d: Draft) -> list[Ask]:
    """Ask for fields that fit the kind of page but are not on it, and for keys left blank."""
    asks = [ask for ask in d.asks if ask.kind == "absent"]
    for name in ABSENT[d.family]:
        entry = FIELDS[name]
        if name in d.facts or any(near in d.facts for near in entry.near):
            continue
        asks.append(Ask(entry.question(d.rng), name))
    keys = {"".join(r.text for r in key).strip(" :*.?").lower() for key, _, _ in d.pairs}
    for blank in d.blank:
        if blank.lower() not in keys:
            asks.append(Ask(d.rng.choice(KEY_TEMPLATES).format(key=blank), "key"))
            asks.append(Ask(worded(d.rng, blank.lower()), "key"))
    return asks


# Fields that may be asked of a family's page and often are not there.
_TRADE = (
    "due_date order_number order_date delivery_date customer_number reference terms payment_method "
    "buyer ship_to contact salesperson phone fax email website tax_id buyer_tax_id "
    "registration_number bank iban bic subtotal tax tax_rate discount shipping amount_paid "
    "amount_due total iban carrier weight"
)
ABSENT = {
    "invoice": f"{_TRADE} invoice_number invoice_date advertiser flight_start cashier table".split(),
    "purchase_order": f"{_TRADE} invoice_number contract_number flight_end".split(),
    "delivery_note": f"{_TRADE} invoice_number invoice_date driver vehicle packages".split(),
    "receipt": [
        "date",
        "time",
        "total",
        "cashier",
        "register",
        "table",
        "change",
        "cash",
        "rounding",
        "tax",
        "subtotal",
        "discount",
        "phone",
        "fax",
        "tax_id",
        "registration_number",
        "receipt_number",
        "buyer",
        "due_date",
        "order_number",
        "item_count",
        "member",
        "email",
        "website",
        "salesperson",
        "payment_method",
        "seller_address",
        "invoice_number",
        "iban",
        "customer_number",
        "delivery_date",
        "gross_amount",
    ],
    "ad_order": [
        "contract_number",
        "alt_order_number",
        "estimate",
        "advertiser",
        "agency",
        "station",
        "product",
        "gross_amount",
        "commission",
        "net_amount",
        "flight_start",
        "flight_end",
        "period_start",
        "period_end",
        "month",
        "due_date",
        "account_executive",
        "media_buyer",
        "total_spots",
        "invoice_date",
        "order_date",
        "terms",
        "customer_number",
        "phone",
        "email",
        "tax",
        "invoice_number",
        "iban",
    ],
    "statement": [
        "account_number",
        "statement_date",
        "opening_balance",
        "closing_balance",
        "total_credits",
        "total_debits",
        "minimum_payment",
        "credit_limit",
        "due_date",
        "iban",
        "bic",
        "phone",
        "email",
        "website",
        "invoice_number",
        "order_number",
        "tax",
        "discount",
        "contact",
        "customer_number",
        "period_start",
    ],
    "letter": [
        "sender",
        "recipient",
        "letter_date",
        "subject",
        "deadline",
        "meeting_date",
        "meeting_place",
        "salary",
        "start_date",
        "position",
        "policy_number",
        "reference",
        "total",
        "due_date",
        "phone",
        "email",
        "invoice_number",
        "account_number",
        "website",
        "contract_number",
    ],
    "form": [
        "due_date",
        "invoice_number",
        "total",
        "advertiser",
        "iban",
        "email",
        "fax",
        "website",
        "account_number",
        "discount",
        "order_number",
        "cashier",
        "salary",
        "policy_number",
        "terms",
        "tax_id",
    ],
    "report": [
        "total",
        "invoice_number",
        "due_date",
        "advertiser",
        "phone",
        "email",
        "iban",
        "letter_date",
        "contact",
        "discount",
        "order_number",
        "buyer",
        "policy_number",
    ],
    "payslip": [
        "employee_number",
        "pay_date",
        "gross_pay",
        "deductions",
        "net_pay",
        "period_start",
        "period_end",
        "iban",
        "bank",
        "position",
        "salary",
        "phone",
        "total",
        "invoice_number",
        "due_date",
        "tax_id",
        "email",
    ],
}
