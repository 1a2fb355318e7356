"""Tables from the places of words, ruling lines and tags."""

from __future__ import annotations

import numpy as np
import pytest
import small_pages as pages
from word_scores import ideal

from docx_cli.document import Box, Page, Word
from docx_cli.rules import Rules
from docx_cli.tables import tables

PRICES = pages.lines(
    "Our prices",
    "part          price",
    "steel bolt    3.50",
    "nut           0.25",
    "washer        -",
)


def read(words: tuple[Word, ...], rules: Rules | None = None) -> list[list[list[str]]]:
    return [t.grid() for t in tables(Page(1, 0, 0, words=words), rules, None)]


def ruled(across: list[tuple[float, ...]], down: list[tuple[float, ...]]) -> Rules:
    return Rules(np.array(across).reshape(-1, 3), np.array(down).reshape(-1, 3))


def test_words_in_columns_are_a_table_and_its_caption_is_not() -> None:
    (table,) = tables(Page(3, 0, 0, words=PRICES), None, None)
    assert table.page == 3
    assert table.grid() == [
        ["part", "price"], ["steel bolt", "3.50"], ["nut", "0.25"], ["washer", "-"]
    ]  # fmt: skip
    assert [c.kind for c in table.cells] == ["header"] * 2 + ["stub", "body"] * 3
    assert table.box == Box.around(w.box for w in PRICES[2:])
    assert table.basis == ("geometry",)


def test_empty_slots_stay_empty_and_lone_digits_are_kept() -> None:
    words = pages.lines("item   2004   2005", "a      1", "b             7", "c      2      8")
    assert read(words) == [
        [["item", "2004", "2005"], ["a", "1", ""], ["b", "", "7"], ["c", "2", "8"]]
    ]


def test_a_currency_stays_with_its_amount() -> None:
    words = pages.lines("item       sum", "a      $    5", "b      $   17", "c      $  120")
    assert read(words)[0][1:] == [["a", "$ 5"], ["b", "$ 17"], ["c", "$ 120"]]


def test_a_heading_over_two_columns_spans_them() -> None:
    words = pages.lines(
        "           thousands",
        "town    2004     2005",
        "Rome    1200     1300",
        "Bonn     300      310",
    )
    (table,) = tables(Page(1, 0, 0, words=words), None, None)
    top = next(c for c in table.cells if c.text == "thousands")
    assert (top.row, top.column, top.row_span, top.column_span) == (0, 1, 1, 2)


def kinds(*rows: str) -> list[str]:
    """Return the first letters of the kinds, row by row."""
    (table,) = tables(Page(1, 0, 0, words=pages.lines(*rows)), None, None)
    return ["".join(c.kind[0] for c in table.cells if c.row == r) for r in range(table.shape[0])]


def test_headings_of_two_levels_and_years_are_headers() -> None:
    rows = ("Rome    1200     1300", "Bonn     300      310", "Oslo     200      180")
    assert kinds("           thousands", "town    2004     2005", *rows) == [
        "h", "hhh", "sbb", "sbb", "sbb"
    ]  # fmt: skip
    assert kinds(*rows) == ["sbb"] * 3


def test_labels_of_rows_are_words_or_years_beside_numbers() -> None:
    years = ("year    sold    left", "2003      12      80", "2004      15      95")
    assert kinds(*years, "2005      19      99")[1:] == ["sbb"] * 3
    two = ("town    part    sold    left", "Rome    bolt      12      80")
    assert kinds(*two, "        nut        9      75", "Bonn    bolt      31      92")[1:] == [
        "ssbb", "sbb", "ssbb"
    ]  # fmt: skip
    counted = ("1    2    3", "4    5    6", "7    8    9")
    assert kinds(*counted) == ["bbb"] * 3


def test_prose_in_two_columns_is_no_table() -> None:
    rows = ["the first of these is long  and so is the other" for _ in range(5)]
    assert read(pages.lines(*rows)) == []


def test_ruling_lines_make_cells_of_several_lines() -> None:
    words = pages.lines("name      town", "Ada       Rome", "Berg", "Eve       Bonn", "Lund")
    at = [0.04, 0.095, 0.215, 0.335]
    frame = ruled([(y, 0.0, 0.3) for y in at], [(x, at[0], at[-1]) for x in (0.0, 0.18, 0.3)])
    assert read(words, frame) == [[["name", "town"], ["Ada Berg", "Rome"], ["Eve Lund", "Bonn"]]]
    (table,) = tables(Page(1, 0, 0, words=words), frame, None)
    assert table.basis == ("geometry", "rules")
    plain = tables(Page(1, 0, 0, words=words), frame, None, parts=("geometry",))
    assert all("rules" not in t.basis for t in plain)


def test_a_form_is_no_table_where_the_model_says_so() -> None:
    form = ideal(PRICES, {"key": (2, 4, 5, 7, 9), "value": (3, 6, 8, 10)})
    page = Page(1, 0, 0, words=PRICES)
    assert tables(page, None, form) == []
    assert len(tables(page, None, form, parts=("geometry",))) == 1


@pytest.mark.parametrize("words", [(), PRICES[:2], pages.lines("a  1  2")])
def test_too_little_is_no_table(words: tuple[Word, ...]) -> None:
    assert read(words) == []
