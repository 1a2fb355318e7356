"""Tags and links of words -> key-value pairs.

A first, plain reading: words of one tag that the model puts together are an entity; each value
entity takes the key entity that the model links it to most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli.answers import evidence_of
from docx_cli.config import ModelConfig
from docx_cli.document import KeyValue, TextRegion, Word
from docx_cli.grouping import Floats, block_mean, cluster, sigmoid, symmetric

LINK_THRESHOLD = 0.5
"""Mean link probability from a key's words to a value's below which they are no pair."""


@dataclass(frozen=True)
class WordScores:
    """Probabilities of a window's W words."""

    words: tuple[Word, ...]
    tags: Floats  # [W, tags]
    relations: Floats  # [R, W, W]
    config: ModelConfig

    @classmethod
    def from_logits(
        cls,
        words: Sequence[Word],
        tags: NDArray[np.floating],
        relations: NDArray[np.floating],
        config: ModelConfig,
    ) -> WordScores:
        """Turn logits into probabilities."""
        shifted = np.exp(tags.astype(np.float64) - tags.max(axis=-1, keepdims=True))
        return cls(
            tuple(words), shifted / shifted.sum(-1, keepdims=True), sigmoid(relations), config
        )

    def tag(self, name: str) -> Floats:
        """Probability that each word has a tag, [W]."""
        return self.tags[:, self.config.tags.index(name)]

    def tagged(self, *names: str) -> list[int]:
        """Words whose likeliest tag is one of `names`."""
        wanted = [self.config.tags.index(n) for n in names]
        return [int(i) for i in np.flatnonzero(np.isin(self.tags.argmax(axis=-1), wanted))]

    def relation(self, name: str) -> Floats:
        """Probability of a relation between words, [W, W]."""
        return np.asarray(self.relations[self.config.relations.index(name)])

    def entities(self, *tags: str) -> list[list[int]]:
        """Group the words of some tags into cells, keys or values."""
        words = self.tagged(*tags)
        same = symmetric(self.relation("same_cell"))[np.ix_(words, words)]
        return [[words[i] for i in group] for group in cluster(same)]

    def text(self, group: Sequence[int]) -> str:
        """Join the words of a group, which are in row order."""
        return " ".join(self.words[i].text for i in group)

    def region(self, page: int, group: Sequence[int]) -> TextRegion:
        """Make a region of a group of words."""
        found = evidence_of(page, [self.words[i] for i in group])
        assert found is not None, "a group has at least one word"
        return TextRegion(self.text(group), found)


def key_values(page: int, scores: WordScores) -> list[KeyValue]:
    """Pair keys with values in one window, in order of the values."""
    keys, values = scores.entities("key"), scores.entities("value")
    if not keys or not values:
        return []
    link = block_mean(scores.relation("key_value"), keys, values)  # [keys, values]
    out = []
    for v, value in enumerate(values):
        k = int(link[:, v].argmax())
        if link[k, v] < LINK_THRESHOLD:
            continue
        tagged = scores.tag("key")[keys[k]].mean() * scores.tag("value")[value].mean()
        out.append(
            KeyValue(
                scores.region(page, keys[k]),
                scores.region(page, value),
                float(link[k, v] * tagged),
            )
        )
    return out
