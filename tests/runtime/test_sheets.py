"""Findings as rows and columns, and the files made of them, read back by others' libraries."""

import csv
import dataclasses
import datetime
import html.parser
import io

import openpyxl
import pandas
import pyarrow.parquet
import pytest
from cli_support import NASTY, sample

from docx_cli.document import Box, Cell, ErrorInfo, Extraction, Table
from docx_cli.sheet_files import Parquet, Xlsx, data_frame
from docx_cli.sheet_text import Csv, Html, Markdown, neutral
from docx_cli.sheets import COLUMNS, Names, sheets, table_sheet
from docx_cli.short_schema import find

BOX = Box(0.1, 0.1, 0.9, 0.9)
SHOWN = "a[31mred 2J é"


def table(*cells, page=1):
    return Table(page, BOX, tuple(Cell(*c, BOX, 0.9, page) for c in cells), 0.8)


# Two header rows with spans, a stub that spans two rows.
SPANNED = table(
    (0, 0, 2, 1, "header", "Region"),
    (0, 1, 1, 2, "header", "Sales"),
    (1, 1, 1, 1, "header", "2022"),
    (1, 2, 1, 1, "header", "2023"),
    (2, 0, 2, 1, "stub", "North"),
    (2, 1, 1, 1, "body", "1"),
    (2, 2, 1, 1, "body", "=2+3"),
    (3, 1, 1, 1, "body", "-4.50"),
)


def file_of(writer, *found):
    return b"".join([writer.head(), *map(writer.sheet, found), writer.tail()])


def test_a_table_keeps_its_spans_and_headers():
    sheet = table_sheet(SPANNED, 2, "in/report.pdf")
    assert sheet.rows[0] == ["Region", "Sales", None]
    assert sheet.rows[3] == [None, "-4.50", None]
    assert sheet.spans == {(0, 0): (2, 1), (0, 1): (1, 2), (2, 0): (2, 1)}
    assert sheet.covered == {(1, 0), (0, 2), (3, 0)}
    assert (sheet.header_rows, (3, 0) in sheet.headers) == (2, True)
    assert sheet.column_names() == ["Region", "Sales / 2022", "Sales / 2023"]
    assert (sheet.name, sheet.title) == ("report p1 t2", "in/report.pdf, page 1, table 2")


def test_cells_that_overlap_do_not_span():
    overlapping = table((0, 0, 2, 2, "body", "a"), (1, 1, 1, 2, "body", "b"))
    sheet = table_sheet(overlapping)
    assert (sheet.spans, sheet.rows[1]) == ({(0, 0): (2, 2)}, [None, "b", None])
    assert file_of(Xlsx(), sheet)[:2] == b"PK"


def test_columns_without_a_name_and_names_that_are_alike():
    alike = table(
        (0, 0, 1, 1, "header", "A"), (0, 2, 1, 1, "header", "a"), (1, 0, 1, 1, "body", "")
    )
    assert table_sheet(alike).column_names() == ["A", "2", "a-2"]
    assert table_sheet(table((0, 0, 1, 1, "body", "x"))).column_names() == ["1"]


def test_names_are_unlike_and_not_too_long():
    names = Names()
    assert [names.claim("report", ".csv", 12) for _ in range(2)] == ["report.csv", "report-2.csv"]
    assert [names.claim("REPORT-2", ".csv", 12), names.claim("r" * 9, "", 4)] == [
        "REPORT-2.csv"[:6] + "-3.csv", "rrrr",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1-555-0199", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1", "-cmd|' /C calc'!A0", "--1"],
)
def test_what_begins_like_a_formula_is_neutralised(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-4.50", "+12 %", "-", "-1,234.00", "- 5", "a=1", "", "12", "-7€"]
)
def test_numbers_and_dashes_are_left_alone(text):
    assert neutral(text) == text


def test_csv_has_an_empty_line_between_tables():
    sheet = table_sheet(SPANNED)
    text = file_of(Csv(), sheet, sheet).decode()
    first, second = text.split("\n\n")
    assert first + "\n" == second
    assert list(csv.reader(io.StringIO(second)))[2] == ["North", "1", "'=2+3"]
    assert "\nNorth,1,=2+3\n" in file_of(Csv(keep_formulas=True), sheet).decode()


