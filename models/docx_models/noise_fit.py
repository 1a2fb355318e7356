"""Fitting the model of OCR's mistakes on scanned synthetic pages, and measuring both alike."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from docx_cli.document import Box, Word
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models.aligning import align, corners
from docx_models.noise import Noise, character_widths, gaps_behind, letter_class, shape_class
from docx_models.readings import Reading

CLASSES = ("digit", "upper", "lower", "foreign", "mark", "symbol")
SHAPES = ("tall", "low", "tall-deep", "low-deep", "mark")
GAPS = (0.15, 0.3, 0.45, 0.6, 0.8, 1.2, 2.0)
LENGTHS = 5
_QUANTILES = np.linspace(0.0, 1.0, 21)
# A character seen less often than this is read like others of its class.
_ENOUGH = 40
_SPECKS_KEPT = 300
_DRAWS = 5  # readings of each page that the model is measured on
_READINGS_KEPT = 12


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """True words as they lie in the picture, what OCR made of them, and the skew in degrees."""

    true: list[Word]
    reading: Reading
    degrees: float


@dataclass
class Counts:
    """What was counted on one page, or on several added up."""

    words: int = 0
    wrong: int = 0
    """Words seen, but with other letters than printed; breaks do not count."""
    lost: Counter[int] = field(default_factory=Counter)
    """Words not seen, by their length."""
    lengths: Counter[int] = field(default_factory=Counter)
    runs: Counter[bool] = field(default_factory=Counter)
    """Of the words behind a lost one, how many were lost as well."""
    letters: Counter[str] = field(default_factory=Counter)
    """True characters of the words seen."""
    readings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Those misread, and as what."""
    inner: Counter[str] = field(default_factory=Counter)
    """Characters with another one of the same word behind them."""
    splits: Counter[str] = field(default_factory=Counter)
    """Those behind which the word was cut."""
    gaps: Counter[int] = field(default_factory=Counter)
    merged: Counter[int] = field(default_factory=Counter)
    specks: list[tuple[str, float, float]] = field(default_factory=list)
    moves: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    wrong_letters: int = 0
    """Characters of the wrong words."""

    def add(self, other: Counts) -> None:
        """Add another page's counts."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if isinstance(value, int):
                setattr(self, name, mine + value)
            elif isinstance(value, list):
                mine.extend(value)
            elif isinstance(value, Counter):
                mine.update(value)
            else:
                for key, rows in value.items():
                    mine[key].extend(rows)


def count(true: Sequence[Word], reading: Reading) -> Counts:
    """Count one page's mistakes.

    Args:
        true: the words that are printed, with boxes as they lie in the picture.
        reading: what was read in their place.
    """
    counts = Counts(words=len(true))
    spelled, used = _spelling(true, reading)
    for w, word in enumerate(true):
        size = min(len(word.text), LENGTHS)
        counts.lengths[size] += 1
        lost = not any(reading.places[w])
        counts.lost[size] += lost
        if w and not any(reading.places[w - 1]):
            counts.runs[lost] += 1
        if not lost:
            _count_letters(counts, word.text, spelled[w])
            _count_splits(counts, word.text, reading.places[w])
    _count_merges(counts, true, reading)
    _count_moves(counts, true, reading)
    for v, word in enumerate(reading.words):
        if v not in used:
            width, height = word.box.x1 - word.box.x0, word.box.y1 - word.box.y0
            counts.specks.append((word.text, round(width, 4), round(height, 4)))
    return counts


def _spelling(true: Sequence[Word], reading: Reading) -> tuple[list[list[str]], set[int]]:
    """What each true character was read as, and which of the words read hold any of them.

    Characters that only OCR saw belong to the one before them in their word, or else behind.
    """
    spelled = [[""] * len(word.text) for word in true]
    sources: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for w, places in enumerate(reading.places):
        for c, place in enumerate(places):
            if place:
                sources[place[0]].append((place[1], w, c))
    for v, found in sources.items():
        found.sort()
        text, starts = reading.words[v].text, [0, *(at for at, _, _ in found[1:])]
        for start, end, (_, w, c) in zip(starts, [*starts[1:], len(text)], found, strict=True):
            spelled[w][c] = text[start:end]
    return spelled, set(sources)


def _count_letters(counts: Counts, text: str, spelled: Sequence[str]) -> None:
    counts.letters.update(text)
    wrong = [(c, s) for c, s in zip(text, spelled, strict=True) if c != s]
    counts.readings.update(wrong)
    if wrong:
        counts.wrong += 1
        counts.wrong_letters += len(text)


def _count_splits(counts: Counts, text: str, places: Sequence[tuple[int, int] | None]) -> None:
    for character, one, other in zip(text, places, places[1:], strict=False):
        if one and other:
            counts.inner[character] += 1
            counts.splits[character] += one[0] != other[0]


def _count_merges(counts: Counts, true: Sequence[Word], reading: Reading) -> None:
    gaps = np.searchsorted(GAPS, gaps_behind(true, corners(true)))
    for w, gap in enumerate(gaps[:-1].tolist()):
        ends, starts = reading.places[w], reading.places[w + 1]
        last = next((p for p in reversed(ends) if p), None)
        first = next((p for p in starts if p), None)
        if last and first and gap < len(GAPS):
            counts.gaps[gap] += 1
            counts.merged[gap] += last[0] == first[0]


def _count_moves(counts: Counts, true: Sequence[Word], reading: Reading) -> None:
    """Compare the boxes of words that were read as they are printed."""
    texts, boxes = [w.text for w in true], corners(true)
    wide, high = character_widths(texts, boxes), boxes[:, 3] - boxes[:, 1]
    for w, places in enumerate(reading.places):
        read = places[0] if places else None
        if read and reading.words[read[0]].text == texts[w] and high[w] > 0 and wide[w] > 0:
            scale = np.array([wide[w], high[w], wide[w], high[w]])
            move = (np.array(reading.words[read[0]].box.as_tuple()) - boxes[w]) / scale
            counts.moves[shape_class(texts[w])].append(move.tolist())


def scanned_pages(folder: Path) -> list[ScannedPage]:
    """Read what `scans.write_scans` wrote.

    Raises:
        FileAccessError: there are no shards, or they cannot be read.
        UnsupportedInputError: a page was not scanned.
    """
    shards = sorted(folder.glob("*.jsonl"))
    if not shards:
        raise FileAccessError("no *.jsonl shards in this folder", source=str(folder))
    return [page for shard in shards for page in _pages_of(shard)]


def _pages_of(shard: Path) -> Iterator[ScannedPage]:
    for line in shard.read_text(encoding="utf-8").splitlines():
        try:
            raw = json.loads(line)
            true, read = _words(raw["true_words"]), _words(raw["words"])
            degrees = float(raw["damage"]["degrees"])
        except (ValueError, KeyError, TypeError) as error:
            message = f"holds a page that was not scanned: {error!r}"
            raise UnsupportedInputError(message, source=str(shard)) from error
        yield ScannedPage(true, align(true, read), degrees)


def _words(listed: Iterable[Sequence[Any]]) -> list[Word]:
    return [Word(text, Box.clipped(*box)) for text, *box in listed]


def fit(pages: Sequence[ScannedPage]) -> dict[str, Any]:
    """Return a noise model as `Noise.from_mapping` takes it.

    Args:
        pages: as `scanned_pages` returns them.
    """
    single = [count(page.true, page.reading) for page in pages]
    total = sum_of(single)
    letters = _letters(total)
    seen = total.words - total.lost.total()
    return {
        "letters": letters,
        "severity": _severity(single, total),
        "burst": _rate(total.readings.total() - total.wrong, total.wrong_letters - total.wrong),
        "lost": [_rate(total.lost[n], total.lengths[n]) for n in range(1, LENGTHS + 1)],
        "lost_again": min(_rate(total.runs[True], total.runs.total()), 0.95),
        "gaps": list(GAPS),
        "merged": [_rate(total.merged[n], total.gaps[n]) for n in range(len(GAPS))],
        "specks": _rate(len(total.specks), len(pages)),
        "speck_texts": [text for text, _, _ in total.specks[:_SPECKS_KEPT]],
        "speck_sizes": [[w, h] for _, w, h in total.specks[:_SPECKS_KEPT]],
        "shapes": _shapes(total.moves),
        "degrees": [
            round(float(q), 2) for q in np.quantile([p.degrees for p in pages], _QUANTILES)
        ],
        "fitted_on": {"pages": len(pages), "words": total.words, "seen": seen},
    }


def sum_of(pages: Iterable[Counts]) -> Counts:
    """Add up the counts of pages."""
    total = Counts()
    for page in pages:
        total.add(page)
    return total


def rates(pages: Sequence[tuple[Sequence[Word], Reading]]) -> dict[str, float]:
    """Return how often OCR, or the model of it, errs; shares unless said otherwise."""
    single = [count(true, reading) for true, reading in pages]
    total = sum_of(single)
    seen = total.words - total.lost.total()
    bad = [_rate(c.wrong + c.lost.total(), c.words) for c in single]
    return {
        "pages": len(single),
        "words_wrong": _rate(total.wrong, seen),
        "words_lost": _rate(total.lost.total(), total.words),
        "words_split": _rate(total.splits.total(), seen),
        "words_merged": _rate(total.merged.total(), seen),
        "specks_a_page": _rate(len(total.specks), len(single)),
        "characters_wrong": _rate(total.readings.total(), total.letters.total()),
        **{f"page_wrong_p{q}": round(float(np.percentile(bad, q)), 4) for q in (25, 50, 75, 90)},
    }


def write(fitted: Mapping[str, Any], path: Path) -> None:
    """Write a fitted model, a line for each key; raise `FileAccessError` where that fails."""
    lines = (f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in fitted.items())
    try:
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be written", source=str(path)) from error


def compare(pages: Sequence[ScannedPage], model: Path | None = None) -> dict[str, dict[str, float]]:
    """Return the rates of OCR and of a noise model, the package's by default, on the same pages."""
    noise, rng = Noise.load(model), np.random.default_rng(0)
    drawn = [(p.true, noise.read(p.true, rng)) for p in pages for _ in range(_DRAWS)]
    return {"ocr": rates([(p.true, p.reading) for p in pages]), "model": rates(drawn)}


