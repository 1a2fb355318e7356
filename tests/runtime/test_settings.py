"""Settings in files and variables: which is stronger, and what is wrong with a bad one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_support import FIXTURE, lines, records
from conftest import Run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work two folders below one that may hold settings; the user's own lie in another."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "docx").mkdir(parents=True)
    (tmp_path / "work" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work" / "below")
    return tmp_path


def shown(docx_here: Run, name: str) -> tuple[Any, str]:
    """Return a setting's value and origin; `name` is a key, or a command and a key."""
    done = docx_here("config", "show", "--format", "json")
    assert (done.returncode, lines(done)) == (0, [])
    for row in json.loads(done.stdout):
        if name == ".".join(filter(None, [row["command"], row["key"]])):
            return row["value"], row["origin"]
    raise AssertionError(f"{name} is not shown")


def test_what_stands_higher_is_stronger(
    docx_here: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(docx_here, "dpi") == (200, "default")
    for number, (path, text) in enumerate(
        (
            (home / "config" / "docx" / "config.toml", "dpi = 301"),
            (home / "pyproject.toml", "[tool.docx]\ndpi = 302"),
            (home / "docx.toml", "dpi = 303"),
            (home / "work" / "docx.toml", "dpi = 304"),
        ),
        301,
    ):
        path.write_text(text)
        assert shown(docx_here, "dpi") == (number, str(path))
    monkeypatch.setenv("DOCX_DPI", "305")
    assert shown(docx_here, "dpi") == (305, "DOCX_DPI")
    monkeypatch.setenv("DOCX_OCR_DPI", "306")
    assert shown(docx_here, "ocr.dpi") == (306, "DOCX_OCR_DPI")
    assert shown(docx_here, "dpi") == (305, "DOCX_DPI")


def test_a_setting_does_what_its_option_does(docx_here: Run, home: Path) -> None:
    (home / "docx.toml").write_text('format = "csv"\n[ocr]\nformat = "json"\npages = "2"\n')
    done = docx_here("ocr", FIXTURE)
    assert (done.returncode, "there is no page 2" in lines(done)[0]) == (2, True)
    done = docx_here("ocr", FIXTURE, "--pages", "1")
    assert json.loads(done.stdout)["status"] == "ok"
    assert done.stdout.startswith(b"{\n")


def test_a_folder_that_is_gone_has_no_settings(docx_here: Run, home: Path) -> None:
    (home / "work" / "below").rmdir()
    assert docx_here("ocr", FIXTURE).returncode == 0


def test_questions_may_be_set(docx_here: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "docx.toml").write_text('[ask]\nquestion = ["total=What is the total?"]\n')
    (record,) = records(docx_here("ask", FIXTURE))
    assert [answer["name"] for answer in record["answers"]] == ["total"]
    monkeypatch.setenv("DOCX_QUESTION", "Who is the seller?\nWhat is the date?")
    (record,) = records(docx_here("ask", FIXTURE))
    assert [answer["name"] for answer in record["answers"]] == [
        "Who is the seller?",
        "What is the date?",
    ]


def test_a_value_for_all_commands_need_not_suit_each(
    docx_here: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "docx.toml").write_text('format = "csv"\n')
    assert shown(docx_here, "ask.format")[0] == "csv"
    assert len(records(docx_here("ocr", FIXTURE))) == 1
    monkeypatch.setenv("DOCX_FORMAT", "html")
    assert docx_here("kv", FIXTURE).stdout.startswith(b"<!DOCTYPE html>")
    assert len(records(docx_here("ocr", FIXTURE))) == 1


def test_a_model_is_looked_for_beside_the_file_that_names_it(docx_here: Run, home: Path) -> None:
    (home / "docx.toml").write_text('model = "./mine"\n')
    assert shown(docx_here, "model")[0] == str(home / "mine")
    (home / "docx.toml").write_text('model = "mine"\n')
    assert shown(docx_here, "model")[0] == "mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dpj = 300", "dpj: there is no such setting"),
        ("[ask]\nhtml = true", "ask.html: there is no such setting"),
        ("[model.list]\ndpi = 300", "model.list.dpi: there is no such setting"),
        ("[asks]\ndpi = 300", "asks: there is no such command"),
        ('dpi = "300"', "dpi: must be a whole number"),
        ("dpi = true", "dpi: must be a whole number"),
        ("dpi = 10", "dpi: Input should be greater than or equal to 50"),
        ("flat = 1", "flat: must be true or false"),
        ("page_timeout = 'long'", "page-timeout: must be a number"),
        ("lang = ['eng']", "lang: must be text"),
        ("question = 'Who?'", "question: must be a list of texts"),
        ("[ask]\nocr = 'maybe'", "ask.ocr: 'maybe' is not one of 'auto', 'always', 'never'"),
        ("dpi 300", "is not TOML"),
        ("x = '\udcff'", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(docx_here: Run, home: Path, text: str, said: str) -> None:
    path = home / "docx.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for arguments in (["ocr", FIXTURE], ["config", "show"]):
        done = docx_here(*arguments)
        assert (done.returncode, done.stdout, len(lines(done))) == (9, b"", 1)
        assert lines(done)[0].startswith(f"docx: {path}: {said}")


def test_what_is_wrong_in_a_variable_is_named(
    docx_here: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value, said in (
        ("DOCX_DPI", "many", "Input should be a valid integer"),
        ("DOCX_OCR_FORMAT", "csv", "'csv' is not one of"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            done = docx_here("ocr", FIXTURE)
        assert (done.returncode, done.stdout, len(lines(done))) == (9, b"", 1)
        assert lines(done)[0].startswith(f"docx: {variable}: {said}")


@pytest.mark.parametrize("line", ["output = 'x'", "password = 'x'", "allow-network = true"])
def test_a_file_beside_documents_cannot_set_what_could_harm(
    docx_here: Run, home: Path, line: str
) -> None:
    (home / "docx.toml").write_text(line)
    done = docx_here("ocr", FIXTURE)
    own = home / "config" / "docx" / "config.toml"
    assert (done.returncode, f"belongs in {own}" in lines(done)[0]) == (9, True)
    (home / "docx.toml").rename(own)
    key = line.partition(" ")[0]
    assert shown(docx_here, key)[1] == str(own)


def test_a_password_is_not_shown(
    docx_here: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCX_PASSWORD", "sesame")
    assert shown(docx_here, "password") == ("***", "DOCX_PASSWORD")
    assert b"sesame" not in docx_here("config", "show", "--format", "text").stdout


def test_every_option_is_shown(docx_here: Run, home: Path) -> None:
    text = docx_here("config", "show", "--format", "text").stdout.decode()
    keys = {line.split()[0] for line in text.splitlines()}
    assert {"lang", "page-timeout", "recursive", "picture-dpi", "join-pages", "top-k"} <= keys


def test_a_table_for_training_waits_until_it_is_called(docx_here: Run, home: Path) -> None:
    (home / "docx.toml").write_text("[export]\nnonsense = 1\n")
    assert docx_here("schema").returncode == 0
    done = docx_here("export", "nowhere", "nowhere")
    assert (done.returncode, "export.nonsense: there is no" in lines(done)[0]) == (9, True)


def test_help_says_what_is_set(docx_here: Run, home: Path) -> None:
    (home / "docx.toml").write_text("lang = 'deu'\n")
    assert b"[default: deu]" in b" ".join(docx_here("ocr", "--help").stdout.split())
