"""stdout carries data and nothing else; files appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from docx_cli.errors import FileAccessError


@contextlib.contextmanager
def guarded_stdout() -> Iterator[BinaryIO]:
    """Yield the real stdout while descriptor 1 leads to stderr.

    A native library that prints, or a child that inherits the descriptor,
    then cannot get between the data.

    Raises:
        FileAccessError: stdout is closed.
    """
    try:
        saved = os.dup(1)
    except OSError as error:
        raise FileAccessError(f"cannot write to stdout: {error.strerror}") from error
    _flush_stdout()
    os.dup2(2, 1)
    out = os.fdopen(saved, "wb")
    try:
        yield out
    finally:
        _flush_stdout()
        os.dup2(saved, 1)
        # What could not be written was reported when it was tried.
        with contextlib.suppress(OSError):
            out.close()


def _flush_stdout() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


@contextlib.contextmanager
def written_file(path: str) -> Iterator[BinaryIO]:
    """Yield a file that takes its place at `path` only if the block succeeds.

    A pipe or device, such as /dev/null, is written to as it is.

    Raises:
        FileAccessError: it cannot be written; found before the work, not after.
    """
    target = Path(path).resolve()
    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with target.open("wb") as file:
                yield file
            return
        handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            Path(scratch).chmod(_mode(target))
            Path(scratch).replace(target)
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileAccessError(f"cannot write: {error.strerror}", source=path) from error


def write(file: BinaryIO, data: bytes) -> None:
    """Write and flush.

    Raises:
        BrokenPipeError: the reader of a pipe has gone.
        FileAccessError: the disk is full, or the like.
    """
    try:
        file.write(data)
        file.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileAccessError(f"cannot write the output: {error.strerror}") from error


def _mode(target: Path) -> int:
    """Return the permissions a plain ``open`` would have left: the old ones, or the umask's."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
