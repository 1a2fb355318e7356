"""Tags, links and places of words -> key-value pairs.

Entities and links are chosen together (`pairing`), from what the model says and from where words
stand: neighbours in a line are one, and a value stands right of its key, or below it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import ALL_PARTS, Basis, KeyValue, Page, TextRegion
from docx_cli.grouping import Floats, sigmoid
from docx_cli.layout import A4
from docx_cli.pairing import Odds, Reading, paired
from docx_cli.value_lines import joined
from docx_cli.word_scores import WordScores

# Both come from logistic regressions beside the model's own log odds (decision 0032).
BESIDE, NOT_BESIDE = 4.4, -1.5
"""Log odds that two words are one, as neighbours in a line and elsewhere."""
IN_PLACE, OUT_OF_PLACE = 0.7, -1.0
"""Log odds of a link right beside the key, and where its ends do not stand so."""
APART = 0.8
"""White between neighbours in a line, in heights of one."""
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
    odds, reading = read(page, scores, parts)
    basis: tuple[Basis, ...] = ("model", "geometry") if "geometry" in parts else ("model",)
    out = []
    for k, v in sorted(reading.links, key=lambda link: reading.values[link[1]]):
        groups = reading.keys[k], reading.values[v]
        key, told = (typed(scores.region(page.number, group)) for group in groups)
        if not key.text or not told.text:  # a line to write on that nobody wrote on
            continue
        out.append(KeyValue(key, told, _confidence(scores, odds, *groups), basis=basis))
    return out


def read(
    page: Page, scores: WordScores, parts: Collection[Basis] = ALL_PARTS
) -> tuple[Odds, Reading]:
    """Choose keys, values and links of a page, also what stays without a partner."""
    odds = Odds.of(scores)
    if "geometry" not in parts:
        return odds, paired(odds)
    size = (page.width, page.height) if min(page.width, page.height) > 0 else A4
    boxes = np.array([w.box.as_tuple() for w in scores.words]).reshape(-1, 4) * (*size, *size)
    placed, height = _with_places(odds, boxes), line_height(boxes)
    return placed, joined(paired(placed), odds, scores.words, boxes, height)


def _confidence(scores: WordScores, odds: Odds, key: Sequence[int], value: Sequence[int]) -> float:
    """Mean probability of the words' links and of their tags."""
    first, second = (np.searchsorted(odds.words, group) for group in (key, value))
    link = sigmoid(odds.link[np.ix_(first, second)]).mean()
    tagged = scores.tag("key")[list(key)].mean() * scores.tag("value")[list(value)].mean()
    return float(link * tagged**0.5)


def typed(region: TextRegion) -> TextRegion:
    """Return a region as a person would type it: without separators at its ends.

    Its words stay as they are printed.
    """
    return replace(region, text=_TRAILING.sub("", _LEADING.sub("", region.text)))


def _with_places(odds: Odds, boxes: Floats) -> Odds:
    """Add what the places of words say.

    Args:
        odds: what the model says.
        boxes: of all words in points, [W, 4].
    """
    height, mine = line_height(boxes), boxes[list(odds.words)]
    near = _nearness(mine, mine, height)
    return replace(
        odds,
        same=odds.same + np.where(beside(mine, height), BESIDE, NOT_BESIDE),
        link=odds.link + np.where(near > 0, IN_PLACE * near, OUT_OF_PLACE),
    )


def line_height(boxes: Floats) -> float:
    """Height of a line of the page's text, in points."""
    return float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else 1.0


def beside(boxes: Floats, height: float) -> NDArray[np.bool_]:
    """Say which words are neighbours in a line, [N, N]; `height` is that of a line."""
    across = np.maximum.outer(boxes[:, 0], boxes[:, 0]) - np.minimum.outer(boxes[:, 2], boxes[:, 2])
    down = np.maximum.outer(boxes[:, 1], boxes[:, 1]) - np.minimum.outer(boxes[:, 3], boxes[:, 3])
    return np.asarray((down < -0.4 * height) & (across < APART * height))


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
