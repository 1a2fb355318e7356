"""Rounds a weight matrix to eight bits so that what it is multiplied with hardly notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LARGEST = 127
"""Largest integer; the range is symmetric, so that zero points are zero."""

MIGRATION = 0.5
"""How much of a loud input channel moves to its weights: 0 none, 1 all of it."""

QUIETEST = 0.5
"""No channel is amplified beyond this share of the median: samples may have missed it."""

DAMPING = 0.01
"""Added to the diagonal of the inputs' products, as a share of its mean."""

BLOCK = 64
"""Rows whose errors are handed on together; it changes the speed, not the result."""


@dataclass(frozen=True)
class Seen:
    """What a weight matrix [K, N] was multiplied with, over all rows x [K] of the samples."""

    products: NDArray[np.float64]  # [K, K], the sum of x xᵀ
    largest: Floats  # [K], the largest |x|


@dataclass(frozen=True)
class Rounded:
    """A matrix as balance[:, None] * integers * scale."""

    integers: NDArray[np.int8]  # [K, N]
    scale: Floats  # [N]
    balance: Floats | None  # [K], to multiply the input with; None for ones


def rounded(weights: Sequence[Floats], seen: Seen | None = None) -> list[Rounded]:
    """Round matrices [K, N] that are multiplied with the same input.

    They are rounded to the nearest integers or, if their input is known, with care. Care means two
    things. A few input channels of a trained transformer are ten times as loud as the others and
    spoil the scale of all; they are turned down, and their weights up (Xiao et al., SmoothQuant,
    arXiv 2211.10438). And the error of each row of weights is made good by the rows that are not
    rounded yet (Frantar et al., GPTQ, arXiv 2210.17323).
    """
    if seen is None:
        scales = [_scale(weight) for weight in weights]
        nearest = [np.rint(w / s).astype(np.int8) for w, s in zip(weights, scales, strict=True)]
        return [Rounded(i, s, None) for i, s in zip(nearest, scales, strict=True)]
    most = np.max([np.abs(weight).max(axis=1) for weight in weights], axis=0)
    loud = np.maximum(seen.largest, 1e-6) ** MIGRATION / np.maximum(most, 1e-6) ** (1 - MIGRATION)
    balance = (1 / np.maximum(loud / np.median(loud), QUIETEST)).astype(np.float32)
    products = seen.products * np.outer(balance, balance)
    turned_up = [weight / balance[:, None] for weight in weights]
    scales = [_scale(weight) for weight in turned_up]
    scaled = np.hstack([w / s for w, s in zip(turned_up, scales, strict=True)])
    integers = _with_feedback(scaled, products)
    cuts = np.cumsum([weight.shape[1] for weight in weights])[:-1]
    whole = zip(np.split(integers, cuts, axis=1), scales, strict=True)
    return [Rounded(np.ascontiguousarray(i), s, balance) for i, s in whole]


def _scale(weight: Floats) -> Floats:
    largest = np.abs(weight).max(axis=0)
    scale: Floats = (np.maximum(largest, 1e-12) / LARGEST).astype(np.float32)
    return scale


def _with_feedback(weight: Floats, products: NDArray[np.float64]) -> NDArray[np.int8]:
    """Round the rows of a scaled matrix, the loudest input first, and hand their errors on."""
    order = np.argsort(-np.diag(products), kind="stable")
    damped = products[np.ix_(order, order)]
    damped += (DAMPING * np.trace(damped) / len(damped) + 1e-12) * np.eye(len(damped))
    hand_on = np.linalg.cholesky(np.linalg.inv(damped)).T  # upper triangle
    rest = weight[order].astype(np.float64)
    integers = np.empty(weight.shape, dtype=np.int8)
    for begin in range(0, len(rest), BLOCK):
        end = min(begin + BLOCK, len(rest))
        errors = np.empty_like(rest[begin:end])
        for row in range(begin, end):
            nearest = np.clip(np.rint(rest[row]), -LARGEST, LARGEST)
            integers[order[row]] = nearest
            errors[row - begin] = (rest[row] - nearest) / hand_on[row, row]
            rest[row + 1 : end] -= np.outer(hand_on[row, row + 1 : end], errors[row - begin])
        rest[end:] -= hand_on[begin:end, end:].T @ errors
    return integers
