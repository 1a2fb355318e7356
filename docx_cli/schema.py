"""The published shape of a record: JSON Schema, draft 2020-12, in schema.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema that every printed record satisfies."""
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
