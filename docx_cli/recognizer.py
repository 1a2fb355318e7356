"""A second engine for lines that Tesseract reads poorly: PP-OCR's recogniser.

It reads a line as one strip of the picture and says at which column it saw each letter. It sees
spaces too, nearly all of them; where it missed one, a wide gap in the ink tells words apart.
"""

from __future__ import annotations

import importlib.util
import math
import os
import threading
import time
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from docx_cli.classifier import characters, split
from docx_cli.detector import Line
from docx_cli.errors import BundleError
from docx_cli.memory import give_back
from docx_cli.scratch import folder
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

_loading = threading.Lock()

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
    for within in spec.submodule_search_locations or () if spec else ():
        models = Models(*(Path(within) / "models" / name for name in NAMES))
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
    recognizer = _recognizer(model, not _PLAIN.issuperset(language.split("+")))
    image.load()  # which Pillow would do at the first cut, and not for several threads

    def read(line: Line) -> list[OcrWord]:
        if time.monotonic() > deadline:
            return []
        pixels = strip(image, line)
        return words_of(recognizer.read(pixels), pixels, line)

    from docx_cli.session import usable_cores

    cores = usable_cores() or os.cpu_count() or 1
    several = _readers(cores).map if cores > 1 and len(lines) > 1 else map
    found = [word for words in several(read, lines) for word in words]
    recognizer.let_go()
    return found


@cache
def _readers(cores: int) -> ThreadPoolExecutor:
    """Return the threads that read lines, which pages share.

    Each line is one thread's: onnxruntime's threads would wait for each other at every operator,
    the longer, the more of the cores Tesseract has.
    """
    return ThreadPoolExecutor(cores, "line")


class Recognizer:
    """The recogniser's graphs, and which of its classes are letters that may occur.

    Raises:
        BundleError: its file is not such a model.
    """

    def __init__(self, model: Path, accents: bool) -> None:
        with model.open("rb") as file:
            contents = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
        try:
            # Class 0 says that no letter begins here; the last one is the space.
            alphabet = ["", *characters(contents), " "]
            may_be = [i for i, name in enumerate(alphabet) if i == 0 or _occurs(name, accents)]
            parts = split(contents, may_be)
        except (IndexError, ValueError) as error:
            message = f"{model.name} is no recogniser: {error}"
            raise BundleError(message, source=str(model)) from error
        self.classes, self.alphabet = np.array(may_be), [alphabet[i] for i in may_be]
        # By file, since onnxruntime keeps what it is handed beside what it makes of it.
        with folder(len(contents)) as scratch:
            self.steps, self.whole = (
                _open_graph(Path(scratch) / f"{name}.onnx", part)
                for name, part in parts._asdict().items()
            )

    def read(self, pixels: NDArray[np.uint8]) -> list[Letter]:
        """Read a strip, [rows, columns]: collapse the classes of its steps into letters.

        It keeps memory for the next one, see `let_go`.
        """
        logits, features = _run(self.steps, _picture(pixels))
        chosen = logits[0].argmax(axis=1)
        begins = np.flatnonzero((chosen != 0) & np.r_[True, chosen[1:] != chosen[:-1]])
        if not len(begins):
            return []
        (sure,) = _run(self.whole, features[:, begins])
        step = pixels.shape[1] / len(chosen)
        return [
            Letter(self.alphabet[kind], (t + 0.5) * step, float(of[self.classes[kind]]))
            for t, kind, of in zip(begins, chosen[begins], sure[0], strict=True)
        ]

    def let_go(self) -> None:
        """Free what the graphs keep, which they do at the end of a run: here, of next to nothing.

        After each strip it would do harm: what is given back and taken anew so often lies so
        scattered that a page of 150 lines holds 100 MB more.
        """
        blank = np.full((_HIGH, 8), 255, np.uint8)
        _, features = _run(self.steps, _picture(blank), forget=True)
        _run(self.whole, features, forget=True)
        give_back()


def _picture(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a strip as the recogniser wants it: three colours, -1 to 1."""
    colour = pixels.astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(np.broadcast_to(colour, (1, 3, *pixels.shape)))


def _open_graph(file: Path, contents: bytes) -> Graph:
    from docx_cli.session import open_graph

    file.write_bytes(contents)
    return open_graph(file, 1, spinning=False)  # Tesseract reads other pages meanwhile


def _run(
    graph: Graph, fed: NDArray[np.float32], *, forget: bool = False
) -> list[NDArray[np.float32]]:
    from docx_cli.session import run

    return run(graph, {graph.get_inputs()[0].name: fed}, forget=forget)


def _recognizer(model: Path, accents: bool) -> Recognizer:
    """Return the recogniser that all threads share."""
    with _loading:
        return _opened(model, accents)


@cache
def _opened(model: Path, accents: bool) -> Recognizer:
    return Recognizer(model, accents)


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
