"""Typed extraction measured: the invoice schema on ZUGFeRD's PDFs against their XML, or a list.

A value is right if it equals the label as what it is, a date or an amount, and text by its letters
and digits. A line item is right if quantity and amount are those of one in the XML; `named` wants
its description too, which may say more than the XML's.

    .venv/bin/python benchmarks/extraction.py SET [--split dev,train] [--model MODEL] [--wrong]
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Extraction
from docx_cli.errors import DocxError
from docx_cli.extraction import Typed
from docx_cli.fields import RULES, Schema, schema_of
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions
from docx_cli.short_schema import find
from docx_cli.source import load
from docx_models import values
from docx_models.loaders import open_set, zugferd
from docx_models.loaders.fields import FIELDS
from docx_models.loaders.labelled import Asked, Labelled

RENAMED = {"issue_date": "invoice_date", "grand_total": "total"}
"""What zugferd's fields are called in the invoice schema."""


def schema_for(folder: Path) -> Schema:
    """The invoice schema, or one of the set's own fields."""
    if folder.name == "zugferd":
        return find("invoice")
    rule = {
        "type": "object",
        "properties": {
            field.name: {**RULES[field.kind], "x-question": field.question}
            for field in FIELDS[folder.name]
        },
    }
    return schema_of(rule, folder.name)


def is_right(asked: Asked, found: Any) -> bool:
    """Compare a value with equally good labels."""
    if asked.field.kind == "date":
        return any(found == day.isoformat() for a in asked.answers for day in values.dates(a))
    if asked.field.kind == "money":
        amount = Decimal(str(found["amount"]))
        return any(values.money(answer) == amount.normalize() for answer in asked.answers)
    return any(values.normalise(answer) == values.normalise(found) for answer in asked.answers)


def items_right(golds: list[dict[str, str]], found: list[Mapping[str, Any]]) -> tuple[int, int]:
    """Count the items that are right, and those that are named right, too."""
    left, right, named = list(golds), 0, 0
    for item in found:
        gold = next((g for g in left if _same(g, item)), None)
        if gold is not None:
            left.remove(gold)
            right += 1
            name = values.normalise(gold.get("description", ""))
            named += name in values.normalise(item.get("description", ""))
    return right, named


def _same(gold: Mapping[str, str], item: Mapping[str, Any]) -> bool:
    amount = (item.get("amount") or {}).get("amount")
    quantity = item.get("quantity")
    if amount is None or abs(Decimal(gold["amount"])) != abs(Decimal(str(amount))):
        return False
    told = gold.get("quantity")
    # Credit notes are negative in the data, amounts or quantities, and mostly printed without it.
    return told is None or (
        quantity is not None and abs(Decimal(told)) == abs(Decimal(str(quantity)))
    )


def measure(document: Labelled, found: Extraction, counts: Counter[str], wrong: bool) -> None:
    """Add one document's counts."""
    for asked in document.asked:
        name = asked.field.name
        value = found.data.get(RENAMED.get(name, name))
        right = value is not None and is_right(asked, value)
        counts.update({f"{name} asked": 1, f"{name} found": value is not None, name: right})
        if wrong and not right:
            print(f"  {document.id}: {name} is {asked.answers}, not {value!r}")
    xml = document.file.with_suffix(".xml")
    golds = zugferd.read_items(xml.read_bytes()) if xml.exists() else []
    if golds:
        rows = list(found.data.get("line_items", ()))
        right, named = items_right(golds, rows)
        if wrong and right < len(golds):
            print(f"  {document.id}: {right} of {len(golds)} items, {len(rows)} found")
        counts.update({"items asked": len(golds), "items found": len(rows), "items": right})
        counts["named"] += named
        counts["whole"] += right == len(golds) == len(rows)
        counts["with items"] += 1


def show(counts: Counter[str]) -> None:
    """Print the shares."""
    for name in [key.removesuffix(" asked") for key in counts if key.endswith(" asked")]:
        asked, found, right = (counts[f"{name}{end}"] for end in (" asked", " found", ""))
        told = f"recall {right / asked:6.1%}  precision {right / max(found, 1):6.1%}"
        print(f"  {name:15} {told}  ({right} of {asked}, found {found})")
    if counts["with items"]:
        print(f"  items named right, too: {counts['named']}")
        print(f"  documents with all items right: {counts['whole']} of {counts['with items']}")


def main() -> None:
    """Measure the splits of a set."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("set", type=Path, metavar="SET", help="the folder zugferd or adbuy")
    arguments.add_argument("--split", default="dev", help="dev, train or both with a comma")
    arguments.add_argument("--model", help="a model's name or folder")
    arguments.add_argument("--wrong", action="store_true", help="list what is wrong")
    given = arguments.parse_args()
    bundle = open_bundle(resolve(given.model))
    read = ReadOptions(picture_size=bundle.picture_size)
    typed = Typed(Extractor(bundle), schema_for(given.set))
    for split in given.split.split(","):
        counts: Counter[str] = Counter()
        documents = open_set(given.set, split)
        for document in documents:
            try:
                found = typed.run(load(document.file), read).extraction
            except DocxError as error:
                print(f"  {document.id}: {error}")
                found = None
            empty = Extraction("", {}, False, (), ())
            measure(document, found or empty, counts, given.wrong)
        print(f"{given.set.name}, {split}: {len(documents)} documents, {bundle.identity.name}")
        show(counts)


if __name__ == "__main__":
    main()
