"""The BERT-shaped encoder laid out for onnxruntime: the sums of `docformerv2`, in fewer passes.

Attention becomes onnxruntime's own operator, which takes a block of queries at a time and so never
writes the scores of all pairs to memory. It does that only where nothing is masked. Page tokens
see the whole page and nothing else, so `split_attention` gives them the page's keys and no mask;
the few tokens of questions keep theirs. Looking by place is a rotation, one operator too. Blank
patches, which nobody sees, are left out before the first layer.

`parity` compares what comes out with the model at each export.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import torch
import torch.nn.functional as F
from onnx import ModelProto, NodeProto, helper, numpy_helper
from torch import Tensor

from docx_models.docformerv2 import Attention, BertLayer, Encoder, Tokens

CONTRIB = "com.microsoft"
"""The domain of onnxruntime's own operators."""

FUSED = "MultiHeadAttention"


class View(NamedTuple):
    """What looking by place in every layer shares; A phases."""

    cos: Tensor  # [B, S, A], of the place a token looks from
    sin: Tensor  # [B, S, A]
    seen: Tensor  # [B, S, H, 2A], waves of its place as others see it


def seen_only(tokens: Tokens) -> Tokens:
    """Leave out the tokens of a page (B = 1) that no other sees: blank patches."""
    seen = (tokens.groups[0] >= 0).nonzero().squeeze(1)
    return Tokens(*(part.index_select(1, seen) for part in tokens))


def encoded(encoder: Encoder, tokens: Tokens) -> Tensor:
    """Return the states of all tokens, [B, S, C], as `encoder(tokens)` does."""
    x, groups, positions, boxes = tokens
    bias = encoder.attention_bias(groups, positions)
    layers = [cast("BertLayer", layer) for layer in encoder.layers]
    attention = layers[0].attention
    view = None
    if encoder.waves is not None:
        places = encoder.waves(boxes)
        x = x + encoder.waves.embed(places)
        cos, sin = places.own.unbind(1)
        # The operator scales all of a score, so what must not be scaled is divided once.
        seen = (places.seen / attention.scale).transpose(1, 2)
        view = View(cos, sin, seen.expand(-1, -1, attention.heads, -1))
    x = cast("Tensor", encoder.norm(x))
    for layer in layers:
        x = layer.norm1(x + attended(layer.attention, x, bias, view))
        x = layer.norm2(x + layer.down(F.gelu(layer.up(x))))
    return x


def attended(attention: Attention, x: Tensor, bias: Tensor, view: View | None) -> Tensor:
    """Attention of states [B, S, C] to each other, [B, S, C]."""
    queries, keys, values = attention.q(x), attention.k(x), attention.v(x)  # [B, S, H * D]
    heads = attention.heads
    if view is not None:
        assert attention.waves is not None
        looking = torch.onnx.ops.rotary_embedding(
            attention.waves(x), view.cos, view.sin, num_heads=heads
        )  # [B, S, H * 2A]
        queries = _joined(by_head(queries, heads), by_head(looking, heads))
        keys = _joined(by_head(keys, heads), view.seen)
    mixed = torch.onnx.ops.symbolic(
        f"{CONTRIB}::{FUSED}",
        (queries, keys, values, None, None, bias),
        {"num_heads": heads, "scale": attention.scale},
        dtype=x.dtype,
        shape=values.shape,
        version=1,
    )
    return cast("Tensor", attention.o(mixed))


def by_head(x: Tensor, heads: int) -> Tensor:
    """[B, S, H * D] -> [B, S, H, D]."""
    return x.reshape(x.shape[0], x.shape[1], heads, -1)


def _joined(first: Tensor, second: Tensor) -> Tensor:
    """Two parts of each head, [B, S, H, D] and [B, S, H, E] -> [B, S, H * (D + E)]."""
    return torch.cat([first, second], dim=-1).flatten(2)


def split_attention(model: ModelProto) -> None:
    """Let page tokens attend without a mask, in place."""
    graph = model.graph
    fused = [node for node in graph.node if node.op_type == FUSED]
    if not fused:
        return
    nodes: list[NodeProto] = []
    for node in graph.node:
        if node.op_type != FUSED:
            nodes.append(node)
            continue
        if node.output[0] == fused[0].output[0]:
            nodes += _lengths(node.input[5])
        nodes += _split(node)
    for name, value in (("zero", 0), ("one", 1), ("two", 2), ("end", np.iinfo(np.int64).max)):
        array = np.array([value], dtype=np.int64)
        graph.initializer.append(numpy_helper.from_array(array, f"attention.{name}"))
    del graph.node[:]
    graph.node.extend(nodes)


def _lengths(bias: str) -> list[NodeProto]:
    """Nodes that count the page's tokens, and the queries that need no mask."""
    make = helper.make_node
    return [
        make("Greater", ["groups", "attention.zero"], ["attention.of_question"]),  # [1, T]
        make("Cast", ["attention.of_question"], ["attention.each"], to=7),
        make("ReduceSum", ["attention.each"], ["attention.questions"], keepdims=0),
        make("Shape", [bias], ["attention.length"], start=2, end=3),
        make("Sub", ["attention.length", "attention.questions"], ["attention.page"]),  # [1]
        # At least one query takes the way of the masked ones, for there may be no question.
        make("Sub", ["attention.length", "attention.one"], ["attention.last"]),
        make("Min", ["attention.page", "attention.last"], ["attention.free"]),  # [1]
        make("Slice", [bias, "attention.free", "attention.end", "attention.two"],
             ["attention.mask"]),
    ]  # fmt: skip


def _split(node: NodeProto) -> list[NodeProto]:
    """One attention without a mask for the page, one with it for the rest."""
    queries, keys, values = node.input[:3]
    out = node.output[0]
    nodes: list[NodeProto] = []

    def cut(x: str, begin: str, end: str, name: str) -> str:
        bounds = [f"attention.{begin}", f"attention.{end}", "attention.one"]
        nodes.append(helper.make_node("Slice", [x, *bounds], [f"{out}_{name}"]))
        return f"{out}_{name}"

    def attend(inputs: list[str], name: str) -> str:
        made = helper.make_node(FUSED, inputs, [f"{out}_{name}"], domain=CONTRIB)
        made.attribute.extend(node.attribute)
        nodes.append(made)
        return f"{out}_{name}"

    page = [
        cut(queries, "zero", "free", "queries"),
        cut(keys, "zero", "page", "keys"),
        cut(values, "zero", "page", "values"),
    ]
    asking = [cut(queries, "free", "end", "asking"), keys, values, "", "", "attention.mask"]
    parts = [attend(page, "page"), attend(asking, "asked")]
    nodes.append(helper.make_node("Concat", parts, [out], axis=1))
    return nodes
