"""The model's size, and what may and may not depend on what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import small_pages as pages
import support
import torch

from docx_cli.config import ModelConfig
from docx_cli.encode import WindowInputs
from docx_models.docformerv2 import DocFormerV2, Memory, PageInputs, gather_states
from docx_models.sizes import ENCODING, SIZES

PAPER = {"base": 232e6, "large": 750e6}
"""DocFormerV2, arXiv 2306.01733, table 1."""

T5_INNER = {"base": 3072, "large": 4096}
"""Inner width of T5 v1.0's feed-forward, of two matrices; v1.1 has three, 2048 and 2816 wide."""

PARTS = {
    "encoder.spatial": "spatial",
    "encoder.visual": "visual",
    "encoder.modality": "heads",
    "decoder.copy": "heads",
    "decoder.gate": "heads",
    "encoder": "T5",
    "decoder": "T5",
}
"""What a parameter belongs to, by the first prefix that fits; the rest are heads."""

EVERY_STYLE = list(product(["mini", "small"], [{"spatial_waves": 0}, {"spatial_waves": 3}]))
every_style = pytest.mark.parametrize(("size", "changes"), EVERY_STYLE)

SHORT = pages.INVOICE[:9]
ASKED = ["what is the total?", "who?", "is it paid in eur?", "what is a date?"]


def counts(size: str) -> Counter[str]:
    """Parameters of each part, the model laid out without memory."""
    with torch.device("meta"):
        model = DocFormerV2(SIZES[size])
    out: Counter[str] = Counter()
    for name, parameter in model.named_parameters():
        fits = (part for prefix, part in PARTS.items() if name.startswith(prefix))
        out[next(fits, "heads")] += parameter.numel()
    return out


def window(questions: list[str], words: tuple = pages.INVOICE) -> WindowInputs:  # type: ignore[type-arg]
    picture = np.random.default_rng(3).integers(0, 256, (32, 16)).astype(np.uint8)
    ((only,),) = pages.encoding().encode(words, questions, picture)
    return only


def second_of(page: PageInputs, memory: Memory) -> tuple[PageInputs, Memory]:
    """The second page of a batch, its padding kept."""
    states, keys, values, copy_keys, drawn = memory
    return (
        PageInputs(*(part[1:] for part in page)),
        Memory(states[1:], keys[:, 1:], values[:, 1:], copy_keys[1:], drawn[1:]),
    )


@pytest.mark.parametrize("size", ["base", "large"])
def test_sizes_are_the_papers(size: str) -> None:
    assert counts(size).total() == pytest.approx(PAPER[size], rel=0.03)


@pytest.mark.parametrize("size", ["base", "large"])
def test_what_differs_from_the_paper_is_explained(size: str) -> None:
    """T5 v1.0 and the spatial tables of both modalities make the paper's count, to 0.1 %.

    We add T5 v1.1's third feed-forward matrix (nothing at base, 12.6 M at large), the stem of
    the picture, and heads that the paper does not count: pointing, spans, tags and pairs.
    """
    config, parts = SIZES[size], counts(size)
    layers = config.encoder_layers + config.decoder_layers
    wider = layers * config.width * (3 * config.feed_forward - 2 * T5_INNER[size])
    assert parts["spatial"] == 2 * 6 * 1001 * config.width
    assert parts["T5"] - wider + parts["spatial"] == pytest.approx(PAPER[size], rel=0.001)
    assert parts["visual"] + parts["heads"] < 0.01 * PAPER[size]


def test_the_smaller_sizes_build() -> None:
    assert 20e6 < counts("mini").total() < 30e6
    assert 60e6 < counts("small").total() < 80e6


@pytest.mark.parametrize("size", list(SIZES))
def test_sizes_fit_the_encoding(size: str) -> None:
    config = SIZES[size]
    assert config.name == size
    assert config.visual_tokens == ENCODING.visual_tokens == 128
    assert config.box_scale == ENCODING.box_scale
    assert (config.picture_height, config.picture_width) == (512, 256)
    assert config.positions >= ENCODING.max_page_tokens
    assert config.heads * config.head_width == (384 if size == "small" else config.width)


@every_style
def test_page_states_do_not_depend_on_the_questions(size: str, changes: dict[str, int]) -> None:
    model = support.tiny_model(size, **changes)
    length = model.config.visual_tokens + 55
    plain = support.encode(model, window([]))[1].states
    assert plain.shape[1] == length
    for questions in (ASKED[:1], ASKED, ASKED[::-1]):
        asked = support.encode(model, window(questions))[1].states
        support.close(asked[:, :length], plain)


