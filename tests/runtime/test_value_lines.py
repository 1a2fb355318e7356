"""Values that were cut between lines."""

from __future__ import annotations

import numpy as np
import pytest
import small_pages as pages
from word_scores import RELATIONS, ideal, together

from docx_cli.document import Page
from docx_cli.grouping import Floats
from docx_cli.key_values import _with_places, key_values
from docx_cli.pairing import Odds, Reading, paired
from docx_cli.value_lines import joined

ROWS = (
    "Seller:  Ada Stores",
    "         12 High Street",
    "         Boston Massachusetts",
    "         617 555 0199",
    "Buyer:   Eve",
)
WORDS = pages.lines(*ROWS)
SIZE = 500
NAME, STREET, TOWN, PHONE, BUYER = (1, 2), (3, 4, 5), (6, 7), (8, 9, 10), (12,)
KEYS = ((0,), (11,))


def boxes() -> Floats:
    return np.array([w.box.as_tuple() for w in WORDS]) * SIZE


def read(
    values: tuple[tuple[int, ...], ...], links: tuple[tuple[int, int], ...], same: float = 0.0
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]]:
    """Values and links once they are joined; `same` are the model's log odds of any two words."""
    count = len(WORDS)
    odds = Odds(
        tuple(range(count)),
        np.zeros((count, 2)),
        np.full((count, count), same),
        np.zeros((count, count)),
    )
    # The rows of these pages stand as far apart as they are high.
    told = joined(Reading(KEYS, values, links), odds, WORDS, boxes(), 0.03 * SIZE)
    assert told.keys == KEYS
    return told.values, told.links


def test_two_parts_of_a_value_are_one() -> None:
    values = (NAME + STREET, TOWN)
    assert read(values, ((0, 0), (0, 1))) == ((NAME + STREET + TOWN,), ((0, 0),))


def test_a_part_without_a_key_goes_to_the_one_above_or_below() -> None:
    assert read((NAME + STREET, TOWN), ((0, 0),)) == ((NAME + STREET + TOWN,), ((0, 0),))
    assert read((NAME, STREET + TOWN), ((0, 1),)) == ((NAME + STREET + TOWN,), ((0, 0),))


def test_three_parts_are_one() -> None:
    parts = (NAME, STREET, TOWN)
    links = ((0, 0), (0, 1), (0, 2))
    assert read(parts, links, same=1.0) == ((NAME + STREET + TOWN,), ((0, 0),))


@pytest.mark.parametrize(
    ("values", "links", "same"),
    [
        ((NAME + STREET + TOWN, PHONE), ((0, 0), (0, 1)), 0.0),  # no letters
        ((NAME + STREET, TOWN), ((0, 0), (1, 1)), 3.0),  # of two keys
        ((NAME + STREET, TOWN), (), 3.0),  # of none
        ((NAME, TOWN), ((0, 0), (0, 1)), 3.0),  # a line lies between
        ((NAME + STREET, TOWN), ((0, 0), (0, 1)), -4.0),  # the model says no
        ((NAME, STREET), ((0, 0), (0, 1)), -0.5),  # two lines alone need the model's word
    ],
)
def test_what_stays_apart(
    values: tuple[tuple[int, ...], ...], links: tuple[tuple[int, int], ...], same: float
) -> None:
    assert read(values, links, same) == (values, links)


def test_nothing_is_joined_where_nothing_was_read() -> None:
    assert read((), ()) == ((), ())


def test_key_values_gives_the_whole_address() -> None:
    address = NAME + STREET + TOWN
    scores = ideal(
        WORDS,
        {"key": (0,), "value": address},
        same_cell=together(NAME + STREET, TOWN),
        key_value=[((0,), address)],
    )
    same = scores.windows[0].relations[RELATIONS.index("same_cell")]
    for upper, lower in ((NAME + STREET, TOWN), (TOWN, NAME + STREET)):
        same[np.ix_(upper, lower)] = 0.2  # the model is not sure that the town belongs to it
    told = key_values(Page(1, SIZE, SIZE, words=WORDS), scores)
    assert [(p.key.text, p.value.text) for p in told] == [
        ("Seller", "Ada Stores 12 High Street Boston Massachusetts")
    ]
    assert len(paired(_with_places(Odds.of(scores), boxes())).values) == 2
