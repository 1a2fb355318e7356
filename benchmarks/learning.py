"""What more training brought: figures of the shipped model's versions against pages trained on.

    python benchmarks/learning.py [--log RUN/log.jsonl] [--save]

Nothing is run: the figures were taken with `docx eval` when each version was made, and are kept in
`learning.csv`. With the log of a training run, its loss is drawn as well.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

from results import Curve, finish, parser
from timing import quartiles

FIGURES = Path(__file__).with_name("learning.csv")
STRETCHES = 8
"""Parts that a run's steps are divided into; each gives a point."""


def versions() -> Curve:
    """Return the share of right answers by version."""
    lines = [line for line in FIGURES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    series = defaultdict(list)
    for row in csv.DictReader(lines):
        point = [float(row[name]) for name in ("pages", "value", "low", "high")]
        series[row["series"]].append(point)
    return Curve("Versions of mini", "pages fine-tuned on", "% right", dict(series))


def losses(log: Path) -> Curve:
    """Return the loss of spans, by stretches of a run: median and quartiles of its steps."""
    steps = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    spans = [step["span"] for step in steps]
    size = len(spans) // STRETCHES
    points = []
    for end in range(size, len(spans) + 1, size):
        low, middle, high = quartiles(spans[end - size : end])
        points.append([float(end), middle, low, high])
    return Curve("One run", "steps", "loss of spans", {log.parent.name: points})


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("--log", type=Path, help="log.jsonl of a training run")
    told = options.parse_args()
    parts = [versions(), *([losses(told.log)] if told.log else [])]
    finish("learning", parts, save=told.save)


if __name__ == "__main__":
    main()
