"""Real tables and texts that fill pages: published sets read from a folder.

The folder holds ``wtq/``, ``tabfact/``, ``tatqa/`` and ``xquad/`` with their
JSON lines. Pages for training take the train splits of the first two and all
of the others; pages that measure take the dev splits of the first two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal

from docx_cli.errors import FileAccessError, UnsupportedInputError

Split = Literal["train", "dev"]
LONGEST = {"train": 4200, "dev": 12000}
"""Bytes of a source's line; longer ones fill more than a page."""
_FOREIGN = re.compile("[^\u0000-\u052f\u1e00-\u1eff\u2010-\u2033\u20ac\u2190-\u2193\u2212\ufeff]")
"""What the fonts at hand do not print."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its published answers; `computed` ones are not copied from the page."""

    question: str
    answers: tuple[str, ...]
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A table (rows of texts, the head first), paragraphs, or both, and what is asked of them."""

    title: str
    rows: tuple[tuple[str, ...], ...] = ()
    paragraphs: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()


class Content:
    """The sources of one split, parsed as they are drawn.

    Args:
        folder: holds the sets.
        split: train, or dev to measure with.
    """

    def __init__(self, folder: Path, split: Split) -> None:
        self.folder, self.split = folder, split
        self._lines: dict[str, list[bytes]] = {}
        self._asked: dict[str, dict[str, tuple[str, list[Asked]]]] = {}

    def count(self, name: str) -> int:
        """Return how many sources of a set fit a page."""
        return len(self._of(name))

    def draw(self, name: str, rng: Random) -> Source:
        """Draw a source, of two the shorter, since a window holds more of it."""
        lines = self._of(name)
        return self._parse(name, min(rng.choice(lines), rng.choice(lines), key=len))

    def at(self, name: str, number: int) -> Source:
        """Return the source of that number, counted round and round."""
        lines = self._of(name)
        return self._parse(name, lines[number % len(lines)])

    def _of(self, name: str) -> list[bytes]:
        if name not in self._lines:
            split = self.split if name in ("wtq", "tabfact") else "train"
            file = {"wtq": f"{split}.tables", "tabfact": f"{split}.tables", "tatqa": "dev"}
            lines = _read(self.folder / name / f"{file.get(name, split)}.jsonl")
            longest = LONGEST[self.split] if name in ("wtq", "tabfact") else 2 * LONGEST["dev"]
            kept = [x for x in lines if len(x) <= longest and not _FOREIGN.search(x.decode())]
            if not kept:
                raise UnsupportedInputError("no usable text", source=str(self.folder / name))
            self._lines[name] = kept
        return self._lines[name]

    def _parse(self, name: str, line: bytes) -> Source:
        try:
            return getattr(self, f"_{name}")(json.loads(line))  # type: ignore[no-any-return]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            source = str(self.folder / name)
            raise UnsupportedInputError(f"bad line: {error!r}", source=source) from error

    def _wtq(self, raw: dict[str, Any]) -> Source:
        return Source("", _grid(raw["rows"]), asked=tuple(self._questions("wtq", raw["id"])[1]))

    def _tabfact(self, raw: dict[str, Any]) -> Source:
        # The train tables come without statements; those of dev only measure.
        title, asked = self._questions("tabfact", raw["id"]) if self.split == "dev" else ("", [])
        rows = [[_joined(text) for text in row] for row in raw["rows"]]
        return Source(title, _grid(rows), asked=tuple(asked))

    def _questions(self, name: str, table: str) -> tuple[str, list[Asked]]:
        """Return the caption and the questions of a table."""
        if name not in self._asked:
            found: dict[str, tuple[str, list[Asked]]] = {}
            for line in _read(self.folder / name / f"{self.split}.jsonl"):
                raw = json.loads(line)
                _, asked = found.setdefault(raw["table"], (raw.get("caption", ""), []))
                if "question" in raw:
                    asked.append(Asked(raw["question"], tuple(raw["answers"])))
                for statement, holds in raw.get("statements", ()):
                    answer = "yes" if holds else "no"
                    asked.append(Asked(f"Is it true that {_joined(statement)}?", (answer,), True))
            self._asked[name] = found
        return self._asked[name].get(table, ("", []))

    def _tatqa(self, raw: dict[str, Any]) -> Source:
        asked = [
            Asked(q["question"], _texts(q["answer"]), q["answer_type"] == "count")
            for q in raw["questions"]
            if q["answer_type"] != "arithmetic"  # nothing that is served calculates
        ]
        paragraphs = tuple(p["text"] for p in sorted(raw["paragraphs"], key=lambda p: p["order"]))
        return Source("", _grid(raw["table"]["table"]), paragraphs, tuple(asked))

    def _xquad(self, raw: dict[str, Any]) -> Source:
        asked = tuple(Asked(q["question"], tuple(q["answers"][:1])) for q in raw["questions"])
        return Source(raw["title"].replace("_", " "), (), (raw["context"],), asked)


def _grid(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the rows with plain spaces, all of one width."""
    width = max(len(row) for row in rows)
    clean = ([" ".join(text.replace("\ufeff", "").split()) for text in row] for row in rows)
    return tuple(tuple(row + [""] * (width - len(row))) for row in clean)


def _joined(text: str) -> str:
    """Undo the tokens that a set is published in."""
    return re.sub(r" ([,.;:!?)%]|'s\b)|(?<=[($£€]) ", r"\1", text).replace(" - ", "-")


def _texts(answer: Any) -> tuple[str, ...]:
    items: Iterable[Any] = answer if isinstance(answer, list) else [answer]
    return tuple(str(item) for item in items)


def _read(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be read", source=str(path)) from error


@cache
def load(folder: Path, split: Split) -> Content:
    """Return a folder's content; a process reads it once."""
    return Content(folder, split)
