"""Rows of a whole run, and schemas in one."""

import csv
import json
import sys

import pyarrow.parquet
import pytest
from cli_support import lines, sample

from docx_cli.batch.flat import result_of
from docx_cli.document import Question
from docx_cli.extraction import Typed
from docx_cli.outputs import record
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.safe_text import as_json
from docx_cli.sheets import sheets
from docx_cli.short_schema import find
from docx_cli.source import load


@pytest.mark.parametrize("content", ["answers", "key_values"])
def test_a_record_makes_the_rows_that_its_result_makes(content):
    result = sample()
    again = result_of(json.loads(as_json(record(result))))
    assert [s.rows for s in sheets(again, content)] == [s.rows for s in sheets(result, content)]


def rows(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_rows_of_a_run_as_csv_and_parquet(docx_here, documents, tmp_path):
    names = [documents / name for name in ("invoice.pdf", "letter.pdf", "empty.pdf")]
    out, asked = tmp_path / "out", ("-q", "total=What is the total?", "--kv", "-j", 1)
    command = ("batch", *names, "-o", out, *asked, "--csv", "--parquet")
    assert docx_here(*command).returncode == 10
    found = {row["source"]: row for row in rows(out / "answers.csv")}
    assert sorted(found) == sorted(map(str, names))
    assert found[str(names[0])]["text"] == "$118.80"
    assert found[str(names[2])]["error"] == "is empty"
    [shard] = (out / "key-values").iterdir()
    assert set(pyarrow.parquet.read_table(shard).column("source").to_pylist()) <= set(found)
    assert docx_here(*command).returncode == 10  # from the records alone
    assert pyarrow.parquet.read_table(out / "answers").num_rows == 3


def test_a_schema_over_many_documents(docx_here, documents, tmp_path):
    out, schema = tmp_path / "out", "total: money!, invoice_date: date"
    command = ("batch", documents / "invoice.pdf", "-o", out, "--csv", "-j", 1)
    assert docx_here(*command, "--schema", schema).returncode == 0
    [line] = (out / "records.jsonl").read_text().splitlines()
    assert json.loads(line)["extraction"]["data"]["total"]["amount"] == 118.8
    [row] = rows(out / "inline.csv")
    assert (row["total"], row["total_currency"]) == ("118.8", "USD")
    for _ in range(2):  # another run makes the same rows from the records alone
        (out / "inline.csv").unlink()
        assert docx_here(*command, "--schema", schema).returncode == 0
        assert rows(out / "inline.csv") == [row]
    other = docx_here(*command, "--schema", "total: money!")
    assert (other.returncode, "other settings: schema" in lines(other)[0]) == (2, True)


def test_a_page_is_encoded_once_for_all_that_is_asked(extractor, documents, monkeypatch):
    windows = []
    encode = extractor.session.encode
    monkeypatch.setattr(extractor.session, "encode", lambda w: windows.append(w) or encode(w))
    typed = Typed(extractor, find("total: money!, items: [Description, Amount: money]"))
    source = load(documents / "three.pdf")
    read = ReadOptions(picture_size=extractor.bundle.picture_size, rules=True, squares=True)
    asked = {"questions": [Question("Who is the seller?")], "key_values": True, "tables": True}
    result = typed.run_pages(source, read_pages(source, read), **asked)
    assert (len(result.pages), len(windows)) == (3, 3)
    assert result.answers[0].text == "Northwind Traders Ltd"
    assert result.extraction.valid and result.key_values and result.tables


def test_questions_schema_pairs_and_tables_in_one_pass(docx_here, documents, tmp_path):
    """Each finds what it finds alone."""
    questions = ("-q", "seller=Who is the seller?", "-q", "total=What is the total?")
    asked = (*questions, "--kv", "--tables")
    typed = ("--schema", "total: money!, items: [Description, Amount: money]")
    found = {}
    for name, what in {"all": (*asked, *typed), "asked": asked, "typed": typed}.items():
        out = tmp_path / name
        command = ("batch", documents / "invoice.pdf", "-o", out, "-j", 1, "--csv", *what)
        assert docx_here(*command).returncode == 0
        found[name] = json.loads((out / "records.jsonl").read_text())
    both, plain, schema = found["all"], found["asked"], found["typed"]
    for part in ("key_values", "tables"):
        assert both[part] == plain[part] != []
    assert [a["text"] for a in both["answers"]] == [a["text"] for a in plain["answers"]]
    assert [a["name"] for a in both["answers"]] == ["seller", "total"]
    assert [a["alternatives"] for a in both["answers"]] == [[], []]
    assert both["extraction"]["data"] == schema["extraction"]["data"]
    assert both["extraction"]["data"]["items"]
    assert (schema["answers"], schema["tables"], schema["key_values"]) == (None, None, None)
    written = {path.name for path in (tmp_path / "all").glob("*.csv")}
    assert written == {"answers.csv", "key-values.csv", "inline.csv"}


def test_rows_that_cannot_be_written_are_refused_before_the_work(docx_here, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = docx_here("batch", "a.pdf", "-o", tmp_path / "out", "--kv", "--parquet")
    assert (done.returncode, "[parquet]" in lines(done)[0]) == (3, True)
    assert not (tmp_path / "out").exists()
