"""Words, boxes and questions as model inputs, the golden encoding, and windows."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import golden_encoding
import numpy as np
import pytest
import small_pages as pages
from tokenizers import Tokenizer

from docx_cli.document import Box, Word
from docx_cli.encode import Encoding, row_order, text_rows
from docx_cli.errors import BundleError, UsageError


def test_the_golden_encoding_has_not_changed() -> None:
    stored = json.loads(golden_encoding.FILE.read_text(encoding="utf-8"))
    found = golden_encoding.describe(stored["asked"])
    for name, value in found.items():
        assert value == stored[name], name
    assert set(stored) == {"asked", *found}


def test_the_fingerprint_tells_configurations_and_tokenizers_apart() -> None:
    tokenizer = pages.TOKENIZER.encode()
    fingerprints = {
        pages.CONFIG.fingerprint(tokenizer),
        pages.CONFIG.fingerprint(tokenizer + b" "),
        replace(pages.CONFIG, window_overlap=13).fingerprint(tokenizer),
        replace(pages.CONFIG, visual_rows=2, visual_columns=4).fingerprint(tokenizer),
    }
    assert len(fingerprints) == 4


def test_words_are_read_row_by_row_wherever_they_came_from() -> None:
    shuffled = [pages.INVOICE[i] for i in np.random.default_rng(1).permutation(21)]
    read = [shuffled[i].text for i in row_order(shuffled)]
    assert read == [w.text for w in pages.INVOICE]


def test_a_row_holds_words_whose_middles_are_close() -> None:
    words = [
        Word("low", Box(0.5, 0.112, 0.6, 0.132)),
        Word("next", Box(0.1, 0.13, 0.2, 0.15)),
        Word("first", Box(0.1, 0.105, 0.2, 0.125)),
    ]
    assert text_rows(words) == [[2, 0], [1]]


def test_page_tokens_keep_their_words_boxes_and_characters() -> None:
    page = pages.encoding().tokenize_page(pages.INVOICE)
    for token, (word, (start, end)) in enumerate(zip(page.word_index, page.offsets, strict=True)):
        piece = pages.encoding().tokenizer.id_to_token(int(page.ids[token])).removeprefix("##")
        assert page.words[word].text[start:end].lower() == piece
        assert page.boxes[token].tolist() == [
            round(v * 1000) for v in page.words[word].box.as_tuple()
        ]


def test_another_order_is_kept_and_can_be_undone() -> None:
    order = list(range(21))[::-1]
    page = pages.encoding().tokenize_page(pages.INVOICE, order)
    assert [page.words[i] for i in range(21)] == [pages.INVOICE[i] for i in page.order]


def test_a_page_without_words_is_one_window_of_its_mark() -> None:
    ((window,),) = pages.encoding().encode((), ["what is it?"])
    assert window.input_ids[0] == pages.encoding().cls_id
    assert (window.groups == 0).sum() == 1
    assert len(window.words) == 0


def test_questions_are_packed_behind_the_page() -> None:
    encoding = pages.encoding()
    asked = ["what is the total?", "who?", "is it paid?"]
    ((window,),) = encoding.encode(pages.INVOICE, asked)
    for number, question in enumerate(asked, start=1):
        here = window.groups == number
        ids = window.input_ids[here]
        assert ids[0] == encoding.cls_id
        assert ids[-1] == encoding.sep_id
        assert encoding.tokenizer.decode(ids[1:-1].tolist()).replace(" ", "") == question.replace(
            " ", ""
        )
        assert window.positions[here].tolist() == list(range(len(ids)))
        assert not window.boxes[here].any()
        assert window.question_positions[number - 1] == np.flatnonzero(here)[0]


def test_more_questions_than_a_window_takes_make_more_packs() -> None:
    packs = pages.encoding().encode(pages.INVOICE, [f"what is {n}?" for n in range(6)])
    assert [len(windows[0].question_positions) for windows in packs] == [4, 2]


def test_a_page_that_is_asked_nothing_is_still_encoded() -> None:
    ((window,),) = pages.encoding().encode(pages.INVOICE, ())
    assert len(window.question_positions) == 0
    assert not window.groups.any()


@pytest.mark.parametrize(
    ("question", "says"), [("", "empty"), (" ", "empty"), ("who? " * 12, "24 sub.*takes 22")]
)
def test_a_question_must_have_words_and_fit(question: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        pages.encoding().tokenize_question(question)


def test_a_tokenizer_without_the_marks_is_refused() -> None:
    description = json.loads(pages.TOKENIZER.replace("[SEP]", "[END]"))
    with pytest.raises(BundleError, match=r"lacks \[SEP\]"):
        Encoding(pages.CONFIG, Tokenizer.from_str(json.dumps(description)))


def test_the_picture_is_blank_where_there_is_none() -> None:
    ((window,),) = pages.encoding().encode(pages.INVOICE, ())
    assert window.picture.shape == (32, 16)
    assert (window.picture == 255).all()


LONG = pages.lines(*(f"row {n}   costs {n}.{n:02}   in total {n * n}" for n in range(14)))
SMALL = replace(pages.CONFIG, max_page_tokens=33, window_overlap=9)


def test_windows_cover_every_token_and_overlap() -> None:
    encoding = pages.encoding(SMALL)
    page = encoding.tokenize_page(LONG)
    bounds = encoding.window_bounds(page)
    assert bounds[0][0] == 0
    assert bounds[-1][1] == len(page.ids)
    assert all(end - start <= 32 for start, end in bounds), "the mark takes one of the 33"
    for (first, end), (start, _) in pairwise(bounds):
        assert first < start <= end - 9


def test_windows_begin_and_end_between_words() -> None:
    encoding = pages.encoding(SMALL)
    page = encoding.tokenize_page(LONG)
    edges = {0, *(np.flatnonzero(np.diff(page.word_index)) + 1).tolist(), len(page.ids)}
    assert {edge for bounds in encoding.window_bounds(page) for edge in bounds} <= edges


def test_every_word_begins_in_some_window() -> None:
    (windows,) = pages.encoding(SMALL).encode(LONG, ())
    assert len(windows) > 3
    seen = {int(i) for w in windows for i in w.words}
    assert seen == set(range(len(LONG)))
    for window in windows:
        begun = [window.subwords[p - 1] for p in window.word_positions]
        assert [word for word, _, _ in begun] == window.words.tolist()
        assert not any(first for _, first, _ in begun)


def test_a_word_longer_than_a_window_is_cut_and_still_covered() -> None:
    encoding = pages.encoding(SMALL)
    words = pages.lines(f"name {'abcdefgh' * 12} total")
    page = encoding.tokenize_page(words)
    assert page.word_index.tolist().count(1) == 96
    bounds = encoding.window_bounds(page)
    covered = {t for start, end in bounds for t in range(start, end)}
    assert covered == set(range(len(page.ids)))
    windows = [encoding.window(page, b, (), None) for b in bounds]
    assert sum(1 in w.words for w in windows) == 1, "the word begins but once"


def test_windows_can_be_made_smaller_but_not_larger() -> None:
    encoding = pages.encoding(SMALL)
    page = encoding.tokenize_page(LONG)
    assert encoding.window_bounds(page, 1000) == encoding.window_bounds(page)
    assert max(end - start for start, end in encoding.window_bounds(page, 20)) <= 19


def test_too_many_questions_in_one_window_raise() -> None:
    encoding = pages.encoding()
    page = encoding.tokenize_page(pages.INVOICE)
    asked = [encoding.tokenize_question("who?")] * 5
    with pytest.raises(ValueError, match="5 questions"):
        encoding.window(page, (0, 10), asked, None)
