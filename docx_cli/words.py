"""Words of a page: the PDF's own where they are sound, else what OCR read."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from docx_cli.document import Box, OcrReason, Word
from docx_cli.language import is_gibberish
from docx_cli.pdfium import Geometry, LoadedPage
from docx_cli.poppler import TextWord
from docx_cli.tesseract import OcrWord

# A text layer with more unreadable characters than this share is no text layer:
# its fonts have no map to Unicode.
_MOST_UNREADABLE = 0.3
_UNREADABLE = {"Co", "Cn", "Cs", "Cc"}  # private use, unassigned, surrogate, control

# On a page that is one big image, words must lie on what is printed. Filing systems
# put stamps, header lines or invisible metadata on scans: on 946 pages of real filings
# such layers covered at most 0.17 of the dark pixels, those left by OCR at least 0.29.
# A page darker than any text is a photograph with text on it, and not judged.
WHOLE_PAGE = 0.7
_LEAST_INK_COVERED = 0.23
_DARKEST_SCAN = 0.3
_INK_DPI = 72
_INK = 160  # gray levels below are ink

# A page is turned if so many neighbours in its lines say so, and this share of all; names in
# Arabic or Hebrew on a page of Latin text are fewer.
_LEAST_VOTES = 8
_CLEAR_VOTE = 0.8
_SLENDER = 1.2

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


def why_ocr(raw: Sequence[TextWord], words: Sequence[Word], page: LoadedPage) -> OcrReason | None:
    """Say why the text layer does not tell what is printed; None where it does.

    An invisible layer that OCR left behind a scan does.

    Args:
        raw: the text layer's words as they came.
        words: what `from_text_layer` made of them.
        page: the page they are from.
    """
    characters = Counter("".join(word.text for word in raw))
    unreadable = sum(characters[c] for c in characters if _is_unreadable(c))
    if unreadable > _MOST_UNREADABLE * characters.total():
        return "unreadable"
    if not words:
        return "no_text"
    if page.image_cover >= WHOLE_PAGE and not _lie_on_the_ink(words, page):
        return "misplaced"
    return "gibberish" if is_gibberish(word.text for word in words) else None


def _is_unreadable(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in _UNREADABLE


def turned_by(words: Sequence[Word], width: float, height: float) -> int:
    """Return the degrees clockwise by which a page must be turned to read its text layer.

    Told by where the next word of a line stands; words come in the order they are read.

    Args:
        words: the text layer's.
        width: of the page, in the unit of `height`.
        height: of the page.
    """
    votes: Counter[int] = Counter()
    for one, other in pairwise(words):
        if min(len(one.text), len(other.text)) > 2:
            ways = [_way(word.box, width, height) for word in (one, other)]
            (x0, y0), (x1, y1) = one.box.center, other.box.center
            if ways == ["across", "across"] and one.box.y0 < y1 < one.box.y1:
                votes[0 if x1 > x0 else 180] += 1
            elif ways == ["down", "down"] and one.box.x0 < x1 < one.box.x1:
                votes[270 if y1 > y0 else 90] += 1
    turned, count = votes.most_common(1)[0] if votes else (0, 0)
    return turned if count >= max(_LEAST_VOTES, _CLEAR_VOTE * votes.total()) else 0


def _way(box: Box, width: float, height: float) -> str:
    """Say which way a word of three letters or more runs, if its box tells."""
    wide, high = (box.x1 - box.x0) * width, (box.y1 - box.y0) * height
    if wide > _SLENDER * high:
        return "across"
    return "down" if high > _SLENDER * wide else "?"


def _lie_on_the_ink(words: Sequence[Word], page: LoadedPage) -> bool:
    """Say whether the words' boxes cover a fair share of the page's dark pixels."""
    import numpy as np

    ink = np.asarray(page.render(_INK_DPI, gray=True)) < _INK
    high, wide = ink.shape
    covered = np.zeros_like(ink)
    for x0, y0, x1, y1 in (word.box.as_tuple() for word in words):
        rows = slice(int(y0 * high), math.ceil(y1 * high))
        covered[rows, int(x0 * wide) : math.ceil(x1 * wide)] = True
    enough = (ink & covered).sum() >= _LEAST_INK_COVERED * ink.sum()
    return bool(enough or ink.mean() > _DARKEST_SCAN)


def from_ocr(read: Iterable[OcrWord]) -> tuple[Word, ...]:
    """Turn what OCR read into words."""
    return tuple(
        Word(text, Box.clipped(item.x0, item.y0, item.x1, item.y1), item.confidence)
        for item in read
        if (text := _clean(item.text))
    )


def _clean(text: str) -> str:
    """Spell out ligatures; drop control and invisible format characters and spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = (c for c in text if unicodedata.category(c) not in ("Cc", "Cf") and not c.isspace())
    return "".join(kept).translate(_LIGATURES)
