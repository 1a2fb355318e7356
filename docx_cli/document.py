"""The types everything else speaks: pages, words, answers, pairs and tables.

All are frozen. Boxes are fractions of the page as a person sees it, origin top
left; lengths are PDF points (1/72 inch); pages count from 1; confidences are
probabilities in 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, Literal

TextSource = Literal["pdf", "ocr", "none"]
Grounding = Literal["pointer", "search", "none"]
OcrReason = Literal["forced", "picture", "no_text", "unreadable", "misplaced", "gibberish"]
Status = Literal["ok", "partial", "failed"]
PageStatus = Literal["ok", "failed", "timeout", "out_of_memory"]
CellKind = Literal["header", "stub", "body"]
PairSource = Literal["page", "form"]
FieldKind = Literal["text", "choice", "checkbox", "radio", "signature"]
Basis = Literal["model", "geometry", "rules"]
ValueType = Literal["text", "date", "money", "number", "integer", "percent", "boolean"]

ALL_PARTS: tuple[Basis, ...] = ("model", "geometry", "rules")
"""What pairs and tables may be read from."""


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle on a page.

    Fractions of the page's width and height as displayed (after /Rotate),
    origin top left, ``0 <= x0 <= x1 <= 1`` and ``0 <= y0 <= y1 <= 1``.

    Raises:
        ValueError: the corners are inverted, outside the page or not finite.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.x0 <= self.x1 <= 1.0 and 0.0 <= self.y0 <= self.y1 <= 1.0):
            finite = all(math.isfinite(v) for v in self.as_tuple())
            what = "is inverted or leaves the page" if finite else "is not finite"
            raise ValueError(f"box {what}: {self.as_tuple()}")

    @classmethod
    def clipped(cls, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Make a box from corners in any order, cut to the page."""
        left, right = sorted((min(max(x0, 0.0), 1.0), min(max(x1, 0.0), 1.0)))
        top, bottom = sorted((min(max(y0, 0.0), 1.0), min(max(y1, 0.0), 1.0)))
        return cls(left, top, right, bottom)

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """Return the smallest box that covers all of `boxes` (at least one)."""
        items = list(boxes)
        return cls(
            min(b.x0 for b in items),
            min(b.y0 for b in items),
            max(b.x1 for b in items),
            max(b.y1 for b in items),
        )

    def as_tuple(self) -> tuple[float, float, float, float]:
        """Return ``(x0, y0, x1, y1)``."""
        return (self.x0, self.y0, self.x1, self.y1)

    def rounded(self) -> list[float]:
        """Return the corners to five decimals, as they are printed."""
        return [round(v, 5) for v in self.as_tuple()]

    @property
    def center(self) -> tuple[float, float]:
        """The middle, ``(x, y)``."""
        return ((self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2)

    def contains(self, x: float, y: float) -> bool:
        """Say whether the point lies inside or on the edge."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


@dataclass(frozen=True, slots=True)
class Word:
    """One word on a page; `confidence` is the OCR engine's, None for PDF text."""

    text: str
    box: Box
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page with its words in the order they were read.

    `width` and `height` are points of the page as displayed (CropBox, turned by
    `rotation` degrees clockwise, scaled by UserUnit). `turned` are the degrees clockwise by
    which it must be turned further so that its text stands upright (0, 90, 180 or 270), `skew`
    those by which its lines then still slope down to the right; boxes are those of the page as
    it is. `ocr_reason` says why its own text was not taken, None where it was. A `blank` page
    has nothing on it that could be read.
    """

    number: int
    width: float
    height: float
    rotation: int = 0
    words: tuple[Word, ...] = ()
    text_source: TextSource = "none"
    status: PageStatus = "ok"
    error: str | None = None
    turned: int = 0
    skew: float = 0.0
    ocr_reason: OcrReason | None = None
    blank: bool = False

    def text(self) -> str:
        """Return the words joined by single spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words on one page that a value was read from, and the box around them."""

    page: int
    box: Box
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the name its answer goes by (the question itself if unnamed)."""

    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money; `currency` is its ISO 4217 code, None if the document does not say."""

    amount: Decimal
    currency: str | None


Value = date | Money | Decimal | int | bool | str | None
"""What a printed text says; None if it is open, as which day 03/04/2021 is."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer to a question, which the model thought less likely, or not likely enough."""

    text: str
    confidence: float
    grounding: Grounding
    evidence: Evidence | None = None
    type: ValueType = "text"
    value: Value = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for one question.

    `found` is False where the model judged that the document holds no answer;
    `text` is then empty and `confidence` is that of "not found". `grounding`
    tells how `evidence` came about: the model chose the words (pointer), they
    were searched for after the text was generated (search), or there is none.
    `type` and `value` are what `text` says: see `docx_cli.values`. `alternatives`
    are other answers, likeliest first, on other words.
    """

    question: str
    name: str
    text: str
    found: bool
    confidence: float
    grounding: Grounding
    evidence: Evidence | None = None
    type: ValueType = "text"
    value: Value = None
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class TextRegion:
    """A piece of text on a page with its words."""

    text: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a PDF form as it stands in the file; of radio buttons, one button.

    `name` is its full name in the form, `label` what the form's author wrote for the
    reader, None if nothing. `value` is what was typed or chosen; of a button what it
    stands for, whether it is `checked` or not. `checked` is None for all other kinds.
    """

    name: str
    label: str | None
    kind: FieldKind
    value: str
    checked: bool | None
    box: Box


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A key and the value that belongs to it.

    `source` is "page" where both were read from what is printed, "form" where the value
    comes from `field`, a field of the PDF's form; `basis` is what a printed pair was read from.
    `checked` is the state of a check box, or of a radio button on paper, and None for all else; the
    key is then its label. `section` is the heading that governs the pair, None where there is none.
    """

    key: TextRegion
    value: TextRegion
    confidence: float
    source: PairSource = "page"
    field: FormField | None = None
    basis: tuple[Basis, ...] = ()
    checked: bool | None = None
    section: TextRegion | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell on page `page`; `row` and `column` count from 0, its top left slot.

    `kind` is header over columns, stub where it labels the row beside it, else body.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    kind: CellKind
    text: str
    box: Box
    confidence: float
    page: int

    @property
    def row_end(self) -> int:
        """The row below it."""
        return self.row + self.row_span

    @property
    def column_end(self) -> int:
        """The column to its right."""
        return self.column + self.column_span


@dataclass(frozen=True, slots=True)
class Place:
    """A box on a page."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `basis` is what it was read from: tags, places, ruling lines.

    `page` and `box` are where it stands, or begins; `further` where it goes on, if it was
    joined from several pages. `turned` are the degrees clockwise by which it must be turned to
    be read: 0, 90, 180 or 270; its boxes are those of the page as it is.
    """

    page: int
    box: Box
    cells: tuple[Cell, ...]
    confidence: float
    basis: tuple[Basis, ...] = ("geometry",)
    further: tuple[Place, ...] = ()
    turned: int = 0

    @property
    def parts(self) -> tuple[Place, ...]:
        """Where it stands, page by page."""
        return (Place(self.page, self.box), *self.further)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows = max((c.row_end for c in self.cells), default=0)
        columns = max((c.column_end for c in self.cells), default=0)
        return rows, columns

    @property
    def header_rows(self) -> int:
        """Rows at the top in which no cell is another than a header and at least one is."""
        headers, others = (
            {r for c in self.cells if (c.kind == "header") is h for r in range(c.row, c.row_end)}
            for h in (True, False)
        )
        return next(n for n in count() if n not in headers or n in others)

    def grid(self) -> list[list[str]]:
        """Return the texts row by row; a spanning cell's text stands in its first slot."""
        rows, columns = self.shape
        out = [[""] * columns for _ in range(rows)]
        for cell in self.cells:
            out[cell.row][cell.column] = cell.text
        return out


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value that was extracted, and where it was read.

    `field` is the path of its keys, such as "total" or "line_items/0/amount".
    """

    field: str
    text: str
    type: ValueType
    value: Value
    confidence: float
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class FieldFailure:
    """A value that is missing or is not what the schema asks for.

    `reason` is missing, unsure, unreadable, ambiguous, or the keyword of JSON Schema that is
    not satisfied, such as pattern; `text` is what was read there, empty if nothing was.
    """

    field: str
    reason: str
    message: str
    text: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a document holds of a schema.

    `data` are plain JSON values; it satisfies the schema where `valid`. What does not satisfy it
    by itself is not in `data` but in `failures`.
    """

    schema: str
    data: Mapping[str, Any]
    valid: bool
    values: tuple[FieldValue, ...]
    failures: tuple[FieldFailure, ...]


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model gave the results; `sha256` is of the bundle's manifest."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Which input of which run a record is of: hashes of the input's path and of the settings."""

    input: str
    settings: str


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """Why a document failed: the class's kind, its exit code and one line."""

    kind: str
    exit_code: int
    message: str


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """Everything one run found in one input: the record that is printed.

    `answers`, `key_values`, `tables` and `extraction` are None where they were not asked for.
    `timings` are seconds by step.
    """

    source: str
    sha256: str | None
    status: Status
    error: ErrorInfo | None = None
    pages: tuple[Page, ...] = ()
    answers: tuple[Answer, ...] | None = None
    key_values: tuple[KeyValue, ...] | None = None
    tables: tuple[Table, ...] | None = None
    extraction: Extraction | None = None
    model: ModelIdentity | None = None
    timings: dict[str, float] = field(default_factory=dict)
    run: RunIdentity | None = None
