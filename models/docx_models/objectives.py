"""Losses: the three of pre-training and those of the downstream heads.

DocFormerV2 (arXiv 2306.01733, section 3.2) pre-trains asymmetrically: token-to-line and
token-to-grid on the encoder, T5's span denoising on the decoder; the loss is their weighted sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from docx_cli.encode import Encoding, Ints, text_rows
from docx_models.docformerv2 import DocFormerV2, Memory, PageInputs, SpanScores, gather_states
from docx_models.rows import ABSENT, COMPOSE, IGNORED, SPAN, Batch, Row, Target
from docx_models.warm_start import SENTINELS


def span_logits(scores: SpanScores) -> Tensor:
    """All outcomes of each question, [B, Q, T * L + 2]: spans, then absent, then compose."""
    batch, asked, tokens = scores.start.shape
    length = scores.band.shape[-1]
    index = torch.arange(tokens, device=scores.end.device).unsqueeze(1) + torch.arange(
        length, device=scores.end.device
    )
    end = scores.end[:, :, index.clamp(max=tokens - 1)]  # [B, Q, T, L]
    spans = scores.start.unsqueeze(-1) + end + scores.band.unsqueeze(1)
    flat = spans.reshape(batch, asked, tokens * length)
    return torch.cat([flat, scores.absent.unsqueeze(-1), scores.compose.unsqueeze(-1)], dim=-1)


def span_loss(scores: SpanScores, rows: Sequence[Row]) -> Tensor:
    """Negative log-likelihood of the right outcome; equally good spans are summed over."""
    logits = span_logits(scores).float()
    asked, length, outcomes = logits.shape[1], scores.band.shape[-1], logits.shape[-1]
    places: list[list[int]] = [[] for _ in range(len(rows) * asked)]
    for b, row in enumerate(rows):
        for q, label in enumerate(row.questions):
            if label.outcome == SPAN:
                places[b * asked + q] = [start * length + extra for start, extra in label.spans]
            elif label.outcome in (ABSENT, COMPOSE):
                places[b * asked + q] = [outcomes - (2 if label.outcome == ABSENT else 1)]
    counts = torch.tensor([len(p) for p in places])
    known = counts > 0
    if not bool(known.any()):
        return logits.sum() * 0.0
    index = torch.tensor([p + [0] * (int(counts.max()) - len(p)) for p in places])
    # One gather: indexing question by question fills as many gradients of the whole's size.
    right = logits.flatten(0, 1).gather(1, index)  # [B * Q, K]
    right = right.masked_fill(torch.arange(index.shape[1]) >= counts.unsqueeze(1), -torch.inf)
    total = torch.logsumexp(logits, dim=-1).flatten()
    return (total[known] - torch.logsumexp(right[known], dim=-1)).mean()


def mean_cross_entropy(logits: Tensor, gold: Tensor) -> Tensor:
    """Mean over what is labelled; zero, and not NaN, where nothing is (pages without words)."""
    total = F.cross_entropy(logits.float(), gold, ignore_index=IGNORED, reduction="sum")
    return total / (gold != IGNORED).sum().clamp(min=1)


class DecoderTask(NamedTuple):
    """Targets for R questions, each of one page of a batch."""

    pages: Tensor  # [R], index into the batch
    asked: Tensor  # [R], the question's group; 0 where none is asked
    inputs: Tensor  # [R, N]
    token_targets: Tensor  # [R, N], IGNORED where copied or padded
    copy_targets: Tensor  # [R, N], IGNORED where generated or padded


def decoder_task(
    targets: Sequence[tuple[int, int, Sequence[Target]]], start_id: int
) -> DecoderTask | None:
    """Pack (page, group, target) triples; None if there are none."""
    if not targets:
        return None
    longest = max(len(t) for _, _, t in targets)
    inputs = torch.full((len(targets), longest), start_id)
    tokens = torch.full((len(targets), longest), IGNORED)
    copies = torch.full((len(targets), longest), IGNORED)
    for r, (_, _, target) in enumerate(targets):
        for n, (token, position) in enumerate(target):
            if n + 1 < longest:
                inputs[r, n + 1] = token
            if position < 0:
                tokens[r, n] = token
            else:
                copies[r, n] = position
    pages, asked = (torch.tensor([t[i] for t in targets]) for i in (0, 1))
    return DecoderTask(pages, asked, inputs, tokens, copies)


def decoder_loss(
    model: DocFormerV2, memory: Memory, groups: Tensor, task: DecoderTask | None
) -> Tensor:
    """Pointer-generator loss: a copied subword counts only at its gold place."""
    if task is None:
        return memory.states.sum() * 0.0
    chosen = Memory(
        memory.states[task.pages],
        memory.cross_keys[:, task.pages],
        memory.cross_values[:, task.pages],
        memory.copy_keys[task.pages],
        memory.drawn[task.pages],
    )
    vocabulary, copied, gate, _ = model.decode(
        task.inputs, None, chosen, groups[task.pages], task.asked
    )
    generate, copy = F.logsigmoid(gate.float()), F.logsigmoid(-gate.float())
    token_loss = F.cross_entropy(
        vocabulary.float().flatten(0, 1), task.token_targets.flatten(), reduction="none"
    )
    generated = (task.token_targets != IGNORED).float()
    loss = token_loss.view_as(generated) - generate * generated
    if model.config.copy:
        copy_loss = F.cross_entropy(
            copied.float().flatten(0, 1), task.copy_targets.flatten(), reduction="none"
        )
        from_page = (task.copy_targets != IGNORED).float()
        loss = loss + copy_loss.view_as(from_page) - copy * from_page
        generated = generated + from_page
    return loss.sum() / generated.sum().clamp(min=1)


def answer_task(rows: Sequence[Row], start_id: int, limit: int) -> DecoderTask | None:
    """The decoder's part of the questions: all to be composed, then others up to `limit` a page."""
    targets = []
    for b, row in enumerate(rows):
        known = [(q, label) for q, label in enumerate(row.questions) if label.target]
        composed = [item for item in known if item[1].outcome == COMPOSE]
        others = [item for item in known if item[1].outcome != COMPOSE]
        targets += [(b, q + 1, label.target) for q, label in (*composed, *others[:limit])]
    return decoder_task(targets, start_id)


