"""The one place that composes the steps: source, pages, words, model, answers."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docx_cli import answers as answering
from docx_cli.bundle import Bundle
from docx_cli.choices import Wanted, alternatives, apart, finished
from docx_cli.conventions import conventions
from docx_cli.decode import Decoded, greedy
from docx_cli.document import (
    ALL_PARTS,
    Alternative,
    Answer,
    Basis,
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
from docx_cli.errors import DocxError, MemoryLimitError, ProgramError, TimeLimitError
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.session import Session
from docx_cli.source import Source
from docx_cli.tilt import Tilt, undone

if TYPE_CHECKING:
    from docx_cli.word_scores import WordScores

LONGEST_ANSWER = 64
"""Subwords that the decoder may say."""


@dataclass
class _Found:
    """What was found on a document's pages so far."""

    questions: tuple[Question, ...]
    pages: list[Page] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """Of all pages, if there are questions."""
    tilts: dict[int, Tilt] = field(default_factory=dict)
    pairs: list[KeyValue] = field(default_factory=list)
    grids: list[Table] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    outcomes: list[list[answering.WindowOutcome]] = field(init=False)
    """For each question its best window."""
    others: list[list[Alternative]] = field(init=False)

    def __post_init__(self) -> None:
        self.outcomes, self.others = [[] for _ in self.questions], [[] for _ in self.questions]

    def note(self, content: PageContent, keep_words: bool) -> None:
        """Note a page as it was read."""
        page = content.page
        self.pages.append(page if keep_words else replace(page, words=()))
        if self.questions:
            self.texts.append(page.text())
        if page.words and content.tilt is not None:
            self.tilts[page.number] = content.tilt
        for step, spent in content.timings.items():
            self.seconds[step] += spent

    def asked(self) -> Iterator[tuple[Question, list[answering.WindowOutcome]]]:
        """Yield each question with its outcomes."""
        return zip(self.questions, self.outcomes, strict=True)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time of a block to that of a step."""
        begun = time.perf_counter()
        yield
        self.seconds[step] += time.perf_counter() - begun


class Extractor:
    """Answers questions and finds key-values and tables with one model.

    Args:
        bundle: the model; its graphs are loaded when they are first needed.
        threads: of onnxruntime; all usable cores if None.
        answer_with: which head answers questions.
        parts: what pairs and tables may be read from; all but for measuring.
    """

    def __init__(
        self,
        bundle: Bundle,
        threads: int | None = None,
        answer_with: answering.AnswerWith = "auto",
        parts: Collection[Basis] = ALL_PARTS,
    ) -> None:
        self.bundle = bundle
        self.identity: ModelIdentity = bundle.identity
        self.answer_with = answer_with
        self.parts = parts
        self.encoding = Encoding.from_file(bundle.encoding, bundle.file("tokenizer.json"))
        self.session = Session(bundle, threads)

    def run(
        self,
        source: Source,
        *,
        questions: Sequence[Question] = (),
        key_values: bool = False,
        tables: bool = False,
        wanted: Wanted = Wanted(),
        keep_words: bool = True,
        read: ReadOptions,
    ) -> DocumentResult:
        """Read a document page by page and extract what is asked; see `run_pages`.

        Raises:
            DocxError: the document as a whole cannot be read.
        """
        self.session.beside_ocr(0)
        self.session.prepare()
        contents = read_pages(source, replace(read, rules=tables, squares=key_values))
        contents = self.making_way(contents)
        return self.run_pages(
            source,
            contents,
            questions=questions,
            key_values=key_values,
            tables=tables,
            wanted=wanted,
            keep_words=keep_words,
        )

    def making_way(self, contents: Iterable[PageContent]) -> Iterator[PageContent]:
        """Make way for the OCR of pages that are read while those before are worked on."""
        self.session.beside_ocr(0)
        scans = 0
        for content in contents:
            scans += content.page.text_source == "ocr"
            self.session.beside_ocr(scans)
            yield content

    def run_pages(
        self,
        source: Source,
        contents: Iterable[PageContent],
        *,
        questions: Sequence[Question] = (),
        key_values: bool = False,
        tables: bool = False,
        wanted: Wanted = Wanted(),
        keep_words: bool = True,
    ) -> DocumentResult:
        """Extract from pages as they come; only what was found is kept of them, and their words.

        Those of 1,000 pages take 60 MB: without `keep_words` the result's pages have none.
        """
        found = _Found(tuple(questions))
        for content in contents:
            found.note(content, keep_words)
            if content.page.words:
                with found.timed("model"):
                    self._look_into(content, found, key_values, tables, wanted)
            elif key_values:
                from docx_cli import forms

                found.pairs += forms.merge(content.page.number, (), (), content.fields)
        with found.timed("decoder"):
            answered = [self._answer(*asked) for asked in found.asked()]
        answers = _with_values(answered, found.others, found.texts, wanted)
        error = error_of(found.pages)
        # "Not found" would be a claim about pages that nobody could read.
        readable = error is None
        return DocumentResult(
            source=source.name,
            sha256=source.sha256,
            status=status_of(found.pages),
            error=error,
            pages=tuple(found.pages),
            answers=undone(answers, found.tilts) if questions and readable else None,
            key_values=tuple(found.pairs) if key_values and readable else None,
            tables=tuple(found.grids) if tables and readable else None,
            model=self.identity,
            timings={step: round(spent, 4) for step, spent in found.seconds.items()},
        )

    def _look_into(
        self, content: PageContent, found: _Found, key_values: bool, tables: bool, wanted: Wanted
    ) -> None:
        """Add what a page with words holds to what was found on those before."""
        told, scores = self._encoded(content, found.questions, key_values or tables)
        for one, mine, rest in zip(told, found.outcomes, found.others, strict=True):
            # Only the best window so far is kept: memory must not grow with the pages.
            mine[:] = [answering.best_window([*mine, *one], self.answer_with)]
            if wanted.top_k > 1:
                rest[:] = apart(chain(rest, *map(alternatives, one)), wanted.top_k)
        if key_values and scores:
            found.pairs += undone(tuple(self._pairs(content, scores)), found.tilts)
        if tables:
            from docx_cli.tables import tables as tables_of

            grids = tables_of(content.upright, content.rules, scores, self.parts)
            found.grids += undone(tuple(grids), found.tilts)

    def _pairs(self, content: PageContent, scores: WordScores) -> list[KeyValue]:
        """Pair what is printed, what is ticked, and what a form's fields hold."""
        from docx_cli import forms
        from docx_cli.check_boxes import check_boxes, merged
        from docx_cli.key_values import key_values
        from docx_cli.sections import governed

        page, fields = content.upright, content.fields
        if content.tilt is not None:
            tilt = content.tilt
            fields = tuple(replace(field, box=tilt.upright(field.box)) for field in fields)
        found = key_values(page, scores, self.parts)
        if "rules" in self.parts:
            found = merged(found, check_boxes(page, content.squares, fields))
        return governed(page, scores, forms.merge(page.number, page.words, found, fields))

    def outcomes(
        self,
        words: Sequence[Word],
        questions: Sequence[Question],
        picture: NDArray[np.uint8] | None = None,
        page: int = 1,
    ) -> list[list[answering.WindowOutcome]]:
        """Ask every window of one page; one list a question."""
        content = PageContent(Page(page, 0.0, 0.0, words=tuple(words)), picture, {})
        return self._encoded(content, questions, False)[0] if questions else []

    def word_scores(self, content: PageContent) -> WordScores:
        """Tell tags and relations of a page's words."""
        scores = self._encoded(content, (), True)[1]
        assert scores is not None
        return scores

    def _encoded(
        self, content: PageContent, questions: Sequence[Question], want_words: bool
    ) -> tuple[list[list[answering.WindowOutcome]], WordScores | None]:
        """Encode each window of a page once, for its questions and for its words."""
        outcomes: list[list[answering.WindowOutcome]] = []
        scores: WordScores | None = None
        if not questions and not want_words:
            return outcomes, scores
        words, number = content.upright.words, content.page.number
        temperature = self.bundle.calibration["temperature"]
        packs = self.encoding.encode(words, [q.text for q in questions], content.picture)
        for windows in packs:
            encoded = [self.session.encode(w) for w in windows]
            if want_words and scores is None:
                from docx_cli.word_scores import WindowScores, WordScores

                told = [
                    WindowScores.of(w.words, *self.session.words(e))
                    for w, e in zip(windows, encoded, strict=True)
                ]
                scores = WordScores.joined(windows[0].page.words, told, self.bundle.model)
            for q in range(len(windows[0].question_positions)):
                outcomes.append([answering.outcome(number, e, q, temperature) for e in encoded])
        return outcomes, scores

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

    def _decode(self, won: answering.WindowOutcome, least: float) -> Decoded | None:
        steps = self.session.decoder(won.encoded, np.array([won.question + 1], dtype=np.int64))
        ids = won.encoded.window.input_ids
        encoding = self.encoding
        ends = encoding.pad_id, encoding.sep_id
        return greedy(steps, ids, *ends, longest=LONGEST_ANSWER, least=least)

    def _spell(self, tokens: Sequence[int]) -> str:
        return str(self.encoding.tokenizer.decode(list(tokens)))


def _with_values(
    answers: Sequence[Answer],
    others: Sequence[Sequence[Alternative]],
    texts: Iterable[str],
    wanted: Wanted,
) -> tuple[Answer, ...]:
    """Give answers their alternatives and values, by what the pages show of their conventions."""
    if not answers:
        return ()
    known = conventions(texts, wanted.locale)
    pairs = zip(answers, others, strict=True)
    return tuple(finished(answer, rest, wanted, known) for answer, rest in pairs)


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
    kinds = {"timeout": TimeLimitError, "out_of_memory": MemoryLimitError}
    kind = kinds.get(first.status, ProgramError)
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
