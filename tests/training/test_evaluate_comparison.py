"""Two systems compared on the same questions, and a model whose encoder's output is zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from docx_cli.bundle import open_bundle, package_folder, verify
from docx_cli.document import Answer, Question
from docx_cli.errors import BundleError
from docx_cli.pipeline import Extractor
from docx_models.cases import Gold
from docx_models.compare import compare, sign_test
from docx_models.evaluate import Judged, judge
from docx_models.zeroed import write_zeroed, zero_states

GOLD = Gold(Question("q?", "f"), "f", "g", "text", ("a",))


def judged(*texts: str) -> list[Judged]:
    """One answer a document; "" is not found, "a" is right."""
    return [
        judge(str(i), GOLD, Answer("q?", "f", text, bool(text), 0.9, "none"))
        for i, text in enumerate(texts)
    ]


def test_flips_are_counted_and_those_that_matter_apart() -> None:
    found = compare(("one", judged("a", "a", "x", "y", "")), ("two", judged("a", "", "a", "z", "")))
    assert found is not None
    assert (found.answers, found.flips, found.won, found.lost) == (5, 3, 1, 1)
    assert found.flipped == pytest.approx(3 / 5)
    assert found.low < 3 / 5 < found.high
    assert found.p == 1.0
    assert found.line().startswith("two against one: 3 of 5 answers differ, 60.00 % [")


def test_no_flip_is_no_proof_that_there_are_none() -> None:
    found = compare(("one", judged(*"aaaaaaaaaa")), ("two", judged(*"aaaaaaaaaa")))
    assert found is not None
    assert (found.flipped, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.2589, abs=1e-4)  # 0.7411 ** 10 = 0.05


def test_nothing_asked_is_nothing_to_compare() -> None:
    assert compare(("one", []), ("two", [])) is None


@pytest.mark.parametrize(
    ("won", "lost", "p"), [(0, 0, 1.0), (1, 1, 1.0), (5, 0, 2 / 32), (1, 5, 2 * 7 / 64)]
)
def test_the_sign_test_is_exact(won: int, lost: int, p: float) -> None:
    assert sign_test(won, lost) == pytest.approx(p)


def test_a_zeroed_model_gives_the_same_scores_whatever_the_page(tmp_path: Path) -> None:
    import small_pages as pages

    path = write_zeroed(package_folder() / "mini", tmp_path / "zeroed")
    assert verify(path) == []
    extractor = Extractor(open_bundle(path), threads=1)
    scores = []
    for row in ("Total   9.00", "Name   Ada"):
        window = extractor.encoding.encode(pages.lines(row), ["What is the total?"], None)[0][0]
        encoded = extractor.session.encode(window)
        scores.append((float(encoded.absent[0]), float(encoded.compose[0])))
        assert np.unique(encoded.memory["states"]).tolist() == [0.0]
        assert not encoded.memory["cross_keys"].any()
    assert scores[0] == scores[1]


def test_an_encoder_without_states_cannot_be_zeroed() -> None:
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    node = helper.make_node("Constant", [], ["y"], value_floats=[1.0])
    graph = helper.make_graph([node], "g", [], [out])
    with pytest.raises(BundleError, match="states"):
        zero_states(onnx.GraphProto.FromString(graph.SerializeToString()), Path("x"))
