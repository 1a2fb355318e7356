"""Attention by blocks against the formula, forwards and backwards."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from docx_models.attention import HEADS, BlockwiseAttention

PAGES, ASKING, SEEN, WIDE, NARROW = 2, 5, 7, 8, 4


def plain(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    return (queries @ keys.transpose(2, 3) + bias).softmax(-1) @ values


def inputs(heads: int) -> list[Tensor]:
    torch.manual_seed(heads)
    shapes = ((ASKING, WIDE), (SEEN, WIDE), (SEEN, NARROW))
    return [torch.randn(PAGES, heads, *s, dtype=torch.float64, requires_grad=True) for s in shapes]


@pytest.mark.parametrize("heads", [1, HEADS, 2 * HEADS + 1])
def test_blocks_give_the_formula_and_its_gradients(heads: int) -> None:
    bias = torch.zeros(PAGES, 1, ASKING, SEEN, dtype=torch.float64)
    bias[0, :, :, -2:] = -30_000.0
    found, wanted = inputs(heads), inputs(heads)
    weights = torch.randn(PAGES, heads, ASKING, NARROW, dtype=torch.float64)
    mixed = BlockwiseAttention.apply(*found, bias)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(mixed, plain(*wanted, bias))
    (mixed * weights).sum().backward()
    (plain(*wanted, bias) * weights).sum().backward()
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a.grad, b.grad)
    assert not found[1].grad[0, :, -2:].any(), "what is masked takes no part"
