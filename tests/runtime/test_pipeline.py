"""The pipeline on real documents: windows, pages, packs of questions, and what it keeps."""

import gc
from itertools import pairwise

import numpy as np
import pytest
from pdf_fixtures import pdf, source_of

from docx_cli.answers import evidence
from docx_cli.bundle import Bundle
from docx_cli.document import Answer, ErrorInfo, Page, Question, Word
from docx_cli.errors import UsageError
from docx_cli.pipeline import Extractor, error_of, read_document, status_of
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.session import Encoded
from docx_cli.source import load

TOTAL = Question("What is the total?")
SELLER = Question("Who is the seller?")
READ = {TOTAL: "$118.80", SELLER: "Northwind Traders Ltd"}


def run(extractor, source, *questions, **options):
    read = ReadOptions(picture_size=extractor.bundle.picture_size)
    return extractor.run(source, questions=questions, read=read, **options)


@pytest.fixture(scope="module")
def dense(documents):
    """Return the one page of small print: more than two windows of subwords."""
    [content] = read_pages(load(documents / "dense.pdf"), ReadOptions())
    return content


def test_a_long_page_is_asked_window_by_window(extractor, dense):
    """Nothing is cut away: every subword stands in a window, and neighbours overlap."""
    words = dense.page.words
    [outcomes] = extractor.outcomes(words, [TOTAL])
    windows = [outcome.encoded.window for outcome in outcomes]
    config = extractor.bundle.encoding
    total = len(windows[0].page.ids)
    assert total > 1500
    assert len(windows) > 2
    assert (windows[0].token_start, windows[-1].token_end) == (0, total)
    for before, after in pairwise(windows):
        assert before.token_end - after.token_start >= config.window_overlap
        assert after.token_start > before.token_start
    assert {int(w) for window in windows for w in window.words} == set(range(len(words)))
    for outcome in outcomes:
        assert 0 <= outcome.absent <= 1
        assert len(outcome.encoded.window.groups) <= config.max_page_tokens + len(
            extractor.encoding.tokenize_question(TOTAL.text)
        )


def test_the_last_lines_of_a_long_page_are_seen(extractor, dense):
    """Windows cover the page to its end, and each one's best span is spelled from its words."""
    [outcomes] = extractor.outcomes(dense.page.words, [TOTAL])
    seen = [
        "$118.80" in {w.page.words[i].text for i in w.words}
        for w in (outcome.encoded.window for outcome in outcomes)
    ]
    assert seen == [False] * (len(seen) - 1) + [True]
    for outcome in outcomes:
        window, best = outcome.encoded.window, outcome.best
        found = evidence(1, window, range(best.start, best.end + 1))
        inside = window.page.word_index[window.token_start : window.token_end]
        assert set(found.words) <= {window.page.words[i] for i in inside}
        assert best.text.split()[0] in found.words[0].text
        assert found.box.contains(*found.words[0].box.center)


def test_pairs_and_tables_of_a_long_page_are_given_once(extractor, documents):
    result = run(extractor, load(documents / "dense.pdf"), key_values=True, tables=True)
    values = [word for pair in result.key_values for word in pair.value.evidence.words]
    assert len(values) == len(set(values))
    boxes = [table.box for table in result.tables]
    assert len(boxes) == len(set(boxes))
    assert result.answers is None


def test_the_best_page_answers(extractor, documents):
    source = load(documents / "three.pdf")
    result = run(extractor, source, *READ)
    assert [a.text for a in result.answers] == [*READ.values()]
    assert [a.evidence.page for a in result.answers] == [2] * len(READ)
    second = {word for page in result.pages[1:2] for word in page.words}
    assert all(set(a.evidence.words) <= second for a in result.answers)


def test_pages_may_be_chosen(extractor, documents):
    source, size = load(documents / "three.pdf"), extractor.bundle.picture_size
    chosen = ReadOptions(pages="1,-1", picture_size=size)
    result = extractor.run(source, questions=[TOTAL], read=chosen)
    assert [page.number for page in result.pages] == [1, 3]
    assert not result.answers[0].found


def test_more_questions_than_a_pack_come_back_in_order(extractor, documents):
    count = 2 * extractor.bundle.encoding.max_questions + 5
    texts = [question.text for question in READ]
    asked = [Question(texts[n % len(READ)], f"q{n}") for n in range(count)]
    result = run(extractor, load(documents / "invoice.pdf"), *asked)
    assert [(a.name, a.question) for a in result.answers] == [(q.name, q.text) for q in asked]
    assert [a.text for a in result.answers] == [
        [*READ.values()][n % len(READ)] for n in range(count)
    ]


