"""Damaged documents, thousands of them: docx batch must give each its record and never a bug.

    python benchmarks/fuzz.py [--runs 5000] [--seed 1] [--minutes 20] [--keep DIR]

The documents are the tests' own PDFs and pictures, changed so that much of them stays sound: bytes
flipped, stretches cut or doubled, numbers and names of PDF objects altered, two files spliced. A
failed record is right; one with exit code 1 (a bug), a missing one, or a run without end is not.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "runtime"))

from documents import write_documents  # noqa: E402

A_TIME = 200
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
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--keep", type=Path, help="a folder for the documents that show a bug")
    options = parser.parse_args()
    chance, ends = random.Random(options.seed), time.monotonic() + 60 * options.minutes
    kinds: Counter[str] = Counter()
    bugs = done = 0
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "originals"
        source.mkdir()
        write_documents(source)
        originals = [(p.name, p.read_bytes()) for p in sorted(source.iterdir()) if p.stat().st_size]
        while done < options.runs and time.monotonic() < ends:
            folder = Path(scratch) / f"round-{done}"
            folder.mkdir()
            paths = round_of(originals, folder, min(A_TIME, options.runs - done), chance)
            command = [sys.executable, "-m", "docx_cli", "batch", folder, "-o", f"{folder}.out",
                       "--kv", "--page-timeout", "20", "--timeout", "60", "--no-cache"]  # fmt: skip
            code = subprocess.run(
                command, capture_output=True, check=False, timeout=7200
            ).returncode
            lines = Path(f"{folder}.out", "records.jsonl").read_text().splitlines()
            records = [json.loads(line) for line in lines]
            for record in records:
                error = record["error"]
                kinds[error["kind"] if error else record["status"]] += 1
                if error and error["exit_code"] == 1:
                    bugs += 1
                    print(record["source"], error["message"])
                    if options.keep:
                        options.keep.mkdir(exist_ok=True, parents=True)
                        path = Path(record["source"])
                        (options.keep / f"{done}-{path.name}").write_bytes(path.read_bytes())
            if code not in (0, 10) or len(records) != len(paths):
                bugs += 1
                print(f"exit code {code}, {len(records)} records of {len(paths)}")
            done += len(paths)
            print(f"{done} documents, {bugs} bugs: {dict(kinds)}", flush=True)
    return 1 if bugs else 0


if __name__ == "__main__":
    sys.exit(main())
