"""A person's documents: which are held out, how they are asked, what is read of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import support

from docx_cli.document import Box
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models import user_documents
from docx_models.cases import Reader
from docx_models.loaders import Asked, Field, Labelled, open_set
from docx_models.records import Pack, PageRecord

INVOICE = (support.ROOT / "tests" / "fixtures" / "invoice.pdf").read_bytes()


def answer(name: str, text: str, **more: Any) -> dict[str, Any]:
    question = f"Which {name} is it?"
    return {"question": question, "name": name, "text": text, "found": bool(text)} | more


def write_folder(folder: Path, count: int, *answers: dict[str, Any], first: int = 0) -> Path:
    """Write a folder of equal invoices, each labelled with the same answers."""
    folder.mkdir()
    lines = []
    for number in range(first, first + count):
        (folder / f"{number}.pdf").write_bytes(INVOICE)
        lines.append(json.dumps({"source": f"{number}.pdf", "answers": answers}))
    (folder / "labels.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def names(documents: tuple[Labelled, ...]) -> set[str]:
    return {d.file.name for d in documents}


def pages_of(folder: Path, documents: tuple[Labelled, ...], cache: Path) -> list[PageRecord]:
    user_documents.write_records(folder, documents, Reader("own", None, cache))
    pack = Pack(folder)
    return [pack[i] for i in range(len(pack))]


def test_each_document_has_one_use_and_those_held_out_are_those_that_eval_takes(
    tmp_path: Path,
) -> None:
    folder = write_folder(tmp_path / "mine", 40, answer("total", "1.00"))
    parts = user_documents.split(folder)
    assert names(parts.held_out) == names(tuple(open_set(folder, "dev")))
    assert names(parts.training).isdisjoint(names(parts.held_out))
    assert len(parts.training) + len(parts.held_out) == 40
    assert parts.calibration == ()


def test_a_document_stays_where_it_is_when_others_come(tmp_path: Path) -> None:
    few = user_documents.split(write_folder(tmp_path / "few", 30, answer("total", "1.00")))
    many = user_documents.split(write_folder(tmp_path / "many", 60, answer("total", "1.00")))
    assert names(few.held_out) < names(many.held_out)
    assert names(few.training) < names(many.training)


def test_some_are_held_out_even_of_a_few(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine", 12, answer("total", "1.00"), first=31)
    assert open_set(folder, "dev") == []
    assert len(user_documents.split(folder).held_out) == user_documents.LEAST_HELD_OUT


def test_of_many_some_are_spared_to_calibrate(tmp_path: Path) -> None:
    parts = user_documents.split(write_folder(tmp_path / "mine", 200, answer("total", "1.00")))
    assert 5 <= len(parts.calibration) <= 30
    assert not names(parts.calibration) & (names(parts.training) | names(parts.held_out))
    assert len(parts.calibration) + len(parts.training) + len(parts.held_out) == 200


def test_too_few_documents_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine", 20, answer("total", "1.00"))
    with pytest.raises(UnsupportedInputError, match="9 documents have labelled answers"):
        user_documents.split(folder, limit=9)
    parts = user_documents.split(folder, limit=10)
    assert len(parts.training) + len(parts.held_out) == 10
    with pytest.raises(FileAccessError, match="no such folder"):
        user_documents.split(tmp_path / "nowhere")


def test_a_field_is_asked_in_every_way_that_the_documents_ask_for_it() -> None:
    def asked(question: str) -> Asked:
        return Asked(Field("net_total", "money", question, ("net",)), ("1.00",))

    documents = [
        Labelled("a", Path("a.pdf"), (asked("Net?"),)),
        Labelled("b", Path("b.pdf"), (asked("How much is the net total?"),)),
    ]
    first, second = user_documents.with_wordings(documents)
    ways = {"Net?", "How much is the net total?", "net", "net total", "What is the net total?"}
    for document in (first, second):
        (one,) = document.asked
        assert {one.field.question, *one.field.wordings} == ways
        assert len(one.field.wordings) == len(ways) - 1
    assert first.asked[0].field.question == "Net?"


def test_a_question_without_a_name_is_asked_as_it_is() -> None:
    asked = Asked(Field("Who?", "text", "Who?"), ("me",))
    (one,) = user_documents.with_wordings([Labelled("a", Path("a.pdf"), (asked,))])
    assert one.asked[0].field.wordings == ()


def test_documents_that_cannot_be_read_are_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "mine", 12, answer("total", "1.00"))
    (folder / "3.pdf").write_bytes(b"%PDF-1.4 nothing")
    training = user_documents.split(folder).training
    assert "3.pdf" in names(training)
    reader = Reader("own", None, tmp_path / "words")
    left = user_documents.readable(training, reader, jobs=1)
    assert names(tuple(left)) == names(training) - {"3.pdf"}
    assert [line for line in capsys.readouterr().err.splitlines() if "3.pdf" in line]
    assert len(list((tmp_path / "words").iterdir())) == 1, "equal files are read once"


def test_values_and_absent_ones_become_questions(tmp_path: Path) -> None:
    labels = (answer("total", "3533.95"), answer("iban", ""), answer("seller", "Shepherd Ltd"))
    folder = write_folder(tmp_path / "mine", 10, *labels)
    parts = user_documents.split(folder)
    record = pages_of(tmp_path / "pack", parts.training, tmp_path / "words")[0]
    kinds = {q.field: q.kind for q in record.questions}
    assert kinds == {"total": "extract", "iban": "absent", "seller": "extract"}
    for question in record.questions:
        for place in question.occurrences:
            said = " ".join(record.words[w].text[a:b] for w, a, b in place)
            assert said == {"total": "$3,533.95", "seller": "Shepherd Ltd"}[question.field]


@pytest.mark.parametrize("box", [[0.0, 0.0, 0.3, 0.06], [0.9, 0.9, 0.99, 0.99]])
def test_a_corrected_value_is_not_looked_for_in_the_box_of_the_wrong_one(
    tmp_path: Path, box: list[float]
) -> None:
    label = answer("order", "3378669", page=1, box=box)
    folder = write_folder(tmp_path / "mine", 10, label)
    parts = user_documents.split(folder)
    record = pages_of(tmp_path / "pack", parts.training, tmp_path / "words")[0]
    (place,) = record.questions[0].occurrences
    assert [record.words[w].text for w, _, _ in place] == ["3378669"]


def test_a_box_that_holds_the_value_is_the_place_that_is_meant(tmp_path: Path) -> None:
    reader = Reader("own", None, tmp_path / "words")
    folder = write_folder(tmp_path / "mine", 10, answer("id", "0"))
    (content,) = reader.pages(folder / "0.pdf")[1]
    total = next(w for w in content.page.words if "3,533.95" in w.text)
    x0, y0, x1, y1 = total.box.as_tuple()
    box = Box.clipped(x0 - 0.01, y0 - 0.005, x1 + 0.01, y1 + 0.005).rounded()
    labels = write_folder(tmp_path / "boxed", 10, answer("total", "3,533.96", page=1, box=box))
    parts = user_documents.split(labels)
    record = pages_of(tmp_path / "pack", parts.training, tmp_path / "words")[0]
    (place,) = record.questions[0].occurrences
    assert [record.words[w].text for w, _, _ in place] == [total.text]
