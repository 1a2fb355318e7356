"""Pairs of keys and values from hand-made tags and links."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import small_pages as pages
from word_scores import ideal, together

from docx_cli.document import Box
from docx_cli.key_values import key_values
from docx_cli.word_scores import WordScores

FORM = pages.lines(
    "Invoice No.    17",
    "Ship to        Anna Berg",
    "thank you",
)
"""Words 0, 1: key, 2: value; 3, 4: key, 5, 6: value; 7, 8: other."""

TAGGED = {"key": (0, 1, 3, 4), "value": (2, 5, 6)}


def form(**changed: object) -> WordScores:
    related = {
        "same_cell": together((0, 1), (3, 4), (5, 6)),
        "key_value": [((0, 1), (2,)), ((3, 4), (5, 6))],
    } | changed
    return ideal(FORM, TAGGED, **related)  # type: ignore[arg-type]


def test_keys_and_values_are_paired() -> None:
    found = key_values(2, form())
    assert [(p.key.text, p.value.text) for p in found] == [
        ("Invoice No.", "17"),
        ("Ship to", "Anna Berg"),
    ]


def test_each_side_has_its_page_words_and_box() -> None:
    second = key_values(2, form())[1].value.evidence
    assert second.page == 2
    assert second.words == FORM[5:7]
    assert second.box == Box.around(w.box for w in FORM[5:7])


def test_the_confidence_is_of_link_and_tags_together() -> None:
    scores = form()
    found = key_values(1, scores)[0]
    key, value = scores.tag("key")[[0, 1]].mean(), scores.tag("value")[2]
    link = scores.relation("key_value")[:2, 2].mean()
    assert found.confidence == pytest.approx(link * key * value)
    assert 0.6 < found.confidence < 1.0


def test_a_value_without_a_link_is_no_pair() -> None:
    found = key_values(1, form(key_value=[((0, 1), (2,))]))
    assert [p.value.text for p in found] == ["17"]


def test_a_value_takes_the_key_it_is_linked_to_most() -> None:
    scores = form(key_value=[((0, 1), (2,)), ((3,), (2,)), ((3, 4), (5, 6))])
    assert key_values(1, scores)[0].key.text == "Invoice No."


def test_links_have_a_direction() -> None:
    assert key_values(1, form(key_value=[((2,), (0, 1)), ((5, 6), (3, 4))])) == []


def test_one_key_may_have_several_values() -> None:
    scores = form(same_cell=together((0, 1), (3, 4)))
    found = key_values(1, scores)
    assert [(p.key.text, p.value.text) for p in found][1:] == [
        ("Ship to", "Anna"),
        ("Ship to", "Berg"),
    ]


def test_a_page_without_keys_or_without_words_has_no_pairs() -> None:
    assert key_values(1, ideal(FORM, {"value": (2, 5, 6)})) == []
    assert key_values(1, ideal((), {})) == []


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