def word_losses(model: DocFormerV2, memory: Memory, batch: Batch) -> tuple[Tensor, Tensor]:
    """Losses of the tagging head and of the pair head."""
    zero = memory.states.sum() * 0.0
    labelled = [
        b for b, row in enumerate(batch.rows) if row.relations is not None and len(row.picked)
    ]
    if not labelled:
        return zero, zero
    words = gather_states(model.text_states(memory), batch.word_positions)
    tag_loss = mean_cross_entropy(model.tags(words).flatten(0, 1), batch.word_tags.flatten())
    counts = [len(batch.rows[b].picked) for b in labelled]
    picked = torch.zeros(len(labelled), max(counts), dtype=torch.long)
    gold = torch.zeros(len(labelled), len(model.config.relations), max(counts), max(counts))
    counted = torch.zeros(len(labelled), 1, max(counts), max(counts))
    for i, b in enumerate(labelled):
        row, n = batch.rows[b], counts[i]
        assert row.relations is not None
        picked[i, :n] = batch.word_positions[b][torch.from_numpy(row.picked)]
        gold[i, :, :n, :n] = torch.from_numpy(row.relations)
        counted[i, :, :n, :n] = 1.0 - torch.eye(n)
    text = model.text_states(memory)[labelled]
    places = gather_states(batch.inputs.boxes[labelled], picked)
    logits = model.pairs(gather_states(text, picked), places).float()
    # Positives are few; without a weight the head learns to say no.
    pair_loss = F.binary_cross_entropy_with_logits(
        logits, gold, pos_weight=torch.tensor(3.0), reduction="none"
    )
    pairs = counted.sum().clamp(min=1) * len(model.config.relations)
    pair_loss = (pair_loss * counted).sum() / pairs
    return tag_loss, pair_loss


