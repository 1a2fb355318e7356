"""Lines are found where text is, however it lies."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from docx_cli import detector, recognizer
from docx_cli.detector import Line

ROWS, COLUMNS = 160, 320


def core(x0: float, x1: float, middle: float, height: float, slope: float = 0.0) -> np.ndarray:
    """Draw the scores of a line's core."""
    y, x = np.mgrid[:ROWS, :COLUMNS] + 0.5
    inside = (np.abs(y - (middle + slope * (x - x0))) < height / 2) & (x > x0) & (x < x1)
    return np.where(inside, 0.9, 0.02).astype(np.float32)


def in_pixels(line: Line) -> tuple[float, ...]:
    wide = line.x0 * COLUMNS, line.x1 * COLUMNS
    return *wide, line.left * ROWS, line.right * ROWS, line.height * ROWS


def test_a_core_grows_to_its_line() -> None:
    (line,) = detector.lines_of(core(40, 240, 60, 10))
    area, around = 200 * 10, 2 * (200 + 10)
    more = 1.6 * area / around
    expected = 40 - more, 240 + more, 60, 60, 10 + 2 * more
    assert in_pixels(line) == pytest.approx(expected, abs=0.5)
    assert line.middle(0.4) == pytest.approx(60 / ROWS, abs=0.01)


@pytest.mark.parametrize("slope", [-0.08, 0.03, 0.1])
def test_a_line_follows_its_text(slope: float) -> None:
    (line,) = detector.lines_of(core(40, 240, 80, 10, slope))
    for x in (40, 120, 240):
        assert line.middle(x / COLUMNS) * ROWS == pytest.approx(80 + slope * (x - 40), abs=1)
    (level,) = detector.lines_of(core(40, 240, 80, 10))
    assert line.height == pytest.approx(level.height, rel=0.1)


def test_lines_come_from_top_to_bottom_and_stay_apart() -> None:
    cores = core(150, 300, 100, 10), core(20, 140, 40, 10), core(20, 120, 70, 10)
    scores = np.maximum.reduce(cores)
    middles = [line.left * ROWS for line in detector.lines_of(scores)]
    assert middles == pytest.approx([40, 70, 100], abs=1)


def test_specks_and_faint_smudges_are_no_lines() -> None:
    scores = np.zeros((ROWS, COLUMNS), np.float32)
    scores[50, 20:200] = 0.9  # a ruling line
    scores[80:95, 20:200] = 0.4
    assert detector.lines_of(scores) == []
    assert detector.lines_of(np.zeros((32, 32), np.float32)) == []


def test_what_hangs_together_is_one() -> None:
    random = np.random.default_rng(5)
    for share in (0.2, 0.4, 0.6):
        mask = random.random((24, 31)) < share
        y, start, end, number = detector.cores(mask)
        numbers = np.zeros(mask.shape, int)
        for row, a, b, each in zip(y, start, end, number, strict=True):
            numbers[row, a:b] = each + 1
        assert ((numbers > 0) == mask).all()
        assert flooded(mask) == {frozenset(np.flatnonzero(numbers == k)) for k in set(number + 1)}


def flooded(mask: np.ndarray) -> set[frozenset[int]]:
    """Collect what hangs together the slow way: point by point."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    groups = set()
    while left:
        group, edge = set(), [left.pop()]
        while edge:
            y, x = edge.pop()
            group.add(y * mask.shape[1] + x)
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge += near
        groups.add(frozenset(group))
    return groups


@pytest.mark.parametrize("degrees", [0.0, 3.0])
def test_printed_lines_are_found(degrees: float) -> None:
    image = Image.new("L", (900, 600), 235)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(26)
    places = []
    for number, text in enumerate(("Ferndale Crescent 17", "Order 4471-B", "Payable 1,284.50")):
        box = draw.textbbox((120, 150 + 120 * number), text, font)
        draw.text((120, 150 + 120 * number), text, 40, font)
        places.append(box)
    turned = image.rotate(-degrees, fillcolor=235)
    models = recognizer.models_for("eng")
    assert models is not None
    found = detector.find_lines(turned, models.detector)
    assert len(found) == 3
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    for line, (left, top, right, bottom) in zip(found, places, strict=True):
        # rotate() turns about the middle of the picture, which is at (450, 300).
        for x in (left + 20, right - 20):
            dx, dy = x - 450, (top + bottom) / 2 - 300
            where = (450 + dx * cosine - dy * sine) / 900
            assert line.middle(where) * 600 == pytest.approx(300 + dx * sine + dy * cosine, abs=4)
        assert bottom - top < line.height * 600 < 2.5 * (bottom - top)
        assert line.x1 - line.x0 == pytest.approx((right - left) / 900, abs=0.04)
