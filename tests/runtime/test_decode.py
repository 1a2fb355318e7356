"""Greedy and beam search, driven by steps that were written by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from docx_cli.decode import Decoded, StepScores, beam_search, greedy, log_softmax, mix
from docx_cli.encode import Ints

START, END = 0, 5
VOCABULARY = 6
PAGE: Ints = np.array([1, 3, 3, 4, END])
"""Subwords of the text positions: 3 stands in two places, and an end mark in the last."""

Outcome = tuple[str, int]
"""("say", subword) or ("copy", text position)."""


class Script:
    """A step function that looks up what was decoded so far.

    Args:
        table: for what each hypothesis has done, the probabilities of what it may do next; what
            is not named is all but impossible.
    """

    def __init__(self, table: Mapping[tuple[Outcome, ...], Mapping[Outcome, float]]) -> None:
        self.table = {self.tokens(done): chances for done, chances in table.items()}
        self.rows: list[tuple[int, ...]] = [()]
        self.parents: list[list[int]] = []

    @staticmethod
    def tokens(done: tuple[Outcome, ...]) -> tuple[int, ...]:
        return tuple(i if what == "say" else int(PAGE[i]) for what, i in done)

    def __call__(self, tokens: Ints, parents: Ints) -> StepScores:
        said = [(*self.rows[p], int(t)) for p, t in zip(parents, tokens, strict=True)]
        self.rows, first = said, not self.parents
        self.parents.append(parents.tolist())
        assert all(row[0] == START for row in said) if first else True
        scores = [self.scores(self.table.get(row[1:], {("say", 1): 1.0})) for row in said]
        return StepScores(*(np.stack(parts) for parts in zip(*scores, strict=True)))

    @staticmethod
    def scores(chances: Mapping[Outcome, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        vocabulary = np.full(VOCABULARY, 1e-9, np.float32)
        copied = np.full(len(PAGE), 1e-9, np.float32)
        for (what, i), chance in chances.items():
            (vocabulary if what == "say" else copied)[i] = chance
        gate = np.log(vocabulary.sum() / copied.sum())
        return np.log(vocabulary), np.log(copied), np.float32(gate)


def search(script: Script, width: int, longest: int = 8) -> list[Decoded]:
    return beam_search(script, PAGE, START, END, width=width, longest=longest)


def test_the_mixture_sums_to_one_however_extreme_the_scores() -> None:
    rng = np.random.default_rng(2)
    scores = StepScores(
        (rng.normal(size=(4, 9)) * 50).astype(np.float32),
        np.where(rng.random((4, 7)) < 0.5, -30_000.0, 20.0).astype(np.float32),
        np.array([0.0, 80.0, -80.0, 30_000.0], dtype=np.float32),
    )
    both = mix(scores)
    assert both.shape == (4, 16)
    assert np.isfinite(both).all()
    np.testing.assert_allclose(np.exp(both.astype(np.float64)).sum(axis=1), 1.0, atol=1e-5)


def test_the_gate_shares_out_between_vocabulary_and_page() -> None:
    one = np.zeros((1, 4), np.float32)
    both = np.exp(mix(StepScores(one, one, np.log(np.array([3.0], np.float32)))))
    np.testing.assert_allclose(both[0], [0.75 / 4] * 4 + [0.25 / 4] * 4, atol=1e-6)


def test_log_softmax_does_not_overflow() -> None:
    found = log_softmax(np.array([1e4, 1e4, -1e4], dtype=np.float32))
    np.testing.assert_allclose(found[:2], np.log(0.5), atol=1e-6)


def test_greedy_takes_the_likeliest_outcome_and_multiplies_the_chances() -> None:
    script = Script(
        {
            (): {("copy", 0): 0.6, ("say", 2): 0.4},
            (("copy", 0),): {("say", 4): 0.7, ("say", END): 0.3},
            (("copy", 0), ("say", 4)): {("say", END): 0.9, ("say", 1): 0.1},
        }
    )
    found = greedy(script, PAGE, START, END, longest=8)
    assert found is not None
    assert found.tokens == (1, 4)
    assert found.places == (0, -1)
    assert np.exp(found.log_probability) == pytest.approx(0.6 * 0.7 * 0.9, abs=1e-5)


def garden_path() -> Script:
    """1 looks best at first but leads nowhere in particular; 2 leads to two near certain ends."""
    return Script(
        {
            (): {("say", 1): 0.6, ("say", 2): 0.4},
            (("say", 1),): {("say", i): 0.2 for i in range(1, 6)},
            (("say", 2),): {("copy", 1): 0.55, ("copy", 3): 0.45},
            (("say", 2), ("copy", 1)): {("say", END): 1.0},
            (("say", 2), ("copy", 3)): {("say", END): 0.9, ("say", 1): 0.1},
        }
    )


def test_beams_find_what_greedy_misses() -> None:
    assert search(garden_path(), width=1) == [], "it takes 1, from where it finds no end"
    best, second = search(garden_path(), width=2)
    assert (best.tokens, best.places) == ((2, 3), (-1, 1))
    assert (second.tokens, second.places) == ((2, 4), (-1, 3))
    assert np.exp(best.log_probability) == pytest.approx(0.4 * 0.55, abs=1e-5)
    assert np.exp(second.log_probability) == pytest.approx(0.4 * 0.45 * 0.9, abs=1e-5)


def test_beams_say_which_row_they_continue() -> None:
    script = garden_path()
    search(script, width=2)
    assert script.parents == [[0], [0, 0], [1, 1]], "both go on from the second hypothesis"


def test_a_copied_subword_keeps_its_place_though_it_stands_in_two() -> None:
    script = Script(
        {
            (): {("copy", 1): 0.34, ("copy", 2): 0.35, ("say", 3): 0.31},
            (("copy", 2),): {("say", END): 1.0},
        }
    )
    found = search(script, width=3)
    assert [(d.tokens, d.places) for d in found] == [
        ((3,), (2,)),
        ((3,), (1,)),
        ((3,), (-1,)),
    ]


def test_only_the_vocabulary_ends_an_answer() -> None:
    script = Script(
        {
            (): {("copy", 4): 0.9, ("say", END): 0.1},
            (("copy", 4),): {("copy", 0): 1.0},
            (("copy", 4), ("copy", 0)): {("say", END): 1.0},
        }
    )
    found = greedy(script, PAGE, START, END, longest=8)
    assert found is not None
    assert found.tokens == (END, 1)
    assert found.places == (4, 0)


def test_an_answer_may_be_empty() -> None:
    found = greedy(Script({(): {("say", END): 1.0}}), PAGE, START, END, longest=8)
    assert found is not None
    assert (found.tokens, found.places) == ((), ())


@pytest.mark.parametrize("width", [1, 3])
def test_what_has_not_ended_at_its_limit_is_no_answer(width: int) -> None:
    script = Script({})
    assert search(script, width=width, longest=5) == []
    assert len(script.parents) == 5


def test_what_copies_a_place_twice_is_dropped() -> None:
    circle = {("copy", 0): 0.9, ("say", END): 0.1}
    table = {(): circle, (("copy", 0),): circle}
    assert greedy(Script(table), PAGE, START, END, longest=8) is None
    found = search(Script(table), width=2)
    assert [d.places for d in found] == [(), (0,)]
    assert np.exp(found[1].log_probability) == pytest.approx(0.9 * 0.1, abs=1e-5)


def test_what_is_too_unlikely_is_not_decoded_to_its_end() -> None:
    table = {(("say", 2),) * n: {("say", 2): 0.5, ("say", END): 0.5} for n in range(8)}
    script = Script(table)
    assert greedy(script, PAGE, START, END, longest=8, least=np.log(0.2)) is None
    assert len(script.parents) == 3, "0.5, 0.25, 0.125"
    found = beam_search(Script(table), PAGE, START, END, width=2, longest=8, least=np.log(0.2))
    assert [d.tokens for d in found] == [(), (2,)]


def test_more_beams_than_outcomes_are_no_error() -> None:
    found = search(Script({(): {("say", END): 1.0}}), width=100, longest=1)
    assert found[0].tokens == ()
    assert sorted((d.log_probability for d in found), reverse=True) == [
        d.log_probability for d in found
    ]
