"""Sets of labelled documents in the formats they are published or kept in."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import typst
from PIL import Image
from pypdf import PdfWriter

from docx_cli import __main__
from docx_cli.document import Box
from docx_cli.errors import DocxError, UnsupportedInputError
from docx_cli.reading import ReadOptions
from docx_models import corpora
from docx_models.cases import load_cases
from docx_models.loaders import docvqa, is_set, open_set, own, pubtabnet, zugferd
from docx_models.records import PageRecord, write_shard
from docx_models.table_metrics import GridCell


def picture(path: Path, width: int = 100, height: int = 50) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, height), 255).save(path)
    return path


def written(path: Path, *lines: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts))
    return path


def test_funsd_as_it_was_published(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "f1.png")
    entities = [
        {"id": 5, "label": "question", "text": "Name:", "box": [10, 5, 30, 10],
         "words": [{"text": "Name:", "box": [10, 5, 30, 10]}], "linking": [[5, 7], [5, 9]]},
        {"id": 7, "label": "answer", "text": "Ada Berg", "box": [40, 5, 80, 10],
         "words": [{"text": "Ada", "box": [40, 5, 55, 10]},
                   {"text": "Berg", "box": [60, 5, 80, 10]}], "linking": [[5, 7]]},
        {"id": 9, "label": "answer", "text": "", "box": [0, 0, 1, 1],
         "words": [{"text": "", "box": [0, 0, 1, 1]}], "linking": [[5, 9]]},
    ]  # fmt: skip
    written(tmp_path / "annotations" / "f1.json", {"form": entities})
    (document,) = open_set(tmp_path, "dev")
    (page,) = document.pages
    assert page.entities is not None
    assert [(e.label, e.text) for e in page.entities] == [("key", "Name:"), ("value", "Ada Berg")]
    assert page.links == ((0, 1),)  # the link to the entity without text has gone with it
    assert page.words[1].box == Box(0.4, 0.1, 0.55, 0.2)
    assert page.tables is None


def test_sroie_as_it_was_published(tmp_path: Path) -> None:
    picture(tmp_path / "test" / "img" / "X1.jpg")
    written(tmp_path / "test" / "box" / "X1.txt", "10,5,60,5,60,10,10,10,TOTAL: 1,200.00", "")
    written(tmp_path / "test" / "entities" / "X1.txt", {"total": "1,200.00", "date": ""})
    (document,) = open_set(tmp_path, "dev")
    assert document.lines == (("TOTAL: 1,200.00", 0.1, 0.1, 0.6, 0.2),)
    assert [(a.field.name, a.answers) for a in document.asked] == [("total", ("1,200.00",))]
    assert open_set(tmp_path, "train") == []


def test_docvqa_as_it_was_published(tmp_path: Path) -> None:
    questions = [
        {"questionId": 1, "question": "Who?", "image": "documents/a.png", "answers": ["I", "me"]},
        {"questionId": 2, "question": "When?", "image": "documents/a.png", "answers": ["now"]},
    ]
    written(tmp_path / "val_v1.0_withQT.json", {"data": questions})
    picture(tmp_path / "documents" / "a.png")
    (case,) = load_cases(tmp_path, "dev")
    assert [(g.question.text, g.answers) for g in case.golds] == [
        ("Who?", ("I", "me")),
        ("When?", ("now",)),
    ]
    with pytest.raises(DocxError, match=r"train_v1\.0"):
        list(docvqa.documents(tmp_path, "train"))


INVOICE = """<?xml version="1.0"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:r" xmlns:ram="urn:a" xmlns:udt="urn:u">
  <rsm:ExchangedDocument><ram:ID>RE-7</ram:ID><ram:IssueDateTime>
    <udt:DateTimeString format="102">20200305</udt:DateTimeString>
  </ram:IssueDateTime></rsm:ExchangedDocument>
  <ram:SellerTradeParty><ram:ID>9</ram:ID><ram:Name>GLN 4333
    Muster
    GmbH</ram:Name></ram:SellerTradeParty>
  <ram:BuyerTradeParty><ram:Name>Kunde AG</ram:Name></ram:BuyerTradeParty>
  <ram:GrandTotalAmount>-8.79</ram:GrandTotalAmount>
