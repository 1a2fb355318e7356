"""The hand-written rules, on small pages of every kind they were written for."""

from __future__ import annotations

import pytest
import small_pages as pages

from docx_cli.document import Answer, Page, Question
from docx_models.baseline import COLUMN_BREAK, Finder, make_row


def ask(field: str, *rows: str) -> Answer:
    page = Page(1, 612.0, 792.0, words=pages.lines(*rows))
    return Finder([page]).answer(Question(f"What is the {field}?", field), field)


RECEIPT = (
    "TAX INVOICE",
    "LUCKY HARDWARE",
    "TRADING SDN BHD",
    "(123456-X)",
    "12, JALAN SATU,",
    "TAMAN DUA, 43000 KAJANG",
    "TEL: 03-1234 5678",
    "INV NO: A-2041   DATE: 05/03/2018 10:22",
    "BOLT 3MM   2   4.00   8.00",
    "SUB TOTAL   60.31",
    "ROUNDING   -0.01",
    "RM 60.30",
    "CASH   RM 70.30",
    "CHANGE   RM 10.00",
    "GST SUMMARY   AMOUNT   TAX",
    "TOTAL   56.90   3.41",
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company", "LUCKY HARDWARE TRADING SDN BHD"),
        ("address", "12, JALAN SATU, TAMAN DUA, 43000 KAJANG"),
        ("date", "05/03/2018"),
        ("total", "60.30"),
        ("invoice_number", "A-2041"),
        ("phone", "03-1234 5678"),
    ],
)
def test_a_receipt(field: str, value: str) -> None:
    answer = ask(field, *RECEIPT)
    assert answer.found
    assert answer.text == value
    assert answer.grounding == "search"


ORDER = (
    "WXYZ TV   Invoice #   12345-1   Order #   12345",
    "Alt Order #   999777   Flight Dates   01/18/20 - 01/22/20",
    "Advertiser   Friends of Jo   Product   Ads",
    "1   Spot   6:00 PM   $75.00",
    "Totals   3   $225.00   $191.25",
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contract_num", "12345-1"),
        ("advertiser", "Friends of Jo"),
        ("gross_amount", "$225.00"),
        ("flight_from", "01/18/20"),
        ("flight_to", "01/22/20"),
        ("order_number", "12345"),
    ],
)
def test_an_order_for_advertising(field: str, value: str) -> None:
    assert ask(field, *ORDER).text == value


def test_a_value_below_its_label_may_begin_right_of_its_end() -> None:
    rows = (
        "Schedule Dates                       By Month",
        "                  02/26/20-03/03/20   Mar 2020",
    )
    assert ask("flight_from", *rows).text == "02/26/20"
    assert ask("flight_to", *rows).text == "03/03/20"


def test_a_total_without_cash_is_the_labelled_one() -> None:
    rows = ("SUB TOTAL   9.00", "TOTAL ITEMS   2", "TOTAL   10.60", "TAX SUMMARY", "TOTAL   1.60")
    assert ask("total", *rows).text == "10.60"


def test_other_separators_do_not_make_a_date() -> None:
    assert ask("date", "PART 11/3-21", "19-09-17 15:39").text == "19-09-17"


def test_what_is_not_there_is_not_found() -> None:
    for field in ("total", "date", "iban", "no_such_field"):
        answer = ask(field, "Dear Sir or Madam,", "thank you")
        assert not answer.found
        assert answer.evidence is None


def test_an_empty_document_has_no_answers() -> None:
    finder = Finder([Page(1, 612.0, 792.0)])
    for field in ("company", "address", "total", "date"):
        assert not finder.answer(Question(field), field).found


def test_evidence_names_the_words_and_their_page() -> None:
    first = Page(1, 612.0, 792.0, words=pages.lines("nothing here"))
    second = Page(2, 612.0, 792.0, words=pages.lines("Gross Total   $1,200.00"))
    answer = Finder([first, second]).answer(Question("q"), "gross_amount")
    assert answer.evidence is not None
    assert answer.evidence.page == 2
    assert [w.text for w in answer.evidence.words] == ["$1,200.00"]
    assert answer.evidence.box == second.words[2].box


def test_wide_gaps_part_columns() -> None:
    row = make_row(1, pages.lines("a b    c")[:3])
    assert row.text == f"a b{COLUMN_BREAK}c"
    assert row.hit(0, 3).words == row.words[:2]
