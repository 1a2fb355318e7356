"""A person's own documents, made ready to learn from: divided, read, their labels located.

A document is held out or not by its file's name, so that it stays where it is when others come
or go, and a model is never measured on what an earlier one of the same folder was trained on.
"""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from docx_cli.cli.messages import complain
from docx_cli.errors import DocxError, FileAccessError, UnsupportedInputError
from docx_models import corpora, loaders
from docx_models.cases import Reader
from docx_models.loaders import Field, Labelled, listed, own
from docx_models.records import write_shard

LEAST = 10
"""Documents below which nothing is learned, since nothing could be said of the result."""

LEAST_HELD_OUT = 3
"""Documents that are held out even of a few."""

LEAST_TO_CALIBRATE = 100
"""Documents to learn from, of which some can be spared for the confidences."""

CALIBRATING = 10
"""One in so many of them is."""


@dataclass(frozen=True)
class Split:
    """What each document is for."""

    training: tuple[Labelled, ...]
    calibration: tuple[Labelled, ...]
    held_out: tuple[Labelled, ...]


def split(folder: Path, limit: int | None = None) -> Split:
    """Divide the labelled documents of a folder.

    Of a published set only the part for training is taken. One document in five is held out, as
    `docx eval` holds them out, and three at least; of many, some serve to calibrate.

    Args:
        folder: the set.
        limit: take so many documents at most, by the order of their names.

    Raises:
        FileAccessError: there is no such folder, or its labels cannot be read.
        UnsupportedInputError: a label is bad, or too few documents have answers.
    """
    if not folder.is_dir():
        raise FileAccessError("there is no such folder", source=str(folder))
    documents = loaders.open_set(folder, "train")
    if own.holds(folder) and not listed.holds(folder):
        documents += loaders.open_set(folder, "dev")
    documents = sorted((d for d in documents if d.asked), key=lambda d: d.file.name)[:limit]
    if len(documents) < LEAST:
        problem = f"{len(documents)} documents have labelled answers; {LEAST} are the least"
        raise UnsupportedInputError(problem, source=str(folder))
    documents = sorted(with_wordings(documents), key=_digest)
    held = [d for d in documents if own.split_of(d.file.name) == "dev"]
    rest = [d for d in documents if own.split_of(d.file.name) != "dev"]
    missing = max(0, LEAST_HELD_OUT - len(held))
    held, rest = held + rest[:missing], rest[missing:]
    many = len(rest) >= LEAST_TO_CALIBRATE
    spared = tuple(d for d in rest if many and _is_spared(d))
    training = tuple(d for d in rest if not (many and _is_spared(d)))
    return Split(training, spared, tuple(held))


def _digest(document: Labelled) -> bytes:
    return hashlib.sha256(document.file.name.encode()).digest()


def _is_spared(document: Labelled) -> bool:
    return _digest(document)[1] % CALIBRATING == 0


def with_wordings(documents: Sequence[Labelled]) -> list[Labelled]:
    """Let every field be asked for in all the ways that its documents ask, and by its name."""
    ways: dict[str, dict[str, None]] = {}
    for asked in (asked for document in documents for asked in document.asked):
        known = ways.setdefault(asked.field.name, {})
        known |= dict.fromkeys((asked.field.question, *asked.field.wordings, *_named(asked.field)))
    return [
        dataclasses.replace(
            document,
            asked=tuple(
                dataclasses.replace(asked, field=_reworded(asked.field, ways[asked.field.name]))
                for asked in document.asked
            ),
        )
        for document in documents
    ]


def _named(field: Field) -> tuple[str, ...]:
    """Ways to ask that a field's name gives; none if it is no more than the question."""
    if field.name == field.question:
        return ()
    name = field.name.replace("_", " ")
    return (name, f"What is the {name}?")


def _reworded(field: Field, ways: dict[str, None]) -> Field:
    return dataclasses.replace(field, wordings=tuple(w for w in ways if w != field.question))


def readable(documents: Sequence[Labelled], reader: Reader, jobs: int) -> list[Labelled]:
    """Read documents into the reader's cache, and return those that can be read.

    Of each other one, a line on stderr says why.

    Args:
        documents: what is read.
        reader: has a cache.
        jobs: processes.
    """
    # Spawned, not forked: the caller may hold threads (torch) that a fork would break.
    context = multiprocessing.get_context("spawn")
    out = []
    with ProcessPoolExecutor(jobs, context) if jobs > 1 else nullcontext() as pool:
        every = map if pool is None else pool.map
        problems = every(_problem, [reader] * len(documents), [d.file for d in documents])
        read = zip(documents, problems, strict=True)
        console = Console(stderr=True)
        for document, problem in track(read, "reading", len(documents), console=console):
            if problem:
                complain(problem)
            else:
                out.append(document)
    return out


def _problem(reader: Reader, file: Path) -> str | None:
    """Read a file; say what is wrong with it."""
    try:
        contents = reader.pages(file)[1]
    except DocxError as error:
        return str(error)
    if any(content.page.words for content in contents):
        return None
    failed = next((c.page.error for c in contents if c.page.error), "no words were found")
    return f"{file}: {failed}"


def write_records(folder: Path, documents: Sequence[Labelled], reader: Reader) -> Counter[str]:
    """Write documents as a pack of page records; return how many labels were located.

    Args:
        folder: of the pack.
        documents: all of them readable.
        reader: gives their pages.
    """
    tally: Counter[str] = Counter()
    folder.mkdir(parents=True, exist_ok=True)
    records = corpora.records_of(documents, folder.name, lambda f: reader.pages(f)[1], tally)
    write_shard(folder / "0000.jsonl", records)
    return tally
