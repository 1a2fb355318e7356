"""Lines are read anew, and their letters become words that lie where they are printed."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from docx_cli import recognizer, session
from docx_cli.detector import Line
from docx_cli.document import Box
from docx_cli.recognizer import Letter, Models

LINES = ("Invoice for 17 pieces", "Rope Walk 8, Dublin", "Grand total 1,284.50")
WIDE, HIGH = 640, 240


def models() -> Models:
    found = recognizer.models_for("eng")
    assert found is not None
    return found


def inked(*runs: tuple[int, int]) -> np.ndarray:
    """Make a strip with ink in some columns."""
    pixels = np.full((48, 200), 240, np.uint8)
    for start, end in runs:
        pixels[12:36, start:end] = 30
    return pixels


def words(letters: list[Letter], pixels: np.ndarray) -> list[tuple[str, float, float]]:
    """Return texts with their places in columns, of a line as wide as the page."""
    read = recognizer.words_of(letters, pixels, Line(0.0, 1.0, 0.5, 0.5, 0.1))
    return [(w.text, w.x0 * 200, w.x1 * 200) for w in read]


def test_a_space_divides_words_and_their_boxes_end_at_ink() -> None:
    seen = [Letter("N", 25, 0.9), Letter("o", 45, 0.7), Letter(" ", 60, 0.9), Letter("7", 75, 0.9)]
    found = words(seen, inked((20, 32), (40, 50), (70, 80)))
    assert [text for text, *_ in found] == ["No", "7"]
    assert [edges for _, *edges in found] == [[20, 50], [70, 80]]


def test_a_gap_wider_than_the_others_divides_where_no_space_was_seen() -> None:
    places = (20, 32), (36, 48), (52, 64), (88, 100), (104, 116)
    seen = [Letter(c, (a + b) / 2, 0.9) for c, (a, b) in zip("abcde", places, strict=True)]
    assert [text for text, *_ in words(seen, inked(*places))] == ["abc", "de"]
    even = [(a, a + 12) for a in range(20, 180, 32)]
    seen = [Letter(c, (a + b) / 2, 0.9) for c, (a, b) in zip("abcde", even, strict=True)]
    assert [text for text, *_ in words(seen, inked(*even))] == ["abcde"]


def test_no_letters_no_words_and_spaces_alone_are_none() -> None:
    assert words([], inked()) == []
    assert words([Letter(" ", 60, 0.9)], inked((20, 30))) == []


def test_a_word_is_as_sure_as_its_letters_and_lies_on_its_slanting_line() -> None:
    line = Line(0.2, 0.8, 0.4, 0.5, 0.1)
    seen = [
        Letter("4", 25, 1.0),
        Letter("2", 45, 0.5),
        Letter(" ", 100, 1.0),
        Letter("!", 185, 1.0),
    ]
    first, last = recognizer.words_of(seen, inked((20, 50), (180, 190)), line)
    assert (first.confidence, last.confidence) == (0.75, 1.0)
    assert (first.y0 + first.y1) / 2 == pytest.approx(line.middle((first.x0 + first.x1) / 2))
    assert last.x0 == pytest.approx(0.2 + 0.6 * 180 / 200) and last.y0 > first.y0 + 0.05


def test_it_knows_languages_in_latin_letters_with_their_own_letters() -> None:
    assert recognizer.models_for("eng") == recognizer.models_for("deu+eng") is not None
    assert recognizer.models_for("jpn") is None
    assert recognizer.models_for("eng+jpn") is None
    model = models().recognizer
    plain, accented = (recognizer.Recognizer(model, accents).alphabet for accents in (False, True))
    assert set("aZ09.:€ ") < set(plain) < set(accented)
    assert "ü" in set(accented) - set(plain) and not {"家", "："} & set(accented)


def small_page() -> tuple[Image.Image, list[Line], list[tuple[str, Box]]]:
    """Draw lines, the second one slanting; return the picture, its lines and its words."""
    image = Image.new("L", (WIDE, HIGH), 235)
    font = ImageFont.load_default(28)
    lines, places = [], []
    for number, text in enumerate(LINES):
        slope = 0.04 if number == 1 else 0.0
        layer = Image.new("L", (WIDE, HIGH), 235)
        draw, x, y = ImageDraw.Draw(layer), 60.0, 60 + 60 * number
        for word in text.split():
            draw.text((x, y), word, 40, font, anchor="ls")
            end = x + draw.textlength(word, font)
            middle = y - 10 + slope * (x + end) / 2
            places.append(
                (word, Box(x / WIDE, (middle - 10) / HIGH, end / WIDE, (middle + 10) / HIGH))
            )
            x = end + 9
        sheared = layer.transform((WIDE, HIGH), Image.Transform.AFFINE, (1, 0, 0, -slope, 1, 0))
        image.paste(sheared.crop((0, y - 30, WIDE, y + 34)), (0, y - 30))
        left, right = (y - 9 + slope * at for at in (50, x))
        lines.append(Line(50 / WIDE, x / WIDE, left / HIGH, right / HIGH, 36 / HIGH))
    return image, lines, places


def test_every_word_is_read_where_it_is_printed() -> None:
    image, lines, places = small_page()
    read = recognizer.read_lines(image, lines, models().recognizer, "eng")
    assert [w.text for w in read] == " ".join(LINES).split()
    for word, (_, box) in zip(read, places, strict=True):
        assert (word.x0, word.x1) == pytest.approx((box.x0, box.x1), abs=5 / WIDE), word
        assert box.contains((word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2), word
        assert word.confidence > 0.8


def test_lines_whose_time_has_gone_are_left_out() -> None:
    image, lines, _ = small_page()
    assert recognizer.read_lines(image, lines, models().recognizer, "eng", deadline=0) == []


def test_a_process_that_shares_its_cores_takes_fewer_threads() -> None:
    model = models().recognizer
    try:
        session.limit_threads(1)
        assert session.open_graph(model).get_session_options().intra_op_num_threads == 1
    finally:
        session.limit_threads(None)
    assert session.open_graph(model, 2).get_session_options().intra_op_num_threads == 2
