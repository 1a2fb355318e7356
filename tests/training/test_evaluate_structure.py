"""Structure on pages that were scored by hand, and how it is read from a model's scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import small_pages as pages
from support import tiny_config

from docx_cli.document import Box, Cell, DocumentResult, Page, Table, Word
from docx_cli.key_values import key_values
from docx_cli.word_scores import WindowScores, WordScores
from docx_models.scores import as_structure_table, structure_summary
from docx_models.structure import (
    Entity,
    Found,
    GoldPage,
    Tally,
    add_up,
    gold_table,
    match,
    tallies,
)
from docx_models.systems import read_alone, read_printed

WORDS = tuple(pages.lines("Name   Ada Berg", "Date   1 May 2020", "Total   9.00"))
NAME, ADA, BERG, DATE, ONE, MAY, YEAR, TOTAL, NINE = WORDS
PAGE = GoldPage(
    1,
    WORDS,
    (
        Entity("key", (NAME,)),
        Entity("value", (ADA, BERG)),
        Entity("key", (DATE,)),
        Entity("value", (ONE, MAY, YEAR)),
        Entity("header", (TOTAL,)),
        Entity("other", (NINE,)),
    ),
    ((0, 1), (2, 3), (4, 0)),
)


def scored(found: Found, gold: GoldPage = PAGE) -> dict[str, tuple[float, float, float]]:
    return {n: (t.matched, t.found, t.gold) for n, t in tallies(gold, found).items()}


def test_what_is_found_as_it_is_scores_full() -> None:
    found = Found(PAGE.entities or (), ((0, 1), (2, 3)))
    figures = scored(found)
    assert figures["words"] == (7, 7, 7)
    assert figures["entities"] == figures["exact"] == (4, 4, 4)
    assert figures["links"] == figures["fields"] == (2, 2, 2)
    assert figures["all_links"] == (2, 2, 3)  # a heading's link is none the tool gives
    assert "cells" not in figures  # nobody labelled tables


def test_half_of_the_words_make_an_entity_but_no_field() -> None:
    found = Found(
        (
            Entity("key", (NAME,)),
            Entity("value", (ADA,)),  # IoU 1/2
            Entity("value", (DATE,)),  # another label
            Entity("value", (YEAR,)),  # IoU 1/3
        ),
        ((0, 1), (0, 3)),
    )
    assert scored(found) == {
        "words": (3, 4, 7),
        "entities": (2, 4, 4),
        "exact": (1, 4, 4),
        "links": (1, 2, 2),
        "all_links": (1, 2, 3),
        "fields": (0, 2, 2),
    }


def test_two_halves_are_one_entity_at_most() -> None:
    found = Found((Entity("value", (ADA,)), Entity("value", (BERG,))))
    assert scored(found)["entities"] == (1, 2, 4)


def test_words_that_were_read_otherwise_stand_for_those_they_cover() -> None:
    joined = Word("AdaBerg", Box.around([ADA.box, BERG.box]))
    middle = (NAME.box.x0 + NAME.box.x1) / 2
    left = Word("Na", Box(NAME.box.x0, NAME.box.y0, middle, NAME.box.y1))
    right = Word("me", Box(middle, NAME.box.y0, NAME.box.x1, NAME.box.y1))
    speck = Word("~", Box(0.99, 0.99, 1.0, 1.0))
    found = Found((Entity("key", (left, right)), Entity("value", (joined, speck))), ((0, 1),))
    figures = scored(found)
    assert figures["words"] == (3, 4, 7)
    assert figures["entities"] == (2, 2, 4)
    assert figures["exact"] == (1, 2, 4)  # the speck is a wrong word of its own
    assert figures["links"] == (1, 1, 2)
    assert figures["fields"] == (1, 1, 2)  # spaces and specks are no part of a text


def test_matching_takes_the_most_alike_first() -> None:
    first, second = frozenset({1, 2, 3}), frozenset({1, 2, 3, 4})
    assert match([first, second], [second]) == {1: 0}


def place(row: int, column: int) -> dict[str, int]:
    return {"row": row, "column": column, "row_span": 1, "column_span": 1}


def table_of(rows: Sequence[Sequence[Word]]) -> Table:
    cells = [
        Cell(r, c, 1, 1, "body", word.text, word.box, 1.0, 1)
        for r, row in enumerate(rows)
        for c, word in enumerate(row)
    ]
    return Table(1, Box.around(c.box for c in cells), tuple(cells), 1.0)


def test_tables_are_scored_where_they_are_labelled() -> None:
    words = tuple(pages.lines("a   b", "c   d"))
    a, b, c, d = words
    gold = gold_table([(place(i // 2, i % 2), [word]) for i, word in enumerate(words)])
    page = GoldPage(1, words, None, (), (gold,))
    right = scored(Found(tables=(table_of([[a, b], [c, d]]),)), page)
    assert right == {
        "adjacency": (4, 4, 4),
        "grits_con": (4, 4, 4),
        "grits_top": (4, 4, 4),
        "cells": (4, 4, 4),
    }
    turned = scored(Found(tables=(table_of([[a, c], [b, d]]),)), page)
    assert turned["cells"] == (4, 4, 4)
    assert turned["adjacency"] == (0, 4, 4)
    assert turned["grits_top"] == (4, 4, 4)
    assert scored(Found(), page)["grits_con"] == (0, 0, 4)
    assert scored(Found(tables=(table_of([[a, b], [c, d]]),)), GoldPage(1, words, tables=())) == {
        "adjacency": (0, 4, 0),
        "grits_con": (0, 4, 0),
        "grits_top": (0, 4, 0),
        "cells": (0, 4, 0),
    }


def test_f1_is_the_harmonic_mean() -> None:
    tally = Tally(2, 4, 3)
    assert (tally.precision, tally.recall) == (pytest.approx(1 / 2), pytest.approx(2 / 3))
    assert tally.f1 == pytest.approx(2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3))
    assert (Tally().f1, Tally(0, 1, 0).f1) == (1.0, 0.0)


def test_the_summary_adds_counts_up_not_scores() -> None:
    documents = [{"links": Tally(1, 1, 1)}, {"links": Tally(0, 3, 3), "words": Tally(1, 1, 1)}]
    assert add_up(documents)["links"] == Tally(1, 4, 4)
    figures = structure_summary(documents)
    assert figures["links"]["f1"] == pytest.approx(1 / 4)
    assert (figures["links"]["low"], figures["links"]["high"]) == (0.0, 1.0)
    assert set(figures) == {"links", "words"}
    text = as_structure_table("title", {"one": documents, "two": documents[:1]}, 80, False)
    assert "links 4 25.0 [0-100] 100.0 [100-100]" in " ".join(text.split())


def test_a_value_has_one_key_and_the_tool_gives_only_what_is_in_a_pair() -> None:
    config = tiny_config()
    tags = np.array([[tag == t for tag in config.tags] for t in ("key", "value", "value", "key")])
    relations = np.full((len(config.relations), 4, 4), -4.0)
    relations[config.relations.index("same_cell"), 1:3, 1:3] = 4.0
    relations[config.relations.index("key_value")][np.ix_([0, 3], [1, 2])] = [[4.0], [2.0]]
    window = WindowScores(np.arange(4), tags.astype(float), relations)
    scores = WordScores.joined((NAME, ADA, BERG, DATE), [window], config)
    alone = read_alone(1, scores)
    assert [(e.label, e.text) for e in alone.entities] == [
        ("key", "Name"),
        ("key", "Date"),
        ("value", "Ada Berg"),
    ]
    assert alone.links == ((0, 2),)
    result = DocumentResult("", None, "ok", key_values=tuple(key_values(Page(1, 0, 0), scores)))
    tool = read_printed(result)
    assert [(e.label, e.text) for e in tool.entities] == [("key", "Name"), ("value", "Ada Berg")]
    assert tool.links == ((0, 1),)
