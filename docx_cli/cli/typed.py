"""docx extract: the values of a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from docx_cli.cli.completion import schemas
from docx_cli.cli.extract import run
from docx_cli.cli.inputs import Inputs
from docx_cli.cli.options import (
    Judging,
    Model,
    Pages,
    Reading,
    SheetPrinting,
    spread,
)

if TYPE_CHECKING:
    from docx_cli.document import DocumentResult
    from docx_cli.source import Source


@spread
def extract(
    inputs: Inputs,
    *,
    schema: Annotated[
        str,
        typer.Option(
            "--schema",
            "-s",
            metavar="NAME|FILE|FIELDS",
            help="A ready one (docx schema --list), JSON Schema or YAML, or: 'date: date, total'.",
            autocompletion=schemas,
        ),
    ],
    judging: Judging,
    pages: Pages = None,
    model: Model = None,
    reading: Reading,
    printing: SheetPrinting,
) -> None:
    """Extract the values of a schema: typed fields and line items.

    Fields are asked for by their question, description or name; arrays of objects are filled
    from tables. "data" in the record satisfies the schema, or "failures" says what is missing
    or wrong, field by field; the exit code is 0 in both cases. A sheet has one row a file.
    """
    from docx_cli.bundle import open_bundle, resolve
    from docx_cli.extraction import Typed
    from docx_cli.pipeline import Extractor
    from docx_cli.short_schema import find

    wanted = find(schema)
    bundle = open_bundle(resolve(model))
    options = reading.options(pages, bundle.picture_size)
    typed = Typed(Extractor(bundle), wanted, judging.wanted())

    def work(source: Source) -> DocumentResult:
        return typed.run(source, options)

    run(inputs, work, printing, content=wanted)
