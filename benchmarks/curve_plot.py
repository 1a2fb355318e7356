"""Draws a `Curve` as SVG: counts on a logarithmic axis, cost from zero, quartiles as bars."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from results import Curve

WIDTH, HEIGHT = 520, 260
"""Lengths of the axes, in user units."""

LEFT, TOP, BELOW, BESIDE = 60, 34, 44, 190
COLORS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a")
Point = Sequence[float]


def draw(curve: Curve) -> str:
    """Return the plot."""
    points = [point for series in curve.series.values() for point in series]
    counts = sorted({point[0] for point in points})
    top = _round_up(max(point[3] for point in points))
    wide, high = LEFT + WIDTH + BESIDE, TOP + HEIGHT + BELOW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{wide}" height="{high}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(curve.title)}</text>',
        f'<g transform="translate({LEFT} {TOP})">',
        *_axes(curve, counts, top),
    ]
    for number, (name, series) in enumerate(curve.series.items()):
        parts += _series(name, series, counts, top, number)
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _axes(curve: Curve, counts: Sequence[float], top: float) -> Iterator[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#333333"/>'
    for count in counts:
        x = _x(count, counts)
        yield f'<path d="M{x:.1f} {HEIGHT}v5" stroke="#333333"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT + 18}" text-anchor="middle">{count:,.0f}</text>'
    for part in range(5):
        y, value = HEIGHT * (1 - part / 4), top * part / 4
        yield f'<path d="M0 {y:.1f}h{WIDTH}" stroke="#333333" stroke-opacity="0.15"/>'
        yield f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">{value:.4g}</text>'
    yield (
        f'<text x="{WIDTH / 2}" y="{HEIGHT + 36}" text-anchor="middle">{escape(curve.x)}</text>'
        f'<text transform="translate(-46 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(curve.y)}</text>"
    )


def _series(
    name: str, series: Sequence[Point], counts: Sequence[float], top: float, number: int
) -> Iterator[str]:
    color = COLORS[number % len(COLORS)]
    places = [
        (_x(x, counts), _y(y, top), _y(low, top), _y(high, top)) for x, y, low, high in series
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in places)
    yield f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="1.8"/>'
    for x, y, low, high in places:
        yield f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{color}"/>'
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{color}"/>'
    at = 12 + 20 * number
    yield f'<path d="M{WIDTH + 12} {at}h18" stroke="{color}" stroke-width="3"/>'
    yield f'<text x="{WIDTH + 36}" y="{at + 4}">{escape(name)}</text>'


def _x(count: float, counts: Sequence[float]) -> float:
    low, high = math.log(counts[0]), math.log(counts[-1])
    share = (math.log(count) - low) / (high - low) if high > low else 0.5
    return 16 + share * (WIDTH - 32)


def _y(value: float, top: float) -> float:
    return HEIGHT * (1 - value / top)


def _round_up(value: float) -> float:
    """Return the next round number, one that has round quarters."""
    step = 10.0 ** math.floor(math.log10(value))
    return next(step * n for n in (1, 2, 4, 8, 12) if step * n >= value)
