"""Ambiguous values: the place that is meant is kept, or none."""

from __future__ import annotations

from docx_models.values import find
from docx_models.weak_labels import narrow


def places(text: str, **values: tuple[str, str]) -> dict[str, list[tuple[int, int]]]:
    return {name: list(find(kind, value, text)) for name, (kind, value) in values.items()}


def test_the_first_pair_of_dates_is_the_period() -> None:
    text = "Flight 01/18/20 - 01/24/20 line 1 01/18/20 9:00 line 2 01/18/20 01/24/20"
    found = places(text, flight_from=("date", "01/18/20"), flight_to=("date", "01/24/20"))
    assert [len(r) for r in found.values()] == [3, 2]
    kept = narrow(found, text)
    assert kept == {"flight_from": [(7, 15)], "flight_to": [(18, 26)]}


def test_a_period_of_one_day_has_two_places() -> None:
    text = "Dates 03/03/20-03/03/20 aired 03/03/20"
    day = ("date", "03/03/20")
    kept = narrow(places(text, flight_from=day, flight_to=day), text)
    assert kept == {"flight_from": [(6, 14)], "flight_to": [(15, 23)]}


def test_places_behind_their_key_are_kept() -> None:
    text = "1 $500.00 x " + "y " * 30 + "Gross Total $500.00 z " + "y " * 30 + "Net $500.00"
    found = places(text, gross_amount=("money", "$500.00"))
    assert len(found["gross_amount"]) == 3
    (kept,) = narrow(found, text)["gross_amount"]
    assert text[: kept[0]].endswith("Gross Total ")


def test_many_places_without_a_key_say_nothing() -> None:
    text = " ".join(["line $500.00 " + "y " * 25] * 4)
    found = places(text, gross_amount=("money", "$500.00"))
    assert narrow(found, text) == {"gross_amount": []}
    few = " ".join(["line $500.00 " + "y " * 25] * 3)
    assert len(narrow(places(few, gross_amount=("money", "$500.00")), few)["gross_amount"]) == 3


def test_one_place_needs_no_key() -> None:
    text = "Bloomberg Inc. somewhere"
    found = places(text, advertiser=("text", "Bloomberg Inc."))
    assert narrow(found, text) == {"advertiser": [(0, 13)]}


def test_a_field_of_ones_own_is_told_by_its_name() -> None:
    text = "cash 50.00 " + "y " * 30 + "Subtotal 50.00 " + "y " * 30 + "TOTAL RM 50.00"
    (kept,) = narrow(places(text, total_due=("money", "50.00")), text)["total_due"]
    assert text[: kept[0]].endswith("TOTAL ")


def test_where_its_name_is_not_printed_all_places_are_kept() -> None:
    text = " ".join(["ACME Ltd " + "y " * 25] * 5)
    assert len(narrow(places(text, seller=("text", "ACME Ltd")), text)["seller"]) == 5
