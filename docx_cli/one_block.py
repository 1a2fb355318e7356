"""Answers of several lines: what stands beside them in another column is no part of them.

A span is a run of words in row order, so one over several rows takes along what stands in between
in other columns. Where its lines begin at one edge, the words that white divides from them go.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from docx_cli.document import Word
from docx_cli.encode import text_rows

_GAP = 3.0
"""White that divides columns, in widths of a letter: some five spaces."""
_ALIGNED = 1.5
"""How far apart the beginnings of a block's lines may lie, in widths of a letter."""


def in_one_block(words: Sequence[Word]) -> list[int]:
    """Choose those of an answer's words that stand in one block of lines.

    Args:
        words: of a page, in row order.

    Returns:
        Indices of the words to keep; all of them, unless the first and the last one belong to
        lines that begin below one another and something else stands beside these.
    """
    rows = text_rows(words)
    everything = list(range(len(words)))
    if len(rows) < 2:
        return everything
    letter = median((w.box.x1 - w.box.x0) / max(len(w.text), 1) for w in words)
    lines = [_divided(words, row, _GAP * letter) for row in rows]
    first = next((line for line in lines[0] if 0 in line), None)
    if first is None or all(len(row) == 1 for row in lines):
        return everything
    edge = words[first[0]].box.x0
    block = [
        line
        for row in lines
        for line in row
        if abs(words[line[0]].box.x0 - edge) <= _ALIGNED * letter
    ]
    kept = sorted(i for line in block for i in line)
    return kept if len(words) - 1 in kept else everything


def _divided(words: Sequence[Word], row: Sequence[int], gap: float) -> list[list[int]]:
    """Divide a row where white is wider than `gap`."""
    lines = [[row[0]]]
    for before, here in pairwise(row):
        if words[here].box.x0 - words[before].box.x1 > gap:
            lines.append([])
        lines[-1].append(here)
    return lines
