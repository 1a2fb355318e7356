"""The one file that uses tesserocr: Tesseract in this process, for those who choose it.

A page then costs no process and no loading of the language. But nothing can end it from outside:
Tesseract itself looks at the time limit, between words, and limits of memory do not hold.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from docx_cli import limits
from docx_cli.errors import MissingDependencyError, ProgramError

if TYPE_CHECKING:
    from tesserocr import PyTessBaseAPI

_own = threading.local()
"""Each thread's engine, as it is not safe to share, and the language that it has loaded."""


def version() -> str:
    """Return the version of the Tesseract that it brings.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        import tesserocr
    except ModuleNotFoundError as error:
        hint = "install it: pip install tesserocr, or docx-cli with the extra [tesserocr]"
        raise MissingDependencyError("tesserocr is not installed", hint=hint) from error
    return str(tesserocr.tesseract_version().split("\n")[0])


def read_table(
    picture: Path, language: str, dpi: int | None, timeout: float, layout: int, data: str
) -> str:
    """Read a picture file into Tesseract's TSV.

    Args:
        picture: the file.
        language: Tesseract's name, several joined by "+".
        dpi: its resolution; None lets Tesseract estimate it.
        timeout: seconds.
        layout: Tesseract's page segmentation mode.
        data: folder of the languages' files.

    Raises:
        TimeLimitError: it ran out of time.
        ProgramError: it failed.
    """
    engine = _engine(language, data)
    try:
        engine.SetPageSegMode(layout)
        engine.SetImageFile(str(picture))
        if dpi is not None:
            engine.SetSourceResolution(dpi)
        if not engine.Recognize(max(int(timeout * 1000), 1)):
            raise limits.overrun("Tesseract", timeout)
        return str(engine.GetTSVText(0))
    except RuntimeError as error:
        raise ProgramError(f"tesserocr failed: {error}") from error
    finally:
        engine.Clear()


def _engine(language: str, data: str) -> PyTessBaseAPI:
    """Return this thread's engine, which keeps the language that it read last."""
    from tesserocr import LeptLogLevel, PyTessBaseAPI, set_leptonica_log_level

    if getattr(_own, "language", None) != (language, data):
        try:
            set_leptonica_log_level(LeptLogLevel.NONE)  # stderr is ours
            _own.engine = PyTessBaseAPI(path=data, lang=language)
            _own.engine.SetVariable("debug_file", os.devnull)
        except RuntimeError as error:
            raise ProgramError(f"tesserocr cannot load the language {language}") from error
        _own.language = (language, data)
    engine: PyTessBaseAPI = _own.engine
    return engine
