"""Values that were cut between two of their lines, as long addresses are: put together again.

Every pair of words counts where values are chosen, and words of two lines have nothing but the
model's own judgement for them; the longer the lines, the more such pairs. So two values of one
key, or one with a key and one without, are looked at once more, as wholes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import Word
from docx_cli.grouping import Floats
from docx_cli.pairing import Odds, Reading

BELOW = 1.2
"""Most white between two lines of a value, in heights of a line."""

# Log odds of being one value, by logistic regression on pages of trained families (decision 0036).
ANY = -1.0
"""Of any two values so placed."""
SAME = 0.9
"""For each unit of the model's own log odds, their mean over the pairs of words."""
SEVERAL_LINES = 1.7
"""Where one of them has several lines already."""
FLUSH = 0.8
"""Where both begin at one place from the left."""
NO_LETTERS = -3.2
"""Where the lower one has no letters, as telephone numbers below addresses."""


@dataclass(frozen=True)
class _Value:
    """Where a value stands: all of it, its first line and its last, in points; its words."""

    box: Floats
    first: Floats
    last: Floats
    words: tuple[int, ...]

    @classmethod
    def of(cls, words: tuple[int, ...], boxes: Floats, height: float) -> _Value:
        mine = boxes[list(words)]
        first = mine[mine[:, 1] < mine[:, 1].min() + 0.5 * height]
        last = mine[mine[:, 3] > mine[:, 3].max() - 0.5 * height]
        return cls(_around(mine), _around(first), _around(last), words)

    @property
    def lines(self) -> int:
        return 1 if self.last[1] < self.first[3] else 2


def _above(values: Sequence[_Value], height: float) -> NDArray[np.intp]:
    """Pairs of values of which the second begins in the next line below the first, [N, 2]."""
    upper, lower, box = (
        np.array([getattr(value, name) for value in values]).reshape(-1, 4).T
        for name in ("last", "first", "box")
    )
    white = lower[1] - upper[3][:, None]
    high = np.minimum.outer(upper[3] - upper[1], lower[3] - lower[1])
    over = np.minimum.outer(box[2], box[2]) - np.maximum.outer(box[0], box[0])
    below = lower[1] - upper[1][:, None] > 0.5 * high
    return np.argwhere((over > 0) & below & (white > -0.5 * high) & (white < BELOW * height))


def _around(boxes: Floats) -> Floats:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def joined(
    reading: Reading, odds: Odds, words: Sequence[Word], boxes: Floats, height: float
) -> Reading:
    """Join values that are likely lines of one.

    Args:
        reading: keys, values and links.
        odds: what the model says of the words, without their places.
        words: all words of the page.
        boxes: theirs in points, [W, 4].
        height: of a line of text, in points.
    """
    values = [_Value.of(value, boxes, height) for value in reading.values]
    keys = {value: key for key, value in reading.links}
    likely = []
    for a, b in _above(values, height).tolist():
        if len({keys.get(a), keys.get(b)} - {None}) == 1:
            score = _score(values[a], values[b], odds, words, height)
            likely += [(score, a, b)] if score > 0 else []
    parts = {value: {value} for value in range(len(values))}
    for _, a, b in sorted(likely, reverse=True):
        whole = parts[a] | parts[b]
        if len({keys[v] for v in whole if v in keys}) == 1:
            parts |= dict.fromkeys(whole, whole)
    return _with_wholes(reading, keys, list({min(w): sorted(w) for w in parts.values()}.values()))


def _score(upper: _Value, lower: _Value, odds: Odds, words: Sequence[Word], height: float) -> float:
    """Log odds of two values to be one."""
    above, below = (np.searchsorted(odds.words, value.words) for value in (upper, lower))
    letters = any(c.isalpha() for word in lower.words for c in words[word].text)
    return float(
        ANY
        + SAME * odds.same[np.ix_(above, below)].mean()
        + SEVERAL_LINES * (max(upper.lines, lower.lines) > 1)
        + FLUSH * (abs(upper.box[0] - lower.box[0]) < height)
        + NO_LETTERS * (not letters)
    )


def _with_wholes(
    reading: Reading, keys: dict[int, int], wholes: Sequence[Sequence[int]]
) -> Reading:
    """Make one value of those in each group; it has the key that one of them had."""
    links = []
    for number, parts in enumerate(wholes):
        links += [(key, number) for key in {keys[v] for v in parts if v in keys}]
    words = (sorted(word for v in parts for word in reading.values[v]) for parts in wholes)
    return Reading(reading.keys, tuple(tuple(value) for value in words), tuple(links))
