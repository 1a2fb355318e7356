"""What is measured: the tool's pipeline with a model, the model alone, rules without one.

Questions are answered by the pipeline with one of a model's heads. Structure is read twice: as
the tool prints it, and from the model's tags and relations alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from docx_cli.answers import AnswerWith
from docx_cli.bundle import open_bundle
from docx_cli.document import Answer, Basis, DocumentResult, Question
from docx_cli.pairing import Odds, Reading, paired
from docx_cli.pipeline import Extractor
from docx_cli.reading import PageContent
from docx_cli.source import Source
from docx_cli.tilt import undone
from docx_cli.word_scores import WordScores
from docx_models import baseline
from docx_models.relations import related_tables
from docx_models.structure import Entity, Found

BASELINE = "regexes"


@dataclass(frozen=True)
class Contender:
    """A model bundle that is measured."""

    name: str
    path: Path
    heads: tuple[AnswerWith, ...]
    """Heads that answer questions, each a system of its own."""


class System(Protocol):
    """Something that answers questions from a document's pages."""

    name: str

    def run(
        self, asked: Sequence[tuple[Question, str]], source: Source, contents: Sequence[PageContent]
    ) -> DocumentResult:
        """Answer questions, each given with its field's name, in order."""


class ModelSystem:
    """The tool's pipeline, answering with one head of a model."""

    def __init__(self, name: str, path: Path, head: AnswerWith, threads: int | None) -> None:
        self.extractor = Extractor(open_bundle(path), threads, answer_with=head)
        self.name = f"{name}, {head}"

    def run(
        self, asked: Sequence[tuple[Question, str]], source: Source, contents: Sequence[PageContent]
    ) -> DocumentResult:
        """Answer questions in order; one that is too long for the model is not answered."""
        takes = [self.extractor.encoding.takes_question(q.text) for q, _ in asked]
        taken = [q for (q, _), takes_it in zip(asked, takes, strict=True) if takes_it]
        result = self.extractor.run_pages(source, contents, questions=taken)
        if all(takes) or result.answers is None:
            return result
        given = iter(result.answers)
        pairs = zip(asked, takes, strict=True)
        answers = tuple(next(given) if takes_it else no_answer(q) for (q, _), takes_it in pairs)
        return replace(result, answers=answers)


def no_answer(question: Question) -> Answer:
    """Return "not found", of which nobody is sure."""
    return Answer(question.text, question.name or question.text, "", False, 0.0, "none")


class BaselineSystem:
    """The hand-written rules, which are asked for fields, not in words."""

    name = BASELINE

    def run(
        self, asked: Sequence[tuple[Question, str]], source: Source, contents: Sequence[PageContent]
    ) -> DocumentResult:
        """Answer questions in order."""
        pages = tuple(content.page for content in contents)
        tilts = {c.page.number: c.tilt for c in contents if c.tilt is not None}
        finder = baseline.Finder(tuple(content.upright for content in contents))
        found = tuple(finder.answer(question, field) for question, field in asked)
        answers = undone(found, tilts)
        return DocumentResult(source.name, source.sha256, "ok", pages=pages, answers=answers)


class StructureSystem:
    """Reads the structure of pages with a model.

    Args:
        name: of the model.
        extractor: runs it.
        alone: take the model's tags and relations as they are; else what the tool prints.
        without: what the tool must not use.
    """

    def __init__(
        self, name: str, extractor: Extractor, alone: bool, without: Basis | None = None
    ) -> None:
        self.name = f"{name}, {'alone' if alone else 'tool'}"
        self.extractor = extractor
        self.alone = alone
        if without is not None:
            self.name += f" without {without}"
            self.extractor = copy(extractor)  # shares the graphs
            self.extractor.parts = [part for part in extractor.parts if part != without]

    def run(self, source: Source, content: PageContent) -> Found:
        """Read one page."""
        if not content.page.words:
            return Found()
        if self.alone:
            return read_alone(content.page.number, self.extractor.word_scores(content))
        result = self.extractor.run_pages(source, [content], key_values=True, tables=True)
        return read_printed(result)


def read_alone(page: int, scores: WordScores) -> Found:
    """Take tags and relations as they are, decoded together, without places."""
    return replace(
        found_in(scores, paired(Odds.of(scores)), scores.entities("header")),
        tables=tuple(related_tables(page, scores)),
    )


def found_in(scores: WordScores, reading: Reading, headers: Sequence[Sequence[int]] = ()) -> Found:
    """Take all keys and values of a reading, also those that are in no pair."""
    groups = {"key": reading.keys, "value": reading.values, "header": headers}
    entities = [(label, group) for label, found in groups.items() for group in found]
    return Found(
        tuple(Entity(label, tuple(scores.words[i] for i in g)) for label, g in entities),
        tuple((key, len(reading.keys) + value) for key, value in reading.links),
    )


def read_printed(result: DocumentResult) -> Found:
    """Take what the tool prints: the entities are those that take part in a pair."""
    entities: dict[Entity, int] = {}
    links = []
    for pair in result.key_values or ():
        if pair.checked is not None:  # no set labels states of check boxes as pairs
            continue
        key = Entity("key", pair.key.evidence.words)
        value = Entity("value", pair.value.evidence.words)
        link = tuple(entities.setdefault(e, len(entities)) for e in (key, value))
        links.append((link[0], link[1]))
    return Found(tuple(entities), tuple(links), result.tables or ())
