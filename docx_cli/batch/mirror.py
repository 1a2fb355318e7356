"""Names of the files that `--per-document` writes: a tree like that of the inputs.

The name depends on the input's path alone, so a run that goes on finds the same one, and no two
inputs share one: marks that begin with "@" stand for what a path inside a folder cannot hold.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

SUFFIX = ".json"
_ROOT, _UP, _LONG = "@root", "@up", "@long"
_LONGEST = 255  # bytes of a name, on all common file systems
_LONGEST_PATH = 3000  # of the 4096 that Linux takes, since the output folder stands before it


def mirrored(path: str) -> Path:
    """Return the relative path of an input's own file.

    ``a/b.pdf`` becomes ``a/b.pdf.json``, ``/a/b.pdf`` ``@root/a/b.pdf.json`` and ``../b.pdf``
    ``@up/b.pdf.json``.
    """
    normal = Path(os.path.normpath(path))
    *folders, name = normal.relative_to(normal.anchor).parts or ("@",)
    marks = [_ROOT] if normal.anchor else []
    file = _shortened(_unmarked(name) + SUFFIX)
    whole = Path(*marks, *map(_folder, folders), file)
    data = os.fsencode(whole)
    if len(data) > _LONGEST_PATH:
        return Path(_LONG, hashlib.sha256(data).hexdigest()[:32], file)
    return whole


def _folder(name: str) -> str:
    if name == os.pardir:
        return _UP
    name = _unmarked(name)
    # Or a folder called x.pdf.json would take the name of the file for x.pdf.
    return _shortened(name + "@" if name.endswith((SUFFIX, SUFFIX + "@")) else name)


def _unmarked(name: str) -> str:
    return "@" + name if name.startswith("@") else name


def _shortened(name: str) -> str:
    """Cut a name that is too long; a hash of it keeps it apart from others."""
    data = os.fsencode(name)
    if len(data) <= _LONGEST:
        return name
    mark = b"~" + hashlib.sha256(data).hexdigest()[:16].encode() + SUFFIX.encode()
    return os.fsdecode(data[: _LONGEST - len(mark)]) + os.fsdecode(mark)