@every_style
def test_a_question_does_not_see_the_others(size: str, changes: dict[str, int]) -> None:
    model = support.tiny_model(size, **changes)
    said = torch.randint(0, model.config.vocabulary, (1, 5))

    inside = torch.arange(55).unsqueeze(1) + torch.arange(8) < 55  # spans that end on the page

    def scores(questions: list[str]) -> list[torch.Tensor]:
        which = questions.index(ASKED[1])
        page, memory = support.encode(model, window(questions))
        spans = model.span_scores(memory, page)
        parts = [spans.start[0, which, :55], spans.end[0, which, :55], spans.band[0, :55][inside]]
        parts += [spans.absent[0, which], spans.compose[0, which]]
        decoded = model.decode(said, None, memory, page.groups, torch.tensor([which + 1]))
        return [*parts, decoded[0], decoded[1][..., :55], decoded[2]]

    with torch.no_grad():
        alone = scores(ASKED[1:2])
        for questions in (ASKED, ASKED[::-1], [ASKED[3], ASKED[1]]):
            for one, packed in zip(alone, scores(questions), strict=True):
                support.close(packed, one, 2e-5)


ROUNDING = 1e-4
"""Sums over another length are rounded otherwise, by up to 5e-5 on processors with AMX; a token
of padding that were seen would change them by 4."""


@every_style
def test_padding_changes_no_scores(size: str, changes: dict[str, int]) -> None:
    model = support.tiny_model(size, **changes)
    short, long = window(ASKED[:1], SHORT), window(ASKED)
    positions = torch.from_numpy(short.word_positions)[None]
    said = torch.randint(0, model.config.vocabulary, (1, 5))
    with torch.no_grad():
        page, memory = support.encode(model, short)
        padded_page, both = support.encode(model, long, short)
        padded_page, padded = second_of(padded_page, both)
        length, page_end = page.input_ids.shape[1], int((page.groups == 0).sum())
        support.close(padded.states[:, : memory.states.shape[1]], memory.states, ROUNDING)
        spans, wide = model.span_scores(memory, page), model.span_scores(padded, padded_page)
        support.close(wide.start[:, :1, :length], spans.start, ROUNDING)
        support.close(wide.end[:, :1, :length], spans.end, ROUNDING)
        support.close(wide.absent[:, :1], spans.absent, ROUNDING)
        assert (wide.start[0, 0, page_end:] < -1000).all(), "padding is never an answer"
        one = model.word_scores(memory, page.boxes, positions)
        other = model.word_scores(padded, padded_page.boxes, positions)
        support.close(other[0], one[0], ROUNDING)
        support.close(other[1], one[1], ROUNDING)
        asked = torch.tensor([1])
        one_step = model.decode(said, None, memory, page.groups, asked)
        other_step = model.decode(said, None, padded, padded_page.groups, asked)
        support.close(other_step[0], one_step[0], ROUNDING)
        support.close(other_step[1][..., :page_end], one_step[1][..., :page_end], ROUNDING)
        assert (other_step[1][..., page_end:] < -1000).all(), "padding is never copied"


@pytest.mark.parametrize("size", ["mini", "small"])
def test_a_decoder_with_cache_equals_one_without(size: str) -> None:
    model = support.tiny_model(size)
    page, memory = support.encode(model, window(ASKED[:3]))
    asked = torch.tensor([1, 2, 3])
    said = torch.randint(0, model.config.vocabulary, (3, 12))
    with torch.no_grad():
        whole = model.decode(said, None, memory, page.groups, asked)
        cache = None
        for n, count in ((0, 1), (1, 1), (2, 3), (5, 1), (6, 6)):  # some steps of several tokens
            *parts, cache = model.decode(said[:, n : n + count], cache, memory, page.groups, asked)
            for part, wanted in zip(parts, whole[:3], strict=True):
                support.close(part, wanted[:, n : n + count], 1e-4)
        support.close(cache, whole[3], 1e-4)


def test_hypotheses_may_change_places_between_steps() -> None:
    model = support.tiny_model()
    page, memory = support.encode(model, window(ASKED[:1]))
    asked, parents = torch.ones(3, dtype=torch.int64), torch.tensor([2, 0, 2])
    said = torch.randint(0, model.config.vocabulary, (3, 4))
    then = torch.randint(0, model.config.vocabulary, (3, 1))
    with torch.no_grad():
        cache = model.decode(said, None, memory, page.groups, asked)[3]
        found = model.decode(then, cache[:, :, parents], memory, page.groups, asked)
        longer = torch.cat([said[parents], then], dim=1)
        wanted = model.decode(longer, None, memory, page.groups, asked)
        support.close(found[0][:, 0], wanted[0][:, -1])
        support.close(found[1][:, 0], wanted[1][:, -1])


def test_later_tokens_do_not_change_earlier_ones() -> None:
    model = support.tiny_model()
    page, memory = support.encode(model, window(ASKED[:1]))
    one = torch.randint(0, model.config.vocabulary, (1, 6))
    other = one.clone()
    other[0, 4:] = (other[0, 4:] + 1) % model.config.vocabulary
    with torch.no_grad():
        asked = torch.tensor([1])
        first = model.decode(one, None, memory, page.groups, asked)[0]
        second = model.decode(other, None, memory, page.groups, asked)[0]
    support.close(first[:, :4], second[:, :4])
    assert (first[:, 4:] - second[:, 4:]).abs().max() > 1e-3


