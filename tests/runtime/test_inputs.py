"""Which files a command line means: folders, patterns, lists, odd names."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_support import docx, lines, process, records
from conftest import Run

from docx_cli.errors import FileAccessError, UsageError
from docx_cli.inputs import expand, may_be_several

TREE = (
    "b.pdf", "a.PNG", "notes.txt", ".hidden.pdf", "~$b.docx", "scan.tiff", "photo.HEIC",
    "below/d.jpg", "below/c.pdf", "below/deep/e.webp", ".secret/f.pdf", "none/readme.md",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with files of all sorts, and work in it."""
    for name in TREE:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str, **options: object) -> list[str]:
    return list(expand(arguments, **options))  # type: ignore[arg-type]


def test_a_folder_stands_for_its_readable_files(tree: Path) -> None:
    assert names("below") == ["below/c.pdf", "below/d.jpg"]
    assert names(str(tree)) == [
        str(tree / name) for name in ("a.PNG", "b.pdf", "photo.HEIC", "scan.tiff")
    ]


def test_recursive_looks_below(tree: Path) -> None:
    (tree / "below" / "loop").symlink_to(tree)
    assert names("below", "none", recursive=True) == [
        "below/c.pdf", "below/d.jpg", "below/deep/e.webp", "none",
    ]  # fmt: skip
    assert [Path(name).name for name in names(".", recursive=True)] == [
        "a.PNG", "b.pdf", "c.pdf", "d.jpg", "e.webp", "photo.HEIC", "scan.tiff",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.pdf", ["b.pdf"]),
        ("**/*.pdf", ["b.pdf", "below/c.pdf"]),
        ("below/?.[jp]*", ["below/c.pdf", "below/d.jpg"]),
        ("*.txt", ["notes.txt"]),
        ("*.docm", ["*.docm"]),
    ],
)
def test_a_pattern_that_no_shell_expanded(tree: Path, pattern: str, found: list[str]) -> None:
    assert names(pattern) == found


def test_a_file_called_like_a_pattern_is_that_file(tree: Path) -> None:
    (tree / "scan[1].pdf").touch()
    assert names("scan[1].pdf") == ["scan[1].pdf"]


@pytest.mark.parametrize("listed", [b"b.pdf\r\nno such\n\nbelow\n", b"b.pdf\0no such\0below"])
def test_files_from_a_list(tree: Path, listed: bytes) -> None:
    found = ["a.PNG", "b.pdf", "no such", "below/c.pdf", "below/d.jpg"]
    (tree / "list").write_bytes(listed)
    assert names("a.PNG", files_from="list") == found
    assert names("a.PNG", files_from="-", stdin=io.BytesIO(listed)) == found


def test_names_in_a_list_are_names_and_nothing_else(tree: Path) -> None:
    listed = io.BytesIO(b"*.pdf\n-\n--model\n")
    assert names(files_from="-", stdin=listed) == ["*.pdf", "./-", "--model"]


def test_names_in_a_list_may_hold_newlines_between_nuls(tree: Path) -> None:
    listed = io.BytesIO(b"two\nlines.pdf\0b.pdf\0")
    assert names(files_from="-", stdin=listed) == ["two\nlines.pdf", "b.pdf"]


def test_each_file_comes_once(tree: Path) -> None:
    found = names("below/d.jpg", "below", "./below/c.pdf", "*.pdf", "b.pdf", str(tree / "b.pdf"))
    assert found == ["below/d.jpg", "below/c.pdf", "b.pdf"]


def test_names_come_before_all_is_listed(tree: Path) -> None:
    coming = expand(["b.pdf", "below"])
    assert next(coming) == "b.pdf"
    (tree / "below" / "later.pdf").touch()
    assert list(coming) == ["below/c.pdf", "below/d.jpg", "below/later.pdf"]


