"""A model of OCR's mistakes, cheap enough to run while batches are drawn.

Its rates are fitted on real runs (`noise_fit.py`) and kept in `data/noise.json`. How bad a page
is, is drawn first: most are read nearly without mistakes, a few badly.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import Box, Word
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models.readings import Place, Reading, carry
from docx_models.records import PageRecord

Floats = NDArray[np.float64]

_LIKELY_SHAPE = 0.75  # width by height of a page: records of a shard do not carry theirs
_ONE_CAUSE = 0.65  # a page's mistakes of two kinds then correlate by 0.4, as measured
_ASCENDERS = frozenset("bdfhiklt!?%&$#@£€'\"()[]{}|/\\*0123456789")
_DESCENDERS = frozenset("gjpqyQ,;()[]{}|@$/\\")


@dataclass(frozen=True, slots=True)
class Letter:
    """How a character is read; rates hold for a page of severity 1."""

    hazard: float
    """-log of the chance that it is read right."""
    split: float
    """Chance that the word is cut behind it."""
    readings: tuple[str, ...]
    """What it is misread as; "" where it is lost."""
    weights: Floats
    """Cumulative chances of the readings."""


def letter_class(character: str) -> str:
    """Return what stands in for a character too rare to be fitted by itself."""
    if character.isdigit():
        return "digit"
    if character.isalpha():
        ascii_case = "upper" if character.isupper() else "lower"
        return ascii_case if character.isascii() else "foreign"
    return "mark" if character.isascii() else "symbol"


@lru_cache(maxsize=1 << 15)
def shape_class(text: str) -> str:
    """Return how a word's ink fills the height of its type: ascenders, descenders, neither."""
    if not any(c.isalnum() for c in text):
        return "mark"
    tall = any(c.isupper() or c in _ASCENDERS for c in text)
    return f"{'tall' if tall else 'low'}{'-deep' if any(c in _DESCENDERS for c in text) else ''}"


def character_widths(texts: Sequence[str], boxes: Floats) -> Floats:
    """Return the mean width of each word's characters, a fraction of the page, [N]."""
    sizes = np.array([max(len(text), 1) for text in texts])
    return np.asarray((boxes[:, 2] - boxes[:, 0]) / sizes)


def gaps_behind(words: Sequence[Word], boxes: Floats) -> Floats:
    """Return the room between each word and the next one of its line, in character widths, [N].

    It is infinite behind the last word, and where the next one stands on another line.
    """
    gaps = np.full(len(words), np.inf)
    wide = character_widths([w.text for w in words], boxes)
    middle = (boxes[1:, 1] + boxes[1:, 3]) / 2
    room = (boxes[1:, 0] - boxes[:-1, 2]) / np.maximum((wide[1:] + wide[:-1]) / 2, 1e-6)
    same = (middle > boxes[:-1, 1]) & (middle < boxes[:-1, 3]) & (room > -1)
    gaps[:-1] = np.where(same, room, np.inf)
    return gaps


