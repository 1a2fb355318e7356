"""Lines are read anew, and what was read is dealt out to the words that were there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw, ImageFont

from docx_cli import recognizer, session
from docx_cli.recognizer import Letter
from docx_cli.tesseract import OcrWord

WIDE = 0.02
LINES = ("Invoice for 17 pieces", "Rope Walk 8, Dublin", "Grand total 1,284.50")


def word(text: str, x: float, y: float = 0.1) -> OcrWord:
    """A word at a place; every character is as wide as the next."""
    return OcrWord(text, x, y, x + WIDE * len(text), y + 0.02, 0.4)


def letters(text: str, x: float) -> list[Letter]:
    """Letters of that width from a place on."""
    return [Letter(c, x + WIDE * (i + 0.5), 0.9) for i, c in enumerate(text)]


def dealt(read: Sequence[Letter], words: Sequence[OcrWord]) -> list[list[str]]:
    return [[each.text for each in part] for part in recognizer.deal(read, words)]


def test_letters_go_to_the_words_they_stand_for() -> None:
    words = [word("Te1:", 0.1), word("07-35", 0.2), word("Fax", 0.32)]
    read = letters("Tel:", 0.105) + letters("07-36", 0.19) + letters("Fax", 0.33)
    assert dealt(read, words) == [["Tel:"], ["07-36"], ["Fax"]]
    assert {w.confidence for part in recognizer.deal(read, words) for w in part} == {0.9}


def test_where_a_letter_stands_decides_between_equal_ones() -> None:
    words = [word("00", 0.1), word("00", 0.16)]
    assert dealt(letters("00", 0.1) + letters("000", 0.16), words) == [["00"], ["000"]]


def test_a_space_divides_a_word_and_its_box() -> None:
    joined = word("Grandtotal", 0.1)
    first, second = recognizer.deal(letters("Grand total", 0.1), [joined])[0]
    assert (first.text, second.text) == ("Grand", "total")
    assert first.x0 == joined.x0 and second.x1 == joined.x1
    assert first.x1 == second.x0 == pytest.approx(0.1 + WIDE * 5.5)


def test_a_word_in_which_nothing_was_seen_is_left_out() -> None:
    assert dealt(letters("Net", 0.1), [word("Net", 0.1), word("|", 0.4)]) == [["Net"], []]
    assert dealt([], [word("~", 0.4)]) == [[]]


def test_lines_end_at_wide_gaps_and_hold_what_stands_beside() -> None:
    words = [word("b", 0.14), word("a", 0.1), word("far", 0.6), word("c", 0.1, y=0.13)]
    assert sorted(recognizer.lines(words, 1.0)) == [[1, 0], [2], [3]]
    assert recognizer.lines([], 1.0) == []


def test_it_reads_what_its_alphabet_holds() -> None:
    assert recognizer.model_file("eng") == recognizer.model_file("deu+eng") is not None
    assert recognizer.model_file("jpn") is None
    assert recognizer.model_file("eng+jpn") is None


def small_page() -> tuple[Image.Image, list[OcrWord]]:
    """Draw some lines; return the picture and its words with their texts lost."""
    image = Image.new("L", (320, 100), 235)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    words = []
    for number, line in enumerate(LINES):
        x = 30.0
        for text in line.split():
            left, top, right, bottom = draw.textbbox((x, 10 + 30 * number), text, font)
            draw.text((x, 10 + 30 * number), text, 40, font)
            corners = left / 320, top / 100, right / 320, bottom / 100
            words.append(OcrWord("x" * len(text), *corners, 0.3))
            x = right + 5
    return image, words


def test_every_letter_is_read_and_boxes_stay() -> None:
    image, words = small_page()
    model = recognizer.model_file("eng")
    assert model is not None
    read = recognizer.read_lines(image, words, model)
    assert [w.text for w in read] == " ".join(LINES).split()
    for before, after in zip(words, read, strict=True):
        assert (after.x0, after.y0, after.x1, after.y1) == (
            before.x0, before.y0, before.x1, before.y1,
        )  # fmt: skip


def test_lines_whose_time_has_gone_stay_as_they_are() -> None:
    image, words = small_page()
    model = recognizer.model_file("eng")
    assert model is not None
    assert recognizer.read_lines(image, words, model, deadline=0) == words


def test_a_process_that_shares_its_cores_takes_fewer_threads() -> None:
    model = recognizer.model_file("eng")
    assert model is not None
    try:
        session.limit_threads(1)
        assert session.open_graph(model).get_session_options().intra_op_num_threads == 1
    finally:
        session.limit_threads(None)
    assert session.open_graph(model, 2).get_session_options().intra_op_num_threads == 2
