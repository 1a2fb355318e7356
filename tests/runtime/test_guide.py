"""Every command that the guide shows is run, and prints what the guide says."""

from __future__ import annotations

import doctest
import io
import shlex
import shutil
import sys
from pathlib import Path

import guide
import input_kinds
import pytest
from conftest import Run
from guide_files import write_guide_files
from typer.main import get_command

from docx_cli.cli.app import app


@pytest.fixture(scope="session")
def guide_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the files that the guide works on."""
    return write_guide_files(tmp_path_factory.mktemp("guide"))


@pytest.fixture
def folder(guide_files: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch) -> Path:
    """Return a copy of these files, with those that stand on the page above the block."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    copy = shutil.copytree(guide_files, tmp_path / "home")
    for name, text in request.node.callspec.params["block"].files.items():
        (copy / name).write_text(text, encoding="utf-8")
    return copy


@pytest.fixture
def terminal(folder: Path, docx_here: Run, monkeypatch: pytest.MonkeyPatch) -> guide.Terminal:
    """Return what runs command lines there."""

    def call(arguments: list[str], stdin: bytes, on_terminal: bool) -> tuple[int, bytes, bytes]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        if not on_terminal:
            done = docx_here(*arguments)
            return done.returncode, done.stdout, done.stderr
        with guide.terminal_as_stdout() as shown:
            done = docx_here(*arguments)
            return done.returncode, done.stdout + shown(), done.stderr

    return guide.Terminal(folder, call)


@pytest.mark.parametrize("block", guide.blocks("console"), ids=str)
def test_commands_print_what_the_guide_shows(block: guide.Block, terminal: guide.Terminal) -> None:
    for step in guide.steps(block.text):
        failed = terminal.code and step.command != guide.LAST_CODE
        assert not failed, f"{block}: what stands above {step.command} fails, without a word"
        printed = terminal.run(step.command)
        assert guide.agrees(step.expected, printed), f"{block}: {step.command}\n{printed}"
    assert terminal.code == 0


@pytest.mark.parametrize("block", guide.blocks("pycon"), ids=str)
def test_python_prints_what_the_guide_shows(
    block: guide.Block, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    test = doctest.DocTestParser().get_doctest(block.text, {}, str(block), str(block.page), 0)
    failed = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert test.examples
    assert runner.run(test, out=failed.write).failed == 0, failed.getvalue()


@pytest.mark.parametrize("block", guide.blocks("sh"), ids=str)
def test_commands_that_take_long_are_ones_that_docx_knows(block: guide.Block) -> None:
    """What installs or trains is not run here; its options and arguments are those there are."""
    lines = block.text.replace("\\\n", "").splitlines()
    for line in (line for line in lines if line.startswith("docx ")):
        arguments = shlex.split(line, comments=True)[1:]
        command, name = get_command(app), "docx"
        while hasattr(command, "resolve_command"):
            context = command.make_context(name, arguments)
            name, command, arguments = command.resolve_command(
                context, [*context._protected_args, *context.args]
            )
        command.make_context(name, arguments)


def test_what_differs_is_told() -> None:
    assert guide.agrees("total  $5.00  98%\n...", "total $5.00 71%\nmore\n")
    assert not guide.agrees("total  $5.00  98%\n", "total $6.00 98%\n")
    assert not guide.agrees("", "something\n")


def test_every_kind_of_input_comes_out_as_the_guide_says(tmp_path: Path) -> None:
    page = (guide.GUIDE / "input-kinds.md").read_text(encoding="utf-8")
    assert page == input_kinds.table(input_kinds.measured(tmp_path)), "make docs writes it anew"
