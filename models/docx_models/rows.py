"""Records -> training rows: the encoder's own inputs plus labels, and batches of them.

The inputs come from `docx_cli.encode`, unchanged; this file only adds what should be answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from docx_cli.encode import Encoding, Ints, PageTokens, WindowInputs, row_order
from docx_models.docformerv2 import PageInputs
from docx_models.foreign import Foreign
from docx_models.noise import Noise
from docx_models.records import GoldQuestion, PageRecord, Piece

IGNORED = -100
"""Label that no loss counts (torch's default)."""

SPAN, ABSENT, COMPOSE, UNKNOWN = "span", "absent", "compose", "unknown"

Target = tuple[int, int]
"""One decoder step: (subword id, text position it is copied from, or -1)."""


@dataclass(frozen=True)
class QuestionLabel:
    """What should come out for one question in one window.

    `spans` are equally good (text position, length - 1) pairs; `target` is what the decoder
    should say, empty where it is not trained on this question.
    """

    outcome: str
    spans: tuple[tuple[int, int], ...] = ()
    target: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Row:
    """A window with its labels; word labels are None where the page has none."""

    inputs: WindowInputs
    questions: tuple[QuestionLabel, ...]
    word_tags: Ints | None = None  # [W]
    picked: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # [K] into the W words
    relations: NDArray[np.float32] | None = None  # [R, K, K]


@dataclass(frozen=True)
class RowOptions:
    """How rows are drawn from records."""

    questions: int
    """Questions a page, at most."""
    target_tokens: int
    """Longest decoder target; longer ones are left out."""
    pair_words: int
    """Words a page whose relations are scored."""
    shuffle: float
    """Share of pages whose words are put in another order than rows."""
    page_tokens: int
    """Longest window in subwords; attention's cost grows with its square."""
    noise: float = 0.0
    """Share of pages whose words are misread as OCR misreads them."""
    foreign: int = 0
    """Questions a page that belong to other kinds of documents, at most."""


class RowMaker:
    """Draws labelled windows from records."""

    def __init__(
        self,
        encoding: Encoding,
        options: RowOptions,
        span_length: int,
        tags: Sequence[str],
        relations: Sequence[str],
    ) -> None:
        self.encoding = encoding
        self.options = options
        self.span_length = span_length
        self.tags = tuple(tags)
        self.relations = tuple(relations)
        self.noise = Noise.load() if options.noise else None
        self.foreign = Foreign()

    def draw(self, record: PageRecord, rng: np.random.Generator) -> Row:
        """Draw one window of the page, some of its questions, and their labels."""
        # Asked of the page as it was printed: a misread label must not make an answer absent.
        foreign = self.foreign.draw(record, self.options.foreign, rng)
        foreign = [q for q in foreign if self.encoding.takes_question(q.question)]
        if self.noise is not None and rng.random() < self.options.noise:
            record = self.noise.apply(record, rng)
        order = None
        if rng.random() < self.options.shuffle:
            order = perturbed_order(record, rng)
        page = self.encoding.tokenize_page(record.words, order)
        bounds = self.encoding.window_bounds(page, self.options.page_tokens)
        chosen = bounds[int(rng.integers(len(bounds)))]
        askable = [q for q in record.questions if self.encoding.takes_question(q.question)]
        count = min(self.options.questions - len(foreign), len(askable))
        picks = rng.choice(len(askable), size=count, replace=False) if count else ()
        questions = [*(askable[int(i)] for i in picks), *foreign]
        return self.label(record, page, chosen, questions, rng)

    def label(
        self,
        record: PageRecord,
        page: PageTokens,
        bounds: tuple[int, int],
        questions: Sequence[GoldQuestion],
        rng: np.random.Generator,
    ) -> Row:
        """Make the row of one window."""
        ids = [self.encoding.tokenize_question(q.question) for q in questions]
        inputs = self.encoding.window(page, bounds, ids, record.picture())
        labels = tuple(self.question_label(inputs, q) for q in questions)
        if record.segments is None:
            return Row(inputs, labels)
        tags, groups = self.word_groups(record, inputs)
        count = len(inputs.words)
        picked = np.sort(rng.permutation(count)[: self.options.pair_words])
        if count > self.options.pair_words and rng.random() < 0.5:
            start = int(rng.integers(count - self.options.pair_words))
            picked = np.arange(start, start + self.options.pair_words)
        return Row(inputs, labels, tags, picked, self.relation_matrix(groups, record, picked))

    def question_label(self, inputs: WindowInputs, gold: GoldQuestion) -> QuestionLabel:
        """Locate a gold answer in a window."""
        if gold.kind == "absent":
            return QuestionLabel(ABSENT)
        if gold.kind == "text":
            return QuestionLabel(COMPOSE, target=self.text_target(gold.answer))
        whole, broken = [], 0
        for pieces in gold.occurrences:
            positions, missing = locate(inputs, pieces)
            if positions and not missing:
                whole.append(positions)
            broken += bool(positions) and bool(missing)
        if not whole:
            return QuestionLabel(UNKNOWN if broken else ABSENT)
        spans = tuple(
            (p[0], len(p) - 1)
            for p in whole
            if p == list(range(p[0], p[0] + len(p))) and len(p) <= self.span_length
        )
        target = self.copy_target(inputs, whole[0]) if len(whole) == 1 else ()
        if spans:
            return QuestionLabel(SPAN, spans, target)
        return QuestionLabel(COMPOSE, target=target)

    def copy_target(self, inputs: WindowInputs, positions: list[int]) -> tuple[Target, ...]:
        """Decoder target that copies the gold occurrence."""
        if len(positions) >= self.options.target_tokens:
            return ()
        copied = [(int(inputs.input_ids[p]), p) for p in positions]
        return (*copied, (self.encoding.sep_id, -1))

    def text_target(self, answer: str) -> tuple[Target, ...]:
        """Decoder target that generates the answer from the vocabulary."""
        ids = self.encoding.tokenizer.encode(answer, add_special_tokens=False).ids
        if len(ids) >= self.options.target_tokens:
            return ()
        return (*((i, -1) for i in ids), (self.encoding.sep_id, -1))

    def word_groups(
        self, record: PageRecord, inputs: WindowInputs
    ) -> tuple[Ints, dict[str, NDArray[np.int64]]]:
        """Tags of the window's words [W], and each word's segment, table, rows and columns."""
        total = len(record.words)
        tags = np.full(total, self.tags.index("other"), dtype=np.int64)
        unit = np.full(total, -1, dtype=np.int64)
        table = np.full(total, -1, dtype=np.int64)
        slots = np.zeros((total, 4), dtype=np.int64)  # first row, last row, first and last column
        for number, segment in enumerate(record.segments or ()):
            tags[segment["words"]] = self.tags.index(segment["label"])
            unit[segment["words"]] = number
        number = len(record.segments or ())
        for which, gold in enumerate(record.tables):
            for cell in gold["cells"]:
                words = cell["words"]
                kind = "cell_header" if cell["kind"] == "header" else "cell"
                tags[words] = self.tags.index(kind)
                unit[words], table[words] = number, which
                row, column = cell["row"], cell["column"]
                slots[words] = (
                    row, row + cell["row_span"] - 1, column, column + cell["column_span"] - 1,
                )  # fmt: skip
                number += 1
        here = np.array(inputs.page.order, dtype=np.int64)[inputs.words]
        return tags[here], {"unit": unit[here], "table": table[here], "slots": slots[here]}

    def relation_matrix(
        self, groups: dict[str, NDArray[np.int64]], record: PageRecord, picked: Ints
    ) -> NDArray[np.float32]:
        """Gold relations between the picked words, [R, K, K]."""
        unit, table = groups["unit"][picked], groups["table"][picked]
        slots = groups["slots"][picked]
        out = np.zeros((len(self.relations), len(picked), len(picked)), dtype=np.float32)
        key_value = out[self.relations.index("key_value")]
        for key, value in record.links:
            key_value[np.ix_(unit == key, unit == value)] = 1.0
        same_table = (table[:, None] == table[None, :]) & (table[:, None] >= 0)
        for name, first, last in (("same_row", 0, 1), ("same_column", 2, 3)):
            meets = (slots[:, None, first] <= slots[None, :, last]) & (
                slots[None, :, first] <= slots[:, None, last]
            )
            out[self.relations.index(name)] = same_table & meets
        out[self.relations.index("same_cell")] = (unit[:, None] == unit[None, :]) & (
            unit[:, None] >= 0
        )
        return out


def locate(inputs: WindowInputs, pieces: Sequence[Piece]) -> tuple[list[int], int]:
    """Find the text positions of an answer's subwords in a window.

    Returns:
        Positions in the order of the pieces, and how many subwords lie outside the window.
    """
    page = inputs.page
    place = {original: index for index, original in enumerate(page.order)}
    positions, missing = [], 0
    for word, start, end in pieces:
        first, last = np.searchsorted(page.word_index, [place[word], place[word] + 1])
        for token in range(int(first), int(last)):
            if page.offsets[token, 0] < end and page.offsets[token, 1] > start:
                if inputs.token_start <= token < inputs.token_end:
                    positions.append(token - inputs.token_start + 1)
                else:
                    missing += 1
    return positions, missing


def perturbed_order(record: PageRecord, rng: np.random.Generator) -> list[int]:
    """Reorder words so that boxes must carry the layout: columns first, or shuffled blocks."""
    order = row_order(record.words)
    if rng.random() < 0.5:
        cut = float(rng.uniform(0.35, 0.65))
        return sorted(order, key=lambda i: record.words[i].box.center[0] > cut)
    size = int(rng.integers(8, 40))
    blocks = [order[i : i + size] for i in range(0, len(order), size)]
    return [i for b in rng.permutation(len(blocks)) for i in blocks[int(b)]]


@dataclass
class Batch:
    """Rows padded to one length, as tensors."""

    inputs: PageInputs
    rows: list[Row]
    word_positions: Tensor  # [B, W], 0 where padded
    word_tags: Tensor  # [B, W], IGNORED where unlabelled

    def to(self, device: torch.device) -> Batch:
        """Return the same batch with its tensors on a device."""
        return Batch(
            PageInputs(*(t.to(device) for t in self.inputs)),
            self.rows,
            self.word_positions.to(device),
            self.word_tags.to(device),
        )


def stack(arrays: Sequence[NDArray[np.generic]], fill: int) -> Tensor:
    """Pad arrays along their first axis to the longest and stack them."""
    longest = max(len(a) for a in arrays)
    out = np.full((len(arrays), longest, *arrays[0].shape[1:]), fill, dtype=arrays[0].dtype)
    for row, array in zip(out, arrays, strict=True):
        row[: len(array)] = array
    return torch.from_numpy(out)


def page_inputs(windows: Sequence[WindowInputs], pad_id: int) -> PageInputs:
    """Pad windows to one length, as the model's inputs."""
    return PageInputs(
        input_ids=stack([w.input_ids for w in windows], pad_id),
        boxes=stack([w.boxes for w in windows], 0),
        positions=stack([w.positions for w in windows], 0),
        groups=stack([w.groups for w in windows], -1),
        picture=torch.from_numpy(np.stack([w.picture for w in windows])),
        question_positions=stack([w.question_positions for w in windows], 0),
    )


def collate(rows: Sequence[Row], pad_id: int) -> Batch:
    """Make a batch."""
    windows = [r.inputs for r in rows]
    counts = [len(w.words) for w in windows]
    unlabelled = [np.full(n, IGNORED, dtype=np.int64) for n in counts]
    tags = [
        u if r.word_tags is None else r.word_tags for u, r in zip(unlabelled, rows, strict=True)
    ]
    return Batch(
        inputs=page_inputs(windows, pad_id),
        rows=list(rows),
        word_positions=stack([w.word_positions for w in windows], 0),
        word_tags=stack(tags, IGNORED),
    )
