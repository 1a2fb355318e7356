"""Fits what a bundle's confidences mean, on pages that the model was not trained on.

Two numbers: the temperature by which all logits are divided (Guo et al., ICML 2017), and the
probability of an answer below which the tool says "not found".
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli import answers
from docx_cli.bundle import Bundle, write_manifest
from docx_cli.errors import UnsupportedInputError
from docx_cli.pipeline import Extractor
from docx_cli.session import Encoded
from docx_models.records import PageRecord
from docx_models.rows import ABSENT, COMPOSE, SPAN, QuestionLabel, RowMaker, RowOptions

Floats = NDArray[np.float64]

REFUSED = 0.9
"""Share of the questions without an answer that must be refused."""

TEMPERATURES = (0.25, 8.0)
"""Where the temperature is looked for."""


@dataclass(frozen=True)
class Calibration:
    """The fitted numbers, and what they do on the pages they were fitted on."""

    temperature: float
    found_threshold: float
    questions: int
    loss_before: float
    loss_after: float
    refused_absent: float
    refused_present: float

    def to_mapping(self) -> dict[str, float]:
        """Return what calibration.json holds."""
        return {"temperature": self.temperature, "found_threshold": self.found_threshold}


@dataclass(frozen=True)
class Asked:
    """One question of one page: each window's scores and what is right in it."""

    present: bool
    question: int  # index in its pack
    windows: tuple[Encoded, ...]
    labels: tuple[QuestionLabel, ...]


def ask(extractor: Extractor, records: Iterable[PageRecord]) -> list[Asked]:
    """Run the encoder over pages with all their questions."""
    encoding, model = extractor.encoding, extractor.bundle.model
    options = RowOptions(
        questions=encoding.config.max_questions,
        target_tokens=1,
        pair_words=0,
        shuffle=0.0,
        page_tokens=encoding.config.max_page_tokens,
    )
    maker = RowMaker(encoding, options, model.span_length, model.tags, model.relations)
    asked = []
    for record in records:
        askable = [q for q in record.questions if encoding.takes_question(q.question)]
        questions = iter(askable)
        texts = [q.question for q in askable]
        for windows in encoding.encode(record.words, texts, record.picture()) if texts else ():
            # Only the scores are kept: the memory for the decoder is a hundred times as large.
            encoded = tuple(
                dataclasses.replace(extractor.session.encode(w), memory={}) for w in windows
            )
            for index in range(len(windows[0].question_positions)):
                gold = next(questions)
                labels = tuple(maker.question_label(w, gold) for w in windows)
                asked.append(Asked(gold.kind != "absent", index, encoded, labels))
    return asked


def right_logits(encoded: Encoded, question: int, label: QuestionLabel) -> tuple[Floats, Floats]:
    """Logits of all outcomes of a window, and of the right ones; none where that is unknown."""
    spans, absent, compose = answers.question_logits(encoded, question)
    everything = np.concatenate([spans.ravel(), [absent, compose]]).astype(np.float64)
    if label.outcome == SPAN:
        right = np.array([spans[start, extra] for start, extra in label.spans])
    else:
        right = np.array(
            [v for k, v in ((ABSENT, absent), (COMPOSE, compose)) if k == label.outcome]
        )
    return everything, right.astype(np.float64)


def loss(asked: Sequence[Asked], temperature: float) -> float:
    """Mean negative log-likelihood of the right outcomes over all windows."""
    losses = []
    for one in asked:
        for encoded, label in zip(one.windows, one.labels, strict=True):
            everything, right = right_logits(encoded, one.question, label)
            if len(right):
                losses.append(
                    _log_sum_exp(everything / temperature) - _log_sum_exp(right / temperature)
                )
    if not losses:
        raise UnsupportedInputError("no question of these pages has a known answer")
    return float(np.mean(losses))


def _log_sum_exp(x: Floats) -> float:
    top = float(x.max())
    return top + math.log(float(np.exp(x - top).sum()))


def fit_temperature(asked: Sequence[Asked]) -> float:
    """Return the temperature of least loss, by a grid that closes in on it three times."""
    low, high = np.log(TEMPERATURES)
    best = 0.0
    for _ in range(3):
        grid = np.linspace(low, high, 9)
        best = float(min(grid, key=lambda t: loss(asked, math.exp(t))))
        step = grid[1] - grid[0]
        low, high = best - step, best + step
    return round(math.exp(best), 4)


def fit_threshold(absent: Sequence[float], present: Sequence[float]) -> float:
    """Choose from which probability on an answer is given.

    Among the thresholds that refuse `REFUSED` of the questions without an answer, the lowest
    whose balanced accuracy is within a standard error of the best: near it the curve is flat, and
    on documents of another kind, where all probabilities are lower, the lower one loses less.

    Args:
        absent: probabilities that there is an answer, of questions without one.
        present: the same, of questions that have one.

    Raises:
        UnsupportedInputError: one of the two is empty.
    """
    if not absent or not present:
        raise UnsupportedInputError("the threshold takes questions with and without an answer")
    low, high = np.sort(absent), np.sort(present)
    # Half a step of the five decimals above each score: nothing lies on a threshold.
    thresholds = np.unique(np.round(np.concatenate([[0.0], low, high]), 5)) + 5e-6
    refused = np.searchsorted(low, thresholds) / len(low)
    kept = 1.0 - np.searchsorted(high, thresholds) / len(high)
    balanced = np.where(refused >= REFUSED, refused + kept, -1.0)
    best = int(balanced.argmax())
    variance = [p[best] * (1 - p[best]) / n for p, n in ((refused, len(low)), (kept, len(high)))]
    enough = balanced >= balanced[best] - math.sqrt(sum(variance))
    return round(float(thresholds[int(enough.argmax())]), 6)


def found_probabilities(asked: Sequence[Asked], temperature: float) -> list[float]:
    """Return each question's probability of an answer, of the window that answers best."""
    return [
        answers.best_window(
            [answers.outcome(1, e, one.question, temperature) for e in one.windows], "auto"
        ).found
        for one in asked
    ]


def calibrate(extractor: Extractor, records: Iterable[PageRecord]) -> Calibration:
    """Fit both numbers.

    Args:
        extractor: runs the bundle; its own calibration is not looked at.
        records: pages that the model was not trained on.

    Raises:
        UnsupportedInputError: the pages lack questions with, or without, an answer.
    """
    asked = ask(extractor, records)
    temperature = fit_temperature(asked)
    found = found_probabilities(asked, temperature)
    absent = [f for f, one in zip(found, asked, strict=True) if not one.present]
    present = [f for f, one in zip(found, asked, strict=True) if one.present]
    threshold = fit_threshold(absent, present)
    return Calibration(
        temperature=temperature,
        found_threshold=threshold,
        questions=len(asked),
        loss_before=loss(asked, 1.0),
        loss_after=loss(asked, temperature),
        refused_absent=sum(f < threshold for f in absent) / len(absent),
        refused_present=sum(f < threshold for f in present) / len(present),
    )


def write(bundle: Bundle, fitted: Calibration) -> None:
    """Put the numbers into a bundle and renew its manifest."""
    path = bundle.file("calibration.json")
    path.write_text(json.dumps(fitted.to_mapping()) + "\n", encoding="utf-8")
    write_manifest(bundle.path, name=bundle.name, version=bundle.version)
