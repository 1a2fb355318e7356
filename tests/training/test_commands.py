"""`docx train` and `docx data` from the command line, on tiny models."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import small_pages as pages
import support
from safetensors.torch import save_file
from transformers import BertConfig, BertModel

from docx_cli.__main__ import main
from docx_cli.errors import BundleError
from docx_models import checkpoint, sizes
from docx_models.records import Pack
from docx_models.start import mixed


@pytest.fixture
def tiny_mini(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the size `mini` be tiny, with the pages and pictures it has."""
    config = replace(
        support.tiny_config(vocabulary=180),
        visual_tokens=sizes.ENCODING.visual_tokens,
        visual_rows=sizes.ENCODING.visual_rows,
        picture_height=sizes.ENCODING.picture_height,
        picture_width=sizes.ENCODING.picture_width,
        positions=sizes.ENCODING.max_page_tokens,
    )
    monkeypatch.setitem(sizes.SIZES, "mini", config)


def write_minilm(folder: Path) -> Path:
    """A folder with a tiny BERT and its tokenizer."""
    folder.mkdir()
    config = BertConfig(
        vocab_size=len(json.loads(pages.TOKENIZER)["model"]["vocab"]),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    save_file(BertModel(config, add_pooling_layer=False).state_dict(), folder / "model.safetensors")
    (folder / "tokenizer.json").write_text(pages.TOKENIZER)
    return folder


def docx(*arguments: object) -> int:
    return main([str(a) for a in arguments])


def init(folder: Path, out: str, *more: object) -> None:
    source = folder / "minilm"
    if not source.exists():
        write_minilm(source)
    options = ("--from", source, "--packs", "pages", "--data", folder, *more)
    assert docx("train", "init", folder / out, *options) == 0


def first_line(run: Path) -> set[str]:
    """The names of the losses of a run of two steps."""
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 1]
    return set(lines[0]) - {"step", "tokens_s"}


@pytest.mark.usefixtures("tiny_mini")
def test_from_a_language_model_to_a_fine_tuned_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_recipe(tmp_path / "pretrain.toml", stage="pretrain", masked=0.4)
    support.write_recipe(tmp_path / "finetune.toml")
    init(tmp_path, "init")
    for stage, start in (("pretrain", "init"), ("finetune", "pretrain/model")):
        options = ("--from", tmp_path / start, "--recipe", tmp_path / f"{stage}.toml")
        shorter = ("--steps", 2, "--rows", 1, "--data", tmp_path)
        assert docx("train", stage, tmp_path / stage, *options, *shorter) == 0
    assert first_line(tmp_path / "pretrain") == {"line", "grid", "denoise"}
    assert first_line(tmp_path / "finetune") == {"span", "decode", "tags", "pairs"}
    model = checkpoint.load(tmp_path / "finetune" / "model")
    assert model.encoding.config == sizes.ENCODING
    assert model.encoding.tokenizer.get_vocab_size() == 180
    printed = capsys.readouterr()
    assert printed.out == "", "stdout is for data"
    assert "2 steps" in printed.err


@pytest.mark.usefixtures("tiny_mini")
def test_equal_seeds_make_equal_checkpoints(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        init(tmp_path, name, "--seed", seed)
    a, b, c = ((tmp_path / n / "model.safetensors").read_bytes() for n in "abc")
    assert a == b != c


@pytest.mark.usefixtures("tiny_mini")
def test_two_models_are_mixed_by_their_shares(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    for name, seed in (("a", 7), ("b", 8)):
        init(tmp_path, name, "--seed", seed)
    ways = ("--from", tmp_path / "a", "--with", tmp_path / "b", "--share", 0.75)
    assert docx("train", "mix", tmp_path / "mixed", *ways) == 0
    a, b, mixed = (checkpoint.load(tmp_path / n).model.spans for n in ("a", "b", "mixed"))
    support.close(mixed.start_key.weight, a.start_key.weight / 4 + b.start_key.weight * 3 / 4)
    assert not a.start_key.weight.equal(b.start_key.weight)


def test_models_of_two_shapes_are_not_mixed() -> None:
    one, other = (
        checkpoint.assemble(support.tiny_model(feed_forward=n), pages.CONFIG, pages.TOKENIZER)
        for n in (40, 48)
    )
    with pytest.raises(BundleError, match="differ"):
        mixed(one, other, 0.5)


def test_a_finished_run_is_not_trained_again_from_its_start(tmp_path: Path) -> None:
    """The same command again goes on from the last checkpoint, and ends in the same model."""
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start")
    support.write_recipe(tmp_path / "r.toml")
    command = ("train", "finetune", tmp_path / "run", "--from", tmp_path / "start",
               "--recipe", tmp_path / "r.toml", "--data", tmp_path)  # fmt: skip
    models = []
    for _ in range(2):
        assert docx(*command) == 0
        models.append((tmp_path / "run" / "model" / "model.safetensors").read_bytes())
    assert models[0] == models[1]


FINETUNE = ("train", "finetune", "run", "--from", "start")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((*FINETUNE, "--recipe", "no-such"), 5, "no such recipe"),
        ((*FINETUNE, "--recipe", "r.toml", "--data", "nowhere"), 5, "no *.jsonl shards"),
        (("train", "finetune", "run", "--from", "pages", "--recipe", "r.toml", "--data", "."), 5,
         "is no checkpoint"),
        ((*FINETUNE, "--recipe", "bad.toml"), 9, "unknown keys: momentum"),
        (("train", "init", "out", "--from", "nowhere", "--data", "."), 5, "nowhere"),
        (("train", "finetune", "run"), 2, "--from"),
        (("data", "synth", "out", "--families", "invoice,poem"), 2, "poem"),
        (("data", "pack", "pages", "out", "--ocr", "perhaps"), 2, "auto, always or never"),
        (("data", "pack", "pages", "out"), 4, "no set of labelled documents"),
        (("data", "show", "start", "-o", "sheet.png"), 5, "no *.jsonl shards"),
        (("data", "show", "pages", "-o", "sheet.png"), 4, "only synthetic pages"),
    ],
)  # fmt: skip
def test_failures_are_one_line_and_a_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start")
    support.write_recipe(tmp_path / "r.toml")
    support.write_recipe(tmp_path / "bad.toml", momentum=0.9)
    monkeypatch.chdir(tmp_path)
    assert docx(*arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert printed.err.count("\n") == 1
    assert not (tmp_path / "run" / "model").exists()


def test_packing_a_set_writes_a_shard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "fara"
    folder.mkdir()
    (folder / "train.jsonl").write_text(json.dumps({"id": "i", "file": "i.pdf"}) + "\n")
    (folder / "i.pdf").write_bytes((support.ROOT / "tests/fixtures/invoice.pdf").read_bytes())
    assert docx("data", "pack", folder, tmp_path / "out", "--ocr", "never") == 0
    assert Pack(tmp_path / "out")[0].id == "i-1"
    assert "1 pages of 1 documents, 0 of them unreadable" in capsys.readouterr().err


def test_synthetic_pages_are_made_and_drawn(tmp_path: Path) -> None:
    pack, sheet = tmp_path / "synth", tmp_path / "sheet.png"
    options = ("--pages", 2, "--seed", 4, "--families", "receipt", "--jobs", 1)
    assert docx("data", "synth", pack, *options) == 0
    assert len(Pack(pack)) == 2
    assert docx("data", "show", pack, "-o", sheet, "--count", 1) == 0
    assert sheet.read_bytes().startswith(b"\x89PNG")
