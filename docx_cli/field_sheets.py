"""Extractions as sheets: one row a document, and for a workbook one row an item as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from docx_cli.document import DocumentResult
from docx_cli.fields import Field, Rows, Schema
from docx_cli.safe_text import as_json, printable
from docx_cli.sheets import Sheet, Value

_TYPES: dict[str, type] = {
    "number": float, "percent": float, "integer": int, "boolean": bool, "money": float,
    "date": date,
}  # fmt: skip


def field_sheets(result: DocumentResult, schema: Schema, *, apart: bool) -> Iterator[Sheet]:
    """Yield the row of a document, and the rows of its arrays if they go `apart`.

    Columns are called as the fields, keys of objects in objects joined by points; an amount has a
    second column for its currency. `confidence` is that of the least sure value; `failures` says
    what is missing or wrong.
    """
    found = result.extraction
    data: Mapping[str, Any] = found.data if found else {}
    source = printable(result.source)
    columns: dict[str, type] = {"source": str} | _columns(schema.fields)
    row: list[Value] = [source, *_cells(schema.fields, data)]
    if not apart:
        for rows in schema.rows:
            columns[".".join(rows.path)] = str
            items = _at(data, rows.path)
            row.append(None if items is None else as_json(items))
    columns |= {"confidence": float, "valid": bool, "failures": str, "error": str}
    sure = [value.confidence for value in found.values] if found else []
    failures = "; ".join(f"{f.field}: {f.reason}" for f in found.failures) if found else ""
    row += [
        round(min(sure), 4) if sure else None,
        found.valid if found else None,
        printable(failures) or None,
        printable(result.error.message) if result.error else None,
    ]
    yield Sheet(schema.name, "", [list(columns), row], 1, types=columns)
    for rows in schema.rows if apart else ():
        yield _items(source, rows, data)


def _items(source: str, rows: Rows, data: Mapping[str, Any]) -> Sheet:
    columns: dict[str, type] = {"source": str, "row": int} | _columns(rows.fields)
    lines: list[list[Value]] = [list(columns)]
    for number, item in enumerate(_at(data, rows.path) or (), start=1):
        lines.append([source, number, *_cells(rows.fields, item)])
    return Sheet(".".join(rows.path), "", lines, 1, types=columns)


def _columns(fields: Sequence[Field]) -> dict[str, type]:
    columns: dict[str, type] = {}
    for field in fields:
        name = ".".join(field.path)
        columns[name] = str if field.many else _TYPES.get(field.type, str)
        if field.type == "money" and not field.many:
            columns[f"{name}_currency"] = str
    return columns


def _cells(fields: Sequence[Field], data: Mapping[str, Any]) -> list[Value]:
    cells: list[Value] = []
    for field in fields:
        value = _at(data, field.path)
        if field.many:
            cells.append(None if value is None else as_json(value))
        elif field.type == "money":
            cells += [value["amount"], value["currency"]] if value else [None, None]
        elif field.type == "date":
            cells.append(date.fromisoformat(value) if value else None)
        else:
            cells.append(printable(value) if isinstance(value, str) else value)
    return cells


def _at(data: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Return what stands at a path; None if nothing does."""
    here: Any = data
    for key in path:
        here = here.get(key) if here is not None else None
    return here
