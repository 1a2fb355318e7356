"""The one file that runs Tesseract, by its program or in this process."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from docx_cli import limits, ocr_cache, programs, tesserocr_engine
from docx_cli.errors import (
    DocxError,
    MissingDependencyError,
    ProgramError,
    UsageError,
)

_LANGUAGE = re.compile(r"[A-Za-z0-9_]+(\+[A-Za-z0-9_]+)*")
_PAGE_LEVEL, _WORD_LEVEL = "1", "5"

_PROBE_SECONDS = 20
_NO_LANGUAGES = ("osd", "equ")  # orientation, equations
_LETTERS = 3  # of a code: Tesseract goes by ISO 639-2

# Page segmentation modes.
ANY_LAYOUT = 3
ONE_BLOCK = 6


_importing = threading.Lock()

Engine = Literal["tesseract", "tesserocr"]
Effort = Literal["full", "once"]
"""The program, or the same in this process."""

_engine: ContextVar[Engine] = ContextVar("engine", default="tesseract")


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A word as Tesseract read it: corners as fractions of the picture, confidence 0..1."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float


@contextlib.contextmanager
def using(engine: Engine) -> Iterator[None]:
    """Read by an engine in the block."""
    token = _engine.set(engine)
    try:
        yield
    finally:
        _engine.reset(token)


def read(
    picture: Path,
    language: str,
    dpi: float | None,
    timeout: float,
    layout: int = ANY_LAYOUT,
) -> list[OcrWord]:
    """Read the words of a picture file, by the engine that `using` names.

    Args:
        picture: a file; see `read_all`.
        language: Tesseract's name, several joined by "+".
        dpi: the picture's resolution; None lets Tesseract estimate it.
        timeout: seconds; a process is killed after that.
        layout: Tesseract's page segmentation mode.

    Raises:
        MissingDependencyError: Tesseract or the language is not installed.
        LimitError: it ran out of time or memory.
        ProgramError: it failed.
    """
    [words] = read_all([picture], language, dpi, timeout, layout)
    return words


def read_all(
    pictures: Sequence[Path],
    language: str,
    dpi: float | None,
    timeout: float,
    layout: int = ANY_LAYOUT,
) -> list[list[OcrWord]]:
    """Read picture files of one resolution, for which Tesseract starts once.

    Args:
        pictures: files, best of `pages.write_gray`; pytesseract makes PNGs of Pillow images.
        language: Tesseract's name, several joined by "+".
        dpi: the resolution of all; None lets Tesseract estimate it.
        timeout: seconds for all of them, of tesserocr for each.
        layout: Tesseract's page segmentation mode.

    Raises:
        DocxError: one of them could not be read; as `read` does.
    """
    timeout = limits.time_left(timeout)
    dots = None if dpi is None else max(round(dpi), 70)
    with programs.limited(timeout):
        if _engine.get() == "tesserocr":
            return [_read_here(each, language, dots, timeout, layout) for each in pictures]
        return _read_outside(pictures, language, dots, timeout, layout)


def _read_here(
    picture: Path, language: str, dpi: int | None, timeout: float, layout: int
) -> list[OcrWord]:
    """Read in this process."""
    version = tesserocr_engine.version()
    data = _data_folder()
    names = _names(language)
    missing = [name for name in names if not (data / f"{name}.traineddata").exists()]
    if missing:
        raise _missing_languages(missing)

    def words() -> list[OcrWord]:
        table = tesserocr_engine.read_table(picture, language, dpi, timeout, layout, str(data))
        [page] = _pages(table)
        return page

    return ocr_cache.remembered(picture, (version, language, dpi, layout), words)


def _read_outside(
    pictures: Sequence[Path], language: str, dpi: int | None, timeout: float, layout: int
) -> list[list[OcrWord]]:
    """Read by a program."""
    pytesseract = _pytesseract()
    config = f"--psm {layout}" if dpi is None else f"--psm {layout} --dpi {dpi}"
    pytesseract.pytesseract.tesseract_cmd = programs.launcher("tesseract")

    def words(some: Sequence[Path]) -> list[list[OcrWord]]:
        with _as_one_file(some) as file:
            table = pytesseract.image_to_data(
                str(file), lang=language, config=config, timeout=timeout
            )
        read = _pages(table)
        if len(read) != len(some):
            raise ProgramError("Tesseract did not reach the page")
        return read

    try:
        _check_language(language)
        version = str(pytesseract.get_tesseract_version(cached=True))
        return ocr_cache.all_remembered(pictures, (version, language, config), words)
    except pytesseract.TesseractNotFoundError as error:
        hint = "install it: apt install tesseract-ocr"
        raise MissingDependencyError("Tesseract is not installed", hint=hint) from error
    except pytesseract.TesseractError as error:
        raise _explain(error.message, language) from error
    except RuntimeError as error:  # pytesseract has no class of its own for this
        raise limits.overrun("Tesseract", timeout) from error
    except (SystemExit, subprocess.CalledProcessError) as error:  # it asks for the version
        raise ProgramError("Tesseract does not run, or its version is not known") from error


@contextlib.contextmanager
def _as_one_file(pictures: Sequence[Path]) -> Iterator[Path]:
    """Give the file to hand to Tesseract: a picture, or a list of several that it reads in turn."""
    if len(pictures) == 1:
        yield pictures[0]
        return
    listed = pictures[0].with_suffix(".txt")
    listed.write_bytes(b"".join(os.fsencode(picture) + b"\n" for picture in pictures))
    try:
        yield listed
    finally:
        listed.unlink()


def _pytesseract() -> Any:
    """Import pytesseract without pandas, which it loads for tables that nobody here asks it for.

    That would take half a second and 80 MB. Others in this process who ask for some get them.
    """
    with _importing:
        if not {"pytesseract", "pandas"}.isdisjoint(sys.modules):
            return importlib.import_module("pytesseract")
        sys.modules["pandas"] = None  # type: ignore[assignment]  # as if it were not installed
        try:
            pytesseract = importlib.import_module("pytesseract")
        finally:
            del sys.modules["pandas"]
    if importlib.util.find_spec("pandas"):
        pytesseract.pytesseract.pandas_installed = True
        pytesseract.pytesseract.pd = _Pandas()
    return pytesseract


class _Pandas:
    """Stands for pandas in pytesseract until that uses it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("pandas"), name)


