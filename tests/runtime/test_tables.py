"""Tables from the places of words, ruling lines and tags."""

from __future__ import annotations

import numpy as np
import pytest
import small_pages as pages
from word_scores import CONFIG, TAGS, ideal

from docx_cli.document import Box, Page, Word
from docx_cli.rules import Rules
from docx_cli.tables import tables
from docx_cli.word_scores import WordScores

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


def test_an_amount_with_its_currency_is_a_number() -> None:
    words = pages.lines("item       sum", "a      GBP   5", "b        RM17", "c      120 zł")
    (table,) = tables(Page(1, 0, 0, words=words), None, None)
    assert [c.kind for c in table.cells if c.row > 0] == ["stub", "body"] * 3


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


PIECES = ("2      steel bolt     3.50", "10     nut            0.25", "1      washer            -")


def test_heads_read_as_one_are_divided_where_columns_begin_or_end() -> None:
    assert read(pages.lines("pieces particulars   price", *PIECES))[0][0] == [
        "pieces", "particulars", "price"
    ]  # fmt: skip
    ends = pages.lines("part    in stock sold", "bolt          12    7", "nut            9   11")
    assert read(ends)[0][0] == ["part", "in stock", "sold"]


def test_cells_read_as_one_are_divided_where_others_begin_or_end() -> None:
    words = pages.lines(
        "bolt          12     7", "washer         9    11", "nut        7,250    30"
    )
    wide = [
        Word("123,456", Box(0.33, w.box.y0, w.box.x1, w.box.y1)) if w.text == "30" else w
        for w in words
    ]
    assert read(tuple(wide))[0][2] == ["nut", "7,250", "123,456"]


def spans(*rows: str) -> list[tuple[str, int, int, int, int]]:
    """Return text, row, column and spans of the cells that span several slots."""
    (table,) = tables(Page(1, 0, 0, words=pages.lines(*rows)), None, None)
    return [
        (c.text, c.row, c.column, c.row_span, c.column_span)
        for c in table.cells
        if c.row_span * c.column_span > 1
    ]


def test_a_head_beside_two_levels_spans_both() -> None:
    rows = ("Rome       1200     1300", "Bonn        300      310", "Oslo        200      180")
    two = [("thousands", 0, 1, 1, 2), ("town", 0, 0, 2, 1)]
    assert sorted(spans("            thousands", "town       2004     2005", *rows)) == two
    assert sorted(spans("town        thousands", "           2004     2005", *rows)) == two
    assert spans("town       2004     2005", *rows) == []


def test_a_head_in_the_middle_beside_two_levels_spans_both() -> None:
    rows = ("Rome       1200     1300", "Bonn        300      310", "Oslo        200      180")
    words = pages.lines("            thousands", "           2004     2005", *rows)
    raised = [
        Word(w.text, Box(w.box.x0, 0.09, w.box.x1, 0.12)) if w.text in ("2004", "2005") else w
        for w in words
    ]
    town = Word("town", Box(0.0, 0.07, 0.08, 0.1))
    (table,) = tables(Page(1, 0, 0, words=(town, *raised)), None, None)
    assert table.shape == (5, 3)
    assert [(c.text, c.row_span) for c in table.cells if c.row_span > 1] == [("town", 2)]


def test_words_alone_in_the_middle_are_the_title_of_the_rows_below() -> None:
    rows = ("Rome       1200     1300", "Bonn        300      310")
    words = pages.lines(
        "town       2004     2005", "         inland", *rows, "         coastal", *rows
    )
    (table,) = tables(Page(1, 0, 0, words=words), None, None)
    titles = [(c.row, c.column_span, c.kind) for c in table.cells if c.column_span > 1]
    assert titles == [(1, 3, "body"), (4, 3, "body")]
    assert spans("town       2004     2005", *rows, "inland", *rows) == []
    wrapped = ("1200     Saint     1300", "         Malo", "300      Bonn       310")
    (centred,) = read(pages.lines("sold     town     asked", *wrapped))
    assert ["", "Malo", ""] in centred


