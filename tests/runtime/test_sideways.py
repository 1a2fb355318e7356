"""Tables that stand sideways on an upright page, read from PDFs written here."""

from __future__ import annotations

import numpy as np
import pytest
from pdf_fixtures import PdfPage, pdf

import docx_cli
from docx_cli.document import Box, Table
from docx_cli.rules import Rules
from docx_cli.sideways import Turn

A5 = (0, 0, 420, 595)
ROWS = (
    ("item part", "sold", "price"), ("steel bolt", "12", "3.50"), ("nut", "140", "0.25"),
    ("washer", "7", "-"), ("long screw", "31", "1.75"),
)  # fmt: skip


def page(*, up: bool, ruled: bool = False) -> PdfPage:
    """A page with an upright line of text at its foot and a table that runs up or down."""
    made = PdfPage(crop=A5, media=A5)
    made.text("Prices of this year, as of today", 100, 560, 10)
    matrix = "0 1 -1 0" if up else "0 -1 1 0"
    for line, row in enumerate(ROWS):
        for text, along in zip(row, (0, 150, 260), strict=True):
            x, y = (100 + 30 * line, 100 + along) if up else (300 - 30 * line, 500 - along)
            made.operators.append(f"BT /F1 11 Tf {matrix} {x} {y} Tm ({text}) Tj ET")
    for line in range(len(ROWS) + 1) if ruled else ():
        x = 80 + 30 * line if up else 320 - 30 * line
        made.rectangle(x, 90, x + 0.8, 510)
    return made


def tables(tmp_path, made: PdfPage) -> list[Table]:
    path = tmp_path / "turned.pdf"
    path.write_bytes(pdf(made))
    return docx_cli.open(path).tables()


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("ruled", [True, False])
def test_a_table_that_stands_sideways_is_read(tmp_path, up, ruled):
    [table] = tables(tmp_path, page(up=up, ruled=ruled))
    assert table.grid() == [list(row) for row in ROWS]
    assert (table.turned, table.header_rows) == (90 if up else 270, 1)
    assert ("rules" in table.basis) == ruled
    first, last = table.cells[0].box, table.cells[-1].box
    assert (first.x1 < last.x0) == up
    assert (first.y0 > last.y1) == up
    assert first.as_tuple() == pytest.approx(
        (92.1 / 420, 452.2 / 595, 102.3 / 420, 495 / 595)
        if up
        else (297.7 / 420, 95 / 595, 307.9 / 420, 137.8 / 595),
        abs=0.002,
    )


def test_turned_headings_of_an_upright_table_stay_with_it(tmp_path):
    made = PdfPage(crop=A5, media=A5)
    for column, text in enumerate(("sold", "left", "made", "lost", "kept", "lent", "rest")):
        at = f"{180 + 25 * column} 460"
        made.operators.append(f"BT /F1 11 Tf 0 1 -1 0 {at} Tm ({text}) Tj ET")
    for line, label in enumerate(("Rome", "Bonn", "Oslo", "Kyiv")):
        made.text(label, 60, 160 + 20 * line, 11)
        for column in range(7):
            made.text(str(3 * column + line), 172 + 25 * column, 160 + 20 * line, 11)
    [table] = tables(tmp_path, made)
    assert table.turned == 0
    assert [row[0] for row in table.grid()][-4:] == ["Rome", "Bonn", "Oslo", "Kyiv"]


@pytest.mark.parametrize("up", [True, False])
def test_a_turn_moves_boxes_and_lines_alike(up):
    turn, box = Turn(up), Box(0.1, 0.2, 0.3, 0.6)
    assert Turn(not up).box(turn.box(box)).as_tuple() == pytest.approx(box.as_tuple())
    edges = Rules(np.array([[0.2, 0.1, 0.3]]), np.array([[0.1, 0.2, 0.6]]))  # top and left
    x0, y0, x1, y1 = turn.box(box).as_tuple()
    turned = turn.rules(edges)
    assert turned.across.tolist() == [pytest.approx([y0 if up else y1, x0, x1])]
    assert turned.down.tolist() == [pytest.approx([x1 if up else x0, y0, y1])]
