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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from docx_cli.document import Box, Page, Word
from docx_cli.errors import UnsupportedInputError
from docx_cli.kinds import Kind
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.source import Source
from docx_models.aligning import align, corners
from docx_models.readings import carry
from docx_models.records import GoldQuestion, Pack, PageRecord, encode_picture, write_shard
from docx_models.sizes import ENCODING
from docx_models.synth import content as contents
from docx_models.synth import damage, render, sample_pdf
from docx_models.synth.families import WRITERS

SHARD = 20
_LEAST_SEEN = 0.5
_OPTIONS = ReadOptions(ocr="always", picture_size=(ENCODING.picture_height, ENCODING.picture_width))


@dataclass(frozen=True, slots=True)
class Origin:
    """A synthetic pack, and what its pages were filled from."""

    pack: Path
    content: Path | None = None
    split: contents.Split = "train"


def write_scans(origin: Origin, out: Path, *, share: float, seed: int, jobs: int) -> None:
    """Write a share of a synthetic pack's pages as scans, in shards of `SHARD` pages.

    Shards that are there already are kept. A page that cannot be read is left out.

    Args:
        origin: the pack, made by this version of the generator.
        out: folder to write to.
        share: share of the pages, 0..1.
        seed: of the choice and of the damage.
        jobs: processes.

    Raises:
        FileAccessError: pack or content cannot be read.
        UsageError: the content is needed.
        UnsupportedInputError: its pages are not synthetic, or today's generator draws others.
        MissingDependencyError: Tesseract or Poppler is not installed.
    """
    total = len(Pack(origin.pack))
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
        work = {pool.submit(_write, path, origin, pages, seed): len(pages) for path, pages in todo}
        for future in as_completed(work):
            future.result()
            progress.advance(task, work[future])


def _write(path: Path, origin: Origin, pages: Sequence[int], seed: int) -> None:
    pack = Pack(origin.pack)
    content = contents.load(origin.content, origin.split) if origin.content else None
    scans = (scan(pack[page], np.random.default_rng([seed, page]), content) for page in pages)
    write_shard(path, (record for record in scans if record))


@dataclass(frozen=True, slots=True)
class Scan:
    """A synthetic page as it comes from the scanner; `words` are the true ones, where they lie."""

    source: Source
    words: tuple[Word, ...]
    suffered: damage.Damage


def scanned(
    record: PageRecord, rng: np.random.Generator, content: contents.Content | None = None
) -> Scan:
    """Draw and damage one synthetic page.

    Raises:
        UsageError, UnsupportedInputError: as `write_scans`.
    """
    suffered = damage.sample_damage(rng, _paper(record.family))
    picture, placement = damage.apply(_draw(record, suffered.dpi, content), suffered, rng)
    boxes = placement.boxes(corners(record.words)).tolist()
    true = (Word(w.text, Box.clipped(*b)) for w, b in zip(record.words, boxes, strict=True))
    return Scan(_filed(record.id, picture, suffered, rng), tuple(true), suffered)


def scan(
    record: PageRecord, rng: np.random.Generator, content: contents.Content | None = None
) -> dict[str, Any] | None:
    """Draw, damage and read one synthetic page.

    Returns:
        A record as a shard holds it, with `true_words` (as `words`, where they lie in the
        picture) and `damage` beside it; None if less than half could be read.

    Raises:
        UsageError, UnsupportedInputError: as `write_scans`.
    """
    copy = scanned(record, rng, content)
    true = copy.words
    seen = next(read_pages(copy.source, _OPTIONS))
    reading = align(true, seen.page.words)
    if seen.picture is None or reading.share_seen() < _LEAST_SEEN:
        return None
    carried = carry(record, replace(reading, words=seen.upright.words))
    picture_text = encode_picture(seen.picture)
    raw = raw_record(carried, seen.upright) | {"picture": picture_text}
    if (tilt := seen.tilt) is not None:
        true = tuple(replace(word, box=tilt.upright(word.box)) for word in true)
    return raw | {"true_words": _listed(true), "damage": asdict(copy.suffered)}


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
        "questions": [_raw_question(question) for question in record.questions],
        "segments": None if record.segments is None else list(record.segments),
        "links": [list(link) for link in record.links],
        "tables": list(record.tables),
    }


def _raw_question(question: GoldQuestion) -> dict[str, Any]:
    raw = asdict(question)
    places = raw.pop("occurrences")
    return raw | ({"occurrences": places} if len(places) > 1 else {"pieces": sum(places, ())})


def _listed(words: Sequence[Word]) -> list[list[Any]]:
    return [[word.text, *word.box.rounded()] for word in words]


def _paper(family: str) -> str:
    return WRITERS[family].paper if family in WRITERS else "sheet"


def pdf_of(record: PageRecord, content: contents.Content | None = None) -> bytes:
    """Write the PDF of a synthetic page anew, and see that it is still the page that is labelled.

    Raises:
        UsageError, UnsupportedInputError: as `write_scans`.
    """
    family, _, seed = record.id.rpartition("-")
    if family not in WRITERS or not seed.isdecimal():
        raise UnsupportedInputError(f"only synthetic pages can be drawn anew, not {record.id}")
    pdf = sample_pdf(family, int(seed), content)
    _, _, texts, _ = next(render.read_words(pdf))
    if sorted(texts) != sorted(word.text for word in record.words):
        hint = "make the pack anew: docx data synth"
        raise UnsupportedInputError(f"{record.id} is drawn otherwise by now", hint=hint)
    return pdf


def _draw(record: PageRecord, dpi: int, content: contents.Content | None) -> Image.Image:
    with pypdfium2.PdfDocument(pdf_of(record, content)) as document:
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
