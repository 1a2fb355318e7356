"""What was read where something else is printed, and labels carried from the one to the other.

A page's labels point at its true words, character by character. OCR, or a model of it, misreads
characters, splits and joins words, loses some and sees others in specks of dirt. A `Reading` says
where each true character went; `carry` moves the labels there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docx_cli.document import Word
from docx_models.records import GoldQuestion, PageRecord, Piece

Place = tuple[int, int]
"""A word that was read, and a character of it."""

# Below these an answer is a different one from what is printed, and nobody should learn it.
_LEAST_KEPT = 0.75
_LEAST_RIGHT = 0.5
_LEAST_SEEN_TO_JUDGE = 0.9


@dataclass(frozen=True, slots=True)
class Reading:
    """The words read on a page; `places[w][c]` is where true character c of word w went."""

    words: tuple[Word, ...]
    places: tuple[tuple[Place | None, ...], ...]

    def share_seen(self) -> float:
        """Return the share of true words of which anything was read; 1 for an empty page."""
        seen = [any(places) for places in self.places]
        return sum(seen) / len(seen) if seen else 1.0


def carry(record: PageRecord, reading: Reading) -> PageRecord:
    """Return the page as it was read, its labels moved to the words that were read.

    A question whose answer was not read, or hardly, is dropped: the page holds it, so it is not
    absent, but nothing can be pointed at. So are counts and judgements where much was not seen.
    Answers become what their words say.
    """
    much_seen = reading.share_seen() >= _LEAST_SEEN_TO_JUDGE
    moved = _moved_words(reading) if record.segments or record.tables else {}
    kept: dict[int, int] = {}
    segments: list[dict[str, Any]] = []
    for number, segment in enumerate(record.segments or ()):
        if words := _together(segment["words"], moved):
            kept[number] = len(segments)
            segments.append(segment | {"words": words})
    asked = (_question(question, record.words, reading) for question in record.questions)
    return replace(
        record,
        words=reading.words,
        questions=tuple(q for q in asked if q and (q.kind != "text" or much_seen)),
        segments=None if record.segments is None else tuple(segments),
        links=tuple((kept[a], kept[b]) for a, b in record.links if a in kept and b in kept),
        tables=tuple(_table(table, moved) for table in record.tables),
    )


def _moved_words(reading: Reading) -> dict[int, list[int]]:
    """For each true word the words read in its place; each belongs to its largest part."""
    shares = Counter(
        (place[0], word) for word, places in enumerate(reading.places) for place in places if place
    )
    largest: dict[int, tuple[int, int]] = {}
    for (read, word), share in shares.items():
        largest[read] = max(largest.get(read, (0, 0)), (share, -word))
    moved: dict[int, list[int]] = defaultdict(list)
    for read in sorted(largest):
        moved[-largest[read][1]].append(read)
    return moved


def _together(words: Iterable[int], moved: dict[int, list[int]]) -> list[int]:
    return list(dict.fromkeys(read for word in words for read in moved.get(word, ())))


def _table(table: dict[str, Any], moved: dict[int, list[int]]) -> dict[str, Any]:
    """Cells stay even where nothing was read in them: they keep the grid whole."""
    cells = [cell | {"words": _together(cell["words"], moved)} for cell in table["cells"]]
    return table | {"cells": cells}


def _question(
    question: GoldQuestion, words: Sequence[Word], reading: Reading
) -> GoldQuestion | None:
    """Move a question's answer; None if it was not read."""
    if question.kind != "extract":
        return question
    moved = (_pieces(pieces, words, reading) for pieces in question.occurrences)
    occurrences = tuple(pieces for pieces in moved if pieces)
    if not occurrences:
        return None
    answer = " ".join(reading.words[w].text[a:b] for w, a, b in occurrences[0])
    return replace(question, answer=answer, occurrences=occurrences)


def _pieces(
    pieces: Sequence[Piece], words: Sequence[Word], reading: Reading
) -> tuple[Piece, ...] | None:
    """Move one place of an answer; None if too little of it was read, or read right."""
    found: dict[int, tuple[int, int]] = {}
    total = kept = right = 0
    for word, start, end in pieces:
        for character in range(start, end):
            total += 1
            if place := reading.places[word][character]:
                read, at = place
                first, last = found.get(read, (at, at + 1))
                found[read] = (min(first, at), max(last, at + 1))
                kept += 1
                right += words[word].text[character] == reading.words[read].text[at]
    if kept < _LEAST_KEPT * total or right < _LEAST_RIGHT * total:
        return None
    return tuple((read, first, last) for read, (first, last) in found.items())
