"""Runs systems over labelled documents and judges each of their answers.

All systems get the same pages. Documents can be spread over processes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from docx_cli.bundle import open_bundle
from docx_cli.document import Answer, Basis, DocumentResult
from docx_cli.errors import DocxError, MissingDependencyError, UsageError
from docx_cli.outputs import record
from docx_cli.reading import PageContent
from docx_cli.schema import record_schema
from docx_cli.session import limit_threads
from docx_cli.source import Source
from docx_models import metrics, structure
from docx_models.absent import absent_golds
from docx_models.cases import Case, Gold, Reader, WordsFrom
from docx_models.sizes import ENCODING
from docx_models.structure import Tally
from docx_models.systems import (
    BaselineSystem,
    Contender,
    ModelSystem,
    StructureSystem,
    System,
    no_answer,
)


@dataclass(frozen=True)
class Plan:
    """What is run, and how; small enough to be sent to each process."""

    contenders: tuple[Contender, ...]
    """The models; none measures the baseline alone."""
    baseline: bool
    """Also measure the hand-written rules."""
    words: WordsFrom
    """Where a real document's words come from."""
    absent: bool = False
    """Also ask real documents for what they do not hold."""
    cache: Path | None = None
    """Folder that keeps words and pictures between runs."""
    check_records: bool = False
    """Validate every record against the published schema."""
    threads: int | None = None
    """Of onnxruntime, in each process."""
    leave_out: tuple[Basis, ...] = ()
    """Also measure pairs and tables read without each of these."""


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
    """One document's judged answers and tallied structure, by system.

    `error` says why the document, or pages of it, could not be read; `invalid` what is wrong
    with its records.
    """

    document: str
    systems: Mapping[str, list[Judged]]
    structure: Mapping[str, Mapping[str, Tally]]
    error: str | None = None
    invalid: list[str] = field(default_factory=list)


class Worker:
    """Everything one process needs to measure documents."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.systems: list[System] = []
        self.readers: list[StructureSystem] = []
        for one in plan.contenders:
            models = [ModelSystem(one.name, one.path, h, plan.threads) for h in one.heads]
            self.systems += models
            extractor = models[0].extractor
            self.readers += [StructureSystem(one.name, extractor, a) for a in (True, False)]
            self.readers += [
                StructureSystem(one.name, extractor, False, part) for part in plan.leave_out
            ]
        if plan.baseline:
            self.systems.append(BaselineSystem())
        self.reader = Reader(plan.words, _picture_size(plan.contenders), plan.cache)

    def measure(self, case: Case) -> Measured:
        """Run every system over a document; one that cannot be read is wrong throughout."""
        golds = case.golds
        try:
            source, contents = self.reader.read(case)
            if self.plan.absent:
                golds = (*golds, *absent_golds(case, contents))
            asked = [(gold.question, gold.field) for gold in golds]
            results = {s.name: s.run(asked, source, contents) for s in self.systems if asked}
            tallies = self._structure(case, source, contents)
        except DocxError as error:
            failures = [
                judge(case.id, gold, no_answer(gold.question), failed=True) for gold in golds
            ]
            missed = structure.add_up(structure.tallies(p, structure.Found()) for p in case.pages)
            return Measured(
                case.id,
                {s.name: failures for s in self.systems},
                {r.name: missed for r in self.readers},
                str(error),
            )
        invalid = []
        if self.plan.check_records:
            invalid = [problem for r in results.values() if (problem := schema_problem(r))]
        pages = [c.page for c in contents if c.page.status != "ok"]
        failed = "; ".join(f"page {p.number}: {p.error or p.status}" for p in pages)
        judged = {name: judge_all(case.id, golds, r) for name, r in results.items()}
        return Measured(case.id, judged, tallies, failed or None, invalid)

    def _structure(
        self, case: Case, source: Source, contents: Sequence[PageContent]
    ) -> dict[str, dict[str, Tally]]:
        """Score the structure of a document's pages where it is labelled."""
        if not case.pages:
            return {}
        return {
            reader.name: structure.add_up(
                structure.tallies(case.page(c.page.number), reader.run(source, c)) for c in contents
            )
            for reader in self.readers
        }


def _picture_size(contenders: Sequence[Contender]) -> tuple[int, int] | None:
    """Rows and columns of the page picture, which all models must see alike."""
    sizes = {open_bundle(one.path).picture_size for one in contenders}
    if len(sizes) > 1:
        raise UsageError("these models see page pictures of different sizes")
    return sizes.pop() if sizes else (ENCODING.picture_height, ENCODING.picture_width)


def judge_all(document: str, golds: Sequence[Gold], result: DocumentResult) -> list[Judged]:
    """Score a document's answers; those of one that failed are wrong."""
    failed = result.answers is None
    answers = result.answers or tuple(no_answer(g.question) for g in golds)
    return [judge(document, g, a, failed=failed) for g, a in zip(golds, answers, strict=True)]


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
    limit_threads(plan.threads)
    _worker = Worker(plan)


def _measure(case: Case) -> Measured:
    assert _worker is not None
    return _worker.measure(case)


def measure_all(plan: Plan, cases: Sequence[Case], jobs: int = 1) -> Iterator[Measured]:
    """Measure documents in `jobs` processes; yield them in their order as they get done."""
    if jobs == 1:
        yield from map(Worker(plan).measure, cases)
        return
    for contender in plan.contenders:
        open_bundle(contender.path)  # says what is wrong with it; a process could only die of it
    # Spawned, not forked: onnxruntime's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(plan,)) as pool:
        yield from pool.map(_measure, cases)
