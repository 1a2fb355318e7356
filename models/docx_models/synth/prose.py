"""Real paragraphs with answers inside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from docx_models.synth.draft import Draft, Run, quote

Spans = list[tuple[int, int]]


def states(text: str, answer: str) -> bool:
    """Say whether `answer` stands in `text`, whole words, letters of any size."""
    return bool(occurrences(text, answer))


def occurrences(text: str, answer: str) -> Spans:
    """Return where `answer` stands in `text`: start and end characters, whole words only."""
    bare = " ".join(answer.split()).rstrip(" .,;")
    if not bare:
        return []
    pattern = r"(?<!\w)" + re.escape(bare).replace(r"\ ", r"\s+") + r"(?!\w)"
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]


def paragraph(
    d: Draft, text: str, answers: Sequence[str], most: int = 3
) -> tuple[str, list[tuple[tuple[Run, ...], ...]]]:
    """Set a paragraph; return it and, for each answer, the runs of its places.

    An answer that stands there more than `most` times, or not at all, has none.
    """
    text = " ".join(text.split())
    found = [occurrences(text, answer) for answer in answers]
    found = [spans if len(spans) <= most else [] for spans in found]
    cuts = sorted({0, len(text), *(edge for spans in found for span in spans for edge in span)})
    covered = [span for spans in found for span in spans]
    parts: list[str] = []
    runs: dict[int, Run] = {}
    for start, end in pairwise(cuts):
        piece = text[start:end]
        if not piece.strip() or not any(a <= start and end <= b for a, b in covered):
            parts.append(f"[#{quote(piece)}]")
            continue
        lead, tail = len(piece) - len(piece.lstrip()), len(piece.rstrip())
        runs[start] = d.run(piece)
        parts += [f"[#{quote(piece[:lead])}]"] * bool(lead)
        parts.append(str(runs[start]))
        parts += [f"[#{quote(piece[tail:])}]"] * (tail < len(piece))
    places = [
        tuple(tuple(run for at, run in runs.items() if a <= at < b) for a, b in spans)
        for spans in found
    ]
    return f"par({' + '.join(parts) or '[]'})", places
