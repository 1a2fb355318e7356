"""FUNSD: noisy scanned forms with entities and links (Jaume et al., ICDARW 2019).

Published as `annotations/ID.json` beside `images/ID.png`, boxes in pixels; also read from a list
of documents whose boxes are fractions of the page already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from docx_cli.document import Box, Word
from docx_models.loaders.labelled import Labelled
from docx_models.structure import Entity, GoldPage

LABELS = {"question": "key", "answer": "value", "header": "header", "other": "other"}
"""The set's names of labels in our words."""


def holds(folder: Path) -> bool:
    """Say whether a folder is laid out as it was published."""
    return (folder / "annotations").is_dir() and (folder / "images").is_dir()


def documents(folder: Path, _split: str) -> Iterator[Labelled]:
    """Read all forms of a folder, which is a split of its own."""
    for path in sorted((folder / "annotations").glob("*.json")):
        file = folder / "images" / f"{path.stem}.png"
        with Image.open(file) as image:
            width, height = image.size
        entities = json.loads(path.read_text(encoding="utf-8"))["form"]
        for entity in entities:
            entity["words"] = [
                [w["text"], x0 / width, y0 / height, x1 / width, y1 / height]
                for w in entity["words"]
                for x0, y0, x1, y1 in [w["box"]]
            ]
            entity["links"] = entity.pop("linking")
        yield Labelled(path.stem, file, pages=(gold_page(entities),))


def gold_page(raw: Iterable[dict[str, Any]]) -> GoldPage:
    """Turn a form's entities into a page; words without text are no words.

    Args:
        raw: entities with `id`, `label`, `links` [[id, id], ...] and
            `words` [[text, x0, y0, x1, y1], ...].
    """
    entities: list[Entity] = []
    number: dict[int, int] = {}
    links: set[tuple[int, int]] = set()
    for item in raw:
        words = tuple(Word(t, Box.clipped(*box)) for t, *box in item["words"] if t.strip())
        links.update((a, b) for a, b in item["links"])
        if words:
            number[item["id"]] = len(entities)
            entities.append(Entity(LABELS[item["label"]], words))
    known = sorted((number[a], number[b]) for a, b in links if a in number and b in number)
    every = tuple(word for entity in entities for word in entity.words)
    return GoldPage(1, every, tuple(entities), tuple(known))
