"""docx ask, kv, tables and ocr: one loop over the inputs, one record each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from docx_cli.cli.inputs import Inputs
from docx_cli.cli.messages import log, unforeseen
from docx_cli.cli.options import (
    Answering,
    Destination,
    JoinPages,
    Model,
    Pages,
    Printing,
    Reading,
    SheetPrinting,
    spread,
)
from docx_cli.errors import BatchError, DocxError, UsageError
from docx_cli.inputs import MAX_BYTES

if TYPE_CHECKING:
    from docx_cli.choices import Wanted
    from docx_cli.document import DocumentResult, Question
    from docx_cli.fields import Schema
    from docx_cli.sheets import Content
    from docx_cli.source import Source

Work = Callable[["Source"], "DocumentResult"]

Questions = Annotated[
    list[str],
    typer.Option(
        "--question", "-q", metavar="[NAME=]TEXT", help="A question; repeat it for several."
    ),
]


@spread
def ask(
    question: Questions,
    *,
    inputs: Inputs,
    answering: Answering,
    pages: Pages = None,
    model: Model = None,
    reading: Reading,
    printing: SheetPrinting,
) -> None:
    """Answer questions about documents.

    Each answer comes with its page, box, words and confidence, and with its value: a date
    in ISO form, a number, an amount of money. Where a document holds no answer, it is "not
    found" and the exit code is still 0.
    """
    asked = parse_questions(question)
    work = extraction(reading, pages, model, questions=asked, wanted=answering.wanted())
    run(inputs, work, printing, content="answers")


@spread
def kv(
    *,
    inputs: Inputs,
    flat: Annotated[
        bool, typer.Option("--flat", help="Print a plain {key: value} object, doubles as lists.")
    ] = False,
    pages: Pages = None,
    model: Model = None,
    reading: Reading,
    printing: SheetPrinting,
) -> None:
    """Find keys and their values.

    A key is a printed label, such as "Invoice number", its value what belongs
    to it on the page.
    """
    work = extraction(reading, pages, model, key_values=True)
    run(inputs, work, printing, content="key_values", flat=flat)


@spread
def tables(
    *,
    inputs: Inputs,
    join_pages: JoinPages = False,
    pages: Pages = None,
    model: Model = None,
    reading: Reading,
    printing: SheetPrinting,
) -> None:
    """Read tables into rows and columns."""
    from docx_cli.joining import joined

    work = extraction(reading, pages, model, tables=True, keep_words=join_pages)
    finish = joined if join_pages else lambda result: result
    run(inputs, lambda source: finish(work(source)), printing, content="tables")


@spread
def ocr(*, inputs: Inputs, pages: Pages = None, reading: Reading, printing: Printing) -> None:
    """Read the words alone; needs no model."""
    from docx_cli.pipeline import read_document

    options = reading.options(pages)
    run(inputs, lambda source: read_document(source, options), printing, words=True)


def parse_questions(texts: list[str]) -> list[Question]:
    """Split ``name=question`` where what stands before the first ``=`` is an identifier.

    Raises:
        UsageError: a question is empty, or a name is given twice.
    """
    from docx_cli.document import Question

    questions = []
    for text in texts:
        name, equals, rest = text.partition("=")
        named = bool(equals) and name.strip().isidentifier()
        questions.append(Question(rest.strip(), name.strip()) if named else Question(text.strip()))
    names = [q.name for q in questions if q.name]
    if not all(q.text for q in questions):
        raise UsageError("a question is empty")
    if len(set(names)) < len(names):
        raise UsageError("two questions have the same name")
    return questions


def extraction(
    reading: Reading,
    pages: str | None,
    model: str | None,
    *,
    questions: list[Question] | None = None,
    key_values: bool = False,
    tables: bool = False,
    wanted: Wanted | None = None,
    keep_words: bool = False,
) -> Work:
    """Return the function that runs the model over one input."""
    from docx_cli.bundle import open_bundle, resolve
    from docx_cli.choices import Wanted
    from docx_cli.pipeline import Extractor

    bundle = open_bundle(resolve(model))
    return partial(
        Extractor(bundle).run,
        questions=questions or (),
        key_values=key_values,
        tables=tables,
        wanted=wanted or Wanted(),
        keep_words=keep_words,
        read=reading.options(pages, bundle.picture_size),
    )


def run(
    inputs: Inputs,
    work: Work,
    printing: Destination,
    *,
    words: bool = False,
    content: Content | Schema | None = None,
    flat: bool = False,
) -> None:
    """Work through the inputs, print a record for each, and exit with the code they earn.

    One input: its own code. Several: 0, or 10 if any failed. A document of
    which some pages failed counts as read; stderr names the pages.
    """
    names = inputs.names()
    codes = []
    with (
        printing.emitter(many=inputs.several, words=words, content=content, flat=flat) as emitter,
        printing.bar() as bar,
    ):
        for name in bar.documents(names):
            result = attempt(name, work, inputs.allow_network, inputs.max_bytes)
            with bar.hidden():
                emitter.emit(result)
                report(result)
            codes.append(result.error.exit_code if result.error else 0)
    batch = BatchError.exit_code if any(codes) else 0
    raise typer.Exit(codes[0] if len(codes) == 1 else batch)


def attempt(
    name: str, work: Work, allow_network: bool, max_bytes: int = MAX_BYTES
) -> DocumentResult:
    """Return the result for one input; whatever goes wrong with it becomes a failed record."""
    from docx_cli.pipeline import failed
    from docx_cli.source import load

    sha256 = None
    try:
        source = load(name, allow_network=allow_network, max_bytes=max_bytes)
        sha256 = source.sha256
        return work(source)
    except DocxError as error:
        error.source = None  # the record has a field of its own for it
        return failed(name, error, sha256)
    except Exception as error:
        # A bug met in one document must not take the rest of the batch along.
        return failed(name, unforeseen(error), sha256)


def report(result: DocumentResult) -> None:
    """Say on stderr what failed, a line each, and with -v what was done."""
    if result.error is not None:
        log.warning("%s: %s", result.source, result.error.message)
    else:
        for page in result.pages:
            if page.status != "ok":
                said = page.error or page.status
                log.warning("%s, page %d: %s", result.source, page.number, said)
    steps = "".join(f", {step} {seconds:.2f} s" for step, seconds in result.timings.items())
    log.debug("%s: %s, pages: %d%s", result.source, result.status, len(result.pages), steps)
