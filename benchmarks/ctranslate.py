"""Our encoder against one of the same dimensions in CTranslate2, int8 both, in turn.

Random weights do, since they cost what trained ones cost. CTranslate2's is a bare BERT: as many
layers, heads and positions as ours, but neither boxes nor patches, nor distances on the page in
the attention, nor what the decoder and the heads need. Run it with the Python of the peers'
environment.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import ctranslate2
import numpy as np
from ctranslate2.specs import common_spec, transformer_spec
from results import Comparison, finish, parser, versions
from timing import in_turn

from docx_cli.bundle import open_bundle, resolve
from docx_cli.config import ModelConfig
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.session import usable_cores
from docx_cli.source import load

SAMPLE = Path(__file__).parents[1] / "tests" / "fixtures" / "invoice.pdf"
CHANCE = np.random.default_rng(1)


def weights(*shape: int) -> np.ndarray:
    return CHANCE.normal(0, 0.02, shape).astype(np.float32)


def fill_linear(spec: common_spec.LinearSpec, out: int, into: int) -> None:
    spec.weight, spec.bias = weights(out, into), weights(out)


def fill_norm(spec: common_spec.LayerNormSpec, width: int) -> None:
    spec.gamma, spec.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def encoder(model: ModelConfig, folder: str, compute_type: str) -> ctranslate2.Encoder:
    """Write and load a BERT of the model's dimensions."""
    spec = transformer_spec.TransformerEncoderSpec(
        model.encoder_layers,
        model.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    spec.scale_embeddings = False
    width, inner = model.width, model.feed_forward
    spec.embeddings[0].weight = weights(model.vocabulary, width)
    spec.position_encodings.encodings = weights(model.positions, width)
    fill_norm(spec.layernorm_embedding, width)
    for layer in spec.layer:
        fill_linear(layer.self_attention.linear[0], 3 * width, width)
        fill_linear(layer.self_attention.linear[1], width, width)
        fill_norm(layer.self_attention.layer_norm, width)
        fill_linear(layer.ffn.linear_0, inner, width)
        fill_linear(layer.ffn.linear_1, width, inner)
        fill_norm(layer.ffn.layer_norm, width)
    whole = transformer_spec.TransformerEncoderModelSpec(spec)
    whole.register_vocabulary([str(n) for n in range(model.vocabulary)])
    whole.config.unk_token = "0"
    whole.validate()
    whole.optimize()
    whole.save(folder)
    threads = usable_cores()
    return ctranslate2.Encoder(folder, compute_type=compute_type, intra_threads=threads)


def main() -> None:
    told = parser(__doc__, rounds=15).parse_args()
    bundle = open_bundle(resolve(None))
    extractor = Extractor(bundle)
    content = next(read_pages(load(SAMPLE), ReadOptions(picture_size=bundle.picture_size)))
    asked = ["What is the total?"]
    window = extractor.encoding.encode(content.page.words, asked, content.picture)[0][0]
    count = extractor.session.encode(window).memory["states"].shape[1]
    ids = CHANCE.integers(1, bundle.model.vocabulary, count).tolist()
    with tempfile.TemporaryDirectory(prefix="docx-bench-") as folder:
        peer = {kind: encoder(bundle.model, folder, kind) for kind in ("int8", "float32")}
        ours, theirs = "docx, the whole encoder graph, int8", "CTranslate2, bare BERT, {}"
        seconds = in_turn(
            {
                ours: lambda: extractor.session.encode(window),
                theirs.format("int8"): lambda: np.array(
                    peer["int8"].forward_batch([ids]).last_hidden_state
                ),
                theirs.format("float32"): lambda: np.array(
                    peer["float32"].forward_batch([ids]).last_hidden_state
                ),
            },
            told.rounds,
        )
    title = f"{count} positions, {usable_cores()} threads"
    parts = [Comparison(title, ours, seconds)]
    finish("ctranslate", parts, save=told.save, packages=versions("ctranslate2"))


if __name__ == "__main__":
    main()
