"""Which of a value's places on a page its label meant.

A label that gives a value without a place ("flight_to": "01/24/20") may stand on the page a dozen
times. Learning from all places at once teaches spans that begin at one and end at another; so the
places are narrowed by what stands around them, and questions that stay ambiguous are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Range = tuple[int, int]
"""First character and one past the last, in the page's text in row order."""

PERIODS = (("flight_from", "flight_to"),)
"""Fields that are printed as a pair, first and last day of a period."""

GAP = 6
"""Characters between the two dates of a period: " - ", " to ", " thru "."""

REACH = 40
"""Characters in front of a value in which its key is looked for."""

AMBIGUOUS = 3
"""More places than this without a key say nothing."""

KEYS = {
    "contract_num": r"contract|order|invoice|estimate",
    "advertiser": r"advertiser|client|customer",
    "gross_amount": r"gross|total|amount",
    "flight_from": r"flight|start|from|begin|dates|period",
    "flight_to": r"flight|end|to|thru|through|dates|period",
}


def narrow(found: Mapping[str, Sequence[Range]], text: str) -> dict[str, list[Range]]:
    """Keep the places that are meant; a field whose places stay ambiguous gets none.

    Args:
        found: every place of each field's value on the page, in order.
        text: the page's text.
    """
    out = {name: _by_key(name, list(ranges), text) for name, ranges in found.items()}
    for first, last in PERIODS:
        pair = _first_pair(found.get(first, ()), found.get(last, ()))
        if pair:
            out[first], out[last] = [pair[0]], [pair[1]]
    return out


def _by_key(name: str, ranges: list[Range], text: str) -> list[Range]:
    """Keep the places in front of which the field's key stands, or words of its name."""
    pattern = KEYS.get(name) or "|".join(re.findall(r"[^\W\d_]{3,}", name))
    if not pattern or len(ranges) < 2:
        return ranges
    key = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    keyed = [r for r in ranges if key.search(text[max(0, r[0] - REACH) : r[0]])]
    # Where the keys are not known, a name that is nowhere printed says nothing.
    doubtful = name in KEYS and len(ranges) > AMBIGUOUS
    return keyed or ([] if doubtful else ranges)


def _first_pair(begins: Sequence[Range], ends: Sequence[Range]) -> tuple[Range, Range] | None:
    """The first two dates that stand beside each other: the header's, not a line's below."""
    for begin in begins:
        for end in ends:
            if 0 <= end[0] - begin[1] <= GAP:
                return begin, end
    return None
