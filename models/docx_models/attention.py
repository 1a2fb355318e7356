"""Attention for training on a CPU, a few heads at a time.

The scores of a batch, [B, H, S, S], are many times what a core's cache holds, and each pass over
them (bias, softmax, products) goes to memory. Taken by page and a few heads they stay in the
cache; only the probabilities, which the way back needs, are written out. Results are those of the
plain formula.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

HEADS = 2
"""Heads at a time: two take half the time of all twelve (`[8, 12, 750, 750]`, 2 cores)."""


class BlockwiseAttention(torch.autograd.Function):
    """softmax(Q K^T + bias) V for queries and keys [B, H, N or S, E] and values [B, H, S, D].

    The bias, [B, 1, N, S], is a mask: no gradient comes back for it.
    """

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        """Return what the values come to, [B, H, N, D]."""
        pages, heads, length, _ = queries.shape
        mixed = values.new_empty(pages, heads, length, values.shape[-1])
        shares = queries.new_empty(pages, heads, length, keys.shape[2])
        for page, some in _blocks(pages, heads):
            q, k, v = queries[page, some], keys[page, some], values[page, some]
            scores = torch.baddbmm(bias[page].expand(len(q), -1, -1), q, k.transpose(1, 2))
            torch.softmax(scores, -1, out=shares[page, some])
            torch.bmm(shares[page, some], v, out=mixed[page, some])
        ctx.save_for_backward(queries, keys, values, shares)
        return mixed

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of queries, keys and values."""
        queries, keys, values, shares = ctx.saved_tensors
        (mixed,) = gradients
        out = tuple(torch.empty_like(x) for x in (queries, keys, values))
        for page, some in _blocks(*queries.shape[:2]):
            share, back = shares[page, some], mixed[page, some]
            torch.bmm(share.transpose(1, 2), back, out=out[2][page, some])
            towards = torch.bmm(back, values[page, some].transpose(1, 2))
            scores = torch._softmax_backward_data(towards, share, -1, share.dtype)
            torch.bmm(scores, keys[page, some], out=out[0][page, some])
            torch.bmm(scores.transpose(1, 2), queries[page, some], out=out[1][page, some])
        return (*out, None)


def _blocks(pages: int, heads: int) -> list[tuple[int, slice]]:
    return [(b, slice(h, h + HEADS)) for b in range(pages) for h in range(0, heads, HEADS)]
