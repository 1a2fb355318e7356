"""How fast docx batch is, how it bears kills, and whether its workers stay small.

python benchmarks/load.py rate FOLDER          documents and pages an hour, one worker and two
python benchmarks/load.py soak FOLDER          resident memory of the workers, tenth by tenth
python benchmarks/load.py chaos FOLDER         random kills, ten restarts, one record for each
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ASKED = ["-q", "total=What is the total?", "--no-cache", "--recursive"]


def started(folder: str, out: str, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "docx_cli", "batch", folder, "-o", out, *ASKED, *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def records(out: str) -> dict[str, dict[str, object]]:
    lines = Path(out, "records.jsonl").read_text(encoding="utf-8").splitlines()
    found = {record["source"]: record for record in map(json.loads, lines)}
    assert len(found) == len(lines), "an input has two records"
    return found


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, check=False)
    return [int(child) for child in found.stdout.split()]


def rate(folder: str, scratch: str) -> None:
    speeds = []
    for jobs in (1, 2):
        begun = time.monotonic()
        run = started(folder, f"{scratch}/{jobs}", "-j", str(jobs))
        run.communicate()
        hours = (time.monotonic() - begun) / 3600
        found = records(f"{scratch}/{jobs}").values()
        pages = sum(len(record["pages"]) for record in found)  # type: ignore[arg-type]
        speeds.append(pages / hours)
        documents = len(found) / hours
        print(f"{jobs} workers: {documents:,.0f} documents, {pages / hours:,.0f} pages an hour")
    print(f"two are {speeds[1] / speeds[0]:.2f} times one")


def soak(folder: str, scratch: str) -> None:
    run = started(folder, f"{scratch}/out", "-j", "2")
    sizes: list[int] = []
    while run.poll() is None:
        time.sleep(1)
        held = []
        for pid in children(run.pid):
            try:
                text = Path(f"/proc/{pid}/statm").read_text()
            except OSError:
                continue
            held.append(int(text.split()[1]) * os.sysconf("SC_PAGESIZE"))
        sizes.append(max(held, default=0))
    tenth = max(len(sizes) // 10, 1)
    for n in range(10):
        part = sizes[n * tenth : (n + 1) * tenth]
        print(f"tenth {n + 1}: {max(part, default=0) / 2**20:.0f} MiB")
    print(f"last over second: {max(sizes[-tenth:]) / max(sizes[tenth : 2 * tenth]):.3f}")


def chaos(folder: str, scratch: str) -> None:
    started(folder, f"{scratch}/calm").communicate()
    chance = random.Random(1)
    for _ in range(10):
        run = started(folder, f"{scratch}/out")
        for _ in range(3):
            time.sleep(chance.uniform(0.5, 5))
            victims = children(run.pid)
            if victims:
                os.kill(chance.choice(victims), signal.SIGKILL)
        run.kill()
        run.communicate()
    started(folder, f"{scratch}/out").communicate()
    calm, out = records(f"{scratch}/calm"), records(f"{scratch}/out")
    timeless = [{k: r | {"timings": {}} for k, r in found.items()} for found in (calm, out)]
    print(f"{len(out)} records of {len(calm)}; equal but for timings: {timeless[0] == timeless[1]}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        {"rate": rate, "soak": soak, "chaos": chaos}[sys.argv[1]](sys.argv[2], scratch)