def _rate(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0


def _letters(total: Counts) -> dict[str, list[Any]]:
    """Hazard, chance of a split, and readings with their weights, by character and class."""
    classes = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    readings: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: Counter[str] = Counter()
    for (character, reading), times in total.readings.items():
        wrong[character] += times
        readings[character][reading] += times
        readings[letter_class(character)][reading] += times
    for mine, counter in zip(
        classes, (total.letters, wrong, total.inner, total.splits), strict=True
    ):
        for character, times in counter.items():
            mine[letter_class(character)] += times
    out = {name: _letter(name, *classes, readings) for name in CLASSES}
    for character, times in total.letters.items():
        if times >= _ENOUGH:
            tables = (total.letters, wrong, total.inner, total.splits)
            out[character] = _letter(character, *tables, readings)
    return out


def _letter(
    name: str,
    seen: Counter[str],
    wrong: Counter[str],
    inner: Counter[str],
    splits: Counter[str],
    readings: dict[str, Counter[str]],
) -> list[Any]:
    hazard = -math.log(1 - min(_rate(wrong[name], seen[name]), 0.98))
    kept = dict(readings[name].most_common(_READINGS_KEPT))
    return [round(hazard, 5), _rate(splits[name], inner[name]), kept]


def _severity(single: Sequence[Counts], total: Counts) -> dict[str, list[float]]:
    """Quantiles over pages of how often things went wrong, in units of what to expect."""

    def quantiles(found: Sequence[float], expected: Sequence[float]) -> list[float]:
        ratios = [f / e for f, e in zip(found, expected, strict=True) if e > 0] or [1.0]
        return [round(float(q), 3) for q in np.quantile(ratios, _QUANTILES)]

    def expected(part: float, whole: float, sizes: Sequence[int]) -> list[float]:
        return [part / max(whole, 1) * size for size in sizes]

    breaks = [c.splits.total() + c.merged.total() for c in single]
    words, seen = [c.words for c in single], [c.letters.total() for c in single]
    lost, specks = [c.lost.total() for c in single], [len(c.specks) for c in single]
    wrong = [c.readings.total() for c in single]
    return {
        "letters": quantiles(wrong, expected(sum(wrong), sum(seen), seen)),
        "lost": quantiles(lost, expected(sum(lost), sum(words), words)),
        "breaks": quantiles(breaks, expected(sum(breaks), sum(words), words)),
        "specks": quantiles(specks, [sum(specks) / len(single)] * len(single)),
    }


def _shapes(moves: dict[str, list[list[float]]]) -> dict[str, list[list[float]]]:
    """Means and standard deviations of the moves of each side, the wildest tenth left out."""
    out = {}
    for name in SHAPES:
        rows = np.array(moves.get(name) or [[0.0] * 4])
        low, high = np.quantile(rows, (0.05, 0.95), axis=0)
        cut = np.clip(rows, low, high)
        out[name] = np.stack([cut.mean(axis=0), cut.std(axis=0)], axis=1).round(4).tolist()
    return out
