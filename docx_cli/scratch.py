"""Where the temporary files of a document lie: in memory, where the system offers that."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_USUAL = {"/tmp", "/var/tmp", "/usr/tmp"}
"""What Python takes if nobody says anything else."""
_ROOM = 512 << 20
"""Bytes that must be free beside the document: the rasters of a few pages of 40 megapixels."""


def folder(document: int) -> tempfile.TemporaryDirectory[str]:
    """Make a private folder that goes away with its context.

    Rasters live for seconds; on a disk their pages would still be written out. Where somebody
    named a folder for temporary files, as batches do for their workers, that one is used.

    Args:
        document: its size in bytes.
    """
    usual = tempfile.gettempdir() in _USUAL
    where = _MEMORY if usual and _has_room(_ROOM + document) else None
    return tempfile.TemporaryDirectory(prefix="docx-", dir=where)


def _has_room(size: int) -> bool:
    """Say whether so many bytes can be written to memory as files."""
    try:
        system = os.statvfs(_MEMORY)
    except OSError:
        return False
    return os.access(_MEMORY, os.W_OK | os.X_OK) and system.f_bavail * system.f_frsize >= size
