"""The one place that composes the steps: source, pages, words, model, answers."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from docx_cli import answers as answering
from docx_cli import forms
from docx_cli.bundle import Bundle
from docx_cli.decode import Decoded, greedy
from docx_cli.document import (
    Answer,
    DocumentResult,
    ErrorInfo,
    KeyValue,
    ModelIdentity,
    Page,
    Question,
    Status,
    Table,
    Word,
)
from docx_cli.encode import Encoding
from docx_cli.errors import DocxError, ProgramError, TimeLimitError
from docx_cli.key_values import WordScores, key_values
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.session import Session
from docx_cli.source import Source
from docx_cli.tables import tables

LONGEST_ANSWER = 64
"""Subwords that the decoder may say."""


class Extractor:
    """Answers questions and finds key-values and tables with one model.

    Args:
        bundle: the model; its graphs are loaded when they are first needed.
        threads: of onnxruntime; all usable cores if None.
        answer_with: which head answers questions.
    """

    def __init__(
        self,
        bundle: Bundle,
        threads: int | None = None,
        answer_with: answering.AnswerWith = "auto",
    ) -> None:
        self.bundle = bundle
        self.identity: ModelIdentity = bundle.identity
        self.answer_with = answer_with
        self.encoding = Encoding.from_file(bundle.encoding, bundle.file("tokenizer.json"))
        self.session = Session(bundle, threads)

    def run(
        self,
        source: Source,
        *,
        questions: Sequence[Question] = (),
        key_values: bool = False,
        tables: bool = False,
        read: ReadOptions,
    ) -> DocumentResult:
        """Read a document page by page and extract what is asked.

        Raises:
            DocxError: the document as a whole cannot be read.
        """
        contents = read_pages(source, read)
        return self.run_pages(
            source, contents, questions=questions, key_values=key_values, tables=tables
        )

    def run_pages(
        self,
        source: Source,
        contents: Iterable[PageContent],
        *,
        questions: Sequence[Question] = (),
        key_values: bool = False,
        tables: bool = False,
    ) -> DocumentResult:
        """Extract from pages as they come; only what was found is kept of them."""
        seconds: dict[str, float] = defaultdict(float)
        outcomes: list[list[answering.WindowOutcome]] = [[] for _ in questions]
        pairs: list[KeyValue] = []
        grids: list[Table] = []
        pages: list[Page] = []
        for content in contents:
            pages.append(content.page)
            for step, spent in content.timings.items():
                seconds[step] += spent
            if not content.page.words:
                if key_values:
                    pairs += forms.merge(content.page.number, (), (), content.fields)
                continue
            begun = time.perf_counter()
            number, words, picture = content.page.number, content.page.words, content.picture
            for one, mine in zip(
                self.outcomes(words, questions, picture, number), outcomes, strict=True
            ):
                # Only the best window so far is kept: memory must not grow with the pages.
                mine[:] = [answering.best_window([*mine, *one], self.answer_with)]
            if key_values or tables:
                found = self._words(number, words, picture, key_values, tables)
                pairs += forms.merge(number, words, found[0], content.fields)
                grids += found[1]
            seconds["model"] += time.perf_counter() - begun
        begun = time.perf_counter()
        answered = [self._answer(q, o) for q, o in zip(questions, outcomes, strict=True)]
        seconds["decoder"] += time.perf_counter() - begun
        error = error_of(pages)
        # "Not found" would be a claim about pages that nobody could read.
        read = error is None
        return DocumentResult(
            source=source.name,
            sha256=source.sha256,
            status=status_of(pages),
            error=error,
            pages=tuple(pages),
            answers=tuple(answered) if questions and read else None,
            key_values=tuple(pairs) if key_values and read else None,
            tables=tuple(grids) if tables and read else None,
            model=self.identity,
            timings={step: round(spent, 4) for step, spent in seconds.items()},
        )

    def outcomes(
        self,
        words: Sequence[Word],
        questions: Sequence[Question],
        picture: NDArray[np.uint8] | None = None,
        page: int = 1,
    ) -> list[list[answering.WindowOutcome]]:
        """Ask every window of one page; one list a question."""
        out: list[list[answering.WindowOutcome]] = []
        if not questions:
            return out
        temperature = self.bundle.calibration["temperature"]
        for windows in self.encoding.encode(words, [q.text for q in questions], picture):
            encoded = [self.session.encode(w) for w in windows]
            for q in range(len(windows[0].question_positions)):
                out.append([answering.outcome(page, e, q, temperature) for e in encoded])
        return out

    def ask_words(
        self,
        words: Sequence[Word],
        questions: Sequence[Question],
        picture: NDArray[np.uint8] | None = None,
    ) -> list[Answer]:
        """Answer questions from the words of one page."""
        asked = self.outcomes(words, questions, picture)
        return [self._answer(q, o) for q, o in zip(questions, asked, strict=True)]

    def _answer(self, question: Question, outcomes: Sequence[answering.WindowOutcome]) -> Answer:
        if not outcomes:  # no page has a single word
            return Answer(question.text, question.name or question.text, "", False, 1.0, "none")
        return answering.answer(
            question, outcomes, self.bundle.calibration, self._decode, self._spell, self.answer_with
        )

    def _decode(self, won: answering.WindowOutcome) -> Decoded:
        steps = self.session.decoder(won.encoded, np.array([won.question + 1], dtype=np.int64))
        ids = won.encoded.window.input_ids
        encoding = self.encoding
        return greedy(steps, ids, encoding.pad_id, encoding.sep_id, longest=LONGEST_ANSWER)

    def _spell(self, tokens: Sequence[int]) -> str:
        return str(self.encoding.tokenizer.decode(list(tokens)))

    def _words(
        self,
        page: int,
        words: Sequence[Word],
        picture: NDArray[np.uint8] | None,
        want_pairs: bool,
        want_tables: bool,
    ) -> tuple[list[KeyValue], list[Table]]:
        """Key-values and tables of one page; what an earlier window gave is not given again."""
        pairs: list[KeyValue] = []
        grids: list[Table] = []
        for window in self.encoding.encode(words, (), picture)[0]:
            tags, relations = self.session.words(self.session.encode(window))
            here = [window.page.words[i] for i in window.words]
            scores = WordScores.from_logits(here, tags, relations, self.bundle.model)
            if want_pairs:
                known = {w for p in pairs for w in p.value.evidence.words}
                fresh = key_values(page, scores)
                pairs += [p for p in fresh if known.isdisjoint(p.value.evidence.words)]
            if want_tables:
                known_boxes = [t.box for t in grids]
                fresh_tables = tables(page, scores)
                grids += [
                    t
                    for t in fresh_tables
                    if not any(b.contains(*t.box.center) for b in known_boxes)
                ]
        return pairs, grids


def status_of(pages: Sequence[Page]) -> Status:
    """A document is ok, partial if some pages failed, failed if all did."""
    bad = sum(page.status != "ok" for page in pages)
    if not bad:
        return "ok"
    return "partial" if bad < len(pages) else "failed"


def error_of(pages: Sequence[Page]) -> ErrorInfo | None:
    """Return what failed a document of which no page could be read: the first page's error."""
    if status_of(pages) != "failed":
        return None
    first = pages[0]
    kind = TimeLimitError if first.status == "timeout" else ProgramError
    return _info(kind(first.error or "it could not be read", page=first.number))


def read_document(source: Source, read: ReadOptions) -> DocumentResult:
    """Read words only, without a model.

    Raises:
        DocxError: the document as a whole cannot be read.
    """
    contents = list(read_pages(source, read))
    seconds: dict[str, float] = defaultdict(float)
    for content in contents:
        for step, spent in content.timings.items():
            seconds[step] += spent
    pages = tuple(content.page for content in contents)
    return DocumentResult(
        source=source.name,
        sha256=source.sha256,
        status=status_of(pages),
        error=error_of(pages),
        pages=pages,
        timings={step: round(spent, 4) for step, spent in seconds.items()},
    )


def failed(source_name: str, error: DocxError, sha256: str | None = None) -> DocumentResult:
    """Make the record of a document that could not be read."""
    return DocumentResult(source_name, sha256, "failed", _info(error))


def _info(error: DocxError) -> ErrorInfo:
    return ErrorInfo(error.kind, error.exit_code, str(error))
