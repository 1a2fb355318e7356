"""Runs systems over labelled documents and judges each of their answers.

A system is the tool's own pipeline with one of a model's heads, or the baseline without a model;
all get the same pages. Documents can be spread over processes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from docx_cli.answers import AnswerWith
from docx_cli.bundle import open_bundle
from docx_cli.document import Answer, DocumentResult
from docx_cli.errors import DocxError, MissingDependencyError
from docx_cli.outputs import record
from docx_cli.pipeline import Extractor
from docx_cli.reading import PageContent
from docx_cli.schema import record_schema
from docx_cli.source import Source
from docx_models import baseline, metrics
from docx_models.cases import Case, Gold, Reader, WordsFrom
from docx_models.sizes import ENCODING

BASELINE = "regexes"


@dataclass(frozen=True)
class Plan:
    """What is run, and how; small enough to be sent to each process."""

    model: Path | None
    """The bundle; None measures the baseline alone."""
    heads: tuple[AnswerWith, ...]
    """Heads of the model, each a system of its own."""
    baseline: bool
    """Also measure the hand-written rules."""
    words: WordsFrom
    """Where a real document's words come from."""
    cache: Path | None = None
    """Folder that keeps words and pictures between runs."""
    check_records: bool = False
    """Validate every record against the published schema."""
    threads: int | None = None
    """Of onnxruntime, in each process."""


@dataclass(frozen=True)
class Judged:
    """One system's answer to one question, with its scores.

    `typed` compares as money, date or text; where nothing should be found, all three scores
    say whether nothing was. `inside` tells whether the evidence box's centre lies in a place
    that holds the asked value; None where the answer is wrong or no place is known.
    """

    document: str
    gold: Gold
    answer: Answer
    exact: float
    anls: float
    typed: float
    inside: bool | None

    @property
    def present(self) -> bool:
        """Whether the document holds an answer."""
        return bool(self.gold.answers)


@dataclass(frozen=True)
class Measured:
    """One document's judged answers by system.

    `error` says why the document, or pages of it, could not be read; `invalid` what is wrong
    with its records.
    """

    document: str
    systems: Mapping[str, list[Judged]]
    error: str | None = None
    invalid: list[str] = field(default_factory=list)


class System(Protocol):
    """Something that answers questions from a document's pages."""

    name: str

    def run(self, case: Case, source: Source, contents: Sequence[PageContent]) -> DocumentResult:
        """Answer all of a case's questions, in order."""


class ModelSystem:
    """The tool's pipeline, answering with one head of a model."""

    def __init__(self, path: Path, head: AnswerWith, threads: int | None) -> None:
        self.extractor = Extractor(open_bundle(path), threads, answer_with=head)
        self.name = f"{self.extractor.identity.name}, {head}"

    def run(self, case: Case, source: Source, contents: Sequence[PageContent]) -> DocumentResult:
        """Answer all of a case's questions, in order."""
        questions = [gold.question for gold in case.golds]
        return self.extractor.run_pages(source, contents, questions=questions)


class BaselineSystem:
    """The hand-written rules, which are asked for fields, not in words."""

    name = BASELINE

    def run(self, case: Case, source: Source, contents: Sequence[PageContent]) -> DocumentResult:
        """Answer all of a case's questions, in order."""
        pages = tuple(content.page for content in contents)
        finder = baseline.Finder(pages)
        answers = tuple(finder.answer(g.question, g.field) for g in case.golds)
        return DocumentResult(source.name, source.sha256, "ok", pages=pages, answers=answers)


class Worker:
    """Everything one process needs to measure documents."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.systems: list[System] = []
        picture: tuple[int, int] | None = (ENCODING.picture_height, ENCODING.picture_width)
        if plan.model is not None:
            picture = open_bundle(plan.model).picture_size
            self.systems += [ModelSystem(plan.model, head, plan.threads) for head in plan.heads]
        if plan.baseline:
            self.systems.append(BaselineSystem())
        self.reader = Reader(plan.words, picture, plan.cache)

    def measure(self, case: Case) -> Measured:
        """Run every system over a document; one that cannot be read is wrong throughout."""
        try:
            source, contents = self.reader.read(case)
            results = {s.name: s.run(case, source, contents) for s in self.systems}
        except DocxError as error:
            failures = [judge(case.id, gold, no_answer(gold), failed=True) for gold in case.golds]
            return Measured(case.id, {s.name: failures for s in self.systems}, str(error))
        invalid = []
        if self.plan.check_records:
            invalid = [problem for r in results.values() if (problem := schema_problem(r))]
        systems = {
            name: [
                judge(case.id, gold, answer, failed=r.answers is None)
                for gold, answer in zip(
                    case.golds, r.answers or map(no_answer, case.golds), strict=True
                )
            ]
            for name, r in results.items()
        }
        pages = [c.page for c in contents if c.page.status != "ok"]
        failed = "; ".join(f"page {p.number}: {p.error or p.status}" for p in pages)
        return Measured(case.id, systems, failed or None, invalid)


def judge(document: str, gold: Gold, answer: Answer, *, failed: bool = False) -> Judged:
    """Score one answer; `failed` makes it wrong even where nothing should be found."""
    if not gold.answers:
        right = float(not answer.found and not failed)
        return Judged(document, gold, answer, right, right, right, None)
    text = answer.text if answer.found else ""
    typed = metrics.typed_match(gold.kind, text, gold.answers)
    inside = None
    if typed and gold.places is not None:
        where = answer.evidence
        inside = where is not None and any(
            where.page == 1 and place.contains(*where.box.center) for place in gold.places
        )
    return Judged(
        document,
        gold,
        answer,
        metrics.exact_match(text, gold.answers),
        metrics.anls(text, gold.answers),
        typed,
        inside,
    )


def no_answer(gold: Gold) -> Answer:
    """Return "not found", of which nobody is sure."""
    name = gold.question.name or gold.question.text
    return Answer(gold.question.text, name, "", False, 0.0, "none")


def schema_problem(result: DocumentResult) -> str | None:
    """Validate the printed record of a result; return what is wrong with it, if anything.

    Raises:
        MissingDependencyError: the validator is not installed.
    """
    try:
        import jsonschema
    except ModuleNotFoundError as error:
        hint = "pip install jsonschema"
        raise MissingDependencyError("jsonschema is not installed", hint=hint) from error
    try:
        jsonschema.validate(record(result, words=True), record_schema())
    except jsonschema.ValidationError as error:
        return f"{error.json_path}: {error.message.splitlines()[0][:200]}"
    return None


_worker: Worker | None = None


def _start(plan: Plan) -> None:
    global _worker
    _worker = Worker(plan)


def _measure(case: Case) -> Measured:
    assert _worker is not None
    return _worker.measure(case)


def measure_all(plan: Plan, cases: Sequence[Case], jobs: int = 1) -> Iterator[Measured]:
    """Measure documents in `jobs` processes; yield them in their order as they get done."""
    if jobs == 1:
        yield from map(Worker(plan).measure, cases)
        return
    # Spawned, not forked: onnxruntime's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(plan,)) as pool:
        yield from pool.map(_measure, cases)
