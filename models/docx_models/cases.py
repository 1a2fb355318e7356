"""What is measured on: documents with questions and gold values, from real sets and packs.

A real set and a pack of synthetic pages come out in one shape, so that everything behind this
file treats them alike. Words may be cached, since OCR costs far more than a model's run.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from docx_cli.document import Box, Page, Question, Word
from docx_cli.errors import FileAccessError, UsageError
from docx_cli.reading import READER_VERSION, PageContent, ReadOptions, read_pages
from docx_cli.rules import Rules
from docx_cli.source import Source, load
from docx_models import corpora, loaders, metrics, values
from docx_models.loaders import Labelled
from docx_models.records import GoldQuestion, Pack, PageRecord, encode_picture
from docx_models.structure import Entity, GoldPage, gold_table

WordsFrom = Literal["own", "ocr", "gold"]
"""own: as the tool reads them; ocr: the same without any text layer; gold: from the text lines
that came with the set."""

_OCR: Mapping[WordsFrom, Literal["auto", "always", "never"]] = {
    "own": "auto",
    "ocr": "always",
    "gold": "never",
}


_KINDS = {"wtq": "denotation", "tabfact": "truth"}
"""How the answers to questions of published sets compare, by the questions' field."""


@dataclass(frozen=True)
class Gold:
    """A question and what should be answered.

    `answers` are equally good strings; none where the document holds no answer. `places` are
    boxes on page 1 that hold the asked value, None where nobody marked them. `elsewhere` says
    that an equal value stands in other places too, which were not asked for.
    """

    question: Question
    field: str
    group: str
    kind: str
    answers: tuple[str, ...]
    places: tuple[Box, ...] | None = None
    elsewhere: bool = False


@dataclass(frozen=True)
class Case:
    """One document of a set; `file` of a real one, `record` of a synthetic page.

    `pages` are those whose structure is labelled. `set` is the name of the set's folder.
    """

    id: str
    golds: tuple[Gold, ...]
    file: Path | None = None
    lines: tuple[tuple[Any, ...], ...] = ()
    record: PageRecord | None = None
    pages: tuple[GoldPage, ...] = ()
    set: str = ""

    def page(self, number: int) -> GoldPage:
        """Return what truly stands on a page; a page without labels holds no table."""
        known = {page.number: page for page in self.pages}
        tables = any(page.tables is not None for page in self.pages)
        return known.get(number, GoldPage(number, tables=() if tables else None))


def load_cases(folder: Path, split: str, limit: int | None = None) -> list[Case]:
    """Read the documents of a set's split, or the pages of a pack, `limit` at most.

    Raises:
        FileAccessError: the list or the shards are not there.
    """
    if not folder.is_dir():
        raise FileAccessError("there is no such folder", source=str(folder))
    if loaders.is_set(folder):
        return [case_of(folder.name, d) for d in loaders.open_set(folder, split)[:limit]]
    pack = Pack(folder)
    count = len(pack) if limit is None else min(limit, len(pack))
    return [_synthetic(pack[i]) for i in range(count)]


def case_of(name: str, document: Labelled) -> Case:
    """Make a case of a real document; `name` is that of its set."""
    golds = []
    for asked in document.asked:
        field, places = asked.field, None
        if asked.places is not None:
            places = tuple(box for page, box in asked.places if page == 1)
        elif document.lines and asked.answers:
            places = _line_boxes(document.lines, field.kind, asked.answers[0])
        question = Question(field.question, field.name)
        golds.append(Gold(question, field.name, field.name, field.kind, asked.answers, places))
    return Case(
        document.id,
        tuple(golds),
        document.file,
        document.lines,
        pages=document.pages,
        set=name,
    )


def _line_boxes(lines: Sequence[tuple[Any, ...]], kind: str, value: str) -> tuple[Box, ...] | None:
    """Return the box around the text lines of each place of a value; None if it has none."""
    words = corpora.gold_words(lines)
    line_of = [Box.clipped(*line[1:]) for line in lines for _ in line[0].split()]
    text, places = corpora.page_text(words)
    found = [
        Box.around(line_of[word] for word, _, _ in corpora.pieces(places, start, end))
        for start, end in values.find(kind, value, text)
    ]
    return tuple(found) or None


def _synthetic(record: PageRecord) -> Case:
    golds = tuple(_gold(record, q, number) for number, q in enumerate(record.questions))
    return Case(record.id, golds, record=record, pages=labelled_pages(record), set=record.family)


def labelled_pages(record: PageRecord) -> tuple[GoldPage, ...]:
    """Return what truly stands on a synthetic page; none where its structure is not labelled."""
    if record.segments is None:
        return ()
    entities = tuple(
        Entity(s["label"], tuple(record.words[i] for i in s["words"])) for s in record.segments
    )
    tables = tuple(
        gold_table([(c, [record.words[i] for i in c["words"]]) for c in t["cells"]])
        for t in record.tables
    )
    return (GoldPage(1, record.words, entities, record.links, tables),)


