"""A training run that is killed goes on as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import support
import torch
from safetensors.torch import load_file

from docx_models import checkpoint
from docx_models.batches import BatchMaker, prepared
from docx_models.recipe import load_recipe
from docx_models.records import Pack
from docx_models.training import Trainer

STEPS, SAVED, KILLED = 40, 5, 8
"""Steps of the run, steps between checkpoints, and steps seen in the log before the kill."""


def start_run(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start `docx train finetune` as a user does, on one core so that sums have one order."""
    command = [
        sys.executable, "-m", "docx_cli", "train", "finetune", str(out),
        "--from", str(folder / "start"), "--recipe", str(folder / "recipe.toml"),
        "--data", str(folder),
    ]  # fmt: skip
    return subprocess.Popen(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE
    )


def finish(run: subprocess.Popen[bytes]) -> None:
    _, errors = run.communicate()
    assert run.returncode == 0, errors.decode()


def logged(out: Path) -> list[dict[str, Any]]:
    """The steps of a log with their losses; how fast they were is left out."""
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k != "tokens_s"} for line in lines]


def kill_after(run: subprocess.Popen[bytes], out: Path, steps: int) -> None:
    """Kill a run, without a chance to tidy up, once its log holds so many steps."""
    log = out / "log.jsonl"
    while run.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < steps):
        time.sleep(0.002)
    run.kill()
    run.communicate()
    assert run.returncode < 0, "the run ended before it could be killed"


def same_weights(one: Path, other: Path) -> None:
    mine, theirs = (load_file(out / "model" / "model.safetensors") for out in (one, other))
    assert set(mine) == set(theirs)
    for name, tensor in mine.items():
        assert torch.equal(tensor, theirs[name]), name


def test_a_killed_run_goes_on_exactly(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start", dropout=0.1)
    support.write_recipe(
        tmp_path / "recipe.toml", steps=STEPS, save_every=SAVED, shuffle=0.5, rate_new=1e-2
    )
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    finish(start_run(tmp_path, whole))
    run = start_run(tmp_path, killed)
    kill_after(run, killed, KILLED)
    before = logged(killed)
    assert KILLED <= len(before) < STEPS
    finish(start_run(tmp_path, killed))

    steps = logged(killed)
    assert [s["step"] for s in steps] == list(range(STEPS))
    for again, once in zip(steps, logged(whole), strict=True):
        assert again == once
    same_weights(killed, whole)
    assert sum(s["span"] for s in steps[-10:]) < 0.8 * sum(s["span"] for s in steps[:10]), (
        "it learns"
    )


def trainer(folder: Path, out: Path) -> Trainer:
    recipe = load_recipe(str(folder / "recipe.toml"))
    loaded = checkpoint.load(checkpoint.latest(out) or folder / "start")
    return Trainer(recipe, loaded, [Pack(folder / "pages")], out)


@pytest.mark.parametrize("stage", ["pretrain", "finetune"])
def test_both_stages_go_on_from_a_checkpoint(tmp_path: Path, stage: str) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start", dropout=0.1)
    support.write_recipe(tmp_path / "recipe.toml", stage=stage, steps=7, save_every=4, masked=0.4)
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    trainer(tmp_path, whole).train()
    resumed.mkdir()
    shutil.copytree(whole / "step-0000004", resumed / "step-0000004")
    shutil.copy(whole / "log.jsonl", resumed / "log.jsonl")
    (resumed / "step-0000008.part").mkdir()  # it was killed while it wrote the next one

    again = trainer(tmp_path, resumed)
    assert again.step == 4
    assert [s["step"] for s in logged(resumed)] == [0, 1, 2, 3], "what comes is logged again"
    again.train()
    assert logged(resumed) == logged(whole)
    same_weights(resumed, whole)


def test_a_run_killed_before_its_first_checkpoint_starts_anew(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start")
    support.write_recipe(tmp_path / "recipe.toml", steps=3)
    out = tmp_path / "run"
    out.mkdir()
    (out / "log.jsonl").write_text('{"step": 0, "span": 9.0}\n{"step": 1, "span": 9.0}\n')
    trainer(tmp_path, out).train()
    assert [s["step"] for s in logged(out)] == [0, 1, 2]
    assert all(s["span"] != 9.0 for s in logged(out))


def test_only_the_newest_checkpoint_is_kept(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start")
    support.write_recipe(tmp_path / "recipe.toml", steps=7, save_every=2)
    out = tmp_path / "run"
    trainer(tmp_path, out).train()
    assert sorted(p.name for p in out.iterdir()) == ["log.jsonl", "model", "step-0000006"]
    assert not list(out.rglob("*.pkl")) + list(out.rglob("*.pt"))


def test_a_batch_is_a_function_of_its_step(tmp_path: Path) -> None:
    """Whoever draws it: this process, a thread of it, or others, from whatever step on."""
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start")
    support.write_recipe(tmp_path / "recipe.toml", steps=6, shuffle=0.5, noise=0.5)
    plan = trainer(tmp_path, tmp_path / "run").plan
    maker = BatchMaker(plan)
    alone = {step: maker.batch(step) for step in (3, 0, 5, 1, 4, 2)}
    for first, workers in ((0, 0), (3, 0), (0, 2)):
        drawn = list(prepared(plan, first, workers))
        assert len(drawn) == 6 - first
        for step, batch in enumerate(drawn, first):
            for mine, theirs in zip(alone[step].inputs, batch.inputs, strict=True):
                assert torch.equal(mine, theirs)
            assert [r.questions for r in alone[step].rows] == [r.questions for r in batch.rows]


def test_the_rate_rises_and_falls_to_zero(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start")
    support.write_recipe(tmp_path / "recipe.toml", steps=10, warm_up=0.2)
    rates = [trainer(tmp_path, tmp_path / "run").rate(step) for step in range(11)]
    assert rates == pytest.approx([0.5, 1.0, 1.0, *(x / 8 for x in (7, 6, 5, 4, 3, 2, 1, 0))])


def test_warm_and_new_parameters_have_their_own_rates(tmp_path: Path) -> None:
    support.write_pack(tmp_path / "pages")
    support.write_start(tmp_path / "start")
    support.write_recipe(tmp_path / "recipe.toml", rate_warm=1e-4, rate_new=1e-2)
    found = trainer(tmp_path, tmp_path / "run")
    names = {id(p): name for name, p in found.model.named_parameters()}
    peaks = {
        names[id(p)]: (group["peak"], group["weight_decay"])
        for group in found.optimizer.param_groups
        for p in group["params"]
    }
    assert set(peaks) == set(names.values())
    assert peaks["encoder.layers.0.attention.q.weight"] == (1e-4, 0.01)
    assert peaks["encoder.layers.0.attention.q.bias"] == (1e-4, 0.0)
    assert peaks["encoder.spatial_text.projection.weight"] == (1e-2, 0.01)
    assert peaks["spans.start_query.bias"] == (1e-2, 0.0)
    assert peaks["decoder.layers.0.cross.q.weight"] == (1e-2, 0.01)
