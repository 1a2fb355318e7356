"""Draws how far confidences can be trusted: a reliability and a risk-coverage plot, as SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from docx_models import metrics
from docx_models.evaluate import Judged
from docx_models.metrics import Bin

SIDE = 260
"""Length of a plot's axes, in user units."""

MARGIN = 46
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)

Point = tuple[float, float]
"""In fractions of the axes, origin bottom left."""


def write_plots(folder: Path, title: str, system: str, judged: Sequence[Judged]) -> Path:
    """Draw a system's answers to a set; return the file that was written."""
    sure = [j.answer.confidence for j in judged]
    right = [j.typed > 0 for j in judged]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{re.sub(r'[^a-z0-9]+', '-', f'{title} {system}'.casefold()).strip('-')}.svg"
    path.write_text(draw(f"{title}: {system}", sure, right), encoding="utf-8")
    return path


def draw(title: str, confidences: Sequence[float], correct: Sequence[bool]) -> str:
    """Return both plots of some answers, at least one, side by side."""
    error = metrics.calibration_error(confidences, correct)
    area = metrics.risk_coverage_area(confidences, correct)
    width, height = 2 * (SIDE + 2 * MARGIN), SIDE + 2.5 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{MARGIN}" y="18" font-size="13">{escape(title)}</text>',
        _panel(0, f"confidence (ECE {100 * error:.1f} %)", "share right"),
        *_reliability(metrics.reliability(confidences, correct)),
        "</g>",
        _panel(SIDE + 2 * MARGIN, f"share answered (area {100 * area:.1f} %)", "share wrong"),
        _line(_curve(metrics.risk_coverage(confidences, correct)), "#1f6feb"),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _reliability(bins: Sequence[Bin]) -> list[str]:
    """The diagonal, and a dot a bin whose area tells how many answers are in it."""
    most = max(b.count for b in bins)
    dots = []
    for one in bins:
        x, y = _place((one.confidence, one.right))
        radius = 3 + 7 * (one.count / most) ** 0.5
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#1f6feb"'
            f' fill-opacity="0.6"><title>{one.count} answers</title></circle>'
        )
    return [_line([(0.0, 0.0), (1.0, 1.0)], "#999999"), *dots]


def _curve(risks: Sequence[float]) -> list[Point]:
    return [(k / len(risks), risk) for k, risk in enumerate(risks, 1)]


def _panel(left: float, below: str, beside: str) -> str:
    """Open a plot: its frame, ticks and what its axes are."""
    parts = [
        f'<g transform="translate({left + MARGIN} {MARGIN})">',
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#333333"/>',
        f'<text x="{SIDE / 2}" y="{SIDE + 34}" text-anchor="middle">{below}</text>',
        f'<text transform="translate(-32 {SIDE / 2}) rotate(-90)" text-anchor="middle">'
        f"{beside}</text>",
    ]
    for tick in TICKS:
        x, y = _place((tick, tick))
        parts += [
            f'<text x="{x}" y="{SIDE + 15}" text-anchor="middle">{tick:g}</text>',
            f'<text x="-6" y="{y + 4}" text-anchor="end">{tick:g}</text>',
        ]
    return "\n".join(parts)


def _line(points: Sequence[Point], color: str) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(_place, points))
    return f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def _place(point: Point) -> Point:
    return point[0] * SIDE, (1 - point[1]) * SIDE
