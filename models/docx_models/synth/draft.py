"""A page being written: its pieces of text, and what each of them means.

Nothing is searched for afterwards. Every text is placed as a `Run` with a
number of its own; the typst source wraps it in a link to ``m:<page>:<number>``, which
leaves no ink, and the PDF's link rectangles tell where it came to stand.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from docx_models.synth.content import Source
from docx_models.synth.fields import FIELDS
from docx_models.synth.style import Style
from docx_models.synth.values import Values

Kind = Literal["extract", "text", "absent"]


class SynthError(Exception):
    """The page cannot be used: a text was not found where it was placed."""


_PLACED = re.compile(r"\bm\((\d+), ")


def quote(text: str) -> str:
    """Return `text` as a typst string literal; no character of it can act as markup."""
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Run:
    """A text placed once on the page; as a string it is its typst expression."""

    number: int
    text: str

    def __str__(self) -> str:
        return f"m({self.number}, {quote(self.text)})"


@dataclass(frozen=True, slots=True)
class Pair:
    """A printed key (None: the value stands alone) and the parts of its value."""

    label: str | None
    parts: tuple[Run | str, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The value's runs, without the plain text between them."""
        return tuple(part for part in self.parts if isinstance(part, Run))

    @property
    def value(self) -> str:
        """The value's typst expression."""
        return join(self.parts)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; `row` and `column` count from 0."""

    row: int
    column: int
    runs: tuple[Run, ...]
    header: bool = False
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with its answer: the runs it stands in, or a text of its own.

    `twins` are other places where the same answer is printed under the same meaning.
    """

    question: str
    field: str
    runs: tuple[Run, ...] = ()
    text: str | None = None
    twins: tuple[tuple[Run, ...], ...] = ()

    @property
    def kind(self) -> Kind:
        """How it is answered."""
        if self.runs:
            return "extract"
        return "absent" if self.text is None else "text"


def join(parts: Iterable[Run | str]) -> str:
    """Return the typst expression of runs and plain strings set one after another."""
    return " + ".join(str(p) if isinstance(p, Run) else f"[#{quote(p)}]" for p in parts) or "[]"


@dataclass
class Draft:
    """A page in the making.

    `facts` are the runs that hold a field's value, `twins` other places where
    the same value is printed as the same field, `pairs` keys with their values,
    `asks` questions that a family adds to the sampled ones, `blank` keys that
    were left without a value. `hinted` fields have some value on the page that
    is no clear answer: they are neither asked nor called absent. `source` is
    the real text that the page shows, where its family needs one, `more` are
    further ones of the same set; `measured`
    pages are asked that text's own questions and nothing else. `asker` draws
    the questions about tables, so that they leave the page's own draws alone.
    """

    family: str
    rng: random.Random
    values: Values
    style: Style
    body: str = ""
    runs: list[Run] = field(default_factory=list)
    facts: dict[str, tuple[Run, ...]] = field(default_factory=dict)
    twins: dict[str, list[tuple[Run, ...]]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[Run, ...]] = field(default_factory=list)
    pairs: list[tuple[tuple[Run, ...], tuple[Run, ...], str]] = field(default_factory=list)
    tables: list[tuple[Cell, ...]] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    hinted: set[str] = field(default_factory=set)
    section: str = ""
    source: Source | None = None
    more: tuple[Source, ...] = ()
    measured: bool = False
    asker: random.Random = field(default_factory=lambda: random.Random(0))

    def run(self, text: str) -> Run:
        """Place a text that answers no field."""
        if not text.strip():
            raise SynthError("a run must hold text")
        run = Run(len(self.runs), " ".join(text.split()))
        self.runs.append(run)
        return run

    def fact(self, name: str, text: str) -> Run:
        """Place the value of a field; the same value placed again is as good an answer.

        Another value placed for the same field leaves it without a clear answer.
        """
        run = self.run(text)
        self._keep(name, (run,))
        return run

    def fact_lines(self, name: str, lines: Sequence[str]) -> list[Run]:
        """Place a field's value that stands on several lines."""
        runs = [self.run(line) for line in lines]
        self._keep(name, tuple(runs))
        return runs

    def _keep(self, name: str, runs: tuple[Run, ...]) -> None:
        if self.facts.setdefault(name, runs) is not runs:
            self.twins.setdefault(name, []).append(runs)

    def header(self, text: str) -> Run:
        """Place a title or a section's heading."""
        run = self.run(self.style.title_cased(text))
        self.headers.append((run,))
        return run

    def label(self, name: str) -> str:
        """Choose what a field is called on this page; the same field keeps its label."""
        if name not in self.labels:
            self.labels[name] = self.rng.choice(FIELDS[name].printed(self.values.place.language))
        return self.labels[name]

    def pair(self, name: str, *parts: Run | str, label: str | None = None) -> Pair:
        """Put a field's value under its label; `parts` are runs and what stands between them."""
        whole: list[Run | str] = []
        for part in parts:
            if isinstance(part, Run) or not part.strip():
                whole.append(part)
                continue
            before = part[: len(part) - len(part.lstrip())]
            whole += [before, self.run(part), part[len(part.rstrip()) :]]
        return Pair(self.label(name) if label is None else label, tuple(whole))

    def money(self, name: str, amount: float, **how: bool) -> Run:
        """Place a field's value that is an amount."""
        return self.fact(name, self.values.money(amount, **how))

    def forget_unplaced(self) -> None:
        """Drop what was drawn but did not make it into the body, and all that refers to it."""
        placed = {int(number) for number in _PLACED.findall(self.body)}
        self.runs = [run for run in self.runs if run.number in placed]

        def whole(runs: Iterable[Run]) -> bool:
            return all(run.number in placed for run in runs)

        for name in list(self.facts):
            places = [p for p in (self.facts.pop(name), *self.twins.pop(name, ())) if whole(p)]
            if len({tuple(run.text for run in place) for place in places}) == 1:
                self.facts[name], self.twins[name] = places[0], places[1:]
            elif places:
                # Two different values: neither is the clear answer.
                self.hinted.add(name)
        self.headers = [runs for runs in self.headers if whole(runs)]
        self.pairs = [pair for pair in self.pairs if whole((*pair[0], *pair[1]))]
        self.asks = [ask for ask in self.asks if whole(ask.runs)]

    def chance(self, probability: float) -> bool:
        """Toss a coin."""
        return self.rng.random() < probability

    def ask(self, name: str, runs: Sequence[Run], *wordings: str) -> None:
        """Add a question whose answer stands in `runs`."""
        self.asks.append(Ask(self.rng.choice(wordings), name, tuple(runs)))

    def ask_text(self, name: str, text: str, *wordings: str) -> None:
        """Add a question whose answer is not printed as such."""
        self.asks.append(Ask(self.rng.choice(wordings), name, (), text))

    def ask_absent(self, name: str, *wordings: str) -> None:
        """Add a question that this page does not answer."""
        self.asks.append(Ask(self.rng.choice(wordings), name))
