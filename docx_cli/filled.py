"""What was filled into a PDF's form, as answers to a schema's fields.

A value that was typed in is known exactly, whether or not it is drawn on the page. It is a field's
if what the form calls it, or what is printed beside it, is the field's label; or if the model's
answer lies in its box.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from docx_cli.document import Alternative, Evidence, FormField, Page
from docx_cli.fields import Field, words_of
from docx_cli.forms import STATES
from docx_cli.labels import alike
from docx_cli.reading import PageContent

EQUAL = 0.9
"""Likeness of a form's label and a field's from which they are the same."""
BESIDE = 0.3
"""Widths of the page within which a printed label begins beside its box."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A value in a form: what it is called, in the file and on paper, and where it stands."""

    text: str
    labels: tuple[str, ...]
    where: Evidence

    def answer(self) -> Alternative:
        """Return it as an answer."""
        return Alternative(self.text, 1.0, "pointer", self.where)


def filled_in(content: PageContent) -> list[Filled]:
    """Return what the form on a page holds; of radio buttons the one that is chosen."""
    found = []
    for field in content.fields:
        if not (field.value if field.checked is None else field.checked or field.kind != "radio"):
            continue
        text = STATES[bool(field.checked)] if field.kind == "checkbox" else field.value
        words = content.page.words
        inside = tuple(word for word in words if field.box.contains(*word.box.center))
        where = Evidence(content.page.number, field.box, inside)
        found.append(Filled(text, tuple(_labels(field, content.page)), where))
    return found


def _labels(field: FormField, page: Page) -> Iterable[str]:
    """Yield what a field of a form goes by."""
    if field.label:
        yield field.label
    parts = [part.partition("[")[0] for part in field.name.split(".")]
    yield words_of(parts[-1])
    yield words_of(" ".join(parts))
    if field.kind != "radio":
        yield _printed(field, page)


def _printed(field: FormField, page: Page) -> str:
    """Return what is printed next to a field's box: before it, but behind a check box."""
    box = field.box
    line = sorted(
        (w for w in page.words if box.y0 <= w.box.center[1] <= box.y1), key=lambda w: w.box.x0
    )
    before = [w.text for w in line if box.x0 - BESIDE < w.box.x0 and w.box.center[0] < box.x0]
    behind = [w.text for w in line if box.x1 < w.box.center[0] and w.box.x0 < box.x1 + BESIDE]
    return " ".join((behind or before) if field.kind == "checkbox" else before)


def called(field: Field, filled: Sequence[Filled]) -> list[Alternative]:
    """Return what a form holds under a field's own labels, the likest first."""
    rated = [
        (max(alike(own, label) for own in one.labels for label in field.labels), one)
        for one in filled
    ]
    rated.sort(key=lambda pair: -pair[0])
    return [one.answer() for likeness, one in rated if likeness >= EQUAL]


def exact(answer: Alternative, filled: Sequence[Filled]) -> Alternative:
    """Return an answer as it was typed in, if it was read in a box of a form."""
    if answer.evidence is None:
        return answer
    at = answer.evidence
    for one in filled:
        if one.where.page == at.page and one.where.box.contains(*at.box.center):
            return replace(answer, text=one.text, evidence=one.where)
    return answer