def _names(language: str) -> list[str]:
    """Take apart what names one or several languages."""
    if not _LANGUAGE.fullmatch(language):
        raise UsageError(f"{language!r} is no OCR language", hint="try eng or deu+eng")
    return language.split("+")


def _check_language(language: str) -> None:
    """See that all of several languages are there; Tesseract would drop one silently."""
    names = _names(language)
    if len(names) > 1:
        installed = _pytesseract().get_languages(cached=True)
        missing = [name for name in names if name.islower() and name not in installed]
        if missing:
            raise _missing_languages(missing)


def _explain(complaint: str, language: str) -> DocxError:
    """Turn Tesseract's stderr into an error of ours."""
    if "Failed loading language" in complaint:
        return _missing_languages(re.findall(r"language '([^']+)'", complaint) or [language])
    return programs.failure("Tesseract", complaint or "no reason given")


def installed_languages() -> list[str]:
    """Return the names of the languages that can be read, none without Tesseract."""
    names = _listed()[1:]
    return sorted(name for name in names if name and name not in _NO_LANGUAGES)


@cache
def _data_folder() -> Path:
    """Return where Tesseract has its languages, which is told nowhere but in its list of them."""
    told = re.search(r'"(.+)"', _listed()[0])
    if told is None:
        hint = "install it: apt install tesseract-ocr"
        raise MissingDependencyError("Tesseract's languages are not installed", hint=hint)
    return Path(told[1])


def _listed() -> list[str]:
    """Return the lines in which Tesseract lists its languages; the first one names the folder."""
    try:
        done = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, timeout=_PROBE_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return [""]
    return done.stdout.decode(errors="replace").split("\n")


def _missing_languages(names: list[str]) -> MissingDependencyError:
    packages = " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in names)
    hint = f"install it: apt install {packages}"
    if any(len(name) < _LETTERS for name in names):
        hint = "its codes have three letters, as in eng, deu and fra"
    return MissingDependencyError(
        f"the OCR language {', '.join(names)} is not installed; "
        f"there is {', '.join(installed_languages()) or 'none'}",
        hint=hint,
    )


def _pages(table: str) -> list[list[OcrWord]]:
    """Parse Tesseract's TSV: level, 5 counters, left, top, width, height, conf, text."""
    pages: list[list[OcrWord]] = []
    wide = high = 1
    for line in table.split("\n"):
        level, *fields = line.split("\t", 11)
        if level not in (_PAGE_LEVEL, _WORD_LEVEL) or len(fields) < 11:
            continue
        left, top, width, height = map(int, fields[5:9])
        if level == _PAGE_LEVEL:
            wide, high = width, height
            pages.append([])
        elif text := fields[10].strip():
            corners = left / wide, top / high, (left + width) / wide, (top + height) / high
            sure = min(max(float(fields[9]) / 100, 0.0), 1.0)
            pages[-1].append(OcrWord(text, *corners, sure))
    return pages
