"""Check boxes and radio buttons on paper: found, told whether they are marked, and false ones.

Forms of our generator are drawn with squares, then with rings, in place of the marks they have, of
several sizes, lines and ways to mark them. They are read as they are, and with --scans also as
`docx data scan` damages them, by OCR. Counted are marks with a word beside them; those of a grid of
ratings have none.

    .venv/bin/python benchmarks/check_boxes.py [--pages N] [--scans] [--save]
"""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2
from pypdf import PdfReader
from results import Figures, finish, parser

from docx_cli.check_boxes import check_boxes
from docx_cli.document import Box, Page
from docx_cli.reading import PageContent, ReadOptions, read_pages
from docx_cli.source import Source
from docx_cli.tilt import Tilt
from docx_models.synth import damage, records, render

FAMILIES = ("tax_form", "insurance_form", "medical_form", *["questionnaire"] * 3)
SEED = 770_000
NEAR = 8.0
"""Points between a mark and a word that may be its label."""
DPI = 200

EMPTY, MARKED = ("[ ]", "( )", "☐", "○", "__"), ("[X]", "[x]", "(X)", "(x)", "☒", "☑", "●", "X")
SOURCE = """
#let mark(on) = box(baseline: 15%, width: {size}pt, height: {size}pt,
  link("t:" + if on {{ "1" }} else {{ "0" }}, {shape}))
#let tick(on, size: 7pt) = mark(on)
#let m(page, id, body) = if body in {empty} {{ mark(false) }} else if body in {marked} {{
  mark(true) }} else {{ link("m:" + str(page) + ":" + str(id), body) }}
"""
SIDE = "box(width: {size}pt, height: {size}pt, stroke: {line}pt, if on {{ {inside} }})"
ROUND = (
    "box(width: {size}pt, height: {size}pt, {{ place(circle(radius: {half}pt, "
    "stroke: {line}pt)); if on {{ {inside} }} }})"
)
STROKE = "place(line(start: ({}%, {}%), end: ({}%, {}%), stroke: 0.9pt))"
INSIDES = {
    "dot": "place(center + horizon, circle(radius: {dot}pt, fill: black))",
    "full": "place(circle(radius: {half}pt, fill: black))",
    "cross": "; ".join(STROKE.format(*ends) for ends in ((20, 20, 80, 80), (20, 80, 80, 20))),
    "tick": "; ".join(STROKE.format(*ends) for ends in ((25, 50, 45, 75), (45, 75, 80, 15))),
}


@dataclass
class Count:
    """What came of some pages; `others` were taken for marks with a label, and are none."""

    found: int = 0
    right: int = 0
    all: int = 0
    others: int = 0

    def add(self, content: PageContent, truth: Sequence[tuple[Box, bool]]) -> None:
        """Compare what is read of a page with the marks on it."""
        tilt = Tilt.of(content.page)
        told = [
            (tilt.back(pair.value.evidence.box).center, pair.checked)
            for pair in check_boxes(content.upright, content.squares)
        ]
        for box, marked in truth:
            states = [checked for at, checked in told if box.contains(*at)]
            self.found += bool(states)
            self.right += marked in states
        self.others += sum(not any(box.contains(*at) for box, _ in truth) for at, _ in told)
        self.all += len(truth)


def form(number: int, *, rings: bool) -> tuple[bytes, list[tuple[Box, bool]]]:
    """Return the PDF of a form, and its marks with their states."""
    rng = random.Random(f"{number} {rings}")
    size, kinds = rng.uniform(6.5, 12), ("dot", "dot", "dot", "full", "cross", "tick")
    lengths = {"size": size, "half": size / 2, "line": rng.uniform(0.4, 1.1)}
    inside = INSIDES[rng.choice(kinds if rings else kinds[-2:])]
    inside = inside.format(dot=size * rng.uniform(0.2, 0.33), **lengths)
    shape = (ROUND if rings else SIDE).format(inside=inside, **lengths)
    empty, marked = (json.dumps(texts, ensure_ascii=False)[1:-1] for texts in (EMPTY, MARKED))
    more = SOURCE.format(size=size, shape=shape, empty=f"({empty})", marked=f"({marked})")
    page = records.draft(FAMILIES[number % len(FAMILIES)], SEED + number)
    pdf = render.compile_pdf([page], more=more)
    if len(PdfReader(io.BytesIO(pdf)).pages) > 1:
        pdf = render.compile_pdf([page], more=more, fit=True)
    return pdf, marks(pdf)


def marks(pdf: bytes) -> list[tuple[Box, bool]]:
    """Read where the marks of a page stand from their links."""
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    wide, high = (float(v) for v in page.mediabox.upper_right)
    found = []
    for note in (reference.get_object() for reference in page.get("/Annots", ())):
        uri, (x0, y0, x1, y1) = note["/A"]["/URI"], map(float, note["/Rect"])
        if uri.startswith("t:"):
            box = Box.clipped(x0 / wide, 1 - y1 / high, x1 / wide, 1 - y0 / high)
            found.append((box, uri == "t:1"))
    return found


def labelled(page: Page, box: Box) -> bool:
    """Say whether a word stands right beside a mark."""
    return any(
        min(w.box.y1, box.y1) - max(w.box.y0, box.y0) > 0.3 * (box.y1 - box.y0)
        and 0 <= max(w.box.x0 - box.x1, box.x0 - w.box.x1) * page.width < NEAR
        for w in page.words
    )


def read(data: bytes, kind: str) -> PageContent:
    source = Source("form", data, kind, hashlib.sha256(data).hexdigest())  # type: ignore[arg-type]
    return next(iter(read_pages(source, ReadOptions(squares=True))))


def scan(pdf: bytes, number: int) -> tuple[bytes, damage.Placement]:
    """Draw a page and damage it."""
    rng = np.random.default_rng([SEED, number])
    suffered = damage.sample_damage(rng)
    with pypdfium2.PdfDocument(pdf) as document:
        drawn = document[0].render(scale=suffered.dpi / 72, grayscale=True).to_pil().convert("L")
    picture, placement = damage.apply(drawn, suffered, rng)
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(suffered.dpi, suffered.dpi))
    return out.getvalue(), placement


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("--pages", type=int, default=24, help="of each kind, default: %(default)s")
    options.add_argument("--scans", action="store_true", help="read them by OCR, too")
    told = options.parse_args()
    counts: dict[str, Count] = {}
    for name, rings in (("squares", False), ("rings", True)):
        for number in range(told.pages):
            pdf, places = form(number, rings=rings)
            content = read(pdf, "pdf")
            truth = [(box, on) for box, on in places if labelled(content.page, box)]
            counts.setdefault(f"{name}, drawn", Count()).add(content, truth)
            if told.scans:
                picture, placement = scan(pdf, number)
                corners = placement.boxes(np.array([b.as_tuple() for b, _ in truth]).reshape(-1, 4))
                moved = [Box.clipped(*corner) for corner in corners.tolist()]
                seen = [(box, on) for box, (_, on) in zip(moved, truth, strict=True)]
                counts.setdefault(f"{name}, scanned", Count()).add(read(picture, "png"), seen)
    rows = [
        [name, *(f"{n} of {c.all}" for n in (c.found, c.right)), str(c.others)]
        for name, c in counts.items()
    ]
    columns = ["", "found", "states right", "others taken"]
    title = f"Check boxes and radio buttons on paper, {told.pages} pages of each kind"
    finish("check_boxes", [Figures(title, columns, rows)], save=told.save)


if __name__ == "__main__":
    main()
