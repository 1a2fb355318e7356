"""A PDF form's fields and the key-values of its page become one list.

What was typed into a field is known; which printed words are its key the model tells better than
the names in the file, which read "f1_01[0]" as often as "Date of birth".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docx_cli.document import Box, Evidence, FormField, KeyValue, TextRegion, Word

SURE_OF_KEY = 0.5
"""Confidence of a pair on the page from which its key goes before the field's own name."""

STATES = {True: "checked", False: "unchecked"}
"""How the state of a check box is told."""


def merge(
    page: int, words: Sequence[Word], pairs: Iterable[KeyValue], fields: Sequence[FormField]
) -> list[KeyValue]:
    """Put the fields that say something in the place of what was read in their boxes.

    A text or a choice says something if it is not empty, a check box always, of radio
    buttons the one that is chosen. What was read elsewhere stays as it is.

    Args:
        page: the page's number.
        words: all words of the page.
        pairs: what was found in them.
        fields: the form's fields on this page.

    Returns:
        The pairs from top to bottom where there are fields, else as they came.
    """
    rest = list(pairs)
    filled = []
    for field in fields:
        if not (field.value if field.checked is None else field.checked or field.kind != "radio"):
            continue
        inside = [pair for pair in rest if _lies_in(pair.value.evidence, field.box)]
        rest = [pair for pair in rest if pair not in inside]
        likeliest = max(inside, key=lambda pair: pair.confidence, default=None)
        filled.append(_pair(page, words, field, likeliest))
    if not filled:
        return rest
    return sorted([*rest, *filled], key=lambda pair: pair.value.evidence.box.center[::-1])


def _pair(page: int, words: Sequence[Word], field: FormField, printed: KeyValue | None) -> KeyValue:
    """Make the pair of one field; `printed` is what was read in its box."""
    inside = tuple(word for word in words if field.box.contains(*word.box.center))
    value = field.value
    if field.kind == "checkbox":
        value = STATES[bool(field.checked)]
    key, confidence = TextRegion(_name(field), Evidence(page, field.box, ())), 1.0
    if printed is not None and printed.confidence >= SURE_OF_KEY:
        key, confidence = printed.key, printed.confidence
    value_region = TextRegion(value, Evidence(page, field.box, inside))
    checked = field.checked if field.kind == "checkbox" else None
    return KeyValue(key, value_region, confidence, "form", field, checked=checked)


def _name(field: FormField) -> str:
    """Return the field's label, or the last part of its name without the index of XFA forms."""
    return field.label or field.name.rpartition(".")[2].partition("[")[0] or field.name


def _lies_in(evidence: Evidence, box: Box) -> bool:
    return box.contains(*evidence.box.center)
