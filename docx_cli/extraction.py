"""Typed extraction: a schema's questions and tables in one run, then values that satisfy it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from docx_cli.choices import Wanted, narrowed
from docx_cli.conventions import Conventions, conventions
from docx_cli.document import (
    Alternative,
    Answer,
    Cell,
    DocumentResult,
    Evidence,
    Extraction,
    FieldFailure,
    FieldValue,
    Page,
    Question,
    Table,
    Word,
)
from docx_cli.fields import Field, Node, Rows, Schema
from docx_cli.filled import Filled, called, exact, filled_in
from docx_cli.item_rows import item_tables
from docx_cli.joining import joined
from docx_cli.line_items import beside, column, items, likelier, longer
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.values import Reading, as_plain, read

if TYPE_CHECKING:
    from docx_cli.pipeline import Extractor
    from docx_cli.source import Source

CANDIDATES = 4
"""Answers looked at for each question: the likeliest that is of the field's type is taken."""
LEAST_LIKELY = 0.1
"""Confidence of an alternative below which it is not taken for an answer of the wrong type."""
LEAST = 0.005
"""Confidence below which an answer is none, whatever is asked for: it would be told as 0 %.
It is no higher, since of an address in several lines, whose end is unsure, many spans share it."""
AS_LIKELY = 0.25
"""Least confidence of a value of a list, as a share of that of its likeliest."""


class Typed:
    """Extracts the values of one schema from one document after the other.

    Args:
        extractor: runs the model; each page is encoded once, for questions and tables.
        schema: what is to be found.
        wanted: the least confidence, and how the documents write.
    """

    def __init__(self, extractor: Extractor, schema: Schema, wanted: Wanted = Wanted()) -> None:
        self._extractor = extractor
        self._schema = schema
        self._wanted = wanted
        self._tables = schema.needs_tables
        # Unsure answers too, to choose from; a description may be too long to be asked.
        self._asking = replace(wanted, top_k=CANDIDATES, min_confidence=0.0)
        self._questions = [
            Question(text, field.name)
            for field in schema.fields
            for text in field.questions
            if extractor.encoding.takes_question(text)
        ]

    def run(self, source: Source, read: ReadOptions) -> DocumentResult:
        """Read a document and extract from it.

        Raises:
            DocxError: the document as a whole cannot be read.
        """
        contents = read_pages(source, replace(read, rules=self._tables))
        return self.run_pages(source, self._extractor.making_way(contents))

    def run_pages(
        self,
        source: Source,
        contents: Iterable[PageContent],
        *,
        questions: Sequence[Question] = (),
        key_values: bool = False,
        tables: bool = False,
    ) -> DocumentResult:
        """Extract from pages as they come; what else is asked is found in the same pass."""
        filled: list[Filled] = []

        def noted() -> Iterator[PageContent]:
            for content in contents:
                filled.extend(filled_in(content))
                yield content

        result = self._extractor.run_pages(
            source,
            noted(),
            questions=[*questions, *self._questions],
            key_values=key_values,
            tables=tables or self._tables,
            wanted=replace(self._asking, top_k=max(CANDIDATES, self._wanted.top_k)),
        )
        if result.error is not None:
            return result
        answers = result.answers or ()
        own, fields = answers[: len(questions)], answers[len(questions) :]
        typed = extracted(replace(result, answers=fields), self._schema, self._wanted, filled)
        return replace(
            typed,
            answers=tuple(narrowed(a, self._wanted) for a in own) if questions else None,
            tables=result.tables if tables else None,
        )


def extracted(
    result: DocumentResult, schema: Schema, wanted: Wanted, filled: Sequence[Filled] = ()
) -> DocumentResult:
    """Turn answers and tables into the values of a schema; they make place for them.

    Args:
        result: with answers that are named after the fields and, if the schema has arrays, tables.
        schema: what is to be found.
        wanted: the least confidence, and how the documents write.
        filled: what a PDF's form holds; it goes before what was read.
    """
    if result.error is not None:
        return result
    known = conventions((page.text() for page in result.pages), wanted.locale)
    building = _Building(schema.rule)
    lists: list[tuple[Field, list[Alternative]]] = []
    for field in schema.fields:
        asked = [a for a in result.answers or () if a.name == field.name]
        likely = [exact(answer, filled) for answer in _candidates(asked)]
        if field.many:
            lists.append((field, likely))
            continue
        building.single(field, [*called(field, filled), *likely], wanted.min_confidence, known)
    tables = joined(result).tables or ()
    pages = {page.number: page for page in result.pages}
    for rows in schema.rows:
        building.array(rows, tables, known, pages)
    for field, likely in lists:
        among = beside(field, [other for other, _ in lists])
        headed = item_tables(among, [page for page in result.pages if page.words], known)
        cells = longer(column(field, tables, known), column(field, headed, known))
        building.several(field, likely, cells, wanted.min_confidence, known, pages)
    return replace(result, answers=None, tables=None, extraction=building.done(schema.name))


