"""Losses against numbers that were worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import small_pages as pages
import support
import torch
from torch import nn

from docx_cli.decode import StepScores, mix
from docx_cli.document import Box, Word
from docx_models import objectives
from docx_models.docformerv2 import DocFormerV2, PairHead, SpanScores
from docx_models.records import PageRecord
from docx_models.rows import (
    ABSENT,
    COMPOSE,
    IGNORED,
    SPAN,
    UNKNOWN,
    Batch,
    QuestionLabel,
    Row,
    Target,
    collate,
)
from docx_models.warm_start import SENTINELS

SEP = pages.encoding().sep_id


def row(record: PageRecord | None = None, *labels: QuestionLabel) -> Row:
    """A page as a row; the labels are of as many questions."""
    record = record or support.record()
    maker = support.maker()
    page = maker.encoding.tokenize_page(record.words)
    asked = [support.gold(kind="absent")] * len(labels)
    whole = (0, len(page.ids))
    drawn = maker.label(record, page, whole, asked, np.random.default_rng(0))
    return Row(drawn.inputs, labels, drawn.word_tags, drawn.picked, drawn.relations)


def batch(*rows: Row) -> Batch:
    return collate(rows or (row(),), pages.encoding().pad_id)


SCORES = SpanScores(
    start=torch.tensor([[[0.5, 1.0]]]),
    end=torch.tensor([[[-0.5, 2.0]]]),
    band=torch.tensor([[[0.0, 1.0], [0.25, -30_000.0]]]),
    absent=torch.tensor([[0.75]]),
    compose=torch.tensor([[-1.0]]),
)
"""Two text positions, spans of one or two: (0, 0) 0.0, (0, 1) 3.5, (1, 1) 3.25, (1, 2) outside."""

OUTCOMES = [0.0, 3.5, 3.25, 0.75, -1.0]


def test_span_logits_are_all_outcomes() -> None:
    found = objectives.span_logits(SCORES)[0, 0]
    assert found.shape == (2 * 2 + 2,)
    assert found[[0, 1, 2, 4, 5]].tolist() == OUTCOMES
    assert found[3] < -20_000, "a span that leaves the text"


@pytest.mark.parametrize(
    ("label", "right"),
    [
        (QuestionLabel(SPAN, ((0, 1),)), [3.5]),
        (QuestionLabel(SPAN, ((0, 1), (1, 0))), [3.5, 3.25]),
        (QuestionLabel(ABSENT), [0.75]),
        (QuestionLabel(COMPOSE), [-1.0]),
    ],
)
def test_span_loss_is_a_softmax_over_all_outcomes(label: QuestionLabel, right: list[float]) -> None:
    chance = sum(math.exp(x) for x in right) / sum(math.exp(x) for x in OUTCOMES)
    found = objectives.span_loss(SCORES, [row(None, label)])
    assert found.item() == pytest.approx(-math.log(chance), abs=1e-5)


def test_span_loss_is_the_mean_over_questions_and_passes_over_the_unknown() -> None:
    scores = SpanScores(
        SCORES.start.expand(1, 3, 2), SCORES.end.expand(1, 3, 2), SCORES.band,
        SCORES.absent.expand(1, 3), SCORES.compose.expand(1, 3),
    )  # fmt: skip
    labels = [QuestionLabel(ABSENT), QuestionLabel(UNKNOWN), QuestionLabel(COMPOSE)]
    one, _, other = (objectives.span_loss(SCORES, [row(None, x)]) for x in labels)
    assert objectives.span_loss(scores, [row(None, *labels)]).item() == pytest.approx(
        (one.item() + other.item()) / 2, abs=1e-6
    )
    assert objectives.span_loss(SCORES, [row(None, labels[1])]).item() == 0.0


def copying(*places: int) -> tuple[Target, ...]:
    ids = row().inputs.input_ids
    return (*((int(ids[p]), p) for p in places), (SEP, -1))


def served_loss(model: DocFormerV2, target: tuple[Target, ...]) -> float:
    """The mean negative log-likelihood that decoding gives a target, by `decode.mix`."""
    asked = batch(row(None, QuestionLabel(ABSENT)))
    memory = model.encode(asked.inputs)
    said = torch.tensor([[0, *(t for t, _ in target[:-1])]])
    vocabulary, copied, gate, _ = (
        part[0].numpy()
        for part in model.decode(said, None, memory, asked.inputs.groups, torch.tensor([1]))
    )
    chances = mix(StepScores(vocabulary, copied, gate))
    outcomes = [token if p < 0 else vocabulary.shape[1] + p for token, p in target]
    return float(-chances[np.arange(len(target)), outcomes].mean())


def trained_loss(model: DocFormerV2, target: tuple[Target, ...]) -> float:
    asked = batch(row(None, QuestionLabel(SPAN, (), target)))
    task = objectives.answer_task(asked.rows, 0, 1)
    memory = model.encode(asked.inputs)
    return objectives.decoder_loss(model, memory, asked.inputs.groups, task).item()


@torch.no_grad()
@pytest.mark.parametrize(
    "target",
    [
        copying(42, 43, 44, 45),
        copying(),
        ((100, -1), (101, -1), (SEP, -1)),
        ((100, -1), *copying(3)),
    ],
)
def test_the_decoders_loss_is_the_likelihood_that_decoding_gives(
    target: tuple[Target, ...],
) -> None:
    model = support.tiny_model()
    assert trained_loss(model, target) == pytest.approx(served_loss(model, target), abs=1e-4)


@torch.no_grad()
def test_only_the_gold_place_counts_not_an_equal_subword() -> None:
    """7.25 stands in two places with equal subwords; each has a loss of its own."""
    model = support.tiny_model()
    total, tax = copying(42, 43, 44, 45), copying(50, 51, 52, 53)
    assert [t for t, _ in total] == [t for t, _ in tax]
    assert abs(trained_loss(model, total) - trained_loss(model, tax)) > 1e-3


@torch.no_grad()
def test_without_copying_only_generated_subwords_count() -> None:
    model = support.tiny_model(copy=False)
    asked = batch(row(None, QuestionLabel(SPAN, (), copying(42, 43))))
    task = objectives.answer_task(asked.rows, 0, 1)
    assert task is not None
    memory = model.encode(asked.inputs)
    found = objectives.decoder_loss(model, memory, asked.inputs.groups, task)
    logits = model.decode(task.inputs, None, memory, asked.inputs.groups, task.asked)[0]
    assert found.item() == pytest.approx(-logits.log_softmax(-1)[0, 2, SEP].item(), abs=1e-4)


def test_no_targets_are_no_loss() -> None:
    model = support.tiny_model()
    asked = batch()
    memory = model.encode(asked.inputs)
    assert objectives.decoder_task([], 0) is None
    assert objectives.decoder_loss(model, memory, asked.inputs.groups, None).item() == 0.0


def test_targets_are_shifted_and_padded() -> None:
    task = objectives.decoder_task([(0, 1, ((7, 3), (9, -1), (SEP, -1))), (1, 2, ((SEP, -1),))], 5)
    assert task is not None
    assert task.pages.tolist() == [0, 1]
    assert task.asked.tolist() == [1, 2]
    assert task.inputs.tolist() == [[5, 7, 9], [5, SEP, 5]]
    assert task.token_targets.tolist() == [[IGNORED, 9, SEP], [SEP, IGNORED, IGNORED]]
    assert task.copy_targets.tolist() == [[3, IGNORED, IGNORED], [IGNORED] * 3]


def test_all_that_must_be_composed_is_decoded_and_some_of_the_rest() -> None:
    spans = [QuestionLabel(SPAN, ((1, 0),), copying(i)) for i in (1, 2, 3)]
    said = [QuestionLabel(COMPOSE, (), ((100 + i, -1), (SEP, -1))) for i in (0, 1)]
    none = QuestionLabel(ABSENT)
    labels = (spans[0], said[0], none, spans[1], spans[2], said[1])
    asked = Row(row().inputs, labels)
    for limit, wanted in ((0, [2, 6]), (2, [2, 6, 1, 4])):
        task = objectives.answer_task([asked], 0, limit)
        assert task is not None
        assert task.asked.tolist() == wanted


def constant(head: PairHead, *logits: float) -> None:
    """Make a pair head say the same of every pair."""
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.zero_()
        last = head.geometry[-1]
        assert isinstance(last, nn.Linear)
        last.bias.copy_(torch.tensor(logits))


TABLE = pages.lines("date 17", "qty 7.25")
LABELS = {
    "segments": ({"label": "key", "words": [0]}, {"label": "value", "words": [1]}),
    "links": ((0, 1),),
}
"""Four words; one relation holds between two different ones: key_value from 0 to 1."""


def test_the_pair_loss_weighs_what_is_related_and_leaves_out_the_diagonal() -> None:
    model = support.tiny_model()
    constant(model.pairs, 0.5, 0.5, 0.5, 0.5)
    labelled = batch(row(support.record(TABLE, **LABELS)))
    _, pairs = objectives.word_losses(model, model.encode(labelled.inputs), labelled)
    yes, no = math.log(1 + math.exp(-0.5)), math.log(1 + math.exp(0.5))
    assert pairs.item() == pytest.approx((3 * yes + (12 * 4 - 1) * no) / (12 * 4), abs=1e-5)


def test_the_tag_loss_is_a_softmax_over_the_tags_of_labelled_words() -> None:
    model = support.tiny_model()
    with torch.no_grad():
        model.tags.weight.zero_()
        model.tags.bias.copy_(torch.arange(6.0))
    labelled, bare = row(support.record(TABLE, **LABELS)), row()
    both = batch(labelled, bare)
    found, _ = objectives.word_losses(model, model.encode(both.inputs), both)
    total = math.log(sum(math.exp(i) for i in range(6)))
    tags = [1, 2, 0, 0]  # key, value, other, other
    assert found.item() == pytest.approx(sum(total - i for i in tags) / 4, abs=1e-5)


def test_pages_without_labels_give_no_word_losses() -> None:
    model = support.tiny_model()
    bare = batch()
    losses = objectives.word_losses(model, model.encode(bare.inputs), bare)
    assert [loss.item() for loss in losses] == [0.0, 0.0]


def test_token_to_line_tells_same_next_and_further_lines() -> None:
    words = pages.lines("a b", "c", "d")
    lines = row(support.record(words))
    assert objectives.line_numbers(lines).tolist() == [0, 0, 1, 2]
    model = support.tiny_model()
    constant(model.lines, 1.0, 0.0, 3.0)
    pair = batch(lines)
    loss = objectives.line_loss(model, model.encode(pair.inputs), pair, np.random.default_rng(0))
    total = math.log(math.exp(1.0) + 1.0 + math.exp(3.0))
    same, following, further = 6, 6, 4  # of 16 pairs; a line is the same as itself
    wanted = (same * (total - 1.0) + following * total + further * (total - 3.0)) / 16
    assert loss.item() == pytest.approx(wanted, abs=1e-5)


def test_token_to_grid_asks_for_the_cell_of_every_subword_of_the_page() -> None:
    model = support.tiny_model()
    with torch.no_grad():
        model.grid.weight.zero_()
        model.grid.bias.copy_(torch.arange(16.0))
    words = (Word("a", Box(0.3, 0.6, 0.4, 0.7)), Word("17", Box(0.9, 0.9, 1, 1)))
    asked = batch(row(support.record(words), QuestionLabel(ABSENT)))
    loss = objectives.grid_loss(model, model.encode(asked.inputs), asked.inputs)
    total = math.log(sum(math.exp(i) for i in range(16)))
    cells = [2 * 4 + 1, 15, 15]  # a; 1 and 7
    assert loss.item() == pytest.approx(sum(total - c for c in cells) / 3, abs=1e-4)


@pytest.mark.parametrize("words", [(), pages.lines("a")])
def test_pages_with_hardly_a_word_have_no_nan(words: tuple[Word, ...]) -> None:
    model = support.tiny_model()
    bare = batch(row(support.record(words, segments=())))
    memory, rng = model.encode(bare.inputs), np.random.default_rng(0)
    losses = [
        objectives.line_loss(model, memory, bare, rng),
        objectives.grid_loss(model, memory, bare.inputs),
        *objectives.word_losses(model, memory, bare),
    ]
    assert all(torch.isfinite(loss) for loss in losses)
    assert losses[0].item() == 0.0


def masked(seed: int, share: float = 0.4) -> tuple[Batch, torch.Tensor, objectives.DecoderTask]:
    """Two pages, one with a question; the masked ids and the decoder's task."""
    plain = batch(row(None, QuestionLabel(ABSENT)), row(support.record(pages.INVOICE[:9])))
    rng = np.random.default_rng(seed)
    inputs, task = objectives.mask_spans(plain, pages.encoding(), share, rng)
    assert task is not None
    for name, before, after in zip(inputs._fields, plain.inputs, inputs, strict=True):
        if name != "input_ids":
            assert torch.equal(before, after), f"{name} must stay, boxes above all"
    return plain, inputs.input_ids, task


