"""Exported graphs give what the model gives, and a bundle becomes a model again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import small_pages
import support
import torch

from docx_cli import session
from docx_cli.bundle import open_bundle, resolve, verify
from docx_cli.document import Question
from docx_cli.errors import BundleError, FileAccessError
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.session import ENCODER_OUTPUTS, Session
from docx_cli.source import load
from docx_export import parity
from docx_export.graphs import example_inputs, export_graphs
from docx_export.writer import write_bundle
from docx_models import checkpoint
from docx_models.rows import page_inputs
from docx_models.start import load_bundle, load_start


def loaded(size: str = "mini") -> checkpoint.Loaded:
    torch.manual_seed(0)
    return checkpoint.assemble(support.tiny_model(size), small_pages.CONFIG, small_pages.TOKENIZER)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    target = tmp_path_factory.mktemp("export") / "tiny"
    write_bundle(loaded(), target, name="tiny", version="1", card="# tiny\n")
    return target


@pytest.mark.parametrize("size", ["mini", "small"])
def test_float32_graphs_agree_with_pytorch(size: str, tmp_path: Path) -> None:
    model = support.tiny_model(size)
    paths = export_graphs(model, tmp_path)
    here = str(support.ROOT).encode()
    assert all(here not in path.read_bytes() for path in paths.values()), "paths of this machine"
    differences = parity.compare(model, tmp_path)
    compared = {(d.graph, d.output) for d in differences}
    assert {("encoder", name) for name in ENCODER_OUTPUTS} < compared
    steps = [d for d in differences if (d.graph, d.output) == ("decoder", "vocabulary")]
    assert len(steps) == 3 * parity.STEPS
    assert max(d.value for d in differences) < 1e-3


def test_page_tokens_need_no_mask_and_questions_keep_theirs(tmp_path: Path) -> None:
    """The graph attends to page and questions apart; a page of which nothing is asked, too."""
    model = support.tiny_model(spatial_waves=0)
    path = export_graphs(model, tmp_path)["encoder"]
    kinds = [node.op_type for node in onnx.load(path).graph.node]
    assert kinds.count("MultiHeadAttention") == 2 * model.config.encoder_layers
    page = example_inputs(model, tokens=30, questions=3)
    unasked = page._replace(groups=torch.zeros_like(page.groups))
    graph = session.open_graph(path)
    for one in (page, unasked):
        feeds = {n: t.numpy() for n, t in zip(session.ENCODER_INPUTS, one, strict=True)}
        with torch.no_grad():
            wanted = parity.seen_only(model.encode(one)).states.numpy()
        assert np.allclose(graph.run(["states"], feeds)[0], wanted, atol=1e-3 * wanted.std())


@pytest.mark.parametrize("size", ["mini", "small"])
def test_blank_patches_cost_nothing(size: str, tmp_path: Path) -> None:
    model = support.tiny_model(size)
    page = example_inputs(model, tokens=30, questions=2)
    graph = session.open_graph(export_graphs(model, tmp_path)["encoder"])
    text, patches = page.input_ids.shape[1], model.config.visual_tokens
    for white, left in ((0, patches), (model.config.picture_height // 2, patches // 2), (None, 0)):
        page.picture[:] = 100
        page.picture[:, :white] = 255
        feeds = {n: t.numpy() for n, t in zip(session.ENCODER_INPUTS, page, strict=True)}
        states, start = graph.run(["states", "start"], feeds)
        assert states.shape[1] == left + text
        with torch.no_grad():
            wanted = model.span_scores(model.encode(page), page).start.numpy()
        assert np.allclose(start, wanted, atol=1e-3 * wanted[wanted > -1e4].std())


def test_a_changed_weight_breaks_parity(tmp_path: Path) -> None:
    model = support.tiny_model()
    export_graphs(model, tmp_path)
    with torch.no_grad():
        model.decoder.layers[1].attention.v.weight[0, 0] += 0.5
    with pytest.raises(BundleError, match=r"decoder\.onnx differs from PyTorch"):
        parity.check(model, tmp_path)


def test_a_cache_joined_the_wrong_way_breaks_parity(tmp_path: Path) -> None:
    """It is right in the first step, when there is no past, and wrong from the second."""
    model = support.tiny_model()
    export_graphs(model, tmp_path)
    path = tmp_path / "decoder.onnx"
    graph = onnx.load(path)
    layers = model.config.decoder_layers
    joins = [
        node
        for node in graph.graph.node
        if node.op_type == "Concat" and len(node.input) == 2 and node.attribute[0].i == 2
    ]
    assert len(joins) == 2 * layers
    for node in joins:
        node.input[:] = list(node.input)[::-1]
    onnx.save(graph, path)
    wrong = [d for d in parity.compare(model, tmp_path) if d.graph == "decoder"]
    first = wrong[: len(session.DECODER_OUTPUTS)]
    assert max(d.value for d in first) < 1e-3
    with pytest.raises(BundleError, match=r"decoder\.onnx differs"):
        parity.check(model, tmp_path)


def test_bundle_is_sound_and_complete(bundle: Path) -> None:
    assert verify(bundle) == []
    assert open_bundle(bundle).name == "tiny"
    with pytest.raises(FileAccessError, match="exists already"):
        write_bundle(loaded(), bundle, name="tiny", version="1", card="")


def test_int8_graphs_multiply_integers_and_hold_each_table_once(bundle: Path) -> None:
    for name in ("encoder", "pairs", "decoder"):
        graph = onnx.load(bundle / f"{name}.onnx").graph
        assert any(node.op_type.startswith("MatMulInteger") for node in graph.node)
        floats = [
            i.name
            for i in graph.initializer
            if i.data_type == onnx.TensorProto.FLOAT and np.prod(i.dims) >= 4096
        ]
        assert floats == []
        tables = [i.name for i in graph.initializer if "tokens.weight" in i.name]
        assert sum("quantized" in t for t in tables) == (name != "pairs")


def test_rebuilt_model_agrees_with_its_bundle(bundle: Path) -> None:
    again = load_bundle(bundle)
    original = loaded().model.state_dict()
    for name, value in again.model.state_dict().items():
        if name.startswith(("lines.", "grid.")):
            continue
        # Half a step is 1/254 of the column's largest value.
        assert (value - original[name]).abs().max() <= original[name].abs().max() / 250, name
    assert again.encoding.config == small_pages.CONFIG


def test_training_starts_from_a_bundle_and_from_a_checkpoint(bundle: Path, tmp_path: Path) -> None:
    start = load_start(bundle)
    checkpoint.save(tmp_path / "c", start, None, {})
    again = load_start(tmp_path / "c").model.state_dict()
    assert all(torch.equal(v, again[k]) for k, v in start.model.state_dict().items())
    with pytest.raises(FileAccessError, match="no checkpoint"):
        load_start(tmp_path)


def test_shipped_bundle_and_its_rebuilt_model_choose_the_same_spans() -> None:
    """The default model's int8 graphs against the float32 model made of their weights."""
    path = resolve("mini")
    model = load_bundle(path).model.eval()
    extractor = Extractor(open_bundle(path))
    source = load(Path(__file__).parents[1] / "fixtures" / "invoice.pdf")
    words = next(read_pages(source, ReadOptions())).page.words
    asked = ["What is the total?", "What is the invoice number?", "Who is the seller?"]
    window = extractor.encoding.encode(words, asked)[0][0]
    encoded = Session(extractor.bundle).encode(window)
    page = page_inputs([window], extractor.encoding.pad_id)
    with torch.no_grad():
        scores = model.span_scores(model.encode(page), page)
    for q in range(len(asked)):
        assert encoded.start[q].argmax() == scores.start[0, q].argmax()
        assert encoded.end[q].argmax() == scores.end[0, q].argmax()
        assert encoded.absent[q] == pytest.approx(float(scores.absent[0, q]), abs=0.5)
    answers = extractor.ask_words(words, [Question(q) for q in asked])
    assert len(answers) == 3