class _Building:
    """Collects values and failures."""

    def __init__(self, rule: Node) -> None:
        from jsonschema import Draft202012Validator

        self._validator: Any = Draft202012Validator(rule)
        self._data: dict[str, Any] = {}
        self._values: list[FieldValue] = []
        self._failures: list[FieldFailure] = []

    def single(
        self, field: Field, likely: Sequence[Alternative], least: float, known: Conventions
    ) -> None:
        """Take the first of likely answers that is of a field's type."""
        best = next(
            (a for a in likely if _reading(field, a.text, known).value is not None),
            likely[0] if likely else None,
        )
        if best is None:
            return
        if best.confidence < max(least, LEAST):
            told = f"its confidence is {best.confidence:.2f}"
            self._fail(field.name, "unsure", told, best.text, best.evidence)
        else:
            told_of = best.text, best.confidence, best.evidence
            self._take(field, field.path, _reading(field, best.text, known), *told_of)

    def several(
        self,
        field: Field,
        likely: Sequence[Alternative],
        cells: Sequence[Cell],
        least: float,
        known: Conventions,
        pages: Mapping[int, Page],
    ) -> None:
        """Fill a list from the column that is called as it is, else with all likely answers."""
        found: list[tuple[str, float, Evidence | None]] = [
            (cell.text, cell.confidence, Evidence(cell.page, cell.box, _inside(cell, pages)))
            for cell in cells
        ]
        found = found or [
            (one.text, one.confidence, one.evidence)
            for one in likely
            if one.confidence >= max(least, AS_LIKELY * likely[0].confidence)
        ]
        if found:
            _put(self._data, field.path, [])
        for text, confidence, where in found:
            reading = _reading(field, text, known)
            number = len(_at(self._data, field.path))
            self._take(field, (*field.path, str(number)), reading, text, confidence, where)

    def array(
        self, rows: Rows, tables: Iterable[Table], known: Conventions, pages: Mapping[int, Page]
    ) -> None:
        """Take the items of the tables that fit."""

        def words(cell: Cell) -> tuple[Word, ...]:
            return _inside(cell, pages)

        # Columns that are not straight have no table, but headings that say which they are.
        headed = item_tables(rows, [page for page in pages.values() if page.words], known)
        found = likelier(rows, items(rows, tables, words, known), items(rows, headed, words, known))
        if found:
            _put(self._data, rows.path, [{} for _ in found])
        for number, item in enumerate(found):
            for field in rows.fields:
                if field.name in item.values:
                    reading, cell = item.values[field.name]
                    path = (*rows.path, str(number), *field.path)
                    where = Evidence(cell.page, cell.box, words(cell))
                    self._take(
                        field, path, _enumerated(field, reading), cell.text, cell.confidence, where
                    )

    def done(self, name: str) -> Extraction:
        """Return what was collected; what the schema wants of the whole is checked now."""
        errors = list(self._validator.iter_errors(self._data))
        for error in errors:
            at = tuple(map(str, error.absolute_path))
            wrong = [(at, str(error.validator), error.message)]
            if error.validator == "required":
                missing = [key for key in error.validator_value if key not in error.instance]
                wrong = [((*at, key), "missing", "it was not found") for key in missing]
            failed = {failure.field for failure in self._failures}
            for path, reason, message in wrong:
                if "/".join(path) not in failed:
                    self._fail("/".join(path), reason, message)
        values, failures = tuple(self._values), tuple(self._failures)
        return Extraction(name, self._data, not errors, values, failures)

    def _take(
        self,
        field: Field,
        path: tuple[str, ...],
        reading: Reading,
        text: str,
        confidence: float,
        evidence: Evidence | None,
    ) -> None:
        """Keep a value that satisfies its rule; say why of any other."""
        name = "/".join(path)
        if reading.value is None:
            reason = "ambiguous" if reading.ambiguous else "unreadable"
            told = "it has several readings" if reading.ambiguous else f"it is no {field.type}"
            self._fail(name, reason, told, text, evidence)
            return
        plain = as_plain(reading.value)
        wrong = next(self._validator.evolve(schema=field.rule).iter_errors(plain), None)
        if wrong is not None:
            self._fail(name, str(wrong.validator), wrong.message, text, evidence)
            return
        _put(self._data, path, plain)
        self._values.append(FieldValue(name, text, field.type, reading.value, confidence, evidence))

    def _fail(
        self,
        field: str,
        reason: str,
        message: str,
        text: str = "",
        evidence: Evidence | None = None,
    ) -> None:
        self._failures.append(FieldFailure(field, reason, message, text, evidence))


def _inside(cell: Cell, pages: Mapping[int, Page]) -> tuple[Word, ...]:
    """Return the words that stand in a cell."""
    words = pages[cell.page].words
    return tuple(word for word in words if cell.box.contains(*word.box.center))


def _candidates(answers: Sequence[Answer]) -> list[Alternative]:
    """Return what was found for a field, likeliest answer first, then likely alternatives."""
    found = [a for a in answers if a.found]
    first = [Alternative(a.text, a.confidence, a.grounding, a.evidence) for a in found]
    rest = [b for a in found for b in a.alternatives if b.confidence >= LEAST_LIKELY]
    return [*sorted(first, key=_sureness), *sorted(rest, key=_sureness)]


def _sureness(answer: Alternative) -> float:
    return -answer.confidence


def _reading(field: Field, text: str, known: Conventions) -> Reading:
    return _enumerated(field, read(field.type, text, known))


def _enumerated(field: Field, reading: Reading) -> Reading:
    """Write a text as the schema lists it, whatever its case."""
    if isinstance(reading.value, str):
        for member in field.rule.get("enum", ()):
            if str(member).casefold() == reading.value.casefold():
                return Reading(str(member))
    return reading


def _put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set a value by its keys; objects on the way are made."""
    *way, last = path
    here: Any = data
    for key in way:
        here = here[int(key)] if isinstance(here, list) else here.setdefault(key, {})
    if isinstance(here, list):
        here.append(value)
    else:
        here[last] = value


def _at(data: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Return what stands at a path."""
    here: Any = data
    for key in path:
        here = here[key]
    return here
