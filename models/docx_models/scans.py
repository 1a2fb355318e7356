"""Synthetic pages as they come back from printer, scanner and OCR, with their labels.

A page of a pack is drawn anew from its seed, damaged, and read by the runtime's own reader.
"""

from __future__ import annotations

import base64
import hashlib
import io
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from docx_cli.document import Box, Page, Word
from docx_cli.errors import UnsupportedInputError
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.source import Kind, Source
from docx_models.aligning import align, corners
from docx_models.readings import carry
from docx_models.records import Pack, PageRecord, encode_picture, write_shard
from docx_models.sizes import ENCODING
from docx_models.synth import FAMILIES, HELD_OUT, damage, render, sample_pdf
from docx_models.synth.families import WRITERS

SHARD = 20
_OPTIONS = ReadOptions(ocr="always", picture_size=(ENCODING.picture_height, ENCODING.picture_width))


def write_scans(source: Path, out: Path, *, share: float, seed: int, jobs: int) -> None:
    """Write a share of a synthetic pack's pages as scans, in shards of `SHARD` pages.

    Shards that are there already are kept. A page of which nothing can be read is left out.

    Args:
        source: the pack, made by this version of the generator.
        out: folder to write to.
        share: share of the pages, 0..1.
        seed: of the choice and of the damage.
        jobs: processes.

    Raises:
        FileAccessError: the pack cannot be read.
        UnsupportedInputError: its pages are not synthetic, or today's generator draws others.
        MissingDependencyError: Tesseract or Poppler is not installed.
    """
    total = len(Pack(source))
    chosen = np.sort(np.random.default_rng(seed).permutation(total)[: round(share * total)])
    shards = [chosen[i : i + SHARD].tolist() for i in range(0, len(chosen), SHARD)]
    paths = [out / f"{number:04d}.jsonl" for number in range(len(shards))]
    todo = [(p, pages) for p, pages in zip(paths, shards, strict=True) if not p.exists()]
    out.mkdir(parents=True, exist_ok=True)
    # Spawned, as in synth.pack: the caller may hold threads.
    context = multiprocessing.get_context("spawn")
    with (
        Progress(console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(jobs, context) as pool,
    ):
        done = len(chosen) - sum(len(pages) for _, pages in todo)
        task = progress.add_task("pages", total=len(chosen), completed=done)
        work = {pool.submit(_write, path, source, pages, seed): len(pages) for path, pages in todo}
        for future in as_completed(work):
            future.result()
            progress.advance(task, work[future])


def _write(path: Path, source: Path, pages: Sequence[int], seed: int) -> None:
    pack = Pack(source)
    scans = (scan(pack[page], np.random.default_rng([seed, page])) for page in pages)
    write_shard(path, (record for record in scans if record))


def scan(record: PageRecord, rng: np.random.Generator) -> dict[str, Any] | None:
    """Draw, damage and read one synthetic page.

    Returns:
        A record as a shard holds it, with `true_words` (as `words`, where they lie in the
        picture) and `damage` beside it; None if nothing could be read.

    Raises:
        UnsupportedInputError: as `write_scans`.
    """
    suffered = damage.sample_damage(rng, _paper(record.family))
    picture, placement = damage.apply(_draw(record, suffered.dpi), suffered, rng)
    boxes = placement.boxes(corners(record.words)).tolist()
    true = [Word(w.text, Box.clipped(*b)) for w, b in zip(record.words, boxes, strict=True)]
    content = next(read_pages(_filed(record.id, picture, suffered, rng), _OPTIONS))
    if not content.page.words or content.picture is None:
        return None
    carried = carry(record, align(true, content.page.words))
    picture_text = encode_picture(content.picture)
    raw = raw_record(carried, content.page) | {"picture": picture_text}
    return raw | {"true_words": _listed(true), "damage": asdict(suffered)}


def raw_record(record: PageRecord, page: Page) -> dict[str, Any]:
    """Return a record as a shard holds it; `page` gives its size in points."""
    picture = record.picture_png
    return {
        "id": record.id,
        "family": record.family,
        "width": page.width,
        "height": page.height,
        "words": _listed(record.words),
        "picture": None if picture is None else base64.b64encode(picture).decode("ascii"),
        "questions": [asdict(question) for question in record.questions],
        "segments": None if record.segments is None else list(record.segments),
        "links": [list(link) for link in record.links],
        "tables": list(record.tables),
    }


def _listed(words: Sequence[Word]) -> list[list[Any]]:
    return [[word.text, *word.box.rounded()] for word in words]


def _paper(family: str) -> str:
    return WRITERS[family].paper if family in WRITERS else "sheet"


def _draw(record: PageRecord, dpi: int) -> Image.Image:
    """Draw a page anew, and see that it is still the page that is labelled."""
    family, _, seed = record.id.rpartition("-")
    if family not in (*FAMILIES, *HELD_OUT) or not seed.isdecimal():
        raise UnsupportedInputError(f"only synthetic pages can be scanned, not {record.id}")
    pdf = sample_pdf(family, int(seed))
    _, _, texts, _ = next(render.read_words(pdf))
    if texts != tuple(word.text for word in record.words):
        hint = "make the pack anew: docx data synth"
        raise UnsupportedInputError(f"{record.id} is drawn otherwise by now", hint=hint)
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        image: Image.Image = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
        page.close()
    return image


def _filed(
    name: str, picture: Image.Image, suffered: damage.Damage, rng: np.random.Generator
) -> Source:
    """File a picture: as a PDF, or as an image that may not tell its resolution."""
    data = damage.encoded(picture, suffered, resolution=rng.random() < 0.7)
    kind: Kind = "jpeg" if suffered.quality else "png"
    if rng.random() < 0.5:
        out = io.BytesIO()
        with Image.open(io.BytesIO(data)) as image:
            image.save(out, "PDF", resolution=suffered.dpi)
        data, kind = out.getvalue(), "pdf"
    return Source(name, data, kind, hashlib.sha256(data).hexdigest())
