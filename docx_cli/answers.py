"""Span scores and decoded tokens -> answers with their words.

All outcomes of a question in one window (every span, "absent", "compose") share one
distribution. Windows compare through their absent score: the window in which the best span is
likeliest against "absent" wins, over all pages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from docx_cli.decode import Decoded
from docx_cli.document import Answer, Box, Evidence, Question, Word
from docx_cli.encode import WindowInputs
from docx_cli.one_block import in_one_block
from docx_cli.session import Encoded

Floats = NDArray[np.float32]

CANDIDATES = 20
"""Spans looked at in each window; the likelihood of equal texts among them is summed."""

AnswerWith = Literal["auto", "spans", "decoder"]
"""auto: spans, and the decoder where the model says that an answer must be composed."""


@dataclass(frozen=True)
class SpanCandidate:
    """A span of text positions in a window, with its share of the window's outcomes."""

    start: int
    end: int  # last position, inclusive
    probability: float
    text: str


@dataclass(frozen=True)
class WindowOutcome:
    """What one window says to one question."""

    page: int
    encoded: Encoded
    question: int  # index in the window's pack, from 0
    absent: float
    compose: float
    spans: tuple[SpanCandidate, ...]  # likeliest first; a probability is that of the text

    @property
    def best(self) -> SpanCandidate | None:
        """The likeliest span."""
        return self.spans[0] if self.spans else None

    @property
    def found(self) -> float:
        """Probability that the window holds an answer."""
        return 1.0 - self.absent

    def odds(self, composing: bool) -> float:
        """The best span, or composing too, against absent: what windows are compared by."""
        best = self.best.probability if self.best else 0.0
        return max(best, self.compose if composing else 0.0) / max(self.absent, 1e-9)


def question_logits(encoded: Encoded, question: int) -> tuple[Floats, float, float]:
    """Logits of one question: spans [T, L], absent, compose."""
    start, end, length = encoded.start[question], encoded.end[question], encoded.band.shape[1]
    # Beyond the last token the band rules spans out, whatever stands there.
    ends = sliding_window_view(np.pad(end, (0, length - 1), mode="edge"), length)  # [T, L]
    spans = start[:, None] + ends + encoded.band
    return spans, float(encoded.absent[question]), float(encoded.compose[question])


def outcome(page: int, encoded: Encoded, question: int, temperature: float) -> WindowOutcome:
    """Turn the scores of one window and question into probabilities."""
    spans, absent, compose = question_logits(encoded, question)
    flat = spans.ravel()
    largest = max(float(flat.max()), absent, compose)
    likely = np.exp((flat - largest) / temperature)
    others = np.exp((np.array([absent, compose]) - largest) / temperature)
    total = float(likely.sum(dtype=np.float64) + others.sum())
    count = min(CANDIDATES, flat.size)
    top = np.argpartition(flat, flat.size - count)[-count:]
    by_text: dict[str, list[SpanCandidate]] = {}
    for place in top[np.lexsort((top, -flat[top]))]:
        start, extra = divmod(int(place), spans.shape[1])
        text = span_text(encoded.window, start, start + extra)
        candidate = SpanCandidate(start, start + extra, float(likely[place]) / total, text)
        by_text.setdefault(text.casefold(), []).append(candidate)
    told = [
        replace(same[0], probability=sum(c.probability for c in same))
        for same in by_text.values()
        if same[0].text
    ]
    ranked = tuple(sorted(told, key=lambda span: -span.probability))
    absent, compose = (float(share) / total for share in others)
    return WindowOutcome(page, encoded, question, absent, compose, ranked)


def span_pieces(window: WindowInputs, positions: Sequence[int]) -> list[tuple[int, int, int]]:
    """Group subwords into pieces of words: (word of the page, first character, past the last)."""
    pieces: list[tuple[int, int, int]] = []
    before = -1
    for position in positions:
        if not 0 < position <= len(window.subwords):
            continue
        word, first, last = window.subwords[position - 1]
        follows, before = position == before + 1, position
        if pieces and pieces[-1][0] == word and follows:
            pieces[-1] = (word, pieces[-1][1], last)
        else:
            pieces.append((word, first, last))
    return pieces


def pieces_text(window: WindowInputs, pieces: Sequence[tuple[int, int, int]]) -> str:
    """Spell pieces of words as printed, single spaces between them."""
    return " ".join(window.page.words[w].text[a:b] for w, a, b in pieces)


def span_text(window: WindowInputs, start: int, end: int) -> str:
    """Spell a span of text positions as printed."""
    return pieces_text(window, span_pieces(window, range(start, end + 1)))


