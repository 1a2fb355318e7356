"""Parity of exported graphs with PyTorch: what is served must be what was trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray

from docx_cli import session
from docx_cli.errors import BundleError
from docx_export.graphs import example_inputs
from docx_models.docformerv2 import DocFormerV2, Memory

Floats = NDArray[np.float32]
Gap = tuple[str, str, float, Floats]
"""Graph, output, largest difference, and what PyTorch gave but for masked places."""

TOLERANCE = 2e-3
"""Largest difference of a float32 graph's output, relative to the output's spread."""

STEPS = 5
"""Decoding steps compared: a cache that is wired wrongly is right in its first step."""


@dataclass(frozen=True)
class Difference:
    """The largest difference of one output in one run.

    It is relative to the standard deviation of that output over all runs: within one, two gates may
    be as good as equal.
    """

    graph: str
    output: str
    value: float


def compare(model: DocFormerV2, folder: Path) -> list[Difference]:
    """Run graphs and model on the same inputs: several shapes, several decoding steps."""
    model = model.eval()
    graphs = {
        name: ort.InferenceSession(str(folder / f"{name}.onnx"), providers=["CPUExecutionProvider"])
        for name in ("encoder", "pairs", "decoder")
    }
    found: list[Gap] = []
    for tokens, questions in ((17, 1), (60, 4), (41, 2)):
        found += _compare_encoder(model, graphs, tokens, questions)
    values: dict[tuple[str, str], list[Floats]] = {}
    for graph, output, _, wanted in found:
        values.setdefault((graph, output), []).append(wanted)
    spreads = {key: float(np.concatenate(parts).std()) or 1.0 for key, parts in values.items()}
    return [Difference(g, output, gap / spreads[g, output]) for g, output, gap, _ in found]


def check(model: DocFormerV2, folder: Path, tolerance: float = TOLERANCE) -> float:
    """Return the largest difference; raise `BundleError` if it exceeds the tolerance."""
    worst = max(compare(model, folder), key=lambda d: d.value)
    if not worst.value <= tolerance:
        raise BundleError(
            f"{worst.graph}.onnx differs from PyTorch in {worst.output}"
            f" by {worst.value:.1e} of its spread"
        )
    return worst.value


def _compare_encoder(
    model: DocFormerV2,
    graphs: dict[str, ort.InferenceSession],
    tokens: int,
    questions: int,
) -> list[Gap]:
    page = example_inputs(model, tokens=tokens, questions=questions, seed=tokens)
    with torch.no_grad():
        memory = seen_only(model.encode(page))
        spans = model.span_scores(memory, page)
        words = torch.arange(1, tokens, 3)[None]
        word_scores = model.word_scores(memory, page.boxes, words)
    feeds = dict(zip(session.ENCODER_INPUTS, (t.numpy() for t in page), strict=True))
    out = graphs["encoder"].run(list(session.ENCODER_OUTPUTS), feeds)
    wanted = [t.numpy() for t in (*memory[:4], *spans)]
    found = _gaps("encoder", session.ENCODER_OUTPUTS, out, wanted)
    pair_feeds = (memory.states.numpy(), page.boxes.numpy(), words.numpy())
    pair_out = graphs["pairs"].run(
        list(session.PAIRS_OUTPUTS), dict(zip(session.PAIRS_INPUTS, pair_feeds, strict=True))
    )
    found += _gaps("pairs", session.PAIRS_OUTPUTS, pair_out, [t.numpy() for t in word_scores])
    return found + _compare_decoder(model, graphs["decoder"], memory, page.groups, questions)


def seen_only(memory: Memory) -> Memory:
    """Leave out what nobody sees, as the graphs do."""
    drawn = memory.drawn[0]
    text = torch.ones(memory.states.shape[1] - len(drawn), dtype=torch.bool)
    seen = torch.cat([drawn, text])
    return Memory(
        memory.states[:, seen],
        memory.cross_keys[:, :, :, seen],
        memory.cross_values[:, :, :, seen],
        memory.copy_keys,
        memory.drawn[:, drawn],
    )


def _compare_decoder(
    model: DocFormerV2,
    graph: ort.InferenceSession,
    memory: Memory,
    groups: torch.Tensor,
    questions: int,
) -> list[Gap]:
    """Feed the same tokens to both, step by step, each with its own cache."""
    config = model.config
    asked = torch.arange(1, questions + 1)
    shape = (2, config.decoder_layers, questions, config.heads, 0, config.head_width)
    past, cache = np.zeros(shape, dtype=np.float32), torch.zeros(shape)
    rng = torch.Generator().manual_seed(questions)
    found: list[Gap] = []
    for _ in range(STEPS):
        tokens = torch.randint(0, config.vocabulary, (questions, 1), generator=rng)
        with torch.no_grad():
            *wanted, cache = model.decode(tokens, cache, memory, groups, asked)
        values = (
            tokens.numpy(), past, memory.cross_keys.numpy(), memory.cross_values.numpy(),
            memory.copy_keys.numpy(), groups.numpy(), asked.numpy(),
        )  # fmt: skip
        out = graph.run(
            list(session.DECODER_OUTPUTS), dict(zip(session.DECODER_INPUTS, values, strict=True))
        )
        past = out[-1]
        targets = [t.numpy() for t in (*wanted, cache)]
        found += _gaps("decoder", session.DECODER_OUTPUTS, out, targets)
    return found


def _gaps(
    graph: str, names: tuple[str, ...], found: list[Floats], wanted: list[Floats]
) -> list[Gap]:
    out: list[Gap] = []
    for name, ours, theirs in zip(names, found, wanted, strict=True):
        if ours.shape != theirs.shape:
            raise BundleError(f"{graph}.onnx gives {name} as {ours.shape}, PyTorch {theirs.shape}")
        # Masked places hold a large constant that would hide every other difference.
        seen = np.abs(theirs) < 1e4
        gap = float(np.abs(ours[seen] - theirs[seen]).max(initial=0.0))
        gap = max(gap, 1e9 * float((np.abs(ours[~seen]) < 1e4).any()))
        out.append((graph, name, gap, theirs[seen]))
    return out
