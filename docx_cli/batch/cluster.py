"""The same work on a Ray cluster: a few inputs at a time through a pool on some node.

Only the process that was started writes records, so nodes may come and go: what a lost one was at
work on is done again on another. Each node reads the inputs by their names, from storage that all
share, and has the same docx and model installed.
"""

from __future__ import annotations

import importlib
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from docx_cli.batch.pool import PoolOptions
from docx_cli.batch.runner import local_pool, refused
from docx_cli.batch.unit import Job, Outcome, Spoiled
from docx_cli.errors import MissingDependencyError, ProgramError

_INPUTS_AT_A_TIME = 16
"""A worker is started for each such lot, and loads the model; a lost node loses so many."""
_LOTS_A_CORE = 2
"""One is worked on, one waits: memory here does not grow with the number of inputs."""
_LOSSES = 4
"""So often may a lot be lost to failures that Ray itself does not mend."""


class RayEngine:
    """Runs inputs on a Ray cluster.

    Args:
        job: what is done with each input.
        options: of the pool that a lot goes through; one worker each.
        address: of the cluster, as ``ray.init`` takes it; None starts one on this machine.

    Raises:
        MissingDependencyError: Ray is not installed.
        ProgramError: the cluster cannot be reached.
    """

    def __init__(self, job: Job, options: PoolOptions, address: str | None = None) -> None:
        self._job = job
        self._options = replace(options, jobs=1)
        self._ray = _connected(address)

    def run(self, paths: Iterator[str]) -> Generator[Outcome, None, None]:
        """Yield outcomes as lots are done; paths are taken only as the cluster has room."""
        ray = self._ray
        # Without end, since no document can end the process that runs the pool.
        remote = ray.remote(num_cpus=1, max_retries=-1)(work_through)
        arguments = (self._job, self._options, str(Path.cwd()))
        at_work: dict[Any, list[str]] = {}
        losses: Counter[str] = Counter()
        again: list[list[str]] = []
        try:
            while True:
                room = max(int(ray.cluster_resources().get("CPU", 1)), 1) * _LOTS_A_CORE
                while len(at_work) < room:
                    lot = again.pop() if again else list(islice(paths, _INPUTS_AT_A_TIME))
                    if not lot:
                        break
                    at_work[remote.remote(lot, *arguments)] = lot
                if not at_work:
                    return
                done, _ = ray.wait(list(at_work), num_returns=1)
                lot = at_work.pop(done[0])
                try:
                    outcomes = ray.get(done[0])
                except ray.exceptions.RayTaskError:
                    raise
                except ray.exceptions.RayError as error:
                    losses[lot[0]] += 1
                    if losses[lot[0]] < _LOSSES:
                        again.append(lot)
                        continue
                    cause = Spoiled("failed", f"Ray lost it: {str(error).splitlines()[0]}")
                    outcomes = [refused(self._job, path, cause) for path in lot]
                yield from outcomes
        finally:
            for reference in at_work:
                ray.cancel(reference, force=True)
            ray.shutdown()


def work_through(lot: Sequence[str], job: Job, options: PoolOptions, folder: str) -> list[Outcome]:
    """Make the outcomes of some inputs on the node where this runs.

    Args:
        lot: names of inputs, as seen from `folder`.
        job: what is done with each.
        options: of the pool.
        folder: the working directory.
    """
    os.chdir(folder)
    with tempfile.TemporaryDirectory(prefix="docx-batch-") as scratch:
        return list(local_pool(job, options, Path(scratch)).run(iter(lot)))


def _connected(address: str | None) -> Any:
    # Read when Ray is loaded: nothing is sent to anybody, and no dashboard is opened.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        ray = importlib.import_module("ray")
    except ModuleNotFoundError as error:
        hint = "in the checkout: pip install '.[ray]'"
        raise MissingDependencyError("Ray is not installed", hint=hint) from error
    try:
        ray.init(
            address=address,
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        line = str(error).splitlines()[0]
        raise ProgramError(f"the Ray cluster cannot be reached: {line}") from error
    return ray
