"""How fast docx batch is, whether its workers stay small, and how it bears kills.

    python benchmarks/load.py rate  [FOLDER] [--documents N] [--rounds N]
    python benchmarks/load.py soak  [FOLDER] [--documents N]
    python benchmarks/load.py chaos [FOLDER] [--documents N]

Without a FOLDER of yours the documents are made (see `load_inputs.py`): for `rate` text PDFs and
scans, for `soak` reports of five pages with one scan in ten pages, for `chaos` small ones of all
kinds. `rate` gives one worker one core, and two workers two: so docx batch spreads its work.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

import load_inputs
from results import Comparison, Figures, Part, finish, parser
from timing import quartiles

ASKED = ["-q", "total=What is the total?", "--kv", "--tables", "--no-cache", "--recursive"]
RESTARTS = 10
TENTHS = 10
ONE, TWO = "one worker, one core", "two workers, two cores"
APART = "two runs at once, half the documents and a core each"
DOCUMENTS = {"rate": 300, "soak": 400, "chaos": 500}


@dataclass
class Batch:
    """One run of docx batch, with a folder of its own for temporary files."""

    inputs: Path
    out: Path
    scratch: Path
    more: tuple[str, ...] = ()
    cores: tuple[int, ...] | None = None
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.scratch.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "docx_cli", "batch", str(self.inputs), "-o", str(self.out)]
        cores = self.cores
        self.process = subprocess.Popen(
            [*command, *ASKED, "--log-json", *self.more],
            stderr=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(self.scratch)},
            preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        )

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what the run logs, until it ends."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            yield json.loads(line)

    def to_its_end(self) -> int:
        """Wait; return the exit code."""
        self.process.communicate()
        return self.process.returncode

    def records(self) -> dict[str, dict[str, Any]]:
        """Return the records by input; there must be one for each."""
        lines = (self.out / "records.jsonl").read_text(encoding="utf-8").splitlines()
        found = {record["source"]: record for record in map(json.loads, lines)}
        if len(found) != len(lines):
            raise SystemExit(f"{len(lines)} records of {len(found)} inputs")
        return found

    def workers(self) -> list[int]:
        """Return the numbers of the processes that are at work; Python's own watcher is none."""
        asked = ["pgrep", "-P", str(self.process.pid), "-f", "spawn_main"]
        told = subprocess.run(asked, capture_output=True, check=False)
        return [int(pid) for pid in told.stdout.split()]

    def left_behind(self) -> list[str]:
        """Return the temporary files that are there after its end."""
        return [path.name for path in self.scratch.iterdir()]


def rate(inputs: Path, scratch: Path, rounds: int, title: str) -> list[Part]:
    """Time the same documents with one worker on one core and two on two, in turn.

    The limit is two runs at once that know nothing of each other, each on a core of its own over
    half of the documents: two cores of a machine seldom do just twice what one does.
    """
    cores = sorted(os.sched_getaffinity(0))[:2]
    halves = [scratch / f"{title}-{name}" for name in ("even", "odd")]
    for half in halves:
        half.mkdir()
    for number, path in enumerate(sorted(filter(Path.is_file, inputs.rglob("*")))):
        shutil.copy(path, halves[number % 2] / f"{number}-{path.name}")
    seconds: dict[str, list[float]] = {name: [] for name in (ONE, TWO, APART)}
    worked: dict[str, list[float]] = {name: [] for name in (ONE, TWO, APART)}
    documents = pages = 0
    for number in range(rounds):
        one, other = cores[:: -1 if number % 2 else 1]  # neither may be the better one
        ways: dict[str, list[tuple[Path, tuple[int, ...]]]] = {
            ONE: [(inputs, (one,))],
            TWO: [(inputs, (one, other))],
            APART: [(halves[0], (one,)), (halves[1], (other,))],
        }
        for name, runs in ways.items():
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                begun, before = time.perf_counter(), processor_seconds()
                batches = [
                    Batch(some, Path(folder, f"{n}"), scratch / "tmp", ("-j", f"{len(own)}"), own)
                    for n, (some, own) in enumerate(runs)
                ]
                for batch in batches:
                    batch.to_its_end()
                seconds[name].append(time.perf_counter() - begun)
                worked[name].append(processor_seconds() - before)
                found = [record for batch in batches for record in batch.records().values()]
            documents, pages = len(found), sum(len(record["pages"]) for record in found)
    rows = []
    for name, spent in seconds.items():
        hours = quartiles(spent)[1] / 3600
        each = quartiles(worked[name])[1] / pages
        costs = f"{each:.2f}", f"{1e6 * each / 3600:,.0f}"
        rows.append((name, f"{documents / hours:,.0f}", f"{pages / hours:,.0f}", *costs))
    columns = (
        "", "documents an hour", "pages an hour", "core seconds a page", "core hours a million",
    )  # fmt: skip
    return [
        Comparison(f"docx batch over {title}", ONE, seconds, {TWO: f"<= {1 / 1.9:.3f}"}),
        Figures(f"{documents:,} {title}, {pages:,} pages", columns, rows),
    ]


