"""How answers are scored: exact match, ANLS, intervals, calibration.

Exact match and ANLS compare strings as they are printed, the type-aware match what they mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_models import denotation, values

ANLS_THRESHOLD = 0.5
LONGEST_UNIT = 3
"""Letters that may stand beside an amount or a date: EUR, RM, Mon."""

# Punctuation and spaces are noise of OCR and labelling, but not where they carry a number:
# the decimal mark, the parts of a date or a time, the sign. A comma before three digits or
# more separates thousands or parts of an address, and is noise again.
_NUMERIC_MARK = r"(?<=\d)[.:/-](?=\d)|(?<=\d),(?=\d{1,2}(?!\d))|(?<!\w)-(?=\d)"
_KEPT = re.compile(rf"{_NUMERIC_MARK}|[^\W_]")


def plain(text: str) -> str:
    """Return what exact match compares: casefolded letters, digits and the marks in numbers."""
    return "".join(_KEPT.findall(unicodedata.normalize("NFKC", text).casefold()))


def exact_match(found: str, golds: Sequence[str]) -> float:
    """Return 1.0 if `found` equals one of the gold strings (see `plain`), else 0.0."""
    wanted = plain(found)
    return float(bool(wanted) and any(plain(gold) == wanted for gold in golds))


def typed_match(kind: str, found: str, golds: Sequence[str]) -> float:
    """Return 1.0 if `found` is the value of one of the gold strings, printed in any way.

    A line that holds the value among other things is not it: beside the amount or the date
    only marks and a word of up to three letters may stand, such as a currency or a weekday.

    Args:
        kind: money, date or text; denotation and truth as in `docx_models.denotation`.
        found: the answer.
        golds: equally good values; of a denotation all its values.
    """
    if kind == "denotation":
        return denotation.match(found, golds)
    if kind == "truth":
        return denotation.truth_match(found, golds)
    if exact_match(found, golds):
        return 1.0
    alone = kind == "text" or stands_alone(kind, found)
    return float(alone and any(values.same(kind, found, gold) for gold in golds))


def stands_alone(kind: str, text: str) -> bool:
    """Say whether a text is an amount or a date and hardly anything else."""
    pattern = values.MONEY_PATTERN if kind == "money" else values.DATE_PATTERN
    value = pattern.search(text)
    if value is None:
        return False
    rest = [c for c in text[: value.start()] + text[value.end() :] if c.isalnum()]
    return len(rest) <= LONGEST_UNIT and not any(c.isdigit() for c in rest)


def kind_of(answer: str) -> str:
    """Tell from a printed value how it compares: as a date, as money, or as text."""
    if stands_alone("date", answer) and values.dates(answer):
        return "date"
    amount = values.MONEY_PATTERN.search(answer)
    decimal = amount is not None and amount.group()[-3:-2] in (".", ",")
    return "money" if decimal and stands_alone("money", answer) else "text"


def edit_distance(a: str, b: str) -> int:
    """Return the Levenshtein distance: insertions, deletions and substitutions cost 1."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def anls(found: str, golds: Sequence[str], threshold: float = ANLS_THRESHOLD) -> float:
    """Average normalised Levenshtein similarity of one answer (Biten et al., ICCV 2019, eq. 1).

    Case and the amount of white space do not count. The best gold string counts; a distance
    of `threshold` or more, as a share of the longer string, gives 0.
    """
    wanted = _spaced(found)
    best = 0.0
    for gold in map(_spaced, golds):
        longest = max(len(wanted), len(gold))
        distance = edit_distance(wanted, gold) / longest if longest else 0.0
        best = max(best, 1.0 - distance if distance < threshold else 0.0)
    return best


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def bootstrap(
    documents: Sequence[Sequence[float]], *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of the mean score, by the percentile bootstrap.

    Documents are drawn anew, not questions: those of one page stand or fall together.

    Args:
        documents: the scores of each document's questions.
        draws: how many sets of documents are drawn.
        seed: equal seeds give equal intervals.

    Raises:
        ValueError: there is no score at all.
    """
    parts = [(sum(scores), len(scores)) for scores in documents]
    return bootstrap_ratio(parts, draws=draws, seed=seed)


def bootstrap_ratio(
    documents: Sequence[tuple[float, float]], *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of a ratio of sums, such as an F-score, over documents.

    Args:
        documents: each one's part of the upper and of the lower sum; those without a lower
            part are left out.
        draws: how many sets of documents are drawn.
        seed: equal seeds give equal intervals.

    Raises:
        ValueError: no document has a lower part.
    """
    parts = np.array(documents, dtype=np.float64).reshape(-1, 2)
    return _interval(_ratios(parts[parts[:, 1] > 0], draws, seed))


def bootstrap_difference(
    ours: Sequence[tuple[float, float]],
    theirs: Sequence[tuple[float, float]],
    *,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two ratios of sums, paired by document.

    Both are taken over the same drawn documents: a hard one is hard for both, so the interval is
    narrower than those of the ratios by themselves tell.

    Args:
        ours: each document's part of the upper and of the lower sum.
        theirs: the same, of the same documents, of what is taken off.
        draws: how many sets of documents are drawn.
        seed: equal seeds give equal intervals.

    Raises:
        ValueError: no document has a lower part.
    """
    parts = np.array([ours, theirs], dtype=np.float64).reshape(2, -1, 2)
    counted = parts[:, (parts[:, :, 1] > 0).any(axis=0)]
    return _interval(_ratios(counted[0], draws, seed) - _ratios(counted[1], draws, seed))


def _ratios(documents: NDArray[np.float64], draws: int, seed: int) -> NDArray[np.float64]:
    """Ratio of the sums of documents drawn anew, [draws]; 1 where there is nothing to divide by.

    Equal seeds draw equal documents.
    """
    if not len(documents):
        raise ValueError("there are no scores to take an interval of")
    chosen = np.random.default_rng(seed).integers(len(documents), size=(draws, len(documents)))
    upper, lower = documents[chosen].sum(axis=1).T
    return np.asarray(np.divide(upper, lower, out=np.ones(draws), where=lower > 0))


def _interval(drawn: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


@dataclass(frozen=True)
class Bin:
    """Answers of like confidence: how many, how sure on average, which share of them right."""

    count: int
    confidence: float
    right: float


def reliability(confidences: Sequence[float], correct: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Sort answers into bins of equal width; empty bins are left out."""
    sure, right = _arrays(confidences, correct)
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    return [
        Bin(int(here.sum()), float(sure[here].mean()), float(right[here].mean()))
        for here in (place == b for b in np.unique(place))
    ]


def calibration_error(
    confidences: Sequence[float], correct: Sequence[bool], bins: int = 10
) -> float:
    """Return the expected calibration error over bins of equal width (Guo et al., ICML 2017).

    It is the mean distance between confidence and share correct, weighted by the bins' sizes.
    """
    filled = reliability(confidences, correct, bins)
    return sum(b.count * abs(b.right - b.confidence) for b in filled) / len(confidences)


def risk_coverage(confidences: Sequence[float], correct: Sequence[bool]) -> list[float]:
    """Return the share wrong among the k most confident answers, for k from 1 to all.

    Equal confidences keep the order they come in.
    """
    sure, right = _arrays(confidences, correct)
    wrong = 1.0 - right[np.argsort(-sure, kind="stable")]
    return [float(v) for v in np.cumsum(wrong) / np.arange(1, len(wrong) + 1)]


def risk_coverage_area(confidences: Sequence[float], correct: Sequence[bool]) -> float:
    """Return the area under the risk-coverage curve (Geifman and El-Yaniv, NeurIPS 2017).

    It is the mean of the risks at all coverages (see `risk_coverage`).
    """
    risks = risk_coverage(confidences, correct)
    return sum(risks) / len(risks)


def _arrays(
    confidences: Sequence[float], correct: Sequence[bool]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not confidences:
        raise ValueError("there are no answers to measure")
    return np.array(confidences, dtype=np.float64), np.array(correct, dtype=np.float64)
