"""Findings drawn on a page."""

import io

from cli_support import sample
from PIL import Image, ImageChops

from docx_cli.drawing import ANSWERS, KEY, TABLE, VALUE, draw_page


def test_what_was_found_is_drawn_where_it_is():
    page = Image.new("RGB", (600, 850), "white")
    drawn = draw_page(page, sample(), 1)
    assert page.getcolors() == [(600 * 850, (255, 255, 255))]
    assert drawn.getpixel((round(0.1 * 599), round(0.53 * 849))) == TABLE[:3]
    assert drawn.getpixel((round(0.1 * 599), round(0.22 * 849))) == KEY[:3]
    colors = {color for _, color in drawn.getcolors(1 << 16)}
    assert {ANSWERS[0][:3], KEY[:3], TABLE[:3]} <= colors
    assert VALUE[:3] not in colors  # the answer's box lies on the value's
    left, top, right, bottom = ImageChops.difference(page, drawn).getbbox()
    assert 0.1 * 599 - 2 <= left < right <= 0.9 * 599 + 2
    assert 0.17 * 849 <= top < bottom <= 0.6 * 849 + 2


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
