"""float32 graphs -> int8: matrix products by onnxruntime, embedding tables by us.

Matrix products get one scale a column and seven bits (`reduce_range`), so that processors without
VNNI, whose 16-bit sums would saturate at eight, give the same answers. Embedding tables get one
scale a row; the decoder's table is the transposed vocabulary projection and is stored once.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

LEAST_TABLE = 4096
"""Embedding tables with fewer values stay float32."""


def quantise(source: Path, target: Path) -> None:
    """Quantise one graph."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # the quantiser logs to the root logger
    try:
        quantize_dynamic(
            str(source), str(target), op_types_to_quantize=["MatMul"],
            weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
        )  # fmt: skip
    finally:
        root.setLevel(level)
    model = onnx.load(target)
    quantise_tables(model)
    onnx.save(model, target)
    onnx.checker.check_model(str(target), full_check=True)


def quantise_tables(model: ModelProto) -> None:
    """Replace float32 embedding tables by int8 rows and their scales, in place."""
    graph = model.graph
    initializers = {i.name: i for i in graph.initializer}
    nodes: list[NodeProto] = []
    dropped: set[str] = set()
    for node in graph.node:
        table = initializers.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or len(table.dims) != 2 or np.prod(table.dims) < LEAST_TABLE:
            nodes.append(node)
            continue
        name = table.name
        shared = initializers.get(f"{name}.T_quantized")
        if shared is not None:
            nodes += _columns(node, name)
        else:
            if f"{name}_quantized" not in initializers:
                for fresh in _table(name, numpy_helper.to_array(table)):
                    initializers[fresh.name] = fresh
                    graph.initializer.append(fresh)
            nodes += _rows(node, name)
        dropped.add(name)
    used = {i for n in nodes for i in n.input}
    kept = [i for i in graph.initializer if i.name not in dropped or i.name in used]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def _table(name: str, values: NDArray[np.float32]) -> list[onnx.TensorProto]:
    """An int8 table and one scale a row."""
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12) / 127.0
    rows = np.rint(values / scale).astype(np.int8)
    return [
        numpy_helper.from_array(rows, f"{name}_quantized"),
        numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"),
    ]


def _rows(node: NodeProto, name: str) -> list[NodeProto]:
    """Look rows up in an int8 table."""
    out, ids = node.output[0], node.input[1]
    return [
        helper.make_node("Gather", [f"{name}_quantized", ids], [f"{out}_int8"], axis=0),
        helper.make_node("Gather", [f"{name}_scale", ids], [f"{out}_row_scale"], axis=0),
        helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [f"{out}_float", f"{out}_row_scale"], [out]),
    ]


def _columns(node: NodeProto, name: str) -> list[NodeProto]:
    """Look [N, M] ids up as columns of the int8 vocabulary projection."""
    out, ids = node.output[0], node.input[1]
    return [
        helper.make_node("Gather", [f"{name}.T_quantized", ids], [f"{out}_int8"], axis=1),
        helper.make_node("Gather", [f"{name}.T_scale", ids], [f"{out}_column_scale"], axis=0),
        helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [f"{out}_float", f"{out}_column_scale"], [f"{out}_first"]),
        helper.make_node("Transpose", [f"{out}_first"], [out], perm=[1, 2, 0]),
    ]
