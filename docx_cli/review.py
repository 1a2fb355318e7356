"""One self-contained page to review what was found: pictures, boxes and a list beside them.

The page holds no script at all and loads nothing; its content security policy forbids both, so
that nothing in a document can run. Links between list and boxes, their highlights and the switches
are plain HTML and CSS (`:target`, `:has`).
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docx_cli import __version__
from docx_cli.document import Answer, Box, DocumentResult, Page
from docx_cli.marks import COLORS, Finding, Role, arrow_head, findings
from docx_cli.safe_text import printable

if TYPE_CHECKING:
    from PIL.Image import Image

_QUALITY = 82
"""Of the pages' JPEGs."""
_KINDS: dict[str, tuple[str, Role]] = {
    "answer": ("answers", "answer"),
    "pair": ("key-values", "value"),
    "form": ("form fields", "field"),
    "table": ("tables", "table"),
    "words": ("words", "word"),
}
"""What can be switched off: its name for a person, and the role that lends its color."""
_HEAD = 5
"""Length of an arrow's head in points."""


class Review:
    """Writes the page part by part, so that no more than one picture is held.

    Args:
        result: all that was found.
    """

    def __init__(self, result: DocumentResult) -> None:
        self._result = result
        self._count = 0

    def head(self) -> str:
        """Return the page up to its first picture: switches, and the answers of all pages."""
        style = _style()
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'"
        title = _safe(self._result.source)
        switches = "".join(
            f'<label class="{kind}"><input type="checkbox" id="show-{kind}" checked>{name}</label>'
            for kind, (name, _) in _KINDS.items()
        )
        return (
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta name="generator" content="docx-cli {__version__}">\n'
            f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
            f"<header><h1>{title}</h1>{switches}</header>\n<main>\n{self._summary()}"
        )

    def page(self, page: Page, picture: Image | None) -> str:
        """Return one page.

        Args:
            page: with its words; of the findings those on it are taken.
            picture: the page as a person sees it, any size; None if it cannot be drawn.
        """
        found = list(findings(self._result, page.number))
        items = "".join(self._item(finding, page) for finding in _in_order(found))
        note = f": {_safe(page.error or page.status)}" if page.status != "ok" else ""
        return (
            f'<section class="page" id="page-{page.number}">\n'
            f"<h2>Page {page.number}{note}</h2>\n"
            f'<div class="sheet">\n{_picture(picture, page)}{_words(page)}'
            f'<ol class="findings">\n{items or _NOTHING}</ol>\n</div>\n</section>\n'
        )

    def tail(self) -> str:
        """Return the end."""
        return "</main>\n</body>\n</html>\n"

    def _summary(self) -> str:
        """List what was asked; the answers link to their pages."""
        answers = self._result.answers or ()
        lines = "".join(f'<li class="answer">{_answer(answer)}</li>\n' for answer in answers)
        return f'<ol class="summary">\n{lines}</ol>\n' if lines else ""

    def _item(self, finding: Finding, page: Page) -> str:
        """Return a line of the list with its boxes, which lie on the page."""
        self._count += 1
        number = self._count
        shapes = "".join(_rectangle(s.box, s.role, page) for s in reversed(finding.shapes))
        box = finding.shapes[0].box
        label = _safe(f"{finding.name} {finding.confidence:.0%}")
        above = box.y0 * page.height - 4
        y = above if above > 9 else box.y1 * page.height + 12
        boxes = (
            f'<svg viewBox="{_view(page)}"><a href="#item-{number}"><g id="box-{number}">'
            f"{shapes}{_arrow(finding, page)}"
            f'<text x="{box.x0 * page.width:.1f}" y="{y:.1f}">{label}</text>'
            f"<title>{_safe(finding.name)}: {_safe(finding.text)} ({finding.confidence:.0%})"
            "</title></g></a></svg>"
        )
        return (
            f'<li class="{finding.kind}" id="item-{number}"><a href="#box-{number}">'
            f"<b>{_safe(finding.name)}</b><span>{_safe(finding.text)}</span>"
            f"{_percent(finding.confidence)}</a>{boxes}</li>\n"
        )


_NOTHING = '<li class="none">nothing found on this page</li>\n'


def _in_order(found: list[Finding]) -> Iterator[Finding]:
    """Answers first, then pairs and form fields down the page, then tables."""
    rank = {"answer": 0, "pair": 1, "form": 1, "table": 2}
    yield from sorted(found, key=lambda f: (rank[f.kind], f.shapes[0].box.y0))


def _style() -> str:
    """Return the style sheet, with the colors of the marks."""
    plain = (Path(__file__).parent / "review.css").read_text(encoding="utf-8")
    roles = (f".is-{role} {{ --ink-of: rgb{color} }}\n" for role, color in COLORS.items())
    kinds = (f".{kind} {{ --of: rgb{COLORS[role]} }}\n" for kind, (_, role) in _KINDS.items())
    return "".join(["\n", plain, *roles, *kinds])


def _picture(picture: Image | None, page: Page) -> str:
    if picture is None:
        return "<div></div>\n"
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    data = base64.b64encode(file.getvalue()).decode()
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<img alt="Page {page.number}" {size} src="data:image/jpeg;base64,{data}">\n'


def _words(page: Page) -> str:
    boxes = []
    for word in page.words:
        sure = "" if word.confidence is None else f" ({word.confidence:.0%})"
        boxes.append(
            f"<g>{_rectangle(word.box, 'word', page)}<title>{_safe(word.text)}{sure}</title></g>"
        )
    return f'<svg class="words" viewBox="{_view(page)}">{"".join(boxes)}</svg>\n'


def _answer(answer: Answer) -> str:
    text = (
        f"<span>{_safe(answer.text)}</span>" if answer.found else "<span><em>not found</em></span>"
    )
    line = f"<b>{_safe(answer.name)}</b>{text}{_percent(answer.confidence)}"
    if answer.evidence is None:
        return f"<div>{line}</div>"
    return f'<a href="#page-{answer.evidence.page}">{line}</a>'


def _rectangle(box: Box, role: str, page: Page) -> str:
    x, y = box.x0 * page.width, box.y0 * page.height
    wide, high = (box.x1 - box.x0) * page.width, (box.y1 - box.y0) * page.height
    return (
        f'<rect class="is-{role}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'
    )


def _arrow(finding: Finding, page: Page) -> str:
    if finding.arrow is None:
        return ""
    (x0, y0), (x1, y1) = ((x * page.width, y * page.height) for x, y in finding.arrow)
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in arrow_head((x0, y0), (x1, y1), _HEAD))
    line = f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"/>'
    return f'<g class="is-key">{line}<polygon points="{head}"/></g>'


def _view(page: Page) -> str:
    return f"0 0 {page.width:.1f} {page.height:.1f}"


def _percent(confidence: float) -> str:
    level = "high" if confidence >= 0.8 else "fair" if confidence >= 0.5 else "low"
    return f'<i class="{level}">{confidence:.0%}</i>'


def _safe(text: str) -> str:
    return html.escape(printable(text))
