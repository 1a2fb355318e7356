"""int8 weights and ranges: small errors where it matters, and weights that can be read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import small_pages
import support
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from docx_cli import session
from docx_cli.bundle import open_bundle
from docx_cli.document import Question
from docx_cli.pipeline import Extractor
from docx_export.quantise import quantise
from docx_export.rounding import LARGEST, Floats, Seen, rounded
from docx_export.samples import inputs_of_weights, sample_feeds
from docx_export.writer import write_bundle
from docx_models import checkpoint
from docx_models.docformerv2 import PageInputs
from docx_models.start import load_bundle, weights

WIDTH, OUTPUTS = 64, 48


def layer_inputs(rows: int, seed: int) -> Floats:
    """Correlated channels, one of them ten times as loud, as behind a trained normalisation."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).normal(size=(8, WIDTH))
    x = rng.normal(size=(rows, 8)) @ mixing + 0.3 * rng.normal(size=(rows, WIDTH))
    x[:, 5] *= 10
    return x.astype(np.float32)


def seen_in(x: Floats) -> Seen:
    return Seen((x.T @ x).astype(np.float64), np.abs(x).max(axis=0))


def matrix() -> Floats:
    return np.random.default_rng(1).normal(size=(WIDTH, OUTPUTS)).astype(np.float32)


def product_graph(path: Path, weight: Floats) -> Path:
    node = helper.make_node("MatMul", ["x", "layer.weight.T"], ["y"])
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", WIDTH])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", OUTPUTS])],
        [numpy_helper.from_array(weight, "layer.weight.T")],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


def run(path: Path, x: Floats) -> NDArray[np.float32]:
    graph = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(graph.run(["y"], {"x": x})[0])


def error(found: Floats, wanted: Floats) -> float:
    """Root mean square error, of the spread."""
    return float(np.sqrt(((found - wanted) ** 2).mean()) / wanted.std())


def test_nearest_rounding_is_off_by_half_a_step_at_most() -> None:
    weight = matrix()
    (plain,) = rounded([weight])
    assert plain.balance is None
    assert np.abs(plain.integers).max() == LARGEST
    assert (np.abs(plain.integers * plain.scale - weight) <= plain.scale * 0.5001).all()


def test_seen_inputs_make_better_weights_for_others_like_them() -> None:
    weight, x, other = matrix(), layer_inputs(2000, 1), layer_inputs(500, 2)
    (plain,), (careful,) = rounded([weight]), rounded([weight], seen_in(x))
    assert careful.balance is not None
    again = careful.balance[:, None] * careful.integers * careful.scale
    assert np.abs(careful.integers).max() <= LARGEST
    nearest = error(other @ (plain.integers * plain.scale), other @ weight)
    assert error(other @ again, other @ weight) < 0.6 * nearest
    assert careful.balance.argmin() == 5  # the loud channel is turned down


def test_a_channel_that_was_never_seen_is_not_amplified_beyond_measure() -> None:
    x = layer_inputs(500, 1)
    x[:, 9] = 0
    (careful,) = rounded([matrix()], seen_in(x))
    assert careful.balance is not None
    assert careful.balance.max() <= 2.0 + 1e-6
    assert np.isfinite(careful.scale).all()


def test_matrices_of_one_input_share_its_balance() -> None:
    """A channel that is loud for one of them is turned down for both."""
    first, second, x = matrix(), matrix()[:, :7] * 3, layer_inputs(2000, 1)
    one, two = rounded([first, second], seen_in(x))
    assert one.balance is not None
    assert two.balance is one.balance
    assert two.integers.shape == second.shape
    for weight, found in ((first, one), (second, two)):
        again = one.balance[:, None] * found.integers * found.scale
        assert error(x @ again, x @ weight) < 0.01


def test_a_loud_row_does_not_coarsen_the_others(tmp_path: Path) -> None:
    weight, x = matrix(), layer_inputs(300, 3)
    x[0] *= 30
    source = product_graph(tmp_path / "float.onnx", weight)
    quantise(source, tmp_path / "whole.onnx")
    quantise(source, tmp_path / "rows.onnx", by_row=True)
    wanted = run(source, x)[1:]
    whole = error(run(tmp_path / "whole.onnx", x)[1:], wanted)
    rows = error(run(tmp_path / "rows.onnx", x)[1:], wanted)
    assert rows < 0.02
    assert rows < whole / 5


def test_what_gelu_gives_is_quantised_more_finely(tmp_path: Path) -> None:
    """No half of the range is kept for values below zero, which end at -0.17."""
    weight = np.rint(20 * matrix())
    weight[0] = LARGEST  # so that eight bits hold the weight exactly
    plain = product_graph(tmp_path / "plain.onnx", weight)
    behind = onnx.load(plain)
    behind.graph.node.insert(0, helper.make_node("Gelu", ["x"], ["positive"]))
    behind.graph.node[1].input[0] = "positive"
    behind.opset_import[0].version = 20
    onnx.save(behind, tmp_path / "gelu.onnx")
    for name in ("plain", "gelu"):
        quantise(tmp_path / f"{name}.onnx", tmp_path / f"{name}8.onnx", by_row=True)
    x = layer_inputs(300, 3)
    x[:, 5] /= 10
    positive = F.gelu(torch.from_numpy(x)).numpy()
    wanted = positive @ weight
    middle = error(run(tmp_path / "plain8.onnx", positive), wanted)
    assert error(run(tmp_path / "gelu8.onnx", x), wanted) < 0.75 * middle


