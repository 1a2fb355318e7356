"""Pages are worked on ahead, come in order, and stop where nobody wants them any more."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from docx_cli.ahead import given_up, in_order, meanwhile

setting: ContextVar[str] = ContextVar("setting", default="")


def two() -> int:
    return 2


def one() -> int:
    return 1


def always(item: int) -> bool:
    return True


def test_results_come_in_order_and_two_are_worked_on_at_once() -> None:
    both = threading.Barrier(2, timeout=30)

    def work(item: int) -> tuple[int, int]:
        both.wait()  # passed only by two at a time
        time.sleep(0.02 if item % 2 else 0)
        return item, threading.get_ident()

    found = list(in_order(work, range(6), always, two))
    assert [item for item, _ in found] == list(range(6))
    assert threading.get_ident() not in {thread for _, thread in found}


def test_few_are_taken_ahead_and_only_by_the_caller() -> None:
    taken: list[int] = []
    gate = threading.Event()

    def items() -> Iterator[int]:
        for item in range(100):
            assert threading.current_thread() is threading.main_thread()
            taken.append(item)
            yield item

    def work(item: int) -> int:
        assert item == 0 or gate.wait(30)
        return item

    found = in_order(work, items(), always, two)
    assert next(found) == 0
    assert len(taken) <= 4
    gate.set()
    assert list(found) == list(range(1, 100))


def test_short_work_needs_no_thread_and_waits_for_nothing() -> None:
    def never() -> int:
        raise AssertionError("no thread is needed")

    taken = iter(range(10))
    found = in_order(lambda item: item * item, taken, lambda item: False, never)
    assert next(found) == 0 and next(taken) == 1


def test_with_one_worker_each_comes_before_the_next_is_taken() -> None:
    taken = iter(range(10))
    found = in_order(lambda item: threading.get_ident(), taken, always, one)
    assert next(found) == threading.get_ident() and next(taken) == 1


@pytest.mark.parametrize("workers", [one, two])
def test_an_error_is_raised_when_its_turn_has_come(workers) -> None:
    def work(item: int) -> int:
        if item == 2:
            raise ValueError("two")
        return item

    found = in_order(work, range(5), always, workers)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(found)


def test_work_is_done_in_the_context_of_the_caller() -> None:
    token = setting.set("mine")
    try:
        assert set(in_order(lambda item: setting.get(), range(4), always, two)) == {"mine"}
    finally:
        setting.reset(token)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells a thread's programs")
def test_closing_ends_the_programs_that_are_still_run() -> None:
    started: list[int] = []

    def work(item: int) -> int:
        if item:
            child = subprocess.Popen(["sleep", "300"])
            started.append(child.pid)
            return child.wait()
        return item

    found = in_order(work, range(9), always, two)
    assert next(found) == 0
    while len(started) < 2:
        time.sleep(0.01)
    begun = time.monotonic()
    found.close()
    assert time.monotonic() - begun < 60
    for child in started:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
    assert not [each for each in threading.enumerate() if each.name.startswith("page")]


def test_work_meanwhile_is_done_beside_the_block_and_in_its_context() -> None:
    begun = threading.Event()

    def work() -> tuple[str, int]:
        assert begun.wait(30)  # passed only while the block runs
        return setting.get(), threading.get_ident()

    token = setting.set("mine")
    try:
        with meanwhile(work) as result:
            begun.set()
            said, thread = result()
    finally:
        setting.reset(token)
    assert said == "mine" and thread != threading.get_ident()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells a thread's programs")
def test_a_block_that_fails_ends_what_runs_meanwhile() -> None:
    started: list[subprocess.Popen[bytes]] = []

    def work() -> int:
        started.append(subprocess.Popen(["sleep", "300"]))
        return started[0].wait()

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), meanwhile(work):
        while not started:
            time.sleep(0.01)
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 60
    assert started[0].poll() is not None


def test_work_knows_when_it_is_given_up() -> None:
    seen: list[bool] = []

    def work(item: int) -> None:
        seen.append(given_up())
        deadline = time.monotonic() + 10
        while item and not given_up() and time.monotonic() < deadline:
            time.sleep(0.01)
        seen.append(given_up())

    results = in_order(work, [0, 1], always, two)
    next(results)
    while len(seen) < 3:
        time.sleep(0.01)
    results.close()
    assert seen == [False, False, False, True]
    assert not given_up()
