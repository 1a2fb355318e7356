"""Attention that looks by place: what a shift of the page may change, and how it starts."""

from __future__ import annotations

from dataclasses import replace

import pytest
import small_pages as pages
import support
import torch
from torch import Tensor

from docx_models.docformerv2 import Attention, DocFormerV2, Waves

CONFIG = support.tiny_config(spatial_waves=4)
WORDS = torch.tensor([[[100, 200, 180, 220], [300, 200, 340, 220], [100, 400, 150, 425]]])
NOWHERE = torch.zeros(1, 1, 4, dtype=torch.int64)


def looks() -> Attention:
    """An attention whose waves matter."""
    torch.manual_seed(4)
    attention = Attention(CONFIG, bert=True, waves=CONFIG.spatial_waves)
    assert attention.waves is not None
    torch.nn.init.normal_(attention.waves.weight)
    return attention


def scores(attention: Attention, states: Tensor, boxes: Tensor) -> Tensor:
    """What places add to the scores of queries for keys, [B, H, S, S]."""
    places = Waves(CONFIG)(boxes)
    with torch.no_grad():
        return attention.looking(states, places) @ places.seen.transpose(2, 3)


def test_words_look_by_distance_alone() -> None:
    attention, states = looks(), torch.randn(1, 3, CONFIG.width)
    here, there = (scores(attention, states, WORDS + shift) for shift in (0, 137))
    support.close(there, here, 1e-3)
    closer = WORDS.clone()
    closer[0, 1] -= 20
    assert (scores(attention, states, closer) - here).abs().max() > 0.1


def test_a_place_read_can_be_looked_for() -> None:
    """What a word's embedding says of its place is what a look at that place takes."""
    waves, boxes = Waves(CONFIG), torch.cat([WORDS, NOWHERE], dim=1)
    torch.nn.init.eye_(waves.embedding.weight)
    said = waves.embed(waves(boxes))[0, :, : 4 * CONFIG.spatial_waves]
    assert not said[3].any(), "what stands nowhere says nothing of a place"
    likeness = said[:3] @ waves(boxes).seen[0, 0, :3].T
    assert (likeness.argmax(dim=1) == torch.arange(3)).all()


def test_questions_look_at_places_and_are_not_looked_at() -> None:
    attention, states = looks(), torch.randn(1, 4, CONFIG.width)
    boxes = torch.cat([WORDS, NOWHERE], dim=1)
    moved = torch.cat([WORDS + 137, NOWHERE], dim=1)
    here, there = scores(attention, states, boxes), scores(attention, states, moved)
    assert (here[..., 3, :3] - there[..., 3, :3]).abs().max() > 0.1
    assert not here[..., 3].any()


@pytest.mark.parametrize("size", ["mini", "small"])
def test_new_waves_change_nothing(size: str) -> None:
    """So that trained weights can be given waves."""
    plain = support.tiny_model(size, spatial_waves=0)
    waving = DocFormerV2(replace(plain.config, spatial_waves=4)).eval()
    new = waving.load_state_dict(plain.state_dict(), strict=False).missing_keys
    assert all("waves." in name for name in new)
    assert len(new) == 1 + 2 * plain.config.encoder_layers
    ((window,),) = pages.encoding().encode(pages.INVOICE, ["what is the total?"])
    support.close(support.encode(waving, window)[1].states, support.encode(plain, window)[1].states)