def test_only_the_page_can_be_answered_with() -> None:
    """Neither marks nor questions can be copied or pointed at, save the page's mark by copying."""
    model = support.tiny_model()
    page, memory = support.encode(model, window(ASKED))
    with torch.no_grad():
        spans = model.span_scores(memory, page)
        copied = model.decode(
            torch.zeros(2, 1, dtype=torch.int64), None, memory, page.groups, torch.tensor([1, 4])
        )[1]
    on_page = page.groups[0] == 0
    for scores in (spans.start[0], spans.end[0]):
        assert (scores[:, ~on_page] < -1000).all()
        assert (scores[:, 0] < -1000).all()
        assert (scores[:, on_page][:, 1:] > -1000).all()
    assert (copied[..., ~on_page] < -1000).all()


@pytest.mark.parametrize("what", ["picture", "boxes", "words"])
@pytest.mark.parametrize("size", ["mini", "small"])
def test_questions_see_all_of_the_page(size: str, what: str) -> None:
    model = support.tiny_model(size)
    asked = window(ASKED[:1])
    changed = {
        "picture": replace(asked, picture=255 - asked.picture),
        "boxes": replace(asked, boxes=np.where(asked.boxes > 0, asked.boxes + 40, 0)),
        "words": replace(asked, input_ids=np.where(asked.groups == 0, 90, asked.input_ids)),
    }[what]
    one, other = (support.encode(model, w) for w in (asked, changed))
    states = [gather_states(model.text_states(m), p.question_positions) for p, m in (one, other)]
    assert (states[0] - states[1]).abs().max() > 1e-3


@pytest.mark.parametrize("size", ["mini", "small"])
@pytest.mark.parametrize("least_ink", [0, 4])
def test_a_blank_patch_is_seen_by_nobody(size: str, least_ink: int) -> None:
    """Of a picture that is blank but for specks lighter than counts, specks change nothing."""
    model = support.tiny_model(size, least_ink=least_ink)
    page, _ = support.encode(model, window(["what is the total?"]))
    page.picture[:, :16] = 255
    specked = page._replace(picture=page.picture.clone())
    specked.picture[:, :16, ::3] = 252
    said = torch.tensor([[1, 5]])
    seen = []
    for one in (page, specked):
        with torch.no_grad():
            memory = model.encode(one)
            decoded = model.decode(said, None, memory, one.groups, torch.tensor([1]))
        assert memory.drawn.all() == (least_ink == 0)
        seen.append((model.text_states(memory), decoded[0]))
    for ours, theirs in zip(*seen, strict=True):
        assert torch.equal(ours, theirs) == (least_ink > 0)


def test_without_visual_tokens_the_picture_is_left_out() -> None:
    model = support.tiny_model(visual_tokens=0)
    asked = window(ASKED[:1])
    states = [
        support.encode(model, w)[1].states
        for w in (asked, replace(asked, picture=255 - asked.picture))
    ]
    assert torch.equal(*states)
    assert states[0].shape[1] == len(asked.input_ids)


def test_without_copying_only_the_vocabulary_speaks() -> None:
    model = support.tiny_model(copy=False)
    page, memory = support.encode(model, window(ASKED[:1]))
    with torch.no_grad():
        vocabulary, copied, gate, _ = model.decode(
            torch.zeros(1, 2, dtype=torch.int64), None, memory, page.groups, torch.tensor([1])
        )
    assert vocabulary.shape == (1, 2, model.config.vocabulary)
    assert copied.shape == (1, 2, 0)
    assert torch.sigmoid(gate).eq(1.0).all()


def test_the_pair_head_tells_directions_apart() -> None:
    model = support.tiny_model()
    asked = window([])
    page, memory = support.encode(model, asked)
    positions = torch.from_numpy(asked.word_positions)[None]
    with torch.no_grad():
        tags, relations = model.word_scores(memory, page.boxes, positions)
    words = len(pages.INVOICE)
    assert tags.shape == (1, words, len(model.config.tags))
    assert relations.shape == (1, len(model.config.relations), words, words)
    assert (relations - relations.transpose(2, 3)).abs().max() > 1e-2


@pytest.mark.parametrize("size", ["mini", "small"])
def test_a_new_size_starts_with_finite_scores(size: str) -> None:
    config: ModelConfig = support.tiny_config(size, dropout=0.1)
    model = DocFormerV2(config)
    page, memory = support.encode(model, window(ASKED))
    assert torch.isfinite(memory.states).all()
    assert all(torch.isfinite(s).all() for s in model.span_scores(memory, page))
