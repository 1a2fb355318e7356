"""Writes records one after another, as text, one JSON value or JSON lines."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

from docx_cli.cli.stdout import guarded_stdout, write
from docx_cli.document import DocumentResult
from docx_cli.outputs import as_json, record

Format = Literal["text", "json", "jsonl"]

_FORMAT_OF_SUFFIX: dict[str, Format] = {".json": "json", ".txt": "text"}
_PLAIN_WIDTH = 120


class Emitter:
    """Writes each record as soon as it is there.

    Args:
        out: where to.
        style: "json" gives one object, or one array if `many`.
        many: there are several inputs.
        words: list the words of each page.
        color: terminal styles are welcome where `out` is a terminal.
    """

    def __init__(
        self, out: BinaryIO, style: Format, *, many: bool, words: bool, color: bool
    ) -> None:
        self._out = out
        self._style = style
        self._many = many
        self._words = words
        self._color = color and out.isatty()
        self._count = 0

    @staticmethod
    def default_format(out: BinaryIO, path: str | None) -> Format:
        """Return the format for a terminal, a pipe, or the file that `path` names."""
        if path is not None:
            return _FORMAT_OF_SUFFIX.get(Path(path).suffix.lower(), "jsonl")
        return "text" if out.isatty() else "jsonl"

    def __enter__(self) -> Self:
        if self._array:
            write(self._out, b"[")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Closed also when interrupted: what was found until then is valid JSON.
        if self._array:
            write(self._out, b"\n]\n" if self._count else b"]\n")

    def emit(self, result: DocumentResult) -> None:
        """Write one record."""
        if self._style == "text":
            text = ("\n" if self._count else "") + self._text(result)
        elif self._style == "jsonl":
            text = as_json(record(result, words=self._words)) + "\n"
        else:
            body = as_json(record(result, words=self._words), indent=2)
            text = (",\n" if self._count else "\n") + body if self._many else body + "\n"
        write(self._out, text.encode())
        self._count += 1

    @property
    def _array(self) -> bool:
        return self._style == "json" and self._many

    def _text(self, result: DocumentResult) -> str:
        from docx_cli.text_view import as_text

        tty = self._out.isatty()
        width = os.get_terminal_size(self._out.fileno()).columns if tty else _PLAIN_WIDTH
        return as_text(result, words=self._words, width=width or 80, color=self._color)


def print_data(value: Any, text: str, style: Format | None) -> None:
    """Print something that is no record, in the formats that records have.

    Args:
        value: plain JSON values; JSON lines give each item of a list a line.
        text: the same for a person.
        style: None takes the default for a terminal or a pipe.
    """
    with guarded_stdout() as out:
        style = style or Emitter.default_format(out, None)
        if style == "jsonl":
            text = "\n".join(
                as_json(item) for item in (value if isinstance(value, list) else [value])
            )
        elif style == "json":
            text = as_json(value, indent=2)
        write(out, (text + "\n").encode() if text else b"")
