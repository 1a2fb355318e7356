"""Documents for `load.py`, so that it needs no corpus: made by the project's own generators.

A few dozen pages are rendered and used over and over, each time with other bytes at the file's
end, since docx batch does equal contents once.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from PIL import Image
from pypdf import PdfWriter

from docx_cli.reading import render_page
from docx_models.synth import FAMILIES, sample_pdf
from docx_models.synth.damage import apply, sample_damage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "runtime"))

from documents import LETTER_ROWS, page
from pdf_fixtures import image_bytes, pdf, source_of

_LAYOUTS = 40
_PAGES_OF_A_REPORT = 5


def text_pdfs(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield one-page PDFs with a text layer."""
    yield from _repeated(((".pdf", sample) for sample in _samples(_LAYOUTS)), count)


def scans(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield one-page PDFs that hold a picture, printed and scanned with some damage."""
    yield from _repeated(((".pdf", _scan(s, n)) for n, s in enumerate(_samples(_LAYOUTS))), count)


def mixed(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield reports of five pages, one page in ten a scan."""
    samples = list(_samples(_LAYOUTS))
    reports = []
    for n in range(_LAYOUTS):
        pages = [samples[(n + k) % _LAYOUTS] for k in range(_PAGES_OF_A_REPORT)]
        if n % 2:
            pages[n % _PAGES_OF_A_REPORT] = _scan(pages[n % _PAGES_OF_A_REPORT], n)
        reports.append((".pdf", _joined(pages)))
    yield from _repeated(iter(reports), count)


def small(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield small documents: letters, some small scans, some that are equal, some broken."""
    for n in range(count):
        kind = n % 10
        number = n - 1 if kind == 5 else n
        letter = pdf(page([[(60, f"Letter {number:05d}, total {number}.50")], *LETTER_ROWS]))
        if kind == 3:
            yield ".pdf", b"no document %d" % n
        elif kind == 7:
            drawn = render_page(source_of(letter), 1, dpi=150).convert("L")
            yield ".png", image_bytes(drawn.crop((0, 80, 1240, 220)), dpi=(150, 150))
        else:
            yield ".pdf", letter


def write(documents: Iterator[tuple[str, bytes]], folder: Path) -> int:
    """Write documents into a folder, a hundred in each one below it; return how many."""
    number = 0
    for number, (suffix, data) in enumerate(documents, 1):
        path = folder / f"{number // 100:03d}" / f"{number:05d}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return number


def _repeated(made: Iterator[tuple[str, bytes]], count: int) -> Iterator[tuple[str, bytes]]:
    for n, (suffix, data) in enumerate(islice(cycle(islice(made, count)), count)):
        yield suffix, data + b"\n%% %d\n" % n


def _samples(count: int) -> Iterator[bytes]:
    families = [name for name in FAMILIES for _ in range(-(-count // len(FAMILIES)))]
    random.Random(1).shuffle(families)
    for seed, family in enumerate(families[:count]):
        yield sample_pdf(family, seed)


def _scan(sample: bytes, seed: int) -> bytes:
    """Print and scan a page: what an office's scanner puts into a PDF."""
    chance = np.random.default_rng(seed)
    damage = sample_damage(chance)
    drawn = render_page(source_of(sample), 1, dpi=round(damage.dpi)).convert("L")
    picture: Image.Image = apply(drawn, damage, chance)[0]
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=damage.dpi, quality=damage.quality or 85)
    return out.getvalue()


def _joined(documents: list[bytes]) -> bytes:
    writer = PdfWriter()
    for data in documents:
        writer.append(io.BytesIO(data))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
