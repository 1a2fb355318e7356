"""The papers around the code agree with it."""

import re
import tomllib
from pathlib import Path

import pytest

from docx_cli import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def bare(name):
    """A distribution's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; ]", name)[0]).lower()


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_the_papers_lead_somewhere(paper):
    links = re.findall(r"\]\(([^)#]+)", paper.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (paper.parent / link).exists()] == []


def test_every_decision_is_in_the_index():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    decisions = [path.name for path in folder.glob("[0-9]*.md")]
    assert decisions and [name for name in decisions if f"({name})" not in index] == []


def test_every_dependency_is_pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", pin) for pin in pins)
    extras = PROJECT["optional-dependencies"].values()
    declared = {bare(name) for group in (PROJECT["dependencies"], *extras) for name in group}
    assert declared - {bare(pin) for pin in pins} == set()


def test_the_changelog_knows_this_version():
    assert PROJECT["version"] == __version__
    assert f"\n## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_what_the_readme_names_make_can_do():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tasks = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert set(re.findall(r"\bmake ([a-z]+)\b(?=`|\s+#)", readme)) <= set(tasks)
    assert {"make demo", "make test"} <= set(re.findall(r"make [a-z]+", readme))
