"""Workers, each with a pipe of its own: what happens to one cannot happen to another.

Nothing is shared between workers, no lock and no queue, so a worker may be killed at any moment;
see docs/decisions for why this is no library. A turn whose worker dies or is stuck is tried
again, page by page, so that the page that did it is found and left out, and the others are kept.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from docx_cli.batch.unit import NO_PAGE, Outcome, Spoiled, Turn
from docx_cli.batch.worker import SHORT_OF_MEMORY, Reply, Work, serve
from docx_cli.errors import ProgramError

# A worker may be killed for nothing that its page did (by a person, or the kernel on behalf of
# somebody else's memory): only what ends several in the same place is to blame.
_DEATHS_OF_A_PAGE = 3
_DEATHS_OF_A_DOCUMENT = 8
# So many in a row that end before their work begins: it is not for the documents' sake.
_MOST_STILLBORN = 20
# To start and load a model, on a machine that is busy with other things.
_START_SECONDS = 300.0

Refuse = Callable[[str, Spoiled], Outcome]


@dataclass(frozen=True)
class PoolOptions:
    """How many workers there are, and how long each stays."""

    jobs: int
    """Workers."""
    patience: float | None = None
    """Seconds after which a turn's worker is stuck and is killed."""
    most_turns: int = 500
    """A worker is replaced after so many."""
    swollen: int = 1 << 30
    """Or if it then holds more bytes than this."""
    memory: int | None = None
    """Bytes of data that a worker may hold at all."""
    page_patience: float | None = None
    """Seconds after which a page is stuck, where an input is read page by page."""
    log_json: bool = False
    """Workers log JSON objects."""


@dataclass
class _Case:
    """An input on its way, with the deaths that it caused."""

    turn: Turn
    deaths: Counter[int] = field(default_factory=Counter)


