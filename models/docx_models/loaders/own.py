"""A user's own documents: files and `labels.jsonl`, in the shape that `docx` itself prints.

So corrected output is training data: `docx ask *.pdf ... > labels.jsonl`, then right what is
wrong; lines of `docx kv` and `docx tables` may follow and add to a document's labels. Answers,
key-values and tables that are null are not labelled; an answer that is not found is a label too.
A value whose page and box are left null is looked for among the words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from docx_cli.document import Box, Word
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models import metrics
from docx_models.loaders.labelled import Asked, Field, Labelled
from docx_models.structure import Entity, GoldPage, GoldTable
from docx_models.table_metrics import Grid, GridCell

LABELS = "labels.jsonl"

HELD_OUT = 5
"""One document in so many, by the hash of its name, is of the split dev."""

SLOTS = {"row": 0, "column": 0, "row_span": 1, "column_span": 1}
"""A cell's place in its table, and the least that each part can be."""

T = TypeVar("T")
Raw = Mapping[str, Any]


class BadLabel(Exception):  # noqa: N818 - it is caught by those who count them
    """A label that cannot be used: where in the line, and why."""


@dataclass(frozen=True)
class Label:
    """What one line says of a document; None is not labelled."""

    file: Path
    asked: list[Asked] | None
    pairs: list[tuple[int, Entity, Entity]] | None
    tables: list[tuple[int, GoldTable]] | None


def holds(folder: Path) -> bool:
    """Say whether a folder has labels of this kind."""
    return (folder / LABELS).exists()


def documents(folder: Path, split: str) -> Iterator[Labelled]:
    """Read the documents of a split, each with all that its lines say.

    Raises:
        FileAccessError: the labels cannot be read.
        UnsupportedInputError: a label is bad; the message names its line.
    """
    files: dict[Path, list[Label]] = {}
    for number, line in lines(folder / LABELS):
        try:
            label = parse(folder, line)
        except BadLabel as error:
            problem = f"line {number}: {error}"
            raise UnsupportedInputError(problem, source=str(folder / LABELS)) from error
        if split_of(label.file.name) == split:
            files.setdefault(label.file, []).append(label)
    for file, labels in files.items():
        pages = _pages(_joined(x.pairs for x in labels), _joined(x.tables for x in labels))
        asked = _joined(x.asked for x in labels) or ()
        yield Labelled(file.stem, file, tuple(asked), pages=tuple(pages))


def _joined(parts: Iterable[list[T] | None]) -> list[T] | None:
    """Join what is labelled; None if nothing is."""
    known = [part for part in parts if part is not None]
    return [item for part in known for item in part] if known else None


def problems(folder: Path) -> Iterator[str]:
    """Name every line whose label is bad, and say why."""
    for number, line in lines(folder / LABELS):
        try:
            parse(folder, line)
        except BadLabel as error:
            yield f"{LABELS} line {number}: {error}"


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield a file's lines that are not blank, with their numbers.

    Raises:
        FileAccessError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise FileAccessError(f"cannot be read: {reason}", source=str(path)) from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def split_of(name: str) -> str:
    """Return train or dev; a document keeps its split when others come or go."""
    return "train" if hashlib.sha256(name.encode()).digest()[0] % HELD_OUT else "dev"


def parse(folder: Path, line: str) -> Label:
    """Read one line of labels.

    Raises:
        BadLabel: it cannot be used.
    """
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise BadLabel(f"this is no JSON: {error}") from error
    if not isinstance(raw, dict):
        raise BadLabel("this is no record")
    if raw.get("status") == "failed":
        raise BadLabel("the document could not be read when this was written")
    if all(raw.get(name) is None for name in ("answers", "key_values", "tables")):
        raise BadLabel("there are no answers, key_values or tables")
    return Label(
        _file(folder, raw),
        _each(raw, "answers", _asked),
        _each(raw, "key_values", _pair),
        _each(raw, "tables", _table),
    )


def _file(folder: Path, raw: Raw) -> Path:
    source = raw.get("source")
    if not isinstance(source, str) or not source:
        raise BadLabel("source is missing")
    # As the user named it when docx ran, or beside the labels.
    for path in (folder / source, folder / Path(source).name):
        if path.is_file():
            return path
    raise BadLabel(f"source: there is no file {source}")