def test_rows_of_nothing_give_nothing(tmp_path: Path) -> None:
    source = product_graph(tmp_path / "float.onnx", matrix())
    quantise(source, tmp_path / "rows.onnx", by_row=True)
    x = layer_inputs(3, 4)
    x[1] = 0
    out = run(tmp_path / "rows.onnx", x)
    assert np.isfinite(out).all()
    assert np.abs(out[1]).max() < 1e-4


def test_sums_beyond_16_bits_are_exact(tmp_path: Path) -> None:
    """A processor without VNNI would saturate them if nobody told onnxruntime not to."""
    weight = np.full((WIDTH, OUTPUTS), 0.5, dtype=np.float32)
    source = product_graph(tmp_path / "float.onnx", weight)
    quantise(source, tmp_path / "int8.onnx")
    x = np.ones((64, WIDTH), dtype=np.float32)
    out = session.open_graph(tmp_path / "int8.onnx").run(["y"], {"x": x})[0]
    assert np.allclose(out, WIDTH / 2, rtol=1e-3)


@pytest.mark.parametrize(
    ("line", "exact"),
    [
        ("flags\t\t: fpu avx2 avx512f avx512_vnni", True),
        ("flags\t\t: fpu avx2 avx_vnni", True),
        ("flags\t\t: fpu avx2 avx512f avx512bw", False),
        ("Features\t: fp asimd", False),
    ],
)
def test_processors_that_sum_exactly_are_known(tmp_path: Path, line: str, exact: bool) -> None:
    listing = tmp_path / "cpuinfo"
    listing.write_text(f"processor\t: 0\n{line}\n")
    assert session.sums_bytes_exactly(listing) is exact
    assert not session.sums_bytes_exactly(tmp_path / "none")


def test_balanced_weights_are_read_back(tmp_path: Path) -> None:
    weight, x = matrix(), layer_inputs(2000, 1)
    source = product_graph(tmp_path / "float.onnx", weight)
    seen = inputs_of_weights(source, [{"x": x[:1000]}, {"x": x[1000:]}])
    assert np.allclose(seen["layer.weight.T"].products, seen_in(x).products, rtol=1e-3, atol=1.0)
    quantise(source, tmp_path / "int8.onnx", by_row=True, seen=seen)
    again = weights(tmp_path / "int8.onnx")["layer.weight"].numpy().T
    assert error(x @ again, x @ weight) < 0.01
    assert error(run(tmp_path / "int8.onnx", x), x @ weight) < 0.02


def test_weights_that_share_a_balance_are_read_back(tmp_path: Path) -> None:
    first, second, x = matrix(), np.ascontiguousarray(matrix()[:, ::-1]) * 3, layer_inputs(2000, 1)
    model = onnx.load(product_graph(tmp_path / "float.onnx", first))
    model.graph.node.append(helper.make_node("MatMul", ["x", "other.weight.T"], ["z"]))
    model.graph.initializer.append(numpy_helper.from_array(second, "other.weight.T"))
    model.graph.output.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["r", OUTPUTS]))
    onnx.save(model, tmp_path / "float.onnx")
    seen = inputs_of_weights(tmp_path / "float.onnx", [{"x": x}])
    quantise(tmp_path / "float.onnx", tmp_path / "int8.onnx", by_row=True, seen=seen)
    kinds = [node.op_type for node in onnx.load(tmp_path / "int8.onnx").graph.node]
    assert kinds.count("QuantizeLinear") == 1
    assert kinds.count("MatMulIntegerToFloat") == 2
    again = weights(tmp_path / "int8.onnx")
    for name, weight in (("layer.weight", first), ("other.weight", second)):
        assert error(x @ again[name].numpy().T, x @ weight) < 0.01


def test_a_bundle_rounded_with_pages_keeps_its_weights(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    loaded = checkpoint.assemble(support.tiny_model(), small_pages.CONFIG, small_pages.TOKENIZER)
    feeds = list(sample_feeds(loaded.encoding, tmp_path / "pages"))
    assert len(feeds) >= 12
    target = tmp_path / "bundle"
    write_bundle(
        loaded, target, name="tiny", version="1", card="# tiny\n", pages=tmp_path / "pages"
    )
    names = {i.name for i in onnx.load(target / "encoder.onnx").graph.initializer}
    assert "encoder.layers.1.down.weight.T_balance" in names
    again = load_bundle(target).model
    page = PageInputs(*(torch.from_numpy(array) for array in feeds[0].values()))
    with torch.no_grad():
        wanted, found = loaded.model.encode(page).states, again.encode(page).states
    assert error(found.numpy(), wanted.numpy()) < 0.03
    answers = Extractor(open_bundle(target)).ask_words(small_pages.INVOICE, [Question("total?")])
    assert len(answers) == 1