def test_csv_of_answers_has_one_header_and_a_row_for_each():
    failed = sample("gone.pdf", status="failed", answers=None, error=ErrorInfo("file", 5, "no\x1b"))
    found = [s for result in (sample(), failed, sample("b.pdf")) for s in sheets(result, "answers")]
    rows = list(csv.DictReader(io.StringIO(file_of(Csv(), *found).decode())))
    assert [(r["source"], r["name"], r["text"]) for r in rows] == [
        ("a.pdf", "due", "42"),
        ("a.pdf", "Who?", ""),
        ("gone.pdf", "", ""),
        ("b.pdf", "due", "42"),
        ("b.pdf", "Who?", ""),
    ]
    assert (rows[0]["page"], rows[0]["x0"], rows[0]["found"]) == ("1", "0.5", "true")
    assert (rows[2]["error"], rows[0]["error"]) == ("no", "")
    assert list(rows[0]) == list(COLUMNS["answers"])


def test_a_workbook_keeps_spans_headers_and_text():
    sheet = table_sheet(SPANNED, 1, "a:b[*].pdf")
    book = openpyxl.load_workbook(io.BytesIO(file_of(Xlsx(), sheet, sheet)))
    assert book.sheetnames == ["a b p1 t1", "a b p1 t1-2"]
    page = book.worksheets[0]
    assert {str(r) for r in page.merged_cells.ranges} == {"A1:A2", "B1:C1", "A3:A4"}
    assert page.freeze_panes == "A3"
    assert (page["A1"].font.bold, page["A3"].font.bold, page["B3"].font.bold) == (True, True, False)
    formula = page["C3"]
    assert (formula.value, formula.data_type, formula.quotePrefix) == ("=2+3", "s", True)
    assert (page["B4"].value, page["B4"].quotePrefix) == ("-4.50", False)
    kept = openpyxl.load_workbook(io.BytesIO(file_of(Xlsx(keep_formulas=True), sheet)))
    assert (kept.worksheets[0]["C3"].value, kept.worksheets[0]["C3"].quotePrefix) == ("=2+3", False)


def test_a_workbook_of_pairs_goes_on_with_the_next_document():
    found = [s for name in ("a.pdf", "b.pdf", "c.pdf") for s in sheets(sample(name), "key_values")]
    [page] = openpyxl.load_workbook(io.BytesIO(file_of(Xlsx(), *found))).worksheets
    rows = list(page.iter_rows(values_only=True))
    assert rows[0] == tuple(COLUMNS["key_values"])
    assert [row[:4] for row in rows[1:]] == [
        (name, "Due", "42", 0.5) for name in ("a.pdf", "b.pdf", "c.pdf")
    ]


def test_a_workbook_takes_what_excel_would_not():
    nasty = table((0, 0, 1, 1, "body", NASTY), (0, 1, 1, 1, "body", "x" * 40_000))
    book = openpyxl.load_workbook(io.BytesIO(file_of(Xlsx(), table_sheet(nasty))))
    assert (book.active["A1"].value, len(book.active["B1"].value)) == (SHOWN, 32_767)
    empty = openpyxl.load_workbook(io.BytesIO(file_of(Xlsx())))
    assert empty.sheetnames == ["nothing found"]


@pytest.mark.parametrize("writer", [Csv, Markdown, Html])
@pytest.mark.parametrize("content", ["answers", "key_values", "tables"])
def test_text_cannot_drive_a_terminal(writer, content):
    text = file_of(writer(), *sheets(sample(NASTY), content)).decode()
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e", "\u2028", "\ud800"}


