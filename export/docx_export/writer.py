"""Writes a bundle: graphs, tokenizer, configuration, calibration, model card, manifest."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from docx_cli.bundle import write_manifest
from docx_cli.errors import FileAccessError
from docx_export import parity
from docx_export.graphs import GRAPHS, export_graphs
from docx_export.quantise import quantise
from docx_export.samples import inputs_of_weights, sample_feeds
from docx_models.checkpoint import Loaded

UNCALIBRATED = {"temperature": 1.0, "found_threshold": 0.5}


def write_bundle(
    loaded: Loaded,
    target: Path,
    *,
    name: str,
    version: str,
    card: str,
    int8: bool = True,
    pages: Path | None = None,
    calibration: dict[str, float] | None = None,
) -> float:
    """Export a checkpoint as a bundle, whole or not at all.

    Args:
        loaded: model and tokenizer.
        target: folder to make; an existing one is refused.
        name: the bundle's name.
        version: the bundle's version.
        card: text of MODEL_CARD.md.
        int8: quantise; float32 otherwise.
        pages: pack of page records to round the weights with; to the nearest integer if None.
        calibration: fitted numbers; neutral ones if None.

    Returns:
        The float32 graphs' largest difference from PyTorch, of an output's spread.

    Raises:
        FileAccessError: the target exists, or there are no pages.
        BundleError: a graph differs from the model.
    """
    if target.exists():
        raise FileAccessError("exists already; name another folder", source=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as scratch:
        floats, out = Path(scratch) / "float32", Path(scratch) / "bundle"
        floats.mkdir()
        out.mkdir()
        export_graphs(loaded.model, floats)
        difference = parity.check(loaded.model, floats)
        if int8:
            quantise_graphs(loaded, floats, out, pages)
        else:
            for graph in GRAPHS:
                shutil.copyfile(floats / f"{graph}.onnx", out / f"{graph}.onnx")
        encoding = loaded.encoding.config
        config = {
            "format": 1,
            "name": name,
            "version": version,
            "model": loaded.model.config.to_mapping(),
            "encoding": encoding.to_mapping(),
            "fingerprint": encoding.fingerprint(loaded.tokenizer_json.encode()),
        }
        (out / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        (out / "tokenizer.json").write_text(loaded.tokenizer_json)
        (out / "calibration.json").write_text(json.dumps(calibration or UNCALIBRATED) + "\n")
        (out / "MODEL_CARD.md").write_text(card)
        write_manifest(out, name=name, version=version)
        out.rename(target)
    return difference


def quantise_graphs(loaded: Loaded, floats: Path, out: Path, pages: Path | None = None) -> None:
    """Quantise the float32 graphs of a folder into another.

    The encoder decides what is answered, so its weights are rounded with sample pages, if there
    are any. The decoder reads one token at a time: its rows need no ranges of their own.
    """
    encoder = floats / "encoder.onnx"
    seen = inputs_of_weights(encoder, sample_feeds(loaded.encoding, pages)) if pages else None
    quantise(encoder, out / encoder.name, by_row=True, seen=seen)
    quantise(floats / "pairs.onnx", out / "pairs.onnx", by_row=True)
    quantise(floats / "decoder.onnx", out / "decoder.onnx")
