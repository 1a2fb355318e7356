"""What printed texts say, and what remains open."""

import datetime
import json
import subprocess
import sys
from decimal import Decimal

import pytest
from cli_support import ROOT

from docx_cli.conventions import Conventions, conventions
from docx_cli.document import Money
from docx_cli.errors import UsageError
from docx_cli.values import as_plain, guess, read

OPEN = Conventions()
GERMAN = Conventions("dmy", ",", ("EUR",))


def day(year, month, number):
    return datetime.date(year, month, number)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2023-03-14", day(2023, 3, 14)),
        ("2023/3/4", day(2023, 3, 4)),
        ("25/12/2021", day(2021, 12, 25)),
        ("12/25/21", day(2021, 12, 25)),
        ("98/12/25", day(1998, 12, 25)),
        ("03.04.2021", day(2021, 4, 3)),
        ("31. 12. 2020", day(2020, 12, 31)),
        ("March 14, 2023", day(2023, 3, 14)),
        ("14th of March, 2023", day(2023, 3, 14)),
        ("14-Mar-23", day(2023, 3, 14)),
        ("14. März 2023", day(2023, 3, 14)),
        ("1er janvier 2023", day(2023, 1, 1)),
        ("3 de mayo de 2021", day(2021, 5, 3)),
        ("Mon, 14 Mar 2023 10:22 AM", day(2023, 3, 14)),
        ("03/14/2023 10:22", day(2023, 3, 14)),
        ("04/04/2021", day(2021, 4, 4)),
        ("03/04/2021", None),
        ("12/03/04", None),
        ("31/02/2021", None),
    ],
)
def test_dates(text, said):
    assert guess(text, OPEN)[1] == (said or (None if "31/02" not in text else text))
    assert read("date", text, OPEN).value == said


def test_which_way_a_date_is_meant_is_left_open_or_known():
    assert read("date", "03/04/2021", OPEN) == read("date", "03-04-2021", OPEN)
    assert read("date", "03/04/2021", OPEN).ambiguous
    assert not read("date", "soon", OPEN).ambiguous
    assert read("date", "03/04/2021", Conventions("dmy")).value == day(2021, 4, 3)
    assert read("date", "03/04/2021", Conventions("mdy")).value == day(2021, 3, 4)
    assert read("date", "25/12/2021", Conventions("mdy")).value == day(2021, 12, 25)
    assert read("date", "20230314", OPEN).value == day(2023, 3, 14)
    assert read("date", "from 12/31/2020 to 01/15/2021", OPEN).ambiguous


@pytest.mark.parametrize(
    ("text", "kind", "amount", "currency"),
    [
        ("$118.80", "money", "118.80", "USD"),
        ("1.234,56 €", "money", "1234.56", "EUR"),
        ("$1,234", "money", "1234", "USD"),
        ("CHF 1'234.50", "money", "1234.50", "CHF"),
        ("RM12.50", "money", "12.50", "MYR"),
        ("CA$ 12", "money", "12", "CAD"),
        ("kr 100", "money", "100", None),
        ("-4.50", "number", "-4.50", None),
        ("12.50-", "number", "-12.50", None),
        ("(118.80)", "number", "-118.80", None),
        ("118,-", "number", "118", None),
        ("1,50,087.99", "number", "150087.99", None),
        ("1 234,56", "number", "1234.56", None),
        ("0,125", "number", "0.125", None),
    ],
)
def test_amounts(text, kind, amount, currency):
    found = guess(text, OPEN)
    assert found[0] == kind
    assert read("money", text, OPEN).value == Money(Decimal(amount), currency)
    assert (found[1].amount if kind == "money" else found[1]) == Decimal(amount)


def test_numbers_with_two_readings():
    for text in ("1,234", "1.234"):
        assert guess(text, OPEN) == ("number", None)
        assert read("number", text, OPEN).ambiguous
    assert read("number", "1.234", GERMAN).value == 1234
    assert read("number", "1,234", GERMAN).value == Decimal("1.234")
    assert not read("number", "1,234,56", OPEN).ambiguous
    assert read("money", "12.50 and 13.00", OPEN).ambiguous
    assert read("money", "9,41 € 19 %", GERMAN).value == Money(Decimal("9.41"), "EUR")


