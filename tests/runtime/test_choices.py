"""Alternatives, the least confidence, and values of answers."""

from decimal import Decimal

import pytest
from scored_windows import scored, span

from docx_cli.answers import outcome
from docx_cli.choices import Wanted, alternatives, apart, finished
from docx_cli.conventions import Conventions
from docx_cli.document import Alternative, Answer, Money, Question
from docx_cli.pipeline import Extractor

TOTAL, TAX, NUT = span("7.25", 0), span("7.25", 1), span("0.25")


def windows(*scores, first=1):
    return [outcome(n, encoded, 0, 1.0) for n, encoded in enumerate(scores, first)]


def test_alternatives_are_the_texts_of_a_window():
    [only] = windows(scored({TOTAL: 0.4, TAX: 0.2, NUT: 0.3}, absent=0.1))
    first, second, *_ = alternatives(only)
    assert (first.text, second.text) == ("7.25", "0.25")
    assert first.confidence == pytest.approx(0.6, abs=1e-3)
    assert first.evidence.page == 1
    assert [w.text for w in second.evidence.words] == ["0.25"]


def test_alternatives_stand_on_words_of_their_own():
    one, two = windows(scored({TOTAL: 0.5, NUT: 0.2}, absent=0.3), scored({NUT: 0.4}, absent=0.6))
    both = [*alternatives(one), *alternatives(two)]
    kept = apart(both, 3)
    assert [(a.text, a.evidence.page) for a in kept[:2]] == [("7.25", 1), ("0.25", 2)]
    words = [w for a in kept for w in a.evidence.words if a.evidence.page == 1]
    assert len(words) == len(set(words))
    assert len({a.text for a in kept}) == len(kept) == 3


def test_an_answer_is_none_of_its_alternatives():
    [only] = windows(scored({TOTAL: 0.5, NUT: 0.2}, absent=0.3))
    first, *rest = alternatives(only)
    told = Answer("?", "?", first.text, True, 0.5, "pointer", first.evidence)
    found = finished(told, [first, *rest], Wanted(top_k=2), Conventions())
    assert [a.text for a in found.alternatives] == ["0.25"]
    assert (found.type, found.value) == ("number", Decimal("7.25"))
    assert finished(told, [first, *rest], Wanted(), Conventions()).alternatives == ()


def test_an_unsure_answer_is_kept_aside():
    told = Answer("?", "total", "$7.25", True, 0.4, "pointer")
    found = finished(told, (), Wanted(min_confidence=0.41), Conventions())
    assert (found.found, found.text, found.grounding, found.value) == (False, "", "none", None)
    assert found.confidence == pytest.approx(0.6)
    [kept] = found.alternatives
    assert kept == Alternative("$7.25", 0.4, "pointer", None, "money", kept.value)
    assert isinstance(kept.value, Money)
    assert finished(told, (), Wanted(min_confidence=0.4), Conventions()).found


def test_alternatives_come_from_all_pages(extractor: Extractor, documents):
    from docx_cli.reading import ReadOptions
    from docx_cli.source import load

    result = extractor.run(
        load(documents / "three.pdf"),
        questions=[Question("What is the total amount?"), Question("What is the invoice date?")],
        wanted=Wanted(top_k=4),
        read=ReadOptions(picture_size=extractor.bundle.picture_size),
    )
    total, date = result.answers
    assert (total.text, total.evidence.page, len(total.alternatives)) == ("$118.80", 2, 3)
    assert total.value == Money(Decimal("118.80"), "USD")
    assert date.value.isoformat() == "2023-03-14"
    sure = [a.confidence for a in total.alternatives]
    assert sure == sorted(sure, reverse=True)
