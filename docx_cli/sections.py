"""The heading that governs a pair: the nearest above it, its own column's before another's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from docx_cli.document import KeyValue, Page, TextRegion
from docx_cli.grouping import components, symmetric
from docx_cli.key_values import beside, line_height, typed
from docx_cli.layout import A4, Floats
from docx_cli.word_scores import WordScores

ASIDE = 0.5
"""What white to the right of a heading counts for, against white below it."""
INDENT = 2.0
"""Most that a pair stands out to the left of its heading, in heights of a line."""

FAR = 8.0
"""Most white between a question and its options, in heights of a line."""
DISCOUNTS = {"other": 0.1, "cell": 0.3, "cell_header": 0.3}
"""What the probabilities of tags are multiplied by that are neither key, value nor heading."""


def governed(page: Page, scores: WordScores, pairs: Iterable[KeyValue]) -> list[KeyValue]:
    """Name the section of each pair that stands below a heading.

    An option that is to be ticked belongs to its question: a key, or a heading.
    """
    size = (page.width, page.height) if page.width * page.height > 0 else A4
    known = list(pairs)
    options = {w for p in known if p.checked is not None for w in p.key.evidence.words}
    # A key with a value that is no option is answered, and asks for nothing below.
    answered = {
        w
        for p in known
        if p.checked is None and not options & set(p.value.evidence.words)
        for w in p.key.evidence.words
    }
    # An option is no question of others, whatever the model takes it for.
    headings, keys = (
        [r for r in _regions(page, scores, tag) if not options.issuperset(r.evidence.words)]
        for tag in ("header", "key")
    )
    keys = [k for k in keys if not answered & set(k.evidence.words)]
    out = []
    for pair in known:
        option = pair.checked is not None
        asked = _near(pair, keys) if option else []
        section = _above(pair, [*headings, *asked], size, beside=option)
        out.append(replace(pair, section=section))
    return out


def _regions(page: Page, scores: WordScores, tag: str) -> list[TextRegion]:
    boxes = np.array([w.box.as_tuple() for w in scores.words]).reshape(-1, 4)
    size = (page.width, page.height) if page.width * page.height > 0 else A4
    groups = _entities(scores, tag, boxes * (*size, *size))
    return [typed(scores.region(page.number, group)) for group in groups]


def _entities(scores: WordScores, name: str, boxes: Floats) -> list[list[int]]:
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
    height, mine = line_height(boxes), boxes[words]
    near, same = beside(mine, height), symmetric(scores.relation("same_cell", words, words)) > 0.5
    across = np.maximum.outer(mine[:, 0], mine[:, 0]) - np.minimum.outer(mine[:, 2], mine[:, 2])
    down = np.maximum.outer(mine[:, 1], mine[:, 1]) - np.minimum.outer(mine[:, 3], mine[:, 3])
    below = (down < 0.6 * height) & (across < 2 * height)
    # Two keys may stand below one another; a line that ends with a colon is a whole one.
    ended = np.zeros(len(words), dtype=bool)
    for line in components(near):
        last = max(line, key=lambda i: float(mine[i, 2]))
        ended[line] = scores.words[words[last]].text.endswith(":")
    top = mine[:, 1]
    below &= ~np.where(np.less.outer(top, top), ended[:, None], ended[None])
    return [[words[i] for i in group] for group in components(near | (below & same))]


def _near(pair: KeyValue, keys: list[TextRegion]) -> list[TextRegion]:
    """Return the keys that may be the question of an option: those not far above it."""
    box = pair.key.evidence.box
    # The key of a form's field may be no words of the page.
    words = (w.box for w in pair.key.evidence.words)
    height = max((b.y1 - b.y0 for b in words), default=box.y1 - box.y0)
    return [k for k in keys if box.y0 - k.evidence.box.y1 < FAR * height]


def _above(
    pair: KeyValue, headings: list[TextRegion], size: tuple[float, float], *, beside: bool
) -> TextRegion | None:
    """Return the heading nearest above a pair's key, or in its line where that will do."""
    own = {*pair.key.evidence.words, *pair.value.evidence.words}
    others = [h for h in headings if h.text and not own & set(h.evidence.words)]
    if not others:
        return None
    key = np.array(pair.key.evidence.box.as_tuple()) * (*size, *size)
    boxes = np.array([h.evidence.box.as_tuple() for h in others]) * (*size, *size)
    cost = _distance(key, boxes, beside)
    best = int(cost.argmin())
    return others[best] if np.isfinite(cost[best]) else None


def _distance(key: Floats, boxes: Floats, beside: bool) -> Floats:
    """White between headings [N, 4] and a key [4]; infinite where one does not govern the other."""
    height = key[3] - key[1]
    below = key[1] - boxes[:, 3]
    aside = np.maximum(key[0] - boxes[:, 2], 0)
    governs = (below > -0.3 * height) & (boxes[:, 0] < key[0] + INDENT * height)
    cost = np.where(governs, np.maximum(below, 0) + ASIDE * aside, np.inf)
    if beside:  # a question before its options is nearer than what stands above them
        level = (np.abs(below + height) < 0.5 * height) & (aside > 0)
        cost = np.where(level, ASIDE * aside / 10, cost)
    return cost
