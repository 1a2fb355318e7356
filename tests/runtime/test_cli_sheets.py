"""Rows and columns, folders and flat objects on the command line."""

import csv
import io
import json
import shutil

import openpyxl
import pytest
from cli_support import FIXTURE, lines
from test_cli import on_a_terminal

import docx_cli


def test_answers_of_several_files_are_one_table(docx_here, documents):
    names = [str(documents / name) for name in ("invoice.pdf", "none.pdf", "letter.pdf")]
    question = "total=What is the total?"
    done = docx_here("ask", *names, "-q", question, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert [row["source"] for row in rows] == names
    assert (rows[0]["text"], rows[0]["page"], rows[1]["found"]) == ("$118.80", "1", "")
    assert "No such file" in rows[1]["error"]
    assert (done.returncode, len(lines(done))) == (10, 1)


def test_flat_key_values(docx_here, documents):
    [line] = docx_here("kv", documents / "invoice.pdf", "--flat").stdout.splitlines()
    assert json.loads(line)["Invoice Number"] == "INV-20417"
    several = docx_here(
        "kv", documents / "invoice.pdf", documents / "none.pdf", "--flat", "--format", "json"
    )
    first, second = json.loads(several.stdout)
    assert (first, second) == (json.loads(line), None)
    shown = on_a_terminal("kv", documents / "invoice.pdf", "--flat")
    assert json.loads(shown) == json.loads(line)


def test_a_folder_gets_a_file_for_each_input(docx_here, tmp_path):
    names = [tmp_path / part / "in:voice.pdf" for part in ("a", "b")]
    for name in names:
        name.parent.mkdir()
        shutil.copy(FIXTURE, name)
    out = tmp_path / "new" / "out"
    assert docx_here("tables", *names, "-o", f"{out}/").stdout == b""
    docx_here("tables", *names, "-o", out, "--format", "csv")
    docx_here("tables", *names, "-o", out, "--format", "parquet")
    assert sorted(path.name for path in out.iterdir()) == [
        "in_voice-2-p1-t1.csv", "in_voice-2-p1-t1.parquet", "in_voice-2.json",
        "in_voice-p1-t1.csv", "in_voice-p1-t1.parquet", "in_voice.json",
    ]  # fmt: skip
    record = json.loads((out / "in_voice-2.json").read_bytes())
    assert (record["source"], len(record["tables"])) == (str(names[1]), 1)


def test_the_suffix_chooses_the_format(docx_here, tmp_path):
    target = tmp_path / "tables.xlsx"
    again = shutil.copy(FIXTURE, tmp_path)
    docx_here("tables", FIXTURE, again, "-o", target)
    assert openpyxl.load_workbook(target).sheetnames == ["invoice p1 t1", "invoice p1 t1-2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tables", FIXTURE, "--format", "parquet"], "Parquet holds one table"),
        (["kv", FIXTURE, "--flat", "--format", "csv"], "--flat gives json or jsonl"),
        (["ocr", FIXTURE, "-o", "words.csv"], "does not write csv"),
        (["tables", FIXTURE, "-o", "tables.xls"], "tables.xls: no format is known by '.xls'"),
        (["show", FIXTURE, "-o", "page.pdf"], "page.pdf: no kind of picture ends in '.pdf'"),
    ],
)
def test_formats_that_do_not_suit(docx_here, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = docx_here(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in lines(done)[0]
    assert list(tmp_path.iterdir()) == []


def test_where_output_goes_without_a_format(docx_here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert json.loads(docx_here("ocr", FIXTURE, "-o", "-").stdout)["status"] == "ok"
    docx_here("ocr", FIXTURE, "-o", "words")
    docx_here("ocr", FIXTURE, "-o", "words.txt", "--format", "jsonl")
    first, second = sorted(tmp_path.iterdir())
    assert json.loads(first.read_bytes())["status"] == json.loads(second.read_bytes())["status"]


def test_a_page_without_tables_says_so(docx_here, documents):
    page = docx_here("tables", documents / "letter.pdf", "--format", "html").stdout
    assert b"<p>Nothing was found.</p>" in page
    note = docx_here("tables", documents / "letter.pdf", "--format", "markdown").stdout
    assert note == b"Nothing was found.\n"


def test_a_workbook_does_not_go_to_a_terminal():
    assert on_a_terminal("tables", FIXTURE, "--format", "xlsx") == ""


def test_a_folder_that_cannot_be_made(docx_here):
    done = docx_here("tables", FIXTURE, "-o", "/dev/null/out/")
    assert (done.returncode, len(lines(done))) == (5, 1)


def test_tables_as_data_frames():
    [frame] = docx_cli.open(FIXTURE).data_frames()
    assert frame.shape[0] > 1
    assert frame.attrs["page"] == 1
    assert 0 < frame.attrs["confidence"] <= 1
