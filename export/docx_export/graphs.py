"""A checkpoint's model as three ONNX graphs: encoder, pairs, decoder with its cache.

The names of inputs and outputs are those that `docx_cli.session` feeds and reads.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from docx_cli import session
from docx_export import served
from docx_models.docformerv2 import DocFormerV2, Memory, PageInputs

OPSET = 23
"""The first with attention as one operator, which onnxruntime runs faster than its parts."""
GRAPHS = ("encoder", "pairs", "decoder")


class EncoderGraph(nn.Module):
    """A window and its questions -> states, decoder memory and span scores.

    Of the visual tokens only those of patches that show something are left in what it gives.
    """

    def __init__(self, model: DocFormerV2) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Inputs and outputs in the order of `session.ENCODER_INPUTS` and `ENCODER_OUTPUTS`."""
        page, encoder = PageInputs(*inputs), self.model.encoder
        tokens = served.seen_only(encoder.embed(page))
        states = served.encoded(encoder, tokens) if encoder.bert else encoder(tokens)
        memory = self.model.memory(states, pictured(states.shape[1], page.groups))
        return (*memory[:4], *self.model.span_scores(memory, page))


class PairsGraph(nn.Module):
    """States and word positions -> tags and relations."""

    def __init__(self, model: DocFormerV2) -> None:
        super().__init__()
        self.model = model

    def forward(self, states: Tensor, boxes: Tensor, word_positions: Tensor) -> tuple[Tensor, ...]:
        """See `DocFormerV2.word_scores`."""
        drawn = pictured(states.shape[1], boxes)
        memory = Memory(states, states, states, states, drawn)  # only these two are read
        return self.model.word_scores(memory, boxes, word_positions)


class DecoderGraph(nn.Module):
    """One decoding step with its cache."""

    def __init__(self, model: DocFormerV2) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        token_ids: Tensor,
        past: Tensor,
        cross_keys: Tensor,
        cross_values: Tensor,
        copy_keys: Tensor,
        groups: Tensor,
        asked: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `DocFormerV2.decode`."""
        drawn = pictured(cross_keys.shape[3], groups)
        memory = Memory(cross_keys, cross_keys, cross_values, copy_keys, drawn)
        return self.model.decode(token_ids, past, memory, groups, asked)


def pictured(length: int, text: Tensor) -> Tensor:
    """`Memory.drawn` where blank patches are left out: of `length` tokens all before the text's."""
    visual = length - text.shape[1]
    return torch.ones(text.shape[0], visual, dtype=torch.bool, device=text.device)


