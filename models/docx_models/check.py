"""Looks through labels, real ones and page records, and names every line that is bad."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from docx_cli.errors import DocxError, FileAccessError
from docx_models import loaders
from docx_models.loaders import listed, own
from docx_models.records import PageRecord

WRONG = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What goes wrong where a line is not of its format."""


def problems(folder: Path) -> Iterator[str]:
    """Yield a line for each bad label of a set or a pack; none if all is well.

    Raises:
        FileAccessError: there is no such folder, or nothing with labels in it.
    """
    if not folder.is_dir():
        raise FileAccessError("there is no such folder", source=str(folder))
    if own.holds(folder):
        yield from own.problems(folder)
    elif listed.holds(folder):
        yield from _listed(folder)
    elif loaders.is_set(folder):
        yield from _published(folder)
    else:
        yield from _pack(folder)


def _listed(folder: Path) -> Iterator[str]:
    for path in sorted(folder / f"{split}.jsonl" for split in listed.SPLITS):
        for number, line in own.lines(path) if path.exists() else ():
            try:
                document = listed.document(folder, json.loads(line))
            except WRONG as error:
                yield f"{path.name} line {number}: {error!r}"
                continue
            if not document.file.is_file():
                yield f"{path.name} line {number}: there is no file {document.file.name}"


def _published(folder: Path) -> Iterator[str]:
    for split in listed.SPLITS:
        try:
            missing = [d for d in loaders.open_set(folder, split) if not d.file.is_file()]
        except DocxError as error:
            yield error.message
            continue
        yield from (f"{d.id}: there is no file {d.file.name}" for d in missing)


def _pack(folder: Path) -> Iterator[str]:
    shards = sorted(folder.glob("*.jsonl"))
    if not shards:
        raise FileAccessError("there are no labels in this folder", source=str(folder))
    for path in shards:
        for number, line in own.lines(path):
            try:
                _look_through(PageRecord.from_json(line))
            except WRONG as error:
                yield f"{path.name} line {number}: {error!r}"


def _look_through(record: PageRecord) -> None:
    """Raise `ValueError` where a label points outside the page's words or segments."""
    count, segments = len(record.words), record.segments or ()
    held = [i for s in segments for i in s["words"]]
    held += [i for t in record.tables for c in t["cells"] for i in c["words"]]
    if not all(0 <= i < count for i in held):
        raise ValueError(f"a segment or cell holds a word that is not one of {count}")
    if not all(0 <= i < len(segments) for link in record.links for i in link):
        raise ValueError(f"a link names a segment that is not one of {len(segments)}")
    for question in record.questions:
        for word, first, last in (p for place in question.occurrences for p in place):
            if not (0 <= word < count and 0 <= first < last <= len(record.words[word].text)):
                raise ValueError(f"the answer to {question.question!r} is not on the page")