class Outline(html.parser.HTMLParser):
    """Collects the tags of a page and the texts of its cells."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.cells = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def test_a_page_keeps_spans_and_headers_and_runs_nothing():
    evil = "</td><script>alert(1)</script><img src=x onerror=alert(1)>"
    cells = (*SPANNED.cells, Cell(3, 2, 1, 1, "body", evil, BOX, 0.5, 1))
    sheet = table_sheet(dataclasses.replace(SPANNED, cells=cells), 1, "<b>.pdf")
    outline = Outline(file_of(Html(), sheet, sheet).decode())
    kinds = [tag for tag, _ in outline.tags]
    assert kinds.count("table") == kinds.count("caption") == 2
    assert not {"script", "img", "b"} & set(kinds)
    assert [cell.startswith(evil) for cell in outline.cells].count(True) == 2
    heads = [attributes for tag, attributes in outline.tags if tag == "th"][:5]
    assert heads == [
        {"scope": "col", "rowspan": "2"},
        {"scope": "colgroup", "colspan": "2"},
        {"scope": "col"},
        {"scope": "col"},
        {"scope": "rowgroup", "rowspan": "2"},
    ]
    policy = next(a["content"] for t, a in outline.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none';")


def test_a_page_of_answers_is_one_table():
    found = [s for name in ("a.pdf", "b.pdf") for s in sheets(sample(name), "answers")]
    outline = Outline(file_of(Html(), *found).decode())
    kinds = [tag for tag, _ in outline.tags]
    assert (kinds.count("table"), kinds.count("tr")) == (1, 5)


def test_markdown_is_a_table_for_every_reader():
    nasty = table((0, 0, 1, 1, "header", "a|b"), (1, 0, 1, 1, "body", "*<b>* `x`"))
    text = file_of(Markdown(), table_sheet(nasty), table_sheet(SPANNED)).decode()
    assert text.splitlines() == [
        "**page 1, table 1**",
        "",
        "| a\\|b |",
        "| --- |",
        "| \\*\\<b\\>\\* \\`x\\` |",
        "",
        "**page 1, table 1**",
        "",
        "| Region | Sales |  |",
        "| --- | --- | --- |",
        "|  | **2022** | **2023** |",
        "| North | 1 | =2+3 |",
        "|  | -4.50 |  |",
    ]


def test_markdown_without_headers_and_of_answers():
    plain = table_sheet(table((0, 0, 1, 1, "body", "x"), (1, 0, 1, 1, "body", "y")))
    lines = file_of(Markdown(), plain).decode().splitlines()
    assert lines[2:] == ["|  |", "| --- |", "| x |", "| y |"]
    found = [s for name in ("a.pdf", "b.pdf") for s in sheets(sample(name), "answers")]
    assert len(file_of(Markdown(), *found).decode().splitlines()) == 2 + 4


def test_parquet_has_types():
    found = [s for name in ("a.pdf", "b.pdf") for s in sheets(sample(name), "answers")]
    read = pyarrow.parquet.read_table(io.BytesIO(file_of(Parquet(), *found)))
    assert {f.name: str(f.type) for f in read.schema} == {
        name: {str: "string", float: "double", int: "int64", bool: "bool"}[kind]
        for name, kind in COLUMNS["answers"].items()
    }
    assert read["page"].to_pylist() == [1, None, 1, None]
    one = pyarrow.parquet.read_table(io.BytesIO(file_of(Parquet(), table_sheet(SPANNED))))
    assert one.to_pydict() == {
        "Region": ["North", None], "Sales / 2022": ["1", "-4.50"], "Sales / 2023": ["=2+3", None],
    }  # fmt: skip


def test_dates_of_a_schema_are_dates():
    schema = find("signed: date, born: date, total: money")
    data = {"signed": "2023-03-14", "born": "1850-01-02"}
    result = sample(extraction=Extraction("inline", data, True, (), ()))
    [sheet] = sheets(result, schema)
    read = pyarrow.parquet.read_table(io.BytesIO(file_of(Parquet(), sheet)))
    assert read["signed"].to_pylist() == [datetime.date(2023, 3, 14)]
    assert file_of(Csv(), sheet).decode().splitlines()[1].startswith("a.pdf,2023-03-14,1850-01-02,")
    book = openpyxl.load_workbook(io.BytesIO(file_of(Xlsx(), sheet)))
    signed, born = book.worksheets[0]["B2"], book.worksheets[0]["C2"]
    assert (signed.value, signed.number_format) == (datetime.datetime(2023, 3, 14), "yyyy-mm-dd")
    assert born.value == "1850-01-02"  # Excel's calendar begins in 1900


def test_a_table_becomes_a_data_frame():
    frame = data_frame(table_sheet(SPANNED))
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == ["Region", "Sales / 2022", "Sales / 2023"]
    assert frame["Sales / 2022"].tolist() == ["1", "-4.50"]
