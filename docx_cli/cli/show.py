"""docx show: what was found, drawn on the page."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from docx_cli.cli.extract import Work, attempt, extraction, parse_questions, report
from docx_cli.cli.inputs import AllowNetwork
from docx_cli.cli.options import JoinPages, Model, Pages, Reading, Telling, spread
from docx_cli.cli.stdout import guarded_stdout, write, written_file
from docx_cli.cli.terminal import PROMPT, Bar
from docx_cli.errors import DocxError, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

    from docx_cli.document import DocumentResult
    from docx_cli.source import Source

Draw = Callable[[int], "Image"]
"""Draws a page, given its number."""

_REVIEW_DPI = 110
_PICTURE_DPI = 150


@spread
def show(
    file: Annotated[str, typer.Argument(metavar="FILE", help="PDF or picture; - reads stdin.")],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="PICTURE|HTML",
            help="A PNG; a JPEG or a review page if so named.",
        ),
    ],
    *,
    page: Annotated[
        int | None,
        typer.Option("--page", metavar="N", help="The page of a picture; -1 is the last."),
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="One page to review all pages, to open in a browser.")
    ] = False,
    pages: Pages = None,
    join_pages: JoinPages = False,
    question: Annotated[
        list[str] | None,
        typer.Option("--question", "-q", metavar="[NAME=]TEXT", help="Mark the answer to this."),
    ] = None,
    picture_dpi: Annotated[
        int | None,
        typer.Option(
            "--picture-dpi",
            metavar="N",
            min=36,
            max=600,
            help="Resolution: by default 150, in HTML 110.",
        ),
    ] = None,
    allow_network: AllowNetwork = False,
    model: Model = None,
    reading: Reading,
    telling: Telling,
) -> None:
    """Draw what was found on a page, or make a review page.

    Words are faint outlines, keys point at their values, tables are grids, and
    answers are highlighted. The review page is one file that needs no network
    and holds no script: beside each page stands what was found on it; a click
    there highlights it on the page, and the other way round.
    """
    from docx_cli.reading import render_page

    telling.set_up()
    html = html or Path(output).suffix.lower() in (".html", ".htm")
    if join_pages and not html:
        raise UsageError("--join-pages is for a review page; a picture shows one page")
    chosen = _chosen_pages(page, pages, html=html)
    style = None if html else _picture_format(output)
    questions = parse_questions(question or [])
    extract = extraction(
        reading,
        chosen,
        model,
        questions=questions,
        key_values=True,
        tables=True,
        keep_words=True,
    )
    dpi = picture_dpi or (_REVIEW_DPI if html else _PICTURE_DPI)
    with ExitStack() as stack:
        out = stack.enter_context(guarded_stdout())
        if output != "-":
            out = stack.enter_context(written_file(output))
        with telling.bar() as bar:
            source, result = _found(file, extract, allow_network, bar)
        if join_pages:
            from docx_cli.joining import joined

            result = joined(result)

        def draw(number: int) -> Image:
            return render_page(source, number, dpi=dpi, password=reading.secret() or PROMPT)

        if style is None:
            _write_review(out, result, draw)
        else:
            _write_picture(out, result, draw, style)


def _chosen_pages(page: int | None, pages: str | None, *, html: bool) -> str | None:
    """Return the range of pages to read: all of a review, one of a picture."""
    if html and page is not None:
        raise UsageError("--page is for pictures; name the pages of a review with --pages")
    if not html and pages is not None:
        raise UsageError("--pages is for a review page; name the page of a picture with --page")
    return pages if html else str(page or 1)


def _found(
    file: str, extract: Work, allow_network: bool, bar: Bar
) -> tuple[Source, DocumentResult]:
    """Return a document and what was found in it; leave with its exit code if it failed."""
    sources: list[Source] = []

    def work(source: Source) -> DocumentResult:
        sources.append(source)
        return extract(source)

    (name,) = bar.documents([file])
    result = attempt(name, work, allow_network)
    with bar.hidden():
        report(result)
    if result.error is not None:
        raise typer.Exit(result.error.exit_code)
    return sources[0], result


def _write_picture(out: BinaryIO, result: DocumentResult, draw: Draw, style: str) -> None:
    from docx_cli.drawing import draw_page

    number = result.pages[0].number
    picture = io.BytesIO()
    draw_page(draw(number), result, number).save(picture, style)
    write(out, picture.getvalue())


def _write_review(out: BinaryIO, result: DocumentResult, draw: Draw) -> None:
    """Write the review page by page; one that cannot be drawn says so."""
    from docx_cli.review import Review

    review = Review(result)
    write(out, review.head().encode())
    for page in result.pages:
        try:
            picture = draw(page.number)
        except DocxError:
            picture = None
        write(out, review.page(page, picture).encode())
    write(out, review.tail().encode())


def _picture_format(path: str) -> str:
    suffix = Path(path).suffix.lower()
    known = {".png": "PNG", "": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
    if suffix not in known:
        hint = "it can be .png, .jpg or .html"
        raise UsageError(f"no kind of picture ends in {suffix!r}", source=path, hint=hint)
    return known[suffix]
