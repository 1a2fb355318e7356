"""A second engine for lines that Tesseract reads poorly: PP-OCR's recogniser.

It reads a line as one strip of the picture and says at which column it saw each letter. It sees
spaces too, nearly all of them; where it missed one, a wide gap in the ink tells words apart.
"""

from __future__ import annotations

import importlib.util
import math
import os
import time
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from docx_cli.detector import Line, loaded
from docx_cli.memory import give_back
from docx_cli.tesseract import OcrWord

if TYPE_CHECKING:
    from PIL.Image import Image

    from docx_cli.session import Graph

_LATIN = "eng deu fra spa ita por nld dan swe nor fin pol ces slk hun ron hrv slv msa ind"
LANGUAGES = frozenset(_LATIN.split())
"""Tesseract's names of the languages that it is trusted with."""
_PLAIN = frozenset({"eng", "msa", "ind"})
"""Those of them that are written without accents."""
_SIGNS = "€£¥§°©®"

_HIGH = 48
"""Rows of a strip, as the recogniser was trained."""
_LONGEST = 3200
"""Columns of a strip, at most."""

_WIDER = 12.0
"""Columns by which a gap is wider than is usual in its line from which words lie beside it."""
_EDGE = 4
"""Rows of a strip, at its top and bottom, in which other lines may be seen."""
LETTERS = 0.7
"""Height of a line's letters, tall ones and tails, as a share of the height of its strip."""


class Models(NamedTuple):
    """The files of the detector and the recogniser."""

    detector: Path
    recognizer: Path


NAMES = Models(Path("PP-OCRv6_det_small.onnx"), Path("PP-OCRv6_rec_small.onnx"))


class Letter(NamedTuple):
    """A letter with the middle of its place, in columns of the strip."""

    text: str
    x: float
    confidence: float


def models_for(language: str) -> Models | None:
    """Find the models, if they are installed and know all of the language."""
    if not LANGUAGES.issuperset(language.split("+")):
        return None
    spec = importlib.util.find_spec("rapidocr")
    for folder in spec.submodule_search_locations or () if spec else ():
        models = Models(*(Path(folder) / "models" / name for name in NAMES))
        if all(file.exists() for file in models):
            return models
    return None


def read_lines(
    image: Image, lines: Sequence[Line], model: Path, language: str, deadline: float = math.inf
) -> list[OcrWord]:
    """Read the words of lines, in their order; on each core one.

    Args:
        image: the page, gray.
        lines: where they are.
        model: the recogniser's file.
        language: Tesseract's name of the language, which tells the letters to choose from.
        deadline: of `time.monotonic`; lines whose turn comes later are left out.
    """
    recognizer = _recognizer(str(model), not _PLAIN.issuperset(language.split("+")))
    image.load()  # which Pillow would do at the first cut, and not for several threads
    begun: list[Line] = []

    def read(line: Line) -> list[OcrWord]:
        last = line is lines[-1]
        if time.monotonic() > deadline and not (last and begun):
            return []
        begun.append(line)
        pixels = strip(image, line)
        letters = recognizer.read(pixels, forget=last)
        return words_of(letters, pixels, line)

    from docx_cli.session import usable_cores

    cores = usable_cores() or os.cpu_count() or 1
    several = _readers(cores).map if cores > 1 and len(lines) > 1 else map
    found = [word for words in several(read, lines) for word in words]
    give_back()
    return found


@cache
def _readers(cores: int) -> ThreadPoolExecutor:
    """Return the threads that read lines, which pages share.

    Each line is one thread's: onnxruntime's threads would wait for each other at every operator,
    the longer, the more of the cores Tesseract has.
    """
    return ThreadPoolExecutor(cores, "line")


class Recognizer:
    """The recogniser's graph, and which of its classes are letters that may occur."""

    def __init__(self, graph: Graph, accents: bool) -> None:
        self.graph = graph
        names = graph.get_modelmeta().custom_metadata_map["character"].split("\n")
        # Class 0 says that no letter begins here; the last one is the space.
        alphabet = ["", *names, " "]
        self.classes = [i for i, name in enumerate(alphabet) if i == 0 or _occurs(name, accents)]
        self.alphabet = [alphabet[i] for i in self.classes]

    def read(self, pixels: NDArray[np.uint8], *, forget: bool = True) -> list[Letter]:
        """Read a strip, [rows, columns]: collapse the classes of its steps into letters.

        The last of several strips should `forget`, and it alone: what is given back and taken
        anew for each is so scattered that a page of 150 lines holds 100 MB more.
        """
        from docx_cli.session import run

        feed = np.broadcast_to(pixels.astype(np.float32) / 127.5 - 1, (1, 3, *pixels.shape))
        name = self.graph.get_inputs()[0].name
        out = run(self.graph, {name: np.ascontiguousarray(feed)}, forget=forget)
        scores = out[0][0][:, self.classes]
        chosen = scores.argmax(axis=1)
        begins = (chosen != 0) & np.r_[True, chosen[1:] != chosen[:-1]]
        step = pixels.shape[1] / len(chosen)
        return [
            Letter(self.alphabet[chosen[t]], (t + 0.5) * step, float(scores[t, chosen[t]]))
            for t in np.flatnonzero(begins)
        ]


