"""Work on pages ahead of whoever takes them: in order, a few at a time, in threads.

OCR runs in programs, for which a thread only waits. So one thread a core keeps all cores busy.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from typing import Generic, TypeVar

from docx_cli import programs

T = TypeVar("T")
R = TypeVar("R")

_PENDING = 2
"""Items that are taken for each thread, at most: one at work, one waiting."""
_SECONDS_BETWEEN_KILLS = 0.05


_ended: ContextVar[threading.Event | None] = ContextVar("ended", default=None)


def given_up() -> bool:
    """Say whether nobody waits any more for the work that this thread is at."""
    ended = _ended.get()
    return ended is not None and ended.is_set()


def in_order(
    work: Callable[[T], R],
    items: Iterable[T],
    long: Callable[[T], bool],
    workers: Callable[[], int],
) -> Generator[R]:
    """Yield what `work` makes of each item, in their order.

    The items are taken by the thread that iterates, and by no other. Where iterating ends early,
    so does the work: programs that it runs are killed.

    Args:
        work: called in any thread, in the context of the caller.
        items: taken one by one, a few ahead of what was yielded.
        long: says of an item whether it is worth a thread; others are worked on at once.
        workers: gives the number of threads, asked before the first of them; one is none.
    """
    pool: _Pool[R] | None = None
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            if not long(item):
                waiting.append(_done(work, item))
            else:
                pool = pool or _Pool(workers())
                waiting.append(pool.submit(work, item))
            while len(waiting) >= (pool.most if pool else 1):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        if pool:
            pool.end()


@contextlib.contextmanager
def meanwhile(work: Callable[[], R]) -> Iterator[Callable[[], R]]:
    """Work in another thread during the block, which is given what waits for the result.

    Programs that it still runs when the block ends are killed.
    """
    pool: _Pool[R] = _Pool(2)  # this thread, and one beside it
    try:
        yield pool.submit(lambda _: work(), None).result
    finally:
        pool.end()


def _done(work: Callable[[T], R], item: T) -> Future[R]:
    """Work at once."""
    future: Future[R] = Future()
    try:
        future.set_result(work(item))
    except Exception as error:  # raised when its turn has come
        future.set_exception(error)
    return future


class _Pool(Generic[R]):
    """Some threads, whose programs can be ended; with one worker there is none of them."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.most = _PENDING * workers if workers > 1 else 1
        self._threads: list[int] = []
        self._running: set[Future[R]] = set()
        self._ended = threading.Event()
        self._executor = ThreadPoolExecutor(workers, "page", self._note_thread)

    def _note_thread(self) -> None:
        self._threads.append(threading.get_native_id())

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        if self._workers == 1:
            return _done(work, item)
        context = copy_context()
        context.run(_ended.set, self._ended)
        future = self._executor.submit(context.run, work, item)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def end(self) -> None:
        """Wait for the threads, after what they still do was given up."""
        self._ended.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
        while running := list(self._running):
            for thread in self._threads:
                programs.end_those_of(thread)
            wait(running, _SECONDS_BETWEEN_KILLS)
        self._executor.shutdown()
