"""Headings above heads, and columns below them."""

from __future__ import annotations

from docx_cli.columns import gutters
from docx_cli.layout import Chunk, Line
from docx_cli.levels import leveled


def chunks(y: float, text: str, *across: tuple[float, float]) -> Line:
    return Line(tuple(Chunk((), text, x0, y, x1, y + 10) for x0, x1 in across))


def test_a_heading_askew_of_the_head_below_it_has_two_levels() -> None:
    beside, heads = chunks(6, "head", (0, 40)), chunks(12, "head", (60, 90), (110, 140))
    for over, levels in (((70, 130), 2), ((78, 108), 2), ((60, 80), 3)):
        assert len(leveled([chunks(0, "head", over), beside, heads])) == levels


def test_a_heading_does_not_hide_where_columns_meet() -> None:
    heading = chunks(0, "head", (88, 112))
    rows = [
        chunks(y, text, (0, 40), (60, 90), (110, 140))
        for y, text in ((12, "head"), (24, "1"), (36, "2"))
    ]
    assert len(gutters([heading, *rows], [])) == 2
