"""Reads the commands of the guide and runs them as a person at a terminal would.

A block ```console is a dialogue: ``$ command``, and below it what it prints. A block with a
title, such as ```toml title="docx.toml", is a file that stands in the folder for what follows.

Each line is given to bash twice, because a process a command would cost a second: first with a
`docx` that writes down how it was called, then with one that repeats what docx, run here, did.
"""

from __future__ import annotations

import doctest
import os
import pty
import re
import select
import shutil
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

LAST_CODE = "echo $?"
GUIDE = Path(__file__).parents[2] / "docs"

_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.M | re.S)
# What any other model, machine or time of day changes without an example becoming wrong.
_VARIES = re.compile(
    r"\b\d{1,3}%|(?<=[Cc]onfidence\": )[\d.]+|(?<=confidence=)[\d.]+|\b[\d.]+ s\b|\b[0-9a-f]{64}\b"
)
# How often docx says how far it is depends on how fast the machine is.
_PROGRESS = re.compile(r"^docx: \d+ of \d+ documents, .*\n", re.M)

_RECORD = """
docx() {
  printf '%s\\0' "$@" >"$CALLS/arguments"
  export -p >"$CALLS/settings"
  [ /dev/fd/1 -ef /dev/fd/9 ] && : >"$CALLS/terminal"
  if [ /dev/fd/0 -ef /dev/null ]; then : >"$CALLS/stdin"; else cat >"$CALLS/stdin"; fi
}
exec 9>&1
"""
_REPEAT = """
docx() { cat "$CALLS/stdout"; cat "$CALLS/stderr" >&2; return "$(cat "$CALLS/code")"; }
"""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, with the files that stand above it on that page."""

    page: Path
    line: int
    language: str
    text: str
    files: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page.relative_to(GUIDE)}:{self.line}"


@dataclass(frozen=True)
class Step:
    """A command and what stands below it."""

    command: str
    expected: str


def blocks(*languages: str) -> list[Block]:
    """Return the blocks of all pages of the guide that are in one of the languages."""
    return [b for page in sorted(GUIDE.glob("*.md")) for b in _blocks(page, languages)]


def _blocks(page: Path, languages: tuple[str, ...]) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    files: dict[str, str] = {}
    for match in _FENCE.finditer(text):
        language, title, body = match.groups()
        if title is not None:
            files = {**files, title: body}
        elif language in languages:
            yield Block(page, text.count("\n", 0, match.start()) + 1, language, body, files)


def steps(text: str) -> list[Step]:
    """Part a dialogue into its commands; one that ends in a backslash goes on in the next line."""
    joined = text.replace("\\\n", "")
    parts = re.split(r"^\$ ", joined, flags=re.M)
    assert not parts[0], "a block begins with a command"
    return [Step(*part.partition("\n")[::2]) for part in parts[1:]]


def agrees(expected: str, printed: str) -> bool:
    """Say whether what was printed is what the guide shows, ``...`` standing for anything."""
    rules = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    want, got = (_VARIES.sub("#", text) for text in (expected, _PROGRESS.sub("", printed)))
    return doctest.OutputChecker().check_output(want, got, rules)


class Terminal:
    """Runs command lines in a folder.

    Args:
        folder: where they run.
        call: runs docx in this process: arguments and standard input to exit code, stdout, stderr.
    """

    def __init__(self, folder: Path, call: Callable[..., tuple[int, bytes, bytes]]) -> None:
        self._folder = folder
        self._call = call
        self._calls = folder.with_name(folder.name + "-calls")
        self.code = 0

    def run(self, command: str) -> str:
        """Run a line and return what a terminal shows, stdout before stderr."""
        if command == LAST_CODE:
            shown, self.code = f"{self.code}\n", 0
            return shown
        shutil.rmtree(self._calls, ignore_errors=True)
        self._calls.mkdir()
        done = self._bash(_RECORD + command)
        if (arguments := self._calls / "arguments").exists():
            self._docx(arguments.read_bytes().decode().split("\0")[:-1])
            done = self._bash(_REPEAT + command)
        self.code = done.returncode
        return (done.stdout + done.stderr).decode()

    def _bash(self, script: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self._folder,
            env={**os.environ, "CALLS": str(self._calls)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )

    def _docx(self, arguments: list[str]) -> None:
        settings = (self._calls / "settings").read_text(encoding="utf-8")
        own = dict(re.findall(r'^declare -x ((?:DOCX_\w+|NO_COLOR))="(.*)"$', settings, re.M))
        terminal = (self._calls / "terminal").exists()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self._folder)
            for name, value in own.items():
                patch.setenv(name, value)
            code, *streams = self._call(arguments, (self._calls / "stdin").read_bytes(), terminal)
        (self._calls / "code").write_text(str(code), encoding="utf-8")
        for name, data in zip(("stdout", "stderr"), streams, strict=True):
            (self._calls / name).write_bytes(data)


@contextmanager
def terminal_as_stdout() -> Iterator[Callable[[], bytes]]:
    """Let descriptor 1 be a terminal of 100 columns; what is yielded returns what was shown."""
    shown = bytearray()
    reader, screen = pty.openpty()
    termios.tcsetwinsize(screen, (40, 100))

    # Its end is no sign: a process that docx started may keep the terminal open.
    done = threading.Event()

    def read() -> None:
        with suppress(OSError):  # Linux says so when the last writer has gone
            while True:
                ended = done.is_set()  # asked first: what was written before it is there by now
                if select.select([reader], [], [], 0.02)[0]:
                    shown.extend(os.read(reader, 65536))
                elif ended:
                    return

    saved = os.dup(1)
    os.dup2(screen, 1)
    os.close(screen)
    thread = threading.Thread(target=read)
    thread.start()

    def finish() -> bytes:
        os.dup2(saved, 1)
        done.set()
        thread.join()
        return bytes(shown).replace(b"\r\n", b"\n")

    try:
        yield finish
    finally:
        finish()
        os.close(saved)
        os.close(reader)
