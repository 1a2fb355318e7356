"""What the user named, as bytes: a file or stdin, its kind told by its content."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from docx_cli.errors import FileAccessError, UnsupportedInputError

Kind = Literal["pdf", "png", "jpeg"]

STDIN = "-"

# Readers accept a PDF whose header stands behind some junk (PDF 1.7, appendix H.3.4.1).
_PDF_HEADER_WITHIN = 1024

_FOREIGN = {
    b"PK\x03\x04": "an office document or ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"GIF8": "a GIF image",
    b"RIFF": "a WebP image or other RIFF file",
    b"\x1f\x8b": "a gzip archive",
}


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
    """Read a PDF, PNG or JPEG file.

    Args:
        path: the file, or "-" for stdin.
        stdin: where "-" reads from; the process's own stdin if None.

    Raises:
        FileAccessError: the file is missing, a directory, or cannot be read.
        UnsupportedInputError: it is empty or none of the three kinds.
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
    """Tell the kind from the content; a name may lie."""
    if not data:
        raise UnsupportedInputError("is empty", source=name)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN]:
        return "pdf"
    what = next((what for magic, what in _FOREIGN.items() if data.startswith(magic)), None)
    if what is None:
        what = "of an unknown kind" if b"\0" in data[:_PDF_HEADER_WITHIN] else "plain text"
    raise UnsupportedInputError(f"is {what}; PDF, PNG and JPEG are read", source=name)
