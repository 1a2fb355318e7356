"""The review page, as text and in a real browser.

The browser is Debian's chromium-headless-shell, which `make system` installs; the variable
CHROMIUM names another.
"""

import base64
import hashlib
import html
import os
import re
import shutil

import pytest
from cli_support import sample
from documents import INVOICE_ROWS, page
from form_fixtures import form
from pdf_fixtures import pdf
from PIL import Image
from playwright.sync_api import Error, sync_playwright

from docx_cli.document import Answer, Box, Evidence, KeyValue, Page, TextRegion, Word
from docx_cli.review import Review

EVIL = "</title></style><script>document.title='owned'</script><img src=x onerror='alert(1)'>"


def word(text, x0, y0, x1, y1):
    return Word(text, Box(x0, y0, x1, y1), 0.87)


def evil_result():
    """Return a sample whose every text tries to become code."""
    at, key = word(EVIL, 0.1, 0.1, 0.4, 0.13), word("k", 0.1, 0.3, 0.2, 0.32)
    value = word("v", 0.5, 0.3, 0.7, 0.32)
    evidence, keyed, valued = (Evidence(1, w.box, (w,)) for w in (at, key, value))
    return sample(
        source=EVIL,
        pages=(
            Page(1, 600, 800, words=(at, key, value)),
            Page(2, 600, 800, error=EVIL, status="failed"),
        ),
        answers=(
            Answer(EVIL, EVIL, EVIL, True, 0.91, "pointer", evidence),
            Answer("none", "none", "", False, 0.4, "none"),
        ),
        key_values=(KeyValue(TextRegion(EVIL, keyed), TextRegion(EVIL, valued), 0.5),),
    )


def review(result):
    made = Review(result)
    pictures = [Image.new("RGB", (600, 800), "white"), None]
    parts = [made.page(p, q) for p, q in zip(result.pages, pictures, strict=True)]
    return "".join([made.head(), *parts, made.tail()])


def test_the_policy_forbids_all_but_its_own_style():
    text = review(evil_result())
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", "img-src data:", f"style-src 'sha256-{digest}'", "base-uri 'none'",
    ]  # fmt: skip
    assert not re.search(r"<script|<img src=x|\sstyle=|\son\w+=\"", text)


def test_every_link_leads_to_a_place_on_the_page():
    text = review(evil_result())
    places = re.findall(r'\bid="([^"]+)"', text)
    assert len(places) == len(set(places))
    links = re.findall(r'href="([^"]+)"', text)
    assert links and {link[1:] for link in links} <= set(places)
    assert {link[0] for link in links} == {"#"}


def test_what_was_not_found_and_pages_that_failed_are_told():
    text = review(evil_result())
    assert "<em>not found</em>" in text
    assert f"Page 2: {html.escape(EVIL)}" in text
    assert "nothing found on this page" in text


@pytest.fixture(scope="module")
def browser():
    """Return a running Chromium."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert path, "there is no Chromium: `make system` installs it"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path)
        yield running
        running.close()


@pytest.fixture
def tab(browser):
    """Return an empty tab of a desktop's size, with the addresses that it asks for."""
    made = browser.new_page(viewport={"width": 1300, "height": 700})
    made.set_default_timeout(60_000)
    made.asked = []
    made.on("request", lambda request: made.asked.append(request.url))
    yield made
    made.close()


def show(tab, file):
    """Open a file; it must be all that is loaded."""
    tab.goto(file.as_uri())
    assert [url for url in tab.asked if not url.startswith("data:")] == [file.as_uri()]


def style(tab, place, name):
    return tab.locator(place).first.evaluate(f"e => getComputedStyle(e)['{name}']")


def test_nothing_from_a_document_runs(tab, tmp_path):
    file = tmp_path / "evil.html"
    file.write_text(review(evil_result()), encoding="utf-8")
    show(tab, file)
    assert tab.title() == EVIL
    assert tab.locator("script").count() == 0
    assert tab.locator(".findings .answer b").inner_text() == EVIL
    with pytest.raises(Error, match="Content Security Policy"):
        tab.add_script_tag(content="document.title = 'owned'")
    assert tab.title() == EVIL


