"""Results as data and as text: the one place that knows how a record looks.

`record` gives the published shape (see schema.json), `safe_text.as_json` its text, and
`text_view.as_text` the view for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx_cli import __version__
from docx_cli.document import (
    Alternative,
    Answer,
    DocumentResult,
    Evidence,
    Extraction,
    FormField,
    KeyValue,
    Page,
    Table,
    TextRegion,
    Word,
)
from docx_cli.values import as_plain

SCHEMA_VERSION = "1.3"


def record(result: DocumentResult, *, words: bool = False) -> dict[str, Any]:
    """Return a result in the published shape, as plain JSON values.

    Args:
        result: what was found.
        words: list each page's words; otherwise its ``words`` is None, as
            everything is that was not asked for.
    """
    error, model = result.error, result.model
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "docx-cli", "version": __version__},
        "source": result.source,
        "sha256": result.sha256,
        "status": result.status,
        "error": error
        and {"kind": error.kind, "exit_code": error.exit_code, "message": error.message},
        "pages": [_page(page, words) for page in result.pages],
        "answers": _each(_answer, result.answers),
        "key_values": _each(_key_value, result.key_values),
        "tables": _each(_table, result.tables),
        "extraction": result.extraction and _extraction(result.extraction),
        "model": model and {"name": model.name, "version": model.version, "sha256": model.sha256},
        "timings": {step: round(seconds, 4) for step, seconds in result.timings.items()},
        "run": result.run and {"input": result.run.input, "settings": result.run.settings},
    }


def flat(result: DocumentResult) -> dict[str, Any] | None:
    """Return the key-values as a plain object, in order; a key found again collects a list.

    A check box is true or false, all else is text. None if the document failed.
    """
    if result.error is not None:
        return None
    found: dict[str, list[str | bool | None]] = {}
    for pair in result.key_values or ():
        value = pair.value.text if pair.checked is None else pair.checked
        found.setdefault(pair.key.text, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def _each(convert: Any, items: Sequence[Any] | None) -> list[dict[str, Any]] | None:
    return None if items is None else [convert(item) for item in items]


def _word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "box": word.box.rounded(),
        "confidence": None if word.confidence is None else round(word.confidence, 4),
    }


def _page(page: Page, words: bool) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": round(page.width, 3),
        "height": round(page.height, 3),
        "rotation": page.rotation,
        "turned": page.turned,
        "skew": round(page.skew, 2),
        "text_source": page.text_source,
        "ocr_reason": page.ocr_reason,
        "blank": page.blank,
        "status": page.status,
        "error": page.error,
        "words": [_word(word) for word in page.words] if words else None,
    }


def _evidence(evidence: Evidence | None) -> dict[str, Any]:
    if evidence is None:
        return {"page": None, "box": None, "words": []}
    return {
        "page": evidence.page,
        "box": evidence.box.rounded(),
        "words": [_word(word) for word in evidence.words],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "name": answer.name,
        "text": answer.text,
        "type": answer.type,
        "value": as_plain(answer.value),
        "found": answer.found,
        "confidence": round(answer.confidence, 4),
        "grounding": answer.grounding,
        **_evidence(answer.evidence),
        "alternatives": [_alternative(other) for other in answer.alternatives],
    }


def _alternative(other: Alternative) -> dict[str, Any]:
    return {
        "text": other.text,
        "type": other.type,
        "value": as_plain(other.value),
        "confidence": round(other.confidence, 4),
        "grounding": other.grounding,
        **_evidence(other.evidence),
    }


def _extraction(found: Extraction) -> dict[str, Any]:
    return {
        "schema": found.schema,
        "valid": found.valid,
        "data": dict(found.data),
        "values": [
            {
                "field": one.field,
                "text": one.text,
                "type": one.type,
                "value": as_plain(one.value),
                "confidence": round(one.confidence, 4),
                **_evidence(one.evidence),
            }
            for one in found.values
        ],
        "failures": [
            {
                "field": one.field,
                "reason": one.reason,
                "message": one.message,
                "text": one.text,
                **_evidence(one.evidence),
            }
            for one in found.failures
        ],
    }


def _region(region: TextRegion) -> dict[str, Any]:
    return {"text": region.text, **_evidence(region.evidence)}


def _key_value(pair: KeyValue) -> dict[str, Any]:
    return {
        "key": _region(pair.key),
        "value": _region(pair.value),
        "confidence": round(pair.confidence, 4),
        "basis": list(pair.basis),
        "source": pair.source,
        "field": pair.field and _field(pair.field),
        "checked": pair.checked,
        "section": pair.section and _region(pair.section),
    }


def _field(field: FormField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "value": field.value,
        "checked": field.checked,
        "box": field.box.rounded(),
    }


def _table(table: Table) -> dict[str, Any]:
    rows, columns = table.shape
    return {
        "page": table.page,
        "box": table.box.rounded(),
        "parts": [{"page": part.page, "box": part.box.rounded()} for part in table.parts],
        "turned": table.turned,
        "rows": rows,
        "columns": columns,
        "header_rows": table.header_rows,
        "confidence": round(table.confidence, 4),
        "basis": list(table.basis),
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "row_span": cell.row_span,
                "column_span": cell.column_span,
                "kind": cell.kind,
                "text": cell.text,
                "page": cell.page,
                "box": cell.box.rounded(),
                "confidence": round(cell.confidence, 4),
            }
            for cell in table.cells
        ],
    }
