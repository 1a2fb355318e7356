"""One module for each kind of page; `write` fills a draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from docx_models.synth.draft import Draft
from docx_models.synth.families import (
    ad_order,
    article,
    bank,
    boxed,
    contract,
    form,
    invoice,
    ledger,
    letter,
    office,
    order,
    payslip,
    questionnaire,
    receipt,
    report,
    statement,
    tabular,
    till,
    utility,
    window,
)

_TRADE = {"us": 5, "uk": 2, "my": 2, "de": 2, "fr": 1}


@dataclass(frozen=True, slots=True)
class Writer:
    """How a family's page is written, on which paper, in which countries.

    `content` families are filled from the published set of their own name.
    """

    write: Callable[[Draft], None]
    paper: str = "sheet"
    places: dict[str, int] = field(default_factory=lambda: dict(_TRADE))
    content: bool = False


_ENGLISH = {"us": 2, "uk": 1}

WRITERS = {
    "invoice": Writer(invoice.write),
    "window_invoice": Writer(window.write, places={"de": 4, "fr": 1}),
    "receipt": Writer(receipt.write, "roll", {"my": 12, "us": 4, "uk": 2, "de": 1, "fr": 1}),
    "till": Writer(till.write, "roll", {"my": 5, "us": 3, "uk": 2, "de": 2}),
    "form": Writer(form.write, places={"us": 8, "uk": 2, "my": 1}),
    "office_form": Writer(office.write, places={"us": 1}),
    "tax_form": Writer(boxed.write, places={"us": 6, "uk": 1}),
    "insurance_form": Writer(boxed.write, places={"us": 6, "uk": 1}),
    "medical_form": Writer(boxed.write, places={"us": 6, "uk": 1}),
    "ad_order": Writer(ad_order.write, places={"us": 1}),
    "statement": Writer(statement.write),
    "bank_statement": Writer(bank.write, places={"us": 5, "uk": 3, "my": 1}),
    "letter": Writer(letter.write, places={"us": 5, "uk": 4, "my": 2}),
    "report": Writer(report.write, places={"us": 5, "uk": 4, "de": 1, "fr": 1}),
    "purchase_order": Writer(order.write_purchase_order),
    "quote": Writer(order.write_quote),
    "order_confirmation": Writer(order.write_confirmation),
    "ledger": Writer(ledger.write, places={"us": 4, "uk": 3, "my": 1}),
    "utility_bill": Writer(utility.write),
    "contract_page": Writer(contract.write, places=_ENGLISH),
    "questionnaire": Writer(questionnaire.write, places=_ENGLISH),
    "delivery_note": Writer(order.write_delivery_note),
    "payslip": Writer(payslip.write, places={"us": 4, "uk": 4}),
    "wtq": Writer(tabular.write_table, places=_ENGLISH, content=True),
    "tabfact": Writer(tabular.write_table, places=_ENGLISH, content=True),
    "tatqa": Writer(tabular.write_finance, places=_ENGLISH, content=True),
    "xquad": Writer(article.write, places=_ENGLISH, content=True),
}
HELD_OUT = ("delivery_note", "payslip")
CONTENT = tuple(name for name, writer in WRITERS.items() if writer.content)
MEASURED = ("wtq", "tabfact")
"""Families whose published sets have a split to measure with."""
FAMILIES = tuple(name for name in WRITERS if name not in (*HELD_OUT, *CONTENT))
