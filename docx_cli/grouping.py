"""Grouping words or cells by pairwise probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sigmoid(x: NDArray[np.floating]) -> Floats:
    """The logistic function, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x.astype(np.float64))))


def symmetric(matrix: Floats) -> Floats:
    """Mean of both directions of a pairwise probability, [N, N]."""
    return (matrix + matrix.T) / 2


def cluster(similarity: Floats, threshold: float = 0.5) -> list[list[int]]:
    """Average-linkage clustering: join while two groups' mean similarity exceeds the threshold.

    Unlike connected components, one wrong pair does not join two groups.

    Args:
        similarity: symmetric, [N, N].
        threshold: mean similarity needed.

    Returns:
        Groups of indices, each sorted, in order of their first member.
    """
    count = len(similarity)
    groups: list[list[int]] = [[i] for i in range(count)]
    if count < 2:
        return groups
    sums = similarity.astype(np.float64).copy()
    sizes = np.ones(count)
    mean = sums.copy()
    np.fill_diagonal(mean, -1.0)
    while True:
        i, j = divmod(int(mean.argmax()), count)
        if mean[i, j] <= threshold:
            break
        groups[i] += groups[j]
        groups[j] = []
        sums[i] += sums[j]
        sums[:, i] += sums[:, j]
        sizes[i] += sizes[j]
        mean[j], mean[:, j], sizes[j] = -1.0, -1.0, 0.0
        alive = sizes > 0
        alive[i] = False
        fresh = np.full(count, -1.0)
        fresh[alive] = sums[i, alive] / (sizes[i] * sizes[alive])
        mean[i], mean[:, i] = fresh, fresh
    return sorted((sorted(g) for g in groups if g), key=lambda g: g[0])


def components(linked: NDArray[np.bool_]) -> list[list[int]]:
    """Connected components of a symmetric relation [N, N]; groups in order of first member."""
    near: list[list[int]] = [[] for _ in linked]
    for one, other in np.argwhere(linked).tolist():
        near[one].append(other)
    out: list[list[int]] = []
    seen: set[int] = set()
    for first in range(len(near)):
        if first in seen:
            continue
        group, pending = {first}, [first]
        while pending:
            fresh = set(near[pending.pop()]) - group
            group |= fresh
            pending += fresh
        seen |= group
        out.append(sorted(group))
    return out


def block_mean(matrix: Floats, rows: list[list[int]], columns: list[list[int]]) -> Floats:
    """Mean of a matrix over each pair of groups, [len(rows), len(columns)]."""

    def spread(groups: list[list[int]], width: int) -> Floats:
        out = np.zeros((len(groups), width))
        for g, members in enumerate(groups):
            out[g, members] = 1.0 / len(members)
        return out

    left = spread(rows, matrix.shape[0])
    return np.asarray(left @ matrix @ spread(columns, matrix.shape[1]).T)
