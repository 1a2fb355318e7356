"""What the tests of the model share: tiny models, labelled pages, packs and recipes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import small_pages as pages
import torch
from torch import Tensor

from docx_cli.bundle import open_bundle, write_manifest
from docx_cli.config import ModelConfig
from docx_cli.document import Word
from docx_cli.encode import WindowInputs
from docx_models import checkpoint
from docx_models.docformerv2 import DocFormerV2, Memory, PageInputs
from docx_models.records import GoldQuestion, Pack, PageRecord, Piece, write_shard
from docx_models.rows import RowMaker, RowOptions, page_inputs
from docx_models.sizes import SIZES

ROOT = Path(__file__).parents[2]
OPTIONS = RowOptions(questions=4, target_tokens=12, pair_words=64, shuffle=0.0, page_tokens=64)


def tiny_config(size: str = "mini", **changes: Any) -> ModelConfig:
    """One of the sizes, its style kept, everything else tiny."""
    tiny = replace(
        SIZES[size],
        vocabulary=pages.encoding().tokenizer.get_vocab_size(),
        width=32,
        heads=2,
        head_width=16,
        feed_forward=48,
        decoder_feed_forward=48,
        encoder_layers=2,
        decoder_layers=2,
        spatial_width=16 if size == "mini" else 32,
        visual_tokens=pages.CONFIG.visual_tokens,
        visual_rows=pages.CONFIG.visual_rows,
        picture_height=pages.CONFIG.picture_height,
        picture_width=pages.CONFIG.picture_width,
        positions=64,
        head_projection=8,
        span_length=8,
        relative_buckets=8,
        relative_distance=16,
        dropout=0.0,
    )
    return replace(tiny, **changes)


def tiny_model(size: str = "mini", **changes: Any) -> DocFormerV2:
    """A tiny model all of whose parts matter: nothing is left at zero."""
    model = DocFormerV2(tiny_config(size, **changes)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(1.0 if "norm" in name and "weight" in name else 0.0, 0.3)
    return model


def encode(model: DocFormerV2, *windows: WindowInputs) -> tuple[PageInputs, Memory]:
    """Encode windows as one batch, without gradients."""
    page = page_inputs(windows, pages.encoding().pad_id)
    with torch.no_grad():
        return page, model.encode(page)


def close(found: Tensor, wanted: Tensor, tolerance: float = 1e-5) -> None:
    """Fail, with the largest difference, unless two tensors agree."""
    torch.testing.assert_close(found, wanted, atol=tolerance, rtol=tolerance)


def maker(**options: Any) -> RowMaker:
    """A row maker for the tiny models."""
    config = tiny_config()
    return RowMaker(
        pages.encoding(),
        replace(OPTIONS, **options),
        config.span_length,
        config.tags,
        config.relations,
    )


def gold(*occurrences: Sequence[Piece], kind: str = "extract", answer: str = "") -> GoldQuestion:
    """A question whose answer stands in the given pieces of words."""
    places = tuple(tuple(pieces) for pieces in occurrences)
    return GoldQuestion("what is it?", "field", kind, answer, places)


def record(
    words: Sequence[Word] = pages.INVOICE, questions: Sequence[GoldQuestion] = (), **labels: Any
) -> PageRecord:
    """A page record; `labels` are segments, links and tables."""
    rest: dict[str, Any] = {"segments": None, "links": (), "tables": ()} | labels
    return PageRecord("page", "test", tuple(words), None, tuple(questions), **rest)


def raw_record(number: int, rng: np.random.Generator) -> dict[str, Any]:
    """A labelled page as a shard holds it: four keys with values, then a table of two rows."""
    keys = ["date", "total", "name", "price"]
    rows = [f"{key}   {rng.integers(10, 9999)}" for key in keys]
    rows += [f"{rng.integers(1, 9)}   bolt   {rng.integers(1, 99)}.50" for _ in range(2)]
    words = pages.lines(*rows)
    questions: list[dict[str, Any]] = []
    for i, key in enumerate(keys):
        value = words[2 * i + 1].text
        questions.append(
            {"question": f"what is the {key}?", "field": key, "kind": "extract", "answer": value,
             "pieces": [[2 * i + 1, 0, len(value)]]}
        )  # fmt: skip
    questions.append({"question": "is it paid?", "field": "paid", "kind": "text", "answer": "no"})
    questions.append({"question": "who?", "field": "who", "kind": "absent", "answer": ""})
    cells = [
        {"row": i // 3, "column": i % 3, "row_span": 1, "column_span": 1, "kind": "body",
         "words": [8 + i]}
        for i in range(6)
    ]  # fmt: skip
    return {
        "id": f"page-{number}",
        "family": "test",
        "width": 595,
        "height": 842,
        "words": [[w.text, *w.box.rounded()] for w in words],
        "picture": None,
        "questions": questions,
        "segments": [{"label": ("key", "value")[i % 2], "words": [i]} for i in range(8)],
        "links": [[0, 1], [2, 3], [4, 5], [6, 7]],
        "tables": [{"cells": cells}],
    }


def write_pack(folder: Path, count: int = 12) -> Pack:
    """Write a pack of small labelled pages."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(5)
    write_shard(folder / "0000.jsonl", [raw_record(i, rng) for i in range(count)])
    return Pack(folder)


def write_start(folder: Path, **changes: Any) -> checkpoint.Loaded:
    """Write the checkpoint of a tiny model to start from."""
    model = DocFormerV2(tiny_config(**changes))
    loaded = checkpoint.assemble(model, pages.CONFIG, pages.TOKENIZER)
    checkpoint.save(folder, loaded, None, {})
    return loaded


def set_calibration(bundle: Path, **numbers: float) -> None:
    """Give a bundle other numbers; it stays sound."""
    opened = open_bundle(bundle)
    (bundle / "calibration.json").write_text(json.dumps(numbers) + "\n")
    write_manifest(bundle, name=opened.name, version=opened.version)


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