@cache
def _recognizer(model: str, accents: bool) -> Recognizer:
    return Recognizer(loaded(Path(model), 1), accents)


def _occurs(name: str, accents: bool) -> bool:
    """Say whether a character may be printed on a page in a language written in Latin letters."""
    if len(name) != 1:
        return False
    accented = accents and unicodedata.name(name, "").startswith("LATIN")
    return " " <= name <= "~" or name in _SIGNS or accented


def strip(image: Image, line: Line) -> NDArray[np.uint8]:
    """Cut a line out of a picture, made level and as high as the recogniser wants it."""
    from PIL.Image import Resampling, Transform

    wide, high = image.size
    left, length, tall = line.x0 * wide, (line.x1 - line.x0) * wide, line.height * high
    columns = min(max(round(_HIGH * length / tall), 8), _LONGEST)
    # Made smaller in a second step, which averages; this one would leave out pixels.
    size = (max(round(length), 8), round(tall)) if tall > _HIGH else (columns, _HIGH)
    across, down = length / size[0], tall / size[1]
    fall = (line.right - line.left) * high / size[0]
    level = (across, 0.0, left, fall, down, line.left * high - tall / 2)
    cut = image.transform(size, Transform.AFFINE, level, Resampling.BICUBIC)
    return np.asarray(cut.convert("L").resize((columns, _HIGH)), dtype=np.uint8)


def words_of(letters: Sequence[Letter], pixels: NDArray[np.uint8], line: Line) -> list[OcrWord]:
    """Make words of the letters that were seen in a line's strip."""
    seen = [letter for letter in letters if not letter.text.isspace()]
    ink = _inked(pixels)
    if not seen or not ink.any():
        return []
    spaces = [letter.x for letter in letters if letter.text.isspace()]
    gaps = [_gap(ink, a.x, b.x) for a, b in pairwise(seen)]
    wide = float(np.median([end - start for start, end in gaps] or [0])) + _WIDER
    breaks = [
        number
        for number, ((start, end), (a, b)) in enumerate(zip(gaps, pairwise(seen), strict=True), 1)
        if end - start > wide or any(a.x < x < b.x for x in spaces)
    ]
    inked = np.flatnonzero(ink)
    lefts = [min(inked[0], seen[0].x), *(gaps[i - 1][1] for i in breaks)]
    rights = [*(gaps[i - 1][0] for i in breaks), max(inked[-1] + 1, seen[-1].x)]
    bounds = pairwise([0, *breaks, len(seen)])
    return [
        _word(seen[start:end], left / len(ink), right / len(ink), line)
        for (start, end), left, right in zip(bounds, lefts, rights, strict=True)
    ]


def _word(letters: Sequence[Letter], left: float, right: float, line: Line) -> OcrWord:
    """Make a word that lies between two places of its line, which runs from 0 to 1."""
    x0, x1 = (line.x0 + (line.x1 - line.x0) * x for x in (left, right))
    middle, half = line.middle((x0 + x1) / 2), LETTERS * line.height / 2
    sure = sum(letter.confidence for letter in letters) / len(letters)
    text = "".join(letter.text for letter in letters)
    return OcrWord(text, x0, middle - half, x1, middle + half, sure)


def _inked(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say of each column of a strip whether there is ink in it."""
    darkest, paper = np.percentile(pixels, (5, 90))
    return np.asarray((pixels[_EDGE:-_EDGE] < (darkest + paper) / 2).any(axis=0))


def _gap(ink: NDArray[np.bool_], x0: float, x1: float) -> tuple[float, float]:
    """Return the widest blank between two columns, where it starts and ends."""
    blank = np.diff(np.r_[False, ~ink[int(x0) : int(x1) + 1], False].astype(np.int8))
    starts, ends = np.flatnonzero(blank == 1), np.flatnonzero(blank == -1)
    if not len(starts):
        return (x0 + x1) / 2, (x0 + x1) / 2
    widest = (ends - starts).argmax()
    return float(int(x0) + starts[widest]), float(int(x0) + ends[widest])
