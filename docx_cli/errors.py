"""Expected failures: one class each, carrying its public exit code.

`docx_cli.__main__` turns a `DocxError` into one line on stderr and its exit
code; anything else that escapes is a bug of ours and exits with 1.
"""

from __future__ import annotations

from typing import ClassVar


class DocxError(Exception):
    """An expected failure.

    Args:
        message: what went wrong, one line, without file or page.
        source: the input it concerns, as the user named it.
        page: the page it concerns, counted from 1.
        hint: what to do next, one line.
    """

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        page: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.page = page
        self.hint = hint

    def __str__(self) -> str:
        where = self.source or ""
        if self.page is not None:
            where = f"{where}, page {self.page}" if where else f"page {self.page}"
        line = f"{where}: {self.message}" if where else self.message
        return f"{line} ({self.hint})" if self.hint else line


class UsageError(DocxError):
    """The command line or an argument of the API makes no sense."""

    exit_code = 2
    kind = "usage"


class MissingDependencyError(DocxError):
    """A program, language, model or optional package is not installed."""

    exit_code = 3
    kind = "missing"


class UnsupportedInputError(DocxError):
    """The input is damaged, empty, or of a kind that is not read."""

    exit_code = 4
    kind = "input"


class FileAccessError(DocxError):
    """A file cannot be read or written."""

    exit_code = 5
    kind = "file"


class PasswordError(DocxError):
    """The document is encrypted and the password is missing or wrong."""

    exit_code = 6
    kind = "password"


class ProgramError(DocxError):
    """An outside program (Poppler, Tesseract) failed."""

    exit_code = 7
    kind = "child"


class LimitError(DocxError):
    """A page or document went beyond a limit of time or memory."""

    exit_code = 8


class TimeLimitError(LimitError):
    """A page or document took longer than its limit."""

    kind = "timeout"


class MemoryLimitError(LimitError):
    """A page or document needed more memory than its limit."""

    kind = "out_of_memory"


class BundleError(DocxError):
    """A model bundle is invalid."""

    exit_code = 9
    kind = "model"


class ConfigurationError(DocxError):
    """A file of settings, or a variable, holds what makes no sense."""

    exit_code = 9
    kind = "configuration"


class SchemaError(DocxError):
    """A schema of what is to be extracted is not sound, or there is none of that name."""

    exit_code = 9
    kind = "schema"


class BatchError(DocxError):
    """Some documents of several failed; their records say why."""

    exit_code = 10
    kind = "batch"


class NotBetterError(DocxError):
    """A model was trained, but the one that is there answers better and stays."""

    exit_code = 11
    kind = "not better"
