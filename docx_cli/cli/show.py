"""docx show: what was found, drawn on the page."""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docx_cli.cli.extract import attempt, extraction, parse_questions, report
from docx_cli.cli.options import Model, Reading, spread
from docx_cli.cli.stdout import guarded_stdout, write, written_file

if TYPE_CHECKING:
    from docx_cli.document import DocumentResult
    from docx_cli.source import Source


@spread
def show(
    file: Annotated[str, typer.Argument(metavar="FILE", help="PDF, PNG or JPEG; - reads stdin.")],
    page: Annotated[int, typer.Option("--page", metavar="N", help="The page; -1 is the last.")],
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="PICTURE", help="A PNG, or a JPEG if so named."),
    ],
    *,
    question: Annotated[
        list[str] | None,
        typer.Option("--question", "-q", metavar="[NAME=]TEXT", help="Box the answer to this."),
    ] = None,
    picture_dpi: Annotated[
        int, typer.Option("--picture-dpi", min=36, max=600, help="The picture's resolution.")
    ] = 150,
    model: Model = None,
    reading: Reading,
) -> None:
    """Draw what was found on a page.

    Words are faint outlines, keys point at their values, tables are grids, and
    answers stand in labelled boxes.
    """
    from docx_cli.drawing import draw_page
    from docx_cli.reading import render_page

    questions = parse_questions(question or [])
    extract = extraction(
        reading, str(page), model, questions=questions, key_values=True, tables=True
    )
    picture = io.BytesIO()

    def draw(source: Source) -> DocumentResult:
        result = extract(source)
        if result.pages:
            number = result.pages[0].number
            image = render_page(source, number, dpi=picture_dpi, password=reading.secret())
            draw_page(image, result, number).save(picture, _picture_format(output))
        return result

    with ExitStack() as stack:
        out = stack.enter_context(guarded_stdout())
        if output != "-":
            out = stack.enter_context(written_file(output))
        result = attempt(file, draw)
        report(result)
        if result.error is not None:
            raise typer.Exit(result.error.exit_code)
        write(out, picture.getvalue())


def _picture_format(path: str) -> str:
    return "JPEG" if Path(path).suffix.lower() in (".jpg", ".jpeg") else "PNG"
