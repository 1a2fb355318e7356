"""From what stands on the command line to the names of inputs: folders, patterns, lists.

Names come one at a time, so that work begins before a large folder was listed, and each once.
What cannot be looked into comes as it is named: `source.load` then says what is wrong with it.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from docx_cli.errors import FileAccessError, UsageError
from docx_cli.kinds import SUFFIXES

STDIN = "-"
MAX_BYTES = 512 << 20
"""Files are read whole; larger ones are refused unless more is allowed."""
_URL = re.compile(r"https?://", re.IGNORECASE)
_WILD = re.compile(r"[*?\[]")


def is_url(name: str) -> bool:
    """Say whether an input is named by its address on the web."""
    return bool(_URL.match(name))


def is_pattern(name: str) -> bool:
    """Say whether a name is a pattern that no shell has expanded: it has wildcards and no file."""
    return bool(_WILD.search(name)) and not is_url(name) and not os.path.lexists(name)


def may_be_several(arguments: Sequence[str], files_from: str | None = None) -> bool:
    """Say whether the names may stand for more than one input, whatever lies there today."""
    if files_from is not None or len(arguments) > 1:
        return True
    return any(is_pattern(name) or Path(name).is_dir() for name in arguments)


def expand(
    arguments: Sequence[str],
    *,
    recursive: bool = False,
    files_from: str | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[str]:
    """Return the names of the inputs in order, each once.

    Of a folder come the files that are read, told by their suffix and sorted by name; hidden
    ones are left out. Of a pattern come all files that match; ``**`` looks into folders.

    Args:
        arguments: files, folders, patterns, addresses, "-" for stdin.
        recursive: look into the folders below a folder, too; links to folders are not followed.
        files_from: a file with one more name a line, or NUL between names; "-" for stdin.
        stdin: what "-" reads from; the process's own stdin if None.

    Raises:
        UsageError: nothing is named, or stdin is asked for twice.
        FileAccessError: the list of names cannot be read.
    """
    if not arguments and files_from is None:
        raise UsageError("no input: name a file, a folder or --files-from")
    if [*arguments, files_from].count(STDIN) > 1:
        raise UsageError("'-' stands for stdin and can be given once")
    listed = [] if files_from is None else _listed(files_from, stdin)
    return _once(_all(arguments, listed, recursive))


def _all(arguments: Sequence[str], listed: Sequence[str], recursive: bool) -> Iterator[str]:
    for name in arguments:
        for found in _matching(name) if is_pattern(name) else (name,):
            yield from _inside(found, recursive)
    for name in listed:
        yield from _inside(_file(name), recursive)


def _once(names: Iterator[str]) -> Iterator[str]:
    seen = set()
    for name in names:
        place = name if name == STDIN or is_url(name) else os.path.abspath(name)  # noqa: PTH100
        if place not in seen:
            seen.add(place)
            yield name


def _listed(files_from: str, stdin: BinaryIO | None) -> list[str]:
    """Read a list of names, as ``ls`` or ``find -print0`` prints them."""
    try:
        if files_from == STDIN:
            data = (stdin or sys.stdin.buffer).read()
        else:
            data = Path(files_from).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileAccessError(f"cannot be read: {reason}", source=files_from) from error
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [os.fsdecode(name) for name in names if name]


def _matching(pattern: str) -> Iterator[str]:
    """Return the files that match; the pattern itself if none does, as shells do."""
    paths = glob.glob(pattern, recursive=True)  # noqa: PTH207
    found = sorted(path for path in paths if Path(path).is_file())
    return iter([_file(path) for path in found] or [pattern])


def _inside(name: str, recursive: bool) -> Iterator[str]:
    """Return the readable files in a folder; a file, or a folder without any, by its own name."""
    if name == STDIN or is_url(name) or not Path(name).is_dir():
        yield name
        return
    empty = True
    for path in _walk(name, recursive):
        empty = False
        yield path
    if empty:
        yield name


def _walk(folder: str, recursive: bool) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in found:
        if entry.name.startswith("."):
            continue
        if recursive and entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, recursive)
        elif entry.name.lower().endswith(SUFFIXES) and entry.is_file():
            yield entry.path


def _file(name: str) -> str:
    """Return the name of a file that may be called "-"."""
    return f".{os.sep}{STDIN}" if name == STDIN else name
