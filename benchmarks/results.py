"""What a benchmark found, printed for people and kept as JSON for `report.py`.

A script makes parts (`Comparison`, `Curve`, `Figures`) and hands them to `finish`. With `--save`
they are written to ``benchmarks/results/NAME.json``, so that one script can be run anew and the
report keeps what the others found.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from timing import quartiles, ratios, report

from docx_cli.bundle import open_bundle, resolve

FOLDER = Path(__file__).parent / "results"
_GOAL = re.compile(r"(<=|>=) ([\d.]+)( s)?")


@dataclass(frozen=True)
class Comparison:
    """Tasks that were run in turn, seconds by task and round."""

    title: str
    against: str
    """The task whose time the others' are divided by."""
    seconds: Mapping[str, Sequence[float]]
    goals: Mapping[str, str] = field(default_factory=dict)
    """By task: ``<= 1.5`` or ``>= 1.3`` of the ratio, ``<= 0.9 s`` of the time."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """By task: what else is to be said of it, in few words."""

    def show(self) -> None:
        report(self.seconds, self.against)
        for task, goal in self.goals.items():
            print(f"{task}: goal {goal}, {'met' if self.met(task) else 'missed'}")
        for task, note in self.notes.items():
            print(f"{task}: {note}")

    def met(self, task: str) -> bool:
        """Say whether a task's median keeps its goal."""
        told = _GOAL.fullmatch(self.goals[task])
        if told is None:
            raise ValueError(f"no goal: {self.goals[task]!r}")
        found = quartiles(self.seconds[task])[1]
        if not told[3]:
            found = ratios(self.seconds[task], self.seconds[self.against])[1]
        return found <= float(told[2]) if told[1] == "<=" else found >= float(told[2])


@dataclass(frozen=True)
class Curve:
    """Cost against a count: by series, points of ``[x, y, lowest y, highest y]``."""

    title: str
    x: str
    y: str
    series: Mapping[str, Sequence[Sequence[float]]]

    def show(self) -> None:
        for name, points in self.series.items():
            for x, y, low, high in points:
                print(f"{name:36} {x:6,.0f} {self.x}: {y:9,.3f} ({low:,.3f}-{high:,.3f}) {self.y}")


@dataclass(frozen=True)
class Figures:
    """A table that is no timing, texts as they shall be shown."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def show(self) -> None:
        for row in (self.columns, *self.rows):
            print("  ".join(f"{text:24}" for text in row))


Part = Comparison | Curve | Figures
KINDS: dict[str, type[Part]] = {kind.__name__: kind for kind in (Comparison, Curve, Figures)}


def parser(description: str | None, rounds: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all scripts have: `--rounds` and `--save`."""
    options = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=rounds, help="default: %(default)s")
    options.add_argument("--save", action="store_true", help=f"into {FOLDER.name}/, for the report")
    return options


def finish(
    name: str, parts: Sequence[Part], *, save: bool, packages: Mapping[str, str] | None = None
) -> None:
    """Print what was found and where; keep it for the report if asked to.

    `packages` are versions of what ran beside us (see `versions`).
    """
    told = about(packages or {})
    for part in parts:
        print(f"\n{part.title}")
        part.show()
    print("\n" + "; ".join(f"{key}: {value}" for key, value in told.items()))
    if save:
        FOLDER.mkdir(exist_ok=True)
        kept = {"about": told, "parts": [{"kind": type(p).__name__, **asdict(p)} for p in parts]}
        (FOLDER / f"{name}.json").write_text(_text(kept), encoding="utf-8")


def load(name: str) -> tuple[dict[str, str], list[Part]] | None:
    """Return what was kept of a benchmark: about the run, and its parts; None if nothing was."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    parts = [KINDS[part.pop("kind")](**part) for part in kept["parts"]]
    return kept["about"], parts


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of installed packages by name."""
    return {package: version(package) for package in packages}


def about(packages: Mapping[str, str]) -> dict[str, str]:
    """Tell when, how, on what machine and with what versions this process ran."""
    bundle = open_bundle(resolve(None))
    ours = versions("onnxruntime", "numpy", "tokenizers", "pypdfium2")
    told = {**ours, **packages}
    arguments = [argument for argument in sys.argv[1:] if argument != "--save"]
    return {
        "date": date.today().isoformat(),
        "command": shlex.join([f"benchmarks/{Path(sys.argv[0]).name}", *arguments]),
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "programs": f"Tesseract {_program('tesseract')}, Poppler {_program('pdftotext')}",
        "packages": ", ".join(f"{name} {number}" for name, number in told.items()),
        "model": f"{bundle.name} {bundle.identity.version}",
        "other work": f"{100 * _others():.0f} % of the cores",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.+)", info.read_text()) if info.exists() else None
    return named[1] if named else platform.machine()


def _program(name: str) -> str:
    """Return an outside program's version; Poppler's call it -v, and Tesseract takes that too."""
    run = subprocess.run([name, "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.[\d.]*\d", run.stdout + run.stderr)
    return found[0] if found else "of unknown version"


def _busy() -> tuple[float, float, float]:
    """Return now, the seconds that all cores have worked, and those that we and children have."""
    fields = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = fields[3] + fields[4]
    users = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own = sum(user.ru_utime + user.ru_stime for user in users)
    return time.monotonic(), (sum(fields) - idle) / os.sysconf("SC_CLK_TCK"), own


_at_start = _busy()


def _others() -> float:
    """Return the share of all cores that other processes took since this one began.

    A figure from a busy machine must be known as one.
    """
    spent, busy, own = (now - then for now, then in zip(_busy(), _at_start, strict=True))
    return max(busy - own, 0.0) / (spent * (os.cpu_count() or 1))


def _text(kept: Mapping[str, Any]) -> str:
    """Return JSON with numbers as long as they mean something, lists of them on one line."""
    rounded = json.loads(json.dumps(kept), parse_float=lambda text: float(f"{float(text):.4g}"))
    text = json.dumps(rounded, indent=1, ensure_ascii=False)
    return re.sub(r"\[[^][{}]*\]", lambda m: re.sub(r"\s*\n\s*", " ", m[0]), text) + "\n"
