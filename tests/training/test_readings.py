"""OCR's words beside the true ones, and labels carried from these to those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import small_pages as pages
import support

from docx_cli.document import Box, Word
from docx_models.aligning import align, edit_path
from docx_models.readings import Reading, carry
from docx_models.records import PageRecord

TRUE = pages.lines("date   03/04/2024", "total  7.25 eur", "tax    7.25 eur")
DATE, DAY, TOTAL, AMOUNT, CURRENCY = range(5)


def box(first: Word, last: Word | None = None, high: float = 1.0) -> Box:
    around = Box.around([first.box, (last or first).box])
    return replace(around, y1=around.y0 + high * (around.y1 - around.y0))


def texts(record: PageRecord) -> list[str]:
    return [word.text for word in record.words]


def labelled() -> PageRecord:
    cells = [
        {"row": 0, "column": c, "row_span": 1, "column_span": 1, "kind": "body", "words": [5 + c]}
        for c in range(3)
    ]
    return support.record(
        TRUE,
        [
            support.gold([(DAY, 0, 10)], answer="03/04/2024"),
            support.gold([(DAY, 6, 10)], answer="2024"),
            support.gold([(AMOUNT, 0, 4), (CURRENCY, 0, 3)], [(6, 0, 4)], answer="7.25 eur"),
            support.gold(kind="absent"),
            support.gold(kind="text", answer="no"),
        ],
        segments=(
            {"label": "key", "words": [DATE]},
            {"label": "value", "words": [DAY]},
            {"label": "key", "words": [TOTAL]},
            {"label": "value", "words": [AMOUNT, CURRENCY]},
        ),
        links=((0, 1), (2, 3)),
        tables=({"cells": cells},),
    )


def read_as(*words: tuple[str, Box]) -> PageRecord:
    """The page as it is carried where the first lines are read as `words`, the last as printed."""
    read = [Word(text, place) for text, place in words] + list(TRUE[5:])
    return carry(labelled(), align(TRUE, read))


def first_lines(**changed: str) -> list[tuple[str, Box]]:
    return [(changed.get(f"w{i}", w.text), w.box) for i, w in enumerate(TRUE[:5])]


def test_what_is_read_as_printed_keeps_its_labels() -> None:
    assert carry(labelled(), align(TRUE, TRUE)) == labelled()


def test_answers_are_what_their_words_say() -> None:
    carried = read_as(*first_lines(w1="O3/04/2O24", w3="7.25|"))
    assert [q.answer for q in carried.questions] == ["O3/04/2O24", "2O24", "7.25 eur", "", "no"]
    assert carried.questions[2].occurrences == (((3, 0, 4), (4, 0, 3)), ((6, 0, 4),))


def test_a_word_read_as_two_stays_one_value() -> None:
    words = first_lines()
    left, right = TRUE[DAY].box, TRUE[DAY].box
    middle = (left.x0 + left.x1) / 2
    words[1:2] = [("03/04", replace(left, x1=middle)), ("/2024", replace(right, x0=middle))]
    carried = read_as(*words)
    assert [q.answer for q in carried.questions[:2]] == ["03/04 /2024", "2024"]
    assert carried.questions[1].occurrences == (((2, 1, 5),),)
    assert carried.segments is not None
    assert carried.segments[1]["words"] == [1, 2]


def test_two_words_read_as_one_belong_to_the_longer() -> None:
    words = first_lines()
    words[2:4] = [("total7.25", box(TRUE[TOTAL], TRUE[AMOUNT]))]
    carried = read_as(*words)
    assert carried.questions[2].occurrences[0] == ((2, 5, 9), (3, 0, 3))
    assert carried.segments is not None
    assert [s["words"] for s in carried.segments[2:]] == [[2], [3]]


def test_what_is_lost_is_dropped_and_never_absent() -> None:
    words = first_lines()
    del words[1]
    carried = read_as(*words)
    assert [q.kind for q in carried.questions] == ["extract", "absent"], "much was not seen"
    assert carried.segments is not None
    assert [s["label"] for s in carried.segments] == ["key", "key", "value"]
    assert carried.links == ((1, 2),)
    assert align(TRUE, TRUE[:4]).share_seen() == 0.5


@pytest.mark.parametrize("garbage", ["Q5lO4l2OZA", "0"])
def test_an_answer_read_as_another_is_dropped(garbage: str) -> None:
    kinds = [q.kind for q in read_as(*first_lines(w1=garbage)).questions]
    assert kinds == ["extract", "absent", "text"]


def test_cells_keep_the_grid_whole() -> None:
    carried = carry(labelled(), align(TRUE, [*TRUE[:5], TRUE[6]]))
    assert [c["words"] for c in carried.tables[0]["cells"]] == [[], [5], []]


def test_an_unlabelled_page_stays_unlabelled() -> None:
    assert carry(support.record(TRUE), align(TRUE, TRUE)).segments is None


def test_equal_words_are_told_apart_by_their_place() -> None:
    reading = align(TRUE, [TRUE[6], TRUE[3]])
    assert reading.places[3] == tuple((1, c) for c in range(4))
    assert reading.places[6] == tuple((0, c) for c in range(4))


def test_specks_are_nothing_of_the_page() -> None:
    speck = Word("|", Box(0.9, 0.5, 0.91, 0.6))
    assert not any(p for places in align(TRUE, [speck]).places for p in places)


def test_a_box_over_two_lines_goes_to_the_line_it_reads_like() -> None:
    high = Word("total", box(TRUE[TOTAL], high=4.0))
    places = align(TRUE, [high]).places
    assert places[TOTAL] == tuple((0, c) for c in range(5))
    assert not any(places[5])
    smear = Word("-~", box(TRUE[TOTAL], high=4.0))
    assert not any(p for places in align(TRUE, [smear]).places for p in places)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "ac", [(0, 0), (2, 1)]),
        ("abc", "axbc", [(0, 0), (1, 2), (2, 3)]),
        ("m1", "rn1", [(0, 1), (1, 2)]),
        ("S.", "s,", [(0, 0), (1, 1)]),
        ("", "abc", []),
    ],
)
def test_edit_paths(before: str, after: str, path: Sequence[tuple[int, int]]) -> None:
    assert edit_path(before, after) == path


def test_readings_of_nothing() -> None:
    assert align((), ()) == Reading((), ())
    assert align(TRUE[:1], ()).places == ((None,) * 4,)
    assert carry(support.record(TRUE[:1]), align(TRUE[:1], ())).words == ()
    assert np.array(align((), TRUE).places).size == 0
