"""The Python interface under the command line."""

import sys

import pytest
from cli_support import make_bundle, make_input, stand_in_pipeline

import docx_cli
from docx_cli import reading
from docx_cli.document import Question
from docx_cli.errors import FileAccessError, MissingDependencyError, PasswordError, UsageError


@pytest.fixture(autouse=True)
def model(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "docx_cli.pipeline", stand_in_pipeline())
    monkeypatch.setenv("DOCX_MODEL", str(make_bundle(tmp_path / "toy")))


def test_a_document_is_read_once_and_asked_often(tmp_path, monkeypatch):
    reads = []
    read_pages = reading.read_pages
    monkeypatch.setattr(
        "docx_cli.api.read_pages", lambda *args: reads.append(args) or read_pages(*args)
    )
    document = docx_cli.open(make_input(tmp_path), ocr="never")
    assert reads == []
    assert [a.name for a in document.ask(Question("What is due?", "due"), "Who?")] == [
        "due",
        "Who?",
    ]
    assert document.key_values()[0].value.text == "42"
    assert document.tables()[0].shape == (2, 2)
    assert [page.number for page in document.pages()] == [1]
    assert len(reads) == 1
    assert reads[0][1].picture_size == (32, 32)


def test_no_question_runs_no_model(tmp_path):
    assert docx_cli.open(make_input(tmp_path, "bug"), ocr="never").ask() == []


def test_failures_are_exceptions(tmp_path):
    with pytest.raises(FileAccessError):
        docx_cli.open(tmp_path / "missing.pdf")
    with pytest.raises(MissingDependencyError):
        docx_cli.open(make_input(tmp_path), model="nobody")
    with pytest.raises(PasswordError):
        docx_cli.open(make_input(tmp_path, "password"), ocr="never").ask("Who?")
    with pytest.raises(UsageError):
        docx_cli.open(make_input(tmp_path), ocr="never", pages="2").pages()
