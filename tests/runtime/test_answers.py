"""From scores and decoded tokens to answers with their words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import small_pages as pages
from scored_windows import Span, scored, span, window

from docx_cli.answers import (
    AnswerWith,
    WindowOutcome,
    answer,
    outcome,
    search,
    span_pieces,
    span_text,
)
from docx_cli.decode import Decoded
from docx_cli.document import Answer, Box, Question
from docx_cli.session import Encoded

TOTAL, TAX = span("7.25", 0), span("7.25", 1)
NUT = span("0.25")
QUESTION = Question("What is the total?", "total")


def spell(tokens: Sequence[int]) -> str:
    return str(pages.encoding().tokenizer.decode(list(tokens)))


def generated(text: str, chance: float = 1.0) -> Decoded:
    """What a decoder gives that says a text without copying."""
    ids = pages.encoding().tokenizer.encode(text, add_special_tokens=False).ids
    return Decoded(tuple(ids), (-1,) * len(ids), float(np.log(chance)))


def copied(*places: int) -> Decoded:
    """What a decoder gives that copies text positions of the invoice."""
    ids = window().input_ids
    return Decoded(tuple(int(ids[p]) for p in places), places, 0.0)


def ask(
    *pages_scores: Encoded,
    decoded: Decoded | None = None,
    threshold: float = 0.5,
    answer_with: AnswerWith = "auto",
) -> Answer:
    """Answer from one window a page; fail if the decoder is called without need."""

    def decode(won: WindowOutcome, least: float) -> Decoded | None:
        assert decoded is not None, "the decoder was asked"
        return decoded if decoded.log_probability >= least else None

    outcomes = [outcome(n, e, 0, 1.0) for n, e in enumerate(pages_scores, start=1)]
    calibration = {"found_threshold": threshold}
    return answer(QUESTION, outcomes, calibration, decode, spell, answer_with)


def one(where: Span, chance: float, **rest: float) -> Encoded:
    """A page on which one span has a chance, and most of the rest is absent."""
    return scored({where: chance}, **({"absent": 1.0 - chance} | rest))


def test_the_likeliest_span_is_the_answer() -> None:
    found = ask(scored({TOTAL: 0.8, NUT: 0.15}, absent=0.05))
    assert (found.question, found.name) == ("What is the total?", "total")
    assert (found.text, found.found, found.grounding) == ("7.25", True, "pointer")
    assert found.confidence == pytest.approx(0.8, abs=1e-4)
    word = pages.INVOICE[pages.place(pages.INVOICE, "7.25")]
    assert found.evidence is not None
    assert (found.evidence.page, found.evidence.box, found.evidence.words) == (1, word.box, (word,))


def test_an_unnamed_question_is_its_own_name() -> None:
    asked = Question("what?")
    found = answer(
        asked,
        [outcome(1, one(TOTAL, 0.9), 0, 1.0)],
        {"found_threshold": 0.5},
        lambda won: copied(),
        spell,
    )
    assert found.name == "what?"


def test_equal_texts_add_up() -> None:
    found = ask(scored({TOTAL: 0.3, TAX: 0.25, NUT: 0.4}, absent=0.05))
    assert found.text == "7.25"
    assert found.confidence == pytest.approx(0.55, abs=1e-4)
    assert found.evidence is not None
    assert found.evidence.box == pages.INVOICE[16].box, "the likelier of the two places"


def test_the_best_page_wins_not_the_first() -> None:
    found = ask(one(NUT, 0.6), one(TOTAL, 0.9), one(TAX, 0.7))
    assert found.text == "7.25"
    assert found.evidence is not None
    assert found.evidence.page == 2


def test_pages_compare_through_absent() -> None:
    """A span that shares its page with rivals beats a lone one that absent outweighs."""
    rivals = scored({TOTAL: 0.5, NUT: 0.45}, absent=0.05)
    lone = scored({NUT: 0.6}, absent=0.4)
    found = ask(lone, rivals)
    assert (found.text, found.evidence and found.evidence.page) == ("7.25", 2)


@pytest.mark.parametrize(("threshold", "found"), [(0.35, True), (0.45, False)])
def test_below_the_threshold_nothing_is_found(threshold: float, found: bool) -> None:
    got = ask(one(TOTAL, 0.4), threshold=threshold)
    assert got.found is found
    if not found:
        assert (got.text, got.grounding, got.evidence) == ("", "none", None)
        assert got.confidence == pytest.approx(0.6, abs=1e-4)


@pytest.mark.parametrize(
    ("inside", "text"), [((15, 16), "04"), ((12, 16), "03/04"), ((18, 20), "2024")]
)
def test_a_span_may_cut_a_word(inside: Span, text: str) -> None:
    found = ask(one(inside, 0.9))
    assert found.text == text
    assert found.evidence is not None
    assert [w.text for w in found.evidence.words] == ["03/04/2024"], "evidence is whole words"


def test_a_span_over_words_is_spelled_as_printed() -> None:
    assert span_text(window(), 1, 8) == "ACME Ltd Invoice"
    assert span_text(window(), 3, 5) == "ME L"


def test_a_spans_box_covers_its_words() -> None:
    found = ask(one((TOTAL[0], TOTAL[1] + 1), 0.9))
    assert found.text == "7.25 eur"
    assert found.evidence is not None
    assert found.evidence.box == Box.around(w.box for w in pages.INVOICE[16:18])


def test_the_mark_and_the_question_are_no_answer() -> None:
    asked = window()
    last = len(asked.input_ids) - 1
    assert span_pieces(asked, [0, last]) == []
    found = ask(scored({(0, 0): 0.6, (last, last): 0.2, NUT: 0.15}, absent=0.05))
    assert found.text == "0.25"


def test_a_higher_temperature_is_less_sure() -> None:
    encoded = scored({TOTAL: 0.7, NUT: 0.2}, absent=0.1)
    cold, warm = (outcome(1, encoded, 0, t) for t in (1.0, 2.0))
    assert cold.best is not None
    assert warm.best is not None
    assert warm.best.text == cold.best.text == "7.25"
    assert warm.best.probability < cold.best.probability
    assert warm.absent > cold.absent


COMPOSES = scored({TOTAL: 0.2}, absent=0.1, compose=0.7)


def test_a_composed_answer_of_copied_words_points_at_them() -> None:
    acme, total = span("ACME"), TOTAL
    places = (*range(acme[0], acme[1] + 1), *range(total[0], total[1] + 1))
    found = ask(COMPOSES, decoded=copied(*places))
    assert (found.text, found.grounding) == ("ACME 7.25", "pointer")
    assert found.evidence is not None
    assert [w.text for w in found.evidence.words] == ["ACME", "7.25"]
    assert found.confidence == pytest.approx(0.9, abs=1e-4), "found, times certain tokens"


def test_copied_parts_of_words_are_spelled_in_the_order_copied() -> None:
    found = ask(COMPOSES, decoded=copied(18, 19, 20, 15, 16))
    assert found.text == "2024 04"


def test_a_generated_answer_is_searched_for() -> None:
    found = ask(COMPOSES, decoded=generated("invoice 17", 0.5))
    assert (found.text, found.grounding) == ("invoice 17", "search")
    assert found.evidence is not None
    assert [w.text for w in found.evidence.words] == ["Invoice", "17"]
    assert found.confidence == pytest.approx(0.45, abs=1e-4)


def test_a_partly_copied_answer_is_searched_for() -> None:
    ids = copied(*range(42, 46))
    mixed = Decoded((*ids.tokens, *generated("eur").tokens), (*ids.places, -1), 0.0)
    found = ask(COMPOSES, decoded=mixed)
    assert found.grounding == "search"
    assert found.evidence is not None
    assert [w.text for w in found.evidence.words] == ["7.25", "eur"]


@pytest.mark.parametrize("text", ["yes", "no", "2"])
def test_yes_no_and_small_counts_have_no_evidence(text: str) -> None:
    found = ask(COMPOSES, decoded=generated(text))
    assert (found.text, found.found, found.grounding) == (text, True, "none")
    assert found.evidence is None


def test_a_decoder_that_says_nothing_found_nothing() -> None:
    found = ask(scored({TOTAL: 0.05}, absent=0.25, compose=0.7), decoded=Decoded((), (), 0.0))
    assert (found.text, found.found, found.grounding) == ("", False, "none")


@pytest.mark.parametrize("decoded", [generated("no", 0.1), Decoded((), (), 0.0)])
def test_a_composed_answer_less_likely_than_the_best_span_gives_way(decoded: Decoded) -> None:
    found = ask(COMPOSES, decoded=decoded)
    assert (found.text, found.grounding) == ("7.25", "pointer")


def test_a_decoder_that_comes_to_no_end_leaves_the_best_span_or_nothing() -> None:
    outcomes, calibration = [outcome(1, COMPOSES, 0, 1.0)], {"found_threshold": 0.5}
    heads: tuple[AnswerWith, ...] = ("auto", "decoder")
    auto, alone = (
        answer(QUESTION, outcomes, calibration, lambda won, least: None, spell, head)
        for head in heads
    )
    assert (auto.text, auto.grounding) == ("7.25", "pointer")
    assert (alone.text, alone.found, alone.grounding) == ("", False, "none")


def test_the_head_can_be_chosen() -> None:
    assert ask(COMPOSES, answer_with="spans").text == "7.25"
    sure = scored({TOTAL: 0.95}, absent=0.05)
    assert ask(sure, decoded=generated("no"), answer_with="decoder").text == "no"


def test_search_joins_words_and_overlooks_marks() -> None:
    words = pages.lines("total: $ 1,234.50 (net)")
    found = search(3, words, "1234.50 NET")
    assert found is not None
    assert (found.page, [w.text for w in found.words]) == (3, ["1,234.50", "(net)"])
    assert search(3, words, "234.50") is None, "not inside a word"
    assert search(3, words, "1234.5") is None
