"""Workers die, hang and are replaced; every input has its outcome all the same."""

import json
import os
import signal
import subprocess
import time

import pytest
from batch_works import refused, work

from docx_cli.batch.pool import Pool, PoolOptions
from docx_cli.batch.unit import NO_PAGE
from docx_cli.errors import ProgramError


def pool(tmp_path, **options):
    return Pool(work, refused, PoolOptions(**{"jobs": 2, "patience": 2.0} | options), tmp_path)


def pages_of(outcome):
    return outcome.body.decode().partition(":")[2]


def worker_of(outcome):
    return outcome.body.decode().partition(":")[0]


def sleepers():
    found = subprocess.run(["pgrep", "-f", "sleep 600"], capture_output=True, check=False)
    return set(found.stdout.split())


def test_every_input_has_one_outcome_and_nothing_is_left(tmp_path):
    paths = [f"{n}/ok" for n in range(20)]
    made = list(pool(tmp_path, jobs=3).run(iter(paths)))
    assert sorted(m.path for m in made) == sorted(paths)
    assert {pages_of(m) for m in made} == {"1,2,3"}
    assert 1 <= len({worker_of(m) for m in made}) <= 3
    assert list(tmp_path.iterdir()) == []


def test_what_kills_its_worker_is_found_and_left_out(tmp_path):
    made = {m.path: m for m in pool(tmp_path).run(iter(["die-2", "a/ok", "b/ok"]))}
    assert pages_of(made["die-2"]) == "1,3"
    assert {pages_of(made[name]) for name in ("a/ok", "b/ok")} == {"1,2,3"}


def test_a_worker_that_was_killed_once_costs_no_page(tmp_path):
    path = str(tmp_path / "once-3")
    [made] = pool(tmp_path, jobs=1).run(iter([path]))
    assert pages_of(made) == "1,2,3"


def test_what_is_stuck_is_killed_with_its_programs(tmp_path):
    before = sleepers()
    began = time.monotonic()
    made = {m.path: m for m in pool(tmp_path, patience=3.0).run(iter(["hang-1", "ok"]))}
    assert pages_of(made["hang-1"]) == "2,3"
    assert time.monotonic() - began < 30
    assert sleepers() - before == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["die", "hang"])
def test_what_no_worker_survives_is_refused_with_its_cause(tmp_path, verb):
    options = PoolOptions(jobs=1, patience=1.0)
    [made] = Pool(DIES[verb], refused, options, tmp_path).run(iter(["x"]))
    said = {"die": "(signal 9)", "hang": "longer than 1 s"}[verb]
    assert made.status == "failed" and said in made.body.decode()


def test_a_page_that_is_stuck_is_found_by_its_own_time(tmp_path):
    began = time.monotonic()
    options = {"jobs": 1, "patience": 20.0, "page_patience": 5.0}
    [made] = pool(tmp_path, **options).run(iter(["hang-2"]))
    assert pages_of(made) == "1,3"
    assert time.monotonic() - began < 2 * options["patience"]


@pytest.mark.parametrize("log_json", [True, False])
def test_what_workers_log(tmp_path, capfd, log_json):
    list(pool(tmp_path, jobs=1, log_json=log_json).run(iter(["warn-1"])))
    said = capfd.readouterr().err.splitlines()
    if log_json:
        assert [json.loads(line)["message"] for line in said] == ["a warning"]
    else:
        assert said == ["docx: a warning", "noise of a library"]


def test_workers_are_replaced_after_some_turns_and_when_they_swell(tmp_path):
    paths = [f"{n}/ok" for n in range(6)]
    by_count = list(pool(tmp_path, jobs=1, most_turns=2).run(iter(paths)))
    assert len({worker_of(m) for m in by_count}) == 3
    by_memory = list(pool(tmp_path, jobs=1, swollen=1).run(iter(paths[:3])))
    assert len({worker_of(m) for m in by_memory}) == 3


def test_idle_workers_that_are_killed_are_replaced(tmp_path):
    def paths():
        yield "a/ok"
        yield "slow-1"
        yield "b/ok"
        yield "c/ok"

    made = []
    for outcome in pool(tmp_path, jobs=1).run(paths()):
        made.append(outcome.path)
        os.kill(int(worker_of(outcome)), signal.SIGKILL)
    assert made == ["a/ok", "slow-1", "b/ok", "c/ok"]


def test_leaving_early_ends_the_workers(tmp_path):
    before = sleepers()
    running = pool(tmp_path).run(iter(["ok", "hang-1", "hang-2"]))
    next(running)
    running.close()
    assert sleepers() - before == set()
    assert list(tmp_path.iterdir()) == []


def _die(turn, begin):
    begin(NO_PAGE)
    os.kill(os.getpid(), signal.SIGKILL)


def _hang(turn, begin):
    begin(NO_PAGE)
    time.sleep(600)


def _broken(turn, begin):
    os._exit(3)


def test_workers_that_never_begin_end_the_run(tmp_path):
    broken = Pool(_broken, refused, PoolOptions(jobs=2), tmp_path)
    with pytest.raises(ProgramError, match=r"before they begin \(exit code 3\)"):
        list(broken.run(f"{n}/ok" for n in range(100)))


DIES = {"die": _die, "hang": _hang}