</rsm:CrossIndustryInvoice>"""


def test_an_electronic_invoice_tells_its_fields() -> None:
    assert zugferd.read_invoice(INVOICE.encode()) == {
        "invoice_number": ("RE-7",),
        "issue_date": ("2020-03-05",),
        "grand_total": ("-8.79", "8.79"),
        "seller": ("Muster GmbH",),
    }


def test_invoices_are_split_by_seller_and_unsound_ones_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a", "b", "lonely", "bare", "torn"):
        (tmp_path / f"{name}.pdf").write_bytes(b"")
    for name in ("a", "b"):
        written(tmp_path / f"{name}.xml", INVOICE)
    written(tmp_path / "bare.xml", INVOICE.replace("GrandTotal", "Total"))
    written(tmp_path / "torn.xml", INVOICE[:200])
    with caplog.at_level(logging.WARNING):
        splits = {s: [d.id for d in open_set(tmp_path, s)] for s in ("train", "dev")}
    assert sorted(splits.values()) == [[], ["a", "b"]]
    assert zugferd.split_of("MUSTER  GMBH") == zugferd.split_of("Muster GmbH")
    reasons = " ".join(record.getMessage() for record in caplog.records)
    assert "bare.pdf is passed over: there is no GrandTotalAmount" in reasons
    assert "lonely.pdf is passed over" in reasons
    assert "torn.pdf is passed over" in reasons


STRUCTURE = """<document><table id="1"><region id="1" page="1">
  <cell start-row="1" start-col="1" end-col="2">
    <bounding-box x1="20" y1="80" x2="120" y2="90"/><content>Head  line</content></cell>
  <cell start-row="2" start-col="1"><bounding-box x1="20" y1="60" x2="60" y2="70"/>
    <content>a</content></cell>
  <cell start-row="2" start-col="2"><bounding-box x1="80" y1="60" x2="120" y2="70"/>
    <content>b</content></cell>
</region></table></document>"""


def test_icdar2013_places_are_those_of_the_page_as_displayed(tmp_path: Path) -> None:
    page = "#set page(width: 200pt, height: 100pt)\nwords"
    (tmp_path / "eu-1.pdf").write_bytes(typst.compile(page.encode()))
    written(tmp_path / "eu-1-str.xml", STRUCTURE)
    (document,) = open_set(tmp_path, "dev")
    (table,) = document.pages[0].tables or ()
    assert table.box.as_tuple() == pytest.approx((0.1, 0.1, 0.6, 0.4))
    assert table.grid.cells[0] == GridCell(0, 0, 1, 2, "Head line")
    assert (table.grid.rows, table.grid.columns) == (2, 2)
    case = load_cases(tmp_path, "dev")[0]
    assert case.page(7).tables == ()  # other pages have none, and finding one there is wrong


@pytest.mark.parametrize("rotation", [90, 270])
def test_icdar2013_places_on_a_page_turned_sideways(tmp_path: Path, rotation: int) -> None:
    """They are those of the displayed page, counted up from the unturned one's height."""
    writer = PdfWriter()
    writer.add_blank_page(100, 200).rotate(rotation)
    writer.write(tmp_path / "eu-1.pdf")
    written(tmp_path / "eu-1-str.xml", STRUCTURE.replace('y1="', 'y1="1').replace('y2="', 'y2="1'))
    ((table,),) = [d.pages[0].tables or () for d in open_set(tmp_path, "dev")]
    assert table.box.as_tuple() == pytest.approx((0.1, 0.1, 0.6, 0.4))


def test_pubtabnet_cells_take_the_slots_that_no_span_covers() -> None:
    tokens = [
        "<thead>",
        "<tr>",
        "<td",
        ' rowspan="2"',
        ">",
        "</td>",
        "<td",
        ' colspan="2"',
        ">",
        "</td>",
        "</tr>",
        "<tr>",
        "<td>",
        "</td>",
        "</tr>",
        "</thead>",
        "<tbody>",
        "<tr>",
        "<td>",
        "</td>",
        "</tr>",
        "</tbody>",
    ]
    texts = ["<b>,G,e,n,e,</b>", "p", "x", ""]
    html = {"structure": {"tokens": tokens}, "cells": [{"tokens": t.split(",")} for t in texts]}
    assert pubtabnet.read_grid(html).cells == (
        GridCell(0, 0, 2, 1, "Gene", header=True),
        GridCell(0, 1, 1, 2, "p", header=True),
        GridCell(1, 1, 1, 1, "x", header=True),
        GridCell(2, 0, 1, 1, ""),
    )  # fmt: skip


