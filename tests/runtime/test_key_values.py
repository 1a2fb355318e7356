"""Pairs of keys and values from hand-made tags and links."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import small_pages as pages
from word_scores import ideal, together

from docx_cli.document import ALL_PARTS, Box, Evidence, Page, TextRegion
from docx_cli.key_values import key_values, typed
from docx_cli.word_scores import WordScores

FORM = pages.lines(
    "Invoice No.    17",
    "Ship to        Anna Berg",
    "thank you",
)
"""Words 0, 1: key, 2: value; 3, 4: key, 5, 6: value; 7, 8: other."""

PAGE = Page(1, 0, 0)
TAGGED = {"key": (0, 1, 3, 4), "value": (2, 5, 6)}


def form(**changed: object) -> WordScores:
    related = {
        "same_cell": together((0, 1), (3, 4), (5, 6)),
        "key_value": [((0, 1), (2,)), ((3, 4), (5, 6))],
    } | changed
    return ideal(FORM, TAGGED, **related)  # type: ignore[arg-type]


def test_keys_and_values_are_paired() -> None:
    found = key_values(Page(2, 0, 0), form())
    assert [(p.key.text, p.value.text) for p in found] == [
        ("Invoice No.", "17"),
        ("Ship to", "Anna Berg"),
    ]


def test_each_side_has_its_page_words_and_box() -> None:
    second = key_values(Page(2, 0, 0), form())[1].value.evidence
    assert second.page == 2
    assert second.words == FORM[5:7]
    assert second.box == Box.around(w.box for w in FORM[5:7])


def test_the_confidence_is_of_the_link_its_place_and_the_tags() -> None:
    scores = form()
    beside, alone = (key_values(PAGE, scores, parts)[0] for parts in (ALL_PARTS, ("model",)))
    key, value = scores.tag("key")[[0, 1]].mean(), scores.tag("value")[2]
    link = scores.relation("key_value")[:2, 2].mean()
    assert alone.confidence == pytest.approx(link * (key * value) ** 0.5)
    assert alone.confidence < beside.confidence < 1.0
    assert (alone.basis, beside.basis) == (("model",), ("model", "geometry"))


def test_a_value_without_a_link_is_no_pair() -> None:
    found = key_values(PAGE, form(key_value=[((0, 1), (2,))]))
    assert [p.value.text for p in found] == ["17"]


def test_a_value_takes_the_key_it_is_linked_to_most() -> None:
    scores = form(key_value=[((0, 1), (2,)), ((3,), (2,)), ((3, 4), (5, 6))])
    assert key_values(PAGE, scores)[0].key.text == "Invoice No."


@pytest.mark.parametrize(("linked", "texts"), [(True, {"Gross", "pay"}), (False, {"Gross pay"})])
def test_keys_that_look_like_one_are_two_where_each_has_its_value(
    linked: bool, texts: set[str]
) -> None:
    stacked = pages.lines("Gross    17", "pay      12")
    own = [((0,), (1,)), ((2,), (3,))]
    related = {"same_cell": together((0, 2)), "key_value": own if linked else [((0, 2), (1,))]}
    scores = ideal(stacked, {"key": (0, 2), "value": (1, 3)}, **related)
    found = key_values(PAGE, scores, ("model",))
    assert {pair.key.text for pair in found} == texts


def test_neighbours_in_a_line_are_one() -> None:
    words = pages.lines("Gross pay    17")
    scores = ideal(words, {"key": (0, 1), "value": (2,)}, key_value=[((0, 1), (2,))])
    assert [p.key.text for p in key_values(PAGE, scores)] == ["Gross pay"]


def test_links_have_a_direction() -> None:
    assert key_values(PAGE, form(key_value=[((2,), (0, 1)), ((5, 6), (3, 4))])) == []


def test_one_key_may_have_several_values() -> None:
    words = pages.lines("Ship to    Anna Berg", "           Rome", "           Italy")
    scores = ideal(
        words,
        {"key": (0, 1), "value": (2, 3, 4, 5)},
        key_value=[((0, 1), (2, 3, 4, 5))],
    )
    found = key_values(PAGE, scores)
    assert [(p.key.text, p.value.text) for p in found] == [
        ("Ship to", "Anna Berg"),
        ("Ship to", "Rome"),
        ("Ship to", "Italy"),
    ]


def test_a_weak_tag_is_a_value_where_a_key_asks_for_it() -> None:
    weak = ideal(FORM, {"key": (0, 1, 3, 4)}, key_value=[((0, 1), (2,))])
    tags = weak.tags.copy()
    tags[2, [0, 2]] = 0.6, 0.3  # rather other text than a value
    scores = replace(weak, tags=tags)
    assert [p.value.text for p in key_values(PAGE, scores)] == ["17"]
    unlinked = replace(scores, windows=form(key_value=()).windows)
    assert key_values(PAGE, unlinked) == []


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        (":$3,155.11", "$3,155.11"),
        (": : 17", "17"),
        ("Order / Rev:", "Order / Rev"),
        ("Invoice No.", "Invoice No."),
        ("Total ........ :", "Total"),
        ("Name....", "Name"),
        ("- 12.03.2024", "12.03.2024"),
        ("-5.00", "-5.00"),
        (".5", ".5"),
        ("-", "-"),
        ("12:30", "12:30"),
        ("ref: a-b;", "ref: a-b"),
        ("____", ""),
    ],
)
def test_separators_at_the_ends_are_no_part_of_a_text(printed: str, text: str) -> None:
    evidence = Evidence(1, FORM[0].box, FORM[:1])
    assert typed(TextRegion(printed, evidence)) == TextRegion(text, evidence)


def test_pairs_are_typed_and_their_words_as_printed() -> None:
    words = pages.lines("Total :   :17", "Name :    ____")
    related = {"same_cell": together((0, 1), (3, 4)), "key_value": [((0, 1), (2,)), ((3, 4), (5,))]}
    (pair,) = key_values(PAGE, ideal(words, {"key": (0, 1, 3, 4), "value": (2, 5)}, **related))
    assert (pair.key.text, pair.value.text) == ("Total", "17")
    assert [w.text for w in pair.key.evidence.words] == ["Total", ":"]
    assert [w.text for w in pair.value.evidence.words] == [":17"]


def test_a_page_without_keys_or_without_words_has_no_pairs() -> None:
    assert key_values(PAGE, ideal(FORM, {"value": (2, 5, 6)})) == []
    assert key_values(PAGE, ideal((), {})) == []


def test_tag_probabilities_sum_to_one() -> None:
    scores = form()
    np.testing.assert_allclose(scores.tags.sum(axis=1), 1.0)
    huge = WordScores.from_logits(
        FORM, np.full((9, 6), 1e4, np.float32), np.zeros((4, 9, 9), np.float32), scores.config
    )
    np.testing.assert_allclose(huge.tags, 1 / 6)


def test_tags_go_by_the_models_own_names() -> None:
    scores = form()
    renamed = replace(scores, config=replace(scores.config, tags=scores.config.tags[::-1]))
    assert renamed.tagged("cell_header") == scores.tagged("other")
