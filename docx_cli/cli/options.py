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
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from docx_cli.cli import messages
from docx_cli.cli.emitter import Emitter, Format
from docx_cli.cli.stdout import guarded_stdout, written_file
from docx_cli.errors import FileAccessError

if TYPE_CHECKING:
    from docx_cli.reading import ReadOptions

Files = Annotated[
    list[str], typer.Argument(metavar="FILE", help="PDF, PNG or JPEG; - reads stdin.")
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="NAME|DIR", envvar="DOCX_MODEL", show_envvar=True, help="The model."
    ),
]
Pages = Annotated[
    str | None,
    typer.Option("--pages", metavar="LIST", help="1-3,7,-1: negative counts from the end."),
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
        str, typer.Option("--lang", metavar="CODE", help="Tesseract's language: eng, eng+deu.")
    ] = "eng"
    dpi: Annotated[int, typer.Option("--dpi", min=50, max=1200, help="Resolution for OCR.")] = 200
    page_timeout: Annotated[
        float,
        typer.Option("--page-timeout", metavar="SECONDS", min=0.01, help="Most time for one page."),
    ] = 120.0

    def options(
        self, pages: str | None, picture_size: tuple[int, int] | None = None
    ) -> ReadOptions:
        """Return what the reader takes; `picture_size` is the model's, in rows and columns."""
        from docx_cli.reading import ReadOptions

        return ReadOptions(
            pages=pages,
            ocr=self.ocr,
            password=self.secret(),
            language=self.lang,
            dpi=self.dpi,
            page_timeout=self.page_timeout,
            picture_size=picture_size,
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
class Printing:
    """Where the results go, and how."""

    format: FormatOption = None
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there, whole or not at all."),
    ] = None
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr what is done.")
    ] = False
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colors; so does the variable NO_COLOR.")
    ] = False

    @contextmanager
    def emitter(self, *, many: bool, words: bool = False) -> Iterator[Emitter]:
        """Yield what prints the records; while it is open nothing else reaches stdout."""
        messages.set_up(self.verbose)
        with ExitStack() as stack:
            out = stack.enter_context(guarded_stdout())
            if self.output is not None:
                out = stack.enter_context(written_file(self.output))
            style = self.format or Emitter.default_format(out, self.output)
            color = not self.no_color and not os.environ.get("NO_COLOR")
            yield stack.enter_context(Emitter(out, style, many=many, words=words, color=color))


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
