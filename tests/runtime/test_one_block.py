"""Answers of several lines keep to their column."""

from __future__ import annotations

import pytest

from docx_cli.document import Box, Word
from docx_cli.one_block import in_one_block

LETTER, HIGH = 0.01, 0.012


def words(*lines: tuple[float, float, str]) -> list[Word]:
    """Words of lines (x, y, text), a letter's width between them, in row order."""
    out = []
    for x, y, text in sorted(lines, key=lambda line: (line[1], line[0])):
        for word in text.split():
            end = x + LETTER * len(word)
            out.append(Word(word, Box(x, y, end, y + HIGH)))
            x = end + LETTER
    return out


def kept(*lines: tuple[float, float, str]) -> str:
    given = words(*lines)
    return " ".join(given[i].text for i in in_one_block(given))


def test_what_stands_beside_the_lines_of_an_address_goes() -> None:
    beside = ((0.6, 0.1, "Order ID 384"), (0.6, 0.12, "Weight 4.8 kg"))
    lines = ((0.1, 0.1, "No 5, Jalan Mega"), (0.1, 0.12, "43300 Seri"), (0.1, 0.14, "Penang"))
    assert kept(*lines, *beside) == "No 5, Jalan Mega 43300 Seri Penang"


@pytest.mark.parametrize(
    "lines",
    [
        ((0.1, 0.1, "one line"), (0.6, 0.1, "alone")),
        ((0.1, 0.1, "a text that goes"), (0.1, 0.12, "on below")),
        # A span that ends in the other column is none of one block.
        ((0.1, 0.1, "Name"), (0.1, 0.12, "Street"), (0.6, 0.12, "Value")),
        # Lines that begin at no common edge, as centred ones do.
        ((0.1, 0.1, "Centred title"), (0.6, 0.1, "x"), (0.15, 0.12, "of two lines")),
    ],
)
def test_all_is_kept_where_no_block_is_seen(lines: tuple[tuple[float, float, str], ...]) -> None:
    assert kept(*lines) == " ".join(word.text for word in words(*lines))
