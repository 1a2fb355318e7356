"""The Python interface: one document, opened once, asked as often as wanted."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docx_cli.bundle import open_bundle, resolve
from docx_cli.choices import Wanted
from docx_cli.document import (
    Answer,
    DocumentResult,
    ErrorInfo,
    Extraction,
    KeyValue,
    Page,
    Question,
    Table,
)
from docx_cli.errors import DocxError
from docx_cli.locales import described
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.source import load

if TYPE_CHECKING:
    import pandas

    from docx_cli.pipeline import Extractor


class OpenDocument:
    """A document whose words are read once, at the first call that needs them.

    Made by `docx_cli.open`. Every method may raise a `DocxError`; pages that
    could not be read are left out of the answers and are marked in `pages`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        read: ReadOptions,
        model: str | None = None,
        locale: str | None = None,
    ) -> None:
        if locale is not None:
            described(locale)  # an unknown one is told at once
        self._locale = locale
        self._source = load(path)
        self._bundle = open_bundle(resolve(model))
        self._read = dataclasses.replace(
            read, picture_size=self._bundle.picture_size, rules=True, squares=True
        )
        self._contents: Sequence[PageContent] | None = None
        self._extractor: Extractor | None = None

    def ask(
        self, *questions: str | Question, top_k: int = 1, min_confidence: float = 0.0
    ) -> list[Answer]:
        """Answer each question, in order; `Answer.found` is False where there is none.

        Args:
            questions: as text, or with names.
            top_k: the answer and so many alternatives less one.
            min_confidence: an answer of less is not found, and the first of the alternatives.
        """
        asked = [q if isinstance(q, Question) else Question(q) for q in questions]
        wanted = Wanted(top_k, min_confidence, self._locale)
        return list(self._run(questions=asked, wanted=wanted).answers or ()) if asked else []

    def key_values(self) -> list[KeyValue]:
        """Return the printed keys with their values."""
        return list(self._run(key_values=True).key_values or ())

    def tables(self, *, join_pages: bool = False) -> list[Table]:
        """Return the tables, page by page, or those that run over pages joined."""
        from docx_cli.joining import joined

        result = self._run(tables=True)
        return list((joined(result) if join_pages else result).tables or ())

    def data_frames(self, *, join_pages: bool = False) -> list[pandas.DataFrame]:
        """Return the tables as pandas data frames, text throughout.

        Header rows become the column names. `attrs` of each frame holds the page and box where
        the table begins, and its confidence.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        from docx_cli.sheet_files import data_frame
        from docx_cli.sheets import table_sheet

        frames = []
        for table in self.tables(join_pages=join_pages):
            frame = data_frame(table_sheet(table))
            box = table.box.as_tuple()
            frame.attrs |= {"page": table.page, "box": box, "confidence": table.confidence}
            frames.append(frame)
        return frames

    def extract(
        self, schema: str | Mapping[str, Any], *, min_confidence: float = 0.0
    ) -> Extraction:
        """Return the values of a schema, with their evidence, and what failed.

        Args:
            schema: the name of a ready one, a file's path, fields on one line, or JSON Schema.
            min_confidence: a value that is less sure is left out, and told in the failures.

        Raises:
            SchemaError: the schema is not sound.
        """
        from docx_cli.extraction import Typed
        from docx_cli.fields import schema_of
        from docx_cli.short_schema import compiled, find

        wanted = find(schema) if isinstance(schema, str) else schema_of(compiled(schema), "own")
        options = Wanted(min_confidence=min_confidence, locale=self._locale)
        typed = Typed(self._model(), wanted, options)
        found = _sound(typed.run_pages(self._source, self._pages())).extraction
        assert found is not None
        return found

    def pages(self) -> list[Page]:
        """Return the pages with their words; needs no model run."""
        return [content.page for content in self._pages()]

    def _pages(self) -> Sequence[PageContent]:
        if self._contents is None:
            self._contents = tuple(read_pages(self._source, self._read))
        return self._contents

    def _run(
        self,
        *,
        questions: Sequence[Question] = (),
        key_values: bool = False,
        tables: bool = False,
        wanted: Wanted = Wanted(),
    ) -> DocumentResult:
        result = self._model().run_pages(
            self._source,
            self._pages(),
            questions=questions,
            key_values=key_values,
            tables=tables,
            wanted=wanted,
        )
        return _sound(result)

    def _model(self) -> Extractor:
        from docx_cli.pipeline import Extractor

        if self._extractor is None:
            self._extractor = Extractor(self._bundle)
        return self._extractor


def _sound(result: DocumentResult) -> DocumentResult:
    """Return a result that did not fail; raise what failed it."""
    if result.error is not None:
        raise _as_exception(result.error, result.source)
    return result


def _as_exception(info: ErrorInfo, source: str) -> DocxError:
    """Return the exception that a failed record stands for."""
    classes = {cls.kind: cls for cls in DocxError.__subclasses__()}
    return classes.get(info.kind, DocxError)(info.message, source=source)
