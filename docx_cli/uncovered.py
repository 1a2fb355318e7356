"""Ink that no word covers, or one that cannot be right: read on its own.

Tesseract's layout analysis leaves out what stands alone, takes tables for pictures, reads columns
of digits as words that stand on end, and reads across the rules between columns. What it left
over is found by its size, and the recogniser reads it piece by piece.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docx_cli import leveling
from docx_cli.detector import Line, cores
from docx_cli.grouping import components
from docx_cli.recognizer import LETTERS, models_for, read_lines
from docx_cli.rules import runs
from docx_cli.tesseract import OcrWord

if TYPE_CHECKING:
    from PIL.Image import Image

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_LOW = "-–—•"
"""What is lower than letters and may stand alone."""
_USUAL = 0.1
"""Inches of a word's height where a page has none to tell."""

# In heights of the page's words:
_HIGH = 0.45, 2.0
"""How high ink is that may be letters."""
_RULE = 2.2
"""From which length on straight ink is an upright rule; a level one is twice as long."""
_MARGIN = 0.15
"""By how much a word covers more than its box."""
_APART = 1.2
"""How far apart letters of one piece are, at most."""
_TALL = 1.5
"""Height from which on a word may be several lines that were read as one, or on end."""

_GROUND = 0.6
"""Share of ink around a place that is a dark ground: text has less, though it be bold."""
_SLENDER, _LONG = 0.3, 1.3
"""Width up to which ink may be a sliver of a rule, and height from which on it must be one."""

_DOUBTFUL, _SURE = 0.6, 0.9
"""Confidence below which a word is read again, and from which on what was read is believed:
specks and bits of pictures are read as letters, too."""
_CROSSED = 0.9
"""Share of a word's height that a rule must run through."""
_REPLACED = 0.5
"""Share of a doubtful word's letters that must be read again to replace it."""
_MOST = 1500
"""Bits of ink beyond which a page is full of dirt or of pictures."""
_TRIES, _READ = 40, 0.25
"""So many pieces are read at a time, and more only if this share was read of those before."""


