"""The books of a run: records.jsonl, one line for each input, and what follows from it.

The file is the only truth. Lines are only ever appended, each in one write, so that a killed run
leaves at most a torn last line, which the next run cuts off. A line that another for the same
input follows is superseded, and dropped when the books are closed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self

from docx_cli.batch.unit import Outcome, path_key
from docx_cli.errors import FileAccessError, UnsupportedInputError, UsageError

RECORDS = "records.jsonl"
_SETTINGS = "settings.json"
_LOCK = ".lock"
_SCRATCH = "docx-batch-"

# A kill loses nothing that was written; only a machine that stops loses what is not synced.
_SYNC_SECONDS = 2.0


class Entry(NamedTuple):
    """Where an input's record stands, and what it says."""

    start: int
    length: int
    sha256: str | None
    status: str
    error: str | None


class Ledger:
    """Open books; a second run on the same folder is refused while they are.

    Args:
        folder: the run's output folder; made if it is not there.
        settings: what the records depend on beside their inputs.

    Raises:
        FileAccessError: the folder cannot be written, or another run is at work there.
        UsageError: the folder holds the records of other settings.
        UnsupportedInputError: its records are damaged.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.records = folder / RECORDS
        """The file; one record for each input once it was synced."""
        self._entries: dict[str, Entry] = {}
        self._by_content: dict[str, str] = {}
        self._superseded = 0
        self._synced = time.monotonic()
        with self._explained(), contextlib.ExitStack() as opened:
            folder.mkdir(parents=True, exist_ok=True)
            lock = opened.enter_context((folder / _LOCK).open("a+b"))
            self._take(lock)
            self._check(settings)
            self._file = opened.enter_context(self.records.open("a+b"))
            self._read()
            self._keep = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Sync, and end."""
        with self._keep:
            try:
                self.sync()
            finally:
                shutil.rmtree(self.scratch, ignore_errors=True)

    def sync(self) -> None:
        """Write what the system still holds back, and drop what is superseded."""
        with self._explained():
            os.fsync(self._file.fileno())
            if self._superseded:
                self._compact()

    def entry(self, path: str) -> Entry | None:
        """Return what is known of an input."""
        return self._entries.get(path_key(path))

    def twin(self, sha256: str) -> Entry | None:
        """Return the latest record of an input with this content, None if there is none yet."""
        key = self._by_content.get(sha256)
        return None if key is None else self._entries[key]

    def body(self, entry: Entry) -> bytes:
        """Return a record as it was written, with its line's end."""
        return os.pread(self._file.fileno(), entry.length, entry.start)

    def add(self, outcome: Outcome) -> None:
        """Append a record, whole or not at all.

        Raises:
            FileAccessError: it cannot be written; what was there before is as it was.
        """
        start = self._size
        line = outcome.body + b"\n"
        with self._explained():
            try:
                written = 0
                while written < len(line):
                    written += os.write(self._file.fileno(), line[written:])
            except OSError:
                os.ftruncate(self._file.fileno(), start)
                raise
            if time.monotonic() - self._synced > _SYNC_SECONDS:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()
        self._size += len(line)
        entry = Entry(start, len(line), outcome.sha256, outcome.status, outcome.error)
        self._note(path_key(outcome.path), entry)

    def _note(self, key: str, entry: Entry) -> None:
        before = self._entries.get(key)
        if before is not None:
            self._superseded += 1
            if before.sha256 and self._by_content.get(before.sha256) == key:
                del self._by_content[before.sha256]
        self._entries[key] = entry
        if entry.sha256:
            self._by_content[entry.sha256] = key

    def _take(self, lock: BinaryIO) -> None:
        """Lock the folder, and clear away what a killed run left in its temporary folder."""
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FileAccessError(
                "another run is writing to this folder", source=str(self.folder)
            ) from error
        lock.seek(0)
        left = Path(os.fsdecode(lock.read()))
        if left.name.startswith(_SCRATCH) and left.parent == Path(tempfile.gettempdir()):
            shutil.rmtree(left, ignore_errors=True)
        self.scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH))
        lock.truncate(0)
        lock.write(os.fsencode(self.scratch))
        lock.flush()

    def _check(self, settings: dict[str, Any]) -> None:
        """Compare the settings with those that the folder's records were made with."""
        path = self.folder / _SETTINGS
        if path.exists() and self.records.exists() and self.records.stat().st_size:
            before = _settings(path)
            if before != settings:
                names = sorted(k for k in {*before, *settings} if before.get(k) != settings.get(k))
                raise UsageError(
                    f"the folder holds records made with other settings: {', '.join(names)}",
                    source=str(self.folder),
                    hint="name another folder",
                )
            return
        _write_whole(path, [json.dumps(settings, indent=2, ensure_ascii=False).encode(), b"\n"])

    def _read(self) -> None:
        """Learn what is done; cut off what a run that was killed, or a machine, left torn."""
        at = end = torn = 0
        self._file.seek(0)
        for number, line in enumerate(self._file, 1):
            found = _entry(line, at)
            if found is not None:
                if torn:
                    raise UnsupportedInputError(
                        f"line {torn} is no record of docx batch", source=str(self.records)
                    )
                self._note(*found)
                end = at + len(line)
            elif not torn:
                torn = number
            at += len(line)
        self._size = end
        if torn:
            os.ftruncate(self._file.fileno(), self._size)

    def _compact(self) -> None:
        """Write the file anew with one line for each input, in the order of their making."""
        _write_whole(self.records, map(self.body, sorted(self._entries.values())))
        self._file.close()
        self._file = self._keep.enter_context(self.records.open("a+b"))
        self._entries, self._by_content, self._superseded = {}, {}, 0
        self._read()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileAccessError(
                f"cannot write: {error.strerror}", source=str(self.folder)
            ) from error


def _write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that is there as a whole or as it was, also after a power cut."""
    whole = path.with_name(f"{path.name}.new")
    try:
        with whole.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(path)
    except OSError:
        whole.unlink(missing_ok=True)
        raise


def _settings(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return dict(found)
    except (ValueError, TypeError) as error:
        raise UnsupportedInputError("holds no settings of docx batch", source=str(path)) from error


def _entry(line: bytes, start: int) -> tuple[str, Entry] | None:
    """Return the input's key and the entry of a whole line, None for anything else."""
    if not line.endswith(b"\n"):
        return None
    try:
        found = json.loads(line)
        error = found["error"] and found["error"]["kind"]
        entry = Entry(start, len(line), found["sha256"], found["status"], error)
        return found["run"]["input"], entry
    except (ValueError, TypeError, KeyError):
        return None
