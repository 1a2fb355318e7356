"""Reading printed values, finding labels among words, and real documents as records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import small_pages as pages
import typst

from docx_cli.document import Word
from docx_cli.errors import FileAccessError
from docx_cli.reading import ReadOptions
from docx_models import corpora, values
from docx_models.loaders import FIELDS
from docx_models.records import PageRecord


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("7.25", "7.25"),
        ("$1,234.50", "1234.5"),
        ("1.234,50 EUR", "1234.5"),
        ("1'234.50", "1234.5"),
        ("1 234,50", "1234.5"),
        ("1,234", "1234"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("-3.00", "-3"),
        ("RM 60.30", "60.3"),
        ("007", "7"),
    ],
)
def test_money_is_read_in_any_notation(printed: str, value: str) -> None:
    assert values.money(printed) == Decimal(value)


def test_what_holds_no_number_is_no_money() -> None:
    assert values.money("free") is None
    assert values.money("") is None


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("03/04/2024", {date(2024, 4, 3), date(2024, 3, 4)}),
        ("31.12.2024", {date(2024, 12, 31)}),
        ("2024-03-04", {date(2024, 3, 4)}),
        ("03/04/24", {date(2024, 4, 3), date(2024, 3, 4), date(2003, 4, 24)}),
        ("25/12/69", {date(2069, 12, 25)} - {date(1969, 12, 25)}),
        ("20240305", {date(2024, 3, 5)}),
        ("4 Mar 2024", {date(2024, 3, 4)}),
        ("March 4, 2024", {date(2024, 3, 4)}),
        ("4-SEPT-99", {date(1999, 9, 4)}),
        ("45/45/2024", set()),
        ("4 Foo 2024", set()),
        ("no date", set()),
    ],
)
def test_dates_are_read_in_every_way_they_can_be(printed: str, read: set[date]) -> None:
    assert values.dates(printed) == read


@pytest.mark.parametrize(
    ("kind", "one", "other", "equal"),
    [
        ("money", "$1,234.50", "1234.5", True),
        ("money", "1234.51", "1234.5", False),
        ("money", "none", "nothing", False),
        ("date", "04/03/2024", "March 4, 2024", True),
        ("date", "05/03/2024", "March 4, 2024", False),
        ("text", "Café  LTD.", "cafe ltd", True),
        ("text", "Ltd", "Limited", False),
        ("text", "--", "..", False),
    ],
)
def test_values_compare_as_their_kind(kind: str, one: str, other: str, equal: bool) -> None:
    assert values.same(kind, one, other) is equal


@pytest.mark.parametrize(
    ("kind", "gold", "found"),
    [
        ("money", "3.50", ["3.50"]),
        ("money", "$7.25", ["7.25", "7.25"]),
        ("money", "2", []),
        ("date", "2024-04-03", ["03/04/2024"]),
        ("text", "acme ltd.", ["ACME Ltd"]),
        ("text", "eur", ["eur", "eur"]),
        ("text", "cme", []),
        ("text", "", []),
    ],
)
def test_values_are_found_where_they_stand(kind: str, gold: str, found: list[str]) -> None:
    text, places = corpora.page_text(pages.INVOICE)
    ranges = list(values.find(kind, gold, text))
    assert [text[a:b] for a, b in ranges] == found
    for start, end in ranges:
        parts = corpora.pieces(places, start, end)
        assert " ".join(pages.INVOICE[w].text[a:b] for w, a, b in parts) == text[start:end]


def test_pieces_cut_words() -> None:
    words = pages.lines("from 03/04-05/06 on")
    text, places = corpora.page_text(words)
    at = text.index("05/06")
    assert corpora.pieces(places, at, at + 8) == [(1, 6, 11), (2, 0, 2)]


def test_page_text_is_in_row_order_but_names_words_as_given() -> None:
    words = pages.lines("one two", "three")[::-1]
    text, places = corpora.page_text(words)
    assert text == "one two three "
    assert [words[w].text for w, c in places if c == 0 and w >= 0] == ["one", "two", "three"]


def test_gold_lines_are_cut_into_words_by_their_characters() -> None:
    words = corpora.gold_words([["ab  cdef ab", 0.1, 0.2, 0.65, 0.3]])
    assert [w.text for w in words] == ["ab", "cdef", "ab"]
    edges = [(round(w.box.x0, 4), round(w.box.x1, 4)) for w in words]
    assert edges == [(0.1, 0.2), (0.3, 0.5), (0.55, 0.65)]


SOURCE = """
#set page(width: 300pt, height: 200pt, margin: 20pt)
Contract 17-A \\ Flight 03/04/2024 to 03/30/2024 \\ Gross 1,250.00
#pagebreak()
Advertiser Berg & Sons \\ Gross \\$1,250.00
"""
LABELS = {
    "contract_num": "17-A",
    "advertiser": "BERG & SONS",
    "gross_amount": "$1,250.00",
    "flight_from": "03/04/24",
    "flight_to": "04/30/24",
}
"""As printed, but for `flight_to`, which is wrong."""


def write_set(folder: Path, documents: Sequence[dict[str, Any]]) -> Path:
    folder.mkdir()
    (folder / "order.pdf").write_bytes(typst.compile(SOURCE.encode()))
    (folder / "text.pdf").write_text("this is no PDF")
    (folder / "train.jsonl").write_text("".join(json.dumps(d) + "\n" for d in documents))
    return folder


def read(folder: Path, count: int | None = None, split: str = "train") -> list[PageRecord]:
    options = ReadOptions(ocr="never", picture_size=(32, 16))
    found = corpora.records(folder, split, options, count)
    return [PageRecord.from_json(json.dumps(raw)) for raw in found]


ORDER = {"id": "order", "file": "order.pdf", "fields": LABELS}


def test_documents_become_a_record_a_page(tmp_path: Path) -> None:
    first, second = read(write_set(tmp_path / "adbuy", [ORDER]))
    assert (first.id, second.id, first.family) == ("order-1", "order-2", "adbuy")
    assert [w.text for w in second.words][:2] == ["Advertiser", "Berg"]
    picture = first.picture()
    assert picture is not None
    assert picture.shape == (32, 16)
    assert first.segments is None


def spelled(words: Sequence[Word], record: PageRecord, field: str) -> list[str]:
    (asked,) = {q.occurrences for q in record.questions if q.field == field}
    return [" ".join(words[w].text[a:b] for w, a, b in pieces) for pieces in asked]


def test_labels_are_located_page_by_page(tmp_path: Path) -> None:
    first, second = read(write_set(tmp_path / "adbuy", [ORDER]))
    assert spelled(first.words, first, "contract_num") == ["17-A"]
    assert spelled(first.words, first, "flight_from") == ["03/04/2024"]
    assert spelled(first.words, first, "gross_amount") == ["1,250.00"]
    assert spelled(second.words, second, "gross_amount") == ["$1,250.00"]
    assert spelled(second.words, second, "advertiser") == ["Berg & Sons"]


def test_a_value_on_another_page_is_absent_and_a_wrong_label_is_not_asked(tmp_path: Path) -> None:
    first, second = read(write_set(tmp_path / "adbuy", [ORDER]))
    kinds = [{q.field: q.kind for q in record.questions} for record in (first, second)]
    assert kinds == [
        {"contract_num": "extract", "gross_amount": "extract", "flight_from": "extract",
         "advertiser": "absent"},
        {"contract_num": "absent", "gross_amount": "extract", "flight_from": "absent",
         "advertiser": "extract"},
    ]  # fmt: skip
    assert all(q.answer == "" for r in (first, second) for q in r.questions if q.kind == "absent")


def test_every_wording_is_asked(tmp_path: Path) -> None:
    first = read(write_set(tmp_path / "adbuy", [ORDER]))[0]
    (field,) = [f for f in FIELDS["adbuy"] if f.name == "gross_amount"]
    asked = [q.question for q in first.questions if q.field == "gross_amount"]
    assert asked == [field.question, *field.wordings]


def test_bad_documents_are_passed_over(tmp_path: Path) -> None:
    bad = [{"id": "a", "file": "text.pdf"}, {"id": "b", "file": "missing.pdf"}]
    found = read(write_set(tmp_path / "adbuy", [*bad, ORDER]))
    assert [r.id for r in found] == ["order-1", "order-2"]


def test_the_share_of_located_labels_is_counted(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "adbuy", [ORDER, {"id": "a", "file": "text.pdf"}])
    tally: Counter[str] = Counter()
    assert len(list(corpora.records(folder, "train", ReadOptions(ocr="never"), None, tally))) == 2
    # The last flight date is wrong.
    assert tally == {"documents": 2, "unreadable": 1, "labels": 5, "located": 4}


def test_a_set_without_labels_gives_words_alone(tmp_path: Path) -> None:
    found = read(write_set(tmp_path / "fara", [{"id": "x", "file": "order.pdf"}]), 1)
    assert [(r.id, r.questions) for r in found] == [("x-1", ())]


def test_a_missing_split_is_one_line(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "adbuy", [])
    with pytest.raises(FileAccessError, match=r"test\.jsonl"):
        read(folder, split="test")
