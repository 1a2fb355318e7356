"""A second opinion on lines that Tesseract read poorly: PP-OCR's recogniser.

Tesseract finds words and their places; the recogniser reads each line of them anew, as one strip
of the picture, and says at which column it saw each letter. Its letters are then dealt out to
Tesseract's words, which it tells apart less well: it drops spaces.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from docx_cli.tesseract import OcrWord

if TYPE_CHECKING:
    from PIL.Image import Image

    from docx_cli.session import Graph

MODEL = "PP-OCRv6_rec_small.onnx"
_LATIN = "eng deu fra spa ita por nld dan swe nor fin pol ces slk hun ron hrv slv msa ind"
LANGUAGES = frozenset(_LATIN.split())
"""Tesseract's names of the languages that it is trusted with."""

_HIGH = 48
"""Rows of a strip, as the recogniser was trained."""
_LONGEST = 3200
"""Columns of a strip, at most."""

# A strip reaches beyond its words by these parts of their height.
_BESIDE, _ABOVE = 0.3, 0.12

# Words of one line: they share half of their height, and no gap is wider than so many heights.
_SHARED, _GAP = 0.5, 2.5

# What aligning the two readings of a line costs: another letter, a letter that one of them
# lacks, and standing a letter's width apart.
_OTHER, _LACKING, _APART = 1.0, 0.7, 0.4


class Letter(NamedTuple):
    """A letter with the middle of its place, as a fraction of the picture's width."""

    text: str
    x: float
    confidence: float


def model_file(language: str) -> Path | None:
    """Find the recogniser, if it is installed and reads all of the language."""
    if not LANGUAGES.issuperset(language.split("+")):
        return None
    spec = importlib.util.find_spec("rapidocr")
    folders = [Path(f) for f in spec.submodule_search_locations or ()] if spec else []
    return next((f / "models" / MODEL for f in folders if (f / "models" / MODEL).exists()), None)


def read_lines(
    image: Image, words: Sequence[OcrWord], model: Path, deadline: float = math.inf
) -> list[OcrWord]:
    """Read the lines of a page anew.

    Args:
        image: the page, gray.
        words: as they were read; corners are fractions of the picture.
        model: see `model_file`.
        deadline: of `time.monotonic`; lines whose turn comes later stay as they are.

    Returns:
        The words with their texts and confidences as the recogniser has them, in the same order;
        one in which it saw nothing is left out.
    """
    recognizer = _recognizer(str(model))
    again: dict[int, list[OcrWord]] = {}
    for line in lines(words, image.width / image.height):
        mine = [words[i] for i in line]
        if time.monotonic() > deadline:
            again |= {i: [words[i]] for i in line}
            continue
        letters = recognizer.read(image, mine)
        for i, read in zip(line, deal(letters, mine), strict=True):
            again[i] = read
    return [word for i in range(len(words)) for word in again[i]]


def lines(words: Sequence[OcrWord], shape: float) -> list[list[int]]:
    """Group words into lines, each from left to right; `shape` is width by height of the page."""
    order = sorted(range(len(words)), key=lambda i: words[i].x0)
    found: list[list[int]] = []
    for i in order:
        word = words[i]
        best, least = None, _GAP * (word.y1 - word.y0) / shape
        for line in found:
            last = words[line[-1]]
            shared = min(word.y1, last.y1) - max(word.y0, last.y0)
            tall = min(word.y1 - word.y0, last.y1 - last.y0)
            if shared > _SHARED * tall and word.x0 - last.x1 < least:
                best, least = line, word.x0 - last.x1
        if best is None:
            found.append([i])
        else:
            best.append(i)
    return found


