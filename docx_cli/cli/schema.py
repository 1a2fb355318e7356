"""docx schema: the shape of a record."""

from __future__ import annotations

from docx_cli.cli.emitter import print_data


def schema() -> None:
    """Print the JSON Schema of the records."""
    from docx_cli.schema import record_schema

    print_data(record_schema(), "", "json")
