"""DocVQA: questions about pictures of industry documents (Mathew et al., WACV 2021).

Published as `train_v1.0*.json` and `val_v1.0*.json`, each ``{"data": [{questionId, question,
image, answers}, ...]}`` with paths of images relative to the folder. A question's answers are
equally good.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx_cli.errors import FileAccessError
from docx_models.loaders.labelled import Asked, Field, Labelled

SPLITS = {"train": "train_v1.0", "dev": "val_v1.0"}


def holds(folder: Path) -> bool:
    """Say whether a folder holds one of the published lists."""
    return any(True for start in SPLITS.values() for _ in folder.glob(f"{start}*.json"))


def documents(folder: Path, split: str) -> Iterator[Labelled]:
    """Read a split, the questions of one image together.

    Raises:
        FileAccessError: the split's list is not there.
    """
    start = SPLITS.get(split, split)
    path = next(iter(sorted(folder.glob(f"{start}*.json"))), None)
    if path is None:
        raise FileAccessError("there is no such list", source=str(folder / f"{start}*.json"))
    images: dict[str, list[dict[str, Any]]] = {}
    for raw in json.loads(path.read_text(encoding="utf-8"))["data"]:
        images.setdefault(raw["image"], []).append(raw)
    for image, questions in images.items():
        asked = tuple(
            Asked(Field(str(q["questionId"]), "text", q["question"]), tuple(q["answers"]))
            for q in questions
        )
        yield Labelled(Path(image).stem, folder / image, asked)
