"""Tables of PDFs with known structure: read by us and by camelot, pdfplumber and img2table.

All read the same files in one run and are scored alike (`docx_models.structure`): F1 of adjacency
relations, as the mean over documents and over all relations, GriTS, and seconds. A peer that is
not installed is named and left out.

    .venv/bin/python benchmarks/table_reading.py SET [LIMIT]     (SET: icdar2013 as published)
"""

from __future__ import annotations

import contextlib
import importlib
import io
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from docx_cli import pdfium
from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Box, Cell, Table
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions
from docx_cli.source import load
from docx_models import structure
from docx_models.cases import Case, load_cases

Reader = Callable[[Path], list[Table]]
MEASURES = ("adjacency", "grits_con", "grits_top")


def ours() -> Reader:
    bundle = open_bundle(resolve(None))
    extractor = Extractor(bundle)
    options = ReadOptions(picture_size=bundle.picture_size)
    return lambda path: list(extractor.run(load(path), tables=True, read=options).tables or ())


def camelot(flavor: str) -> Reader:
    library = importlib.import_module("camelot")

    def read(path: Path) -> list[Table]:
        sizes = page_sizes(path)
        found = library.read_pdf(str(path), pages="all", flavor=flavor)
        out = []
        for table in found:
            wide, high = sizes[table.page - 1]
            x0, y0, x1, y1 = table._bbox
            box = Box.clipped(x0 / wide, 1 - y1 / high, x1 / wide, 1 - y0 / high)
            out.append(plain_table(table.page, box, table.df.values.tolist()))
        return out

    return read


def pdfplumber() -> Reader:
    library = importlib.import_module("pdfplumber")

    def read(path: Path) -> list[Table]:
        out = []
        with library.open(path) as document:
            for number, page in enumerate(document.pages, 1):
                for table in page.find_tables():
                    x0, y0, x1, y1 = table.bbox
                    wide, high = float(page.width), float(page.height)
                    box = Box.clipped(x0 / wide, y0 / high, x1 / wide, y1 / high)
                    out.append(plain_table(number, box, table.extract()))
        return out

    return read


def img2table() -> Reader:
    library = importlib.import_module("img2table.document")

    def read(path: Path) -> list[Table]:
        document = library.PDF(str(path))
        found = document.extract_tables(borderless_tables=True)
        out = []
        for number, tables in found.items():
            high, wide = document.images[number].shape[:2]
            for table in tables:
                b = table.bbox
                box = Box.clipped(b.x1 / wide, b.y1 / high, b.x2 / wide, b.y2 / high)
                rows = [[cell.value for cell in row] for row in table.content.values()]
                out.append(plain_table(number + 1, box, rows))
        return out

    return read


def page_sizes(path: Path) -> list[tuple[float, float]]:
    with pdfium.open_document(load(path)) as document:
        sizes = []
        for number in range(1, document.page_count + 1):
            with document.page(number) as page:
                sizes.append((page.geometry.width, page.geometry.height))
        return sizes


def plain_table(page: int, box: Box, rows: Sequence[Sequence[Any]]) -> Table:
    """Make a table of texts; an empty one is no cell."""
    cells = tuple(
        Cell(r, c, 1, 1, "body", str(text), box, 1.0)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        if text not in (None, "")
    )
    return Table(page, box, cells, 1.0)


def readers() -> Iterator[tuple[str, Reader]]:
    makers: dict[str, Callable[[], Reader]] = {
        "docx tables": ours,
        "camelot lattice": lambda: camelot("lattice"),
        "camelot stream": lambda: camelot("stream"),
        "pdfplumber": pdfplumber,
        "img2table": img2table,
    }
    for name, make in makers.items():
        try:
            yield name, make()
        except ImportError as error:
            print(f"{name}: not installed ({error.name})", file=sys.stderr)


def score(case: Case, found: Sequence[Table], pages: int) -> dict[str, structure.Tally]:
    return structure.add_up(
        structure.tallies(
            case.page(n), structure.Found(tables=tuple(t for t in found if t.page == n))
        )
        for n in range(1, pages + 1)
    )


def main(folder: Path, limit: int | None) -> None:
    cases = load_cases(folder, "dev", limit)
    print(f"{len(cases)} documents; adjacency: mean of documents / all, GriTS content / topology")
    for name, read in readers():
        tallies, failed, begun = [], 0, time.perf_counter()
        for case in cases:
            assert case.file is not None
            found: list[Table] = []
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    found = read(case.file)
            except Exception as error:  # a peer's failure is a document without tables
                failed += 1
                print(f"{name}, {case.id}: {error!r}"[:200], file=sys.stderr)
            tallies.append(score(case, found, len(page_sizes(case.file))))
        seconds = time.perf_counter() - begun
        mean = statistics.mean(t["adjacency"].f1 for t in tallies)
        whole = structure.add_up(tallies)
        figures = " / ".join(f"{whole[m].f1:.3f}" for m in MEASURES)
        print(f"{name:16} {mean:.3f} / {figures}  {seconds:6.1f} s, {failed} failed", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
