"""`docx train finetune --documents`, from a folder of labelled files to a model or a refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import small_pages as pages
import support
import torch
from test_user_documents import answer, write_folder

from docx_cli.__main__ import main
from docx_cli.bundle import open_bundle, verify
from docx_export import finetuning
from docx_export.writer import write_bundle
from docx_models import checkpoint, sizes
from docx_models.start import load_start

LABELS = (answer("total", "3,533.95"), answer("iban", ""), answer("driver", ""))


def docx(*arguments: object) -> int:
    return main([str(a) for a in arguments])


def write_model(target: Path, found_threshold: float) -> Path:
    """Write a tiny model that finds something from a probability on: 0 is always, 2 is never."""
    torch.manual_seed(0)
    model = support.tiny_model(
        visual_tokens=sizes.ENCODING.visual_tokens,
        visual_rows=sizes.ENCODING.visual_rows,
        picture_height=sizes.ENCODING.picture_height,
        picture_width=sizes.ENCODING.picture_width,
        positions=sizes.ENCODING.max_page_tokens,
    )
    loaded = checkpoint.assemble(model, sizes.ENCODING, pages.TOKENIZER)
    calibration = {"temperature": 1.0, "found_threshold": found_threshold}
    write_bundle(
        loaded, target, name="tiny", version="1", card="# tiny\n", int8=False,
        calibration=calibration,
    )  # fmt: skip
    return target


@pytest.fixture(scope="module")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always finds something."""
    return write_model(tmp_path_factory.mktemp("models") / "eager", 0.0)


def test_a_model_is_taught_and_a_better_one_is_not_replaced(
    eager: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(finetuning, "UNSEEN_PAGES", 2)
    mine, target = write_folder(tmp_path / "mine", 10, *LABELS), tmp_path / "taught"
    options = ("--documents", mine, "--from", eager, "--steps", 2, "--rows", 2, "--jobs", 1)
    command = ("train", "finetune", target, *options)

    assert docx(*command, "--format", "json") == 0
    printed = capfd.readouterr()
    assert "7 documents to learn from, 0 to calibrate, 3 held out; 2 steps" in printed.err
    assert "7 of 7 answers were located" in printed.err
    assert "on synthetic pages of other kinds" in printed.err
    figures = json.loads(printed.out)
    (report,) = figures["sets"]
    assert list(report["systems"]) == ["before, auto", "after, auto"]
    assert set(report["systems"]["after, auto"]["groups"]) == {"total", "iban", "driver"}
    assert report["systems"]["after, auto"]["all"]["documents"] == 3
    assert figures["comparisons"][0]["answers"] == 9
    taught = open_bundle(target)
    assert verify(target) == []
    assert taught.name == "taught"
    assert taught.calibration == open_bundle(eager).calibration, "too few to calibrate with"
    scale = "encoder.norm.weight"  # kept as float
    before, after = (load_start(f).model.get_parameter(scale) for f in (eager, target))
    trained = checkpoint.load(Path(f"{target}.run") / "training" / "model")
    change = trained.model.get_parameter(scale) - before
    assert change.abs().max() > 0
    torch.testing.assert_close(after - before, finetuning.SHARE * change, atol=1e-6, rtol=0)
    card = (target / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "fine-tuned on 7 documents" in card
    assert "before, auto" in card

    # What is there refuses everything, and so answers two of three questions rightly.
    support.set_calibration(target, temperature=1.0, found_threshold=2.0)
    there = open_bundle(target).sha256
    run = Path(f"{target}.run")
    log = (run / "training" / "log.jsonl").read_bytes()
    words = {p: p.stat().st_mtime_ns for p in (run / "words").iterdir()}
    assert docx(*command) == 11
    printed = capfd.readouterr()
    assert "before, auto" in printed.out
    assert "the new model is worse" in printed.err.splitlines()[-1]
    assert open_bundle(target).sha256 == there
    assert verify(run / "bundle") == []
    assert (run / "training" / "log.jsonl").read_bytes() == log, "nothing was trained twice"
    assert {p: p.stat().st_mtime_ns for p in (run / "words").iterdir()} == words
    assert log.count(b"\n") == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "--from"),
        (("--from", "eager", "--limit", "3"), 2, "--limit is for --documents"),
        (("--documents", "mine", "--recipe", "mini-finetune"), 2, "--recipe and --data"),
        (("--documents", "mine", "--from", "nowhere"), 3, "nowhere"),
        (("--documents", "nowhere"), 5, "no such folder"),
        (("--documents", "mine", "--limit", "4"), 4, "4 documents have labelled answers"),
        (("--documents", "wrong"), 4, "none of the labelled answers"),
        (("--documents", "bad"), 4, "line 1: source: there is no file"),
    ],
)
def test_failures_are_one_line_and_a_code(
    eager: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    write_folder(tmp_path / "mine", 10, *LABELS)
    write_folder(tmp_path / "wrong", 10, answer("total", "77.77"))
    (write_folder(tmp_path / "bad", 10, *LABELS) / "0.pdf").unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCX_MODEL", str(eager))
    assert docx("train", "finetune", "out", *arguments) == code
    printed = capfd.readouterr()
    assert printed.out == ""
    assert says in printed.err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_model_is_not_replaced(
    eager: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mine = write_folder(tmp_path / "mine", 10, *LABELS)
    assert docx("train", "finetune", mine, "--documents", mine, "--from", eager) == 5
    assert "is there already and is no model" in capfd.readouterr().err
    assert (mine / "labels.jsonl").exists()
