"""Words of a page: the PDF's own where they are sound, else what OCR read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from docx_cli import tesseract
from docx_cli.document import Box, Word
from docx_cli.pdfium import Geometry, LoadedPage
from docx_cli.poppler import TextWord

# A text layer with more unreadable characters than this share is no text layer:
# its fonts have no map to Unicode.
_MOST_UNREADABLE = 0.3
_UNREADABLE = {"Co", "Cn", "Cs", "Cc"}  # private use, unassigned, surrogate, control

# A page that is one big image with hardly any text beside it is a scan with a
# stamp or a header line, as filing systems print them.
_SLIVER = 0.02
_WHOLE_PAGE = 0.7

_LIGATURES = {ord(c): unicodedata.normalize("NFKC", c) for c in "ﬀﬁﬂﬃﬄﬅﬆ"}


def from_text_layer(raw: Iterable[TextWord], geometry: Geometry) -> tuple[Word, ...]:
    """Turn the text layer's words into words with boxes as fractions of the page.

    Ligatures are spelled out, invisible characters are dropped, and so are words
    without a visible part.
    """
    words = []
    for item in raw:
        text = _clean(item.text)
        x0, x1 = item.x0 / geometry.width, item.x1 / geometry.width
        y0, y1 = item.y0 / geometry.height, item.y1 / geometry.height
        if text and x0 < 1 and x1 > 0 and y0 < 1 and y1 > 0:
            words.append(Word(text, Box.clipped(x0, y0, x1, y1)))
    return tuple(words)


def is_sound(raw: Sequence[TextWord], page: LoadedPage) -> bool:
    """Say whether the text layer tells what is printed, or the page needs OCR.

    An invisible layer that OCR left behind a scan is sound.
    """
    characters = [c for word in raw for c in word.text]
    unreadable = sum(c == "\ufffd" or unicodedata.category(c) in _UNREADABLE for c in characters)
    if not characters or unreadable > _MOST_UNREADABLE * len(characters):
        return False
    covered = sum((word.x1 - word.x0) * (word.y1 - word.y0) for word in raw)
    area = page.geometry.width * page.geometry.height
    return covered >= _SLIVER * area or page.image_cover() < _WHOLE_PAGE


def from_ocr(raster: Path, language: str, dpi: float | None, timeout: float) -> tuple[Word, ...]:
    """Read a raster of the whole page.

    Args:
        raster: a picture file.
        language: Tesseract's name of the language.
        dpi: the picture's resolution, None if not known.
        timeout: seconds.

    Raises:
        UsageError: the language's name makes no sense.
        MissingDependencyError: Tesseract or the language is not installed.
        TimeLimitError: it ran out of time.
        ProgramError: it failed.
    """
    return tuple(
        Word(text, Box.clipped(item.x0, item.y0, item.x1, item.y1), item.confidence)
        for item in tesseract.read(raster, language, dpi, timeout)
        if (text := _clean(item.text))
    )


def _clean(text: str) -> str:
    """Spell out ligatures; drop control and invisible format characters and spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = (c for c in text if unicodedata.category(c) not in ("Cc", "Cf") and not c.isspace())
    return "".join(kept).translate(_LIGATURES)
