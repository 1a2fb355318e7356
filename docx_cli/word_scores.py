"""What the model says of a page's words: tags, and relations of pairs of them.

A long page is seen in several windows. What they say of a word, or of a pair that stands in
more than one of them, is averaged; of a pair that no window holds nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from docx_cli.answers import evidence_of
from docx_cli.config import ModelConfig
from docx_cli.document import TextRegion, Word
from docx_cli.grouping import Floats, cluster, sigmoid, symmetric

Logits = NDArray[np.floating]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class WindowScores:
    """What one window says of its w words; `words` are their numbers on the page.

    Relations stay logits: of a million of them few are asked for.
    """

    words: NDArray[np.int64]  # [w]
    tags: Floats  # [w, tags], probabilities
    relations: Logits  # [R, w, w]

    @classmethod
    def of(cls, words: NDArray[np.int64], tags: Logits, relations: Logits) -> WindowScores:
        """Turn the logits of tags into probabilities."""
        shifted = np.exp(tags.astype(np.float64) - tags.max(axis=-1, keepdims=True))
        return cls(words, shifted / shifted.sum(-1, keepdims=True), relations)


@dataclass(frozen=True)
class WordScores:
    """Probabilities of a page's W words, in row order."""

    words: tuple[Word, ...]
    tags: Floats  # [W, tags]
    windows: tuple[WindowScores, ...]
    config: ModelConfig

    @classmethod
    def joined(
        cls, words: Sequence[Word], windows: Sequence[WindowScores], config: ModelConfig
    ) -> WordScores:
        """Put the windows of a page together."""
        tags, count = np.zeros((len(words), len(config.tags))), np.zeros((len(words), 1))
        for window in windows:
            tags[window.words] += window.tags
            count[window.words] += 1
        tags /= np.maximum(count, 1)
        return cls(tuple(words), tags, tuple(windows), config)

    @classmethod
    def from_logits(
        cls, words: Sequence[Word], tags: Logits, relations: Logits, config: ModelConfig
    ) -> WordScores:
        """Take a page that is a single window."""
        window = WindowScores.of(np.arange(len(words)), tags, relations)
        return cls.joined(words, [window], config)

    def tag(self, name: str) -> Floats:
        """Probability that each word has a tag, [W]."""
        return self.tags[:, self.config.tags.index(name)]

    def tagged(self, *names: str) -> list[int]:
        """Words whose likeliest tag is one of `names`."""
        wanted = [self.config.tags.index(n) for n in names]
        return [int(i) for i in np.flatnonzero(np.isin(self.tags.argmax(axis=-1), wanted))]

    def relation(
        self, name: str, first: Sequence[int] | None = None, second: Sequence[int] | None = None
    ) -> Floats:
        """Probability of a relation of some words to some, all if None.

        Returns:
            [len(first), len(second)], 0 for pairs that no window holds.
        """
        every = np.arange(len(self.words))
        rows, columns = (
            every if s is None else np.array(s, dtype=np.intp) for s in (first, second)
        )
        return self._mean(name, rows[:, None], columns[None])

    def pairwise(self, name: str, first: Sequence[int], second: Sequence[int]) -> Floats:
        """Probability of a relation of each word of one list to that of another, [N], 0..1."""
        return self._mean(name, *(np.array(s, dtype=np.intp) for s in (first, second)))

    @cached_property
    def _places(self) -> list[Places]:
        """Numbers of the page's words in each window, [W]; -1 for what it does not hold."""
        places = []
        for window in self.windows:
            place = np.full(len(self.words), -1)
            place[window.words] = np.arange(len(window.words))
            places.append(place)
        return places

    def _mean(self, name: str, first: Places, second: Places) -> Floats:
        """Mean over the windows that hold both words; the arrays of words broadcast."""
        number = self.config.relations.index(name)
        total, count = np.zeros((2, *np.broadcast_shapes(first.shape, second.shape)))
        for window, place in zip(self.windows, self._places, strict=True):
            a, b = place[first], place[second]
            here = (a >= 0) & (b >= 0)
            total += np.where(here, sigmoid(window.relations[number][a, b]), 0.0)
            count += here
        return np.asarray(total / np.maximum(count, 1))

    def entities(self, *tags: str) -> list[list[int]]:
        """Group the words of some tags into cells, keys or values."""
        words = self.tagged(*tags)
        same = symmetric(self.relation("same_cell", words, words))
        return [[words[i] for i in group] for group in cluster(same)]

    def text(self, group: Sequence[int]) -> str:
        """Join the words of a group, which are in row order."""
        return " ".join(self.words[i].text for i in group)

    def region(self, page: int, group: Sequence[int]) -> TextRegion:
        """Make a region of a group of words."""
        found = evidence_of(page, [self.words[i] for i in group])
        assert found is not None, "a group has at least one word"
        return TextRegion(self.text(group), found)