BILL = """
#set page(width: 300pt, height: 200pt, margin: 20pt)
Total 8.00 \\ Cash 8.00 \\ Name Ada
"""


def word(text: str, box: list[float]) -> dict[str, Any]:
    return {"text": text, "box": box, "confidence": None}


def region(page: int, record_word: Any) -> dict[str, Any]:
    text, *box = record_word
    return {"text": text, "page": page, "box": box, "words": [word(text, box)]}


def own_folder(folder: Path, **changes: Any) -> Path:
    """A bill with labels as docx prints them; `changes` replace parts of the record."""
    folder.mkdir()
    (folder / "bill.pdf").write_bytes(typst.compile(BILL.encode()))
    written(folder / "train.jsonl", {"id": "bill", "file": "bill.pdf"})
    (page,) = corpora.records(folder, "train", ReadOptions(ocr="never"))
    (folder / "train.jsonl").unlink()
    _, _, _, cash, name, ada = page["words"]
    answers = [
        {"question": "What was paid?", "name": "cash", "text": "8.00", "found": True,
         "page": 1, "box": cash[1:]},
        {"question": "Who?", "name": "who", "text": "Ada", "found": True, "page": None,
         "box": None},
        {"question": "When?", "name": "when", "text": "", "found": False},
    ]  # fmt: skip
    record = {
        "source": "somewhere/bill.pdf",
        "status": "ok",
        "answers": answers,
        "key_values": [{"key": region(1, name), "value": region(1, ada)}],
        "tables": [],
    }
    written(folder / own.LABELS, record | changes)
    return folder


def test_a_users_folder_becomes_training_records(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "mine")
    split = own.split_of("bill.pdf")
    (raw,) = corpora.records(folder, split, ReadOptions(ocr="never"))
    record = PageRecord.from_json(json.dumps(raw))
    paid, who, when = record.questions
    assert paid.occurrences == (((3, 0, 4),),)  # the place that was marked, not the total's
    assert who.occurrences == (((5, 0, 3),),)  # looked for among the words
    assert (when.kind, when.occurrences) == ("absent", ())
    assert record.segments == ({"label": "key", "words": [4]}, {"label": "value", "words": [5]})
    assert record.links == ((0, 1),)
    (case,) = load_cases(folder, split)
    assert [g.kind for g in case.golds] == ["money", "text", "text"]
    assert case.golds[0].places is not None


def test_lines_of_one_document_add_up(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "mine")
    whole = json.loads((folder / own.LABELS).read_text())
    parts = [whole | {"key_values": None, "tables": None}, whole | {"answers": None}]
    split = own.split_of("bill.pdf")
    together = open_set(folder, split)
    written(folder / own.LABELS, *parts)
    assert open_set(folder, split) == together


def test_what_docx_prints_is_a_label_as_it_stands(tmp_path: Path) -> None:
    fixture = Path(__file__).parents[1] / "fixtures" / "invoice.pdf"
    (tmp_path / "invoice.pdf").write_bytes(fixture.read_bytes())
    ask = ["ask", str(tmp_path / "invoice.pdf"), "-q", "What is the total?", "-q", "What IBAN?"]
    texts = []
    for number, command in enumerate((ask, ["kv", ask[1]], ["tables", ask[1]])):
        out = tmp_path / f"{number}.jsonl"
        assert __main__.main([*command, "--format", "jsonl", "-o", str(out)]) == 0
        texts.append(out.read_text())
    (tmp_path / own.LABELS).write_text("".join(texts))
    assert list(own.problems(tmp_path)) == []
    (raw,) = corpora.records(tmp_path, own.split_of("invoice.pdf"), ReadOptions(ocr="never"))
    assert {s["label"] for s in raw["segments"]} == {"key", "value"}
    assert raw["tables"][0]["cells"]


