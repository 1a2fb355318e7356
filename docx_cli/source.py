"""What the user named, as bytes: a file or stdin, its kind told by its content."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from docx_cli import inputs, kinds
from docx_cli.errors import FileAccessError, UnsupportedInputError, UsageError
from docx_cli.inputs import MAX_BYTES, STDIN
from docx_cli.kinds import Kind

_PIECE = 1 << 20


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


def load(
    path: str | os.PathLike[str],
    stdin: BinaryIO | None = None,
    *,
    allow_network: bool = False,
    max_bytes: int = MAX_BYTES,
) -> Source:
    """Read a file: a PDF or a picture.

    Args:
        path: the file, "-" for stdin, or an address that begins with http:// or https://.
        stdin: where "-" reads from; the process's own stdin if None.
        allow_network: fetch what lies at an address; nothing else is ever fetched.
        max_bytes: no more than this is read of it.

    Raises:
        UsageError: it is an address, and the network is not allowed.
        FileAccessError: the file is missing or cannot be read.
        UnsupportedInputError: it is empty, too large, a folder, or of no kind that is read.
        TimeLimitError: it could not be fetched in time.
    """
    name = os.fspath(path)
    data = _fetched(name, allow_network) if inputs.is_url(name) else _read(name, stdin, max_bytes)
    if len(data) > max_bytes:
        hint = "--max-bytes allows more"
        raise UnsupportedInputError(f"has more than {max_bytes:,} bytes", source=name, hint=hint)
    kind = _kind(data, name)
    return Source(name=name, data=data, kind=kind, sha256=hashlib.sha256(data).hexdigest())


def _fetched(url: str, allowed: bool) -> bytes:
    if not allowed:
        hint = "--allow-network lets docx fetch it"
        raise UsageError("lies on the network, which docx does not use", source=url, hint=hint)
    from docx_cli.network import fetch

    return fetch(url)


def _read(name: str, stdin: BinaryIO | None, most: int) -> bytes:
    try:
        if name == STDIN:
            return _at_most(stdin or sys.stdin.buffer, most + 1)
        if Path(name).is_dir():
            os.listdir(name)  # one that may not be looked into says so  # noqa: PTH208
            hint = "--recursive looks into the folders below it"
            raise UnsupportedInputError("is a folder with no file to read", source=name, hint=hint)
        with Path(name).open("rb") as file:
            return _at_most(file, most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        reason = getattr(error, "strerror", None) or str(error)
        hint = None
        if inputs.is_pattern(name):
            reason = "no file matches"
        elif "://" in name:
            hint = "of addresses only http:// and https:// are fetched; a file is named by its path"
        raise FileAccessError(f"cannot be read: {reason}", source=name, hint=hint) from error


def _at_most(file: BinaryIO, most: int) -> bytes:
    """Read piece by piece: asked for all at once, Python sets the most that may come aside."""
    pieces, left = [], most
    while left and (piece := file.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _kind(data: bytes, name: str) -> Kind:
    if not data:
        raise UnsupportedInputError("is empty", source=name)
    kind = kinds.kind_of(data)
    if kind is None:
        what, hint = kinds.describe(data)
        raise UnsupportedInputError(f"is {what}; {kinds.READ}", source=name, hint=hint)
    return kind
