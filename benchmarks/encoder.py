"""The encoder alone, on the sample page: int8 against float32, PyTorch, and its bare products.

All leave blank patches of the page's picture out, PyTorch too.

The floor is what no layout of the graph can save: its products of integers, one after the other,
and the two products of attention in float32, without anything between them. Needs the extra
[train]; the float32 graph is exported from the bundle's own weights, which takes a minute.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from answering import SAMPLE
from onnx import TensorProto, helper, numpy_helper
from results import Comparison, finish, parser, versions
from timing import in_turn

from docx_cli.bundle import Bundle, open_bundle, resolve
from docx_cli.encode import Encoding, WindowInputs
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.session import ENCODER_INPUTS, Session, open_graph, usable_cores
from docx_cli.source import load
from docx_export.graphs import export_graphs, pictured
from docx_export.served import seen_only
from docx_models.docformerv2 import DocFormerV2, PageInputs, SpanScores
from docx_models.rows import page_inputs
from docx_models.start import load_bundle

LEAST_COLUMNS = 128
"""Products with fewer belong to the heads and are left out of the floor."""


def sample_window(bundle: Bundle, encoding: Encoding) -> WindowInputs:
    """Encode the sample page with one question."""
    content = next(read_pages(load(SAMPLE), ReadOptions(picture_size=bundle.picture_size)))
    return encoding.encode(content.page.words, ["What is the total?"], content.picture)[0][0]


def eager(model: DocFormerV2, page: PageInputs) -> SpanScores:
    """Run the encoder and what its graph holds besides in PyTorch, on what the graph reads."""
    states = model.encoder(seen_only(model.encoder.embed(page)))
    return model.span_scores(model.memory(states, pictured(states.shape[1], page.groups)), page)


def floor(bundle: Bundle, tokens: int) -> Callable[[], object]:
    """Return a function that runs the products of the int8 encoder over `tokens` states."""
    model = onnx.load(bundle.file("encoder.onnx")).graph
    weights = {i.name: i for i in model.initializer}
    nodes, inits, feeds = [], [], {}
    rng = np.random.default_rng(0)
    for node in model.node:
        if not node.op_type.startswith("MatMulInteger"):
            continue
        weight = numpy_helper.to_array(weights[node.input[1]])
        if weight.shape[1] < LEAST_COLUMNS:
            continue
        x, y = f"x{weight.shape[0]}", f"y{len(nodes)}"
        feeds[x] = rng.integers(0, 255, (tokens, weight.shape[0]), dtype=np.uint8)
        inits.append(numpy_helper.from_array(weight, f"w{len(nodes)}"))
        nodes.append(helper.make_node("MatMulInteger", [x, inits[-1].name], [y]))
    config = bundle.model
    looked = config.head_width + 4 * config.spatial_waves
    shapes = {
        "queries": (config.heads, tokens, looked),
        "keys": (config.heads, looked, tokens),
        "shares": (config.heads, tokens, tokens),
        "values": (config.heads, tokens, config.head_width),
    }
    for name, shape in shapes.items():
        feeds[name] = rng.random(shape, dtype=np.float32)
    kinds = {name: TensorProto.UINT8 if name[0] == "x" else TensorProto.FLOAT for name in feeds}
    outputs = [(node.output[0], TensorProto.INT32) for node in nodes]
    for layer in range(config.encoder_layers):
        for first, second in (("queries", "keys"), ("shares", "values")):
            y = f"{first}{layer}"
            nodes.append(helper.make_node("MatMul", [first, second], [y]))
            outputs.append((y, TensorProto.FLOAT))
    graph = helper.make_graph(
        nodes, "floor",
        [helper.make_tensor_value_info(n, kinds[n], feeds[n].shape) for n in feeds],
        [helper.make_tensor_value_info(n, kind, None) for n, kind in outputs],
        inits,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "floor.onnx"
        opset = [helper.make_opsetid("", 21)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
        bare: ort.InferenceSession = open_graph(path)
    return lambda: bare.run(None, feeds)


FLOOR = "its products alone (int8, float32)"
# int8 in time of the others: 70 % of the floor, 1.5 times float32's speed, twice PyTorch's.
GOALS = {
    "encoder, float32": ">= 1.5",
    "encoder, PyTorch eager": ">= 2",
    FLOOR: ">= 0.7",
}


def main() -> None:
    options = parser(__doc__, rounds=15)
    options.add_argument("--model", help="Folder or name of the int8 bundle.")
    told = options.parse_args()
    bundle = open_bundle(resolve(told.model))
    loaded = load_bundle(bundle.path)
    window = sample_window(bundle, loaded.encoding)
    page = page_inputs([window], loaded.encoding.pad_id)
    torch.set_num_threads(usable_cores())
    feeds = {name: getattr(window, name)[None] for name in ENCODER_INPUTS}
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        exported = export_graphs(loaded.model, Path(folder))
        float32 = open_graph(exported["encoder"], laid_out=True)
        session = Session(bundle)
        tokens = len(session.encode(window).memory["states"][0])
        seconds = in_turn(
            {
                "encoder, int8": lambda: session.encode(window),
                "encoder, float32": lambda: float32.run(None, feeds),
                "encoder, PyTorch eager": lambda: eager(loaded.model, page),
                FLOOR: floor(bundle, tokens),
            },
            told.rounds,
        )
    title = f"{tokens} positions, {usable_cores()} threads"
    parts = [Comparison(title, "encoder, int8", seconds, GOALS)]
    finish("encoder", parts, save=told.save, packages=versions("torch"))


if __name__ == "__main__":
    main()
