"""Documents to measure with, made by our own generator: nobody needs to have any."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2

from docx_models.synth import damage
from docx_models.synth.records import draft
from docx_models.synth.render import compile_pdf

FAMILIES = (
    "invoice", "statement", "utility_bill", "purchase_order",
    "report", "letter", "bank_statement", "form",
)  # fmt: skip


def text_pdf(pages: int, *, seed: int = 0, families: Sequence[str] = FAMILIES) -> bytes:
    """Return a PDF with that many different pages of text, the families in turn."""
    drafts = [draft(families[n % len(families)], seed + n) for n in range(pages)]
    return compile_pdf(drafts, fit=True, marked=False)


def scanned_pdf(pages: int, *, seed: int = 0, dpi: int = 200) -> bytes:
    """Return such pages as a scanner sends them: JPEGs in a PDF, slightly damaged."""
    rng = np.random.default_rng(seed)
    pictures = []
    with pypdfium2.PdfDocument(text_pdf(pages, seed=seed)) as document:
        for page in document:
            drawn = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
            mild = _mild(dpi, float(rng.uniform(-0.6, 0.6)))
            pictures.append(damage.apply(drawn, mild, rng)[0].convert("L"))
            page.close()
    out = io.BytesIO()
    first, *others = pictures
    first.save(out, "PDF", resolution=dpi, save_all=True, append_images=others, quality=80)
    return out.getvalue()


def _mild(dpi: int, degrees: float) -> damage.Damage:
    return damage.Damage(
        dpi=dpi, degrees=degrees, weight=0.0, fading=0.0, bands=0.0, ink=30.0, paper=245.0,
        shade=6.0, blur=0.5, grain=4.0, specks=4.0, stamps=0, bilevel=False, quality=80,
    )  # fmt: skip


def repeated(pdf: bytes, pages: int, path: Path) -> Path:
    """Write the first pages of a PDF, over and over if there must be more."""
    with pypdfium2.PdfDocument(pdf) as one, pypdfium2.PdfDocument.new() as whole:
        while (left := pages - len(whole)) > 0:
            whole.import_pages(one, list(range(min(left, len(one)))))
        whole.save(path)
    return path


def write_single(pdf: bytes, folder: Path) -> None:
    """Write each page of a PDF as a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with pypdfium2.PdfDocument(pdf) as one:
        for number in range(len(one)):
            with pypdfium2.PdfDocument.new() as page:
                page.import_pages(one, [number])
                page.save(folder / f"{number + 1:03}.pdf")
