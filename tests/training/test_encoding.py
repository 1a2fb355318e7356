"""What is trained is what is served: rows equal windows, and a checkpoint says how it encodes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import small_pages as pages
import support
import torch

from docx_cli.encode import PageTokens, WindowInputs
from docx_cli.errors import BundleError, FileAccessError
from docx_models import checkpoint
from docx_models.records import PageRecord, encode_picture
from docx_models.rows import collate, page_inputs

LONG = pages.lines(*(f"row {n}   costs {n}.{n:02}   in total {n * n}" for n in range(14)))
QUESTIONS = ("what is the total?", "who?", "is it paid?")


def record() -> PageRecord:
    """A labelled page of several windows with a picture, as a shard holds it."""
    picture = np.random.default_rng(1).integers(0, 256, (32, 16)).astype(np.uint8)
    raw = {
        "id": "long",
        "family": "test",
        "words": [[w.text, *w.box.as_tuple()] for w in LONG],
        "picture": encode_picture(picture),
        "questions": [
            {"question": q, "field": "f", "kind": "extract", "answer": "", "pieces": [[9, 0, 1]]}
            for q in QUESTIONS
        ],
        "segments": [{"label": "key", "words": [0, 1]}],
    }
    return PageRecord.from_json(json.dumps(raw))


def same_window(row: WindowInputs, served: WindowInputs) -> None:
    """Compare every field, those that may be added later too, and what is derived from them."""
    for field in dataclasses.fields(WindowInputs):
        if field.name != "page":
            np.testing.assert_array_equal(
                getattr(row, field.name), getattr(served, field.name), err_msg=field.name
            )
    for field in dataclasses.fields(PageTokens):
        mine, theirs = getattr(row.page, field.name), getattr(served.page, field.name)
        if isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, theirs, err_msg=field.name)
        else:
            assert mine == theirs, field.name
    np.testing.assert_array_equal(row.words, served.words)
    np.testing.assert_array_equal(row.word_positions, served.word_positions)


def questions_of(window: WindowInputs) -> list[str]:
    """The questions of a window, from their subwords."""
    asked = {tuple(pages.encoding().tokenize_question(q).tolist()): q for q in QUESTIONS}
    packed = [window.input_ids[window.groups == g] for g in range(1, window.groups.max() + 1)]
    return [asked[tuple(ids.tolist())] for ids in packed]


def test_labelled_rows_equal_served_windows() -> None:
    page_record, maker = record(), support.maker()
    page = maker.encoding.tokenize_page(page_record.words)
    served = maker.encoding.encode(page_record.words, QUESTIONS, page_record.picture())[0]
    bounds = maker.encoding.window_bounds(page)
    assert len(served) == len(bounds) > 2
    for window, where in zip(served, bounds, strict=True):
        rng = np.random.default_rng(0)
        row = maker.label(page_record, page, where, page_record.questions, rng)
        same_window(row.inputs, window)


def test_drawn_rows_equal_served_windows() -> None:
    page_record, maker, drawn = record(), support.maker(questions=2), set()
    for seed in range(20):
        row = maker.draw(page_record, np.random.default_rng(seed))
        asked = questions_of(row.inputs)
        served = maker.encoding.encode(page_record.words, asked, page_record.picture())[0]
        begin = {window.token_start: window for window in served}
        assert row.inputs.token_start in begin
        same_window(row.inputs, begin[row.inputs.token_start])
        drawn.add((row.inputs.token_start, *asked))
    assert len(drawn) > 5, "different windows and questions are drawn"


def test_a_batch_holds_the_rows_unchanged() -> None:
    maker, page_record = support.maker(), record()
    rows = [maker.draw(page_record, np.random.default_rng(seed)) for seed in range(3)]
    batch = collate(rows, maker.encoding.pad_id)
    for b, row in enumerate(rows):
        alone = page_inputs([row.inputs], maker.encoding.pad_id)
        for name, one, all_of in zip(alone._fields, alone, batch.inputs, strict=True):
            if name == "picture":
                assert torch.equal(all_of[b], one[0])
            else:
                assert torch.equal(all_of[b, : one.shape[1]], one[0]), name
        assert (batch.inputs.groups[b, len(row.inputs.groups) :] == -1).all()


def test_a_checkpoint_comes_back_whole(tmp_path: Path) -> None:
    saved = support.write_start(tmp_path / "start")
    loaded = checkpoint.load(tmp_path / "start")
    assert loaded.model.config == saved.model.config
    assert loaded.encoding.config == saved.encoding.config
    assert loaded.tokenizer_json == saved.tokenizer_json
    for name, tensor in saved.model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], tensor), name


def test_a_changed_encoding_is_refused(tmp_path: Path) -> None:
    support.write_start(tmp_path / "start")
    path = tmp_path / "start" / "config.json"
    config = json.loads(path.read_text())
    config["encoding"]["window_overlap"] += 1
    path.write_text(json.dumps(config))
    with pytest.raises(BundleError, match="changed since training"):
        checkpoint.load(tmp_path / "start")


def test_a_changed_tokenizer_is_refused(tmp_path: Path) -> None:
    support.write_start(tmp_path / "start")
    path = tmp_path / "start" / "tokenizer.json"
    path.write_text(path.read_text().replace("##oice", "##oize"))
    with pytest.raises(BundleError, match="changed since training"):
        checkpoint.load(tmp_path / "start")


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="is no checkpoint"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, name: str) -> None:
    support.write_start(tmp_path / "start")
    path = tmp_path / "start" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BundleError, match="damaged"):
        checkpoint.load(tmp_path / "start")


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    support.write_start(tmp_path / "start")
    path = tmp_path / "start" / "config.json"
    config = json.loads(path.read_text())
    config["model"]["encoder_layers"] += 1
    path.write_text(json.dumps(config))
    with pytest.raises(BundleError, match="do not fit"):
        checkpoint.load(tmp_path / "start")


def test_a_configuration_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    support.write_start(tmp_path / "start")
    path = tmp_path / "start" / "config.json"
    config = json.loads(path.read_text())
    del config["fingerprint"]
    path.write_text(json.dumps(config))
    with pytest.raises(BundleError, match="fingerprint"):
        checkpoint.load(tmp_path / "start")
