"""Tags, links and places of words -> key-value pairs.

Entities and links are decoded together: words that the tags alone would leave out as other text
or as cells count as keys and values where they come next, and what no link joins is not given.
A link is judged by the model and by where its ends stand: a value right of its key, or below it.
Each value takes one key; a key may have several values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from docx_cli.document import ALL_PARTS, Basis, KeyValue, Page, TextRegion
from docx_cli.grouping import Floats, block_mean, components, symmetric
from docx_cli.layout import A4
from docx_cli.word_scores import WordScores

LEAST_LINK = 0.4
"""Probability of the link, its place considered, below which there is no pair."""
DISCOUNTS = {"other": 0.1, "cell": 0.3, "cell_header": 0.3}
"""What the probabilities of tags are multiplied by that are neither key nor value."""
PLACE = 4.0
"""Log odds that a value gains right beside its key; out of place it loses half of them."""
FAR = 15.0
"""Heights of a line over which a place loses most of its worth."""

# A full stop or a dash is a separator only where it stands alone or repeats: "No." keeps its
# stop, "-5" its sign, ".5" its point, and a lone dash is what was written.
_LEADING = re.compile(r"^(?:[\s:;=|_…·]|\.{2,}|[.–—-]+(?=\s))+")
_TRAILING = re.compile(r"(?:[\s:;=|_…·]|\.{2,}|(?<=\s)[.–—-]+)+$")


def key_values(
    page: Page, scores: WordScores, parts: Collection[Basis] = ALL_PARTS
) -> list[KeyValue]:
    """Pair the keys of a page with their values, in order of the values.

    Args:
        page: the one the words are from.
        scores: what the model says of its words.
        parts: what may be used; all but for measuring.
    """
    if "model" not in parts:
        return []
    use_places = "geometry" in parts
    boxes = np.array([w.box.as_tuple() for w in scores.words]).reshape(-1, 4)
    size = (page.width, page.height) if min(page.width, page.height) > 0 else A4
    boxes = boxes * (*size, *size)
    keys, values = (
        entities(scores, name, boxes) if use_places else scores.entities(name)
        for name in ("key", "value")
    )
    if not keys or not values:
        return []
    model = _links(scores, keys, values)
    near = _nearness(_around(boxes, keys), _around(boxes, values), _height(boxes))
    link = _with_places(model, near) if use_places else model
    out = []
    for v, value in enumerate(values):
        k = int(link[:, v].argmax())
        if link[k, v] < LEAST_LINK:
            continue
        tagged = scores.tag("key")[keys[k]].mean() * scores.tag("value")[value].mean()
        placed = use_places and near[k, v] > 0
        key, told = (typed(scores.region(page.number, group)) for group in (keys[k], value))
        if not key.text or not told.text:  # a line to write on that nobody wrote on
            continue
        out.append(
            KeyValue(
                key,
                told,
                float(link[k, v] * tagged**0.5),
                basis=("model", "geometry") if placed else ("model",),
            )
        )
    return out


def typed(region: TextRegion) -> TextRegion:
    """Return a region as a person would type it: without separators at its ends.

    Its words stay as they are printed.
    """
    return replace(region, text=_TRAILING.sub("", _LEADING.sub("", region.text)))


def entities(scores: WordScores, name: str, boxes: Floats) -> list[list[int]]:
    """Group the words of one tag; neighbours in a line stand together.

    Args:
        scores: what the model says of the words.
        name: the tag.
        boxes: of the words in points, [W, 4].
    """
    tags = scores.config.tags
    weighed = scores.tags * [DISCOUNTS.get(tag, 1.0) for tag in tags]
    words = np.flatnonzero(weighed.argmax(axis=1) == tags.index(name)).tolist()
    if not words:
        return []
    same = symmetric(scores.relation("same_cell", words, words)) > 0.5
    height, mine = _height(boxes), boxes[words]
    across = np.maximum.outer(mine[:, 0], mine[:, 0]) - np.minimum.outer(mine[:, 2], mine[:, 2])
    down = np.maximum.outer(mine[:, 1], mine[:, 1]) - np.minimum.outer(mine[:, 3], mine[:, 3])
    beside = (down < -0.4 * height) & (across < 0.8 * height)
    below = (down < 0.6 * height) & (across < 2 * height)
    # Two keys may stand below one another; a line that ends with a colon is a whole one.
    ended = np.zeros(len(words), dtype=bool)
    for line in components(beside):
        last = max(line, key=lambda i: float(mine[i, 2]))
        ended[line] = scores.words[words[last]].text.endswith(":")
    top = mine[:, 1]
    below &= ~np.where(np.less.outer(top, top), ended[:, None], ended[None])
    return [[words[i] for i in group] for group in components(beside | (below & same))]


def _links(scores: WordScores, keys: list[list[int]], values: list[list[int]]) -> Floats:
    """Mean link probability from each key's words to each value's, [keys, values]."""
    words = sorted(w for group in keys + values for w in group)
    place = {w: i for i, w in enumerate(words)}
    local = [[[place[w] for w in group] for group in side] for side in (keys, values)]
    return block_mean(scores.relation("key_value", words, words), local[0], local[1])


def _around(boxes: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    """Boxes around groups of words, [groups, 4]."""
    return np.array(
        [[*boxes[g, :2].min(axis=0), *boxes[g, 2:].max(axis=0)] for g in map(list, groups)]
    )


def _height(boxes: Floats) -> float:
    """Height of a line of the page's text, in points."""
    return float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else 1.0


def _nearness(keys: Floats, values: Floats, height: float) -> Floats:
    """How near each value stands to the right of a key, or below it; 1 beside it, 0 elsewhere."""
    kx0, ky0, kx1, ky1 = (keys[:, [i]] for i in range(4))
    vx0, vy0, vx1, vy1 = (values[:, i][None] for i in range(4))
    shared = np.minimum(ky1, vy1) - np.maximum(ky0, vy0)
    right = (shared > 0.5 * np.minimum(ky1 - ky0, vy1 - vy0)) & (vx0 >= kx1 - height)
    over = np.minimum(kx1, vx1) - np.maximum(kx0, vx0)
    below = ~right & (vy0 >= ky1 - 0.5 * height) & (over > -height)
    # A line further down is as far as three heights to the right.
    distance = np.where(right, vx0 - kx1, 3 * (vy0 - ky1)) / height
    return np.asarray(np.exp(-np.maximum(distance, 0) / FAR) * (right | below))


def _with_places(link: Floats, near: Floats) -> Floats:
    """Add the places' log odds to the model's."""
    odds = np.log(np.clip(link, 1e-4, 1 - 1e-4) / (1 - np.clip(link, 1e-4, 1 - 1e-4)))
    odds = odds + np.where(near > 0, PLACE * near, -PLACE / 2)
    return np.asarray(1 / (1 + np.exp(-odds)))