@pytest.mark.parametrize("seed", range(5))
def test_denoising_spells_what_was_masked(seed: int) -> None:
    plain, ids, task = masked(seed)
    mask = pages.encoding().tokenizer.token_to_id("[MASK]")
    unused = [pages.encoding().tokenizer.token_to_id(f"[unused{i}]") for i in range(SENTINELS)]
    for b in range(2):
        said = [t for t in task.token_targets[b].tolist() if t != IGNORED]
        assert said[-1] == SEP
        spelled: list[int] = []
        for token, before in zip(ids[b].tolist(), plain.inputs.input_ids[b].tolist(), strict=True):
            if token in unused:
                spelled += [token, before]
            elif token == mask:
                spelled.append(before)
            else:
                assert token == before
        assert said[:-1] == spelled, "each sentinel, then the subwords behind it"
        sentinels = [t for t in said if t in unused]
        assert sentinels == unused[: len(sentinels)]
        assert len(sentinels) > 1
    assert (task.copy_targets == IGNORED).all()
    assert task.asked.tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_only_the_pages_subwords_are_masked(seed: int) -> None:
    plain, ids, _ = masked(seed, share=0.9)
    changed = ids != plain.inputs.input_ids
    page = (plain.inputs.groups == 0) & (plain.inputs.positions > 0)
    assert changed.any()
    assert not changed[~page].any()