def evidence(page: int, window: WindowInputs, positions: Sequence[int]) -> Evidence | None:
    """Collect the words that some text positions belong to."""
    numbers = dict.fromkeys(w for w, _, _ in span_pieces(window, positions))
    words = tuple(window.page.words[w] for w in numbers)
    return evidence_of(page, words)


def evidence_of(page: int, words: Sequence[Word]) -> Evidence | None:
    """Put words of a page and the box around them together; None if there are none."""
    if not words:
        return None
    return Evidence(page, Box.around(w.box for w in words), tuple(words))


def best_window(outcomes: Sequence[WindowOutcome], answer_with: AnswerWith) -> WindowOutcome:
    """Pick the window that answers best."""
    if answer_with == "decoder":
        return max(outcomes, key=lambda o: o.found)
    return max(outcomes, key=lambda o: o.odds(composing=answer_with == "auto"))


def answer(
    question: Question,
    outcomes: Sequence[WindowOutcome],
    calibration: Mapping[str, float],
    decode: Callable[[WindowOutcome, float], Decoded | None],
    spell: Callable[[Sequence[int]], str],
    answer_with: AnswerWith = "auto",
) -> Answer:
    """Choose among windows and say what was found, or that nothing was.

    Args:
        question: as asked.
        outcomes: of every window of every page, at least one.
        calibration: `found_threshold`, the probability of an answer below which it is "not found".
        decode: runs the decoder for a window; None if nothing is as likely as the least
            log-probability it is given.
        spell: turns generated subwords into text.
        answer_with: which head answers.
    """
    name = question.name or question.text
    won = best_window(outcomes, answer_with)
    if won.found < calibration["found_threshold"]:
        return Answer(question.text, name, "", False, 1.0 - won.found, "none")
    span = won.best
    composes = won.compose > (span.probability if span else 0.0)
    if answer_with == "decoder" or (answer_with == "auto" and composes) or span is None:
        # A long answer that the decoder is unsure of may be less likely than the best span.
        rival = span if answer_with == "auto" else None
        least = rival.probability / max(won.found, 1e-9) if rival else 0.0
        decoded = decode(won, math.log(least) if least else -math.inf)
        composed = _composed(question, name, won, decoded, spell)
        if span is None or rival is None:
            return composed
        if decoded and composed.confidence >= rival.probability:
            return composed
    pieces = span_pieces(won.encoded.window, range(span.start, span.end + 1))
    text, where = pointed(won.page, won.encoded.window, pieces)
    return Answer(question.text, name, text, True, span.probability, "pointer", where)


def pointed(
    page: int, window: WindowInputs, pieces: Sequence[tuple[int, int, int]]
) -> tuple[str, Evidence | None]:
    """Spell what was pointed at and collect its words, without what stands in other columns."""
    kept = [pieces[i] for i in in_one_block([window.page.words[w] for w, _, _ in pieces])]
    words = tuple(window.page.words[w] for w in dict.fromkeys(w for w, _, _ in kept))
    return pieces_text(window, kept), evidence_of(page, words)


def _composed(
    question: Question,
    name: str,
    won: WindowOutcome,
    decoded: Decoded | None,
    spell: Callable[[Sequence[int]], str],
) -> Answer:
    """Build an answer from decoded tokens: copied ones name their words, others are searched."""
    window = won.encoded.window
    nothing = Answer(question.text, name, "", False, 1.0 - won.found, "none")
    if decoded is None:
        return nothing
    confidence = won.found * float(np.exp(decoded.log_probability))
    copied = [p for p in decoded.places if p >= 0]
    if copied and len(copied) == len(decoded.places):
        text, where = pointed(won.page, window, span_pieces(window, copied))
        return Answer(question.text, name, text, True, confidence, "pointer", where)
    text = spell(decoded.tokens)
    if not text:
        return nothing
    where = search(won.page, window.page.words, text)
    grounding: Literal["search", "none"] = "search" if where else "none"
    return Answer(question.text, name, text, True, confidence, grounding, where)


def search(page: int, words: Sequence[Word], text: str) -> Evidence | None:
    """Find generated text among a page's words in row order, letters and digits only."""
    wanted = _bare(text)
    if len(wanted) < 3:
        return None  # "yes", "12": an equal string would be chance, not evidence
    bare = [_bare(w.text) for w in words]
    for first in range(len(words)):
        joined = ""
        for last in range(first, len(words)):
            joined += bare[last]
            if joined == wanted and bare[first]:
                return evidence_of(page, words[first : last + 1])
            if not wanted.startswith(joined):
                break
    return None


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
