"""What OCR makes of labelled images: read once by Tesseract, and read as the tool does.

For each reading: the share of labelled values that stand among its words in row order, of the
set's text lines that were read without an error, the character error rate against them, and
processor seconds a page, programs included. Characters that were read where the set has no line
are counted apart, since sets leave some print out.

    .venv/bin/python benchmarks/ocr_quality.py SET [LIMIT [SPLIT]]     (drawn by hash, of train)
"""

from __future__ import annotations

import hashlib
import resource
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from docx_cli import pages, tesseract, words
from docx_cli.document import Box, Word
from docx_cli.scanned import Laid, read_scan
from docx_cli.source import load
from docx_cli.tilt import Tilt
from docx_models import corpora, metrics, values
from docx_models.cases import Case, load_cases

TIMEOUT = 600.0

Read = tuple[Sequence[Word], Sequence[Word]]
"""Words of the page turned upright, and the same on the page as it is."""


@dataclass
class Tally:
    """What one way of reading came to, over all pages."""

    found: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    errors: int = 0
    spurious: int = 0
    lines: list[bool] = field(default_factory=list)
    characters: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, case: Case, read: Read, seconds: float) -> None:
        upright, given = read
        text, _ = corpora.page_text(upright)
        for gold in case.golds:
            found = any(any(values.find(gold.kind, a, text)) for a in gold.answers)
            self.found[gold.field].append(found)
        by_line = words_by_line(given, case)
        self.spurious += sum(len(squeezed(word.text)) for word in by_line.pop(None, []))
        for number, line in enumerate(case.lines):
            in_line = sorted(by_line.get(number, []), key=lambda word: word.box.x0)
            printed = squeezed(line[0])
            wrong = metrics.edit_distance(squeezed("".join(w.text for w in in_line)), printed)
            self.errors += wrong
            self.lines.append(wrong == 0)
            self.characters += len(printed)
        self.seconds.append(seconds)

    def report(self, name: str) -> None:
        every = [found for field_found in self.found.values() for found in field_found]
        fields = "  ".join(f"{k} {statistics.mean(v):.1%}" for k, v in self.found.items())
        wrong, beside = (n / max(self.characters, 1) for n in (self.errors, self.spurious))
        print(
            f"{name:6} values found {statistics.mean(every or [False]):.1%}"
            f"  lines {statistics.mean(self.lines or [False]):.1%}  errors {wrong:.1%}"
            f"  beside lines {beside:.1%}  {statistics.mean(self.seconds):.2f} s a page  ({fields})"
        )


def squeezed(text: str) -> str:
    """Case and spaces do not count."""
    return "".join(text.split()).casefold()


def words_by_line(found: Sequence[Word], case: Case) -> dict[int | None, list[Word]]:
    """Give each word to the line its middle lies in, the closest one if there are several."""
    boxes = [Box.clipped(*line[1:]) for line in case.lines]
    out: dict[int | None, list[Word]] = defaultdict(list)
    for word in found:
        x, y = word.box.center
        holding = [(abs(b.center[1] - y), i) for i, b in enumerate(boxes) if b.contains(x, y)]
        out[min(holding)[1] if holding else None].append(word)
    return out


def once(raster: Path, dpi: float | None) -> Read:
    """Read by Tesseract alone, once."""
    found = words.from_ocr(tesseract.read(raster, "eng", dpi, TIMEOUT))
    return found, found


def whole(raster: Path, dpi: float | None) -> Read:
    """Read as docx does."""
    with Image.open(raster) as image:
        size = image.size
    seen = read_scan(Laid.of(raster, dpi), "eng", TIMEOUT)
    tilt, found = Tilt(seen.turned, seen.skew, *size), words.from_ocr(seen.words)
    return found, tuple(replace(word, box=tilt.back(word.box)) for word in found)


def processor_seconds() -> float:
    """Return what this process and programs that ended took of the processor's time."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(folder: Path, limit: int, split: str) -> None:
    cases = load_cases(folder, split)
    cases.sort(key=lambda case: hashlib.sha256(case.id.encode()).hexdigest())
    ways = {"once": once, "docx": whole}
    tallies = {name: Tally() for name in ways}
    with tempfile.TemporaryDirectory() as name:
        for case in cases[:limit]:
            assert case.file is not None
            image, _, dpi = pages.open_image(load(case.file))
            raster = pages.gray_file(image, Path(name))
            for way, read in ways.items():
                begun = processor_seconds()
                found = read(raster, dpi)
                tallies[way].add(case, found, processor_seconds() - begun)
    for way, tally in tallies.items():
        tally.report(way)


if __name__ == "__main__":
    limit, split = [*sys.argv[2:], *("60", "train")[len(sys.argv) - 2 :]]
    main(Path(sys.argv[1]), int(limit), split)
