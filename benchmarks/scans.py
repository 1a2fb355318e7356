"""Scans: us against Tesseract alone on the same rasters, ocrmypdf doing OCR alone, and img2table.

The pages are synthetic ones as a good scanner sends them, at 200 dots an inch, in one PDF; they are
made first, and so are the rasters that Tesseract alone gets: PGM files, a process for each, as is
usual; and, beside it, TIFFs in a list for each of as few processes as there are cores, which is the
least it can cost. Everything runs as processes, so start-up counts. Processor seconds are told too:
they hold on a busy machine, where times do not. What the readings are worth is told by the words
that they have in common with the PDF the pages were drawn from.
Peers live in an environment of their own, which `--peers` names:

    .venv/bin/python benchmarks/scans.py --peers PEERS/bin     (`make bench` makes PEERS)

Without that option they are looked for in the PATH; what is not there is left out.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from documents import scanned_pdf, text_pdf
from PIL import Image
from results import Comparison, Figures, Part, finish, parser, versions
from timing import in_turn, quartiles

from docx_cli import poppler
from docx_cli.pages import write_gray

DPI = 200
SEED = 2000

ALONE = "Tesseract alone, same rasters, as many processes"
AT_BEST = "Tesseract alone, TIFFs in lists"
OCR = "docx ocr"
ONCE = "docx ocr --ocr-effort once"
ASK = "docx ask, one question"
TABLES = "docx tables"
OCRMYPDF = "ocrmypdf, OCR alone"
IMG2TABLE = "img2table with Tesseract, its defaults"

_IMG2TABLE = """
import sys
from img2table.document import PDF
from img2table.ocr import TesseractOCR
PDF(sys.argv[1]).extract_tables(ocr=TesseractOCR())
"""


def alone(rasters: Sequence[Path], jobs: int) -> None:
    """Read pictures with Tesseract, some at a time, as we call it."""
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(tesseract, rasters))


def at_best(lists: Sequence[Path]) -> None:
    """Read lists of pictures, all at a time."""
    with ThreadPoolExecutor(len(lists)) as pool:
        list(pool.map(tesseract, lists))


def tesseract(file: Path) -> None:
    command = ["tesseract", str(file), str(file.with_suffix("")), "--dpi", str(DPI)]
    run([*command, "--psm", "3", "tsv"], OMP_THREAD_LIMIT="1")


def listed(rasters: Sequence[Path], jobs: int) -> list[Path]:
    """Write TIFFs beside the rasters, and a list of its share of them for each process."""
    lists = [rasters[0].with_name(f"list-{job}.txt") for job in range(jobs)]
    for job, file in enumerate(lists):
        tiffs = [raster.with_suffix(".tif") for raster in rasters[job::jobs]]
        for raster, tiff in zip(rasters[job::jobs], tiffs, strict=True):
            with Image.open(raster) as image:
                write_gray(image, tiff)
        file.write_text("".join(f"{tiff}\n" for tiff in tiffs))
    return lists


def texts_alone(rasters: Sequence[Path]) -> list[Counter[str]]:
    """Return the words that Tesseract alone read of each page."""
    tables = [raster.with_suffix(".tsv").read_text().split("\n") for raster in rasters]
    cells = [[line.split("\t") for line in table if line.startswith("5\t")] for table in tables]
    return [Counter(row[11].strip() for row in rows if row[11].strip()) for rows in cells]


def texts_of(scan: Path, *options: str) -> list[Counter[str]]:
    """Return the words that `docx ocr` reads of each page."""
    command = [sys.executable, "-m", "docx_cli", "ocr", str(scan), "--no-cache", *options]
    done = subprocess.run(command, check=True, capture_output=True)
    pages = json.loads(done.stdout)["pages"]
    return [Counter(word["text"] for word in page["words"]) for page in pages]


def right(found: Iterable[Counter[str]], true: Iterable[Counter[str]]) -> float:
    """Return F1 of the words of pages, wherever they stand on them."""
    pairs = list(zip(found, true, strict=True))
    both = sum((one & other).total() for one, other in pairs)
    return 2 * both / sum(one.total() + other.total() for one, other in pairs)


def run(command: Sequence[str], **variables: str) -> None:
    subprocess.run(command, check=True, capture_output=True, env=os.environ | variables)


def counted(task: Callable[[], None], spent: list[float]) -> Callable[[], None]:
    """Note what the programs of a task take of the processor, in seconds."""

    def work() -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        task()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    return work


def ours(*arguments: str) -> Callable[[], None]:
    return lambda: run([sys.executable, "-m", "docx_cli", *arguments, "--no-cache"])


def peer(folder: Path | None, name: str) -> str | None:
    """Find a program of the peers."""
    return shutil.which(name, path=str(folder) if folder else None)


def peers(folder: Path | None, scan: Path, jobs: int) -> dict[str, Callable[[], None]]:
    """Return what the peers do, as far as they are there."""
    tasks: dict[str, Callable[[], None]] = {}
    if ocrmypdf := peer(folder, "ocrmypdf"):
        options = ["-q", "--jobs", str(jobs), "--output-type", "none", "--sidecar", "/dev/null"]
        tasks[OCRMYPDF] = lambda: run([ocrmypdf, *options, str(scan), "-"])
    python = peer(folder, "python")
    if (
        python
        and not subprocess.run([python, "-c", "import img2table"], capture_output=True).returncode
    ):
        tasks[IMG2TABLE] = lambda: run([python, "-c", _IMG2TABLE, str(scan)])
    return tasks


def main(rounds: int, count: int, folder: Path | None, save: bool) -> None:
    jobs = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        scan = Path(name) / "scan.pdf"
        scan.write_bytes(scanned_pdf(count, seed=SEED, dpi=DPI))
        printed = Path(name) / "printed.pdf"
        printed.write_bytes(text_pdf(count, seed=SEED))
        numbers = range(1, count + 1)
        rasters = list(poppler.rasterize(scan, numbers, DPI, Path(name), 600).values())
        lists = listed(rasters, jobs)
        question = ("-q", "What is the total?")
        tasks = {
            ALONE: lambda: alone(rasters, jobs),
            AT_BEST: lambda: at_best(lists),
            OCR: ours("ocr", str(scan)),
            ONCE: ours("ocr", str(scan), "--ocr-effort", "once"),
            ASK: ours("ask", str(scan), *question),
            TABLES: ours("tables", str(scan)),
            **peers(folder, scan, jobs),
        }
        spent: dict[str, list[float]] = {task: [] for task in tasks}
        counting = {task: counted(work, spent[task]) for task, work in tasks.items()}
        seconds = in_turn(counting, rounds, warm=False)
        true = [Counter(w.text for w in page) for page in poppler.text_words(printed, 1, count, 60)]
        agreeing = {
            ALONE: right(texts_alone(rasters), true),
            ONCE: right(texts_of(scan, "--ocr-effort", "once"), true),
            OCR: right(texts_of(scan), true),
        }
    reading = {task: seconds[task] for task in (ALONE, AT_BEST, ONCE, OCR, ASK)}
    parts: list[Part] = [
        Comparison(
            f"{count} scanned pages, {jobs} at a time",
            ALONE,
            reading,
            dict.fromkeys((ONCE, OCR, ASK), "<= 1.10"),
        )
    ]
    rivals = (OCRMYPDF, OCR, ">= 1.3"), (OCRMYPDF, ONCE, ">= 1.3"), (IMG2TABLE, TABLES, ">= 4")
    for task, base, goal in rivals:
        if task in seconds:
            pair = {base: seconds[base], task: seconds[task]}
            title = f"The same pages, {task} against {base}"
            parts.append(Comparison(title, base, pair, {task: goal}))
    rows = [[task, f"{quartiles(used)[1] / count:.2f}"] for task, used in spent.items()]
    parts.append(Figures("Processor seconds a page", ["", "median"], rows))
    shares = [[task, f"{share:.1%}"] for task, share in agreeing.items()]
    parts.append(Figures("Words right (F1, wherever they stand on the page)", ["", "F1"], shares))
    finish("scans", parts, save=save, packages=versions("pytesseract", "pdf2image"))


if __name__ == "__main__":
    options = parser(__doc__, rounds=3)
    options.add_argument("--pages", type=int, default=20, help="default: %(default)s")
    options.add_argument("--peers", type=Path, help="folder of the peers' programs")
    told = options.parse_args()
    main(told.rounds, told.pages, told.peers, told.save)
