"""Packs: folders of JSON lines shards, written by several processes, resumable."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from docx_cli.errors import FileAccessError
from docx_models.synth import content as contents
from docx_models.synth.records import generate_many

SHARD = 500
BATCH = 20
ROUND = 4


def write_pack(
    out: Path,
    *,
    pages: int,
    seed: int,
    families: Sequence[str],
    jobs: int,
    content: Path | None = None,
    split: contents.Split = "train",
) -> None:
    """Write `pages` records into shards ``out/NNNN.jsonl`` of 500.

    Shards that are there already are kept, so that a broken run goes on where
    it stopped; what a shard holds depends on `seed`, its number, `families` and `content`.

    Args:
        out: the folder, made where it is missing.
        pages: number of records in all.
        seed: of the whole pack; page n has the seed ``seed * 10_000_000 + n``.
        families: sampled evenly; name one twice to see it twice as often.
        jobs: processes.
        content: folder of the published sets, for the families that are filled from them.
        split: the part of those sets.

    Raises:
        FileAccessError: the folder or a shard cannot be written, the content not be read.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be written", source=str(out)) from error
    starts = range(0, pages, SHARD)
    todo = [start for start in starts if not _shard(out, start).exists()]
    console = Console(stderr=True)
    # Spawned, not forked: the caller may hold threads (torch) that a fork would break.
    context = multiprocessing.get_context("spawn")
    with Progress(console=console) as progress:
        task = progress.add_task(
            "pages", total=pages, completed=pages - sum(min(SHARD, pages - start) for start in todo)
        )
        # New processes after some shards, since typst's cache grows with what it has set. (An
        # executor that replaces its own, by max_tasks_per_child, can hang: CPython gh-115634.)
        for first in range(0, len(todo), jobs * ROUND):
            with ProcessPoolExecutor(jobs, context) as pool:
                work = []
                for start in todo[first : first + jobs * ROUND]:
                    numbers = range(start, start + min(SHARD, pages - start))
                    chosen = [_page(seed, number, families) for number in numbers]
                    work.append(
                        pool.submit(_write_shard, _shard(out, start), chosen, content, split)
                    )
                for done in as_completed(work):
                    progress.advance(task, done.result())


def _shard(out: Path, start: int) -> Path:
    return out / f"{start // SHARD:04d}.jsonl"


def _write_shard(
    path: Path,
    pages: Sequence[tuple[str, int]],
    content: Path | None,
    split: contents.Split,
) -> int:
    """Write one shard under another name and move it into place once it is whole."""
    source = contents.load(content, split) if content else None
    part = path.with_suffix(".part")
    try:
        with part.open("w", encoding="utf-8") as file:
            for first in range(0, len(pages), BATCH):
                for record in generate_many(pages[first : first + BATCH], source):
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
        part.replace(path)
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be written", source=str(path)) from error
    return len(pages)


def _page(seed: int, number: int, families: Sequence[str]) -> tuple[str, int]:
    own = seed * 10_000_000 + number
    return random.Random(own).choice(families), own
