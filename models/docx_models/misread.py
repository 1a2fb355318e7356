"""Finds a text among words that OCR misread: where it stands with the fewest mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from docx_models.values import normalise

LEAST_LETTERS = 8
"""Values with fewer, numbers above all, are too easily taken for others like them."""

MOST_MISTAKES = 0.2
"""Of a value's letters and digits."""


@dataclass(frozen=True, order=True)
class Found:
    """Characters `start` to `end` (past the last) of a text, with a share of mistakes."""

    mistakes: float
    start: int
    end: int


def find(value: str, text: str) -> Found | None:
    """Find where a value most likely stands; None if nowhere.

    Approximate matching by dynamic programming over letters and digits (Sellers, 1980), a row of
    the table at a time, so that a page takes milliseconds.
    """
    wanted = normalise(value)
    if sum(c.isalpha() for c in wanted) < LEAST_LETTERS:
        return None
    flat = [(letter, i) for i, c in enumerate(text) for letter in normalise(c)]
    if not flat:
        return None
    letters = np.array([letter for letter, _ in flat])
    place = np.arange(len(flat) + 1)
    costs, begins = np.zeros_like(place), place  # a match may begin anywhere
    for letter in wanted:
        without = costs + 1  # the letter was not read
        changed = costs[:-1] + (letters != letter)
        better = changed <= without[1:]
        costs = np.append(without[0], np.where(better, changed, without[1:]))
        begins = np.append(begins[0], np.where(better, begins[:-1], begins[1:]))
        # Letters that were read where there is none: each costs as much as its distance.
        level = costs - place
        least = np.minimum.accumulate(level)
        source = np.maximum.accumulate(np.where(level == least, place, 0))
        costs, begins = least + place, begins[source]
    last = int(costs.argmin())
    first = int(begins[last])
    mistakes = float(costs[last]) / len(wanted)
    if mistakes > MOST_MISTAKES or first == last:
        return None
    start, end = _whole_words(text, flat[first][1], flat[last - 1][1] + 1)
    return Found(mistakes, start, end)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