def test_an_amount_takes_the_one_currency_of_its_document():
    assert read("money", "118,80", GERMAN).value == Money(Decimal("118.80"), "EUR")
    assert read("money", "118,80", Conventions(None, ",", ("CHF", "EUR"))).value.currency is None
    assert read("money", "$5", Conventions(None, ".", ("AUD", "EUR"))).value.currency == "AUD"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("007", "text", "007"),
        ("INV-20417", "text", "INV-20417"),
        ("12345678901234567", "text", "12345678901234567"),
        ("5 Stk", "text", "5 Stk"),
        ("12/31/2020 - 01/05/2021", "text", "12/31/2020 - 01/05/2021"),
        ("Northwind  Ltd", "text", "Northwind Ltd"),
        ("", "text", None),
        ("19 %", "percent", Decimal(19)),
        ("8.25%", "percent", Decimal("8.25")),
        ("yes", "boolean", True),
        ("☐", "boolean", False),
        ("[ ]", "boolean", False),
        ("X", "text", "X"),
        ("\u00a012\u00a0%", "percent", Decimal(12)),
    ],
)
def test_other_values(text, kind, value):
    assert guess(text, OPEN) == (kind, value)


def test_what_is_asked_for_decides():
    assert read("boolean", "X", OPEN).value is True
    assert read("integer", "3,00 Stück", GERMAN).value == 3
    assert read("integer", "3,50", GERMAN).value is None
    assert read("percent", "19", OPEN).value == 19
    assert read("date", "INV-20417", OPEN).value is None
    assert read("number", "INV-20417", OPEN).value == 20417


def test_values_in_json():
    said = [Money(Decimal("118.80"), None), day(2021, 4, 3), Decimal("4.0"), True, None, "x"]
    assert json.dumps([as_plain(value) for value in said]) == (
        '[{"amount": 118.8, "currency": null}, "2021-04-03", 4, true, null, "x"]'
    )
    most = Decimal("1234567890123.45")
    assert json.loads(json.dumps(as_plain(most)), parse_float=Decimal) == most


@pytest.mark.parametrize(
    ("text", "order", "decimal"),
    [
        ("shipped 25/12/2021, ordered 03/04/2021", "dmy", None),
        ("shipped 12/25/2021, ordered 03/04/2021", "mdy", None),
        ("25/12/2021 and 12/25/2021", None, None),
        ("Rechnung der Firma für die Lieferung von Holz und Stahl mit Bitte um", "dmy", ","),
        ("Kuala Lumpur, Malaysia: 10.50", "dmy", "."),
        ("12 Main Street, Boston, MA 02110", "mdy", None),
        ("London, United Kingdom and New York, USA", None, None),
        ("Total 12.00 GBP", "dmy", "."),
        ("the cost of this and of that is to be paid by you", None, "."),
        ("12.345,67 and 1,50", None, ","),
        ("12.50 and 12,50", None, None),
        ("", None, None),
    ],
)
def test_conventions_of_a_document(text, order, decimal):
    found = conventions([text])
    assert (found.order, found.decimal) == (order, decimal)


def test_what_the_user_says_goes_before_hints():
    text = "Boston, MA 02110: 12/25/2021, $12.50"
    assert conventions([text], "de_DE") == GERMAN
    assert conventions([text], "de-DE") == conventions([text], "DE")
    assert conventions([text], "de") == Conventions("dmy", ",")
    for unknown in ("xx", "en_XX", "english"):
        with pytest.raises(UsageError, match="not known"):
            conventions([text], unknown)


def test_the_table_is_what_cldr_says():
    code = [sys.executable, str(ROOT / "tools" / "locale_table.py"), "--check"]
    assert subprocess.run(code, check=False).returncode == 0
