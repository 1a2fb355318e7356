"""docs/cli.md is what the help says; the version is what the package says."""

import re
import tomllib
from pathlib import Path

import pytest
from conftest import Run

import docx_cli
from docx_cli.cli.reference import WIDTH, help_pages, reference

ROOT = Path(__file__).parents[2]


def test_the_reference_is_fresh():
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference()


def test_every_command_has_help_that_fits():
    for path, text in help_pages():
        assert len(text.splitlines()) > 3, path
        assert all(len(line) <= WIDTH + 2 for line in text.splitlines()), path
        assert "--install-completion" not in text, f"{path}: make its group with new_app"
        assert "\u2500" not in text, f"{path}: make its group with new_app"


def test_every_command_shows_how_it_is_called():
    for path, text in help_pages():
        assert "COMMAND [ARGS]" in text or re.search(r"^  Examples?:", text, re.MULTILINE), path


@pytest.mark.parametrize("group", [(), ("model",), ("cache",), ("config",)])
def test_what_a_command_is_for_is_said_whole(docx_here: Run, group: tuple[str, ...]) -> None:
    assert "...\n" not in docx_here(*group, "--help").stdout.decode().replace("[ARGS]...\n", "")


def test_the_version_is_the_package_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == docx_cli.__version__
