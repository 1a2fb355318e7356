"""What docx costs in time and memory, against pages, questions and workers.

Whole processes (`docx ask`, `docx batch`) on documents that our generator makes; questions are
counted in one process. `--most` leaves out longer documents, for a try.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from documents import repeated, scanned_pdf, text_pdf, write_single
from results import Comparison, Curve, Figures, Part, finish, parser
from timing import in_turn, quartiles

from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Question
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.source import load

ASKED = ["-q", "total=What is the total?"]
COMMANDS = {
    "docx ask, text": ["ask", *ASKED],
    "docx kv, text": ["kv"],
    "docx tables, text": ["tables"],
    "docx ask, scans": ["ask", *ASKED],
}
TEXT_PAGES = (1, 10, 100, 1000)
SCANS = (1, 4, 16)
QUESTIONS = (1, 2, 5, 10, 16, 17, 32, 33, 50)
MEGABYTE = 1e6
_SECONDS_BETWEEN_LOOKS = 0.01


def measured(arguments: Sequence[str], cores: int | None = None) -> tuple[float, float]:
    """Run docx and return its seconds and its peak memory in MB."""
    run = subprocess.Popen(
        [sys.executable, "-m", "docx_cli", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if cores is not None:  # before it has begun to look how many there are
        os.sched_setaffinity(run.pid, sorted(os.sched_getaffinity(0))[:cores])
    begun, peak = time.perf_counter(), 0.0
    while run.poll() is None:
        peak = high_water(run.pid) or peak
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    seconds = time.perf_counter() - begun
    if run.returncode:
        raise SystemExit(f"docx {' '.join(arguments)} ended with {run.returncode}")
    return seconds, peak


def high_water(pid: int) -> float:
    """Return the most that a process has held so far in MB; 0 if nothing tells.

    What the system tells at its end will not do: it counts what we held when we started it.
    """
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found[1]) * 1024 / MEGABYTE if found else 0.0


def against_pages(folder: Path, most: int, rounds: int) -> list[Part]:
    """Time and peak memory of one process a document, the longest of them once."""
    text, scans = text_pdf(min(most, 40)), scanned_pdf(min(most, SCANS[-1], 8))
    seconds: dict[str, list[Sequence[float]]] = {}
    memory: dict[str, list[Sequence[float]]] = {}
    for name, command in COMMANDS.items():
        pdf, counts = (scans, SCANS) if "scans" in name else (text, TEXT_PAGES)
        for count in counts if command[0] == "ask" else counts[:-1]:
            if count > most:
                continue
            path = repeated(pdf, count, folder / "pages.pdf")
            times = rounds if count < counts[-1] else 1
            runs = [measured([*command, str(path)]) for _ in range(times)]
            took, held = zip(*runs, strict=True)
            seconds.setdefault(name, []).append(_point(count, [t / count for t in took]))
            memory.setdefault(name, []).append(_point(count, held))
    kinds = {kind: {n: p for n, p in seconds.items() if kind in n} for kind in ("text", "scans")}
    curves = [Curve(f"Pages of {k}", "pages", "seconds a page", s) for k, s in kinds.items()]
    curves.append(Curve("Peak memory", "pages", "MB", memory))
    return [*curves, _memory_goals(memory)]


def _point(x: float, values: Sequence[float]) -> Sequence[float]:
    low, middle, high = quartiles(values)
    return (x, middle, low, high)


def _memory_goals(memory: dict[str, list[Sequence[float]]]) -> Figures:
    """Compare the longest document with one of ten pages, or the next to that."""
    rows = []
    for name, points in memory.items():
        base = next((p for p in points if p[0] >= 10), points[-1])
        longest = points[-1]
        pages, ratio = f"{longest[0]:,.0f} / {base[0]:,.0f}", f"{longest[1] / base[1]:.2f}"
        rows.append((name, pages, ratio, f"{max(p[1] for p in points):.0f} MB"))
    columns = ("", "pages", "ratio (goal: 1.2)", "most (goal: 400 MB)")
    return Figures("Peak memory of long documents", columns, rows)


def against_questions(folder: Path, rounds: int) -> list[Part]:
    """Time of questions to one page that has been read, in one process."""
    bundle = open_bundle(resolve(None))
    extractor = Extractor(bundle)
    source = load(repeated(text_pdf(1), 1, folder / "page.pdf"))
    content = next(read_pages(source, ReadOptions(picture_size=bundle.picture_size)))
    words, picture = content.page.words, content.picture

    def ask(count: int) -> None:
        asked = [Question(f"What is the total of item {n}?") for n in range(count)]
        extractor.ask_words(words, asked, picture)

    seconds = in_turn({str(n): lambda n=n: ask(n) for n in QUESTIONS}, rounds)  # type: ignore[misc]
    ratios = [
        _point(n, [s / one for s, one in zip(seconds[str(n)], seconds["1"], strict=True)])
        for n in QUESTIONS
    ]
    series = {f"a page of {len(words)} words": ratios}
    goal = next(point[1] for point in ratios if point[0] == 10)
    return [
        Curve("Questions to a page", "questions", "times one question", series),
        Figures("Ten questions", ("goal: at most", "found"), [("3 times one", f"{goal:.2f}")]),
    ]


def against_workers(folder: Path, documents: int, rounds: int) -> list[Part]:
    """Time of `docx batch` over documents of one page, by what may work on them."""
    ways = {
        "one worker, one core": (1, 1),
        "one worker, both cores": (1, None),
        "two workers": (2, None),
    }
    parts: list[Part] = []
    for kind, pdf in {
        f"{documents} pages of text": text_pdf(documents, seed=1000),
        f"{(scans := max(documents // 12, 1))} scanned pages": scanned_pdf(scans, seed=1000),
    }.items():
        pages = folder / kind
        write_single(pdf, pages)
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, (jobs, cores) in ways.items():
                with tempfile.TemporaryDirectory() as out:
                    told = ["batch", str(pages), "-o", out, "-j", str(jobs), "--no-cache", *ASKED]
                    seconds[name].append(measured(told, cores)[0])
        title, goals = f"docx batch, {kind}", {"one worker, one core": ">= 1.9"}
        parts.append(Comparison(title, "two workers", seconds, goals))
    return parts


def main() -> None:
    options = parser(__doc__, rounds=3)
    options.add_argument("--most", type=int, default=1000, metavar="PAGES")
    options.add_argument("--documents", type=int, default=96, help="for the workers")
    told = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="docx-bench-") as scratch:
        folder = Path(scratch)
        parts = [
            *against_pages(folder, told.most, told.rounds),
            *against_questions(folder, 3 * told.rounds),
            *against_workers(folder, told.documents, told.rounds),
        ]
    finish("scaling", parts, save=told.save)


if __name__ == "__main__":
    main()