def test_about_the_asked_share_is_masked() -> None:
    shares = []
    for seed in range(30):
        plain, ids, _ = masked(seed, share=0.3)
        page = plain.inputs.groups == 0
        shares.append((ids != plain.inputs.input_ids)[page].float().mean().item())
    assert 0.2 < sum(shares) / 30 < 0.35


def test_a_page_too_short_to_mask_is_left_alone() -> None:
    plain = batch(row(support.record(pages.lines("a b"))))
    inputs, task = objectives.mask_spans(plain, pages.encoding(), 0.15, np.random.default_rng(0))
    assert task is None
    assert torch.equal(inputs.input_ids, plain.inputs.input_ids)


def test_the_losses_reach_every_parameter() -> None:
    model = support.tiny_model(spatial_waves=3)
    said = QuestionLabel(COMPOSE, (), ((100, -1), *copying(3)))
    page = row(support.record(TABLE * 5, **LABELS), QuestionLabel(SPAN, ((1, 0),)), said)
    inked = np.random.default_rng(0).integers(0, 256, (32, 16)).astype(np.uint8)
    labelled = batch(replace(page, inputs=replace(page.inputs, picture=inked)))
    memory = model.encode(labelled.inputs)
    task = objectives.answer_task(labelled.rows, 0, 1)
    rng = np.random.default_rng(0)
    losses = [
        objectives.span_loss(model.span_scores(memory, labelled.inputs), labelled.rows),
        objectives.decoder_loss(model, memory, labelled.inputs.groups, task),
        *objectives.word_losses(model, memory, labelled),
        objectives.line_loss(model, memory, labelled, rng),
        objectives.grid_loss(model, memory, labelled.inputs),
    ]
    torch.stack(losses).sum().backward()
    untouched = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert untouched == []
