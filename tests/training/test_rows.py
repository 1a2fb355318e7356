"""Labels of hand-made pages: spans, tags and relations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import small_pages as pages
import support

from docx_cli.encode import PageTokens
from docx_models.records import GoldQuestion, Piece
from docx_models.rows import (
    ABSENT,
    COMPOSE,
    IGNORED,
    SPAN,
    UNKNOWN,
    QuestionLabel,
    collate,
    locate,
    perturbed_order,
)

WORDS = pages.INVOICE
SEP = pages.encoding().sep_id
WHOLE = (0, 54)
"""All of the invoice's subwords."""


def word(text: str, nth: int = 0) -> Piece:
    """A piece that is a whole word."""
    return (pages.place(WORDS, text, nth), 0, len(text))


def tokens() -> PageTokens:
    return pages.encoding().tokenize_page(WORDS)


def label(
    gold: GoldQuestion,
    bounds: tuple[int, int] = WHOLE,
    order: list[int] | None = None,
    **options: int,
) -> QuestionLabel:
    """Label one question in a window of the invoice."""
    maker = support.maker(**options)
    page = maker.encoding.tokenize_page(WORDS, order)
    window = maker.encoding.window(page, bounds, [], None)
    return maker.question_label(window, gold)


def copying(*places: int) -> tuple[tuple[int, int], ...]:
    """The target that copies some text positions of the invoice."""
    return (*((int(tokens().ids[p - 1]), p) for p in places), (SEP, -1))


def test_a_word_is_a_span_of_its_subwords() -> None:
    found = label(support.gold([word("7.25", 1)]))
    assert found == QuestionLabel(SPAN, ((50, 3),), copying(50, 51, 52, 53))


def test_several_words_are_one_span() -> None:
    found = label(support.gold([word("ACME"), word("Ltd")]))
    assert found == QuestionLabel(SPAN, ((1, 6),), copying(*range(1, 8)))


@pytest.mark.parametrize(
    ("start", "end", "span"), [(3, 5, (15, 1)), (0, 5, (12, 4)), (6, 10, (18, 2)), (9, 10, (20, 0))]
)
def test_an_answer_may_be_cut_out_of_a_word(start: int, end: int, span: tuple[int, int]) -> None:
    """03/04/2024 is the subwords 0 3 / 0 4 / 2 0 24; one that is touched is taken whole."""
    piece = (pages.place(WORDS, "03/04/2024"), start, end)
    assert label(support.gold([piece])).spans == (span,)


def test_several_occurrences_are_equally_good_and_none_is_copied() -> None:
    found = label(support.gold([word("7.25", 0)], [word("7.25", 1)]))
    assert found == QuestionLabel(SPAN, ((42, 3), (50, 3)))


def test_the_asked_occurrence_is_copied_not_an_equal_string() -> None:
    first, second = (label(support.gold([word("7.25", n)])) for n in (0, 1))
    assert [t for t, _ in first.target] == [t for t, _ in second.target]
    assert [p for _, p in first.target] != [p for _, p in second.target]


def test_parts_that_lie_apart_are_composed_by_copying() -> None:
    found = label(support.gold([word("ACME"), word("total")]))
    assert found == QuestionLabel(COMPOSE, (), copying(1, 2, 3, 4, 41))


def test_parts_out_of_reading_order_are_composed_in_their_order() -> None:
    found = label(support.gold([word("Ltd"), word("ACME")]))
    assert found == QuestionLabel(COMPOSE, (), copying(5, 6, 7, 1, 2, 3, 4))


def test_an_answer_longer_than_a_span_is_composed() -> None:
    found = label(support.gold([word("03/04/2024")]))
    assert found == QuestionLabel(COMPOSE, (), copying(*range(12, 21)))


def test_a_target_that_is_too_long_is_left_out() -> None:
    assert label(support.gold([word("7.25")]), target_tokens=5).target == copying(*range(42, 46))
    assert label(support.gold([word("7.25")]), target_tokens=4).target == ()
    said = support.gold(kind="text", answer="seven")
    assert label(said, target_tokens=4).target == ()


def test_an_answer_partly_outside_the_window_teaches_nothing() -> None:
    assert label(support.gold([word("7.25")]), bounds=(0, 43)) == QuestionLabel(UNKNOWN)
    assert label(support.gold([word("7.25")]), bounds=(43, 54)) == QuestionLabel(UNKNOWN)


def test_an_answer_outside_the_window_is_absent() -> None:
    assert label(support.gold([word("7.25", 1)]), bounds=(0, 40)) == QuestionLabel(ABSENT)


def test_a_whole_occurrence_counts_beside_a_broken_one() -> None:
    both = support.gold([word("7.25", 0)], [word("7.25", 1)])
    found = label(both, bounds=(43, 54))
    assert found.outcome == SPAN
    assert found.spans == ((50 - 43, 3),)
    assert [p for _, p in found.target[:-1]] == [7, 8, 9, 10]


