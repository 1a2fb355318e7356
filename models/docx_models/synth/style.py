"""How one page looks: paper, type, colours, and how keys are set."""

from __future__ import annotations

import random
from dataclasses import dataclass

SANS = "Liberation Sans"
MONO = "Liberation Mono"
# Each with what replaces it on a machine that lacks it; the last ones come with typst.
FONTS = {
    SANS: 8,
    "DejaVu Sans": 3,
    "Liberation Serif": 3,
    MONO: 2,
    "DejaVu Sans Mono": 1,
    "DejaVu Serif": 1,
    "Libertinus Serif": 1,
    "New Computer Modern": 1,
}
FALLBACK = "Libertinus Serif"
ACCENTS = ("#1f4e79", "#7a1f2b", "#2d5f3f", "#333333", "#000000", "#b35900", "#5b3a8c", "#006d77")


@dataclass(frozen=True, slots=True)
class Style:
    """What is sampled once a page; lengths are PDF points, a height of 0 grows with the text."""

    width: float
    height: float
    margin: float
    font: str
    narrow: bool
    size: float
    leading: float
    accent: str
    key_weight: str
    key_size: float
    key_case: str
    title_case: str
    colon: str
    pair_layout: str
    boxed: bool
    upper: bool

    def cased(self, label: str) -> str:
        """Return a key as this page prints it."""
        return recase(label, self.key_case)

    def title_cased(self, title: str) -> str:
        """Return a title as this page prints it."""
        return recase(title, self.title_case)


def recase(text: str, case: str) -> str:
    """Return `text` in a case: as it is, upper, lower or capitalised."""
    if case == "upper":
        return text.upper()
    if case == "lower":
        return text.lower()
    if case == "capital":
        return text[:1].upper() + text[1:].lower()
    return text


PAIR_LAYOUTS = {"columns": 6, "inline": 6, "stacked": 2, "boxes": 2, "row": 1, "right": 2}


def weighted(rng: random.Random, table: dict[str, int]) -> str:
    """Choose a key with its weight."""
    return rng.choices(list(table), list(table.values()))[0]


def sample_style(rng: random.Random, *, paper: str = "sheet") -> Style:
    """Sample a page's looks; `paper` is "sheet" (A4 or Letter) or "roll" (a receipt's)."""
    width, height = rng.choice(((612.0, 792.0), (595.0, 842.0), (612.0, 792.0), (595.0, 842.0)))
    if paper == "roll":
        width, height = rng.uniform(170, 330), 0.0
    elif rng.random() < 0.06:
        width, height = height, width
    size = rng.uniform(7.0, 12.0)
    return Style(
        width=round(width, 1),
        height=height,
        margin=round(rng.uniform(8, 22) if paper == "roll" else rng.uniform(28, 62), 1),
        font=weighted(rng, FONTS),
        narrow=rng.random() < 0.12,
        size=round(size, 1),
        leading=round(rng.uniform(0.4, 0.75), 2),
        accent=rng.choice(ACCENTS),
        key_weight=rng.choice(("regular", "bold", "regular", "bold", "regular")),
        key_size=rng.choice((1.0, 1.0, 1.0, 0.85, 0.75)),
        key_case=rng.choice(("as is", "as is", "as is", "upper", "capital", "lower")),
        title_case=rng.choice(("as is", "upper", "upper")),
        colon=rng.choice((":", ":", ":", "", "", " :", "apart", "apart value")),
        pair_layout=weighted(rng, PAIR_LAYOUTS),
        boxed=rng.random() < 0.25,
        upper=rng.random() < (0.6 if paper == "roll" else 0.1),
    )
