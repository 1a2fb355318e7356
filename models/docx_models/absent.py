"""Questions that a real document cannot answer: does the tool say "not found"?

Some ask for what documents of the kind never hold. Others are near misses, which its like often
do hold: they are asked only where no word stands on the pages under which the value could be
given, so that the answer is truly absent. The test rather drops a question than asks one in
doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docx_cli.document import Question
from docx_cli.reading import PageContent
from docx_models.cases import Case, Gold

FOREIGN, NEAR = "absent, foreign", "absent, near miss"
"""Groups of these questions in the figures."""


@dataclass(frozen=True)
class Absent:
    """A field that is asked for unless `words` (a regular expression) stand on the pages."""

    name: str
    question: str
    words: str


_FOREIGN = (
    Absent("iban", "What is the IBAN?", r"iban"),
    Absent("patient", "What is the patient's name?", r"patient"),
    Absent("birth_date", "What is the date of birth?", r"birth|d\.?o\.?b\b"),
    Absent("meter_reading", "What is the meter reading?", r"meter|kwh"),
    Absent("net_pay", "What is the employee's net pay?", r"employee|salar|payroll|\bpay\b"),
    Absent("flight_number", "What is the departure airport?", r"airport|boarding|depart"),
    Absent("policy_number", "What is the insurance policy number?", r"polic|insur"),
)

ABSENT: dict[str, tuple[Absent, ...]] = {
    "adbuy": (
        *_FOREIGN,
        Absent("due_date", "What is the due date?", r"\bdue\b|payable|\bdays\b|terms"),
        Absent("tax", "What is the sales tax?", r"\btax|\bvat\b|\bgst\b"),
        Absent("discount", "What is the discount?", r"disc"),
        Absent("delivery", "What is the delivery address?", r"deliver|ship"),
        Absent("cash", "How much was paid in cash?", r"cash|paid|\bpay"),
        Absent("fax", "What is the fax number?", r"fax|facs"),
        Absent("invoice_number", "What is the invoice number?", r"invoice|\binv\b"),
        Absent("commission", "What is the agency commission?", r"comm|agency|\bnet\b"),
    ),
    "sroie": (
        *_FOREIGN,
        Absent("due_date", "What is the due date?", r"\bdue\b|terms|\bdays\b"),
        Absent("delivery", "What is the delivery address?", r"deliver|ship|sold to|bill to"),
        Absent("discount", "What is the discount?", r"disc|less|rebate|promo|sav"),
        Absent("tip", "How much is the tip?", r"\btip|gratu|serv|svc|s\.?chg"),
        Absent("fax", "What is the fax number?", r"fax"),
        Absent("order_number", "What is the purchase order number?", r"order|\bp\W?o\b"),
        Absent("card_number", "What is the card number?", r"card|visa|master|debit|\*{3}|x{3}"),
        Absent("customer", "Who is the customer?", r"cust|name|attn|memb|m/s|\bto\b|a/c|client"),
    ),
}


def absent_golds(case: Case, contents: Sequence[PageContent]) -> Iterator[Gold]:
    """Yield questions that a case's document cannot answer; none for sets without a list.

    Args:
        case: the document; its gold text lines, where there are any, are looked through too.
        contents: its pages as they were read.
    """
    text = " ".join([c.page.text() for c in contents] + [str(line[0]) for line in case.lines])
    for field in ABSENT.get(case.set, ()):
        if not re.search(field.words, text, re.IGNORECASE):
            group = FOREIGN if field in _FOREIGN else NEAR
            yield Gold(Question(field.question, field.name), field.name, group, "text", ())