def test_a_question_is_answered_alone_as_among_others(extractor, documents):
    """Packed questions do not see each other; int8 rounding may move a score a little."""
    source = load(documents / "invoice.pdf")
    together = run(extractor, source, *READ).answers
    for question, among in zip(READ, together, strict=True):
        [alone] = run(extractor, source, question).answers
        assert (alone.text, alone.evidence) == (among.text, among.evidence)
        assert alone.confidence == pytest.approx(among.confidence, abs=0.1)


def test_the_same_run_twice_is_the_same(extractor, documents):
    source = load(documents / "invoice.pdf")
    first, second = (run(extractor, source, TOTAL, tables=True) for _ in range(2))
    assert (first.answers, first.tables) == (second.answers, second.tables)


def test_an_empty_page_holds_no_answer(extractor, documents):
    result = run(extractor, load(documents / "blank.pdf"), TOTAL, key_values=True, tables=True)
    assert result.answers == (Answer(TOTAL.text, TOTAL.text, "", False, 1.0, "none"),)
    assert (result.status, result.key_values, result.tables) == ("ok", (), ())


def test_words_without_a_picture_are_enough(extractor, documents):
    """An answer needs no picture: the API may be handed words alone."""
    [content] = read_pages(load(documents / "invoice.pdf"), ReadOptions())
    assert content.picture is None
    assert extractor.ask_words(content.page.words, [TOTAL])[0].text == "$118.80"


ODD = {
    "soft hyphen": "\u00ad",
    "no width": "\u200b\u200b",
    "very long": "x" * 3000,
    "emoji": "\U0001f600",
    "arabic digits": "\u0661\u0662\u0663",
    "nul": "a\x00b",
    "undecodable": "\ufffd" * 50,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_words_are_harmless(extractor, documents, text):
    """A PDF's own text may hold anything."""
    [content] = read_pages(load(documents / "invoice.pdf"), ReadOptions())
    odd = Word(text, content.page.words[0].box)
    for words in ((odd,), (odd, *content.page.words)):
        page = PageContent(Page(1, 595, 842, words=words), None, {})
        result = extractor.run_pages(
            load(documents / "invoice.pdf"), [page], questions=[TOTAL], key_values=True, tables=True
        )
        assert result.status == "ok"


def test_a_question_that_is_too_long_is_refused(extractor, documents):
    with pytest.raises(UsageError, match="subwords"):
        run(extractor, load(documents / "invoice.pdf"), Question("why " * 100))


def test_only_the_best_window_of_a_question_is_kept(extractor, dense):
    """Memory does not grow with the pages: counted while the pages go by."""
    alive = []

    def pages():
        for _ in range(3):
            alive.append(sum(type(thing) is Encoded for thing in gc.get_objects()))
            yield dense

    extractor.run_pages(source_of(pdf()), pages(), questions=[SELLER, TOTAL])
    windows = len(extractor.encoding.encode(dense.page.words, [])[0])
    # The windows of the page before are still on the stack, and a winner of each question.
    assert max(alive) - alive[0] <= windows + 2


def test_words_need_not_be_kept(extractor, documents):
    source = load(documents / "invoice.pdf")
    kept = run(extractor, source, TOTAL, SELLER, key_values=True, tables=True)
    bare = run(extractor, source, TOTAL, SELLER, key_values=True, tables=True, keep_words=False)
    assert (bare.answers, bare.key_values, bare.tables) == (
        kept.answers,
        kept.key_values,
        kept.tables,
    )
    assert all(page.words for page in kept.pages)
    assert not any(page.words for page in bare.pages)


def test_a_document_fails_when_no_page_could_be_read():
    read, broken = Page(1, 10, 10), Page(2, 10, 10, status="failed", error="it is torn")
    late = Page(3, 10, 10, status="timeout", error="took longer than 1 s")
    assert (status_of([read]), error_of([read])) == ("ok", None)
    assert (status_of([read, late]), error_of([read, late])) == ("partial", None)
    assert status_of([broken, late]) == "failed"
    assert error_of([broken, late]) == ErrorInfo("child", 7, "page 2: it is torn")
    assert error_of([late, broken]) == ErrorInfo("timeout", 8, "page 3: took longer than 1 s")


def test_ocr_alone_fails_in_the_same_way(extractor, documents):
    source = load(documents / "unread.pdf")
    alone, asked = read_document(source, ReadOptions()), run(extractor, source, TOTAL)
    assert alone.error == asked.error == ErrorInfo("child", 7, alone.error.message)
    assert alone.status == asked.status == "failed"


def test_a_thread_more_or_less_changes_no_answer(extractor: Extractor, documents):
    bundle: Bundle = extractor.bundle
    [content] = read_pages(load(documents / "invoice.pdf"), ReadOptions())
    single = Extractor(bundle, threads=1)
    one, many = (e.ask_words(content.page.words, [SELLER, TOTAL]) for e in (single, extractor))
    assert [a.text for a in one] == [a.text for a in many]
    assert np.allclose([a.confidence for a in one], [a.confidence for a in many], atol=0.05)
