"""Writes records one after another: as text, JSON, or sheets; into one file or one for each."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, Self

from docx_cli.cli.stdout import guarded_stdout, write, written_file
from docx_cli.errors import FileAccessError, UsageError
from docx_cli.safe_text import as_json, printable

if TYPE_CHECKING:
    from docx_cli.document import DocumentResult
    from docx_cli.fields import Schema
    from docx_cli.sheets import Content, Sheet

Format = Literal["text", "json", "jsonl"]
SheetFormat = Literal["text", "json", "jsonl", "csv", "xlsx", "html", "markdown", "parquet"]

SUFFIXES: dict[SheetFormat, str] = {
    "text": ".txt",
    "json": ".json",
    "jsonl": ".jsonl",
    "csv": ".csv",
    "xlsx": ".xlsx",
    "html": ".html",
    "markdown": ".md",
    "parquet": ".parquet",
}
_ALSO: dict[str, SheetFormat] = {".htm": "html", ".ndjson": "jsonl", ".markdown": "markdown"}
_BINARY = ("xlsx", "parquet")
_PLAIN_WIDTH = 120


class SheetWriter(Protocol):
    """What makes a file of sheets; see `docx_cli.sheet_text`."""

    def head(self) -> bytes:
        """Return what begins the file."""

    def sheet(self, sheet: Sheet) -> bytes:
        """Return what a sheet adds."""

    def tail(self) -> bytes:
        """Return what ends the file."""


@dataclasses.dataclass(frozen=True)
class Look:
    """How results are written.

    `content` is what goes into sheets, of an extraction its schema, None where a command has
    none; `many` says that there are several inputs: JSON is then an array.
    """

    style: SheetFormat
    content: Content | Schema | None = None
    many: bool = False
    words: bool = False
    color: bool = False
    flat: bool = False
    keep_formulas: bool = False


class Emitter:
    """Writes each result as soon as it is there.

    Raises:
        UsageError: the format cannot go to a terminal, or does not suit what is written.
        MissingDependencyError: an optional package that the format needs is not there.
    """

    def __init__(self, out: BinaryIO, look: Look) -> None:
        self._out = out
        self._look = look
        self._count = 0
        self._sheets = _sheet_writer(look)
        if look.style in _BINARY and out.isatty():
            raise UsageError(f"{look.style} is no text: name a file with -o")

    @staticmethod
    def default_format(out: BinaryIO, path: str | None) -> SheetFormat:
        """Return the format for a terminal, a pipe, or the file that `path` names.

        Raises:
            UsageError: the file's suffix is that of no format.
        """
        if path is None:
            return "text" if out.isatty() else "jsonl"
        suffix = Path(path).suffix.lower()
        if not suffix:
            return "jsonl"
        known = {own: style for style, own in SUFFIXES.items()} | _ALSO
        if suffix not in known:
            hint = f"name one with --format, or end in {', '.join(SUFFIXES.values())}"
            raise UsageError(f"no format is known by {suffix!r}", source=path, hint=hint)
        return known[suffix]

    def __enter__(self) -> Self:
        if self._sheets:
            write(self._out, self._sheets.head())
        elif self._array:
            write(self._out, b"[")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Closed also when interrupted: what was found until then is valid JSON.
        if self._sheets:
            write(self._out, self._sheets.tail())
        elif self._array:
            write(self._out, b"\n]\n" if self._count else b"]\n")

    def emit(self, result: DocumentResult) -> None:
        """Write one result."""
        look = self._look
        if self._sheets:
            from docx_cli.sheets import sheets

            found = sheets(result, look.content or "answers", apart=look.style == "xlsx")
            for sheet in found:
                write(self._out, self._sheets.sheet(sheet))
            return
        if look.style == "text":
            text = ("\n" if self._count else "") + self._text(result)
        elif look.style == "jsonl":
            text = as_json(self._value(result)) + "\n"
        else:
            body = as_json(self._value(result), indent=2)
            text = (",\n" if self._count else "\n") + body if look.many else body + "\n"
        write(self._out, text.encode())
        self._count += 1

    @property
    def _array(self) -> bool:
        return self._look.style == "json" and self._look.many

    def _value(self, result: DocumentResult) -> Any:
        from docx_cli.outputs import flat, record

        return flat(result) if self._look.flat else record(result, words=self._look.words)

    def _text(self, result: DocumentResult) -> str:
        from docx_cli.text_view import as_text

        tty = self._out.isatty()
        width = os.get_terminal_size(self._out.fileno()).columns if tty else _PLAIN_WIDTH
        color = self._look.color and tty
        return as_text(result, words=self._look.words, width=width or 80, color=color)


class FolderEmitter:
    """Writes a file for each document, and for each table where a file holds but one.

    Files are called after their document (and page and table); of two that would be called
    alike the later one gets a number. Each appears whole or not at all.

    Raises:
        FileAccessError: the folder cannot be made.
    """

    def __init__(self, folder: str, look: Look) -> None:
        from docx_cli.sheets import Names

        self._folder = Path(folder)
        self._look = dataclasses.replace(look, many=False, color=False)
        self._documents, self._files = Names(), Names()
        _sheet_writer(look)  # a missing package is found before the work, not after
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileAccessError(f"cannot make it: {error.strerror}", source=folder) from error

    def emit(self, result: DocumentResult) -> None:
        """Write the files of one result."""
        for name, part in self._parts(result):
            path = self._folder / self._files.claim(name, SUFFIXES[self._look.style])
            with written_file(str(path)) as out, Emitter(out, self._look) as emitter:
                emitter.emit(part)

    def _parts(self, result: DocumentResult) -> Iterator[tuple[str, DocumentResult]]:
        stem = self._documents.claim(_file_stem(result.source))
        if self._look.content == "tables" and self._look.style in ("csv", "parquet"):
            from docx_cli.sheets import numbered

            for table, number in numbered(result.tables or ()):
                one = dataclasses.replace(result, tables=(table,))
                yield f"{stem}-p{table.page}-t{number}", one
        else:
            yield stem, result


def is_folder(output: str | None) -> bool:
    """Say whether what `-o` names is a folder: there is one, or the name ends in a slash."""
    return output is not None and (output.endswith(os.sep) or Path(output).is_dir())


def _sheet_writer(look: Look) -> SheetWriter | None:
    """Return what writes the sheets of a format; None for records."""
    if look.style in ("csv", "markdown", "html"):
        from docx_cli import sheet_text

        if look.style == "csv":
            return sheet_text.Csv(look.keep_formulas)
        return sheet_text.Html() if look.style == "html" else sheet_text.Markdown()
    if look.style in _BINARY:
        from docx_cli import sheet_files

        xlsx = look.style == "xlsx"
        return sheet_files.Xlsx(look.keep_formulas) if xlsx else sheet_files.Parquet()
    return None


def _file_stem(source: str) -> str:
    """Return a name for the files of a document that no file system objects to."""
    if source == "-":
        return "stdin"
    stem = Path(printable(Path(source).name)).stem
    cleaned = "".join("_" if c in '\\:*?"<>|' else c for c in stem).strip(". ")
    # File systems count bytes: 255 of them, of which the suffix and a number need some.
    return cleaned.encode()[:180].decode("utf-8", "ignore") or "document"


def print_data(value: Any, text: str, style: Format | None) -> None:
    """Print something that is no record, in the formats that records have.

    Args:
        value: plain JSON values; JSON lines give each item of a list a line.
        text: the same for a person.
        style: None takes the default for a terminal or a pipe.
    """
    with guarded_stdout() as out:
        chosen = style or Emitter.default_format(out, None)
        if chosen == "jsonl":
            text = "\n".join(
                as_json(item) for item in (value if isinstance(value, list) else [value])
            )
        elif chosen == "json":
            text = as_json(value, indent=2)
        write(out, (text + "\n").encode() if text else b"")
