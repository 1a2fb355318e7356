"""What the user named, as bytes: a file or stdin, its kind told by its content."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from docx_cli import kinds
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_cli.kinds import Kind

STDIN = "-"


@dataclass(frozen=True)
class Source:
    """One input, read whole."""

    name: str
    """As the user named it; "-" for stdin."""
    data: bytes = field(repr=False)
    """The file's bytes."""
    kind: Kind
    """What the bytes are."""
    sha256: str
    """Hexadecimal hash of the bytes."""


def load(path: str | os.PathLike[str], stdin: BinaryIO | None = None) -> Source:
    """Read a file: a PDF or a picture.

    Args:
        path: the file, or "-" for stdin.
        stdin: where "-" reads from; the process's own stdin if None.

    Raises:
        FileAccessError: the file is missing, a directory, or cannot be read.
        UnsupportedInputError: it is empty or of no kind that is read.
    """
    name = os.fspath(path)
    try:
        data = (stdin or sys.stdin.buffer).read() if name == STDIN else Path(name).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise FileAccessError(f"cannot be read: {reason}", source=name) from error
    kind = _kind(data, name)
    return Source(name=name, data=data, kind=kind, sha256=hashlib.sha256(data).hexdigest())


def _kind(data: bytes, name: str) -> Kind:
    if not data:
        raise UnsupportedInputError("is empty", source=name)
    kind = kinds.kind_of(data)
    if kind is None:
        raise UnsupportedInputError(f"is {kinds.describe(data)}; {kinds.READ}", source=name)
    return kind
