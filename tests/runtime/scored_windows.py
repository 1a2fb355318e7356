"""Windows with scores that were written by hand, in place of an encoder's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import small_pages as pages

from docx_cli.document import Word
from docx_cli.encode import WindowInputs
from docx_cli.session import Encoded

LENGTHS = 12
"""Span lengths scored."""

UNLIKELY = -50.0

Span = tuple[int, int]
"""First and last text position."""


def span(text: str, nth: int = 0, words: tuple[Word, ...] = pages.INVOICE) -> Span:
    """The span of the nth word with a text."""
    found = pages.positions(words, text, nth)
    return found[0], found[-1]


def window(words: Sequence[Word] = pages.INVOICE, question: str = "what is it?") -> WindowInputs:
    """The one window of a small page, with one question."""
    ((only,),) = pages.encoding().encode(words, [question])
    return only


def scored(
    chances: Mapping[Span, float],
    *,
    absent: float = 0.0,
    compose: float = 0.0,
    words: Sequence[Word] = pages.INVOICE,
) -> Encoded:
    """A window whose question has these probabilities; they should sum to one.

    Each span's logit is spread over its start, its end and the band, as the model's is.
    """
    inputs = window(words)
    length = len(inputs.input_ids)
    start = np.full((1, length), -20.0, np.float32)
    end = np.full((1, length), -20.0, np.float32)
    band = np.full((length, LENGTHS), UNLIKELY, np.float32)
    for first, last in chances:
        start[0, first], end[0, last] = 1.5, -0.5
    for (first, last), chance in chances.items():
        band[first, last - first] = np.log(chance) - 1.0
    rest = [np.array([np.log(max(p, 1e-12))], np.float32) for p in (absent, compose)]
    return Encoded(inputs, {}, start, end, band, rest[0], rest[1])