@dataclass(frozen=True)
class Noise:
    """The fitted rates; see `noise_fit.fit` for what each is counted on."""

    letters: Mapping[str, Letter]
    severity: Mapping[str, Floats]
    """Quantiles over pages, in means: of misread letters, lost words, breaks and specks."""
    burst: float
    """Chance that one more character of a misread word is misread."""
    lost: Floats
    """Chance that a word is not seen, by its length in characters: 1, 2, ... 5 and more."""
    lost_again: float
    """The same where the word before it was not."""
    gaps: Floats
    """Bounds between classes of gaps, in character widths."""
    merged: Floats
    """Chance that a word is joined to the next one, by the class of the gap between them."""
    specks: float
    """Words seen on a page where there are none."""
    speck_texts: tuple[str, ...]
    speck_sizes: Floats
    """Widths and heights of some of them, fractions of the page, [N, 2]."""
    shapes: Mapping[str, Floats]
    """By `shape_class`: how the box of the ink lies in that of the type, [4, 3]: mean move of each
    side, standard deviations over pages and over words; x in character widths, y in heights."""
    degrees: Floats
    """Quantiles of the pages' skew."""
    _common: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        common = [self.letter(chr(i)) for i in range(256)]
        table = np.array([[x.hazard for x in common], [x.split for x in common]])
        object.__setattr__(self, "_common", table)

    @classmethod
    def load(cls, path: Path | None = None) -> Noise:
        """Load a fitted model; the package's own without a path.

        Raises:
            FileAccessError: it cannot be read.
            UnsupportedInputError: it is no such model.
        """
        source = path or resources.files("docx_models").joinpath("data/noise.json")
        try:
            return cls.from_mapping(json.loads(source.read_text(encoding="utf-8")))
        except OSError as error:
            reason = error.strerror or "cannot be read"
            raise FileAccessError(reason, source=str(source)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"is no noise model: {error!r}"
            raise UnsupportedInputError(message, source=str(source)) from error

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any]) -> Noise:
        """Build from what `noise_fit.fit` returns."""
        letters = {}
        for name, (hazard, split, readings) in raw["letters"].items():
            weights = np.cumsum(list(readings.values()), dtype=np.float64)
            weights /= weights[-1] if len(weights) else 1.0
            letters[name] = Letter(hazard, split, tuple(readings), weights)
        return cls(
            letters=letters,
            severity={name: np.array(q) for name, q in raw["severity"].items()},
            burst=raw["burst"],
            lost=np.array(raw["lost"]),
            lost_again=raw["lost_again"],
            gaps=np.array(raw["gaps"]),
            merged=np.array(raw["merged"]),
            specks=raw["specks"],
            speck_texts=tuple(raw["speck_texts"]),
            speck_sizes=np.array(raw["speck_sizes"], dtype=np.float64).reshape(-1, 2),
            shapes={name: np.array(values) for name, values in raw["shapes"].items()},
            degrees=np.array(raw["degrees"]),
        )

    def apply(self, record: PageRecord, rng: np.random.Generator) -> PageRecord:
        """Return the page as OCR might have read it, its labels carried over.

        Questions whose answer is lost are dropped. The picture stays as it is.
        """
        return carry(record, self.read(record.words, rng))

    def read(self, words: Sequence[Word], rng: np.random.Generator) -> Reading:
        """Draw one reading of a page's words."""
        rank = rng.random()
        severity = {
            name: _quantile(q, rank if rng.random() < _ONE_CAUSE else rng.random())
            for name, q in self.severity.items()
        }
        texts = [w.text for w in words]
        boxes = _corners(words)
        hit, cuts = self._misread(texts, severity, rng)
        lost = self._lost(texts, severity["lost"], rng)
        rates = np.append(self.merged, 0.0)[np.searchsorted(self.gaps, gaps_behind(words, boxes))]
        merged = rng.random(len(words)) < severity["breaks"] * rates
        writer = _Writer()
        places: list[tuple[Place | None, ...]] = []
        for w, box in enumerate(self._ink(texts, boxes, rng).tolist()):
            if lost[w]:
                writer.cut()
                places.append((None,) * len(texts[w]))
                continue
            letters = self._spell(texts[w], rng) if hit[w] else texts[w]
            places.append(writer.put(texts[w], letters, box, cuts.get(w, ())))
            if not merged[w]:
                writer.cut()
        writer.cut()
        specks = self._specks(severity["specks"], rng)
        return Reading((*writer.read, *specks), tuple(places))

    def letter(self, character: str) -> Letter:
        """Return how a character is read; a rare one is read like others of its class."""
        return self.letters.get(character) or self.letters[letter_class(character)]

    def _rates(self, text: str) -> Floats:
        """Hazard and chance of a split of each character, [2, C]."""
        codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        rates = self._common[:, np.minimum(codes, 255)]
        for i in np.flatnonzero(codes > 255):
            letter = self.letter(text[i])
            rates[:, i] = letter.hazard, letter.split
        return rates

    def _misread(
        self, texts: Sequence[str], severity: Mapping[str, float], rng: np.random.Generator
    ) -> tuple[NDArray[np.bool_], dict[int, list[int]]]:
        """Which words are misread, [N], and behind which characters words are cut."""
        hazards, splits = self._rates("".join(texts))
        ends = np.cumsum([0, *map(len, texts)])
        doubt = np.diff(np.concatenate([[0.0], np.cumsum(hazards)])[ends])
        hit = rng.random(len(texts)) < 1 - np.exp(-severity["letters"] * doubt)
        cuts: dict[int, list[int]] = {}
        for at in np.flatnonzero(rng.random(len(splits)) < severity["breaks"] * splits):
            word = int(np.searchsorted(ends, at, side="right")) - 1
            if at + 1 < ends[word + 1]:
                cuts.setdefault(word, []).append(int(at - ends[word]))
        return hit, cuts

    def _lost(
        self, texts: Sequence[str], severity: float, rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Which words are not seen, [N]; they come in runs."""
        sizes = np.array([min(max(len(t), 1), len(self.lost)) - 1 for t in texts], dtype=np.int64)
        starts = severity * (1 - self.lost_again) * self.lost[sizes]
        lost: NDArray[np.bool_] = rng.random(len(texts)) < starts
        for start in np.flatnonzero(lost):
            lost[start : start + int(rng.geometric(1 - self.lost_again))] = True
        return lost

    def _spell(self, text: str, rng: np.random.Generator) -> list[str]:
        """Misread at least one character of a word, the doubtful ones first."""
        known = [self.letter(c) for c in text]
        doubt = np.cumsum([letter.hazard for letter in known])
        wrong = rng.random(len(text)) < self.burst
        wrong[np.searchsorted(doubt, rng.random() * doubt[-1], side="right") % len(text)] = True
        out = list(text)
        for i in np.flatnonzero(wrong):
            if known[i].readings:
                which = np.searchsorted(known[i].weights, rng.random(), side="right")
                out[i] = known[i].readings[min(int(which), len(known[i].readings) - 1)]
        return out

    def _ink(self, texts: Sequence[str], boxes: Floats, rng: np.random.Generator) -> Floats:
        """Return the boxes around the ink on a slightly turned page, [N, 4]."""
        shapes = np.array([self.shapes[shape_class(t)] for t in texts]).reshape(-1, 4, 3)
        wide = character_widths(texts, boxes)
        high = boxes[:, 3] - boxes[:, 1]
        page, word = rng.standard_normal(4), rng.standard_normal((len(texts), 4))
        moves = shapes[..., 0] + shapes[..., 1] * page + shapes[..., 2] * word
        moved = boxes + moves * np.stack([wide, high, wide, high], axis=1)
        slope = math.tan(math.radians(_quantile(self.degrees, float(rng.random()))))
        middle = (moved[:, :1] + moved[:, 2:3]) / 2
        moved[:, 1::2] -= slope * _LIKELY_SHAPE * (middle - 0.5)
        moved = moved.clip(0.0, 1.0)
        moved[:, 2:] = np.maximum(moved[:, :2], moved[:, 2:])
        return moved

    def _specks(self, severity: float, rng: np.random.Generator) -> list[Word]:
        """Words seen in dirt, lines and logos."""
        count = int(rng.poisson(severity * self.specks)) if self.speck_texts else 0
        out = []
        for _ in range(count):
            which = int(rng.integers(len(self.speck_texts)))
            size = self.speck_sizes[which]
            x, y = rng.random(2) * (1 - size)
            out.append(Word(self.speck_texts[which], Box.clipped(x, y, x + size[0], y + size[1])))
        return out


class _Writer:
    """Writes words letter by letter, and notes where each letter stands."""

    def __init__(self) -> None:
        self.read: list[Word] = []
        self._text = ""
        self._boxes: list[Box] = []

    def put(
        self, text: str, letters: Sequence[str], box: Sequence[float], cuts: Sequence[int]
    ) -> tuple[Place | None, ...]:
        """Write `letters` in place of a word's `text`, cut behind some of its characters."""
        word, at = len(self.read), len(self._text)
        if letters is text and not cuts:
            self._text += text
            self._boxes.append(Box(*box))
            return tuple([(word, at + c) for c in range(len(text))])
        places: list[Place | None] = []
        x0, y0, x1, y1 = box
        step, start = (x1 - x0) / max(len(text), 1), 0
        for end in (*(cut + 1 for cut in cuts), len(text)):
            for letter, true in zip(letters[start:end], text[start:end], strict=True):
                at = len(self._text) + max(letter.find(true), 0)
                places.append((len(self.read), at) if letter else None)
                self._text += letter
            self._boxes.append(Box(x0 + step * start, y0, min(x0 + step * end, x1), y1))
            if end < len(text):
                self.cut()
            start = end
        return tuple(places)

    def cut(self) -> None:
        """End the word."""
        if self._text:
            boxes = self._boxes
            self.read.append(Word(self._text, boxes[0] if len(boxes) == 1 else Box.around(boxes)))
        self._text, self._boxes = "", []


def _corners(words: Sequence[Word]) -> Floats:
    return np.array([w.box.as_tuple() for w in words], dtype=np.float64).reshape(-1, 4)


def _quantile(quantiles: Floats, rank: float) -> float:
    """Return the value at a rank (0..1) among evenly spaced quantiles."""
    return float(np.interp(rank * (len(quantiles) - 1), np.arange(len(quantiles)), quantiles))
