"""Writes docs/benchmarks.md: the text of report.md, and in it what results/*.json hold.

A line ``[[name]]`` of the text becomes the parts of results/name.json, with plots of its curves.

    .venv/bin/python benchmarks/report.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from curve_plot import draw
from results import Comparison, Curve, Figures, Part, load
from timing import quartiles, ratios, shown

TEXT = Path(__file__).with_name("report.md")
DOCS = Path(__file__).parents[1] / "docs"
IMAGES = Path("images", "benchmarks")
_PLACE = re.compile(r"^\[\[(\w+)\]\]$", re.MULTILINE)


def section(name: str) -> str:
    """Return what one script found, or how it can be found."""
    kept = load(name)
    if kept is None:
        return f"Not measured yet: `benchmarks/{name}.py --save`."
    about, parts = kept
    texts = [text for number, part in enumerate(parts, 1) for text in rendered(name, number, part)]
    return "\n\n".join([*texts, signature(about)])


def rendered(name: str, number: int, part: Part) -> Iterator[str]:
    """Yield a part's paragraphs; write the plot of a curve."""
    if isinstance(part, Curve):
        file = IMAGES / f"{name.replace('_', '-')}-{number}.svg"
        (DOCS / file).write_text(draw(part), encoding="utf-8")
        yield f"![{part.title}: {part.y} against {part.x}]({file.as_posix()})"
        return
    yield f"**{part.title}**"
    yield figures(part) if isinstance(part, Figures) else comparison(part)


def figures(part: Figures) -> str:
    """Return a table of texts."""
    rows = [part.columns, ["---"] * len(part.columns), *part.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def comparison(part: Comparison) -> str:
    """Return a table of times, and of ratios with their quartiles."""
    rows = []
    for task, seconds in part.seconds.items():
        low, ratio, high = ratios(seconds, part.seconds[part.against])
        times = "1" if task == part.against else f"{ratio:.2f} ({low:.2f}-{high:.2f})"
        goal = f"{part.goals[task]}, {_verdict(part, task)}" if task in part.goals else ""
        rows.append([task, shown(quartiles(seconds)[1]), times, goal, part.notes.get(task, "")])
    columns = ["", "median", f"times {part.against}", "goal", ""]
    kept = [n for n, column in enumerate(columns) if n < 3 or any(row[n] for row in rows)]
    chosen = [[row[n] for n in kept] for row in rows]
    return figures(Figures(part.title, [columns[n] for n in kept], chosen))


def _verdict(part: Comparison, task: str) -> str:
    return "met" if part.met(task) else "missed"


def signature(about: Mapping[str, str]) -> str:
    """Say when, where and with what this was measured."""
    rounds = f"`{about['command']}`, {about['date']}: {about['machine']}, {about['system']}"
    others = f"{about['programs']}; {about['packages']}; model {about['model']}"
    return f"<small>{rounds}; {others}; other processes took {about['other work']}.</small>"


def main() -> None:
    (DOCS / IMAGES).mkdir(parents=True, exist_ok=True)
    text = TEXT.read_text(encoding="utf-8")
    written = _PLACE.sub(lambda match: section(match[1]), text)
    (DOCS / "benchmarks.md").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
