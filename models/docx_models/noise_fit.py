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
from docx_models.noise import (
    Floats,
    Noise,
    character_widths,
    gaps_behind,
    letter_class,
    shape_class,
)
from docx_models.readings import Reading

CLASSES = ("digit", "upper", "lower", "foreign", "mark", "symbol")
SHAPES = ("tall", "low", "tall-deep", "low-deep", "mark")
GAPS = (0.3, 0.45, 0.6, 0.8, 1.2, 2.0)
LENGTHS = 5
_QUANTILES = np.linspace(0.0, 1.0, 21)
# A character seen less often than this is read like others of its class.
_ENOUGH = 40
_SPECKS_KEPT = 300
_READINGS_KEPT = 12
_ROUNDS = 3  # of adjusting the model
_DRAWS = 2  # readings of each page that it is measured on
_NORMAL = 1.4826  # standard deviations by median absolute deviations


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
            else:
                mine.update(value)


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
    specks = total.specks[:: 1 + len(total.specks) // _SPECKS_KEPT]
    fitted = {
        "letters": _letters(total),
        "severity": _severity(single),
        "burst": _rate(total.readings.total() - total.wrong, total.wrong_letters - total.wrong),
        "lost": [_rate(total.lost[n], total.lengths[n]) for n in range(1, LENGTHS + 1)],
        "lost_again": min(_rate(total.runs[True], total.runs.total()), 0.95),
        "gaps": list(GAPS),
        "merged": [_rate(total.merged[n], total.gaps[n]) for n in range(len(GAPS))],
        "specks": _rate(len(total.specks), len(pages)),
        "speck_texts": [text for text, _, _ in specks],
        "speck_sizes": [[w, h] for _, w, h in specks],
        "shapes": _shapes(pages),
        "degrees": [
            round(float(q), 2) for q in np.quantile([p.degrees for p in pages], _QUANTILES)
        ],
        "fitted_on": {"pages": len(pages), "words": total.words},
    }
    return _adjusted(fitted, pages)


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
    short = json.loads(json.dumps(fitted), parse_float=lambda text: round(float(text), 5))
    lines = (f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in short.items())
    try:
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be written", source=str(path)) from error


def compare(pages: Sequence[ScannedPage], model: Path | None = None) -> dict[str, dict[str, float]]:
    """Return the rates of OCR and of a noise model, the package's by default, on the same pages."""
    drawn = _drawn(Noise.load(model), pages)
    return {"ocr": rates([(p.true, p.reading) for p in pages]), "model": rates(drawn)}


def _drawn(noise: Noise, pages: Sequence[ScannedPage]) -> list[tuple[list[Word], Reading]]:
    rng = np.random.default_rng(0)
    return [(page.true, noise.read(page.true, rng)) for page in pages for _ in range(_DRAWS)]


def _rate(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0


def _letters(total: Counts) -> dict[str, list[Any]]:
    """Hazard, chance of a split, and readings with their weights, by character and class."""
    readings: dict[str, Counter[str]] = defaultdict(Counter)
    for (character, reading), times in total.readings.items():
        readings[character][reading] += times
        readings[letter_class(character)][reading] += times
    seen, inner, splits = map(_with_classes, (total.letters, total.inner, total.splits))
    out = {}
    for name in (*CLASSES, *(c for c, times in total.letters.items() if times >= _ENOUGH)):
        wrong = min(_rate(readings[name].total(), seen[name]), 0.98)
        kept = dict(readings[name].most_common(_READINGS_KEPT))
        out[name] = [
            -math.log(1 - wrong), _rate(splits[name], inner[name]), kept
        ]  # fmt: skip
    return out


def _with_classes(characters: Counter[str]) -> Counter[str]:
    out = Counter(characters)
    for character, times in characters.items():
        out[letter_class(character)] += times
    return out


def _adjusted(fitted: dict[str, Any], pages: Sequence[ScannedPage]) -> dict[str, Any]:
    """Scale the rates until readings drawn from the model err as often as OCR did.

    Mistakes cluster in bad words and on bad pages, where not all of those that are drawn come
    about: a lost word is not misread as well.
    """
    wanted = rates([(p.true, p.reading) for p in pages])
    for _ in range(_ROUNDS):
        found = rates(_drawn(Noise.from_mapping(fitted), pages))
        words, lost, merged, split, characters = (
            min(max(wanted[name] / found[name], 0.5), 2.0) if wanted[name] and found[name] else 1.0
            for name in (
                "words_wrong", "words_lost", "words_merged", "words_split", "characters_wrong",
            )
        )  # fmt: skip
        fitted = fitted | {
            "letters": {n: [h * words, s * split, r] for n, (h, s, r) in fitted["letters"].items()},
            "burst": min(fitted["burst"] * characters / words, 1.0),
            "lost": [rate * lost for rate in fitted["lost"]],
            "merged": [rate * merged for rate in fitted["merged"]],
        }
    return fitted


def _severity(single: Sequence[Counts]) -> dict[str, list[float]]:
    """Quantiles over pages of how often things went wrong, in units of what to expect."""

    def quantiles(found: Sequence[float], expected: Sequence[float]) -> list[float]:
        ratios = [f / e for f, e in zip(found, expected, strict=True) if e > 0] or [1.0]
        values = np.quantile(ratios, _QUANTILES)
        return [round(float(v), 3) for v in values / (np.trapezoid(values, _QUANTILES) or 1.0)]

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


def _shapes(pages: Sequence[ScannedPage]) -> dict[str, list[list[float]]]:
    """Mean move of each side, its spread over pages and over the words of a page, [4, 3].

    Medians throughout: some boxes of OCR reach over the next line, which is another mistake.
    """
    moved = [_moves(page) for page in pages]
    out = {}
    for name in SHAPES:
        rows = [moves[name] for moves in moved if name in moves]
        if not rows:
            out[name] = [[0.0] * 3] * 4
            continue
        middles = np.array([np.median(moves, axis=0) for moves in rows])
        within = np.concatenate([m - middle for m, middle in zip(rows, middles, strict=True)])
        middle = np.median(middles, axis=0)
        spreads = [_spread(middles - middle), _spread(within)]
        out[name] = np.stack([middle, *spreads], axis=1).round(4).tolist()
    return out


def _moves(page: ScannedPage) -> dict[str, Floats]:
    """How the boxes of words read as they are printed differ from the true ones, by shape."""
    texts, true = [w.text for w in page.true], corners(page.true)
    firsts = [places[0][0] if places and places[0] else -1 for places in page.reading.places]
    same = [w for w, v in enumerate(firsts) if v >= 0 and page.reading.words[v].text == texts[w]]
    read = corners([page.reading.words[firsts[w]] for w in same])
    wide, high = character_widths(texts, true), true[:, 3] - true[:, 1]
    scale = np.stack([wide, high, wide, high], axis=1)[same]
    moves = (read - true[same]) / np.maximum(scale, 1e-6)
    shapes = np.array([shape_class(texts[w]) for w in same])
    return {name: moves[shapes == name] for name in SHAPES if (shapes == name).any()}


def _spread(moves: Floats) -> Floats:
    """Standard deviation of a normal distribution with these deviations, [4]."""
    return np.asarray(_NORMAL * np.median(np.abs(moves), axis=0))