def test_positions_count_from_the_windows_start() -> None:
    assert label(support.gold([word("7.25", 1)]), bounds=(40, 54)).spans == ((10, 3),)


def test_what_is_not_on_the_page_is_absent_or_said() -> None:
    assert label(support.gold(kind="absent")) == QuestionLabel(ABSENT)
    ids = pages.encoding().tokenizer.encode("yes", add_special_tokens=False).ids
    said = label(support.gold(kind="text", answer="yes"))
    assert said == QuestionLabel(COMPOSE, (), ((ids[0], -1), (SEP, -1)))


def test_answers_are_found_in_any_order_of_words() -> None:
    order = list(range(21))[::-1]
    found = label(support.gold([word("7.25", 1)]), order=order)
    assert found.spans == ((2, 3),), "eur comes first, then 7.25"
    apart = label(support.gold([word("ACME"), word("Ltd")]), order=order)
    assert apart.outcome == COMPOSE


def test_locate_counts_what_lies_outside() -> None:
    window = pages.encoding().window(tokens(), (0, 43), [], None)
    assert locate(window, [word("total"), word("7.25")]) == ([41, 42, 43], 2)


TABLE = pages.lines(
    "date    17",
    "qty     unit price",
    "2       7.25",
)
"""Words 0: key, 1: value; a 2 x 2 table of 2 | 3 4 above 5 | 6, one cell of two words."""

CELLS = [
    {"row": 0, "column": 0, "row_span": 1, "column_span": 1, "kind": "header", "words": [2]},
    {"row": 0, "column": 1, "row_span": 1, "column_span": 1, "kind": "header", "words": [3, 4]},
    {"row": 1, "column": 0, "row_span": 1, "column_span": 1, "kind": "body", "words": [5]},
    {"row": 1, "column": 1, "row_span": 1, "column_span": 1, "kind": "body", "words": [6]},
]

LABELS = {
    "segments": ({"label": "key", "words": [0]}, {"label": "value", "words": [1]}),
    "links": ((0, 1),),
    "tables": ({"cells": CELLS},),
}


def matrices(words: int, **related: set[frozenset[int] | tuple[int, int]]) -> dict[str, np.ndarray]:
    """Relations by hand: frozensets join their members both ways, tuples one way."""
    out = {}
    for name, groups in related.items():
        out[name] = np.zeros((words, words), np.float32)
        for group in groups:
            if isinstance(group, tuple):
                out[name][group] = 1.0
            else:
                out[name][np.ix_(sorted(group), sorted(group))] = 1.0
    return out


def relations_of(words: tuple, labels: dict) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    maker = support.maker()
    page = maker.encoding.tokenize_page(words)
    row = maker.label(
        support.record(words, **labels), page, (0, len(page.ids)), [], np.random.default_rng(0)
    )
    assert row.relations is not None
    assert row.picked.tolist() == list(range(len(words)))
    return dict(zip(maker.relations, row.relations, strict=True))


def test_the_relations_of_a_small_table() -> None:
    wanted = matrices(
        7,
        key_value={(0, 1)},
        same_row={frozenset({2, 3, 4}), frozenset({5, 6})},
        same_column={frozenset({2, 5}), frozenset({3, 4, 6})},
        same_cell={frozenset({i}) for i in range(7)} | {frozenset({3, 4})},
    )
    found = relations_of(TABLE, LABELS)
    assert set(found) == set(wanted)
    for name, matrix in wanted.items():
        np.testing.assert_array_equal(found[name], matrix, err_msg=name)


def test_a_spanning_cell_is_in_all_its_rows_and_columns() -> None:
    words = pages.lines("prices  net", "2  7.25  8", "1  3.50  4")
    slots = [(0, 0, 1, 2), (0, 2, 1, 1), (1, 0, 2, 1), (1, 1, 1, 1), (1, 2, 1, 1),
             (2, 1, 1, 1), (2, 2, 1, 1)]  # fmt: skip
    keys = ("row", "column", "row_span", "column_span")
    cells = [
        dict(zip(keys, slot, strict=True)) | {"kind": "body", "words": [i if i < 5 else i + 1]}
        for i, slot in enumerate(slots)
    ]
    found = relations_of(words, {"segments": (), "tables": ({"cells": cells},)})
    columns = {frozenset({0, 2}), frozenset({0, 3, 6}), frozenset({1, 4, 7})}
    rows = {frozenset({0, 1}), frozenset({2, 3, 4}), frozenset({2, 6, 7})}
    wanted = matrices(8, same_row=rows, same_column=columns)
    np.testing.assert_array_equal(found["same_row"], wanted["same_row"])
    np.testing.assert_array_equal(found["same_column"], wanted["same_column"])