def _gold(record: PageRecord, asked: GoldQuestion, number: int) -> Gold:
    kind = _KINDS.get(asked.field) or metrics.kind_of(asked.answer)
    # The same wording may be asked twice of a page; the number keeps their answers apart.
    question = Question(asked.question, f"{number}")
    if asked.kind == "absent":
        return Gold(question, asked.field, record.family, kind, ())
    places = tuple(
        Box.around(record.words[w].box for w, _, _ in pieces) for pieces in asked.occurrences
    )
    text, _ = corpora.page_text(record.words)
    standing = sum(1 for _ in values.find(kind, asked.answer, text))
    return Gold(
        question,
        asked.field,
        record.family,
        kind,
        tuple(asked.answer.split("|")) if kind == "denotation" else (asked.answer,),
        places or None,
        bool(places) and standing > len(places),
    )


class Reader:
    """Gives the pages of a case.

    Args:
        words: where the words of a real document come from.
        picture_size: rows and columns of the page picture; None if the model sees none.
        cache: folder that keeps what was read between runs.
    """

    def __init__(
        self, words: WordsFrom, picture_size: tuple[int, int] | None, cache: Path | None = None
    ) -> None:
        self.words = words
        self.cache = cache
        self.options = ReadOptions(ocr=_OCR[words], picture_size=picture_size, rules=True)

    def read(self, case: Case) -> tuple[Source, list[PageContent]]:
        """Return a document and its pages.

        Raises:
            UsageError: gold words are wanted of a set that has none.
            DocxError: the document cannot be read.
        """
        if case.record is not None:
            return _record_pages(case.record)
        assert case.file is not None
        source, contents = self.pages(case.file)
        if self.words == "gold":
            words = corpora.gold_words(case.lines) or tuple(w for p in case.pages for w in p.words)
            if not words:
                raise UsageError("this set has no words of its own", source=str(case.file))
            page = dataclasses.replace(contents[0].page, words=words)
            contents = [dataclasses.replace(contents[0], page=page, upright_words=None)]
        return source, contents

    def pages(self, file: Path) -> tuple[Source, list[PageContent]]:
        """Return a file and its pages as the tool reads them.

        Raises:
            DocxError: it cannot be read.
        """
        source = load(file)
        return source, self._cached(source)

    def _cached(self, source: Source) -> list[PageContent]:
        if self.cache is None:
            return list(read_pages(source, self.options))
        key = f"{READER_VERSION} {source.sha256} {self.options}"
        path = self.cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
        if path.exists():
            return list(_load_pages(path))
        contents = list(read_pages(source, self.options))
        self.cache.mkdir(parents=True, exist_ok=True)
        _save_pages(path, contents)
        return contents


def _record_pages(record: PageRecord) -> tuple[Source, list[PageContent]]:
    picture = record.picture_png or b""
    source = Source(record.id, picture, "png", hashlib.sha256(picture).hexdigest())
    # Records give fractions of the page only; nothing that is measured needs its size.
    page = Page(1, 0.0, 0.0, words=record.words, text_source="pdf")
    return source, [PageContent(page, record.picture(), {})]


def _save_pages(path: Path, contents: Sequence[PageContent]) -> None:
    """Write pages as JSON, whole or not at all."""
    body = [
        {
            "page": {
                **dataclasses.asdict(dataclasses.replace(content.page, words=())),
                "words": _listed(content.page.words),
            },
            "upright_words": content.upright_words and _listed(content.upright_words),
            "picture": None if content.picture is None else encode_picture(content.picture),
            "rules": content.rules and [content.rules.across.tolist(), content.rules.down.tolist()],
        }
        for content in contents
    ]
    # Equal contents under two names may be read by two processes at once.
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(body), encoding="utf-8")
    part.replace(path)


def _listed(words: Sequence[Word]) -> list[list[Any]]:
    return [[w.text, *w.box.as_tuple(), w.confidence] for w in words]


def _words(listed: Sequence[Sequence[Any]]) -> tuple[Word, ...]:
    return tuple(Word(t, Box(*corners), c) for t, *corners, c in listed)


def _load_pages(path: Path) -> Iterator[PageContent]:
    for item in json.loads(path.read_text(encoding="utf-8")):
        raw = item["page"]
        raw["words"] = _words(raw["words"])
        yield PageContent(
            Page(**raw),
            item["picture"] and _decode_picture(item["picture"]),
            {},
            rules=item["rules"]
            and Rules(*(np.array(lines).reshape(-1, 3) for lines in item["rules"])),
            upright_words=item["upright_words"] and _words(item["upright_words"]),
        )


def _decode_picture(text: str) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(base64.b64decode(text))) as image:
        return np.asarray(image.convert("L"), dtype=np.uint8)
