"""Two systems on the same questions: which answers differ, and who is right where they do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from docx_models import metrics
from docx_models.evaluate import Judged


@dataclass(frozen=True)
class Comparison:
    """Paired answers of two systems, `after` against `before`.

    `flipped` is the share of answers whose text differs or that only one system found, `low`
    and `high` its 95 % interval over documents. `won` and `lost` count answers that became
    right and wrong; `p` is the chance of so uneven a split if neither were likelier (McNemar's
    exact test).
    """

    before: str
    after: str
    answers: int
    flips: int
    flipped: float
    low: float
    high: float
    won: int
    lost: int
    p: float

    @property
    def worse(self) -> bool:
        """Whether `after` answers fewer questions rightly than `before`."""
        return self.lost > self.won

    def to_mapping(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)

    def line(self) -> str:
        """Say it in a line."""
        return (
            f"{self.after} against {self.before}: {self.flips} of {self.answers} answers differ, "
            f"{100 * self.flipped:.2f} % [{100 * self.low:.2f}-{100 * self.high:.2f}]; "
            f"{self.won} won, {self.lost} lost, p = {self.p:.2f}\n"
        )


def compare(
    before: tuple[str, Sequence[Judged]], after: tuple[str, Sequence[Judged]]
) -> Comparison | None:
    """Compare two systems, each given by name with its answers to the same questions in order.

    Returns:
        None if nothing was asked.
    """
    pairs = list(zip(before[1], after[1], strict=True))
    if not pairs:
        return None
    documents: dict[str, list[float]] = {}
    for a, b in pairs:
        documents.setdefault(a.document, []).append(float(_differ(a, b)))
    flips = sum(map(sum, documents.values()))
    low, high = metrics.bootstrap(list(documents.values()))
    if not flips:
        # The bootstrap cannot see what did not happen: the rate that would flip an answer in
        # one of so many documents with a chance of 95 %.
        high = 1 - 0.05 ** (1 / len(documents))
    won = sum(b.typed > a.typed for a, b in pairs)
    lost = sum(b.typed < a.typed for a, b in pairs)
    share = flips / len(pairs)
    p = sign_test(won, lost)
    return Comparison(before[0], after[0], len(pairs), int(flips), share, low, high, won, lost, p)


def _differ(a: Judged, b: Judged) -> bool:
    return (a.answer.found, a.answer.text) != (b.answer.found, b.answer.text)


def sign_test(won: int, lost: int) -> float:
    """Two-sided exact probability of a split at least so uneven, if both are equally likely."""
    count = won + lost
    tail: float = sum(math.comb(count, k) for k in range(min(won, lost) + 1)) / 2**count
    return min(1.0, 2 * tail)
