"""float32 graphs -> int8: matrix products and embedding tables.

Weights get eight bits and one scale a column, inputs of products eight bits at run time. In the
graphs that see many tokens at once each token has its own range: its row is divided by its largest
value before and the product multiplied by it after, because a single loud token would coarsen all
others. Embedding tables get one scale a row; the decoder's table is the transposed vocabulary
projection and is stored once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from docx_export.rounding import Rounded, Seen, rounded

LEAST_MATRIX = 1024
"""Matrices with fewer values stay float32."""

LEAST_TABLE = 4096
"""Embedding tables with fewer values stay float32."""

LAST_AXIS, LEAST_ROW = "last_axis", "least_row"
"""Names of the constants that scaling rows needs."""


def quantise(
    source: Path, target: Path, *, by_row: bool = False, seen: Mapping[str, Seen] | None = None
) -> None:
    """Quantise one graph.

    Args:
        source: the float32 graph.
        target: the file to write.
        by_row: give each row of a product's input its own range.
        seen: what weights are multiplied with, by name; those named are rounded with it.
    """
    model = onnx.load(source)
    quantise_products(model, by_row, seen or {})
    quantise_tables(model)
    onnx.save(model, target)
    onnx.checker.check_model(str(target), full_check=True)


def quantise_products(model: ModelProto, by_row: bool, seen: Mapping[str, Seen]) -> None:
    """Replace products with float32 weights by products of integers, in place."""
    graph = model.graph
    initializers = {i.name: i for i in graph.initializer}
    nodes: list[NodeProto] = []
    fresh: dict[str, TensorProto] = {}
    for node in graph.node:
        weight = initializers.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2 or np.prod(weight.dims) < LEAST_MATRIX:
            nodes.append(node)
            continue
        name = weight.name
        matrix = rounded(numpy_helper.to_array(weight), seen.get(name))
        fresh |= _tensors(name, matrix)
        nodes += _product(node, name, by_row, matrix.balance is not None)
    if by_row:
        fresh[LAST_AXIS] = numpy_helper.from_array(np.array([-1], dtype=np.int64), LAST_AXIS)
        fresh[LEAST_ROW] = numpy_helper.from_array(np.array(1e-6, dtype=np.float32), LEAST_ROW)
    graph.initializer.extend(fresh.values())
    _replace(model, nodes)


def _replace(model: ModelProto, nodes: list[NodeProto]) -> None:
    """Set a graph's nodes and drop the initializers that none of them reads."""
    graph = model.graph
    used = {name for node in nodes for name in node.input}
    kept = [i for i in graph.initializer if i.name in used]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def _tensors(name: str, matrix: Rounded) -> dict[str, TensorProto]:
    arrays: dict[str, NDArray[np.generic]] = {
        f"{name}_quantized": matrix.integers,
        f"{name}_scale": matrix.scale,
        f"{name}_zero_point": np.zeros(matrix.scale.shape, dtype=np.int8),
    }
    if matrix.balance is not None:
        arrays[f"{name}_balance"] = matrix.balance
    return {key: numpy_helper.from_array(array, key) for key, array in arrays.items()}


def _product(node: NodeProto, name: str, by_row: bool, balanced: bool) -> list[NodeProto]:
    """Multiply integers; onnxruntime fuses everything but the scaling of rows."""
    x, y = node.input[0], node.output[0]
    nodes: list[NodeProto] = []

    def add(kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return outputs[0]

    if balanced:
        x = add("Mul", [x, f"{name}_balance"], [f"{y}_balanced"])
    if by_row:
        size = add("Abs", [x], [f"{y}_size"])
        most = add("ReduceMax", [size, LAST_AXIS], [f"{y}_most"], keepdims=1)
        row_scale = add("Max", [most, LEAST_ROW], [f"{y}_row_scale"])
        x = add("Div", [x, row_scale], [f"{y}_even"])
    quantized = [f"{y}_int8", f"{y}_input_scale", f"{y}_input_zero_point"]
    add("DynamicQuantizeLinear", [x], quantized)
    factors = [quantized[0], f"{name}_quantized", quantized[2], f"{name}_zero_point"]
    sums = add("MatMulInteger", factors, [f"{y}_sums"])
    sums = add("Cast", [sums], [f"{y}_float"], to=TensorProto.FLOAT)
    scale = add("Mul", [quantized[1], f"{name}_scale"], [f"{y}_scale"])
    if by_row:
        add("Mul", [add("Mul", [sums, scale], [f"{y}_of_even"]), row_scale], [y])
    else:
        add("Mul", [sums, scale], [y])
    return nodes


def quantise_tables(model: ModelProto) -> None:
    """Replace float32 embedding tables by int8 rows and their scales, in place."""
    graph = model.graph
    initializers = {i.name: i for i in graph.initializer}
    nodes: list[NodeProto] = []
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
    _replace(model, nodes)


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
