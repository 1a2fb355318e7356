"""OCR's words beside the true words of the same page: which letter was read as which.

Words meet by their boxes, so that equal texts in different places are never confused; the letters
of words that meet are then aligned by edit distance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import Word
from docx_models.readings import Place, Reading

_LEAST_HEIGHT_SHARED = 0.5
_LEAST_WIDTH_SHARED = 0.3
# OCR draws boxes around ink, which is lower than the type the page's own boxes are drawn around.
# A higher box reaches over neighbouring lines, and says less than the letters in it.
_HIGHEST = 1.4
_LEAST_ALIKE = 0.5


def align(true: Sequence[Word], read: Sequence[Word]) -> Reading:
    """Find where each character of the true words went.

    Args:
        true: what is printed, with boxes as they lie in the picture that was read.
        read: what OCR made of it.
    """
    places: list[list[Place | None]] = [[None] * len(word.text) for word in true]
    for printed, found in _groups(true, read):
        letters = [(w, c) for w in printed for c in range(len(true[w].text))]
        targets = [(v, d) for v in found for d in range(len(read[v].text))]
        before = "".join(true[w].text for w in printed)
        after = "".join(read[v].text for v in found)
        for i, j in edit_path(before, after):
            word, character = letters[i]
            places[word][character] = targets[j]
    return Reading(tuple(read), tuple(tuple(word) for word in places))


def corners(words: Sequence[Word]) -> NDArray[np.float64]:
    """Return the words' boxes, [N, 4]."""
    return np.array([w.box.as_tuple() for w in words], dtype=np.float64).reshape(-1, 4)


def _groups(true: Sequence[Word], read: Sequence[Word]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield true and read words that lie on each other, both from left to right."""
    ours, theirs = corners(true), corners(read)
    owner = list(range(len(true) + len(read)))

    def root(node: int) -> int:
        while owner[node] != node:
            owner[node] = node = owner[owner[node]]
        return node

    for w, v in np.argwhere(_meeting(ours, theirs)).tolist():
        high = theirs[v, 3] - theirs[v, 1] > _HIGHEST * (ours[w, 3] - ours[w, 1])
        if not high or _alike(true[w].text, read[v].text):
            owner[root(w)] = root(len(true) + v)
    groups: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for w in np.argsort(ours[:, 0] + ours[:, 2], kind="stable"):
        groups[root(int(w))][0].append(int(w))
    for v in np.argsort(theirs[:, 0] + theirs[:, 2], kind="stable"):
        groups[root(len(true) + int(v))][1].append(int(v))
    yield from (group for group in groups.values() if all(group))


def _meeting(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which boxes lie on each other, [true, read]."""
    shared = np.minimum(ours[:, None, 2:], theirs[None, :, 2:]) - np.maximum(
        ours[:, None, :2], theirs[None, :, :2]
    )
    sizes, others = ours[:, 2:] - ours[:, :2], theirs[:, 2:] - theirs[:, :2]
    needed = np.minimum(sizes[:, None], others[None]) * (_LEAST_WIDTH_SHARED, _LEAST_HEIGHT_SHARED)
    return np.asarray((shared > 0).all(axis=2) & (shared >= needed).all(axis=2))


def _alike(one: str, other: str) -> bool:
    same = sum(one[i] == other[j] for i, j in edit_path(one, other))
    return same >= _LEAST_ALIKE * max(len(one), len(other))


def edit_path(before: str, after: str) -> list[tuple[int, int]]:
    """Return the pairs of characters that a cheapest edit matches or substitutes, in order."""
    if before == after:
        return [(i, i) for i in range(len(before))]
    rows, columns = len(before) + 1, len(after) + 1
    cost = [[float(i + j) for j in range(columns)] for i in range(rows)]  # right at the edges
    for i in range(1, rows):
        for j in range(1, columns):
            swap = cost[i - 1][j - 1] + _swap(before[i - 1], after[j - 1])
            cost[i][j] = min(swap, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    path = []
    i, j = rows - 1, columns - 1
    while i and j:
        if cost[i][j] == cost[i - 1][j - 1] + _swap(before[i - 1], after[j - 1]):
            i, j = i - 1, j - 1
            path.append((i, j))
        elif cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return path[::-1]


def _swap(one: str, other: str) -> float:
    """Cost of reading a character as another; case and kinship decide between equal paths."""
    if one == other:
        return 0.0
    return 0.8 if one.lower() == other.lower() or one.isalnum() == other.isalnum() else 1.0