def test_a_click_in_the_list_highlights_the_box_and_back(tab, tmp_path):
    file = tmp_path / "review.html"
    file.write_text(review(evil_result()), encoding="utf-8")
    show(tab, file)
    assert style(tab, "#box-1 rect", "strokeWidth") == "2px"
    tab.click("#item-1 > a b")
    assert (tab.url.rpartition("#")[2], style(tab, "#box-1 rect", "strokeWidth")) == (
        "box-1",
        "3px",
    )
    plain = style(tab, "#item-2 > a", "backgroundColor")
    tab.click("#box-2 rect.is-value")
    tab.mouse.move(0, 0)
    assert tab.url.rpartition("#")[2] == "item-2"
    assert style(tab, "#item-2 > a", "backgroundColor") != plain
    assert style(tab, "#box-1 rect", "strokeWidth") == "2px"


def test_hovering_tells_the_confidence(tab, tmp_path):
    file = tmp_path / "review.html"
    file.write_text(review(evil_result()), encoding="utf-8")
    show(tab, file)
    assert style(tab, "#box-2 text", "visibility") == "hidden"
    tab.hover("#box-2 rect.is-value")
    assert style(tab, "#box-2 text", "visibility") == "visible"
    assert "50%" in tab.locator("#box-2 text").text_content()
    assert "(87%)" in tab.locator(".words title").first.text_content()


def test_boxes_lie_where_they_were_found_and_can_be_switched_off(tab, tmp_path):
    file = tmp_path / "review.html"
    file.write_text(review(evil_result()), encoding="utf-8")
    show(tab, file)
    for width in (1300, 700):  # beside the list, and above it
        tab.set_viewport_size({"width": width, "height": 700})
        sheet = tab.locator(".sheet > img").bounding_box()
        box = tab.locator("#box-1 rect").bounding_box()
        left = (box["x"] - sheet["x"]) / sheet["width"]
        bottom = (box["y"] + box["height"] - sheet["y"]) / sheet["height"]
        assert (left, bottom) == (pytest.approx(0.1, abs=0.01), pytest.approx(0.13, abs=0.01))
    for kind, place in (("words", ".sheet > .words"), ("pair", "#item-2"), ("answer", "#item-1")):
        assert tab.locator(place).first.is_visible()
        tab.locator(f"#show-{kind}").uncheck()
        assert not tab.locator(place).first.is_visible()


def test_the_command_makes_a_page_of_all_pages(docx_here, tab, tmp_path):
    source, target = tmp_path / "two.pdf", tmp_path / "out" / "review.html"
    target.parent.mkdir()
    source.write_bytes(pdf(page(INVOICE_ROWS), page([[(60, "Nothing else.")]])))
    done = docx_here("show", source, "-o", target, "-q", "total=What is the total?")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    show(tab, target)
    assert tab.locator(".page img").count() == 2
    assert tab.locator(".summary span").inner_text() == "$118.80"
    assert tab.locator(".page img").first.evaluate("e => e.naturalWidth") in (909, 910)


def test_the_command_marks_form_fields(docx_here, tmp_path):
    source = tmp_path / "form.pdf"
    source.write_bytes(form())
    text = docx_here("show", source, "-o", "-", "--html").stdout.decode()
    assert text.count('<li class="form"') == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "a.html", "--page", "1"],
        ["-o", "a.png", "--pages", "1"],
        ["-o", "a.png", "--join-pages"],
    ],
)
def test_options_of_pictures_and_of_review_pages_are_not_mixed_up(
    docx_here, documents, tmp_path, monkeypatch, arguments
):
    monkeypatch.chdir(tmp_path)
    done = docx_here("show", documents / "invoice.pdf", *arguments)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