def test_headings_span_what_repeats_below_them() -> None:
    rows = (
        "1995    10    11    12    13",
        "2005    20    21    22    23",
        "2015    30    31    32    33",
    )
    heads = ("           Rome        Bonn", "        men   all   men   all")
    assert spans(*heads, *rows) == [("Rome", 0, 1, 1, 2), ("Bonn", 0, 3, 1, 2)]
    over_one = ("        Rome        Bonn", heads[1])
    assert spans(*over_one, *rows) == [("Rome", 0, 1, 1, 2), ("Bonn", 0, 3, 1, 2)]


def test_a_head_that_stands_as_no_column_does_spans_them() -> None:
    rows = ("Rome    1200     1300", "Bonn     300      310", "Oslo     200      180")
    (table,) = tables(Page(1, 0, 0, words=pages.lines("town    all amounts", *rows)), None, None)
    assert [c.column_span for c in table.cells if c.row == 0] == [1, 2]


def kinds(*rows: str) -> list[str]:
    """Return the first letters of the kinds, row by row."""
    (table,) = tables(Page(1, 0, 0, words=pages.lines(*rows)), None, None)
    return ["".join(c.kind[0] for c in table.cells if c.row == r) for r in range(table.shape[0])]


def test_headings_of_two_levels_and_years_are_headers() -> None:
    rows = ("Rome    1200     1300", "Bonn     300      310", "Oslo     200      180")
    assert kinds("           thousands", "town    2004     2005", *rows) == [
        "hh", "hh", "sbb", "sbb", "sbb"
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


def shifted(words: tuple[Word, ...], behind: float, down: float) -> tuple[Word, ...]:
    """Move the words behind a place away from the middle of the table."""
    moved = []
    for word in words:
        x0, y0, x1, y1 = word.box.as_tuple()
        by = (y0 - 0.14) * down if x0 > behind else 0.0
        moved.append(Word(word.text, Box(x0, y0 + by, x1, y1 + by)))
    return tuple(moved)


ROWS = ("Basic      500    Tax         90", "Overtime    80    Pension     40")
MORE = ("Bonus       20    Dues         5", "Travel      10    Advance     30")


def test_tables_side_by_side_are_told_by_their_headings() -> None:
    words = pages.lines("Earned  Amount    Taken   Amount", *ROWS, *MORE)
    assert [t[0] for t in read(words)] == [["Earned", "Amount"], ["Taken", "Amount"]]
    assert [t[-1] for t in read(words)] == [["Travel", "10"], ["Advance", "30"]]
    folded = pages.lines("Kind    Amount    Kind    Amount", *ROWS, *MORE)
    assert [t[0] for t in read(folded)] == [["Kind", "Amount", "Kind", "Amount"]]


def test_tables_side_by_side_are_told_by_uneven_rows() -> None:
    words = pages.lines(*ROWS, *MORE)
    assert [len(t[0]) for t in read(words)] == [4]
    assert [len(t[0]) for t in read(shifted(words, 0.3, 0.1))] == [2, 2]


def test_a_ruling_line_across_makes_one_table_of_two_sides() -> None:
    words = pages.lines("Earned  Amount    Taken   Amount", *ROWS, *MORE)
    assert [len(t[0]) for t in read(words, ruled([(0.095, 0.0, 0.7)], []))] == [4]


def test_a_ruling_line_across_each_side_alone_makes_two_tables() -> None:
    words = pages.lines("Earned  Amount    Taken     Total", *ROWS)
    sides = [(0.095, 0.0, 0.28), (0.095, 0.36, 0.7)]
    assert [len(t[0]) for t in read(words, ruled(sides, []))] == [2, 2]
    assert [len(t[0]) for t in read(words, ruled(sides[:1], []))] == [4]


def test_tables_side_by_side_are_told_by_where_they_end() -> None:
    right = ("                  Dues         5", "                  Advance     30")
    heads = "Earned  Amount    Taken     Total"
    assert [len(t) for t in read(pages.lines(heads, *ROWS, *right))] == [3, 5]
    assert [len(t[0]) for t in read(pages.lines(heads, *ROWS, right[0]))] == [4]
    folded = pages.lines("Kind    Amount    Kind      Total", *ROWS, *right)
    assert [len(t[0]) for t in read(folded)] == [4]


IN = ("Date    Received", "1 May        500", "3 May         80")
OUT = ("Date    Paid", "2 May    90", "4 May    40")


def test_headings_below_numbers_begin_another_table() -> None:
    apart = read(pages.lines(*IN, "Payments made", *OUT))
    assert [t[0] for t in apart] == [["Date", "Received"], ["Date", "Paid"]]
    assert [len(t) for t in apart] == [3, 3]
    assert [len(t) for t in read(pages.lines(*IN, "", *OUT))] == [3, 3]
    # As near as rows, and without a title, they are a table's own.
    assert [len(t) for t in read(pages.lines(*IN, *OUT))] == [6]


def test_numbers_above_headings_are_no_part_of_the_table_but_years_are() -> None:
    table = ("item    price    sum", "bolt       12     24", "nut         3      9")
    assert read(pages.lines("        due    13.50", *table))[0][0] == ["item", "price", "sum"]
    assert read(pages.lines("        2004    2005", *table))[0][0] == ["", "2004", "2005"]


def close(gaps: tuple[float, ...]) -> tuple[Word, ...]:
    """Lines of a number and a unit whose gaps are in heights of the line."""
    words = []
    for row, gap in enumerate(gaps):
        y = 0.1 + 0.05 * row
        words += [
            Word("bolt", Box(0.1, y, 0.2, y + 0.02)),
            Word("12", Box(0.5, y, 0.55, y + 0.02)),
            Word("kg", Box(0.55 + gap * 0.02, y, 0.65, y + 0.02)),
        ]
    return tuple(words)


def columns(words: tuple[Word, ...]) -> list[int]:
    # A page as wide as high, so that gaps can be told in heights.
    return [t.shape[1] for t in tables(Page(1, 500, 500, words=words), None, None)]


def test_narrow_columns_are_cut_where_white_runs_down() -> None:
    assert columns(close((0.5, 0.5, 0.5, 0.5))) == [3]
    assert columns(close((0.5, 0.2, 0.5, 0.2))) == [2]
    assert columns(close((0.25, 0.25, 0.25, 0.25))) == [2]


def test_words_set_far_apart_are_one_cell() -> None:
    words = []
    for row, name in enumerate(("Health insurance", "Union dues", "Old debts", "New debts")):
        y = 0.1 + 0.05 * row
        one, two = name.split()
        words += [
            Word(one, Box(0.1, y, 0.2, y + 0.02)),
            Word(two, Box(0.216, y, 0.3, y + 0.02)),
            Word("bank", Box(0.5, y, 0.6, y + 0.02)),
            Word("transfer", Box(0.616, y, 0.7, y + 0.02)),
            Word("12", Box(0.85, y, 0.9, y + 0.02)),
        ]
    assert columns(tuple(words)) == [3]


def test_text_below_a_table_is_no_part_of_it_where_the_model_says_so() -> None:
    words = pages.lines(
        "part       price", "bolt       3.50", "nut        0.25", "Mathews    034839"
    )
    told = ideal(words, {"cell_header": (0, 1), "cell": range(2, 6), "other": (6, 7)})
    page = Page(1, 0, 0, words=words)
    assert [t.shape for t in tables(page, None, told)] == [(3, 2)]
    assert [t.shape for t in tables(page, None, told, parts=("geometry",))] == [(4, 2)]


def test_text_above_a_table_is_no_part_of_it_where_the_model_says_so() -> None:
    words = pages.lines(
        "Mathews    034839", "bolt       3.50", "nut        0.25", "washer     0.10"
    )
    told = ideal(words, {"other": (0, 1), "cell": range(2, 8)})
    page = Page(1, 0, 0, words=words)
    assert [t.shape for t in tables(page, None, told)] == [(3, 2)]
    assert [t.shape for t in tables(page, None, told, parts=("geometry",))] == [(4, 2)]


def test_headers_above_a_frame_are_part_of_it_where_the_model_says_so() -> None:
    words = pages.lines("part      price", "bolt       3.50", "nut        0.25")
    at = [0.1, 0.155, 0.215]
    frame = ruled([(y, 0.0, 0.35) for y in at], [(x, at[0], at[-1]) for x in (0.0, 0.18, 0.35)])
    page = Page(1, 0, 0, words=words)
    told = [ideal(words, {tag: (0, 1), "cell": range(2, 6)}) for tag in ("cell_header", "header")]
    assert [t.shape for scores in told for t in tables(page, frame, scores)] == [(3, 2), (2, 2)]


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


def test_words_in_a_frame_are_no_table_where_the_model_says_so() -> None:
    at = [0.04, 0.095, 0.155, 0.215]
    frame = ruled([(y, 0.0, 0.3) for y in at], [(x, at[0], at[-1]) for x in (0.0, 0.18, 0.3)])
    found = []
    for born in ("Rome", "1901"):
        words = pages.lines("name      born", f"Ada       {born}", f"Eve       {born}")
        page = Page(1, 0, 0, words=words)
        told = [ideal(words, {tag: range(6)}) for tag in ("other", "cell")]
        found.append([len(tables(page, frame, each)) for each in told])
    assert found == [[0, 1], [1, 1]]


def test_a_form_is_no_table_where_the_model_says_so() -> None:
    form = ideal(PRICES, {"key": (2, 4, 5, 7, 9), "value": (3, 6, 8, 10)})
    page = Page(1, 0, 0, words=PRICES)
    assert tables(page, None, form) == []
    assert len(tables(page, None, form, parts=("geometry",))) == 1


def doubtful(words: tuple[Word, ...]) -> WordScores:
    """What a model says that takes all words for keys and values, and is not sure of it."""
    tags = np.zeros((len(words), len(TAGS)), np.float32)
    tags[:, TAGS.index("key")] = 2.0
    return WordScores.from_logits(words, tags, np.zeros((4, *[len(words)] * 2)), CONFIG)


def test_a_heading_over_numbers_outweighs_a_doubt_that_it_is_a_form() -> None:
    rows = ("Basic        500", "Overtime      80")
    for head, shapes in (("Earned    Amount", [(3, 2)]), ("Grade:        B", [])):
        words = pages.lines(head, *rows)
        assert [
            t.shape for t in tables(Page(1, 0, 0, words=words), None, doubtful(words))
        ] == shapes


def test_a_heading_is_no_part_of_the_first_row_though_no_line_is_ruled_below_it() -> None:
    words = pages.lines("Earned    Amount", "Basic        500", "Overtime      80")
    across = [(y, 0.0, 0.34) for y in (0.04, 0.155, 0.215)]
    frame = ruled(across, [(x, 0.04, 0.215) for x in (0.0, 0.17, 0.34)])
    assert read(words, frame)[0][:2] == [["Earned", "Amount"], ["Basic", "500"]]


def test_a_chart_is_no_table_though_its_title_fills_a_line() -> None:
    chart = pages.lines(
        "7       7",
        "                        7",
        "        7       7",
        "           sold in all",
        "                7       7",
        "7",
        "                        7       7",
    )
    assert read(chart) == []


@pytest.mark.parametrize("words", [(), PRICES[:2], pages.lines("a  1  2")])
def test_too_little_is_no_table(words: tuple[Word, ...]) -> None:
    assert read(words) == []
