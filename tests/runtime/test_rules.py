"""Ruling lines in pictures drawn for the purpose."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image, ImageDraw

from docx_cli.document import Box, Word
from docx_cli.rules import Rules, find_rules, runs

DPI = 100
SIZE = (400, 600)  # columns, rows


def drawn(*lines: tuple[int, int, int, int], width: int = 1, ink: int = 0) -> Rules:
    image = Image.new("L", SIZE, 255)
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=ink, width=width)
    return find_rules(np.asarray(image), DPI)


@pytest.mark.parametrize(("width", "ink"), [(1, 0), (3, 0), (1, 200)])
def test_lines_are_found_where_they_are(width: int, ink: int) -> None:
    found = drawn((50, 90, 350, 90), (120, 100, 120, 500), width=width, ink=ink)
    np.testing.assert_allclose(found.across, [(90 / 600, 50 / 400, 351 / 400)], atol=0.004)
    np.testing.assert_allclose(found.down, [(120 / 400, 100 / 600, 501 / 600)], atol=0.004)


def test_a_slanting_line_is_one() -> None:
    found = drawn((20, 100, 380, 106))
    assert found.across[:, 1:] == pytest.approx(np.array([(20 / 400, 381 / 400)]), abs=0.01)


def test_text_that_touches_a_line_does_not_end_it() -> None:
    image = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(image)
    pen.line((50, 90, 350, 90), fill=0)
    for x in range(150, 200, 6):
        pen.line((x, 90, x, 99), fill=0, width=4)
    for x in range(50, 90, 6):
        pen.line((x, 80, x, 90), fill=0, width=4)
    found = find_rules(np.asarray(image), DPI)
    np.testing.assert_allclose(found.across, [(90 / 600, 50 / 400, 351 / 400)], atol=0.004)


def test_bars_short_strokes_and_faint_lines_are_none() -> None:
    assert drawn((50, 90, 350, 90), width=12).across.size == 0
    assert drawn((50, 90, 60, 90)).across.size == 0
    assert drawn((50, 90, 350, 90), ink=240).across.size == 0


def test_a_picture_too_small_to_hold_a_line_has_none() -> None:
    found = find_rules(np.zeros((3, 3), np.uint8), DPI)
    assert found.across.shape == found.down.shape == (0, 3)


def test_a_line_through_words_is_a_stroke_of_theirs() -> None:
    rules = Rules(np.array([(0.115, 0.1, 0.3), (0.5, 0.1, 0.3)]), np.zeros((0, 3)))
    words = [Word("struck", Box(0.1, 0.1, 0.2, 0.13)), Word("out", Box(0.21, 0.1, 0.3, 0.13))]
    assert rules.apart_from(words).across[:, 0] == pytest.approx([0.5])


@pytest.mark.parametrize("least", [1, 2, 5, 12])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_runs_are_those_that_a_loop_finds(least: int, share: float) -> None:
    chance = np.random.default_rng(least)
    for rows, columns in ((1, 1), (1, 30), (30, 1), (8, 8), (17, 23)):
        ink = chance.random((rows, columns)) < share
        expected = []
        for y, row in enumerate("".join("x" if dot else " " for dot in line) for line in ink):
            expected += [(y, *m.span()) for m in re.finditer("x+", row) if len(m[0]) >= least]
        for same in (ink, np.asfortranarray(ink)):  # as it lies, and on its side
            assert (
                list(zip(*(each.tolist() for each in runs(same, least)), strict=True)) == expected
            )