def test_what_makes_no_sense(tree: Path) -> None:
    for arguments, files_from in (([], None), (["-", "-"], None), (["-"], "-")):
        with pytest.raises(UsageError):
            expand(arguments, files_from=files_from)
    with pytest.raises(FileAccessError, match="nowhere: cannot be read: No such file"):
        expand([], files_from="nowhere")


def test_several_is_told_by_the_arguments_alone(tree: Path) -> None:
    assert not may_be_several(["b.pdf"]) and not may_be_several(["-"])
    for arguments in (["b.pdf", "a.PNG"], ["none"], ["*.pdf"]):
        assert may_be_several(arguments)
    assert may_be_several([], "-")


def test_a_folder_is_a_batch(docx_here: Run, documents: Path, tmp_path: Path) -> None:
    for name in ("invoice.pdf", "locked.pdf", "letter.pdf"):
        shutil.copy(documents / name, tmp_path)
    done = docx_here("ocr", tmp_path, "--format", "json")
    assert (done.returncode, len(lines(done))) == (10, 1)
    found = json.loads(done.stdout)
    assert [Path(record["source"]).name for record in found] == [
        "invoice.pdf", "letter.pdf", "locked.pdf",
    ]  # fmt: skip
    (tmp_path / "locked.pdf").unlink()
    (tmp_path / "letter.pdf").unlink()
    alone = docx_here("ocr", tmp_path, "--format", "json")
    assert (alone.returncode, len(json.loads(alone.stdout))) == (0, 1)


def test_a_folder_without_documents_says_so(docx_here: Run, tmp_path: Path) -> None:
    done = docx_here("ocr", tmp_path)
    assert (done.returncode, records(done)[0]["error"]["exit_code"]) == (4, 4)
    assert lines(done) == [
        f"docx: {tmp_path}: is a folder with no file to read "
        "(--recursive looks into the folders below it)"
    ]


def test_a_folder_that_may_not_be_listed_says_so(documents: Path, tmp_path: Path) -> None:
    """As root nothing is forbidden, so the folder goes away while the list is read."""
    shutil.copy(documents / "invoice.pdf", tmp_path)
    done = docx("ocr", "--files-from", "-", stdin=os.fsencode(tmp_path / "gone") + b"\n")
    assert (done.returncode, len(lines(done))) == (5, 1)
    assert "No such file" in lines(done)[0]


def test_a_pattern_without_a_match_says_so(docx_here: Run, tmp_path: Path) -> None:
    done = docx_here("ocr", tmp_path / "*.pdf")
    assert done.returncode == 5
    assert lines(done) == [f"docx: {tmp_path}/*.pdf: cannot be read: no file matches"]


def test_other_addresses_say_what_is_fetched(docx_here: Run) -> None:
    done = docx_here("ocr", "ftp://example.org/a.pdf", "--allow-network")
    assert done.returncode == 5
    assert "only http:// and https:// are fetched" in lines(done)[0]


@pytest.mark.parametrize("name", [b"-x.pdf", b"two\nlines.pdf", b"caf\xe9.pdf", b"\xff.pdf", b"-"])
def test_odd_names(documents: Path, tmp_path: Path, name: bytes) -> None:
    (tmp_path / os.fsdecode(name)).write_bytes((documents / "invoice.pdf").read_bytes())
    start = process("ocr")
    for arguments, stdin in (
        (["--", b"./-" if name == b"-" else name], b""),
        ([b"."], b""),
        (["--files-from", "-"], name + b"\0"),
    ):
        done = subprocess.run(
            [*start["args"], *arguments],
            env={**start["env"], "PYTHONPATH": os.pathsep.join([*_import_path()])},
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            check=False,
        )
        if name == b"-" and arguments == [b"."]:
            continue  # it has no suffix that would tell it from others
        (record,) = records(done)
        assert (done.returncode, record["status"], done.stderr) == (0, "ok", b"")


def _import_path() -> Iterator[str]:
    import docx_cli

    yield str(Path(docx_cli.__file__).parents[1])
