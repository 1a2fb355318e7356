"""Pages that were read poorly: read again in other ways.

Tesseract's layout analysis, which ruled and multi-column pages need, loses whole blocks of a
crumpled receipt or a coarse fax. So on a poor page a detector and a recogniser made for such
pictures find and read the lines anew. For a language they do not know, the page is read as one
block, enlarged, and the readings vote: place by place the surer one, or the one that two agree
on, is mostly the right one.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from docx_cli import tesseract
from docx_cli.detector import find_lines
from docx_cli.errors import LimitError, ProgramError
from docx_cli.pages import write_gray
from docx_cli.pdfium import MAX_PIXELS
from docx_cli.recognizer import Models, models_for, read_lines
from docx_cli.tesseract import OcrWord

# Mean confidence of a character below which a page is read again. Clean pages and
# good scans lie above, receipts and faxes below.
_POOR = 0.88

# A further look enlarges the picture so that its letters are this many pixels high, by these
# factors at least and at most: less adds little to the first reading, more only costs.
_LETTER_PIXELS = 24.0
_ENLARGED = 1.5, 2.0

# A text stands if its confidences, summed over the readings that agree on it, reach this: where
# several readings saw something, and where the others saw nothing at all. Specks and rules are
# read as one or two characters; what has so many letters and digits is hardly ever one of them.
_LEAST_SPECK = 0.5, 0.8
_LEAST_WORD = 0.1, 0.5
_WORD_LETTERS = 3

# What the recogniser is less sure of than this are specks and rules that it made letters of.
_LEAST_AGAIN = 0.6

# Two readings mean one place if half of the smaller box is shared, unless one is so much
# taller than the other that it must be a line or a smudge taken for a letter.
_SHARED = 0.5
_MOST_TALLER = 3.0

_BLURS = 0.0, 1.2
"""Pixels by which an enlarged picture is blurred, which closes the gaps of dot matrix print."""


def improve(raster: Path, first: list[OcrWord], language: str, deadline: float) -> list[OcrWord]:
    """Read a page's picture again as often as it takes to read it well.

    Args:
        raster: a gray picture file of the whole page.
        first: what was read of it.
        language: Tesseract's name of the language.
        deadline: of `time.monotonic`, for all readings; what was read by then is returned.
    """
    if mean_confidence(first) >= _POOR or time.monotonic() >= deadline:
        return first
    models = models_for(language)
    if models is None:
        return _voted(raster, first, language, deadline)
    return _recognized(raster, first, models, language, deadline)


def _recognized(
    raster: Path, first: list[OcrWord], models: Models, language: str, deadline: float
) -> list[OcrWord]:
    """Find and read the lines anew; they outvote the first reading, which gives the order."""
    from PIL import Image

    with Image.open(raster) as image:
        lines = find_lines(image, models.detector)
        read = read_lines(image, lines, models.recognizer, language, deadline)
    again = [word for word in read if word.confidence >= _LEAST_AGAIN]
    return vote([first, again, again])


def _voted(raster: Path, first: list[OcrWord], language: str, deadline: float) -> list[OcrWord]:
    """Read a page by Tesseract in other ways, until the vote is sure."""
    readings, words = [first], first
    for blur in _BLURS:
        left = deadline - time.monotonic()
        if left <= 0 or mean_confidence(words) >= _POOR:
            break
        try:
            readings.append(_read_again(raster, blur, first, language, left))
        except (LimitError, ProgramError):
            break  # a page that was read is not lost for want of a better reading
        words = vote(readings)
    return words


def mean_confidence(words: Sequence[OcrWord]) -> float:
    """Return the mean confidence of a character, 0 for a page without words."""
    characters = sum(len(word.text) for word in words)
    return sum(len(word.text) * word.confidence for word in words) / max(characters, 1)


def _read_again(
    raster: Path, blur: float, first: Sequence[OcrWord], language: str, timeout: float
) -> list[OcrWord]:
    """Read an enlarged copy; boxes are fractions of the picture, so they stay as they are."""
    from PIL import Image, ImageFilter

    copy = raster.with_name(f"{raster.stem}-again.tif")
    with Image.open(raster) as image:
        scale = _scale(image.size, first)
        size = (round(image.width * scale), round(image.height * scale))
        larger = image.resize(size, Image.Resampling.BICUBIC)
    if blur:
        larger = larger.filter(ImageFilter.GaussianBlur(blur))
    try:
        write_gray(larger, copy)
        return tesseract.read(copy, language, None, timeout, tesseract.ONE_BLOCK)
    finally:
        copy.unlink(missing_ok=True)


def _scale(size: tuple[int, int], words: Sequence[OcrWord]) -> float:
    """Return how much to enlarge a picture so that its letters are large enough."""
    wide, high = size
    heights = sorted((word.y1 - word.y0) * high for word in words)
    letters = max(heights[len(heights) // 2], 1.0) if heights else _LETTER_PIXELS
    least, most = _ENLARGED
    wanted = min(max(_LETTER_PIXELS / letters, least), most)
    return max(min(wanted, math.sqrt(MAX_PIXELS / (wide * high))), 1.0)


def vote(readings: Sequence[Sequence[OcrWord]]) -> list[OcrWord]:
    """Make one reading of several of the same page.

    Where words of several readings lie on each other, the text with the largest sum of
    confidences stands; what one reading alone saw, and specks, must be surer than that. The
    order is that of the first reading; what it missed follows what stood before it elsewhere.
    """
    words = [word for reading in readings for word in reading]
    readers = [number for number, reading in enumerate(readings) for _ in reading]
    places = _places(words, readers)
    candidates: defaultdict[int, defaultdict[int, list[OcrWord]]]
    candidates = defaultdict(lambda: defaultdict(list))
    order: list[int] = []
    at = 0
    for i, (word, reader, place) in enumerate(zip(words, readers, places, strict=True)):
        if i and reader != readers[i - 1]:
            at = 0
        if place not in candidates:
            order.insert(at, place)
        at = order.index(place) + 1
        candidates[place][reader].append(word)
    return [word for place in order for word in _elect(list(candidates[place].values()))]


def _elect(candidates: Sequence[Sequence[OcrWord]]) -> Sequence[OcrWord]:
    """Choose between readings of one place; of equal texts the surest gives the words."""
    votes: defaultdict[str, float] = defaultdict(float)
    for words in candidates:
        votes[_text(words)] += mean_confidence(words)
    best = max(candidates, key=lambda words: (votes[_text(words)], mean_confidence(words)))
    letters = sum(c.isalnum() for c in _text(best))
    together, alone = _LEAST_WORD if letters >= _WORD_LETTERS else _LEAST_SPECK
    return best if votes[_text(best)] >= (alone if len(candidates) == 1 else together) else ()


def _text(words: Sequence[OcrWord]) -> str:
    return " ".join(word.text for word in sorted(words, key=lambda word: word.x0))


def _places(words: Sequence[OcrWord], readers: Sequence[int]) -> list[int]:
    """Number the places that words stand at: words of different readings on each other share one.

    Chains count: two words that one reading joined stand at its word's place.
    """
    import numpy as np

    place = list(range(len(words)))
    if not words:
        return place
    x0, y0, x1, y1 = np.array([(w.x0, w.y0, w.x1, w.y1) for w in words]).T
    tall, area = y1 - y0, (x1 - x0) * (y1 - y0)
    reader = np.array(readers)
    for i in range(len(words)):
        across = np.minimum(x1, x1[i]) - np.maximum(x0, x0[i])
        down = np.minimum(y1, y1[i]) - np.maximum(y0, y0[i])
        shared = np.clip(across, 0, None) * np.clip(down, 0, None)
        same = (reader > reader[i]) & (shared > _SHARED * np.minimum(area, area[i]))
        same &= np.maximum(tall, tall[i]) <= _MOST_TALLER * np.minimum(tall, tall[i])
        for j in np.nonzero(same)[0]:
            place[_root(place, int(j))] = _root(place, i)
    return [_root(place, i) for i in range(len(words))]


def _root(place: list[int], i: int) -> int:
    while place[i] != i:
        place[i] = place[place[i]]
        i = place[i]
    return i
