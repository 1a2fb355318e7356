"""Headings of pairs."""

from __future__ import annotations

from dataclasses import replace

import small_pages as pages
from word_scores import ideal

from docx_cli.document import Box, Evidence, KeyValue, Page, TextRegion, Word
from docx_cli.sections import governed

PAGE = Page(1, 500, 500)
WORDS = pages.lines(
    "Seller:              Buyer:",
    "Name   Ada           Name   Eve",
    "Payment",
    "Bank   Rome          City   Bonn",
)
HEADERS = (0, 1, 6)


def pair(words: tuple[Word, ...], key: int) -> KeyValue:
    key_region, value = (
        TextRegion(w.text, Evidence(1, w.box, (w,))) for w in (words[key], words[key + 1])
    )
    return KeyValue(key_region, value, 0.9)


def sections(*pairs: KeyValue, **tags: tuple[int, ...]) -> list[str | None]:
    tagged = {n for members in tags.values() for n in members}
    tags["other"] = tuple(n for n in range(len(WORDS)) if n not in tagged)
    told = governed(PAGE, ideal(WORDS, tags), pairs)
    return [p.section.text if p.section else None for p in told]


def test_the_nearest_heading_above_governs_its_own_column_first() -> None:
    pairs = [pair(WORDS, key) for key in (2, 4, 7)]
    assert sections(*pairs, header=HEADERS) == ["Seller", "Buyer", "Payment"]


def test_without_a_heading_above_there_is_none() -> None:
    assert sections(pair(WORDS, 2), header=(6,)) == [None]
    assert sections(pair(WORDS, 2)) == [None]


def test_an_option_belongs_to_its_question() -> None:
    option = replace(pair(WORDS, 9), checked=True)
    assert sections(option, key=(7,), header=(0, 1)) == ["Bank"]
    assert sections(pair(WORDS, 9), key=(7,), header=(0,)) == ["Seller"]


def test_a_key_that_has_its_value_asks_for_no_option() -> None:
    option = replace(pair(WORDS, 9), checked=True)
    assert sections(pair(WORDS, 7), option, key=(7,), header=(1,)) == [None, "Buyer"]


def test_an_option_is_no_question_of_the_next_one() -> None:
    first, second = (replace(pair(WORDS, n), checked=True) for n in (2, 7))
    assert sections(first, second, header=(0, 2)) == ["Seller", "Seller"]
    assert sections(first, second, header=(0,), key=(2,)) == ["Seller", "Seller"]


def test_a_heading_has_its_place() -> None:
    (told,) = governed(PAGE, ideal(WORDS, {"header": (0,)}), [pair(WORDS, 2)])
    assert told.section is not None
    assert told.section.evidence == Evidence(1, Box.around([WORDS[0].box]), (WORDS[0],))