@dataclass(frozen=True, slots=True)
class Ink:
    """A page's ink at about 100 dots an inch, [rows, columns].

    `rules` are its ruling lines, `upright` those that run down, `letters` is the rest; `usual` is
    the height of most words. On dark `grounds` what is light is ink.
    """

    letters: Mask
    rules: Mask
    upright: Mask
    usual: float
    grounds: list[tuple[int, int, int, int]]

    @classmethod
    def of(cls, image: Image, words: Sequence[OcrWord], dpi: float) -> Ink:
        """Tell the ink of a gray picture of the page."""
        dark = leveling.ink(image, dpi)
        boxes = _boxes(words, dark)
        high = np.sort(boxes[:, 3] - boxes[:, 1])
        inch = dpi * len(dark) / image.height
        usual = float(high[len(high) // 2]) if len(high) else _USUAL * inch
        grounds = _grounds(dark, usual)
        for x0, y0, x1, y1 in grounds:
            inside = ~dark[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1]
            dark[y0:y1, x0:x1] = False
            dark[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1] = inside
        # Straight ink, longer than letters are high; a level one must be thin, for bold print.
        upright = _in_runs(dark.T, _RULE * usual).T
        thin = dark & ~_in_runs(dark.T, 0.5 * usual).T
        rules = upright | _in_runs(thin, 2 * _RULE * usual)
        return cls(dark & ~rules, rules, upright, usual, grounds)


def filled_in(
    raster: Path, words: list[OcrWord], language: str, dpi: float, deadline: float
) -> list[OcrWord]:
    """Read what is left over on a page, and put it where it belongs among the words.

    Args:
        raster: a gray picture file of the whole page, level.
        words: what was read of it.
        language: Tesseract's name of the language.
        dpi: the picture's resolution.
        deadline: of `time.monotonic`; what was read by then is added.
    """
    from PIL import Image

    models = models_for(language)
    if models is None or time.monotonic() >= deadline:
        return words
    with Image.open(raster) as image:
        ink = Ink.of(image, words, dpi)
        words = [w for w, none in zip(words, misread(words, ink), strict=True) if not none]
        doubt = doubtful(words, ink)
        lines = leftovers([w for w, d in zip(words, doubt, strict=True) if not d], ink)
        picture = _plain(image, ink) if lines else image
        found: list[OcrWord] = []
        for tried in range(0, len(lines), _TRIES):
            if len(found) < _READ * tried:
                break
            some = lines[tried : tried + _TRIES]
            read = read_lines(picture, some, models.recognizer, language, deadline)
            found += [w for w in read if w.confidence >= _SURE and _letters([w])]
    return mended(words, doubt, found)


def _grounds(dark: Mask, usual: float) -> list[tuple[int, int, int, int]]:
    """Find dark grounds that may hold light text, as headings of tables do: x0, y0, x1, y1."""
    from PIL import Image, ImageFilter

    share = Image.fromarray(dark).convert("L").filter(ImageFilter.BoxBlur(0.5 * usual))
    y, start, end, owner = cores(np.asarray(share) > 255 * _GROUND)
    out = []
    for x0, y0, x1, y1 in _boxes_around(y, start, end, owner).tolist():
        if x1 - x0 < 3 * usual:
            continue
        while y0 > 0 and dark[y0 - 1, x0:x1].mean() > _GROUND:
            y0 -= 1
        while y1 < len(dark) and dark[y1, x0:x1].mean() > _GROUND:
            y1 += 1
        if y1 - y0 >= usual:
            out.append((x0, y0, x1, y1))
    return out


def misread(words: Sequence[OcrWord], ink: Ink) -> list[bool]:
    """Say which words are but a ruling line, or a speck far from other words, read as a letter."""
    boxes = _boxes(words, ink.letters)
    out = []
    for i, (word, part) in enumerate(zip(words, _slices(words, ink), strict=True)):
        letters = ink.letters[part]
        stroke = not _letters([word]) and bool(ink.rules[part].sum() > letters.sum())
        low = letters.any(axis=1).sum() < _HIGH[0] * ink.usual
        speck = len(word.text) == 1 and word.text not in _LOW and bool(low)
        out.append(stroke or (speck and _alone(i, boxes, ink.usual)))
    return out


def _alone(i: int, boxes: Floats, usual: float) -> bool:
    """Say whether no other word stands near one, on its line."""
    x0, y0, x1, y1 = boxes[i]
    level = (boxes[:, 1] < y1) & (y0 < boxes[:, 3])
    near = (boxes[:, 0] < x1 + usual) & (x0 - usual < boxes[:, 2])
    return bool((level & near).sum() == 1)


def doubtful(words: Sequence[OcrWord], ink: Ink) -> list[bool]:
    """Say which words are unsure, for their ground, or on several lines, or crossed by rules."""
    boxes = _boxes(words, ink.letters)
    wide, high = (boxes[:, 2:] - boxes[:, :2]).T
    confidence = np.array([word.confidence for word in words])
    out = confidence < _DOUBTFUL
    places = _slices(words, ink)
    for i in np.flatnonzero(high > _TALL * ink.usual).tolist():
        if _lines_in(ink.letters[places[i]], ink.usual) > 1:
            shared = np.minimum(boxes[:, 2:], boxes[i, 2:]) - np.maximum(boxes[:, :2], boxes[i, :2])
            across, down = shared.T
            out |= (2 * across > np.minimum(wide, wide[i])) & (2 * down > np.minimum(high, high[i]))
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    for x0, y0, x1, y1 in ink.grounds:
        inside = (x0 < x) & (x < x1) & (y0 < y) & (y < y1)
        out |= inside & (confidence < _SURE)
    for i, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        edge, more = 0.15 * min(high[i], wide[i]), 0.3 * high[i]
        rows = slice(max(round(y0 - more), 0), round(y1 + more))
        rules = ink.upright[rows, round(x0 + edge) : max(round(x1 - edge), 0)]
        crossed = rules.size > 0 and bool((rules.mean(axis=0) > _CROSSED).any())
        # In large or heavy type the strokes of letters are as long and straight as rules.
        out[i] |= crossed and confidence[i] < _SURE
    return [bool(doubt) for doubt in out]


def _lines_in(letters: Mask, usual: float) -> int:
    """Count the lines of text in a part of the page, which white divides."""
    _, start, end = runs(np.atleast_2d(letters.any(axis=1)))
    return int((end - start >= _HIGH[0] * usual).sum())


def leftovers(words: Sequence[OcrWord], ink: Ink) -> list[Line]:
    """Find what no word covers and may be letters, as pieces of lines, top to bottom."""
    left = ink.letters.copy()
    for rows, columns in _slices(words, ink, _MARGIN * ink.usual):
        left[rows, columns] = False
    bits = _bits(left, ink.usual)
    bits = bits[[not _sliver(bit, ink) for bit in bits.tolist()]]
    if not 0 < len(bits) <= _MOST:
        return []
    boxes = _boxes(words, left)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    # Ink around a word that was read is the dark ground it stands on.
    return [
        _line((x0, y0, x1, y1), boxes, ink)
        for x0, y0, x1, y1 in _pieces(bits, ink)
        if not ((x0 < x) & (x < x1) & (y0 < y) & (y < y1)).any()
    ]


def _bits(left: Mask, usual: float) -> Places:
    """Return what hangs together and is as high as letters: x0, y0, x1, y1, [N, 4]."""
    boxes = _boxes_around(*cores(left))
    high = boxes[:, 3] - boxes[:, 1]
    least, most = (share * usual for share in _HIGH)
    return np.asarray(boxes[(high >= least) & (high <= most)])


def _boxes_around(y: Places, start: Places, end: Places, owner: Places) -> Places:
    """Return x0, y0, x1, y1 of what runs of pixels belong to, [N, 4]."""
    count = int(owner.max(initial=-1)) + 1
    low, high = np.full((2, count), np.iinfo(np.intp).max), np.zeros((2, count), np.intp)
    for edge, to in ((start, end), (y, y + 1)):
        at = 0 if edge is start else 1
        np.minimum.at(low[at], owner, edge)
        np.maximum.at(high[at], owner, to)
    return np.concatenate([low, high]).T


def _sliver(bit: Sequence[int], ink: Ink) -> bool:
    """Say whether a slender bit is of a broken rule: longer than a letter, or one goes on there."""
    x0, y0, x1, y1 = bit
    if x1 - x0 > _SLENDER * ink.usual:
        return False
    reach = round(3 * ink.usual)
    around = ink.upright[max(y0 - reach, 0) : y1 + reach, max(x0 - 1, 0) : x1 + 1]
    return y1 - y0 > _LONG * ink.usual or bool(around.any())


def _pieces(bits: Places, ink: Ink) -> list[tuple[int, int, int, int]]:
    """Join bits that stand side by side with no rule between them; top to bottom."""
    x0, y0, x1, y1 = bits.T
    high = y1 - y0
    gap = np.maximum(x0[:, None], x0) - np.minimum(x1[:, None], x1)
    shared = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    near = (gap <= _APART * ink.usual) & (2 * shared > np.minimum(high[:, None], high))
    for i, j in np.argwhere(np.triu(near, 1)).tolist():
        middle = (max(y0[i], y0[j]) + min(y1[i], y1[j])) // 2
        left, right = sorted((x0[i], x1[i], x0[j], x1[j]))[1:3]
        near[i, j] = near[j, i] = not ink.rules[middle, left:right].any()
    groups = [bits[group] for group in components(near)]
    pieces = [(*g[:, :2].min(axis=0).tolist(), *g[:, 2:].max(axis=0).tolist()) for g in groups]
    return sorted(pieces, key=lambda piece: (piece[1], piece[0]))


def _line(piece: tuple[int, int, int, int], words: Floats, ink: Ink) -> Line:
    """Make a line of a piece, with white at its ends where there is some."""
    x0, y0, x1, y1 = piece
    rows, columns = ink.letters.shape
    level = words[(words[:, 1] < y1) & (y0 < words[:, 3])]
    before, behind = level[level[:, 2] <= x0 + 1, 2], level[level[:, 0] >= x1 - 1, 0]
    white = 0.4 * ink.usual
    left = max(x0 - white, (before.max(initial=-np.inf) + x0) / 2, 0)
    right = min(x1 + white, (behind.min(initial=np.inf) + x1) / 2, columns)
    middle, high = (y0 + y1) / 2 / rows, max(y1 - y0, 0.8 * ink.usual) / rows
    return Line(left / columns, right / columns, middle, middle, high / LETTERS)


def mended(
    words: Sequence[OcrWord], doubt: Sequence[bool], found: Sequence[OcrWord]
) -> list[OcrWord]:
    """Add what was found; a doubtful word goes where enough of it was read again, or else stays."""
    kept, new = list(words), _in_company(found, words)
    for word in (w for w, d in zip(words, doubt, strict=True) if d):
        again = [f for f in new if _middle_in(f, word) or _middle_in(word, f)]
        if again and _letters(again) >= _REPLACED * _letters([word]):
            kept.remove(word)
        else:
            new = [f for f in new if f not in again]
    for word in new:
        kept.insert(_place(word, kept), word)
    return kept


def _in_company(found: Sequence[OcrWord], words: Sequence[OcrWord]) -> list[OcrWord]:
    """Leave out lone characters with no word beside them, however far: dirt is read as such."""
    longer = [w for w in (*words, *found) if len(w.text) > 1]
    return [f for f in found if len(f.text) > 1 or any(_level(f, w) for w in longer)]


def _place(word: OcrWord, words: Sequence[OcrWord]) -> int:
    """Return where to put a word: behind the one at its left, else before the one at its right."""
    middle = (word.y0 + word.y1) / 2
    level = [(other, i) for i, other in enumerate(words) if _level(word, other)]
    left = max(((o.x0, i + 1) for o, i in level if o.x0 <= word.x0), default=None)
    right = min(((o.x0, i) for o, i in level if o.x0 > word.x0), default=None)
    below = next((i for i, other in enumerate(words) if other.y0 >= middle), len(words))
    return (left or right or (0.0, below))[1]


def _level(one: OcrWord, other: OcrWord) -> bool:
    return other.y0 < (one.y0 + one.y1) / 2 < other.y1


def _middle_in(one: OcrWord, other: OcrWord) -> bool:
    x, y = (one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2
    return other.x0 <= x <= other.x1 and other.y0 <= y <= other.y1


def _letters(words: Sequence[OcrWord]) -> int:
    return sum(c.isalnum() for word in words for c in word.text)


def _boxes(words: Sequence[OcrWord], of: Mask) -> Floats:
    """Return x0, y0, x1, y1 of words in pixels, [N, 4]."""
    rows, columns = of.shape
    corners = [(w.x0, w.y0, w.x1, w.y1) for w in words]
    return np.array(corners, np.float64).reshape(-1, 4) * (columns, rows, columns, rows)


def _slices(words: Sequence[OcrWord], ink: Ink, more: float = 0.0) -> list[tuple[slice, slice]]:
    """Return the rows and columns of words, and of so many pixels around them."""
    around = np.array([-more, -more, more, more])
    boxes = np.rint(_boxes(words, ink.letters) + around).clip(0).astype(int)
    return [(slice(y0, y1), slice(x0, x1)) for x0, y0, x1, y1 in boxes.tolist()]


def _in_runs(ink: Mask, least: float) -> Mask:
    """Return the ink in runs of some length or more along the rows."""
    y, start, end = runs(ink)
    long = end - start >= least
    marks = np.zeros((ink.shape[0], ink.shape[1] + 1), np.int8)
    marks[y[long], start[long]] = 1
    marks[y[long], end[long]] = -1
    return np.asarray(np.cumsum(marks, axis=1, dtype=np.int8)[:, :-1] > 0)


def _plain(image: Image, ink: Ink) -> Image:
    """Paint ruling lines over with paper, and make light text on dark grounds dark."""
    from PIL import Image as Pictures
    from PIL import ImageChops

    gray = image.convert("L")
    mask = Pictures.fromarray(ink.rules).resize(gray.size)
    plain = Pictures.composite(leveling.paper(gray), gray, mask)
    rows, columns = ink.letters.shape
    across, down = gray.width / columns, gray.height / rows
    for x0, y0, x1, y1 in ink.grounds:
        box = round(x0 * across), round(y0 * down), round(x1 * across), round(y1 * down)
        plain.paste(ImageChops.invert(gray.crop(box)), box)
    return plain
