"""Tables of documents with known structure: read by us and by others, from the same files.

SET is a set of real documents, or a pack of synthetic pages, which are made PDFs anew, or damaged
and scanned with `--scanned`, so that words and ruling lines come from the file as anybody's do.

PDFs as they are: camelot, pdfplumber and img2table. The same pages drawn (`--drawn`, dots an
inch), or pictures of tables: img2table with Tesseract. All are scored alike: F1 of adjacency
relations, as the mean over documents and over all relations, and GriTS (`docx_models.structure`);
where a picture is one table TEDS, with header rows and with all rows in one body, since img2table
names none. A peer that is not installed is named and left out. `--save` keeps what was found under
the names of the set and of how it was read.

    PEERS/bin/python benchmarks/table_reading.py SET [--limit N] [--drawn 200] [--scanned] [--save]
"""

from __future__ import annotations

import contextlib
import io
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from results import Figures, finish, parser, versions
from table_readers import PACKAGES, Reader, page_sizes, readers

from docx_cli.document import Table
from docx_cli.reading import render_page
from docx_cli.source import load
from docx_models import metrics, structure
from docx_models.cases import Case, labelled_pages, load_cases
from docx_models.records import PageRecord
from docx_models.scans import pdf_of, scanned
from docx_models.table_metrics import Grid, GridCell, teds

COLUMNS = ("adjacency: mean of documents", "of all", "GriTS content", "GriTS topology")
TREES = ("TEDS", "TEDS, no headers")
SCANS = 4242
"""Seed of the damage that pages suffer."""


@dataclass
class Score:
    """What one reader made of the documents."""

    tallies: list[dict[str, structure.Tally]] = field(default_factory=list)
    trees: list[tuple[float, float]] = field(default_factory=list)
    failed: int = 0

    def told(self) -> list[str]:
        """Give the figures, some with a 95 % interval over documents, then the failures."""
        whole = structure.add_up(self.tallies)
        content = [(2 * t.matched, t.found + t.gold) for t in self._each("grits_con")]
        figures = [
            _interval([(t.f1, 1.0) for t in self._each("adjacency")]),
            f"{whole['adjacency'].f1:.3f}",
            _interval(content),
            f"{whole['grits_top'].f1:.3f}",
            *(f"{statistics.mean(t):.3f}" for t in zip(*self.trees, strict=True)),
        ]
        return [*figures, str(self.failed)]

    def last(self) -> str:
        """Give the last document's figures, and the mean so far."""
        adjacency, mean = self.tallies[-1]["adjacency"].f1, _mean(self._each("adjacency"))
        return f"adjacency {adjacency:.3f}, GriTS {self.tallies[-1]['grits_con'].f1:.3f}, {mean}"

    def _each(self, measure: str) -> list[structure.Tally]:
        return [tally[measure] for tally in self.tallies]


def _interval(parts: Sequence[tuple[float, float]]) -> str:
    """Give a ratio of sums with its 95 % interval over documents."""
    ratio = sum(p[0] for p in parts) / sum(p[1] for p in parts)
    low, high = metrics.bootstrap_ratio(parts)
    return f"{ratio:.3f} ({low:.2f}-{high:.2f})"


def _mean(tallies: Iterable[structure.Tally]) -> str:
    return f"{statistics.mean(t.f1 for t in tallies):.3f} so far"


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
    try:
        found = tables_of(read, files)
    except Exception as error:
        score.failed += 1
        print(f"{case.id}: {error!r}"[:200], file=sys.stderr)
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


def measure(cases: Sequence[Case], read_by: dict[str, Reader], dpi: int | None) -> list[Score]:
    """Let all read one document after the other, so that a run cut short compares them too."""
    scores = {name: Score() for name in read_by}
    with tempfile.TemporaryDirectory(prefix="docx-bench-") as scratch:
        for case in cases:
            assert case.file is not None
            files = [case.file] if dpi is None else drawn(case, dpi, Path(scratch))
            pages = 1 if case.file.suffix != ".pdf" else len(page_sizes(case.file))
            for name, read in read_by.items():
                add(scores[name], case, read, files, pages)
                print(f"{case.id}: {name}: {scores[name].last()}", file=sys.stderr, flush=True)
    return list(scores.values())


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("set", type=Path)
    options.add_argument("--limit", type=int, help="documents, at most")
    how = options.add_mutually_exclusive_group()
    how.add_argument("--drawn", type=int, metavar="DPI", help="dots an inch of drawn pages")
    how.add_argument("--scanned", action="store_true", help="damage synthetic pages")
    told = options.parse_args()
    cases = load_cases(told.set, "dev", told.limit)
    with tempfile.TemporaryDirectory(prefix="docx-bench-") as scratch:
        cases = [
            printed(case, case.record, Path(scratch), told.scanned, n) if case.record else case
            for n, case in enumerate(cases)
        ]
        pictures = told.drawn is not None or told.scanned or is_picture(cases[0])
        read_by = dict(readers(pictures))
        scores = measure(cases, read_by, told.drawn)
    kind = "drawn" if told.drawn else "scanned" if told.scanned else ""
    trees = TREES if is_picture(cases[0]) else ()
    name = "_".join(filter(None, ("tables", told.set.name.replace("-", "_"), kind)))
    title = f"{told.set.name}, {len(cases)} documents{', ' if kind else ''}{kind}"
    columns = ["", *COLUMNS, *trees, "failed"]
    rows = [[who, *score.told()] for who, score in zip(read_by, scores, strict=True)]
    peers = versions(*{PACKAGES[who] for who in read_by if who in PACKAGES})
    finish(name, [Figures(title, columns, rows)], save=told.save, packages=peers)


if __name__ == "__main__":
    main()
