"""Options that several commands share, declared once.

A command takes the dataclasses `Reading` and `Printing` as parameters, and
`spread` turns their fields into its options.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import typer

from docx_cli.cli import messages
from docx_cli.cli.completion import languages, models
from docx_cli.cli.emitter import (
    Emitter,
    FolderEmitter,
    Format,
    Look,
    SheetFormat,
    is_folder,
)
from docx_cli.cli.stdout import guarded_stdout, written_file
from docx_cli.cli.terminal import PROMPT, Bar, page_begun
from docx_cli.errors import FileAccessError, UsageError

if TYPE_CHECKING:
    from docx_cli.choices import Wanted
    from docx_cli.fields import Schema
    from docx_cli.reading import ReadOptions
    from docx_cli.sheets import Content

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME|DIR",
        envvar="DOCX_MODEL",
        show_envvar=True,
        help="The model.",
        autocompletion=models,
    ),
]
Pages = Annotated[
    str | None,
    typer.Option("--pages", metavar="LIST", help="1-3,7,-1: negative counts from the end."),
]
JoinPages = Annotated[
    bool, typer.Option("--join-pages", help="Make one table of one that runs over pages.")
]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="Default: text on a terminal, jsonl in a pipe."),
]


@dataclass(frozen=True)
class Reading:
    """How the pages are read."""

    password: Annotated[
        str | None,
        typer.Option(
            "--password",
            metavar="TEXT",
            envvar="DOCX_PASSWORD",
            show_envvar=True,
            help="For encrypted PDFs.",
        ),
    ] = None
    password_file: Annotated[
        str | None,
        typer.Option("--password-file", metavar="FILE", help="Its first line is the password."),
    ] = None
    ocr: Annotated[
        Literal["auto", "always", "never"],
        typer.Option("--ocr", help="auto: only where a PDF has no sound text of its own."),
    ] = "auto"
    lang: Annotated[
        str,
        typer.Option(
            "--lang",
            metavar="CODE",
            help="Tesseract's language: eng, eng+deu.",
            autocompletion=languages,
        ),
    ] = "eng"
    ocr_engine: Annotated[
        Literal["tesseract", "tesserocr"],
        typer.Option("--ocr-engine", help="tesserocr: the same in process, if installed; faster."),
    ] = "tesseract"
    ocr_effort: Annotated[
        Literal["full", "once"],
        typer.Option("--ocr-effort", help="once: faster, worse where scans are poor."),
    ] = "full"
    dpi: Annotated[
        int, typer.Option("--dpi", metavar="N", min=50, max=1200, help="Resolution for OCR.")
    ] = 200
    page_timeout: Annotated[
        float,
        typer.Option("--page-timeout", metavar="SECONDS", min=0.01, help="Most time for one page."),
    ] = 120.0
    max_pages: Annotated[
        int, typer.Option("--max-pages", metavar="N", min=1, help="A longer document is refused.")
    ] = 5000
    max_megapixels: Annotated[
        float,
        typer.Option("--max-megapixels", metavar="N", min=0.01, help="A larger image is refused."),
    ] = 200.0
    cache: Annotated[
        bool | None,
        typer.Option(
            "--cache/--no-cache",
            help="Keep what OCR read, for the next time. Only docx batch does by default.",
        ),
    ] = None

    def options(
        self,
        pages: str | None,
        picture_size: tuple[int, int] | None = None,
        *,
        attended: bool = True,
    ) -> ReadOptions:
        """Return what the reader takes.

        Args:
            pages: which pages.
            picture_size: of the model's picture, in rows and columns.
            attended: a person may be asked for passwords and shown which page is read.
        """
        from docx_cli.ocr_cache import default_path
        from docx_cli.reading import ReadOptions

        return ReadOptions(
            pages=pages,
            ocr=self.ocr,
            password=self.secret() or (PROMPT if attended else None),
            language=self.lang,
            ocr_engine=self.ocr_engine,
            ocr_effort=self.ocr_effort,
            dpi=self.dpi,
            page_timeout=self.page_timeout,
            picture_size=picture_size,
            max_pages=self.max_pages,
            max_megapixels=self.max_megapixels,
            cache=str(default_path()) if self.cache else None,
            on_page=page_begun if attended else None,
        )

    def secret(self) -> str | None:
        """Return the password.

        Raises:
            FileAccessError: the password's file cannot be read.
        """
        if self.password_file is None:
            return self.password
        try:
            text = Path(self.password_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise FileAccessError(
                f"cannot read the password: {reason}", source=self.password_file
            ) from error
        return text.splitlines()[0] if text else ""


@dataclass(frozen=True)
class Judging:
    """Which values are sure enough, and how they are read."""

    min_confidence: Annotated[
        float,
        typer.Option(
            "--min-confidence",
            metavar="P",
            min=0.0,
            max=1.0,
            help="Below it an answer is not found but an alternative, a schema's value unsure.",
        ),
    ] = 0.0
    locale: Annotated[
        str | None,
        typer.Option(
            "--locale",
            metavar="CODE",
            help="How dates and amounts are written: de_DE, en_US. Default: as the document shows.",
        ),
    ] = None

    def wanted(self) -> Wanted:
        """Return what the pipeline takes.

        Raises:
            UsageError: the locale is not known.
        """
        from docx_cli.choices import Wanted
        from docx_cli.locales import described

        if self.locale:
            described(self.locale)
        return Wanted(min_confidence=self.min_confidence, locale=self.locale)


@dataclass(frozen=True)
class Answering(Judging):
    """Which answers are given, and how many beside each."""

    top_k: Annotated[
        int,
        typer.Option(
            "--top-k", metavar="K", min=1, max=20, help="The answer and K - 1 alternatives."
        ),
    ] = 1

    def wanted(self) -> Wanted:
        """Return what the pipeline takes.

        Raises:
            UsageError: the locale is not known.
        """
        return replace(super().wanted(), top_k=self.top_k)


@dataclass(frozen=True)
class Telling:
    """What is said on stderr."""

    quiet: Annotated[
        bool,
        typer.Option("--quiet", help="Say nothing on stderr but why a run could not begin."),
    ] = False
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr what is done.")
    ] = False
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colors; so does the variable NO_COLOR.")
    ] = False

    def set_up(self) -> None:
        """Let the log say as much as is wanted."""
        messages.set_up(self.verbose, self.quiet)

    def bar(self) -> Bar:
        """Return what shows how far the work is."""
        return Bar(not self.quiet and not self.verbose, not self.no_color)


@dataclass(frozen=True)
class Destination(Telling):
    """Where the results go."""

    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            help="Write there, whole or not at all; into a folder (DIR/) a file for each input.",
        ),
    ] = None

    @contextmanager
    def emitter(
        self,
        *,
        many: bool,
        words: bool = False,
        content: Content | Schema | None = None,
        flat: bool = False,
    ) -> Iterator[Emitter | FolderEmitter]:
        """Yield what prints the records; while it is open nothing else reaches stdout.

        Args:
            many: there are several inputs.
            words: records list the words of each page.
            content: what becomes sheets in the formats that have some; a schema's values.
            flat: print the key-values as one plain object instead of a record.
        """
        self.set_up()
        with ExitStack() as stack:
            out = stack.enter_context(guarded_stdout())
            named = None if self.output == "-" else self.output
            into = named if is_folder(named) else None
            style = self._format() or ("json" if into else Emitter.default_format(out, named))
            if flat and style == "text" and self._format() is None:
                style = "json"
            color = not self.no_color and not os.environ.get("NO_COLOR")
            look = Look(style, content, many, words, color, flat, self._keeps_formulas())
            self.check(look, into)
            if into is not None:
                yield FolderEmitter(into, look)
                return
            if named is not None:
                out = stack.enter_context(written_file(named))
            yield stack.enter_context(Emitter(out, look))

    def _format(self) -> SheetFormat | None:
        """Return the format that was asked for."""
        return None

    def _keeps_formulas(self) -> bool:
        """Say whether cells that begin like a formula stay as they are."""
        return False

    @staticmethod
    def check(look: Look, folder: str | None) -> None:
        """Refuse what makes no sense.

        Raises:
            UsageError: the format does not suit the command, or its other options.
        """
        if look.content is None and look.style not in get_args(Format):
            raise UsageError(f"this command does not write {look.style}")
        if look.flat and look.style not in ("json", "jsonl"):
            raise UsageError("--flat gives json or jsonl, no other format")
        if look.style == "parquet" and look.content == "tables" and folder is None:
            raise UsageError("Parquet holds one table: name a folder, as in -o tables/")


@dataclass(frozen=True)
class Printing(Destination):
    """Where the results go, and how."""

    format: FormatOption = None

    def _format(self) -> SheetFormat | None:
        return self.format


@dataclass(frozen=True)
class SheetPrinting(Destination):
    """The same for results that can also be rows and columns."""

    format: Annotated[
        SheetFormat | None,
        typer.Option(
            "--format",
            help="Default: what the suffix of -o says, text on a terminal, jsonl in a pipe.",
        ),
    ] = None
    keep_formulas: Annotated[
        bool,
        typer.Option(
            "--keep-formulas",
            help="In csv and xlsx: leave cells that begin like a formula as they are.",
        ),
    ] = False

    def _format(self) -> SheetFormat | None:
        return self.format

    def _keeps_formulas(self) -> bool:
        return self.keep_formulas


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each parameter that is a dataclass by options for its fields."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}

    @functools.wraps(command)
    def spread_command(**values: Any) -> None:
        for name, group in groups.items():
            names = {f.name for f in fields(group)}
            values[name] = group(**{n: values.pop(n) for n in names})
        command(**values)

    parameters = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            types = get_type_hints(groups[name], include_extras=True)
            parameters += [_option(f.name, f.default, types[f.name]) for f in fields(groups[name])]
        else:
            parameters.append(_option(name, parameter.default, hints[name]))
    spread_command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return spread_command


def _option(name: str, default: Any, annotation: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)
