"""Values that OCR misread are found where they stand."""

from __future__ import annotations

import pytest

from docx_models import misread

TEXT = "RECEIPT 1OO2 INDAH G1FT & H0ME DEC0 27 JALAN DEDAP 13. TEL 07-3507405"


@pytest.mark.parametrize(
    ("value", "stands"),
    [
        ("INDAH GIFT & HOME DECO", "INDAH G1FT & H0ME DEC0"),
        ("Indah Gift + Home Deco.", "INDAH G1FT & H0ME DEC0"),
        ("27, JALAN DEDAP", "27 JALAN DEDAP"),
        ("27, JALAN XDEDAP 13", "27 JALAN DEDAP 13"),
        ("INDAHGIFT HME DECO", "INDAH G1FT & H0ME DEC0"),
    ],
)
def test_a_value_with_some_wrong_letters_is_found(value: str, stands: str) -> None:
    found = misread.find(value, TEXT)
    assert found is not None
    assert TEXT[found.start : found.end] == stands


@pytest.mark.parametrize("value", ["07-3507406", "GIFTS", "SOMETHING ELSE ALTOGETHER", "", "..."])
def test_what_is_too_short_a_number_or_too_different_is_not(value: str) -> None:
    assert misread.find(value, TEXT) is None


def test_nothing_is_found_in_an_empty_text() -> None:
    assert misread.find("INDAH GIFT & HOME DECO", " . ") is None


def test_of_two_places_the_likest_is_taken() -> None:
    text = "MOUNTAlN CAFFE LTD and MOUNTAIN CAFE LTD."
    found = misread.find("MOUNTAIN CAFEE LTD", text)
    assert found is not None
    assert text[found.start : found.end] == "MOUNTAIN CAFE LTD"
    assert found.mistakes == pytest.approx(1 / 16)