def example_inputs(
    model: DocFormerV2, *, tokens: int = 23, questions: int = 3, seed: int = 0
) -> PageInputs:
    """Random but valid inputs: `questions` of four subwords behind a page of `tokens`.

    The upper half of the picture is blank.
    """
    config, rng = model.config, torch.Generator().manual_seed(seed)
    total = tokens + 4 * questions

    def draw(high: int, *shape: int) -> Tensor:
        return torch.randint(0, high, shape, generator=rng)

    corners = draw(config.box_scale // 2, 1, total, 4)
    corners[..., 2:] += corners[..., :2]
    order = [*range(tokens), *(list(range(4)) * questions)]
    groups = [0] * tokens + [q + 1 for q in range(questions) for _ in range(4)]
    starts = [tokens + 4 * q for q in range(questions)]
    picture = draw(256, 1, config.picture_height, config.picture_width).to(torch.uint8)
    picture[:, : config.picture_height // 2] = 255
    return PageInputs(
        draw(config.vocabulary, 1, total),
        corners,
        torch.tensor([order]),
        torch.tensor([groups]),
        picture,
        torch.tensor([starts]),
    )


def export_graphs(model: DocFormerV2, folder: Path) -> dict[str, Path]:
    """Write the three float32 graphs; their initializers carry the parameters' names."""
    model = model.eval()
    page = example_inputs(model)
    with torch.no_grad():
        memory = model.encode(page)
    asked = torch.tensor([1, 2, 3])
    config = model.config
    past = torch.zeros(2, config.decoder_layers, 3, config.heads, 2, config.head_width)
    words = torch.tensor([[1, 4, 7, 9, 12]])
    dim = torch.export.Dim.DYNAMIC
    text = {1: dim}  # one window at a time: of others other patches are left out
    paths = {name: folder / f"{name}.onnx" for name in GRAPHS}
    _export(
        EncoderGraph(model), tuple(page), paths["encoder"],
        session.ENCODER_INPUTS, session.ENCODER_OUTPUTS,
        ((text, text, text, text, {}, text),),
    )  # fmt: skip
    _export(
        PairsGraph(model), (memory.states, page.boxes, words), paths["pairs"],
        session.PAIRS_INPUTS, session.PAIRS_OUTPUTS, (text, text, text),
    )  # fmt: skip
    memory_shape = {3: dim}
    decoder_inputs = (
        # Distinct tensors on purpose: one object given twice exports as one input.
        asked[:, None].clone(), past, memory.cross_keys.clone(), memory.cross_values.clone(),
        memory.copy_keys.clone(), page.groups, asked,
    )  # fmt: skip
    _export(
        DecoderGraph(model), decoder_inputs, paths["decoder"],
        session.DECODER_INPUTS, session.DECODER_OUTPUTS,
        ({0: dim}, {2: dim, 4: dim}, memory_shape, memory_shape, {1: dim}, {1: dim}, {0: dim}),
    )  # fmt: skip
    for path in paths.values():
        name_initializers(path, model)
    encoder = onnx.load(paths["encoder"])
    served.split_attention(encoder)
    onnx.save(encoder, paths["encoder"])
    return paths


def _export(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    path: Path,
    input_names: Sequence[str],
    output_names: Sequence[str],
    shapes: tuple[Any, ...],
) -> None:
    loud = [logging.getLogger(n) for n in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the exporter's own deprecations
            program = torch.onnx.export(
                module.eval(), inputs, dynamo=True, input_names=list(input_names),
                output_names=list(output_names), dynamic_shapes=shapes, opset_version=OPSET,
                verbose=False,
            )  # fmt: skip
    finally:
        for logger, level in zip(loud, levels, strict=True):
            logger.setLevel(level)
    assert program is not None
    program.save(str(path), external_data=False)
    forget_traces(path)
    onnx.checker.check_model(str(path), full_check=True)


def forget_traces(path: Path) -> None:
    """Drop from a graph where in which source file each node came from: this machine's paths."""
    model = onnx.load(path)
    graph = model.graph
    parts = (graph.node, graph.input, graph.output, graph.value_info, graph.initializer)
    for part in (model, graph, *chain.from_iterable(parts)):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def name_initializers(path: Path, model: DocFormerV2) -> None:
    """Rename weights to their parameters' names (``.T`` if transposed), by comparing contents.

    The exporter's names depend on what it folded; with these a bundle's weights can be read
    back into a model.
    """
    graph_model = onnx.load(path)
    fold_transposes(graph_model)
    parameters = dict(model.named_parameters())
    known: dict[bytes, list[str]] = {}  # equal weights take each other's names, in order
    for name, parameter in parameters.items():
        known.setdefault(_signature(parameter.detach()), []).append(name)
        if parameter.dim() == 2:
            turned = parameter.detach().T.contiguous()
            known.setdefault(_signature(turned), []).append(f"{name}.T")
    renamed: dict[str, str] = {}
    for initializer in graph_model.graph.initializer:
        found = initializer.name.removeprefix("model.")
        if found not in parameters:
            array = torch.from_numpy(numpy_helper.to_array(initializer).copy())
            names = known.get(_signature(array), []) if array.numel() > 1 else []
            found = next((n for n in names if n not in renamed.values()), "")
        if found:
            renamed[initializer.name] = found
            initializer.name = found
    for node in graph_model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    # Shapes the exporter recorded for the old names.
    kept = [v for v in graph_model.graph.value_info if v.name not in renamed]
    del graph_model.graph.value_info[:]
    graph_model.graph.value_info.extend(kept)
    onnx.save(graph_model, path)
    onnx.checker.check_model(str(path), full_check=True)


def fold_transposes(model: onnx.ModelProto) -> None:
    """Store transposed weights as they are multiplied, so that the quantiser sees weights.

    The exporter leaves a Transpose in front of the decoder's vocabulary projection, whose table
    is looked up as well.
    """
    weights = {i.name: i for i in model.graph.initializer}
    folded, nodes = {}, []
    for node in model.graph.node:
        source = weights.get(node.input[0]) if node.op_type == "Transpose" else None
        if source is None or len(source.dims) != 2:
            nodes.append(node)
            continue
        array = np.ascontiguousarray(numpy_helper.to_array(source).T)
        name = f"{source.name}.T"
        model.graph.initializer.append(numpy_helper.from_array(array, name))
        folded[node.output[0]] = name
    for node in nodes:
        node.input[:] = [folded.get(name, name) for name in node.input]
    used = {name for node in nodes for name in node.input}
    kept = [i for i in model.graph.initializer if i.name in used]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept)


def _signature(tensor: Tensor) -> bytes:
    header = f"{tensor.dtype}{tuple(tensor.shape)}".encode()
    return header + tensor.contiguous().numpy().tobytes()
