"""Tags and relations of words -> keys, values and their links, chosen together.

The model judges each word and each pair of words by itself, and its judgements contradict one
another: two keys that stand close look like one, though each is linked to a value of its own.
Chosen is the reading that agrees with itself and for which the sum of log odds is highest: of
words to be key or value, of pairs of words to be of one entity, of each word of a key to be linked
to each word of its value. A value has one key. So links part and join words, and a word whose
tag is doubtful counts where a link pays for it. This is correlation clustering (Bansal et al.,
2004) with links; like there, a greedy search serves: on labelled pages it misses the best reading
on few, and the words' odds are wrong on many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli.grouping import Floats, symmetric
from docx_cli.word_scores import WordScores

KEY, VALUE = 0, 1
LEAST_TAG = 0.1
"""Probability of being key or value below which a word is neither."""
SECOND_VALUE = 5.0
"""Log odds against a further value of a key; from 2 to 10 little changes on synthetic pages."""
LEAST_SAME = -4.0
"""Mean log odds of being one below which two entities are never joined."""
_CERTAIN = 1e-4

Places = NDArray[np.intp]


def log_odds(probability: Floats) -> Floats:
    """Log odds of probabilities, none of which is taken for certain."""
    clipped = np.clip(probability, _CERTAIN, 1 - _CERTAIN)
    return np.asarray(np.log(clipped / (1 - clipped)))


@dataclass(frozen=True)
class Odds:
    """Log odds of n words of a page; `words` are their numbers."""

    words: tuple[int, ...]
    tags: Floats
    """Of being a key and of being a value, against neither, [n, 2]."""
    same: Floats
    """Of two words to be of one entity, symmetric, [n, n]."""
    link: Floats
    """Of the first to be of a key and the second of its value, [n, n]."""

    @classmethod
    def of(cls, scores: WordScores) -> Odds:
        """Take the words that may be keys or values."""
        tags = np.stack([scores.tag("key"), scores.tag("value")], axis=1)
        either = tags.sum(axis=1)
        words = np.flatnonzero(either > LEAST_TAG).tolist()
        neither = np.maximum(1 - either[words], _CERTAIN)
        return cls(
            tuple(words),
            np.log(np.maximum(tags[words], _CERTAIN) / neither[:, None]),
            symmetric(log_odds(scores.relation("same_cell", words, words))),
            log_odds(scores.relation("key_value", words, words)),
        )


@dataclass(frozen=True)
class Reading:
    """Keys and values as groups of words in row order; `links` are pairs of their indices."""

    keys: tuple[tuple[int, ...], ...]
    values: tuple[tuple[int, ...], ...]
    links: tuple[tuple[int, int], ...]


def paired(odds: Odds) -> Reading:
    """Choose entities and links together."""
    groups = _Groups(odds)
    while groups.join():
        pass
    while groups.drop():
        pass
    parent, _ = groups.parents()
    keys, values = (
        tuple(tuple(odds.words[i] for i in sorted(groups.members[g])) for g in side)
        for side in (groups.keys, groups.values)
    )
    return Reading(keys, values, tuple((int(k), v) for v, k in enumerate(parent) if k >= 0))


class _Groups:
    """Entities in the making, each with the sums of its words' log odds."""

    def __init__(self, odds: Odds) -> None:
        count = len(odds.words)
        self.members = [[i] for i in range(count)]
        self.label = odds.tags.argmax(axis=1) if count else np.zeros(0, np.intp)
        self.tag = odds.tags[np.arange(count), self.label]
        self.same, self.link = odds.same.copy(), odds.link.copy()

    @property
    def keys(self) -> Places:
        return np.flatnonzero(self.label == KEY)

    @property
    def values(self) -> Places:
        return np.flatnonzero(self.label == VALUE)

    def parents(self) -> tuple[Places, Floats]:
        """Each value's key among the keys, -1 for none, and the log odds of that link."""
        link = self.link[np.ix_(self.keys, self.values)]
        if not link.size:
            return np.full(link.shape[1], -1), np.zeros(link.shape[1])
        best = link.max(axis=0)
        return np.where(best > 0, link.argmax(axis=0), -1), np.maximum(best, 0)

    def join(self) -> bool:
        """Join all pairs of entities that gain most by one another; say whether any did."""
        pairs = np.concatenate([self._partners(KEY), self._partners(VALUE)])
        if not len(pairs):
            return False
        first, second = pairs.T
        for a, b in pairs.tolist():
            self.members[a] += self.members[b]
        self.tag[first] += self.tag[second]
        for sums in (self.same, self.link):
            sums[first] += sums[second]
            sums[:, first] += sums[:, second]
        self._keep(np.setdiff1d(np.arange(len(self.label)), second))
        return True

    def _keep(self, kept: Places) -> None:
        self.members = [self.members[i] for i in kept]
        self.label, self.tag = self.label[kept], self.tag[kept]
        self.same, self.link = (sums[np.ix_(kept, kept)] for sums in (self.same, self.link))

    def _partners(self, label: int) -> Places:
        """Pairs of entities of one label that are each other's best partner, [N, 2]."""
        side = np.flatnonzero(self.label == label)
        size = np.array([len(self.members[i]) for i in side])
        a, b = np.triu_indices(len(side), 1)
        near = self.same[side[a], side[b]] > LEAST_SAME * size[a] * size[b]
        a, b = a[near], b[near]
        if not len(a):
            return np.zeros((0, 2), np.intp)
        change = self._key_change(a, b) if label == KEY else self._value_change(a, b)
        gains = np.zeros((len(side), len(side)))
        gains[a, b] = gains[b, a] = self.same[side[a], side[b]] + change
        best, one = gains.argmax(axis=1), np.arange(len(side))
        chosen = (gains.max(axis=1) > 0) & (best[best] == one) & (one < best)
        return np.stack([side[one[chosen]], side[best[chosen]]], axis=1)

    def _value_change(self, a: Places, b: Places) -> Floats:
        """What joining values changes in their links: they then share a key."""
        link = self.link[np.ix_(self.keys, self.values)]
        parent, best = self.parents()
        shared = np.maximum((link[:, a] + link[:, b]).max(axis=0, initial=0.0), 0)
        one_less = SECOND_VALUE * ((parent[a] == parent[b]) & (parent[a] >= 0))
        return np.asarray(shared - best[a] - best[b] + one_less)

    def _key_change(self, a: Places, b: Places) -> Floats:
        """What joining keys changes in the links of all values."""
        link = self.link[np.ix_(self.keys, self.values)]
        parent, best = self.parents()
        theirs = (parent == a[:, None]) | (parent == b[:, None])  # [N, values]
        after = np.maximum(link[a] + link[b], np.where(theirs, 0, best))
        has_value = np.isin(np.arange(len(link)), parent)
        return np.asarray((after - best).sum(axis=1) - SECOND_VALUE * (has_value[a] & has_value[b]))

    def drop(self) -> bool:
        """Leave out values that are worth less than nothing, or else the worst such key."""
        parent, best = self.parents()
        worth = self.tag.copy()
        worth[self.values] += best
        keys = self.keys
        if len(keys) and len(parent):
            link = np.maximum(self.link[np.ix_(keys, self.values)], 0)
            next_best = np.sort(link, axis=0)[-2] if len(keys) > 1 else np.zeros_like(best)
            linked = parent >= 0
            np.add.at(worth, keys[parent[linked]], (best - next_best)[linked])
        bad = np.flatnonzero((worth < 0) & (self.label == VALUE))
        if not len(bad):
            bad = keys[worth[keys] < 0]
            bad = bad[np.argsort(worth[bad])[:1]]
        self._keep(np.delete(np.arange(len(worth)), bad))
        return len(bad) > 0
