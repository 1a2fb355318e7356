"""Real documents as page records to train on.

The documents are read by the runtime's own reader, so that words are those it will meet; their
values are located among the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from docx_cli.document import Box, Page, Word
from docx_cli.encode import row_order
from docx_cli.errors import DocxError
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.source import load
from docx_cli.tilt import Tilt
from docx_models import misread, values, weak_labels
from docx_models.loaders import Asked, Labelled, open_set
from docx_models.metrics import anls
from docx_models.records import Piece, encode_picture
from docx_models.structure import Alignment, GoldPage, GoldTable


def records(
    folder: Path,
    split: str,
    options: ReadOptions,
    pages: int | None = None,
    tally: Counter[str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Read a set's documents page by page as records; bad documents are passed over.

    Args:
        folder: the set.
        split: train or dev.
        options: how to read; `picture_size` should be the model's.
        pages: read at most so many pages of a document.
        tally: counts documents, unreadable ones, labels, and labels whose place is known.
    """

    def read(file: Path) -> list[PageContent]:
        return list(_first(read_pages(load(file), options), pages))

    yield from records_of(open_set(folder, split), folder.name, read, tally)


def records_of(
    documents: Iterable[Labelled],
    family: str,
    read: Callable[[Path], Sequence[PageContent]],
    tally: Counter[str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Make records of documents page by page; bad documents are passed over.

    Args:
        documents: with their labels.
        family: of the records.
        read: gives a file's pages.
        tally: as in `records`.
    """
    tally = Counter() if tally is None else tally
    for document in documents:
        tally["documents"] += 1
        try:
            contents = read(document.file)
        except DocxError:
            tally["unreadable"] += 1
            continue
        pages = [content.upright for content in contents]
        tilts = {c.page.number: c.tilt for c in contents if c.tilt is not None}
        asked = [_checked(_upright(one, tilts), pages) for one in document.asked]
        found = [_locate(page, asked) for page in pages]
        _locate_misread(pages, asked, found)
        somewhere = {name for page in found for name in page}
        tally["labels"] += sum(bool(one.answers) for one in asked)
        tally["located"] += len({name for page in found for name, places in page.items() if places})
        for content, occurrences in zip(contents, found, strict=True):
            if content.page.words:
                questions = _questions(asked, occurrences, somewhere)
                name = f"{document.id}-{content.page.number}"
                gold = next((p for p in document.pages if p.number == content.page.number), None)
                yield {
                    **_record(name, family, content, questions),
                    **_structure(content.page.words, gold),
                }


def _first(contents: Iterator[PageContent], pages: int | None) -> Iterator[PageContent]:
    for count, content in enumerate(contents, 1):
        yield content
        if count == pages:
            return


def _upright(asked: Asked, tilts: Mapping[int, Tilt]) -> Asked:
    """Move a value's places, which are those of the pages as given, to pages that are turned."""
    if asked.places is None:
        return asked
    places = tuple((n, tilts[n].upright(box) if n in tilts else box) for n, box in asked.places)
    return replace(asked, places=places)


def _checked(asked: Asked, pages: Sequence[Page]) -> Asked:
    """Forget the places of a value none of which says anything like it.

    Whoever corrects a text leaves the box of the wrong one as it is.
    """
    for number, box in asked.places or ():
        for page in pages:
            if page.number == number:
                inside = [w for w in page.words if box.contains(*w.box.center)]
                text, _ = page_text(inside)
                kind = asked.field.kind
                if any(anls(text, [a]) or any(values.find(kind, a, text)) for a in asked.answers):
                    return asked
    return replace(asked, places=None)


def _locate(page: Page, asked: Sequence[Asked]) -> dict[str, list[list[Piece]]]:
    """Find the places of each gold value on a page; none where they stay ambiguous."""
    text, places = page_text(page.words)
    found = {}
    marked: dict[str, list[list[Piece]]] = {}
    for one in asked:
        name, kind = one.field.name, one.field.kind
        if one.places is not None:
            boxes = [box for number, box in one.places if number == page.number]
            here = [p for box in boxes if (p := _pieces_inside(page.words, box, one))]
            marked |= {name: here} if here else {}
            continue
        ranges = sorted({r for answer in one.answers for r in values.find(kind, answer, text)})
        if ranges:
            found[name] = ranges
    narrowed = {
        name: [pieces(places, start, end) for start, end in ranges]
        for name, ranges in weak_labels.narrow(found, text).items()
    }
    return narrowed | marked


def _locate_misread(
    pages: Sequence[Page], asked: Sequence[Asked], found: Sequence[dict[str, list[list[Piece]]]]
) -> None:
    """Add texts that stand on no page letter by letter, where one is likest to them."""
    texts = [page_text(page.words) for page in pages]
    for one in asked:
        if one.field.kind == "text" and not any(one.field.name in page for page in found):
            likely = [
                (match, number)
                for number, (text, _) in enumerate(texts)
                for answer in one.answers
                if (match := misread.find(answer, text))
            ]
            if likely:
                match, number = min(likely)
                places = texts[number][1]
                found[number][one.field.name] = [pieces(places, match.start, match.end)]


def _pieces_inside(words: Sequence[Word], box: Box, asked: Asked) -> list[Piece]:
    """Pieces of the words in a box that spell the value; the whole words if none does."""
    inside = [i for i in row_order(words) if box.contains(*words[i].box.center)]
    text, places = page_text([words[i] for i in inside])
    spans = [r for a in asked.answers for r in values.find(asked.field.kind, a, text)]
    start, end = spans[0] if spans else (0, len(text))
    return [(inside[word], a, b) for word, a, b in pieces(places, start, end)]


def _questions(
    asked: Sequence[Asked],
    occurrences: dict[str, list[list[Piece]]],
    somewhere: set[str],
) -> list[dict[str, Any]]:
    """Questions of one page; a value that stands only on other pages is absent here."""
    out = []
    for one in asked:
        field = one.field
        if one.answers and field.name not in somewhere:
            continue  # not located at all: the label or the words are wrong
        here = occurrences.get(field.name)
        if here == []:
            continue  # it stands here, but which place is meant cannot be told
        for wording in (field.question, *field.wordings):
            out.append(
                {
                    "question": wording,
                    "field": field.name,
                    "kind": "extract" if here else "absent",
                    "answer": one.answers[0] if here else "",
                    "occurrences": here or [],
                }
            )
    return out


def page_text(words: Sequence[Word]) -> tuple[str, list[tuple[int, int]]]:
    """Join words in row order; also give each character's word and place in it (-1: a space)."""
    text, places = [], []
    for i in row_order(words):
        text.append(words[i].text + " ")
        places += [(i, c) for c in range(len(words[i].text))] + [(-1, 0)]
    return "".join(text), places


def pieces(places: Sequence[tuple[int, int]], start: int, end: int) -> list[Piece]:
    """Turn a character range of `page_text` into pieces of words."""
    out: list[Piece] = []
    for word, character in places[start:end]:
        if word < 0:
            continue
        if out and out[-1][0] == word:
            out[-1] = (word, out[-1][1], character + 1)
        else:
            out.append((word, character, character + 1))
    return out


def _record(
    name: str, family: str, content: PageContent, questions: list[dict[str, Any]]
) -> dict[str, Any]:
    page = content.upright
    return {
        "id": name,
        "family": family,
        "width": page.width,
        "height": page.height,
        "words": [[w.text, *w.box.rounded()] for w in page.words],
        "picture": None if content.picture is None else encode_picture(content.picture),
        "questions": questions,
    }


def _structure(words: Sequence[Word], gold: GoldPage | None) -> dict[str, Any]:
    """Put a page's labelled structure on its words as they were read.

    Only where both key-values and tables are labelled: the words of unlabelled ones would be
    taught as other text.
    """
    if gold is None or gold.entities is None or gold.tables is None:
        return {"segments": None, "links": [], "tables": []}
    aligned = Alignment(words)
    held = [sorted(i for i in aligned.ids(e.words) if i >= 0) for e in gold.entities]
    kept = {number: place for place, number in enumerate(n for n, h in enumerate(held) if h)}
    return {
        "segments": [{"label": gold.entities[n].label, "words": held[n]} for n in kept],
        "links": [[kept[a], kept[b]] for a, b in gold.links if a in kept and b in kept],
        "tables": [{"cells": _cells(aligned, table)} for table in gold.tables],
    }


def _cells(aligned: Alignment, table: GoldTable) -> list[dict[str, Any]]:
    return [
        {
            "row": cell.row,
            "column": cell.column,
            "row_span": cell.row_span,
            "column_span": cell.column_span,
            "kind": "header" if cell.header else "body",
            "words": np.flatnonzero(aligned.inside(box)).tolist(),
        }
        for cell, box in zip(table.grid.cells, table.boxes or (), strict=True)
    ]


def gold_words(lines: Sequence[Sequence[Any]]) -> tuple[Word, ...]:
    """Cut gold text lines ``[text, x0, y0, x1, y1]`` into words by their share of characters."""
    out = []
    for text, x0, y0, x1, y1 in lines:
        step, at = (x1 - x0) / max(len(text), 1), 0
        for part in text.split():
            start = text.index(part, at)
            at = start + len(part)
            out.append(Word(part, Box.clipped(x0 + start * step, y0, x0 + at * step, y1)))
    return tuple(out)
