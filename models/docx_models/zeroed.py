"""A model that does not see the page: what do its heads alone know?

The encoder's output is set to zero before anything reads it: span scores, the decoder's memory,
tags and relations. What such a model still gets right comes from boxes, priors and decoding.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import onnx
from onnx import helper

from docx_cli import bundle
from docx_cli.errors import BundleError

STATES = "states"
"""The encoder graph's output that all heads read."""


def write_zeroed(source: Path, out: Path) -> Path:
    """Copy a bundle, its encoder's states times zero; return `out`.

    Raises:
        BundleError: the bundle is not sound, or its encoder gives no states.
    """
    opened = bundle.open_bundle(source)
    shutil.copytree(source, out, dirs_exist_ok=True)
    path = out / "encoder.onnx"
    model = onnx.load(path)
    zero_states(model.graph, path)
    onnx.save(model, path)
    bundle.write_manifest(out, name=f"{opened.name}-zeroed", version=opened.version)
    return out


def zero_states(graph: onnx.GraphProto, path: Path) -> None:
    """Put a multiplication by zero between what computes the states and what reads them."""
    for index, node in enumerate(graph.node):
        if STATES in node.output:
            seen = f"{STATES}_seen"
            node.output[list(node.output).index(STATES)] = seen
            zero = helper.make_tensor("no_sight", onnx.TensorProto.FLOAT, [], [0.0])
            graph.initializer.append(zero)
            graph.node.insert(index + 1, helper.make_node("Mul", [seen, zero.name], [STATES]))
            return
    raise BundleError(f"the encoder gives no {STATES}", source=str(path))