def test_tables_are_not_related_to_each_other() -> None:
    cells = [dict(cell, words=[i]) for i, cell in enumerate(CELLS)]
    others = [dict(cell, words=[i + 4]) for i, cell in enumerate(CELLS)]
    words = pages.lines("a b", "c d", "e f", "g h")
    found = relations_of(words, {"segments": (), "tables": ({"cells": cells}, {"cells": others})})
    for matrix in found.values():
        assert not matrix[:4, 4:].any()
        assert not matrix[4:, :4].any()


def test_tags_are_of_segments_and_cells() -> None:
    maker = support.maker()
    page = maker.encoding.tokenize_page(TABLE)
    row = maker.label(support.record(TABLE, **LABELS), page, (0, 12), [], np.random.default_rng(0))
    assert row.word_tags is not None
    assert [maker.tags[t] for t in row.word_tags] == [
        "key", "value", "cell_header", "cell_header", "cell_header", "cell", "cell",
    ]  # fmt: skip


def test_labels_follow_words_into_another_order_and_a_part_of_the_page() -> None:
    maker = support.maker()
    page = maker.encoding.tokenize_page(TABLE, [6, 5, 4, 3, 2, 1, 0])
    whole, part = (
        maker.label(support.record(TABLE, **LABELS), page, bounds, [], np.random.default_rng(0))
        for bounds in ((0, len(page.ids)), (len(page.ids) - 3, len(page.ids)))
    )
    assert whole.word_tags is not None
    assert whole.relations is not None
    assert [maker.tags[t] for t in whole.word_tags][-2:] == ["value", "key"]
    assert whole.relations[maker.relations.index("key_value"), 6, 5] == 1.0
    assert part.relations is not None
    assert len(part.inputs.words) == len(part.picked) == part.relations.shape[1] == 2


def test_an_unlabelled_page_has_no_word_labels() -> None:
    row = support.maker().draw(support.record(TABLE), np.random.default_rng(0))
    assert row.word_tags is None
    assert row.relations is None
    batch = collate([row], 0)
    assert (batch.word_tags == IGNORED).all()


@pytest.mark.parametrize("seed", range(6))
def test_at_most_so_many_words_are_picked(seed: int) -> None:
    maker = support.maker(pair_words=4)
    row = maker.draw(support.record(TABLE, **LABELS), np.random.default_rng(seed))
    assert row.relations is not None
    assert row.relations.shape == (4, 4, 4)
    assert len(set(row.picked.tolist())) == 4
    assert row.picked.tolist() == sorted(row.picked.tolist())


def test_at_most_so_many_questions_are_drawn_each_once() -> None:
    asked = [support.gold([word(text)]) for text in ("ACME", "Ltd", "17", "total", "7.25")]
    row = support.maker(questions=3).draw(support.record(questions=asked), np.random.default_rng(0))
    assert len(row.questions) == len(set(row.questions)) == 3


def test_windows_are_no_longer_than_the_recipe_says() -> None:
    maker = support.maker(page_tokens=20)
    for seed in range(6):
        row = maker.draw(support.record(), np.random.default_rng(seed))
        assert int((row.inputs.groups == 0).sum()) <= 20


def test_a_perturbed_order_holds_every_word_once() -> None:
    page = support.record()
    orders = [perturbed_order(page, np.random.default_rng(seed)) for seed in range(8)]
    assert all(sorted(order) == list(range(21)) for order in orders)
    assert any(order != list(range(21)) for order in orders)


def test_pages_are_shuffled_as_often_as_the_recipe_says() -> None:
    for share, shuffled in ((0.0, False), (1.0, True)):
        maker = support.maker(shuffle=share)
        rows = [maker.draw(support.record(), np.random.default_rng(seed)) for seed in range(8)]
        assert any(r.inputs.page.order != tuple(range(21)) for r in rows) is shuffled


def test_noise_is_drawn_for_the_share_of_pages_asked_for() -> None:
    """A page read with mistakes differs in words or boxes; its row is still a row."""
    page = support.record(WORDS, [support.gold([word("ACME")])])
    clean = support.maker(noise=0.0).draw(page, np.random.default_rng(1))
    changed = 0
    for seed in range(40):
        drawn = support.maker(noise=0.5).draw(page, np.random.default_rng(seed))
        same = drawn.inputs.input_ids.shape == clean.inputs.input_ids.shape
        changed += not (same and (drawn.inputs.boxes == clean.inputs.boxes).all())
    assert 8 <= changed <= 32


def test_a_question_longer_than_the_model_takes_is_not_asked() -> None:
    page = support.record(WORDS, [support.gold([word("ACME")])])
    too_long = replace(page.questions[0], question="why " * pages.CONFIG.max_question_tokens)
    longer = replace(page, questions=(*page.questions, too_long))
    drawn = support.maker().draw(longer, np.random.default_rng(1))
    assert len(drawn.questions) == 1
