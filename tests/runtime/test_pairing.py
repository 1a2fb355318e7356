"""Entities and links chosen together, from hand-made log odds."""

from __future__ import annotations

import numpy as np

from docx_cli.pairing import Odds, Reading, paired


def odds(
    tags: list[tuple[float, float]],
    same: dict[tuple[int, int], float],
    link: dict[tuple[int, int], float],
) -> Odds:
    """Log odds of words; what is not given is -4 for pairs."""
    count = len(tags)
    out = [np.full((count, count), -4.0) for _ in range(2)]
    for (a, b), value in same.items():
        out[0][a, b] = out[0][b, a] = value
    for (a, b), value in link.items():
        out[1][a, b] = value
    return Odds(tuple(range(10, 10 + count)), np.array(tags, float).reshape(-1, 2), *out)


KEY, VALUE = (4.0, -4.0), (-4.0, 4.0)


def test_words_of_one_entity_are_joined_and_linked() -> None:
    given = odds([KEY, KEY, VALUE], {(0, 1): 3.0}, {(0, 2): 3.0, (1, 2): 3.0})
    assert paired(given) == Reading(((10, 11),), ((12,),), ((0, 0),))


def test_links_part_keys_that_look_like_one() -> None:
    tags = [KEY, VALUE, KEY, VALUE]
    crossed = {(0, 1): 4.0, (2, 3): 4.0}
    assert paired(odds(tags, {(0, 2): 2.0}, crossed)).links == ((0, 0), (1, 1))
    one = paired(odds(tags[:3], {(0, 2): 2.0}, {(0, 1): 4.0, (2, 1): 4.0}))
    assert one.keys == ((10, 12),)


def test_values_of_one_key_are_rather_one() -> None:
    tags, same = [KEY, VALUE, VALUE, KEY], {(1, 2): -1.0}
    assert paired(odds(tags, same, {(0, 1): 4.0, (0, 2): 4.0})).values == ((11, 12),)
    assert paired(odds(tags, same, {(0, 1): 4.0, (3, 2): 4.0})).values == ((11,), (12,))


def test_a_key_may_have_several_values_and_a_value_one_key() -> None:
    tags = [KEY, VALUE, VALUE, KEY]
    links = {(0, 1): 4.0, (0, 2): 4.0, (3, 2): 3.0}
    assert paired(odds(tags, {(1, 2): -9.0}, links)).links == ((0, 0), (0, 1))


def test_a_doubtful_tag_counts_where_a_link_pays_for_it() -> None:
    doubtful = [KEY, (-4.0, -2.0)]
    assert paired(odds(doubtful, {}, {(0, 1): 3.0})).values == ((11,),)
    assert paired(odds(doubtful, {}, {(0, 1): 1.0})) == Reading(((10,),), (), ())
    key = paired(odds([(-2.0, -4.0), VALUE], {}, {(0, 1): 3.0}))
    assert key.links == ((0, 0),)
    assert paired(odds([(-4.0, -2.0), VALUE], {}, {})).keys == ()


def test_a_doubtful_key_that_nobody_needs_is_none() -> None:
    tags = [KEY, (-2.0, -4.0), VALUE]
    assert paired(odds(tags, {}, {(0, 2): 4.0, (1, 2): 3.0})).keys == ((10,),)


def test_no_words_no_pairs() -> None:
    assert paired(odds([], {}, {})) == Reading((), (), ())
