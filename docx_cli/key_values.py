"""Tags and links of words -> key-value pairs.

A first, plain reading: words of one tag that the model puts together are an entity; each value
entity takes the key entity that the model links it to most.
"""

from __future__ import annotations

from docx_cli.document import KeyValue
from docx_cli.grouping import block_mean
from docx_cli.word_scores import WordScores

LINK_THRESHOLD = 0.5
"""Mean link probability from a key's words to a value's below which they are no pair."""


def key_values(page: int, scores: WordScores) -> list[KeyValue]:
    """Pair keys with values of one page, in order of the values."""
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
