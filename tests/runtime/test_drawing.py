"""Findings drawn on a page."""

import dataclasses
import io

from cli_support import sample
from PIL import Image, ImageChops

from docx_cli.document import Answer, Box, Evidence, Page, Word
from docx_cli.drawing import draw_page
from docx_cli.marks import COLORS, findings


def outline(image, x, y):
    """Return the color just left of a point given as fractions."""
    return image.getpixel((round(x * (image.width - 1)) - 1, round(y * (image.height - 1))))


def test_what_was_found_is_drawn_where_it_is():
    page = Image.new("RGB", (600, 850), "white")
    drawn = draw_page(page, sample(), 1)
    assert page.getcolors() == [(600 * 850, (255, 255, 255))]
    assert outline(drawn, 0.1, 0.53) == COLORS["header"]
    assert outline(drawn, 0.1, 0.58) == COLORS["table"]
    assert outline(drawn, 0.5, 0.58) == COLORS["cell"]
    assert outline(drawn, 0.1, 0.22) == COLORS["key"]
    assert outline(drawn, 0.5, 0.22) == COLORS["answer"]  # it lies on the value's
    left, top, right, bottom = ImageChops.difference(page, drawn).getbbox()
    assert 0.1 * 599 - 3 <= left < right <= 0.9 * 599 + 3
    assert 0.17 * 849 <= top < bottom <= 0.6 * 849 + 30


def test_other_pages_stay_clean():
    page = Image.new("RGB", (300, 400), "white")
    assert ImageChops.difference(draw_page(page, sample(), 2), page).getbbox() is None


def test_it_is_the_same_picture_each_time():
    page = Image.new("RGB", (300, 400), "white")
    pictures = []
    for _ in range(2):
        file = io.BytesIO()
        draw_page(page, sample(), 1).save(file, "PNG")
        pictures.append(file.getvalue())
    assert pictures[0] == pictures[1]


def test_labels_cover_no_text():
    """Words stand above, below and beside the answers; each label finds another place."""
    boxes = [Box(0.3, y, 0.5, y + 0.02) for y in (0.40, 0.42, 0.44, 0.46, 0.48)]
    words = tuple(Word("word", box) for box in boxes)
    answers = tuple(
        Answer("?", f"name {n}", "word", True, 0.9, "pointer", Evidence(1, words[n].box, ()))
        for n in (1, 2, 3)
    )
    plain = sample(answers=None, key_values=None, tables=None)
    crowded = dataclasses.replace(plain, pages=(Page(1, 600, 850, words=words),), answers=answers)
    white = Image.new("RGB", (600, 850), "white")
    drawn = draw_page(white, crowded, 1)
    assert COLORS["answer"] in {color for _, color in drawn.getcolors(1 << 16)}
    for box in boxes:
        inside = drawn.crop((round(box.x0 * 599) + 3, round(box.y0 * 849) + 3,
                             round(box.x1 * 599) - 3, round(box.y1 * 849) - 3))  # fmt: skip
        assert COLORS["answer"] not in {color for _, color in inside.getcolors()}


def test_a_field_that_nothing_names_has_no_arrow():
    [pair] = sample().key_values
    alone = dataclasses.replace(pair, key=pair.value, source="form")
    [finding] = findings(sample(answers=None, tables=None, key_values=(alone,)), 1)
    assert (finding.kind, finding.arrow, len(finding.shapes)) == ("form", None, 1)
