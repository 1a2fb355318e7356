"""PubTabNet: pictures of tables with their structure as HTML (Zhong et al., ECCV 2020).

`*.jsonl` of ``{filename, html: {structure: {tokens}, cells: [{tokens, bbox}]}}`` beside the
pictures. A picture is one table; the cells of the HTML come row by row, in the order of `cells`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docx_cli.document import Box
from docx_models.loaders.labelled import Labelled
from docx_models.structure import GoldPage, GoldTable
from docx_models.table_metrics import Grid, GridCell

LABELS = "PubTabNet*.jsonl"
WHOLE = Box(0.0, 0.0, 1.0, 1.0)

_SPAN = re.compile(r'(row|col)span="(\d+)"')
_TAG = re.compile(r"<[^>]*>")


def holds(folder: Path) -> bool:
    """Say whether a folder holds the set's labels."""
    return any(True for _ in folder.glob(LABELS))


def documents(folder: Path, _split: str) -> Iterator[Labelled]:
    """Read all tables; they only measure."""
    for path in sorted(folder.glob(LABELS)):
        for line in path.read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            page = GoldPage(1, tables=(GoldTable(read_grid(raw["html"]), WHOLE),))
            yield Labelled(Path(raw["filename"]).stem, folder / raw["filename"], pages=(page,))


def read_grid(html: dict[str, Any]) -> Grid:
    """Lay out cells as a browser does: each takes the next slot that no span covers."""
    texts = iter(_text(cell["tokens"]) for cell in html["cells"])
    taken: set[tuple[int, int]] = set()
    cells: list[GridCell] = []
    row = -1
    for rows, columns, header in _openings(html["structure"]["tokens"]):
        if not rows:
            row += 1
            continue
        column = next(c for c in range(len(taken) + 1) if (row, c) not in taken)
        cells.append(GridCell(row, column, rows, columns, next(texts), header))
        taken |= {(row + r, column + c) for r in range(rows) for c in range(columns)}
    return Grid.of(cells)


def _openings(tokens: Sequence[str]) -> Iterator[tuple[int, int, bool]]:
    """Yield each cell's spans and whether it heads columns, spans of 0 for a row's beginning."""
    head, _, body = "".join(tokens).partition("</thead>")
    for part, header in ((head, bool(body)), (body, False)):
        for tag in re.findall(r"<t[rd][^>]*>", part):
            spans = {name: int(count) for name, count in _SPAN.findall(tag)}
            cell = (spans.get("row", 1), spans.get("col", 1))
            yield (*(cell if tag.startswith("<td") else (0, 0)), header)


def _text(tokens: Sequence[str]) -> str:
    return " ".join(_TAG.sub("", "".join(tokens)).split())
