"""Grids from hand-made rows, columns and cells, by relations alone."""

from __future__ import annotations

import small_pages as pages
from word_scores import ideal, together

from docx_cli.document import Box, Word
from docx_cli.word_scores import WordScores
from docx_models.relations import related_tables as tables

PAGE = pages.lines(
    "Our prices",
    "part          price",
    "steel bolt    3.50",
    "nut           0.25",
)
"""Words 0, 1: other; 2, 3: header; 4, 5: one cell, 6; 7, 8."""

ROWS = ((2, 3), (4, 5, 6), (7, 8))
COLUMNS = ((2, 4, 5, 7), (3, 6, 8))


def price_list(words: tuple[Word, ...] = PAGE) -> WordScores:
    return ideal(
        words,
        {"cell_header": (2, 3), "cell": (4, 5, 6, 7, 8)},
        same_row=together(*ROWS),
        same_column=together(*COLUMNS),
        same_cell=together((4, 5)),
    )


def test_ideal_relations_give_the_table() -> None:
    (table,) = tables(3, price_list())
    assert table.page == 3
    assert table.shape == (3, 2)
    assert table.grid() == [["part", "price"], ["steel bolt", "3.50"], ["nut", "0.25"]]


def test_headers_are_told_from_bodies() -> None:
    (table,) = tables(1, price_list())
    kinds = {(c.row, c.column): c.kind for c in table.cells}
    assert kinds == {
        (0, 0): "header", (0, 1): "header",
        (1, 0): "body", (1, 1): "body", (2, 0): "body", (2, 1): "body",
    }  # fmt: skip


def test_boxes_cover_the_words() -> None:
    (table,) = tables(1, price_list())
    assert table.box == Box.around(w.box for w in PAGE[2:])
    bolt = next(c for c in table.cells if c.text == "steel bolt")
    assert bolt.box == Box.around(w.box for w in PAGE[4:6])
    assert all(0.5 < c.confidence <= 1.0 for c in table.cells)


def test_places_give_the_order_of_rows_and_columns_whatever_the_order_of_words() -> None:
    order = [8, 2, 6, 0, 5, 3, 7, 1, 4]
    now = {was: i for i, was in enumerate(order)}

    def moved(groups: tuple[tuple[int, ...], ...]) -> list[list[int]]:
        return [[now[i] for i in group] for group in groups]

    scores = ideal(
        [PAGE[i] for i in order],
        {"cell_header": moved(((2, 3),))[0], "cell": moved(((4, 5, 6, 7, 8),))[0]},
        same_row=together(*moved(ROWS)),
        same_column=together(*moved(COLUMNS)),
    )
    (table,) = tables(1, scores)
    rows = [[cell.replace("bolt steel", "steel bolt") for cell in row] for row in table.grid()]
    assert rows == [["part", "price"], ["steel bolt", "3.50"], ["nut", "0.25"]]


def test_cells_of_one_slot_become_one() -> None:
    """Two groups of words in the same row and column are one cell, though not said to be."""
    scores = ideal(
        PAGE,
        {"cell_header": (2, 3), "cell": (4, 5, 6, 7, 8)},
        same_row=together(*ROWS),
        same_column=together(*COLUMNS),
    )
    (table,) = tables(1, scores)
    assert [c.text for c in table.cells if c.row == 1] == ["steel bolt", "3.50"]


def test_an_empty_slot_has_no_cell() -> None:
    scores = ideal(
        PAGE,
        {"cell_header": (2, 3), "cell": (4, 5, 6, 7)},
        same_row=together(*ROWS),
        same_column=together(*COLUMNS),
        same_cell=together((4, 5)),
    )
    (table,) = tables(1, scores)
    assert len(table.cells) == 5
    assert table.grid()[2] == ["nut", ""]


def test_two_tables_stay_apart_from_top_to_bottom() -> None:
    words = pages.lines("a b", "c d", "gap", "e f", "g h")
    scores = ideal(
        words,
        {"cell": (0, 1, 2, 3, 5, 6, 7, 8)},
        same_row=together((0, 1), (2, 3), (5, 6), (7, 8)),
        same_column=together((0, 2), (1, 3), (5, 7), (6, 8)),
    )
    assert [t.grid() for t in tables(1, scores)] == [
        [["a", "b"], ["c", "d"]],
        [["e", "f"], ["g", "h"]],
    ]


def test_a_single_row_is_no_table() -> None:
    words = pages.lines("a b c")
    scores = ideal(words, {"cell": (0, 1, 2)}, same_row=together((0, 1, 2)))
    assert tables(1, scores) == []


def test_a_page_without_cells_has_no_table() -> None:
    assert tables(1, ideal(PAGE, {})) == []
    assert tables(1, ideal((), {})) == []
