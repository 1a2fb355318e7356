"""The only place where text, boxes and pictures become model inputs.

Training and inference both call `Encoding`, so what is trained is what is served. A window is
one row of the model's input: the mark [CLS], the page's subwords in row order, then each
question as [CLS] question [SEP]. Questions are packed behind the page and told apart by their
group number; the model keeps them from seeing each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docx_cli.config import EncodingConfig
from docx_cli.document import Box, Word
from docx_cli.errors import BundleError, UsageError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class PageTokens:
    """A page's words in row order, and their T subwords.

    `order[i]` is where word i of this page stood in the words that were given.
    """

    words: tuple[Word, ...]
    order: tuple[int, ...]
    ids: Ints  # [T]
    boxes: Ints  # [T, 4]
    word_index: Ints  # [T], into `words`
    offsets: Ints  # [T, 2], characters inside the word


@dataclass(frozen=True)
class WindowInputs:
    """One row of the model's input; T text positions, Q questions, W words begin here.

    `token_start` is the page token that stands at text position 1 (position 0 is the mark).
    """

    page: PageTokens
    token_start: int
    token_end: int
    input_ids: Ints  # [T]
    boxes: Ints  # [T, 4]
    positions: Ints  # [T]
    groups: Ints  # [T]
    question_positions: Ints  # [Q]
    picture: NDArray[np.uint8]  # [picture_height, picture_width]

    @cached_property
    def words(self) -> Ints:
        """Words whose first subword stands in this window, [W]."""
        return self._first_subwords[1]

    @cached_property
    def word_positions(self) -> Ints:
        """Text positions of those first subwords, [W]."""
        return self._first_subwords[0]

    @cached_property
    def _first_subwords(self) -> tuple[Ints, Ints]:
        index = self.page.word_index[self.token_start : self.token_end]
        before = self.page.word_index[self.token_start - 1] if self.token_start else -1
        first = np.flatnonzero(np.diff(index, prepend=before))
        return first + 1, index[first]

    @cached_property
    def subwords(self) -> list[tuple[int, int, int]]:
        """The word of each subword, its first character, and the one past it.

        Those of the page's tokens in this window, from text position 1 on. Plain numbers, since
        spans are spelled one by one, hundreds a page.
        """
        part = slice(self.token_start, self.token_end)
        first, last = self.page.offsets[part].T.tolist()
        return list(zip(self.page.word_index[part].tolist(), first, last, strict=True))


def text_rows(words: Sequence[Word]) -> list[list[int]]:
    """Group words into rows, top to bottom, and sort each left to right.

    A word joins a row when its middle lies within half a line's height of the row's.
    """
    middles = [(w.box.y0 + w.box.y1) / 2 for w in words]
    heights = [max(w.box.y1 - w.box.y0, 1e-4) for w in words]
    rows: list[tuple[float, float, list[int]]] = []
    for i in sorted(range(len(words)), key=lambda i: (middles[i], words[i].box.x0)):
        if rows and middles[i] - rows[-1][0] < 0.5 * min(heights[i], rows[-1][1]):
            rows[-1][2].append(i)
        else:
            rows.append((middles[i], heights[i], [i]))
    return [sorted(row, key=lambda i: words[i].box.x0) for _, _, row in rows]


def row_order(words: Sequence[Word]) -> list[int]:
    """Return the indices of `words` row by row (see `text_rows`)."""
    return [i for row in text_rows(words) for i in row]


class Encoding:
    """Turns pages and questions into windows for the model."""

    def __init__(self, config: EncodingConfig, tokenizer: Tokenizer) -> None:
        self.config = config
        self.tokenizer = tokenizer
        self.cls_id = self.special_id("[CLS]")
        self.sep_id = self.special_id("[SEP]")
        self.pad_id = self.special_id("[PAD]")

    @classmethod
    def from_file(cls, config: EncodingConfig, path: Path) -> Encoding:
        """Load the tokenizer from its `tokenizer.json`."""
        from tokenizers import Tokenizer

        return cls(config, Tokenizer.from_file(str(path)))

    def special_id(self, token: str) -> int:
        """Return the id of a mark; raise `BundleError` if the tokenizer lacks it."""
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise BundleError(f"the tokenizer lacks {token}")
        return int(found)

    def tokenize_page(
        self, words: Sequence[Word], order: Sequence[int] | None = None
    ) -> PageTokens:
        """Cut words into subwords, in row order unless another `order` is given."""
        order = row_order(words) if order is None else order
        texts = [words[i].text for i in order]
        pieces = self.tokenizer.encode(texts, is_pretokenized=True, add_special_tokens=False)
        word_index = np.array(pieces.word_ids, dtype=np.int64)
        corners = self.quantise([words[i].box for i in order])
        return PageTokens(
            words=tuple(words[i] for i in order),
            order=tuple(order),
            ids=np.array(pieces.ids, dtype=np.int64),
            boxes=corners[word_index],
            word_index=word_index,
            offsets=np.array(pieces.offsets, dtype=np.int64).reshape(-1, 2),
        )

    def quantise(self, boxes: Sequence[Box]) -> Ints:
        """Boxes -> integers 0..box_scale, [N, 4]."""
        corners = np.array([b.as_tuple() for b in boxes], dtype=np.float64).reshape(-1, 4)
        return np.rint(corners * self.config.box_scale).astype(np.int64)

    def tokenize_question(self, question: str) -> Ints:
        """Return ``[CLS] question [SEP]``; raise `UsageError` if it is empty or too long."""
        ids = self.tokenizer.encode(question, add_special_tokens=False).ids
        limit = self.config.max_question_tokens - 2
        if not ids:
            raise UsageError("a question is empty")
        if len(ids) > limit:
            told = f"a question has {len(ids)} subwords, the model takes {limit}"
            raise UsageError(told, hint="ask in fewer words")
        return np.array([self.cls_id, *ids, self.sep_id], dtype=np.int64)

    def takes_question(self, question: str) -> bool:
        """Say whether a question is neither empty nor too long."""
        count = len(self.tokenizer.encode(question, add_special_tokens=False).ids)
        return 0 < count <= self.config.max_question_tokens - 2

    def window_bounds(self, page: PageTokens, limit: int | None = None) -> list[tuple[int, int]]:
        """Cut a page's tokens into overlapping windows that begin and end between words.

        `limit` makes windows smaller than the model's `max_page_tokens`, for training.
        """
        total = len(page.ids)
        room = min(self.config.max_page_tokens, limit or self.config.max_page_tokens) - 1
        starts_word = np.diff(page.word_index, prepend=-1, append=-1) != 0  # [T + 1]
        bounds: list[tuple[int, int]] = []
        start = 0
        while True:
            end = min(start + room, total)
            if end < total:
                end = _boundary(starts_word, end, start)
            bounds.append((start, end))
            if end >= total:
                return bounds
            start = _boundary(starts_word, end - self.config.window_overlap, start)

    def window(
        self,
        page: PageTokens,
        bounds: tuple[int, int],
        questions: Sequence[Ints],
        picture: NDArray[np.uint8] | None,
    ) -> WindowInputs:
        """Pack one window of a page and its questions (at most `max_questions`)."""
        if len(questions) > self.config.max_questions:
            raise ValueError(f"{len(questions)} questions in one window")
        start, end = bounds
        text = np.concatenate([[self.cls_id], page.ids[start:end]])
        lengths = [len(text), *(len(q) for q in questions)]
        boxes = np.zeros((sum(lengths), 4), dtype=np.int64)
        boxes[1 : len(text)] = page.boxes[start:end]
        starts = np.cumsum([0, *lengths[:-1]]).astype(np.int64)
        return WindowInputs(
            page=page,
            token_start=start,
            token_end=end,
            input_ids=np.concatenate([text, *questions]).astype(np.int64),
            boxes=boxes,
            positions=np.concatenate([np.arange(n, dtype=np.int64) for n in lengths]),
            groups=np.repeat(np.arange(len(lengths), dtype=np.int64), lengths),
            question_positions=starts[1:],
            picture=self.blank_picture() if picture is None else picture,
        )

    def blank_picture(self) -> NDArray[np.uint8]:
        """Return the picture of an empty page."""
        return np.full((self.config.picture_height, self.config.picture_width), 255, np.uint8)

    def encode(
        self,
        words: Sequence[Word],
        questions: Sequence[str],
        picture: NDArray[np.uint8] | None = None,
    ) -> list[list[WindowInputs]]:
        """Encode a page: one list a group of at most `max_questions`, each with all windows."""
        page = self.tokenize_page(words)
        asked = [self.tokenize_question(q) for q in questions]
        size = self.config.max_questions
        packs = [asked[i : i + size] for i in range(0, len(asked), size)] or [[]]
        bounds = self.window_bounds(page)
        return [[self.window(page, b, pack, picture) for b in bounds] for pack in packs]


def _boundary(starts_word: NDArray[np.bool_], at: int, after: int) -> int:
    """Move `at` back to the start of its word, or leave it if that is not behind `after`."""
    moved = at
    while moved > after and not starts_word[moved]:
        moved -= 1
    return moved if moved > after else max(at, after + 1)
