"""Real documents as page records: adbuy, fara and sroie, in the folders they are kept in.

Each set is a folder with `train.jsonl` and `dev.jsonl`, one document a line. The documents are
read by the runtime's own reader, so that words are those it will meet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx_cli.document import Box, Page, Word
from docx_cli.encode import row_order
from docx_cli.errors import DocxError, FileAccessError
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.source import load
from docx_models import values, weak_labels
from docx_models.records import Piece, encode_picture


@dataclass(frozen=True)
class Field:
    """A labelled field: how it is asked for, and how its values compare."""

    name: str
    kind: str
    question: str
    wordings: tuple[str, ...]


ADBUY = (
    Field(
        "contract_num", "text", "What is the contract or order number?",
        ("What is the contract number?", "contract number", "order number", "contract_num",
         "What is the order number?", "Which number does the contract have?"),
    ),
    Field(
        "advertiser", "text", "Who is the advertiser?",
        ("What is the name of the advertiser?", "advertiser", "Advertiser:",
         "Which advertiser is this for?", "Who paid for the advertising?"),
    ),
    Field(
        "gross_amount", "money", "What is the gross amount?",
        ("gross_amount", "What is the total gross amount?", "gross total", "total amount",
         "How much is the gross amount?", "What is the contract total?"),
    ),
    Field(
        "flight_from", "date", "What is the flight start date?",
        ("flight_from", "When does the flight start?", "flight start", "start date of the flight",
         "From which date does the contract run?"),
    ),
    Field(
        "flight_to", "date", "What is the flight end date?",
        ("flight_to", "When does the flight end?", "flight end", "end date of the flight",
         "Until which date does the contract run?"),
    ),
)  # fmt: skip

SROIE = (
    Field("company", "text", "What is the name of the company?", ("company", "Which shop is it?")),
    Field("date", "date", "What is the date?", ("date", "When was the receipt issued?")),
    Field("address", "text", "What is the address of the company?", ("address",)),
    Field("total", "money", "What is the total?", ("total", "How much was paid in total?")),
)

FIELDS: dict[str, tuple[Field, ...]] = {"adbuy": ADBUY, "sroie": SROIE}


def documents(folder: Path, split: str) -> list[dict[str, Any]]:
    """Read the list of a split; each document has `id`, `file` and perhaps `fields`."""
    path = folder / f"{split}.jsonl"
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be read", source=str(path)) from error


def records(
    folder: Path, split: str, options: ReadOptions, pages: int | None = None
) -> Iterator[dict[str, Any]]:
    """Read a set's documents page by page as records; bad documents are passed over.

    Args:
        folder: the set; its name tells which fields it has.
        split: train or dev.
        options: how to read; `picture_size` should be the model's.
        pages: read at most so many pages of a document.
    """
    fields = FIELDS.get(folder.name, ())
    for document in documents(folder, split):
        try:
            contents = list(_first(read_pages(load(folder / document["file"]), options), pages))
        except DocxError:
            continue
        gold = document.get("fields", {})
        found = [_locate(c.page, fields, gold) for c in contents]
        somewhere = {name for page in found for name in page}
        for content, occurrences in zip(contents, found, strict=True):
            if content.page.words:
                questions = _questions(fields, gold, occurrences, somewhere)
                yield _record(
                    f"{document['id']}-{content.page.number}", folder.name, content, questions
                )


def _first(contents: Iterator[PageContent], pages: int | None) -> Iterator[PageContent]:
    for count, content in enumerate(contents, 1):
        yield content
        if count == pages:
            return


def _locate(
    page: Page, fields: Sequence[Field], gold: dict[str, str]
) -> dict[str, list[list[Piece]]]:
    """Find the places of each gold value on a page; none where they stay ambiguous."""
    text, places = page_text(page.words)
    found = {}
    for field in fields:
        value = gold.get(field.name)
        ranges = list(values.find(field.kind, value, text)) if value else []
        if ranges:
            found[field.name] = ranges
    return {
        name: [pieces(places, start, end) for start, end in ranges]
        for name, ranges in weak_labels.narrow(found, text).items()
    }


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


def _questions(
    fields: Sequence[Field],
    gold: dict[str, str],
    occurrences: dict[str, list[list[Piece]]],
    somewhere: set[str],
) -> list[dict[str, Any]]:
    """Questions of one page; a value that stands only on other pages is absent here."""
    out = []
    for field in fields:
        if field.name not in somewhere:
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
                    "answer": gold[field.name] if here else "",
                    "occurrences": here or [],
                }
            )
    return out


def _record(
    name: str, family: str, content: PageContent, questions: list[dict[str, Any]]
) -> dict[str, Any]:
    page = content.page
    return {
        "id": name,
        "family": family,
        "width": page.width,
        "height": page.height,
        "words": [[w.text, *w.box.rounded()] for w in page.words],
        "picture": None if content.picture is None else encode_picture(content.picture),
        "questions": questions,
        "segments": None,
        "links": [],
        "tables": [],
    }


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