def _each(raw: Raw, name: str, read: Callable[[Raw], T]) -> list[T] | None:
    """Read a list of labels; say of which of them a problem is."""
    items = raw.get(name)
    if items is None:
        return None
    if not isinstance(items, list):
        raise BadLabel(f"{name} is no list")
    out = []
    for number, item in enumerate(items, 1):
        try:
            if not isinstance(item, dict):
                raise BadLabel("it is no object")
            out.append(read(item))
        except BadLabel as error:
            raise BadLabel(f"{name}, number {number}: {error}") from error
    return out


def _asked(raw: Raw) -> Asked:
    question, text = _string(raw, "question"), _string(raw, "text")
    if not question.strip():
        raise BadLabel("question is empty")
    if not isinstance(raw.get("found"), bool):
        raise BadLabel("found is neither true nor false")
    if raw["found"] != bool(text.strip()):
        raise BadLabel("found and text contradict each other")
    kind = metrics.kind_of(text)
    field = Field(str(raw.get("name") or question), kind, question)
    if not raw["found"]:
        return Asked(field, ())
    place = _place(raw) if raw.get("box") is not None else None
    return Asked(field, (text,), (place,) if place else None)


def _string(raw: Raw, name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise BadLabel(f"{name} is missing")
    return value


def _place(raw: Raw) -> tuple[int, Box]:
    page = raw.get("page")
    if not isinstance(page, int) or page < 1:
        raise BadLabel("page is no page number")
    return page, _box(raw)


def _box(raw: Raw) -> Box:
    try:
        return Box(*raw["box"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadLabel(f"box is no box: {error}") from error


def _pair(raw: Raw) -> tuple[int, Entity, Entity]:
    key, value = (_region(raw, name) for name in ("key", "value"))
    if key[0] != value[0]:
        raise BadLabel("key and value stand on different pages")
    return key[0], Entity("key", key[1]), Entity("value", value[1])


def _region(raw: Raw, name: str) -> tuple[int, tuple[Word, ...]]:
    region = raw.get(name)
    if not isinstance(region, dict) or not region.get("words"):
        raise BadLabel(f"{name} has no words")
    page, _ = _place(region)
    return page, tuple(Word(_string(w, "text"), _box(w)) for w in region["words"])


def _table(raw: Raw) -> tuple[int, GoldTable]:
    page, box = _place(raw)
    if len(raw.get("parts") or ()) > 1:
        raise BadLabel("it was joined from several pages: label it without --join-pages")
    items = raw.get("cells")
    if not isinstance(items, list) or not items:
        raise BadLabel("it has no cells")
    cells = _each(raw, "cells", _cell) or []
    grid = Grid.of([cell for cell, _ in cells])
    return page, GoldTable(grid, box, boxes=tuple(box for _, box in cells))


def _cell(raw: Raw) -> tuple[GridCell, Box]:
    places = [_slot(raw, name, least) for name, least in SLOTS.items()]
    header = raw.get("kind") == "header"
    row, column, rows, columns = places
    return GridCell(row, column, rows, columns, _string(raw, "text"), header), _box(raw)


def _slot(raw: Raw, name: str, least: int) -> int:
    value = raw.get(name)
    if not isinstance(value, int) or value < least:
        raise BadLabel(f"{name} is no number from {least} on")
    return value


def _pages(
    pairs: Sequence[tuple[int, Entity, Entity]] | None,
    tables: Sequence[tuple[int, GoldTable]] | None,
) -> Iterator[GoldPage]:
    """Sort what was found by pages; where no page holds any, page 1 is labelled as empty."""
    if pairs is None and tables is None:
        return
    numbers = {pair[0] for pair in pairs or ()} | {table[0] for table in tables or ()}
    for number in sorted(numbers or {1}):
        here = [(key, value) for page, key, value in pairs or () if page == number]
        entities = list(dict.fromkeys(entity for pair in here for entity in pair))
        yield GoldPage(
            number,
            tuple(dict.fromkeys(word for entity in entities for word in entity.words)),
            None if pairs is None else tuple(entities),
            tuple((entities.index(key), entities.index(value)) for key, value in here),
            None if tables is None else tuple(t for page, t in tables if page == number),
        )
