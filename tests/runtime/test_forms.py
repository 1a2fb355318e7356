"""Form fields of PDFs: read as they are, and merged with what stands on the page."""

import json
from dataclasses import replace

import pytest
from cli_support import records
from form_fixtures import PLACES, form
from pdf_fixtures import source_of

from docx_cli import filled, forms, pdfium
from docx_cli.document import Alternative, Box, Evidence, FormField, KeyValue, TextRegion, Word

A4 = (595, 842)


def fields(rotate=0):
    with pdfium.open_document(source_of(form(rotate))) as document, document.page(1) as page:
        return page.fields()


def test_fields_are_read_with_names_values_and_states():
    told = [(f.name, f.label, f.kind, f.value, f.checked) for f in fields()]
    assert told == [
        ("applicant.name", "Full name of the applicant", "text", "Ada Löve =1+1", None),
        ("f1_02[0]", None, "text", "10 December 1815", None),
        ("country", None, "choice", "United Kingdom", None),
        ("member", None, "checkbox", "Yes", True),
        ("news", None, "checkbox", "Yes", False),
        ("plan", None, "radio", "basic", False),
        ("plan", None, "radio", "full", True),
        ("empty", None, "text", "", None),
    ]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_boxes_are_those_of_the_page_as_displayed(rotate):
    wide, high = A4 if rotate % 180 == 0 else A4[::-1]
    u0, v0, u1, v1 = PLACES["f1_02[0]"]
    [box] = [field.box for field in fields(rotate) if field.name == "f1_02[0]"]
    assert box.as_tuple() == pytest.approx((u0 / wide, v0 / high, u1 / wide, v1 / high), abs=1e-4)


def region(text, x0, y0, x1):
    box = Box(x0, y0, x1, y0 + 0.02)
    return TextRegion(text, Evidence(1, box, (Word(text, box),)))


def field(kind="text", value="Ada", checked=None, name="form.p1[0].name[0]", label=None):
    return FormField(name, label, kind, value, checked, Box(0.3, 0.09, 0.6, 0.13))


def pair(confidence, value="Ado", y=0.1):
    return KeyValue(region("Name:", 0.1, y, 0.2), region(value, 0.31, y, 0.4), confidence)


def test_the_field_corrects_the_value_and_the_page_gives_the_key():
    printed, below = pair(0.8), pair(0.9, "elsewhere", 0.5)
    word = printed.value.evidence.words[0]
    merged = forms.merge(1, [word], [below, printed], [field()])
    assert merged == [
        KeyValue(
            printed.key,
            TextRegion("Ada", Evidence(1, field().box, (word,))),
            0.8,
            "form",
            field(),
        ),
        below,
    ]


@pytest.mark.parametrize(
    ("label", "key"), [(None, "name"), ("Name of the applicant", "Name of the applicant")]
)
def test_a_key_that_is_unsure_gives_way_to_the_fields_own(label, key):
    [merged] = forms.merge(1, [], [pair(0.3)], [field(label=label)])
    assert (merged.key.text, merged.key.evidence.words, merged.confidence) == (key, (), 1.0)


@pytest.mark.parametrize(
    ("kind", "checked", "value"),
    [("checkbox", True, "checked"), ("checkbox", False, "unchecked"), ("radio", True, "Ada")],
)
def test_buttons_tell_their_state(kind, checked, value):
    [merged] = forms.merge(1, [], [], [field(kind, checked=checked)])
    assert (merged.value.text, merged.field.checked) == (value, checked)


@pytest.mark.parametrize("said", [field(value=""), field("radio", checked=False)])
def test_a_field_that_says_nothing_leaves_the_page_alone(said):
    printed = [pair(0.8), pair(0.9, y=0.05)]
    assert forms.merge(1, [], printed, [said]) == printed


@pytest.fixture(scope="module")
def form_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("form") / "form.pdf"
    file.write_bytes(form())
    return file


def test_key_values_of_a_form(docx_here, form_file):
    [record] = records(docx_here("kv", form_file))
    pairs = {p["field"]["name"]: p for p in record["key_values"] if p["source"] == "form"}
    assert {name: p["value"]["text"] for name, p in pairs.items()} == {
        "applicant.name": "Ada Löve =1+1",
        "f1_02[0]": "10 December 1815",
        "country": "United Kingdom",
        "member": "checked",
        "news": "unchecked",
        "plan": "full",
    }
    words = [word["text"] for word in pairs["f1_02[0]"]["value"]["words"]]
    assert words == ["10", "December", "1815"]
    assert all(p["source"] == "form" or p["field"] is None for p in record["key_values"])


def test_flat_key_values_of_a_form(docx_here, form_file):
    values = list(json.loads(docx_here("kv", form_file, "--flat").stdout).values())
    assert True in values and False in values and "full" in values


def test_a_form_without_printed_words(docx_here, tmp_path):
    file = tmp_path / "bare.pdf"
    file.write_bytes(form().replace(b"/Contents", b"/Kontents"))
    [record] = records(docx_here("kv", file, "--ocr", "never"))
    assert "Ada Löve =1+1" in [p["value"]["text"] for p in record["key_values"]]


def test_an_extraction_takes_what_was_filled_in(docx_here, tmp_path):
    (tmp_path / "form.pdf").write_bytes(form(name="Ada Lovelace"))
    wanted = (
        "full_name_of_the_applicant!, date_of_birth, country, member: boolean, "
        "newsletter: boolean, plan, empty"
    )
    [record] = records(docx_here("extract", "-s", wanted, tmp_path / "form.pdf"))
    assert record["extraction"]["data"] == {
        "full_name_of_the_applicant": "Ada Lovelace", "date_of_birth": "10 December 1815",
        "country": "United Kingdom", "member": True, "newsletter": False, "plan": "full",
    }  # fmt: skip
    country = next(v for v in record["extraction"]["values"] if v["field"] == "country")
    x0 = PLACES["country"][0]
    assert country["confidence"] == 1
    assert country["box"][0] == pytest.approx(x0 / A4[0], abs=1e-3)


def test_an_answer_in_a_field_is_what_was_typed():
    read = Evidence(1, Box(0.31, 0.1, 0.4, 0.12), (Word("Ad", Box(0.31, 0.1, 0.4, 0.12)),))
    typed = filled.Filled("Ada", ("who",), Evidence(1, field().box, ()))
    answer = Alternative("Ad", 0.7, "pointer", read)
    assert (filled.exact(answer, [typed]).text, filled.exact(answer, []).text) == ("Ada", "Ad")
    other_page = replace(typed, where=replace(typed.where, page=2))
    assert filled.exact(answer, [other_page]) is answer
