"""Rounds a weight matrix to eight bits so that what it is multiplied with hardly notices."""

from __future__ import annotations

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


def rounded(weight: Floats, seen: Seen | None = None) -> Rounded:
    """Round a matrix [K, N], to the nearest integers or, if its inputs are known, with care.

    Care means two things. A few input channels of a trained transformer are ten times as loud as
    the others and spoil the scale of all; they are turned down, and their weights up (Xiao et al.,
    SmoothQuant, arXiv 2211.10438). And the error of each row of weights is made good by the rows
    that are not rounded yet (Frantar et al., GPTQ, arXiv 2210.17323).
    """
    if seen is None:
        scale = _scale(weight)
        return Rounded(np.rint(weight / scale).astype(np.int8), scale, None)
    loud = np.maximum(seen.largest, 1e-6) ** MIGRATION
    loud /= np.maximum(np.abs(weight).max(axis=1), 1e-6) ** (1 - MIGRATION)
    balance = (1 / np.maximum(loud / np.median(loud), QUIETEST)).astype(np.float32)
    products = seen.products * np.outer(balance, balance)
    turned_up: Floats = weight / balance[:, None]
    scale = _scale(turned_up)
    return Rounded(_with_feedback(turned_up / scale, products), scale, balance)


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
