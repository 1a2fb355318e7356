"""Records, their JSON and the readable view."""

import dataclasses
import json

from cli_support import NASTY, sample

from docx_cli.document import Box, ErrorInfo, Word
from docx_cli.outputs import record
from docx_cli.safe_text import as_json, printable
from docx_cli.text_view import as_text, lines


def test_json_is_valid_for_any_text():
    text = as_json(record(sample(source=NASTY), words=True))
    value = json.loads(text.encode("utf-8"))
    assert value["source"] == NASTY.replace("\ud800", "\ufffd")
    assert len(text.splitlines()) == 1
    assert not set(text) & set(map(chr, (*range(32), *range(0x7F, 0xA0))))


def test_surrogate_pairs_become_their_character():
    assert json.loads(as_json("\ud83d\ude00").encode()) == "\U0001f600"


def test_boxes_have_five_decimals():
    word = Word("a", Box(1 / 3, 0, 2 / 3, 1))
    page = dataclasses.replace(sample().pages[0], words=(word,))
    value = record(sample(pages=(page,)), words=True)
    assert value["pages"][0]["words"][0]["box"] == [0.33333, 0.0, 0.66667, 1.0]


def test_what_was_not_asked_for_is_null():
    value = record(sample(answers=None, key_values=None, tables=()))
    assert (value["answers"], value["key_values"], value["tables"]) == (None, None, [])


def test_printable_text_is_one_harmless_line():
    assert printable(NASTY) == "a[31mred 2J é"
    assert printable("a\r\nb\tc\x00") == "a b c"


def test_the_view_names_what_was_found():
    text = as_text(sample(), words=True, width=100, color=False)
    for part in ("a.pdf", "partial", "due", "42", "93%", "not found", "page 2 timeout", "Bolt"):
        assert part in text
    assert not set(text) & {"\x1b", "\x07", "\u202e"}
    failed = sample(status="failed", error=ErrorInfo("file", 5, "no\nsuch\x1b file"))
    assert "no such file" in as_text(failed, words=False, width=100, color=True)


def test_words_become_lines():
    words = [
        Word(text, Box(x, y, x + 0.1, y + 0.02))
        for text, x, y in (("a", 0.1, 0.1), ("b", 0.3, 0.105), ("c", 0.1, 0.15))
    ]
    assert lines(words) == ["a b", "c"]
