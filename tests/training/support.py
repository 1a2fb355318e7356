"""What the tests of the model share: a tiny vocabulary, small pages, tiny models.

The tokenizer is the one beside the golden encoding: WordPiece with every ASCII letter, digit and
mark, whole and as a continuation, and a few whole words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from docx_cli.config import EncodingConfig, ModelConfig
from docx_cli.document import Box, Word
from docx_cli.encode import Encoding, WindowInputs
from docx_models import checkpoint
from docx_models.docformerv2 import DocFormerV2, Memory, PageInputs
from docx_models.records import GoldQuestion, Pack, PageRecord, Piece, write_shard
from docx_models.rows import page_inputs
from docx_models.sizes import ENCODING, SIZES

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
TOKENIZER = (GOLDEN / "tokenizer.json").read_text(encoding="utf-8")

SMALL_PAGES = replace(
    ENCODING,
    max_page_tokens=48,
    window_overlap=12,
    max_question_tokens=24,
    max_questions=4,
    picture_height=32,
    picture_width=16,
    visual_rows=4,
    visual_columns=2,
)


def encoding(config: EncodingConfig = SMALL_PAGES) -> Encoding:
    return Encoding(config, Tokenizer.from_str(TOKENIZER))


def tiny_config(size: str = "mini", **changes: Any) -> ModelConfig:
    """One of the sizes, its style kept, everything else tiny."""
    tiny = replace(
        SIZES[size],
        vocabulary=Tokenizer.from_str(TOKENIZER).get_vocab_size(),
        width=32,
        heads=2,
        head_width=16,
        feed_forward=48,
        decoder_feed_forward=48,
        encoder_layers=2,
        decoder_layers=2,
        spatial_width=16 if size == "mini" else 32,
        visual_tokens=SMALL_PAGES.visual_tokens,
        visual_rows=SMALL_PAGES.visual_rows,
        picture_height=SMALL_PAGES.picture_height,
        picture_width=SMALL_PAGES.picture_width,
        positions=64,
        head_projection=8,
        span_length=8,
        relative_buckets=8,
        relative_distance=16,
        dropout=0.0,
    )
    return replace(tiny, **changes)


def tiny_model(size: str = "mini", **changes: Any) -> DocFormerV2:
    """A tiny model whose parts all matter: nothing is left at zero."""
    model = DocFormerV2(tiny_config(size, **changes)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(1.0 if "norm" in name and "weight" in name else 0.0, 0.3)
    return model


def lines(*rows: str) -> tuple[Word, ...]:
    """Words of a page whose rows are given as text, one letter 0.02 wide."""
    words = []
    for number, row in enumerate(rows):
        top, at = 0.05 + 0.06 * number, 0
        for part in row.split():
            start = row.index(part, at)
            at = start + len(part)
            words.append(Word(part, Box.clipped(0.02 * start, top, 0.02 * at, top + 0.03)))
    return tuple(words)


INVOICE = lines(
    "ACME Ltd   invoice 17",
    "date   03/04/2024",
    "qty   item   price",
    "2   bolt   3.50",
    "1   nut   0.25",
    "total   7.25 EUR",
)
"""A page of 19 words, 45 subwords; word 18 is "7.25", word 16 "0.25"."""


def gold(question: str, *occurrences: Sequence[Piece], kind: str = "extract") -> GoldQuestion:
    """A question whose answer stands in the given pieces of words."""
    return GoldQuestion(question, "field", kind, "", tuple(tuple(o) for o in occurrences))


def record(
    words: Sequence[Word] = INVOICE, questions: Sequence[GoldQuestion] = (), **labels: Any
) -> PageRecord:
    """A page record; `labels` are segments, links and tables."""
    rest: dict[str, Any] = {"segments": None, "links": (), "tables": ()} | labels
    return PageRecord("page", "test", tuple(words), None, tuple(questions), **rest)


def inputs_of(windows: Sequence[WindowInputs]) -> PageInputs:
    return page_inputs(windows, encoding().pad_id)


def seen_by(model: DocFormerV2, windows: Sequence[WindowInputs]) -> tuple[PageInputs, Memory]:
    """Encode windows without gradients."""
    page = inputs_of(windows)
    with torch.no_grad():
        return page, model.encode(page)


def close(found: Tensor, wanted: Tensor, tolerance: float = 1e-5) -> None:
    """Fail, with the largest difference, unless two tensors agree."""
    torch.testing.assert_close(found, wanted, atol=tolerance, rtol=tolerance)


def raw_record(number: int, rng: np.random.Generator) -> dict[str, Any]:
    """A labelled page as a shard holds it: keys and values in rows, then a table of two rows."""
    keys = ["date", "total", "name", "price"]
    rows = [f"{key}   {rng.integers(10, 9999)}" for key in keys]
    rows += [f"{rng.integers(1, 9)}   bolt   {rng.integers(1, 99)}.50" for _ in range(2)]
    words = lines(*rows)
    segments = [{"label": "key" if i % 2 == 0 else "value", "words": [i]} for i in range(8)]
    cells = [
        {"row": i // 3, "column": i % 3, "row_span": 1, "column_span": 1, "kind": "body",
         "words": [8 + i]}
        for i in range(6)
    ]  # fmt: skip
    questions = [
        {"question": f"what is the {key}?", "field": key, "kind": "extract",
         "answer": words[2 * i + 1].text, "pieces": [[2 * i + 1, 0, len(words[2 * i + 1].text)]]}
        for i, key in enumerate(keys)
    ]  # fmt: skip
    questions.append({"question": "is it paid?", "field": "paid", "kind": "text", "answer": "no"})
    questions.append({"question": "who?", "field": "who", "kind": "absent", "answer": ""})
    return {
        "id": f"page-{number}",
        "family": "test",
        "width": 595,
        "height": 842,
        "words": [[w.text, *w.box.rounded()] for w in words],
        "picture": None,
        "questions": questions,
        "segments": segments,
        "links": [[0, 1], [2, 3], [4, 5], [6, 7]],
        "tables": [{"cells": cells}],
    }


def write_pack(folder: Path, pages: int = 12) -> Pack:
    """Write a pack of small labelled pages."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(5)
    write_shard(folder / "0000.jsonl", [raw_record(i, rng) for i in range(pages)])
    return Pack(folder)


def write_start(folder: Path, **changes: Any) -> checkpoint.Loaded:
    """Write the checkpoint of a tiny model to start from."""
    loaded = checkpoint.assemble(
        DocFormerV2(tiny_config("mini", **changes)), SMALL_PAGES, TOKENIZER
    )
    checkpoint.save(folder, loaded, None, {})
    return loaded


def write_recipe(path: Path, **settings: Any) -> Path:
    """Write a recipe file; `settings` replace or add to a small one."""
    values: dict[str, Any] = {
        "stage": "finetune", "packs": ["pages"], "shares": [1.0], "steps": 6, "rows": 2, "seed": 3,
        "rate_warm": 1e-3, "rate_new": 3e-3, "warm_up": 0.1, "weight_decay": 0.01, "clip": 1.0,
        "questions": 4, "save_every": 4,
    }  # fmt: skip
    # TOML and JSON write numbers, strings and lists of them alike.
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in (values | settings).items())
    path.write_text(text, encoding="utf-8")
    return path
