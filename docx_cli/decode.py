"""Greedy and beam search over a step function: numpy in, ids out, never text.

Each step offers the whole vocabulary and every text position of the page (a pointer-generator,
See et al., arXiv 1704.04368). Both are kept apart, in log space: a subword that stands on the
page twice keeps its two places, and no scatter is needed. What copies a place twice has lost its
way, and would go round in circles, surer with each turn: it is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from docx_cli.encode import Ints

Floats = NDArray[np.float32]


class StepScores(NamedTuple):
    """What the decoder says for K hypotheses, V subwords and T text positions."""

    vocabulary: Floats  # [K, V] logits
    copied: Floats  # [K, T] logits
    gate: Floats  # [K] logits, positive favours the vocabulary


Step = Callable[[Ints, Ints], StepScores]
"""(last tokens [K], the earlier row each continues [K]) -> scores."""


@dataclass(frozen=True)
class Decoded:
    """A finished hypothesis without its end mark.

    `places[i]` is the text position token i was copied from, or -1 if it was generated.
    """

    tokens: tuple[int, ...]
    places: tuple[int, ...]
    log_probability: float


def log_softmax(x: Floats) -> Floats:
    """Logarithm of the softmax over the last axis."""
    shifted = x - x.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def log_sigmoid(x: Floats) -> Floats:
    """Logarithm of the logistic function, without overflow."""
    return np.asarray(-np.logaddexp(0.0, -x))


def mix(scores: StepScores) -> Floats:
    """Log-probabilities of all V + T outcomes, [K, V + T]: subwords, then places."""
    generate = log_sigmoid(scores.gate)[:, None] + log_softmax(scores.vocabulary)
    copy = log_sigmoid(-scores.gate)[:, None] + log_softmax(scores.copied)
    return np.concatenate([generate, copy], axis=1)


@dataclass
class _Beam:
    tokens: list[int]
    places: list[int]
    score: float
    row: int

    def finished(self, end_id: int) -> bool:
        return bool(self.tokens) and self.tokens[-1] == end_id and self.places[-1] < 0


def beam_search(
    step: Step,
    input_ids: Ints,
    start_id: int,
    end_id: int,
    *,
    width: int,
    longest: int,
    least: float = -math.inf,
) -> list[Decoded]:
    """Decode ONE question with `width` hypotheses; greedy if it is 1.

    Args:
        step: the step function, standing before its first step with one hypothesis.
        input_ids: subwords of the text positions, [T], to turn a place into its subword.
        start_id: the token that decoding starts with.
        end_id: the token that ends an answer; only the vocabulary can give it.
        width: hypotheses kept.
        longest: tokens at most, the end mark included; what has not ended by then is dropped.
        least: log-probability below which a hypothesis is dropped.

    Returns:
        Finished hypotheses, the likeliest first; none if all were dropped.
    """
    alive, done = [_Beam([], [], 0.0, 0)], []
    for _ in range(longest):
        tokens = np.array([b.tokens[-1] if b.tokens else start_id for b in alive], dtype=np.int64)
        scores = step(tokens, np.array([b.row for b in alive], dtype=np.int64))
        outcomes = mix(scores)
        vocabulary = scores.vocabulary.shape[1]
        total = outcomes + np.array([[b.score] for b in alive], dtype=np.float32)
        count = min(width, total.size)
        best = np.argpartition(-total, count - 1, axis=None)[:count]
        best = best[np.argsort(-total.flat[best], kind="stable")]
        grown = []
        for flat in best:
            row, outcome = divmod(int(flat), total.shape[1])
            place = outcome - vocabulary if outcome >= vocabulary else -1
            token = int(input_ids[place]) if place >= 0 else outcome
            before = alive[row]
            circling = place >= 0 and place in before.places
            if circling or total.flat[flat] < least:
                continue
            grown.append(
                _Beam(
                    [*before.tokens, token], [*before.places, place], float(total.flat[flat]), row
                )
            )
        done += [b for b in grown if b.finished(end_id)]
        alive = [b for b in grown if not b.finished(end_id)]
        if not alive or (len(done) >= width and max(b.score for b in done) >= alive[0].score):
            break
    ranked = sorted(done, key=lambda b: -b.score)
    return [Decoded(tuple(b.tokens[:-1]), tuple(b.places[:-1]), b.score) for b in ranked]


def greedy(
    step: Step,
    input_ids: Ints,
    start_id: int,
    end_id: int,
    *,
    longest: int,
    least: float = -math.inf,
) -> Decoded | None:
    """Decode one question, the likeliest outcome at each step; None if that is dropped."""
    found = beam_search(step, input_ids, start_id, end_id, width=1, longest=longest, least=least)
    return found[0] if found else None
