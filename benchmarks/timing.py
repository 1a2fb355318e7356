"""What the benchmarks share: runs taken in turn, medians, ratios, and their spread."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version


def in_turn(
    tasks: Mapping[str, Callable[[], object]], rounds: int, *, warm: bool = True
) -> dict[str, list[float]]:
    """Run every task in each round, unmeasured and then measured; seconds by task.

    Taking turns spreads what else the machine does over all tasks; the unmeasured run keeps what
    the task before left in the caches from being charged to this one. Tasks of many seconds, which
    that hardly touches, go without it if `warm` is false.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            if warm:
                task()
            begun = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - begun)
    return seconds


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile; of one value, that value."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def ratios(values: Sequence[float], base: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles of the ratios of runs that were taken in the same round.

    Neighbours in time saw the same machine, so their ratio holds where both medians do not.
    """
    return quartiles([value / one for value, one in zip(values, base, strict=True)])


def shown(seconds: float) -> str:
    """Return a time to three digits."""
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def report(seconds: Mapping[str, Sequence[float]], limit: str) -> None:
    """Print each task's median, and its ratio to the task named `limit` with the quartiles."""
    print(f"{'':44} {'median':>10} {'ratio':>7} {'quartiles':>13}")
    for name, values in seconds.items():
        low, ratio, high = ratios(values, seconds[limit])
        middle = shown(quartiles(values)[1])
        print(f"{name:44} {middle:>10} {ratio:6.2f}x {f'{low:.2f}-{high:.2f}':>13}")


def machine(*packages: str) -> str:
    """Describe processor, Python and package versions in one line."""
    versions = ", ".join(f"{p} {version(p)}" for p in packages)
    return f"{platform.machine()}, Python {platform.python_version()}, {versions}"
