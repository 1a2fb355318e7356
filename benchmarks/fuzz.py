"""Damaged documents, thousands of them: docx batch must give each its record and never a bug.

    python benchmarks/fuzz.py [FOLDER] [--runs 5000] [--seed 1] [--minutes 20] [--keep DIR]

The documents are the tests' own PDFs and pictures, and those of a FOLDER, changed so that much of
them stays sound: bytes flipped, stretches cut or doubled, numbers and names of PDF objects altered,
two files spliced. A failed record is right; one with exit code 1 (a bug), a missing one, a file
that is left behind, or a run without end is not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "runtime"))

from documents import write_documents  # noqa: E402

from docx_cli.inputs import SUFFIXES  # noqa: E402

A_TIME = 500
LIMITS = ["--page-timeout", "20", "--timeout", "60"]
ROUND_SECONDS = 3600  # for A_TIME documents: hours less than if each took its limit
LARGEST = 1 << 20
NUMBER = re.compile(rb"(?<![0-9A-Za-z])-?[0-9]{1,10}(?![0-9A-Za-z])")
EXTREME = [b"0", b"-1", b"1", b"65536", b"2147483647", b"-2147483648", b"99999999999", b"1e309"]
NAMES = [b"/Page", b"/Pages", b"/Kids", b"/Parent", b"/Contents", b"/Length", b"/Filter", b"/Font"]


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Change a file in one to four ways."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(WAYS)(data, other, chance) or data
    return data


def flip(data: bytes, other: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.choices(range(len(data)), k=2))
    return data[:start] + data[min(end, start + len(data) // 4) :]


def double(data: bytes, other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randint(1, 2000)]
    return data[:start] + piece * chance.randint(2, 50) + data[start:]


def splice(data: bytes, other: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]


def number(data: bytes, other: bytes, chance: random.Random) -> bytes:
    places = list(NUMBER.finditer(data))
    if not places:
        return data
    at = chance.choice(places)
    return data[: at.start()] + chance.choice(EXTREME) + data[at.end() :]


def name(data: bytes, other: bytes, chance: random.Random) -> bytes:
    return data.replace(chance.choice(NAMES), chance.choice(NAMES), chance.randint(1, 3))


WAYS = (flip, cut, double, splice, number, name)


def round_of(
    originals: list[tuple[str, bytes]], folder: Path, count: int, chance: random.Random
) -> list[Path]:
    """Write damaged documents into a folder."""
    paths = []
    for n in range(count):
        (stem, data), (_, other) = chance.choices(originals, k=2)
        paths.append(folder / f"{n:04d}-{stem}")
        paths[-1].write_bytes(mutated(data, other, chance) or b"x")
    return paths


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="more documents to damage")
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--keep", type=Path, help="a folder for the documents that show a bug")
    options = parser.parse_args()
    chance, ends = random.Random(options.seed), time.monotonic() + 60 * options.minutes
    kinds: Counter[str] = Counter()
    bugs = done = 0
    with tempfile.TemporaryDirectory() as scratch:
        originals = sound_files(Path(scratch) / "originals", options.folder)
        while done < options.runs and time.monotonic() < ends:
            folder = Path(scratch) / f"round-{done}"
            folder.mkdir()
            paths = round_of(originals, folder, min(A_TIME, options.runs - done), chance)
            found, complaints = outcome(folder, len(paths))
            for record in found:
                error = record["error"]
                kinds[error["kind"] if error else record["status"]] += 1
                if error and error["exit_code"] == 1:
                    complaints.append(f"{record['source']}: {error['message']}")
                    keep(options.keep, Path(record["source"]), done)
            bugs += len(complaints)
            done += len(paths)
            for line in (*complaints, f"{done} documents, {bugs} bugs: {dict(kinds)}"):
                print(line, flush=True)
            shutil.rmtree(folder)
    return 1 if bugs or done < options.runs else 0


def sound_files(folder: Path, more: Path | None) -> list[tuple[str, bytes]]:
    """Write the tests' documents; return them and those of another folder, by name."""
    folder.mkdir()
    write_documents(folder)
    files = [*folder.iterdir(), *(more.rglob("*") if more else ())]
    fitting = sorted(
        path
        for path in files
        if path.name.lower().endswith(SUFFIXES) and 0 < path.stat().st_size <= LARGEST
    )
    return [(path.name, path.read_bytes()) for path in fitting]


def outcome(folder: Path, count: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Run docx batch over a folder; return the records, and what is wrong with the run."""
    out, temporary = Path(f"{folder}.out"), Path(f"{folder}.tmp")
    temporary.mkdir()
    asked = ["-q", "What is the total?", "--kv", "--tables", "--no-cache", *LIMITS]
    command = [sys.executable, "-m", "docx_cli", "batch", str(folder), "-o", str(out), *asked]
    environment = os.environ | {"TMPDIR": str(temporary)}
    wrong = []
    try:
        code = subprocess.run(
            command, capture_output=True, env=environment, check=False, timeout=ROUND_SECONDS
        ).returncode
        if code not in (0, 10):
            wrong.append(f"exit code {code}")
    except subprocess.TimeoutExpired:
        wrong.append(f"the run took longer than {ROUND_SECONDS} s")
    found = [json.loads(line) for line in (out / "records.jsonl").read_text().splitlines()]
    if len(found) != count:
        wrong.append(f"{len(found)} records of {count}")
    if left := [path.name for path in temporary.iterdir()]:
        wrong.append(f"left behind: {', '.join(left)}")
    return found, wrong


def keep(folder: Path | None, path: Path, number: int) -> None:
    """Copy a document that showed a bug."""
    if folder:
        folder.mkdir(exist_ok=True, parents=True)
        shutil.copyfile(path, folder / f"{number}-{path.name}")


if __name__ == "__main__":
    sys.exit(main())
