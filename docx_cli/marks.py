"""What is marked on a page for each finding, in a picture and in a review page alike."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from docx_cli.document import Box, DocumentResult, KeyValue, Place, Table
from docx_cli.safe_text import printable

Kind = Literal["answer", "pair", "form", "table"]
Role = Literal["answer", "key", "value", "field", "cell", "header", "table", "word"]

COLORS: dict[Role, tuple[int, int, int]] = {
    "answer": (206, 52, 44),
    "key": (30, 100, 200),
    "value": (18, 135, 85),
    "field": (0, 128, 138),
    "cell": (150, 80, 185),
    "header": (128, 45, 165),
    "table": (128, 45, 165),
    "word": (130, 150, 185),
}
"""Red, green and blue of each role, dark enough to stand on white paper."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A box on the page and what it is there for."""

    box: Box
    role: Role


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer, a pair or a table on one page. All texts are printable."""

    kind: Kind
    name: str
    text: str
    confidence: float
    shapes: tuple[Shape, ...]
    """What it is about comes first."""
    arrow: tuple[tuple[float, float], tuple[float, float]] | None = None
    """From a key's edge to its value's, as fractions of the page."""


def findings(result: DocumentResult, number: int) -> Iterator[Finding]:
    """Yield the findings on a page, those that should be drawn on top last."""
    for table in result.tables or ():
        for part in table.parts:
            if part.page == number:
                yield _table(table, part)
    for pair in result.key_values or ():
        if pair.key.evidence.page == pair.value.evidence.page == number:
            yield _pair(pair)
    for answer in result.answers or ():
        if answer.evidence is not None and answer.evidence.page == number:
            shape = Shape(answer.evidence.box, "answer")
            name, text = printable(answer.name), printable(answer.text)
            yield Finding("answer", name, text, answer.confidence, (shape,))


def arrow_head(
    start: tuple[float, float], end: tuple[float, float], size: float
) -> list[tuple[float, float]]:
    """Return the triangle at the end of an arrow; all in one unit of length."""
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    wings = [
        (end[0] - size * math.cos(angle + side), end[1] - size * math.sin(angle + side))
        for side in (-0.4, 0.4)
    ]
    return [end, *wings]


def _table(table: Table, part: Place) -> Finding:
    here = [c for c in table.cells if c.page == part.page]
    cells = tuple(Shape(c.box, "cell" if c.kind == "body" else "header") for c in here)
    rows, columns = table.shape
    text = f"{rows} x {columns}"
    if table.further:
        text += f", part {table.parts.index(part) + 1} of {len(table.parts)}"
    return Finding("table", "table", text, table.confidence, (Shape(part.box, "table"), *cells))


def _pair(pair: KeyValue) -> Finding:
    key, value = pair.key.evidence.box, pair.value.evidence.box
    form = pair.source == "form"
    shapes = [Shape(value, "field" if form else "value")]
    arrow = None
    if key != value:  # a field that nothing printed names is its own key
        shapes.append(Shape(key, "key"))
        arrow = _facing(key, value), _facing(value, key)
    name, text = printable(pair.key.text), printable(pair.value.text)
    return Finding("form" if form else "pair", name, text, pair.confidence, tuple(shapes), arrow)


def _facing(box: Box, other: Box) -> tuple[float, float]:
    """Return the point of `box` that is nearest to the middle of `other`."""
    x, y = other.center
    return min(max(x, box.x0), box.x1), min(max(y, box.y0), box.y1)
