"""Rows and columns of a whole run, made from its records when it ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from docx_cli.cli.stdout import written_file
from docx_cli.document import (
    Answer,
    Box,
    DocumentResult,
    ErrorInfo,
    Evidence,
    Extraction,
    FieldFailure,
    FieldValue,
    FormField,
    KeyValue,
    Money,
    TextRegion,
    Value,
)
from docx_cli.sheet_files import Parquet
from docx_cli.sheet_text import Csv
from docx_cli.sheets import Content, Names, sheets

if TYPE_CHECKING:
    from docx_cli.fields import Schema

FlatFormat = Literal["csv", "parquet"]

_SHARD = 10_000
"""Documents of a Parquet file: it is written in one piece, and read by one reader."""


def write(
    folder: Path, records: Path, contents: Sequence[Content | Schema], formats: Iterable[FlatFormat]
) -> list[Path]:
    """Write what the records hold: ``answers.csv``, ``answers/part-00001.parquet`` and the like.

    Args:
        folder: where to.
        records: the run's records.jsonl.
        contents: each gets files of its own.
        formats: csv, parquet.

    Returns:
        The files.

    Raises:
        FileAccessError: one cannot be written.
        MissingDependencyError: Parquet needs pyarrow.
    """
    written, names = [], Names()
    for content in contents:
        called = content.replace("_", "-") if isinstance(content, str) else content.name
        name = names.claim(called)
        for style in dict.fromkeys(formats):
            results = _results(records)
            if style == "csv":
                written.append(_csv(folder / f"{name}.csv", results, content))
            else:
                written += _parquet(folder / name, results, content)
    return written


def check(formats: Iterable[FlatFormat]) -> None:
    """See before the work that the formats can be written.

    Raises:
        MissingDependencyError: Parquet needs pyarrow.
    """
    if "parquet" in formats:
        Parquet()


def _csv(path: Path, results: Iterator[DocumentResult], content: Content | Schema) -> Path:
    writer = Csv()
    with written_file(str(path)) as out:
        out.write(writer.head())
        for result in results:
            for sheet in sheets(result, content):
                out.write(writer.sheet(sheet))
        out.write(writer.tail())
    return path


def _parquet(
    folder: Path, results: Iterator[DocumentResult], content: Content | Schema
) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for old in folder.glob("part-*.parquet"):
        old.unlink()
    shards: list[Path] = []
    while some := list(islice(results, _SHARD)):
        writer = Parquet()
        for result in some:
            for sheet in sheets(result, content):
                writer.sheet(sheet)
        shards.append(folder / f"part-{len(shards) + 1:05d}.parquet")
        with written_file(str(shards[-1])) as out:
            out.write(writer.tail())
    return shards


def _results(records: Path) -> Iterator[DocumentResult]:
    with records.open("rb") as file:
        for line in file:
            yield result_of(json.loads(line))


def result_of(record: dict[str, Any]) -> DocumentResult:
    """Return as much of a record as sheets of answers, key-values and schemas show."""
    error, found = record["error"], record["extraction"]
    return DocumentResult(
        source=record["source"],
        sha256=record["sha256"],
        status=record["status"],
        error=error and ErrorInfo(**error),
        answers=_each(_answer, record["answers"]),
        key_values=_each(_pair, record["key_values"]),
        extraction=found and _extraction(found),
    )


def _each(make: Any, items: list[dict[str, Any]] | None) -> tuple[Any, ...] | None:
    return None if items is None else tuple(map(make, items))


def _answer(item: dict[str, Any]) -> Answer:
    return Answer(
        question=item["question"],
        name=item["name"],
        text=item["text"],
        found=item["found"],
        confidence=item["confidence"],
        grounding=item["grounding"],
        evidence=_evidence(item),
        type=item["type"],
        value=_value(item),
    )


def _value(item: dict[str, Any]) -> Value:
    """Return a value as it was printed; dates stay text, as sheets show them."""
    value: Value = item["value"]
    if isinstance(value, dict):
        return Money(Decimal(str(value["amount"])), value["currency"])
    return value


def _pair(item: dict[str, Any]) -> KeyValue:
    field = item["field"]
    return KeyValue(
        key=TextRegion(item["key"]["text"], _some_evidence(item["key"])),
        value=TextRegion(item["value"]["text"], _some_evidence(item["value"])),
        confidence=item["confidence"],
        source=item["source"],
        field=field and FormField(**field | {"box": Box(*field["box"])}),
    )


def _extraction(item: dict[str, Any]) -> Extraction:
    failures = (FieldFailure(f["field"], f["reason"], f["message"]) for f in item["failures"])
    values = (
        FieldValue(v["field"], v["text"], v["type"], _value(v), v["confidence"], None)
        for v in item["values"]
    )
    return Extraction(item["schema"], item["data"], item["valid"], tuple(values), tuple(failures))


def _evidence(item: dict[str, Any]) -> Evidence | None:
    return None if item["page"] is None else _some_evidence(item)


def _some_evidence(item: dict[str, Any]) -> Evidence:
    return Evidence(item["page"], Box(*item["box"]), ())