class Recognizer:
    """The recogniser's graph and alphabet."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        names = graph.get_modelmeta().custom_metadata_map["character"].split("\n")
        # Class 0 says that no letter begins here; the last one is the space.
        self.alphabet = ["", *names, " "]

    def read(self, image: Image, words: Sequence[OcrWord]) -> list[Letter]:
        """Read the strip around some words."""
        from PIL.Image import Resampling

        wide, high = image.size
        x0, x1 = min(w.x0 for w in words) * wide, max(w.x1 for w in words) * wide
        y0, y1 = min(w.y0 for w in words) * high, max(w.y1 for w in words) * high
        tall = float(np.median([w.y1 - w.y0 for w in words])) * high
        left, right = max(x0 - _BESIDE * tall, 0), min(x1 + _BESIDE * tall, wide)
        top, bottom = max(y0 - _ABOVE * tall, 0), min(y1 + _ABOVE * tall, high)
        columns = round(_HIGH * (right - left) / max(bottom - top, 1))
        size = (min(max(columns, 8), _LONGEST), _HIGH)
        strip = image.resize(size, Resampling.BICUBIC, box=(left, top, right, bottom))
        pixels = np.asarray(strip.convert("L"), np.float32) / 127.5 - 1
        feed = np.ascontiguousarray(np.broadcast_to(pixels, (1, 3, *pixels.shape)))
        scores = self.graph.run(None, {self.graph.get_inputs()[0].name: feed})[0][0]
        return self._letters(scores, left / wide, (right - left) / wide)

    def _letters(self, scores: NDArray[np.float32], left: float, width: float) -> list[Letter]:
        """Collapse the classes of a strip's columns, [steps, classes], into letters."""
        classes = scores.argmax(axis=1)
        begins = (classes != 0) & np.r_[True, classes[1:] != classes[:-1]]
        return [
            Letter(
                self.alphabet[classes[t]],
                left + width * (t + 0.5) / len(classes),
                float(scores[t, classes[t]]),
            )
            for t in np.flatnonzero(begins)
        ]


@cache
def _recognizer(model: str) -> Recognizer:
    from docx_cli.session import open_graph

    return Recognizer(open_graph(Path(model)))


def deal(letters: Sequence[Letter], words: Sequence[OcrWord]) -> list[list[OcrWord]]:
    """Deal letters of a line out to its words, [words], left to right.

    Each letter goes with the one of Tesseract's that it stands for; one that stands for none,
    to the word it is nearest to. A space seen inside a word divides it.
    """
    theirs = [
        (c, w.x0 + (w.x1 - w.x0) * (k + 0.5) / len(w.text), number)
        for number, w in enumerate(words)
        for k, c in enumerate(w.text)
    ]
    width = float(np.median([(w.x1 - w.x0) / len(w.text) for w in words]))
    owners = _align(letters, [(c, x) for c, x, _ in theirs], max(width, 1e-6))
    dealt: list[list[Letter]] = [[] for _ in words]
    for letter, owner in zip(letters, owners, strict=True):
        number = theirs[owner][2] if owner is not None else _nearest(letter.x, words)
        dealt[number].append(letter)
    return [_read_as(word, mine) for word, mine in zip(words, dealt, strict=True)]


def _nearest(x: float, words: Sequence[OcrWord]) -> int:
    away = [max(w.x0 - x, x - w.x1, 0.0) for w in words]
    return away.index(min(away))


def _align(
    letters: Sequence[Letter], theirs: Sequence[tuple[str, float]], width: float
) -> list[int | None]:
    """Pair letters with Tesseract's, by what they are and where they stand."""
    n, m = len(letters), len(theirs)
    cost = np.empty((n, m))
    for i, letter in enumerate(letters):
        for j, (c, x) in enumerate(theirs):
            other = 0.0 if letter.text == c else _OTHER
            cost[i, j] = other + _APART * abs(letter.x - x) / width
    best = np.zeros((n + 1, m + 1))
    best[0], best[:, 0] = np.arange(m + 1) * _LACKING, np.arange(n + 1) * _LACKING
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            best[i, j] = min(
                best[i - 1, j - 1] + cost[i - 1, j - 1],
                best[i - 1, j] + _LACKING,
                best[i, j - 1] + _LACKING,
            )
    pairs: list[int | None] = [None] * n
    i, j = n, m
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + cost[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairs[i] = j
        elif best[i, j] == best[i - 1, j] + _LACKING:
            i -= 1
        else:
            j -= 1
    return pairs


def _read_as(word: OcrWord, letters: Sequence[Letter]) -> list[OcrWord]:
    """Return a word as its letters have it: none, itself, or several with a space between."""
    parts: list[list[Letter]] = [[]]
    for letter in letters:
        if letter.text.isspace():
            parts.append([])
        else:
            parts[-1].append(letter)
    parts = [part for part in parts if part]
    edges = [word.x0, *((a[-1].x + b[0].x) / 2 for a, b in pairwise(parts))]
    edges = [*edges, word.x1]
    return [
        replace(
            word,
            text="".join(letter.text for letter in part),
            x0=min(x0, x1),
            x1=max(x0, x1),
            confidence=sum(letter.confidence for letter in part) / len(part),
        )
        for part, (x0, x1) in zip(parts, pairwise(edges), strict=False)
    ]
