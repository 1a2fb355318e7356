"""Questions of other kinds of documents: never one that the page might answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import support

from docx_cli.document import Box, Word
from docx_models.foreign import STEMS, Foreign
from docx_models.records import PageRecord
from docx_models.synth import FAMILIES, data
from docx_models.synth.fields import FIELDS
from docx_models.synth.records import draft


def page(text: str, *asked: str) -> PageRecord:
    """A page of these words, asked for these fields already."""
    words = tuple(Word(w, Box(0.1, 0.1, 0.2, 0.2)) for w in text.split())
    questions = tuple(replace(support.gold([(0, 0, 1)]), field=name) for name in asked)
    return PageRecord("p", "letter", words, None, questions, (), (), ())


def drawn(record: PageRecord, seed: int = 0) -> set[str]:
    """All fields that a page may be asked for."""
    return {q.field for q in Foreign().draw(record, len(STEMS), np.random.default_rng(seed))}


def test_every_field_is_one_that_the_generator_knows() -> None:
    assert set(STEMS) <= set(FIELDS)


@pytest.fixture(scope="module")
def held() -> set[str]:
    """The fields that pages of training hold, of forty drafts a family."""
    return {name for f in FAMILIES for seed in range(40) for name in draft(f, seed).facts}


def test_only_what_pages_of_training_can_hold_is_asked(held: set[str]) -> None:
    """What is always absent would be refused wherever it stands."""
    assert set(STEMS) <= held


def test_what_pages_of_training_lack_stands_on_others_of_them(held: set[str]) -> None:
    known = data.load("families.toml")
    asked = {name for family in FAMILIES for name in known[family]["absent"].split()}
    assert asked <= held


def test_a_page_that_says_nothing_lacks_all_of_them() -> None:
    assert drawn(page("Kind regards")) == set(STEMS)


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("Patients: 12", {"patient"}),
        ("geboren am 1.2.1970 GEB.", {"date_of_birth"}),
        ("2 Zählerstand", {"meter_number", "current_reading"}),
        ("Faktura-Nr. 12", {"invoice_number"}),
        ("N° de compteur", {"meter_number", "current_reading"}),
    ],
)
def test_a_word_that_might_introduce_it_keeps_a_field_from_being_asked(
    text: str, lacking: set[str]
) -> None:
    assert not drawn(page(text)) & lacking


def test_what_the_page_is_asked_for_anyway_and_what_is_near_it_is_left_alone() -> None:
    found = drawn(page("Kind regards", "salary", "account_number"))
    assert "salary" not in found
    assert not {n for n in found if {"salary", "account_number"} & set(FIELDS[n].near)}


def test_fields_differ_and_their_number_is_kept() -> None:
    rng = np.random.default_rng(3)
    found = Foreign().draw(page("Kind regards"), 2, rng)
    assert len({q.field for q in found}) == 2
    assert all(q.kind == "absent" and not q.occurrences and q.question for q in found)
    assert Foreign().draw(page("Kind regards"), 0, rng) == []


def test_rows_ask_them_as_absent_within_the_questions_of_a_page() -> None:
    record = page("Kind regards from all of us", "title", "sender", "subject")
    rng = np.random.default_rng(1)
    rows = [support.maker(questions=3, foreign=2).draw(record, rng) for _ in range(8)]
    absent = [[q.outcome for q in row.questions].count("absent") for row in rows]
    # The tiny encoding has no room for every wording.
    assert max(absent) == 2
    assert max(len(row.questions) for row in rows) == 3
