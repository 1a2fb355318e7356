"""What Tesseract read, kept: a second question over the same pages then costs no OCR.

A page is known by its pixels, so neither a file's name nor its date matters, equal pages are
read once, and whatever changes the picture (resolution, turning, cleaning) is another page.
SQLite keeps several processes apart. A cache that cannot be used is as good as none: the
pages are read.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docx_cli.errors import FileAccessError

if TYPE_CHECKING:
    import sqlite3

    from docx_cli.tesseract import OcrWord

MOST_BYTES = 1 << 30
"""It is kept below this: some 100,000 pages."""

_KEPT = 0.8  # of the most, after the least recently used were dropped
_WRITES_BETWEEN_LOOKS = 100
_FRESH_SECONDS = 3600
_PATIENCE = 30.0
"""Seconds for which another process is waited for."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS pages"
    " (key BLOB PRIMARY KEY, words BLOB NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL)"
)

log = logging.getLogger(__name__)
_path: ContextVar[str | None] = ContextVar("path", default=None)


@dataclass(frozen=True)
class Info:
    """What a cache holds."""

    path: str
    pages: int
    bytes: int
    most_bytes: int = MOST_BYTES


def default_path() -> Path:
    """Return the file of this user's cache; it need not be there."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "docx-cli" / "ocr.sqlite"


@contextlib.contextmanager
def using(path: str | None) -> Iterator[None]:
    """Use a cache in the block; None uses none."""
    token = _path.set(path)
    try:
        yield
    finally:
        _path.reset(token)


def remembered(
    picture: Path, settings: Sequence[object], read: Callable[[], list[OcrWord]]
) -> list[OcrWord]:
    """Return what was read of a picture before, or read it now and keep that.

    Args:
        picture: the file that is read.
        settings: all else that the words depend on, the program's version too.
        read: reads it.
    """
    [words] = all_remembered([picture], settings, lambda _: [read()])
    return words


def all_remembered(
    pictures: Sequence[Path],
    settings: Sequence[object],
    read: Callable[[Sequence[Path]], Sequence[list[OcrWord]]],
) -> list[list[OcrWord]]:
    """Return what was read of pictures before; those that are not known are read now, together.

    Args:
        pictures: the files that are read.
        settings: as for `remembered`.
        read: reads some of them.
    """
    path = _path.get()
    if path is None:
        return list(read(pictures))
    cache = _open(path)
    keys = [_key(picture, settings) for picture in pictures]
    known = {key: words for key in keys if (words := cache.get(key)) is not None}
    new = {key: picture for key, picture in zip(keys, pictures, strict=True) if key not in known}
    if new:
        for key, words in zip(new, read(list(new.values())), strict=True):
            cache.put(key, words)
            known[key] = words
    return [known[key] for key in keys]


def info(path: Path) -> Info:
    """Say what a cache holds; a file that is not there holds nothing.

    Raises:
        FileAccessError: it is no cache.
    """
    import sqlite3

    if not path.exists():
        return Info(str(path), 0, 0)
    try:
        with contextlib.closing(_connected(str(path))) as database:
            pages, size = database.execute("SELECT COUNT(*), TOTAL(bytes) FROM pages").fetchone()
    except sqlite3.Error as error:
        raise FileAccessError(f"cannot be read: {error}", source=str(path)) from error
    return Info(str(path), pages, int(size))


def clear(path: Path) -> None:
    """Delete a cache; a process that uses it goes on without harm.

    Raises:
        FileAccessError: it cannot be deleted.
    """
    try:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise FileAccessError(f"cannot delete: {error.strerror}", source=str(path)) from error


class _Cache:
    """An open cache, for all threads; at the first failure it is given up."""

    def __init__(self, path: str) -> None:
        self._database: sqlite3.Connection | None = None
        self._writes = 0
        self._lock = threading.Lock()
        with self._given_up_if_broken(), contextlib.suppress(OSError):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._database = _connected(path)

    def get(self, key: bytes) -> list[OcrWord] | None:
        """Return the words of a page, None if it is not known."""
        from docx_cli.tesseract import OcrWord

        with self._lock, self._given_up_if_broken():
            if self._database is None:
                return None
            question = "SELECT words, used FROM pages WHERE key = ?"
            found = self._database.execute(question, (key,)).fetchone()
            if found is None:
                return None
            words, used = found
            if time.time() - used > _FRESH_SECONDS:
                noted = "UPDATE pages SET used = ? WHERE key = ?"
                self._database.execute(noted, (int(time.time()), key))
            return [OcrWord(*word) for word in json.loads(zlib.decompress(words))]
        return None

    def put(self, key: bytes, words: Sequence[OcrWord]) -> None:
        """Keep the words of a page."""
        data = zlib.compress(json.dumps([astuple(word) for word in words]).encode())
        with self._lock, self._given_up_if_broken():
            if self._database is None:
                return
            row = (key, data, len(data) + len(key), int(time.time()))
            self._database.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)", row)
            self._writes += 1
            if self._writes % _WRITES_BETWEEN_LOOKS == 0:
                self.shrink(MOST_BYTES)

    def shrink(self, most: int) -> None:
        """Drop what was not used for longest, if there is too much."""
        assert self._database is not None
        [size] = self._database.execute("SELECT TOTAL(bytes) FROM pages").fetchone()
        if size <= most:
            return
        # Summed up from the latest used: what lies beyond is dropped.
        oldest = (
            "DELETE FROM pages WHERE key IN (SELECT key FROM (SELECT key, SUM(bytes) OVER"
            " (ORDER BY used DESC, key) AS upto FROM pages) WHERE upto > ?)"
        )
        self._database.execute(oldest, (most * _KEPT,))

    @contextlib.contextmanager
    def _given_up_if_broken(self) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except (sqlite3.Error, zlib.error, ValueError, TypeError) as error:
            log.warning("the cache of OCR is not used: %s", error)
            self._database = None


@functools.cache
def _open(path: str) -> _Cache:
    return _Cache(path)


def _connected(path: str) -> sqlite3.Connection:
    import sqlite3

    # Several threads of a document use one, each at its time.
    database = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            for command in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", _SCHEMA):
                database.execute(command)
            return database
        except sqlite3.OperationalError as error:
            # Where another process is about to change the journal, SQLite itself does not wait.
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)
            if not busy or time.monotonic() > ends:
                raise
            time.sleep(0.01)


def _key(picture: Path, settings: Sequence[object]) -> bytes:
    with picture.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(repr(tuple(settings)).encode())
    return digest.digest()
