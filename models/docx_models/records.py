"""Page records: what generators and loaders produce and training reads.

A pack is a folder of `*.jsonl` shards, one record a line:

    id, family            strings
    width, height         points
    words                 [[text, x0, y0, x1, y1], ...], fractions of the page, origin top left
    picture               base64 of a gray PNG, the whole page squeezed, or null
    questions             [{question, field, kind, answer, pieces | occurrences}, ...]
                          kind: extract, text (not on the page: yes, no, a count) or absent
                          pieces: [[word, start_char, end_char], ...], the asked occurrence
                          occurrences: several such lists where it is not known which is meant
    segments              [{label: key|value|header|other, words}], or null where unlabelled
    links                 [[key segment, value segment], ...]
    tables                [{cells: [{row, column, row_span, column_span, kind, words}]}]
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from docx_cli.document import Box, Word
from docx_cli.errors import FileAccessError, UnsupportedInputError

Piece = tuple[int, int, int]
"""Word index, first character, one past the last character."""


@dataclass(frozen=True)
class GoldQuestion:
    """A question with its answer; `occurrences` are equally good places of it."""

    question: str
    field: str
    kind: str
    answer: str
    occurrences: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True)
class PageRecord:
    """One labelled page; `segments` is None where key-values and tables are not labelled."""

    id: str
    family: str
    words: tuple[Word, ...]
    picture_png: bytes | None
    questions: tuple[GoldQuestion, ...]
    segments: tuple[dict[str, Any], ...] | None
    links: tuple[tuple[int, int], ...]
    tables: tuple[dict[str, Any], ...]

    @classmethod
    def from_json(cls, line: str | bytes) -> PageRecord:
        """Parse one line of a shard."""
        raw = json.loads(line)
        picture = raw.get("picture")
        segments = raw.get("segments")
        return cls(
            id=raw["id"],
            family=raw["family"],
            words=tuple(Word(t, Box.clipped(*corners)) for t, *corners in raw["words"]),
            picture_png=base64.b64decode(picture) if picture else None,
            questions=tuple(_question(q) for q in raw["questions"]),
            segments=None if segments is None else tuple(segments),
            links=tuple((a, b) for a, b in raw.get("links", ())),
            tables=tuple(raw.get("tables", ())),
        )

    def picture(self) -> NDArray[np.uint8] | None:
        """Decode the page picture, [rows, columns] uint8."""
        if self.picture_png is None:
            return None
        with Image.open(io.BytesIO(self.picture_png)) as image:
            return np.asarray(image.convert("L"), dtype=np.uint8)


def _question(raw: dict[str, Any]) -> GoldQuestion:
    occurrences = raw.get("occurrences") or ([raw["pieces"]] if raw.get("pieces") else [])
    return GoldQuestion(
        question=raw["question"],
        field=raw["field"],
        kind=raw["kind"],
        answer=raw["answer"],
        occurrences=tuple(tuple((w, a, b) for w, a, b in pieces) for pieces in occurrences),
    )


def encode_picture(picture: NDArray[np.uint8]) -> str:
    """Return the base64 text of a gray PNG, as records hold it."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode("ascii")


def write_shard(path: Path, records: Iterable[dict[str, Any]]) -> int:
    """Write a shard whole or not at all; return the number of records."""
    part = path.with_suffix(".part")
    count = 0
    with part.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    part.replace(path)
    return count


class Pack:
    """Random access to the records of a folder of shards, without holding them in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shards = sorted(folder.glob("*.jsonl"))
        if not shards:
            raise FileAccessError("no *.jsonl shards in this folder", source=str(folder))
        self._places: list[tuple[Path, int, int]] = []
        self._sizes: list[int] = []
        for shard in shards:
            offset = 0
            with shard.open("rb") as lines:
                for line in lines:
                    self._places.append((shard, offset, len(line)))
                    self._sizes.append(max(line.find(b'"picture"'), 0))
                    offset += len(line)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> PageRecord:
        shard, offset, length = self._places[index]
        with shard.open("rb") as lines:
            lines.seek(offset)
            try:
                return PageRecord.from_json(lines.read(length))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                where = f"{shard} at byte {offset}"
                raise UnsupportedInputError(f"bad record: {error!r}", source=where) from error

    def size(self, index: int) -> int:
        """Bytes of a record before its picture, a cheap measure of how many words it has."""
        return self._sizes[index]


def texts_of(packs: Sequence[Pack], limit: int) -> Iterable[list[str]]:
    """Yield the words and questions of up to `limit` records of each pack."""
    for pack in packs:
        for index in range(0, len(pack), max(1, len(pack) // limit)):
            record = pack[index]
            yield [w.text for w in record.words] + [q.question for q in record.questions]
