"""Temporary files lie in memory, unless somebody says where, or there is no room."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from docx_cli import scratch


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take a folder for the one in memory, and the usual one for temporary files."""
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    return tmp_path


def test_a_private_folder_in_memory_that_goes_away(memory: Path) -> None:
    with scratch.folder(1000) as name:
        (Path(name) / "page.pgm").write_bytes(b"P5")
        assert Path(name).parent == memory
        assert stat.S_IMODE(Path(name).stat().st_mode) == 0o700
    assert list(memory.iterdir()) == []


def test_a_folder_that_somebody_named_is_used(
    memory: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path_factory.mktemp("own")
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    with scratch.folder(1000) as name:
        assert Path(name).parent == own


def test_without_room_or_memory_it_lies_where_others_do(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scratch.folder(1 << 60) as name:
        assert Path(name).parent == Path("/tmp")
    monkeypatch.setattr(scratch, "_MEMORY", memory / "none")
    with scratch.folder(1000) as name:
        assert Path(name).parent == Path("/tmp")
