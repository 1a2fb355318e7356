"""Tags and relations of words as an ideal model would give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from cli_support import MODEL

from docx_cli.document import Word
from docx_cli.word_scores import WordScores

TAGS = ("other", "key", "value", "header", "cell", "cell_header")
RELATIONS = ("key_value", "same_row", "same_column", "same_cell")
CONFIG = replace(MODEL, tags=TAGS, relations=RELATIONS)

SURE = 4.0
"""A logit: 0.982 as a relation's probability."""


def ideal(
    words: Sequence[Word],
    tags: Mapping[str, Iterable[int]],
    **related: Iterable[tuple[Sequence[int], Sequence[int]]],
) -> WordScores:
    """Scores from what is so: tag -> words, relation -> pairs of groups of words."""
    count = len(words)
    tag_logits = np.zeros((count, len(TAGS)), np.float32)
    tag_logits[:, 0] = SURE / 2
    for name, members in tags.items():
        tag_logits[list(members), TAGS.index(name)] = SURE
    relations = np.full((len(RELATIONS), count, count), -SURE, np.float32)
    for name, pairs in related.items():
        for first, second in pairs:
            relations[RELATIONS.index(name)][np.ix_(first, second)] = SURE
    return WordScores.from_logits(words, tag_logits, relations, CONFIG)


def together(*groups: Sequence[int]) -> list[tuple[Sequence[int], Sequence[int]]]:
    """Pairs of a symmetric relation within each group."""
    return [([a], [b]) for group in groups for a, b in product(group, group)]
