"""Text PDFs: our tables against camelot's and pdfplumber's, our fields against invoice2data's.

The same files, made in the run by our own generator, in one process and in turn. Tables are on
kinds of pages that the model was not trained on. Invoices are of one issuer, for whom a template
of invoice2data is written (brookfield.yml), and of all others, for whom there is none. Run it with
the Python of the peers' environment; `--folder` reads the PDFs of a folder for tables, too.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from invoice2data import extract_data
from invoice2data.extract.loader import read_templates
from invoice2data.input import pdftotext
from issuer import invoice
from results import Comparison, Figures, Part, finish, parser, versions
from table_readers import Reader, camelot, ours, pdfplumber
from timing import in_turn

from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Box, Word
from docx_cli.extraction import Typed
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions
from docx_cli.short_schema import find
from docx_cli.source import load
from docx_models import structure, values
from docx_models.synth import HELD_OUT, Record, generate, sample_pdf

DOCX = "docx"
FIELDS = ("invoice_number", "invoice_date", "total")
Fields = Callable[[Path], Mapping[str, Any]]


def quiet(read: Reader, files: Sequence[Path]) -> list[list[Any]]:
    """Read files while a peer's remarks are kept off the screen."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return [read(file) for file in files]


def tables(folder: Path, given: Path | None, pages: int, rounds: int) -> list[Part]:
    """Time who reads tables, and score them where the truth is known."""
    names = [(HELD_OUT[n % len(HELD_OUT)], n) for n in range(pages)]
    files = []
    for family, seed in names:
        files.append(folder / f"{family}-{seed}.pdf")
        files[-1].write_bytes(sample_pdf(family, seed))
    readers = {
        DOCX: ours(),
        "camelot lattice": camelot("lattice"),
        "camelot stream": camelot("stream"),
        "pdfplumber": pdfplumber(),
    }
    golds = [gold_page(generate(*name)) for name in names]
    rows = [(name, *scores(golds, quiet(read, files))) for name, read in readers.items()]
    columns = ("", "adjacency F1", "GriTS content", "GriTS topology")
    parts: list[Part] = [
        _timed(f"Tables of {pages} pages", readers, files, rounds),
        Figures(f"How well, on these {pages} pages", columns, rows),
    ]
    if given is not None:
        more = sorted(given.glob("*.pdf"))
        parts.append(_timed(f"Tables of {len(more)} given files", readers, more, rounds))
    return parts


def _timed(
    title: str, readers: Mapping[str, Reader], files: Sequence[Path], rounds: int
) -> Comparison:
    tasks = {name: partial(quiet, read, files) for name, read in readers.items()}
    return Comparison(title, DOCX, in_turn(tasks, rounds))


def gold_page(record: Record) -> structure.GoldPage:
    """Return the tables of a synthetic page as they truly are."""
    words = tuple(Word(text, Box(*box)) for text, *box in record["words"])
    truth = tuple(
        structure.gold_table([(c, [words[i] for i in c["words"]]) for c in table["cells"]])
        for table in record["tables"]
    )
    return structure.GoldPage(1, words, tables=truth)


def scores(golds: Sequence[structure.GoldPage], found: Sequence[Any]) -> tuple[str, ...]:
    """Score tables as `table_reading.py` does, all pages together."""
    whole = structure.add_up(
        structure.tallies(gold, structure.Found(tables=tuple(tables)))
        for gold, tables in zip(golds, found, strict=True)
    )
    return tuple(f"{whole[m].f1:.3f}" for m in ("adjacency", "grits_con", "grits_top"))


@dataclass(frozen=True)
class Paper:
    """An invoice and its three values as they are printed; those that it lacks are left out."""

    file: Path
    truth: Mapping[str, str]
    items: tuple[tuple[Decimal, Decimal], ...] = ()
    """Quantity and amount of each line."""


def our_fields() -> Fields:
    bundle = open_bundle(resolve(None))
    typed = Typed(Extractor(bundle), find("invoice"))
    read = ReadOptions(picture_size=bundle.picture_size)

    def fields(file: Path) -> Mapping[str, Any]:
        found = typed.run(load(file), read).extraction
        data = dict(found.data) if found else {}
        items = [
            (i.get("quantity"), (i.get("amount") or {}).get("amount"))
            for i in data.get("line_items", ())
        ]
        return data | {"total": (data.get("total") or {}).get("amount"), "items": _items(items)}

    return fields


