"""Tables that run over pages, in PDFs written here: joined, or rightly left apart."""

from __future__ import annotations

import json

import pytest
from pdf_fixtures import PdfPage, pdf

import docx_cli
from docx_cli.document import Table

A5 = (0, 0, 420, 595)
HEAD = ("item", "sold", "price")
ROWS = [("steel bolt", "12", "3.50"), ("nut", "140", "0.25"), ("washer", "7", "-")]
MORE = [("screw", "31", "1.75"), ("hinge", "9", "12.40"), ("bracket", "44", "8.00")]


def page(*rows: tuple[str, ...], at: float, number: int, note: str = "") -> PdfPage:
    """A page with a table, a running title and its number; `note` stands above the table."""
    made = PdfPage(crop=A5, media=A5)
    made.text("Price list of Bolt Brothers", 120, 60, 10).text(f"Page {number}", 190, 560, 10)
    if note:
        made.text(note, 40, at - 24, 11)
    for line, row in enumerate(rows):
        for text, x in zip(row, (40, 190, 300), strict=True):
            made.text(text, x, at + 18 * line, 11)
    return made


def tables(tmp_path, *pages: PdfPage) -> list[Table]:
    path = tmp_path / "list.pdf"
    path.write_bytes(pdf(*pages))
    return docx_cli.open(path).tables(join_pages=True)


@pytest.mark.parametrize("again", [(HEAD,), ()])
@pytest.mark.parametrize("note", ["", "Prices (continued)"])
def test_a_table_over_three_pages_is_one(tmp_path, again, note):
    first = page(HEAD, *ROWS, at=460, number=1, note="Our prices of this year")
    second = page(*again, *MORE * 8, at=120, number=2, note=note)
    third = page(*again, *ROWS, at=120, number=3, note=note)
    [table] = tables(tmp_path, first, second, third)
    assert table.grid() == [list(row) for row in (HEAD, *ROWS, *MORE * 8, *ROWS)]
    assert [c.kind == "header" for c in table.cells] == [True] * 3 + [False] * 90
    assert table.header_rows == 1
    assert [part.page for part in table.parts] == [1, 2, 3]
    assert [c.page for c in table.cells] == [1] * 12 + [2] * 72 + [3] * 9
    for part in table.parts:
        for cell in table.cells:
            if cell.page == part.page:
                assert part.box.contains(*cell.box.center)


FIRST = page(HEAD, *ROWS, at=460, number=1)


@pytest.mark.parametrize(
    ("why", "first", "second"),
    [
        ("a caption stands between", FIRST, page(HEAD, *MORE, at=120, number=2, note="Parts")),
        ("it has other headings", FIRST, page(("tool", "made", "cost"), *MORE, at=120, number=2)),
        ("half a page is left", page(HEAD, *ROWS, at=200, number=1), page(*MORE, at=90, number=2)),
    ],
)
def test_a_table_of_its_own_is_left_alone(tmp_path, why, first, second):
    assert [t.parts[0].page for t in tables(tmp_path, first, second)] == [1, 2], why


def test_other_columns_are_another_table(tmp_path):
    second = PdfPage(crop=A5, media=A5)
    for line, row in enumerate(MORE):
        for text, x in zip(row, (90, 245, 345), strict=True):
            second.text(text, x, 120 + 18 * line, 11)
    assert len(tables(tmp_path, FIRST, second)) == 2


def test_the_command_joins_where_it_is_asked_to(docx_here, tmp_path):
    path = tmp_path / "list.pdf"
    path.write_bytes(pdf(FIRST, page(HEAD, *MORE, at=120, number=2)))
    apart, whole = (
        json.loads(docx_here("tables", path, *option).stdout)["tables"]
        for option in ([], ["--join-pages"])
    )
    assert [[part["page"] for part in t["parts"]] for t in apart] == [[1], [2]]
    assert [[part["page"] for part in t["parts"]] for t in whole] == [[1, 2]]
    assert whole[0]["cells"][-1]["page"] == 2
    assert whole[0]["parts"][1]["box"] == apart[1]["box"]
    titled = docx_here("tables", path, "--join-pages", "--format", "markdown").stdout.decode()
    assert "list.pdf, pages 1-2, table 1" in titled


def test_the_review_page_joins_where_it_is_asked_to(docx_here, tmp_path):
    path = tmp_path / "list.pdf"
    path.write_bytes(pdf(FIRST, page(HEAD, *MORE, at=120, number=2)))
    for option, told in (([], "4 x 3<"), (["--join-pages"], "7 x 3, part 2 of 2<")):
        text = docx_here("show", path, "-o", "-", "--html", *option).stdout.decode()
        assert told in text
