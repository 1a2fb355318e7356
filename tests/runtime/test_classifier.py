"""A recogniser in two parts says what the whole one says."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from docx_cli.classifier import characters, split
from docx_cli.recognizer import Models, models_for

SOME = [0, 3, 7, 500]


def run(model: bytes, fed: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    graph = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return list(graph.run(None, {graph.get_inputs()[0].name: fed}))


def small(*last: str) -> bytes:
    """Make a model of a sum, and then of these operators."""
    generator = np.random.default_rng(0)
    tensors = {
        "shift": generator.standard_normal(5, np.float32),
        "MatMul": generator.standard_normal((5, 900), np.float32),
        "Add": generator.standard_normal(900, np.float32),
    }
    nodes, name = [helper.make_node("Add", ["x", "shift"], ["shifted"])], "shifted"
    for number, operator in enumerate(last):
        made, more = f"made{number}", [operator] if operator in tensors else []
        nodes.append(helper.make_node(operator, [name, *more], [made]))
        if operator == "Softmax":
            nodes[-1].attribute.append(helper.make_attribute("axis", 2))
        name = made
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, None, 5])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
    helper.set_model_props(model, {"other": "?", "character": "a\nü\n家"})
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("between", [(), ("Identity",), ("Identity", "Identity")])
def test_both_parts_together_say_what_the_whole_says(between: tuple[str, ...]) -> None:
    model = small("MatMul", *between, "Add", *between, "Softmax")
    parts = split(model, SOME)
    for part in parts:
        onnx.checker.check_model(onnx.load_from_string(part))
    fed = np.random.default_rng(1).standard_normal((1, 6, 5), np.float32)
    (whole,) = run(model, fed)
    logits, features = run(parts.steps, fed)
    assert logits.shape == (1, 6, len(SOME)) and features.shape == (1, 6, 5)
    np.testing.assert_allclose(logits, run(small("MatMul", "Add"), fed)[0][..., SOME], rtol=1e-5)
    (two,) = run(parts.classes, features[:, [4, 1]])
    np.testing.assert_allclose(two, whole[:, [4, 1]], rtol=1e-5)


def test_characters_are_read_from_the_metadata() -> None:
    assert characters(small("Softmax")) == ["a", "ü", "家"]
    with pytest.raises(ValueError, match="no characters"):
        characters(b"")


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (("MatMul", "Add"), "ends in Add"),
        (("Add", "Softmax"), "ends in Add"),
        (("MatMul", "Softmax"), "ends in MatMul"),
        (("MatMul", "Add", "Relu", "Softmax"), "ends in Relu"),
    ],
)
def test_another_last_layer_is_refused(last: tuple[str, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        split(small(*last), SOME)


def test_the_recogniser_itself() -> None:
    models = models_for("eng")
    assert isinstance(models, Models)
    model = models.recognizer.read_bytes()
    known = ["", *characters(model), " "]
    some = [known.index(name) for name in ("", "A", "z", "7", " ")]
    parts = split(model, some)
    strip = np.random.default_rng(2).uniform(-1, 1, (1, 3, 48, 333)).astype(np.float32)
    (whole,) = run(model, strip)
    assert whole.shape[2] == len(known)
    logits, features = run(parts.steps, strip)
    (probabilities,) = run(parts.classes, features)
    np.testing.assert_allclose(probabilities, whole, atol=1e-5)
    # Logits of some classes differ from their log probabilities by one number a step.
    apart = logits[0] - np.log(whole[0][:, some])
    np.testing.assert_allclose(apart, np.broadcast_to(apart[:, :1], apart.shape), atol=1e-3)
