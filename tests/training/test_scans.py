"""Synthetic pages through printer, scanner and OCR."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import support

from docx_cli.__main__ import main
from docx_cli.errors import UnsupportedInputError
from docx_models.records import Pack, write_shard
from docx_models.scans import scan
from docx_models.synth import generate
from docx_models.synth.damage import sample_damage

SEED = next(s for s in range(99) if sample_damage(np.random.default_rng([s, 0]), "roll").dpi == 200)
"""A readable scan of the first page."""


def docx(*arguments: object) -> int:
    return main([str(a) for a in arguments])


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a pack of one receipt, and its scan."""
    folder = tmp_path_factory.mktemp("packs")
    (folder / "synth").mkdir()
    write_shard(folder / "synth" / "0000.jsonl", [generate("receipt", 11)])
    assert (
        docx("data", "scan", folder / "synth", folder / "scans", "--seed", SEED, "--jobs", 1) == 0
    )
    yield folder


def test_a_scan_keeps_most_labels_and_points_at_what_it_says(packs: Path) -> None:
    page, scan = Pack(packs / "synth")[0], Pack(packs / "scans")[0]
    assert (scan.id, scan.family) == (page.id, page.family)
    assert len(scan.questions) >= 0.6 * len(page.questions)
    assert len(scan.segments or ()) >= 0.6 * len(page.segments or ())
    for question in scan.questions:
        for pieces in question.occurrences:
            assert " ".join(scan.words[w].text[a:b] for w, a, b in pieces) == question.answer
    true, read = {w.text for w in page.words}, {w.text for w in scan.words}
    assert len(true & read) > 0.6 * len(true)
    picture = scan.picture()
    assert picture is not None
    assert picture.shape == (512, 256)


def test_finished_shards_are_kept(packs: Path) -> None:
    shard = packs / "scans" / "0000.jsonl"
    before = shard.stat().st_mtime_ns
    assert docx("data", "scan", packs / "synth", packs / "scans", "--jobs", 1) == 0
    assert shard.stat().st_mtime_ns == before


def test_ocr_and_its_model_are_compared(packs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fitted = packs / "noise.json"
    for more in ((), ("-o", fitted)):
        assert docx("data", "noise", packs / "scans", *more) == 0
        figures = json.loads(capsys.readouterr().out)
        assert figures["ocr"]["pages"] == 1
        assert figures["ocr"]["words_wrong"] < 0.4
        assert set(figures["ocr"]) == set(figures["model"])
    assert json.loads(fitted.read_text("utf-8"))["fitted_on"]["pages"] == 1


def test_pages_that_are_drawn_otherwise_by_now_are_refused(packs: Path) -> None:
    page = Pack(packs / "synth")[0]
    for change in ({"id": "receipt-12"}, {"words": page.words[1:]}):
        with pytest.raises(UnsupportedInputError, match="docx data synth"):
            scan(replace(page, **change), np.random.default_rng(1))


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("scan", "pages", "out", "--jobs", 1), 4, "only synthetic pages can be drawn anew"),
        (("scan", "nowhere", "out"), 5, "no *.jsonl shards"),
        (("noise", "pages"), 4, "was not scanned"),
        (("noise", "nowhere"), 5, "no *.jsonl shards"),
    ],
)
def test_failures_are_one_line_and_a_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    support.write_pack(tmp_path / "pages", 1)
    monkeypatch.chdir(tmp_path)
    assert docx("data", *arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert not list((tmp_path / "out").glob("*.jsonl"))
