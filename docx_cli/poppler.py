"""The one file that runs Poppler: words of the text layer, and rasters for OCR."""

from __future__ import annotations

import contextlib
import html
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx_cli import limits, programs
from docx_cli.errors import MissingDependencyError, ProgramError

_HINT = "install Poppler: apt install poppler-utils"

_PAGE_OR_WORD = re.compile(
    r'<page |<word xMin="([-0-9.]+)" yMin="([-0-9.]+)" xMax="([-0-9.]+)" yMax="([-0-9.]+)">'
    r"(.*?)</word>",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word of the text layer: corners in user space units of the displayed CropBox."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


def text_words(pdf: Path, first: int, last: int, timeout: float) -> list[list[TextWord]]:
    """Read the text layer of pages `first` to `last`, a list of words for each.

    Raises:
        MissingDependencyError: pdftotext is not installed.
        TimeLimitError: it ran longer than `timeout` seconds and was killed.
        MemoryLimitError: it wanted more memory than it may have.
        ProgramError: it failed.
    """
    span = ["-f", str(first), "-l", str(last)]
    # With -cropbox words come in the space of the displayed page, turned and shifted;
    # the size that -bbox prints beside them is not turned and must not be used.
    output = _run(["pdftotext", "-q", "-bbox", "-cropbox", *span, str(pdf), "-"], timeout)
    pages: list[list[TextWord]] = []
    for match in _PAGE_OR_WORD.finditer(output.decode("utf-8", "replace")):
        *corners, text = match.groups()
        if text is None:
            pages.append([])
        elif pages:
            x0, y0, x1, y1 = map(float, corners)
            pages[-1].append(TextWord(html.unescape(text), x0, y0, x1, y1))
    if len(pages) != last - first + 1:
        raise ProgramError("pdftotext did not reach the page")
    return pages


def rasterize(
    pdf: Path, numbers: Sequence[int], dpi: float, folder: Path, timeout: float
) -> dict[int, Path]:
    """Draw consecutive pages in gray; return the PGM file of each page that came out.

    Each is the page's CropBox, turned. UserUnit is not known to Poppler, so `dpi`
    is pixels per 72 user space units. A page that Poppler cannot draw is absent.

    Raises:
        MissingDependencyError: Poppler is not installed.
        TimeLimitError: it ran longer than `timeout` seconds and was killed.
        ProgramError: it cannot read the document.
    """
    from pdf2image import convert_from_path, pdfinfo_from_path
    from pdf2image.exceptions import (
        PDFInfoNotInstalledError,
        PDFPageCountError,
        PDFPopplerTimeoutError,
    )

    # Annotated int in pdf2image, like dpi, but fractions are fine.
    limit: Any = limits.time_left(timeout)
    where: Any = programs.launchers() if shutil.which("pdftoppm") else None
    try:
        with programs.limited(limit):
            # convert_from_path runs pdfinfo without a limit; where this one ends, so will that.
            pdfinfo_from_path(str(pdf), timeout=limit, poppler_path=where)
            paths = convert_from_path(
                pdf,
                dpi=dpi,  # type: ignore[arg-type]
                first_page=numbers[0],
                last_page=numbers[-1],
                use_cropbox=True,
                grayscale=True,
                fmt="ppm",
                output_folder=folder,
                paths_only=True,
                timeout=limit,
                poppler_path=where,
            )
    except PDFPopplerTimeoutError as error:
        raise limits.overrun("drawing", limit) from error
    except PDFPageCountError as error:
        raise ProgramError("Poppler cannot read the document") from error
    except (PDFInfoNotInstalledError, FileNotFoundError) as error:
        raise MissingDependencyError("Poppler is not installed", hint=_HINT) from error
    # The names end in the page's number, padded with zeros.
    return {int(Path(path).stem.rpartition("-")[2]): Path(path) for path in map(str, paths)}


def _run(command: list[str], timeout: float) -> bytes:
    """Run a program and return its stdout; a group of its own ends with it, children and all."""
    timeout = limits.time_left(timeout)
    own_group = not programs.in_worker
    try:
        with programs.limited(timeout):
            child = subprocess.Popen(
                [*programs.command(command[0], timeout), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=own_group,
            )
    except FileNotFoundError as error:
        raise MissingDependencyError(f"{command[0]} is not installed", hint=_HINT) from error
    with child:
        try:
            output, complaints = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise limits.overrun(command[0], timeout) from error
        finally:
            if child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    (os.killpg if own_group else os.kill)(child.pid, signal.SIGKILL)
    if child.returncode:
        lines = complaints.decode("utf-8", "replace").split("\n")
        raise programs.failure(command[0], lines[0] or f"exit code {child.returncode}")
    return output
