"""Headings of columns and the fields they name: how like they are, and which is whose."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from docx_cli.fields import Field

NAMED = 0.5
"""Likeness of a heading and a field from which the column is that field's."""
REQUIRED = 0.25
"""What a field gains that must have a column, where one column may be of several fields."""


@cache
def synonyms(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return what else may stand over the column of a field that goes by some labels.

    A field that goes by what one of the invoice's columns is called, has its labels too.
    """
    from docx_cli.short_schema import find

    own = {bare(label) for label in labels}
    ready = [field.labels for rows in find("invoice").rows for field in rows.fields]
    like = (known for known in ready if own & {bare(label) for label in known})
    return tuple(dict.fromkeys([*labels, *next(like, ())]))


def alike(heading: str, label: str) -> float:
    """Return how well a heading fits a label: 1 for equal letters and digits, 0 for strangers."""
    (whole, words), (wanted, asked) = _spelled(heading), _spelled(label)
    if not wanted or not whole:
        return 0.0
    if whole == wanted:
        return 1.0
    if set(asked) <= set(words):
        return 0.6 + 0.3 * len(asked) / len(words)
    return NAMED if len(wanted) > 3 and wanted in whole else 0.0


@lru_cache(maxsize=4096)  # each heading of a page stands beside all labels, and each label anew
def _spelled(text: str) -> tuple[str, list[str]]:
    """Return a text's letters and digits, and its words."""
    return bare(text), re.findall(r"\w+", text.casefold())


def bare(text: str) -> str:
    """Return a text's letters and digits."""
    return "".join(c for c in text.casefold() if c.isalnum())


def field_columns(
    fields: Sequence[Field],
    headings: Sequence[Sequence[str]],
    fitting: Callable[[Field, int], float | None] = lambda field, column: 0.0,
) -> tuple[dict[str, int], float]:
    """Give columns to fields, the likeliest pair first.

    Args:
        fields: of a row.
        headings: of each column what may be its heading.
        fitting: how well a column's cells suit a field, 0 to 1; None where they do not.

    Returns:
        The column of each field that has one, and how well all of them fit.
    """
    pairs = []
    for field in fields:
        asked = synonyms(field.labels)
        for column, texts in enumerate(headings):
            likeness = max(alike(text, label) for text in texts for label in asked)
            suits = fitting(field, column) if likeness >= NAMED else None
            if suits is not None:
                points = likeness + suits / 4 + REQUIRED * field.required
                pairs.append((points, field.name, column))
    taken: dict[str, int] = {}
    score = 0.0
    for points, name, column in sorted(pairs, key=lambda pair: -pair[0]):
        if name not in taken and column not in taken.values():
            taken[name] = column
            score += points
    return taken, score
