"""The text path against transformers' T5 with the same random weights."""

from __future__ import annotations

import re

import pytest
import support
import torch
from torch import Tensor
from transformers import T5Config, T5ForConditionalGeneration

from docx_cli.config import ModelConfig
from docx_models.docformerv2 import DocFormerV2, PageInputs, bucket

LENGTHS = (40, 27)
"""Subwords of the two pages; further apart than the last exact bucket, the second one padded."""

RENAMED = (
    (r"shared\.", "encoder.tokens."),
    (r"block\.0\.layer\.0\.SelfAttention\.relative_attention_bias\.", "relative.table."),
    (r"coder\.final_layer_norm\.", "coder.norm."),
    (r"coder\.block\.(\d+)\.", r"coder.layers.\1."),
    (r"layer\.\d\.SelfAttention\.", "attention."),
    (r"layer\.1\.EncDecAttention\.", "cross."),
    (r"layer\.\d\.DenseReluDense\.wi_0\.", "feed_forward.gate."),
    (r"layer\.\d\.DenseReluDense\.wi_1\.", "feed_forward.up."),
    (r"layer\.\d\.DenseReluDense\.wo\.", "feed_forward.down."),
    (r"layer\.0\.layer_norm\.", "norm1."),
    (r"layer\.1\.layer_norm\.", "norm2."),
    (r"layer\.2\.layer_norm\.", "norm3."),
)  # fmt: skip
"""transformers' parameter names -> ours."""


def trusted_model(config: ModelConfig) -> T5ForConditionalGeneration:
    """A T5 v1.1 of transformers with tied embeddings, every weight random."""
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=config.vocabulary,
            d_model=config.width,
            d_kv=config.head_width,
            d_ff=config.feed_forward,
            num_layers=config.encoder_layers,
            num_decoder_layers=config.decoder_layers,
            num_heads=config.heads,
            relative_attention_num_buckets=config.relative_buckets,
            relative_attention_max_distance=config.relative_distance,
            feed_forward_proj="gated-gelu",
            tie_word_embeddings=True,
            dropout_rate=0.0,
            decoder_start_token_id=0,
        )
    ).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(1.0 if "norm" in name else 0.0, 0.3)
    return model


def copied(config: ModelConfig, trusted: T5ForConditionalGeneration) -> DocFormerV2:
    """Our model with the trusted one's weights; what T5 lacks is zero."""
    model = DocFormerV2(config).eval()
    renamed = {}
    for name, weight in trusted.named_parameters():
        ours = name
        for pattern, replacement in RENAMED:
            ours = re.sub(pattern, replacement, ours)
        renamed[ours] = weight
    lacking, unknown = model.load_state_dict(renamed, strict=False)
    assert not unknown
    heads = ("spans.", "tags.", "pairs.", "lines.", "grid.")
    extra = [n for n in lacking if not n.startswith(heads)]
    assert all(n.startswith(("encoder.spatial_text.", "encoder.modality.")) for n in extra)
    with torch.no_grad():
        for name in extra:
            model.get_parameter(name).zero_()
    return model


@pytest.fixture
def pair() -> tuple[T5ForConditionalGeneration, DocFormerV2]:
    config = support.tiny_config("small", visual_tokens=0, copy=False, feed_forward=48)
    trusted = trusted_model(config)
    return trusted, copied(config, trusted)


def pages(vocabulary: int) -> tuple[PageInputs, Tensor]:
    """Two pages of random subwords without questions, and transformers' mask of them."""
    longest = max(LENGTHS)
    mask = torch.arange(longest) < torch.tensor(LENGTHS).unsqueeze(1)
    ids = torch.randint(1, vocabulary, (2, longest)) * mask
    page = PageInputs(
        input_ids=ids,
        boxes=torch.randint(0, 1001, (2, longest, 4)),
        positions=torch.arange(longest) * mask,
        groups=torch.where(mask, 0, -1),
        picture=torch.zeros(2, 32, 16, dtype=torch.uint8),
        question_positions=torch.zeros(2, 0, dtype=torch.int64),
    )
    return page, mask.long()


@torch.no_grad()
def test_encoder_states_agree(pair: tuple[T5ForConditionalGeneration, DocFormerV2]) -> None:
    trusted, ours = pair
    page, mask = pages(ours.config.vocabulary)
    wanted = trusted.encoder(input_ids=page.input_ids, attention_mask=mask).last_hidden_state
    found = ours.encode(page).states
    support.close(found[mask.bool()], wanted[mask.bool()], 1e-4)


@torch.no_grad()
def test_decoder_logits_agree(pair: tuple[T5ForConditionalGeneration, DocFormerV2]) -> None:
    trusted, ours = pair
    page, mask = pages(ours.config.vocabulary)
    said = torch.randint(0, ours.config.vocabulary, (2, 24))
    wanted = trusted(input_ids=page.input_ids, attention_mask=mask, decoder_input_ids=said).logits
    nothing_asked = torch.zeros(2, dtype=torch.int64)
    found = ours.decode(said, None, ours.encode(page), page.groups, nothing_asked)[0]
    assert wanted.std() > 0.1, "logits that are all alike would prove nothing"
    support.close(found, wanted, 1e-4)


@torch.no_grad()
def test_decoder_agrees_step_by_step_with_its_cache(
    pair: tuple[T5ForConditionalGeneration, DocFormerV2],
) -> None:
    trusted, ours = pair
    page, mask = pages(ours.config.vocabulary)
    said = torch.randint(0, ours.config.vocabulary, (2, 20))
    wanted = trusted(input_ids=page.input_ids, attention_mask=mask, decoder_input_ids=said).logits
    memory, cache = ours.encode(page), None
    nothing_asked = torch.zeros(2, dtype=torch.int64)
    for n in range(said.shape[1]):
        logits, _, _, cache = ours.decode(
            said[:, n : n + 1], cache, memory, page.groups, nothing_asked
        )
        support.close(logits[:, 0], wanted[:, n], 1e-4)


@pytest.mark.parametrize("two_sided", [True, False])
def test_buckets_of_relative_positions_are_t5s(two_sided: bool) -> None:
    from transformers.models.t5.modeling_t5 import T5Attention

    distance = torch.arange(-300, 301)
    wanted = T5Attention._relative_position_bucket(
        distance, bidirectional=two_sided, num_buckets=32, max_distance=128
    )
    assert torch.equal(bucket(distance, 32, 128, two_sided), wanted)
