"""float32 graphs -> int8: matrix products and embedding tables.

Weights get eight bits and one scale a column, inputs of products eight bits at run time. In the
graphs that see many tokens at once each token has its own range, and its row of the product is
multiplied with the scale of that, because a single loud token would coarsen all others. Embedding
tables get one scale a row; the decoder's table is the transposed vocabulary projection and is
stored once.
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

MIDDLE, LOW = 128, 32
"""Zero points of rows: for any values, and behind GELU, which hardly goes below zero."""

CONTRIB = "com.microsoft"
"""The domain of onnxruntime's own operators."""


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
    """Replace products with float32 weights by products of integers, in place.

    Products that read the same input share what is done to it.
    """
    graph = model.graph
    initializers = {i.name: i for i in graph.initializer}
    gelu = {node.output[0] for node in graph.node if node.op_type == "Gelu"}
    groups: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        weight = initializers.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is not None and len(weight.dims) == 2 and np.prod(weight.dims) >= LEAST_MATRIX:
            groups.setdefault(node.input[0], []).append(node)
    fresh: dict[str, TensorProto] = {}
    made: dict[str, list[NodeProto]] = {}  # by the output of the product that they stand for
    for x, products in groups.items():
        names = [node.input[1] for node in products]
        weights = [numpy_helper.to_array(initializers[name]) for name in names]
        matrices = rounded(weights, seen.get(names[0]))
        for name, matrix in zip(names, matrices, strict=True):
            fresh |= _tensors(name, matrix)
        build = _Nodes()
        if matrices[0].balance is not None:
            x = build.add("Mul", x, f"{names[0]}_balance", out=f"{x}_balanced")
        zero = LOW if products[0].input[0] in gelu else MIDDLE
        even = build.quantised_rows(x, zero) if by_row else build.quantised(x)
        for node, name in zip(products, names, strict=True):
            build.product(node, name, *even)
            made[node.output[0]] = build.taken()
        fresh |= build.constants
    nodes: list[NodeProto] = []
    for node in graph.node:
        nodes += made.get(node.output[0], [node])
    graph.initializer.extend(fresh.values())
    if by_row and all(opset.domain != CONTRIB for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(CONTRIB, 1))
    _replace(model, nodes)


def _replace(model: ModelProto, nodes: list[NodeProto]) -> None:
    """Set a graph's nodes and drop the initializers that none of them reads.

    A balance stays for each weight, though only one of those that share it is read: with it the
    weight can be read back.
    """
    graph = model.graph
    used = {name for node in nodes for name in node.input}
    kept = [i for i in graph.initializer if i.name in used or i.name.endswith("_balance")]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def _tensors(name: str, matrix: Rounded) -> dict[str, TensorProto]:
    arrays: dict[str, NDArray[np.generic]] = {
        f"{name}_quantized": matrix.integers,
        f"{name}_scale": matrix.scale,
    }
    if matrix.balance is not None:
        arrays[f"{name}_balance"] = matrix.balance
    return {key: numpy_helper.from_array(array, key) for key, array in arrays.items()}


class _Nodes:
    """Builds the nodes of products that read the same input."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def add(self, kind: str, *inputs: str, out: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; return its name."""
        self._nodes.append(helper.make_node(kind, inputs, [out], domain=domain, **attributes))
        return out

    def taken(self) -> list[NodeProto]:
        """Return the nodes since the last call."""
        nodes, self._nodes = self._nodes, []
        return nodes

    def constant(self, name: str, value: Any, kind: type[np.generic]) -> str:
        """Name a constant that all products share."""
        self.constants[name] = numpy_helper.from_array(np.array(value, dtype=kind), name)
        return name

    def quantised(self, x: str) -> tuple[str, str, str, str | None]:
        """Quantise a tensor with one range: integers, zero point, scale, and no scale of rows."""
        out = [f"{x}_int8", f"{x}_input_scale", f"{x}_input_zero_point"]
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [x], out))
        return out[0], out[2], out[1], None

    def quantised_rows(self, x: str, zero: int) -> tuple[str, str, str, str | None]:
        """Quantise each row of [..., S, C] with its own range; what stands before S must be 1."""
        axis = self.constant("last_axis", [-1], np.int64)
        highest = self.add("ReduceMax", x, axis, out=f"{x}_highest", keepdims=1)
        lowest = self.add("ReduceMin", x, axis, out=f"{x}_lowest", keepdims=1)
        up = self.constant(f"per_step_above_{zero}", 1 / (255 - zero), np.float32)
        down = self.constant(f"per_step_below_{zero}", -1 / zero, np.float32)
        above = self.add("Mul", highest, up, out=f"{x}_above")
        below = self.add("Mul", lowest, down, out=f"{x}_below")
        least = self.constant("least_row_scale", 1e-8, np.float32)
        scale = self.add("Max", above, below, least, out=f"{x}_row_scale")  # [..., S, 1]
        flat = self.constant("rows", [-1], np.int64)
        rows = self.add("Reshape", scale, flat, out=f"{x}_scales")
        point = self.constant(f"row_zero_point_{zero}", zero, np.uint8)
        count = self.add("Shape", rows, out=f"{x}_count")
        points = self.add("Expand", point, count, out=f"{x}_zero_points")
        integers = self.add("QuantizeLinear", x, rows, points, out=f"{x}_int8", axis=-2)
        return integers, point, self.constant("one", 1.0, np.float32), scale

    def product(
        self, node: NodeProto, name: str, integers: str, zero: str, scale: str, rows: str | None
    ) -> None:
        """Multiply integers with a weight, and scale the sums."""
        y, weight, columns = node.output[0], f"{name}_quantized", f"{name}_scale"
        if rows is not None:
            inputs = (integers, weight, scale, columns, zero)
            even = self.add("MatMulIntegerToFloat", *inputs, out=f"{y}_of_even", domain=CONTRIB)
            self.add("Mul", even, rows, out=y)
            return
        sums = self.add("MatMulInteger", integers, weight, zero, out=f"{y}_sums")
        sums = self.add("Cast", sums, out=f"{y}_float", to=TensorProto.FLOAT)
        self.add("Mul", sums, self.add("Mul", scale, columns, out=f"{y}_scale"), out=y)


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
