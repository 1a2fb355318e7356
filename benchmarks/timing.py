"""What the benchmarks share: runs taken in turn, medians, and the machine they were taken on."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version


def in_turn(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Run every task in each round, unmeasured and then measured; seconds by task.

    Taking turns spreads what else the machine does over all tasks; the unmeasured run keeps what
    the task before left in the caches from being charged to this one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            task()
            begun = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - begun)
    return seconds


def report(seconds: Mapping[str, list[float]], limit: str) -> None:
    """Print each task's median, spread, and ratio to the task named `limit`."""
    base = statistics.median(seconds[limit])
    print(f"{'':38} {'median':>9} {'quartiles':>19} {'ratio':>7}")
    for name, values in seconds.items():
        low, middle, high = statistics.quantiles(values, n=4)
        spread = f"{low * 1e3:.0f}-{high * 1e3:.0f} ms"
        print(f"{name:38} {middle * 1e3:6.0f} ms {spread:>19} {middle / base:6.2f}x")


def machine(*packages: str) -> str:
    """Describe processor, Python and package versions in one line."""
    versions = ", ".join(f"{p} {version(p)}" for p in packages)
    return f"{platform.machine()}, Python {platform.python_version()}, {versions}"