@dataclass
class _Worker:
    process: SpawnProcess
    line: Connection
    folder: Path
    case: _Case | None = None
    page: int = NO_PAGE
    due: float = math.inf
    """When it is stuck, with its page or its document."""
    ends: float = math.inf
    """When it is stuck with its document."""
    turns: int = 0

    def begin(self, page: int, options: PoolOptions) -> None:
        """Note that a document or a page is begun, and until when it may take."""
        self.page, now = page, time.monotonic()
        if page == NO_PAGE:
            self.due = self.ends = now + (options.patience or math.inf)
        else:
            self.due = min(self.ends, now + (options.page_patience or math.inf))

    def kill(self) -> None:
        """End it, and what it started; its group is there until it has been waited for."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.line.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pool:
    """Runs turns in worker processes.

    Args:
        work: makes an outcome of a turn; it is pickled.
        refuse: makes the outcome of an input that no worker survives.
        options: how many workers, and their limits.
        scratch: a folder for the workers' own ones.
    """

    def __init__(self, work: Work, refuse: Refuse, options: PoolOptions, scratch: Path) -> None:
        self._work, self._refuse = work, refuse
        self._options, self._scratch = options, scratch
        self._workers: list[_Worker] = []
        self._again: deque[_Case] = deque()
        self._stillborn = 0

    def run(self, paths: Iterator[str]) -> Generator[Outcome, None, None]:
        """Yield outcomes as they come; paths are asked for only when a worker is free.

        Raises:
            ProgramError: no worker begins its work.
        """
        try:
            while self._hand_out(paths):
                for worker in self._wait():
                    yield from self._attend(worker)
        finally:
            for worker in self._workers:
                worker.kill()
            self._workers.clear()

    def _hand_out(self, paths: Iterator[str]) -> bool:
        """Give every free worker a turn; return whether any is at work."""
        while sum(worker.case is not None for worker in self._workers) < self._options.jobs:
            case = self._again.popleft() if self._again else None
            if case is None:
                path = next(paths, None)
                if path is None:
                    break
                case = _Case(Turn(path))
            worker = next((w for w in self._workers if w.case is None), None) or self._start()
            worker.case, worker.page = case, NO_PAGE
            worker.due, worker.ends = time.monotonic() + _START_SECONDS, math.inf
            with contextlib.suppress(OSError):  # it died just now, and will be attended to
                worker.line.send(case.turn)
        return any(worker.case for worker in self._workers)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        options = self._options
        arguments = (theirs, self._work, folder, options.memory, options.log_json)
        # A daemon: should this process end in an unforeseen way, its children are ended too.
        process = context.Process(target=serve, args=arguments, daemon=True)
        with _interrupts_held():
            process.start()
        theirs.close()
        worker = _Worker(process, ours, folder)
        self._workers.append(worker)
        return worker

    def _wait(self) -> list[_Worker]:
        """Return the workers that said something, ended or are stuck."""
        signs = {w.line: w for w in self._workers} | {w.process.sentinel: w for w in self._workers}
        due = min(worker.due for worker in self._workers) - time.monotonic()
        ready = connection.wait(signs, None if due == math.inf else max(due, 0.0))
        heard = {id(signs[sign]) for sign in ready}  # type: ignore[index]
        now = time.monotonic()
        return [w for w in self._workers if id(w) in heard or w.due <= now]

    def _attend(self, worker: _Worker) -> Iterator[Outcome]:
        try:
            while worker.case and worker.line.poll():
                message = worker.line.recv()
                if isinstance(message, Reply):
                    worker.case, worker.due = None, math.inf
                    yield message.outcome
                    self._retire_if_old(worker, message.memory)
                    continue
                self._stillborn = 0
                worker.begin(message, self._options)
        except (EOFError, OSError):
            pass  # it died, perhaps in the middle of a reply
        else:
            overdue = worker.due <= time.monotonic()
            if not overdue and not connection.wait([worker.process.sentinel], 0):
                return
        yield from self._bury(worker, worker.due <= time.monotonic())

    def _retire_if_old(self, worker: _Worker, memory: int) -> None:
        worker.turns += 1
        if worker.turns >= self._options.most_turns or memory > self._options.swollen:
            self._workers.remove(worker)
            worker.kill()

    def _bury(self, worker: _Worker, stuck: bool) -> Iterator[Outcome]:
        """Remove a worker that died or is killed for being stuck; its turn is tried again."""
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        self._stillborn += worker.ends == math.inf
        short_of_memory = (worker.folder / SHORT_OF_MEMORY).exists()
        worker.kill()
        if self._stillborn >= _MOST_STILLBORN:
            raise ProgramError(f"workers end before they begin ({_end(worker)})")
        case = worker.case
        if case is None:
            return
        case.deaths[worker.page] += 1
        if stuck:
            cause = _stuck(worker, self._options)
        elif short_of_memory:
            cause = Spoiled("out_of_memory", "needs more memory than allowed")
        else:
            cause = _died(worker)
        if sum(case.deaths.values()) >= _DEATHS_OF_A_DOCUMENT:
            yield self._refuse(case.turn.path, cause)
            return
        certain = stuck or short_of_memory
        to_blame = certain or case.deaths[worker.page] >= _DEATHS_OF_A_PAGE
        spoiled = dict(case.turn.spoiled)
        if case.turn.careful and to_blame:
            if worker.page == NO_PAGE:
                yield self._refuse(case.turn.path, cause)
                return
            spoiled[worker.page] = cause
        case.turn = replace(case.turn, careful=True, spoiled=spoiled)
        self._again.append(case)


def _stuck(worker: _Worker, options: PoolOptions) -> Spoiled:
    if worker.ends == math.inf:
        return Spoiled("timeout", f"no worker was ready within {_START_SECONDS:g} s")
    most = options.page_patience if worker.due < worker.ends else options.patience
    return Spoiled("timeout", f"took longer than {most:g} s")


def _died(worker: _Worker) -> Spoiled:
    return Spoiled("failed", f"ended the process that read it ({_end(worker)})")


def _end(worker: _Worker) -> str:
    code = worker.process.exitcode or 0
    return f"signal {-code}" if code < 0 else f"exit code {code}"


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start a process that inherits deafness to Ctrl-C, until it has its own way with it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
