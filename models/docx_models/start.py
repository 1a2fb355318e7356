"""What training starts from: a checkpoint, or a shipped bundle's int8 weights made float again.

The exporter names a graph's weights after the model's parameters (``.T`` where transposed), and
the quantiser adds ``_quantized``, ``_scale``, ``_zero_point`` and ``_balance``. So reading them
back needs no knowledge of the graphs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from docx_cli.bundle import open_bundle
from docx_cli.errors import BundleError
from docx_models import checkpoint
from docx_models.docformerv2 import DocFormerV2

PRETRAINING = ("lines.", "grid.")
"""Heads that no bundle carries; they start anew."""


def load_start(path: Path) -> checkpoint.Loaded:
    """Load a checkpoint folder or a model bundle.

    Raises:
        FileAccessError: it is neither.
        BundleError: it is damaged, or lacks weights.
    """
    if (path / "manifest.json").exists():
        return load_bundle(path)
    return checkpoint.load(path)


def load_bundle(path: Path) -> checkpoint.Loaded:
    """Rebuild a model in float32 from a bundle's graphs."""
    bundle = open_bundle(path)
    model = DocFormerV2(bundle.model)
    found: dict[str, Tensor] = {}
    for graph in sorted(path.glob("*.onnx")):
        found |= weights(graph)
    wanted = dict(model.named_parameters())
    missing = [n for n in wanted if n not in found and not n.startswith(PRETRAINING)]
    if missing:
        raise BundleError(
            f"the graphs lack {len(missing)} weights, e.g. {missing[0]}", source=str(path)
        )
    with torch.no_grad():
        for name, parameter in wanted.items():
            if name in found:
                parameter.copy_(found[name].reshape(parameter.shape))
    tokenizer_json = bundle.file("tokenizer.json").read_text()
    return checkpoint.assemble(model, bundle.encoding, tokenizer_json)


def mixed(first: checkpoint.Loaded, second: checkpoint.Loaded, share: float) -> checkpoint.Loaded:
    """Mix the weights of a model and of one that was trained on from it; changes the second.

    What fine-tuning forgets comes back and most of what it brought stays (Wortsman et al., Robust
    fine-tuning of zero-shot models, CVPR 2022, arXiv 2109.01903).

    Args:
        first: the model before.
        second: the model after.
        share: of the second, 0 to 1.

    Raises:
        BundleError: they differ in shape, encoding or tokenizer.
    """
    same = first.model.config == second.model.config
    same &= first.encoding.config == second.encoding.config
    if not same or first.tokenizer_json != second.tokenizer_json:
        raise BundleError("the two models differ in shape, encoding or tokenizer")
    before = first.model.state_dict()
    with torch.no_grad():
        for name, parameter in second.model.named_parameters():
            if not name.startswith(PRETRAINING):
                parameter.lerp_(before[name], 1.0 - share)
    return second


def weights(graph: Path) -> dict[str, Tensor]:
    """Read a graph's weights by parameter name, as float32."""
    arrays = {i.name: numpy_helper.to_array(i) for i in onnx.load(graph).graph.initializer}
    out: dict[str, Tensor] = {}
    for name, array in arrays.items():
        base = name.removesuffix("_quantized")
        if base != name:
            zero = arrays.get(f"{base}_zero_point", np.zeros((), array.dtype))
            scale = arrays[f"{base}_scale"]
            array = (array.astype(np.float32) - zero.astype(np.float32)) * scale
            if f"{base}_balance" in arrays:  # what the input is multiplied with
                array = array * arrays[f"{base}_balance"][:, None]
        elif array.dtype != np.float32 or name.endswith(("_scale", "_zero_point", "_balance")):
            continue
        plain = base.removesuffix(".T")
        out[plain] = torch.from_numpy(np.array(array.T if plain != base else array))
    return out