def soak(inputs: Path, scratch: Path) -> list[Part]:
    """Look at the workers after each document: memory and open files must not grow."""
    # Workers that are replaced would hide what they lose.
    run = Batch(inputs, scratch / "out", scratch / "tmp", ("-j", "2", "--recycle-after", "1000000"))
    looks: list[tuple[float, float, int]] = []
    total = 1
    workers: set[int] = set()
    for event in run.events():
        if event["event"] == "document":
            total = event["total"]
            pids = run.workers()
            workers.update(pids)
            held = [(resident(pid), files(pid)) for pid in pids]
            sizes = [size for size, _ in held if size]
            most_files = max((count for _, count in held), default=0)
            looks.append((fmean(sizes or [0.0]), max(sizes, default=0.0), most_files))
    code, pages = run.to_its_end(), sum(len(r["pages"]) for r in run.records().values())
    tenth = max(len(looks) // TENTHS, 1)
    parts = [looks[n * tenth : (n + 1) * tenth] for n in range(TENTHS)]
    middles = [median(mean for mean, _, _ in part) for part in parts]
    rows = [
        (f"{n}", f"{middle:.0f} MiB", f"{max(m for _, m, _ in part):.0f} MiB",
         str(max(f for _, _, f in part)))
        for n, (middle, part) in enumerate(zip(middles, parts, strict=True), 1)
    ]  # fmt: skip
    alive = [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    ends = (
        ("exit code", str(code)),
        ("last tenth over second", f"{middles[-1] / middles[1]:.3f} (goal <= 1.05)"),
        ("most of a worker", f"{max(most for _, most, _ in looks):.0f} MiB (goal < 400)"),
        ("worker processes over the run, left after it", f"{len(workers)}, {len(alive)}"),
        ("temporary files left", str(len(run.left_behind()))),
    )
    columns = ("tenth", "a worker's memory, median", "most", "open files, most")
    return [
        Figures(f"{total:,} documents, {pages:,} pages, two workers", columns, rows),
        Figures("At the end", ("", ""), ends),
    ]


def chaos(inputs: Path, scratch: Path) -> list[Part]:
    """Kill workers and the run itself at random; the records must be those of a calm run."""
    begun = time.monotonic()
    calm = Batch(inputs, scratch / "calm", scratch / "calm-tmp")
    calm.to_its_end()
    span = (time.monotonic() - begun) / (RESTARTS + 2)
    chance, killed = random.Random(1), 0
    for _ in range(RESTARTS):
        run = Batch(inputs, scratch / "out", scratch / "tmp")
        ends = time.monotonic() + chance.uniform(0.5, 1.5) * span
        while time.monotonic() < ends and run.process.poll() is None:
            time.sleep(chance.uniform(0, span / 3))
            if victims := run.workers():
                os.kill(chance.choice(victims), signal.SIGKILL)
                killed += 1
        run.process.kill()
        run.to_its_end()
    last = Batch(inputs, scratch / "out", scratch / "tmp")
    last.to_its_end()
    quiet, loud = calm.records(), last.records()
    differing = [name for name, r in quiet.items() if _timeless(r) != _timeless(loud.get(name, {}))]
    for name in differing:
        ours, theirs = quiet[name], loud.get(name, {})
        keys = [k for k in ours if k != "timings" and ours[k] != theirs.get(k)]
        print("differs:", name, *(f"{k}: {ours[k]!r} / {theirs.get(k)!r}"[:2000] for k in keys))
    rows = (
        ("workers killed; the run itself", f"{killed}; {RESTARTS} times"),
        ("records, inputs", f"{len(loud)}, {len(quiet)}"),
        ("records that differ but for timings", str(len(differing))),
        ("temporary files left", str(len(last.left_behind()))),
    )
    return [Figures("Under random kill -9", ("", ""), rows)]


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"timings": {}}


def processor_seconds() -> float:
    """Return the seconds that cores worked for children that have ended, and for theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def resident(pid: int) -> float:
    """Return the MiB that a process holds; 0 if it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / (1 << 20)


def files(pid: int) -> int:
    """Return how many files a process has open; 0 if it is gone."""
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def main() -> None:
    options = parser(__doc__, rounds=3)
    options.add_argument("what", choices=("rate", "soak", "chaos"))
    options.add_argument("folder", nargs="?", type=Path, help="documents of yours")
    options.add_argument("--documents", type=int, help=f"to be made; default: {DOCUMENTS}")
    told = options.parse_args()
    count = told.documents or DOCUMENTS[told.what]
    making: dict[str, Callable[[int], Any]] = {
        "rate": load_inputs.text_pdfs, "soak": load_inputs.reports, "chaos": load_inputs.small,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        inputs = told.folder or scratch / "in"
        if told.folder is None:
            load_inputs.write(making[told.what](count), inputs)
        if told.what == "soak":
            parts = soak(inputs, scratch)
        elif told.what == "chaos":
            parts = chaos(inputs, scratch)
        else:
            parts = rate(inputs, scratch, told.rounds, "documents" if told.folder else "text PDFs")
            if told.folder is None:
                load_inputs.write(load_inputs.scans(max(count // 5, 2)), scratch / "scans")
                parts += rate(scratch / "scans", scratch, told.rounds, "scans")
        finish(f"load_{told.what}", parts, save=told.save)


if __name__ == "__main__":
    main()