def line_loss(model: DocFormerV2, memory: Memory, batch: Batch, rng: np.random.Generator) -> Tensor:
    """Token-to-line: same line, next line, or further, for neighbouring words."""
    count = 48
    picked = torch.zeros(len(batch.rows), count, dtype=torch.long)
    gold = torch.full((len(batch.rows), count, count), IGNORED)
    for b, row in enumerate(batch.rows):
        lines = line_numbers(row)
        if len(lines) < 2:
            continue
        start = int(rng.integers(max(1, len(lines) - count)))
        chosen = np.arange(start, min(start + count, len(lines)))
        picked[b, : len(chosen)] = torch.from_numpy(row.inputs.word_positions[chosen])
        apart = np.abs(lines[chosen][:, None] - lines[chosen][None, :]).clip(max=2)
        gold[b, : len(chosen), : len(chosen)] = torch.from_numpy(apart)
    words = gather_states(model.text_states(memory), picked)
    logits = model.lines(words, gather_states(batch.inputs.boxes, picked))  # [B, 3, K, K]
    return mean_cross_entropy(logits, gold)


def line_numbers(row: Row) -> Ints:
    """Number of the printed line of each word of a window, [W]."""
    words = [row.inputs.page.words[i] for i in row.inputs.words]
    lines = np.zeros(len(words), dtype=np.int64)
    for number, line in enumerate(text_rows(words)):
        lines[line] = number
    return lines


def grid_loss(model: DocFormerV2, memory: Memory, inputs: PageInputs) -> Tensor:
    """Token-to-grid: in which cell of a 4 x 4 grid a page's token stands."""
    scale = model.config.box_scale + 1
    center_x = (inputs.boxes[..., 0] + inputs.boxes[..., 2]) // 2
    center_y = (inputs.boxes[..., 1] + inputs.boxes[..., 3]) // 2
    cells = (center_y * 4 // scale) * 4 + center_x * 4 // scale
    cells = torch.where((inputs.groups == 0) & (inputs.positions > 0), cells, IGNORED)
    logits = model.grid(model.text_states(memory))
    return mean_cross_entropy(logits.flatten(0, 1), cells.flatten())


def mask_spans(
    batch: Batch, encoding: Encoding, share: float, rng: np.random.Generator
) -> tuple[PageInputs, DecoderTask | None]:
    """T5 span denoising (mean length 3) with the boxes of masked spans left in.

    The first subword of a span becomes its sentinel and the others [MASK], so that the boxes
    stay where they are; the decoder says each sentinel with the subwords behind it.
    """
    ids = batch.inputs.input_ids.clone()
    mask_id = encoding.special_id("[MASK]")
    sentinels = [encoding.special_id(f"[unused{i}]") for i in range(SENTINELS)]
    targets: list[tuple[int, int, Sequence[Target]]] = []
    for b, row in enumerate(batch.rows):
        tokens = row.inputs.token_end - row.inputs.token_start
        spans = min(int(tokens * share / 3), 12, SENTINELS)
        if spans < 1:
            continue
        starts = np.sort(rng.choice(tokens, size=spans, replace=False)) + 1
        lengths = rng.integers(1, 6, size=spans)
        target: list[Target] = []
        for k, (start, length) in enumerate(zip(starts, lengths, strict=True)):
            limit = starts[k + 1] if k + 1 < spans else tokens + 1
            end = int(min(start + length, limit))
            target.append((sentinels[k], -1))
            target += [(int(t), -1) for t in batch.inputs.input_ids[b, start:end]]
            ids[b, start:end] = mask_id
            ids[b, start] = sentinels[k]
        targets.append((b, 0, (*target, (encoding.sep_id, -1))))
    return batch.inputs._replace(input_ids=ids), decoder_task(targets, encoding.pad_id)
