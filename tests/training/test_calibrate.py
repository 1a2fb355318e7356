"""Fitting a bundle's temperature and threshold, first by hand, then on a bundle."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import small_pages as pages
import support
import torch

from docx_cli import __main__
from docx_cli.bundle import open_bundle, verify
from docx_cli.encode import WindowInputs
from docx_cli.errors import UnsupportedInputError
from docx_cli.session import Encoded
from docx_export.writer import write_bundle
from docx_models import calibrate, checkpoint
from docx_models.cases import load_cases
from docx_models.evaluate import Plan, Worker
from docx_models.records import write_shard
from docx_models.rows import ABSENT, COMPOSE, SPAN, UNKNOWN, QuestionLabel
from docx_models.systems import Contender

IMPOSSIBLE = -1e4


def window() -> WindowInputs:
    return pages.encoding().encode(pages.INVOICE, ["what is the total?"])[0][0]


def scored(span: float, absent: float, compose: float = IMPOSSIBLE) -> Encoded:
    """One question with three outcomes: the span of position 1, absent, compose."""
    inputs = window()
    start = np.full((1, len(inputs.input_ids)), IMPOSSIBLE, np.float32)
    start[0, 1] = span
    band = np.zeros((len(inputs.input_ids), 1), np.float32)
    rest = [np.array([v], np.float32) for v in (absent, compose)]
    return Encoded(inputs, {}, start, np.zeros_like(start), band, *rest)


def asked(encoded: Encoded, label: QuestionLabel) -> calibrate.Asked:
    return calibrate.Asked(label.outcome != ABSENT, 0, (encoded,), (label,))


RIGHT_SPAN = QuestionLabel(SPAN, spans=((1, 0),))


def test_the_loss_is_that_of_the_right_outcome() -> None:
    # e^1 : e^0 for the span, so that its share is e / (e + 1).
    one = asked(scored(1.0, 0.0), RIGHT_SPAN)
    other = asked(scored(1.0, 0.0), QuestionLabel(ABSENT))
    share = math.e / (math.e + 1)
    assert calibrate.loss([one], 1.0) == pytest.approx(-math.log(share), abs=1e-5)
    assert calibrate.loss([other], 1.0) == pytest.approx(-math.log(1 - share), abs=1e-5)
    both = -(math.log(share) + math.log(1 - share)) / 2
    assert calibrate.loss([one, other], 1.0) == pytest.approx(both, abs=1e-5)


def test_composing_is_an_outcome_and_an_unknown_answer_is_none() -> None:
    composed = asked(scored(0.0, 0.0, 0.0), QuestionLabel(COMPOSE))
    unknown = asked(scored(9.0, 0.0), QuestionLabel(UNKNOWN))
    assert calibrate.loss([composed, unknown], 1.0) == pytest.approx(math.log(3), abs=1e-5)
    with pytest.raises(UnsupportedInputError, match="known answer"):
        calibrate.loss([unknown], 1.0)


def test_the_temperature_undoes_overconfidence() -> None:
    # Always sure by logit 4, right in three of four: least loss where the share is 3/4,
    # which is at the logit ln 3; the temperature is 4 / ln 3 = 3.641.
    rows = [asked(scored(4.0, 0.0), RIGHT_SPAN)] * 3
    rows.append(asked(scored(4.0, 0.0), QuestionLabel(ABSENT)))
    assert calibrate.fit_temperature(rows) == pytest.approx(4 / math.log(3), rel=0.03)


def test_the_threshold_refuses_enough() -> None:
    absent = [0.1] * 8 + [0.4, 0.9]
    present = [0.3, 0.35, 0.6, 0.8]
    # 0.1 would part them best, but refuses 8 of 10; 0.4 refuses the 9 of 10 that are asked for.
    assert calibrate.fit_threshold(absent, present) == pytest.approx(0.4, abs=1e-4)


def test_the_threshold_lies_above_what_it_refuses() -> None:
    threshold = calibrate.fit_threshold([0.2, 0.25], [0.7, 0.9])
    assert 0.25 < threshold < 0.7


def test_a_threshold_takes_both_kinds_of_questions() -> None:
    with pytest.raises(UnsupportedInputError, match="with and without"):
        calibrate.fit_threshold([], [0.5])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    loaded = checkpoint.assemble(support.tiny_model(), pages.CONFIG, pages.TOKENIZER)
    target = tmp_path_factory.mktemp("calibrate") / "tiny"
    write_bundle(loaded, target, name="tiny", version="1", card="# tiny\n", int8=False)
    return target


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Two pages with a question that has an answer, one that has none, one to be composed."""
    words = [[w.text, *w.box.as_tuple()] for w in pages.INVOICE]
    total = next(i for i, w in enumerate(pages.INVOICE) if w.text == "total") + 1
    questions = [
        {"question": "the total?", "kind": "extract", "pieces": [[total, 0, 4]]},
        {"question": "the iban?", "kind": "absent"},
        {"question": "is it paid?", "kind": "text"},
    ]
    answers = {"extract": pages.INVOICE[total].text, "absent": "", "text": "yes"}
    records = [
        {
            "id": f"page-{number}",
            "family": "invoice",
            "words": words,
            "questions": [{**q, "field": "f", "answer": answers[q["kind"]]} for q in questions],
        }
        for number in range(2)
    ]
    folder = tmp_path / "held-out"
    folder.mkdir()
    write_shard(folder / "0000.jsonl", records)
    return folder


def test_a_bundle_is_calibrated_and_stays_sound(
    bundle: Path, pack: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = open_bundle(bundle)
    command = ["train", "calibrate", str(bundle), "--data", str(pack.parent)]
    assert __main__.main([*command, "--packs", pack.name]) == 0
    assert "of 6 questions" in capfd.readouterr().err
    after = open_bundle(bundle)
    assert verify(bundle) == []
    assert set(after.calibration) == {"temperature", "found_threshold"}
    assert after.calibration != before.calibration
    assert after.sha256 != before.sha256


def test_a_model_is_measured_with_each_head(bundle: Path, pack: Path) -> None:
    tiny = Contender("tiny", bundle, ("auto", "spans", "decoder"))
    plan = Plan((tiny,), False, "own", check_records=True, threads=1)
    measured = Worker(plan).measure(load_cases(pack, "dev")[0])
    assert list(measured.systems) == ["tiny, auto", "tiny, spans", "tiny, decoder"]
    assert measured.error is None
    assert measured.invalid == []
    assert all(len(judged) == 3 for judged in measured.systems.values())
    assert measured.structure == {}  # these pages label none


def test_the_command_measures_a_model(
    bundle: Path, pack: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", str(pack), "--model", str(bundle), "--baseline", "--format", "json"]
    assert __main__.main(command) == 0
    (report,) = json.loads(capfd.readouterr().out)["sets"]
    assert list(report["systems"]) == ["tiny, auto", "regexes"]
    assert report["systems"]["tiny, auto"]["all"]["questions"] == 4
    assert report["systems"]["tiny, auto"]["all"]["absent_questions"] == 2
