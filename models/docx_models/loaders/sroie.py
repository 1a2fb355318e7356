"""SROIE: scanned receipts with text lines and four fields (Huang et al., ICDAR 2019).

As it was published and is passed on: `img/ID.jpg`, `box/ID.txt` with a line
``x1,y1,x2,y2,x3,y3,x4,y4,text`` for each text line in pixels, and `entities/ID.txt` with the
fields as JSON; the three folders may stand in `train` and `test`, the latter being dev here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from docx_models.loaders.fields import SROIE
from docx_models.loaders.labelled import Asked, Labelled

PARTS = ("img", "box", "entities")
SPLITS = {"train": "train", "dev": "test"}


def holds(folder: Path) -> bool:
    """Say whether a folder is laid out like this set."""
    return any(_complete(where) for where in (folder, *(folder / s for s in SPLITS.values())))


def documents(folder: Path, split: str) -> Iterator[Labelled]:
    """Read the receipts of a split; a folder without splits is all of one."""
    where = folder if _complete(folder) else folder / SPLITS.get(split, split)
    for path in sorted((where / "entities").glob("*.txt")):
        values = json.loads(path.read_text(encoding="utf-8"))
        image = where / "img" / f"{path.stem}.jpg"
        boxes = (where / "box" / path.name).read_text(encoding="utf-8", errors="replace")
        asked = tuple(Asked(f, (values[f.name],)) for f in SROIE if values.get(f.name))
        yield Labelled(path.stem, image, asked, tuple(_lines(boxes, image)))


def _complete(where: Path) -> bool:
    return all((where / part).is_dir() for part in PARTS)


def _lines(text: str, image: Path) -> Iterator[tuple[Any, ...]]:
    """Turn pixel quadrangles into boxes that are fractions of the page."""
    with Image.open(image) as opened:
        width, height = opened.size
    for line in text.splitlines():
        *corners, words = line.split(",", 8)
        if len(corners) == 8:
            x = [min(max(int(v) / width, 0.0), 1.0) for v in corners[::2]]
            y = [min(max(int(v) / height, 0.0), 1.0) for v in corners[1::2]]
            yield words, min(x), min(y), max(x), max(y)
