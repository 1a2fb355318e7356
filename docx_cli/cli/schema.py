"""docx schema: the shape of a record, and the schemas that extraction knows."""

from __future__ import annotations

from typing import Annotated

import typer

from docx_cli.cli.completion import schemas
from docx_cli.cli.emitter import print_data


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|FILE|FIELDS]",
            help="As docx extract takes it; default: the records.",
            autocompletion=schemas,
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the schemas that come with docx.")
    ] = False,
) -> None:
    """Print the schema of the records, or one for docx extract.

    Both are JSON Schema; a short form is printed as what it stands for.
    """
    if listed:
        from docx_cli.short_schema import names

        found = [{"name": key, "description": text} for key, text in names().items()]
        print_data(found, "\n".join(f"{key}: {text}" for key, text in names().items()), None)
    elif name is not None:
        from docx_cli.short_schema import find

        print_data(dict(find(name).rule), "", "json")
    else:
        from docx_cli.schema import record_schema

        print_data(record_schema(), "", "json")