def test_key_values_without_tables_teach_no_tags(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "mine", tables=None)
    (raw,) = corpora.records(folder, own.split_of("bill.pdf"), ReadOptions(ocr="never"))
    assert raw["segments"] is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source": "gone.pdf"}, "source: there is no file gone.pdf"),
        ({"status": "failed"}, "could not be read"),
        ({"answers": None, "key_values": None, "tables": None}, "there are no answers"),
        ({"answers": [{"question": "q", "text": "x", "found": False}]},
         "answers, number 1: found and text contradict each other"),
        ({"answers": [{"question": "q", "text": "x", "found": True, "page": 1,
                       "box": [0.5, 0, 0.4, 1]}]}, "answers, number 1: box is no box"),
        ({"answers": [{"question": "q", "text": "x", "found": True, "page": 0,
                       "box": [0, 0, 1, 1]}]}, "page is no page number"),
        ({"key_values": [{"key": {"words": []}}]}, "key_values, number 1: key has no words"),
        ({"tables": [{"page": 1, "box": [0, 0, 1, 1], "cells": [{"row": -1}]}]},
         "tables, number 1: cells, number 1: row is no number from 0 on"),
        ({"tables": [{"page": 1, "box": [0, 0, 1, 1], "parts": [{"page": 1}, {"page": 2}]}]},
         "tables, number 1: it was joined from several pages"),
    ],
)  # fmt: skip
def test_the_check_names_the_line_of_a_bad_label(
    changes: dict[str, Any], reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = own_folder(tmp_path / "mine", **changes)
    good = own_folder(tmp_path / "good")
    labels = [(f / own.LABELS).read_text() for f in (good, folder)]
    written(folder / own.LABELS, labels[0], "", labels[1], "{")
    assert __main__.main(["data", "check", str(folder)]) == 4
    out, err = capfd.readouterr()
    assert out == ""
    first, second, last = err.splitlines()
    assert "labels.jsonl line 3: " in first
    assert reason in first
    assert "labels.jsonl line 4: this is no JSON" in second
    assert "2 bad labels" in last
    with pytest.raises(UnsupportedInputError, match="line 3"):
        [d for split in ("train", "dev") for d in open_set(folder, split)]


def test_the_check_is_content_with_good_labels(tmp_path: Path) -> None:
    assert __main__.main(["data", "check", str(own_folder(tmp_path / "mine"))]) == 0


def test_the_check_looks_through_lists_and_packs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    listed = written(tmp_path / "set" / "dev.jsonl", {"id": "a", "file": "gone.png"}, {"id": "b"})
    assert __main__.main(["data", "check", str(listed.parent)]) == 4
    lines = capfd.readouterr().err.splitlines()
    assert "dev.jsonl line 1: there is no file gone.png" in lines[0]
    assert "dev.jsonl line 2: KeyError('file')" in lines[1]

    page: dict[str, Any] = {"id": "p", "family": "f", "words": [["a", 0, 0, 1, 1]], "questions": []}
    wrong = page | {"segments": [{"label": "key", "words": [1]}]}
    (tmp_path / "pack").mkdir()
    write_shard(tmp_path / "pack" / "0000.jsonl", [page, wrong, page | {"links": [[0, 1]]}])
    assert __main__.main(["data", "check", str(tmp_path / "pack")]) == 4
    lines = capfd.readouterr().err.splitlines()
    assert "0000.jsonl line 2: " in lines[0]
    assert "0000.jsonl line 3: " in lines[1]
    assert not is_set(tmp_path / "pack")


def test_line_items_of_an_invoice() -> None:
    def line(*parts: str) -> str:
        tag = "r:IncludedSupplyChainTradeLineItem"
        return f"<{tag}>{''.join(parts)}</{tag}>"

    name = "<r:Product><r:Name>Trennbl\u00e4tter\n A4</r:Name><r:Name>other</r:Name></r:Product>"
    quantity = '<r:BilledQuantity unitCode="C62">20.0000</r:BilledQuantity>'
    amount = "<r:LineTotalAmount>198.00</r:LineTotalAmount>"
    xml = f'<r:I xmlns:r="urn:r">{line(name, quantity, amount)}{line(name)}{line(amount)}</r:I>'
    assert zugferd.read_items(xml.encode()) == [
        {"description": "Trennbl\u00e4tter A4", "quantity": "20.0000", "amount": "198.00"},
        {"amount": "198.00"},
    ]
