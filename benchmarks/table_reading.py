"""Tables of documents with known structure: read by us and by others, from the same files.

SET is a set of real documents, or a pack of synthetic pages, which are made PDFs anew, or damaged
and scanned with `--scanned`, so that words and ruling lines come from the file as anybody's do.

PDFs as they are: camelot, pdfplumber and img2table. The same pages drawn (`--drawn`, dots an
inch), or pictures of tables: img2table with Tesseract. All are scored alike: F1 of adjacency
relations, as the mean over documents and over all relations, and GriTS (`docx_models.structure`);
where a picture is one table TEDS, with header rows and with all rows in one body, since img2table
names none. A peer that is not installed is named and left out.

    .venv/bin/python benchmarks/table_reading.py SET [--limit N] [--drawn 200] [--scanned]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from table_readers import Reader, page_sizes, readers

from docx_cli.document import Table
from docx_cli.reading import render_page
from docx_cli.source import load
from docx_models import structure
from docx_models.cases import Case, labelled_pages, load_cases
from docx_models.records import PageRecord
from docx_models.scans import pdf_of, scanned
from docx_models.table_metrics import Grid, GridCell, teds

MEASURES = ("adjacency", "grits_con", "grits_top")
SCANS = 4242
"""Seed of the damage that pages suffer."""


@dataclass
class Score:
    """What one reader made of the documents."""

    tallies: list[dict[str, structure.Tally]] = field(default_factory=list)
    trees: list[tuple[float, float]] = field(default_factory=list)
    seconds: float = 0.0
    failed: int = 0

    def line(self, name: str) -> str:
        mean = statistics.mean(t["adjacency"].f1 for t in self.tallies)
        whole = structure.add_up(self.tallies)
        figures = " / ".join(f"{whole[m].f1:.3f}" for m in MEASURES)
        if self.trees:
            figures += " / " + " / ".join(
                f"{statistics.mean(t):.3f}" for t in zip(*self.trees, strict=True)
            )
        return f"{name:16} {mean:.3f} / {figures}  {self.seconds:6.1f} s, {self.failed} failed"


def tables_of(read: Reader, files: Sequence[Path]) -> list[Table]:
    """Read the pictures of a document's pages, or its one file."""
    found = []
    for number, file in enumerate(files, 1):
        with contextlib.redirect_stdout(io.StringIO()):
            tables = read(file)
        found += [replace(t, page=number) for t in tables] if len(files) > 1 else tables
    return found


def tree_likeness(case: Case, found: Sequence[Table]) -> tuple[float, float]:
    """TEDS of the largest table found against the only one there is, with and without headers."""
    ((gold,),) = (page.tables or () for page in case.pages)
    largest = max(found, key=lambda table: len(table.cells), default=None)
    cells = tuple(
        GridCell(c.row, c.column, c.row_span, c.column_span, c.text, c.row < largest.header_rows)
        for c in (largest.cells if largest else ())
    )
    grids = (gold.grid, Grid.of(cells))
    plain = (Grid.of([replace(c, header=False) for c in grid.cells]) for grid in grids)
    return teds(*grids), teds(*plain)


def add(score: Score, case: Case, read: Reader, files: Sequence[Path], pages: int) -> None:
    """Read one document and score it; a failure of a peer is a document without tables."""
    found: list[Table] = []
    begun = time.perf_counter()
    try:
        found = tables_of(read, files)
    except Exception as error:
        score.failed += 1
        print(f"{case.id}: {error!r}"[:200], file=sys.stderr)
    score.seconds += time.perf_counter() - begun
    parts = (
        structure.Found(tables=tuple(t for t in found if t.page == n)) for n in range(1, pages + 1)
    )
    score.tallies.append(
        structure.add_up(structure.tallies(case.page(n), f) for n, f in enumerate(parts, 1))
    )
    if is_picture(case):
        score.trees.append(tree_likeness(case, found))


def is_picture(case: Case) -> bool:
    """Say whether a document is the picture of a single table."""
    return case.record is None and case.file is not None and case.file.suffix != ".pdf"


def printed(case: Case, record: PageRecord, folder: Path, as_scan: bool, seed: int) -> Case:
    """Write a synthetic page into a file: as it is, or as it comes from the scanner."""
    if not as_scan:
        file = folder / f"{case.id}.pdf"
        file.write_bytes(pdf_of(record))
        return replace(case, file=file)
    copy = scanned(record, np.random.default_rng([SCANS, seed]))
    file = folder / f"{case.id}.{copy.source.kind}"
    file.write_bytes(copy.source.data)
    return replace(case, file=file, pages=labelled_pages(replace(record, words=copy.words)))


def drawn(case: Case, dpi: int, folder: Path) -> list[Path]:
    """Draw the pages of a PDF into files."""
    assert case.file is not None
    source, files = load(case.file), []
    for number in range(1, len(page_sizes(case.file)) + 1):
        files.append(folder / f"{case.id}-{number}.png")
        if not files[-1].exists():
            render_page(source, number, dpi=dpi).convert("L").save(files[-1], dpi=(dpi, dpi))
    return files


def main(folder: Path, limit: int | None, dpi: int | None, as_scan: bool) -> None:
    cases = load_cases(folder, "dev", limit)
    with tempfile.TemporaryDirectory(prefix="docx-bench-") as scratch:
        cases = [
            printed(case, case.record, Path(scratch), as_scan, number) if case.record else case
            for number, case in enumerate(cases)
        ]
        pictures = dpi is not None or as_scan or is_picture(cases[0])
        more = ", TEDS / the same without headers" if is_picture(cases[0]) else ""
        print(f"{len(cases)} documents; adjacency: mean / all, GriTS content / topology{more}")
        for name, read in readers(pictures):
            score = Score()
            for case in cases:
                assert case.file is not None
                files = [case.file] if dpi is None else drawn(case, dpi, Path(scratch))
                pages = 1 if case.file.suffix != ".pdf" else len(page_sizes(case.file))
                add(score, case, read, files, pages)
            print(score.line(name), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--drawn", type=int, metavar="DPI")
    how.add_argument("--scanned", action="store_true")
    told = parser.parse_args()
    main(told.set, told.limit, told.drawn, told.scanned)
