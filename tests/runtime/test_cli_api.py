"""The Python interface under the command line, on the real pipeline."""

import pytest
from cli_support import FIXTURE
from PIL import Image, ImageDraw, ImageFont

import docx_cli
from docx_cli.document import Question
from docx_cli.errors import (
    FileAccessError,
    MissingDependencyError,
    PasswordError,
    ProgramError,
    UnsupportedInputError,
    UsageError,
)


def test_a_document_is_read_once_and_asked_often(documents):
    document = docx_cli.open(documents / "invoice.pdf")
    before = document.pages()
    total, seller = document.ask(Question("What is the total?", "due"), "Who is the seller?")
    assert (total.name, total.text) == ("due", "$118.80")
    assert (seller.name, seller.text) == ("Who is the seller?", "Northwind Traders Ltd")
    assert total.evidence is not None and total.evidence.page == 1
    assert set(total.evidence.words) <= set(before[0].words)
    assert document.ask("What is the total?")[0].text == total.text
    assert [after is page for after, page in zip(document.pages(), before, strict=True)] == [True]


def test_pairs_and_tables():
    document = docx_cli.open(FIXTURE)
    assert document.key_values()[0].value.text
    rows, columns = document.tables()[0].shape
    assert rows > 1 and columns > 1


def test_boxes_on_paper_are_told(tmp_path):
    image = Image.new("L", (900, 500), 255)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(36)
    for y, label in ((120, "Married"), (240, "Employed")):
        draw.rectangle((100, y, 130, y + 30), outline=0, width=3)
        draw.text((150, y - 6), label, 0, font)
    draw.line((104, 124, 126, 146), 0, 4)
    draw.line((104, 146, 126, 124), 0, 4)
    image.save(tmp_path / "boxes.png", dpi=(200, 200))
    told = docx_cli.open(tmp_path / "boxes.png").key_values()
    assert {(p.key.text, p.checked) for p in told} >= {("Married", True), ("Employed", False)}


def test_no_question_is_no_work(documents):
    assert docx_cli.open(documents / "locked.pdf").ask() == []


def test_what_only_reading_shows_is_raised_by_reading(documents):
    locked = docx_cli.open(documents / "locked.pdf")
    for use in (locked.pages, locked.tables, lambda: locked.ask("Who?")):
        with pytest.raises(PasswordError, match=r"locked\.pdf: is encrypted"):
            use()
    with pytest.raises(UsageError):
        docx_cli.open(FIXTURE, pages="7").pages()
    unread = docx_cli.open(documents / "unread.pdf")
    assert unread.pages()[0].status == "failed"
    with pytest.raises(ProgramError, match=r"unread\.pdf: page 1: .* no visible area"):
        unread.key_values()


def test_other_failures_are_raised_by_opening(documents, tmp_path):
    with pytest.raises(FileAccessError):
        docx_cli.open(tmp_path / "none.pdf")
    with pytest.raises(UnsupportedInputError):
        docx_cli.open(documents / "text.pdf")
    with pytest.raises(MissingDependencyError):
        docx_cli.open(FIXTURE, model="nobody")