def invoice2data(templates: Path) -> Fields:
    known = read_templates(str(templates))

    def fields(file: Path) -> Mapping[str, Any]:
        text = pdftotext.to_text(str(file))
        if not any(t.matches_input(t.prepare_input(text)) for t in known):
            return {"items": ()}  # it would go on with OCR, of which nothing comes either
        data = extract_data(str(file), templates=known, input_module="pdftotext")
        day = data.get("date")
        items = [(i["quantity"], i["amount"]) for i in data.get("lines", ())]
        return {
            "invoice_number": data.get("invoice_number"),
            "invoice_date": day and day.date().isoformat(),
            "total": data.get("amount"),
            "items": _items(items),
        }

    return fields


def _items(told: Sequence[tuple[Any, Any]]) -> tuple[tuple[Decimal | None, ...], ...]:
    """Return numbers and printed numbers as numbers."""
    return tuple(tuple(values.money(str(n)) for n in pair) for pair in told)


def is_right(field: str, found: Any, printed: str) -> bool:
    """Compare a value with how it is printed: dates and amounts as what they are."""
    if found is None:
        return False
    if field == "invoice_date":
        return date.fromisoformat(found) in values.dates(printed)
    if field == "total":
        return Decimal(str(found)) == values.money(printed)
    return values.normalise(found) == values.normalise(printed)


def invoices(folder: Path, count: int, rounds: int) -> list[Part]:
    """Time fields of one issuer's invoices; count what is right on those and on others."""
    own, others = [], []
    for seed in range(count):
        one = invoice(seed)
        own_truth = (one.number, one.day.isoformat(), f"{one.total:,.2f}")
        path = folder / f"own-{seed}.pdf"
        path.write_bytes(one.pdf)
        own.append(Paper(path, dict(zip(FIELDS, own_truth, strict=True)), one.items))
        asked = generate("invoice", seed)["questions"]
        path = folder / f"other-{seed}.pdf"
        path.write_bytes(sample_pdf("invoice", seed))
        others.append(Paper(path, {q["field"]: q["answer"] for q in asked if q["field"] in FIELDS}))
    templates = folder / "templates"
    templates.mkdir()
    template = Path(__file__).with_name("brookfield.yml")
    (templates / template.name).write_text(template.read_text())
    systems = {DOCX: our_fields(), "invoice2data": invoice2data(templates)}
    tasks = {
        name: lambda read=read: [read(paper.file) for paper in own]  # type: ignore[misc]
        for name, read in systems.items()
    }
    seconds = in_turn(tasks, rounds)
    rows = [
        (name, _right(read, own), _with_items(read, own), _right(read, others))
        for name, read in systems.items()
    ]
    columns = ("", "values, one issuer", "its line items", "values, other layouts")
    return [
        Comparison(f"Fields of {count} invoices of one issuer", DOCX, seconds),
        Figures("What is right", columns, rows),
    ]


def _right(read: Fields, papers: Sequence[Paper]) -> str:
    right = asked = 0
    for paper in papers:
        found = read(paper.file)
        right += sum(is_right(f, found.get(f), printed) for f, printed in paper.truth.items())
        asked += len(paper.truth)
    return f"{right} of {asked}"


def _with_items(read: Fields, papers: Sequence[Paper]) -> str:
    right = sum(read(paper.file)["items"] == paper.items for paper in papers)
    return f"all of {right} of {len(papers)}"


def main() -> None:
    options = parser(__doc__, rounds=3)
    options.add_argument("--folder", type=Path, help="PDFs to read tables of, too")
    options.add_argument("--pages", type=int, default=16, help="of tables, and of invoices")
    told = options.parse_args()
    logging.disable(logging.ERROR)  # invoice2data logs each file without a template
    with tempfile.TemporaryDirectory(prefix="docx-bench-") as scratch:
        folder = Path(scratch)
        parts = [
            *tables(folder, told.folder, told.pages, told.rounds),
            *invoices(folder, told.pages, told.rounds),
        ]
    packages = versions("camelot-py", "pdfplumber", "invoice2data")
    finish("peers_text", parts, save=told.save, packages=packages)


if __name__ == "__main__":
    main()
