"""OCR of a page as it came: blank ones are told, others turned upright first, then read.

The raster file is turned with the page, so that all who look at it later see it upright.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docx_cli import leveling, ocr, tesseract, uncovered
from docx_cli.document import Box
from docx_cli.errors import LimitError, ProgramError
from docx_cli.pages import DEFAULT_DPI, write_gray
from docx_cli.tesseract import OcrWord
from docx_cli.tilt import Tilt

# Text that stands on its head reads at a mean confidence of 0.2 to 0.4. Below this one a page
# is suspected of it: a band of it is read both ways, and must read so much better the other.
_SUSPECT = 0.6
_BETTER = 0.15
_BAND = 0.12
"""Its height, as a share of the page's."""

_LEAST_TURNED = 1.6
"""Degrees of skew below which words are read as they are, and turned alone: turned letters are
somewhat blurred, and Tesseract follows lines that are hardly askew."""

_SLENDER = 1.4
"""Height of a word of three letters or more, in widths, from which it stands sideways."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A page's picture, about level, for Tesseract to read."""

    raster: Path
    """A gray picture file of the whole page, which is overwritten where the page is turned."""
    dpi: float | None
    """Its resolution, None if not known."""
    turned: int = 0
    """By how many degrees clockwise it was turned."""
    skew: float = 0.0
    left_askew: bool = False
    """The picture is still to be turned by its skew, or only the words."""
    aspect: float = 1.0
    """Its height in widths."""
    blank: bool = False

    @classmethod
    def of(cls, raster: Path, dpi: float | None) -> Laid:
        """Turn the picture of a page that lies on its side, or clearly askew."""
        lie = _lie_of(raster, dpi or DEFAULT_DPI)
        if lie.blank:
            return cls(raster, dpi, blank=True)
        hardly = abs(lie.skew) < _LEAST_TURNED
        turned = 90 if lie.sideways else 0
        aspect = _straighten(raster, turned, 0.0 if hardly else lie.skew)
        return cls(raster, dpi, turned, lie.skew, hardly and bool(lie.skew), aspect)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read: words in fractions of the page turned upright, and how it was turned.

    `turned` and `skew` are those of `Tilt`. A blank page was not read at all.
    """

    words: tuple[OcrWord, ...] = ()
    turned: int = 0
    skew: float = 0.0
    blank: bool = False


def read_scan(
    laid: Laid,
    language: str,
    timeout: float,
    *,
    first: list[OcrWord] | None = None,
    once: bool = False,
    looked_at: bool = True,
) -> Scan:
    """Read a page's picture and turn it upright, in the file too if that is `looked_at`.

    Args:
        laid: the page.
        language: Tesseract's name of the language.
        timeout: seconds for all readings; what was read by then is returned.
        first: what Tesseract reads of it, where that is known.
        once: leave it at what Tesseract reads, be that poor or not all.
        looked_at: the file is wanted after that.

    Raises:
        TimeLimitError: not even the first reading was done in time.
        DocxError: the first reading failed, as `tesseract.read` does.
    """
    if laid.blank:
        return Scan(blank=True)
    deadline = time.monotonic() + timeout
    raster, dpi = laid.raster, laid.dpi
    if first is None:
        first = tesseract.read(raster, language, dpi, timeout)
    quarter = _way_up(raster, first, laid.aspect, language, deadline)
    if quarter:
        _straighten(raster, quarter)
        first = tesseract.read(raster, language, dpi, max(deadline - time.monotonic(), 0.01))
    words = first if once else ocr.improve(raster, first, language, deadline)
    if laid.left_askew:
        words = _leveled(raster, words, laid.skew)
        if looked_at or not once:
            _straighten(raster, 0, laid.skew, quickly=True)
    if not once:
        words = uncovered.filled_in(raster, words, language, dpi or DEFAULT_DPI, deadline)
    return Scan(tuple(words), (laid.turned + quarter) % 360, laid.skew)


def _leveled(raster: Path, words: Sequence[OcrWord], skew: float) -> list[OcrWord]:
    """Turn the words of a picture that was read askew."""
    from PIL import Image

    with Image.open(raster) as image:
        tilt = Tilt(0, skew, image.width, image.height)
    boxes = [tilt.leveled(Box.clipped(w.x0, w.y0, w.x1, w.y1)).as_tuple() for w in words]
    return [OcrWord(w.text, *b, w.confidence) for w, b in zip(words, boxes, strict=True)]


def _lie_of(raster: Path, dpi: float) -> leveling.Lie:
    from PIL import Image

    with Image.open(raster) as image:
        return leveling.lie_of(image, dpi)


def _straighten(raster: Path, turned: int, skew: float = 0.0, *, quickly: bool = False) -> float:
    """Turn the picture in a file; return its height in widths."""
    from PIL import Image

    with Image.open(raster) as image:
        tilt = Tilt(turned, skew, image.width, image.height)
        upright = tilt.straightened(image, quickly=quickly)
        if upright is not image:
            write_gray(upright, raster)
        return upright.height / upright.width


def _way_up(
    raster: Path, words: Sequence[OcrWord], aspect: float, language: str, deadline: float
) -> int:
    """Return by how many degrees clockwise a page must be turned that was read as it lies.

    Tesseract reads text that runs down a page well, as tall words, and any that runs up badly.
    """
    long = [w for w in words if len(w.text) > 2]
    tall = sum((w.y1 - w.y0) * aspect >= _SLENDER * (w.x1 - w.x0) for w in long)
    sure = ocr.mean_confidence(words) >= _SUSPECT
    if 2 * tall > len(long):
        return 270 if sure else 90
    if sure or not words:
        return 0
    try:
        upright, headlong = (
            _band_confidence(raster, words, turned, language, deadline) for turned in (0, 180)
        )
    except (LimitError, ProgramError):
        return 0  # what was read stands
    return 180 if headlong > upright + _BETTER else 0


def _band_confidence(
    raster: Path, words: Sequence[OcrWord], turned: int, language: str, deadline: float
) -> float:
    """Read the part of a page that holds most text, turned, and return how surely it reads."""
    from PIL import Image

    def held(top: float) -> int:
        return sum(len(w.text) for w in words if top <= w.y0 and w.y1 <= top + _BAND)

    top = max((w.y0 for w in words), key=held)
    band = raster.with_name(f"{raster.stem}-band.tif")
    with Image.open(raster) as image:
        start, end = int(top * image.height), round((top + _BAND) * image.height)
        part = image.crop((0, start, image.width, min(end, image.height)))
    try:
        write_gray(Tilt(turned, 0.0, part.width, part.height).straightened(part), band)
        left = max(deadline - time.monotonic(), 0.01)
        layout = tesseract.ONE_BLOCK
        return ocr.mean_confidence(tesseract.read(band, language, None, left, layout))
    finally:
        band.unlink(missing_ok=True)
