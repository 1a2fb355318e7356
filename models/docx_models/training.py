"""The training loop: every step is a function of the recipe, its number and the weights.

All that is drawn in a step comes from a generator seeded with (seed, step), so a run that was
killed goes on from its last checkpoint exactly as if nothing had happened.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from docx_models import checkpoint, objectives
from docx_models.batches import BatchPlan, prepared
from docx_models.recipe import Recipe
from docx_models.records import Pack
from docx_models.rows import Batch


class Trainer:
    """Runs one recipe over packs of records, with checkpoints in `run`."""

    def __init__(
        self, recipe: Recipe, loaded: checkpoint.Loaded, packs: Sequence[Pack], run: Path
    ) -> None:
        self.recipe, self.loaded, self.run = recipe, loaded, run
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = loaded.model.to(self.device)
        self.plan = BatchPlan(
            recipe, packs, loaded.encoding.config, loaded.tokenizer_json, self.model.config
        )
        self.optimizer = torch.optim.AdamW(self._groups(), betas=(0.9, 0.98), fused=True)
        self.step = 0
        run.mkdir(parents=True, exist_ok=True)
        self._resume()

    def _groups(self) -> list[dict[str, Any]]:
        """Parameter groups: warm or new, matrices (decayed) or not."""
        groups: dict[tuple[bool, bool], list[Tensor]] = {}
        for name, parameter in self.model.named_parameters():
            warm = warm_started(name) and self.model.config.encoder_style == "bert"
            groups.setdefault((warm, parameter.dim() > 1), []).append(parameter)
        return [
            {
                "params": parameters,
                "peak": self.recipe.peak_rate(warm),
                "weight_decay": self.recipe.weight_decay if matrix else 0.0,
            }
            for (warm, matrix), parameters in groups.items()
        ]

    def _resume(self) -> None:
        found = checkpoint.latest(self.run)
        if found is not None:
            self.model.load_state_dict(checkpoint.load(found).model.state_dict())
            self.step = checkpoint.restore_optimizer(found, self.optimizer)["step"]
        log = self.run / "log.jsonl"
        if not log.exists():
            return
        # What was logged behind the checkpoint is trained, and logged, again.
        lines = [
            line for line in log.read_text().splitlines() if json.loads(line)["step"] < self.step
        ]
        log.write_text("".join(line + "\n" for line in lines))

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Weighted losses of a batch by name."""
        model, recipe = self.model, self.recipe
        if recipe.stage == "pretrain":
            rng = np.random.default_rng((recipe.seed, step, 1))
            inputs, task = objectives.mask_spans(batch, self.loaded.encoding, recipe.masked, rng)
            memory = model.encode(inputs)
            return {
                "line": recipe.weight_line * objectives.line_loss(model, memory, batch, rng),
                "grid": recipe.weight_grid * objectives.grid_loss(model, memory, inputs),
                "denoise": recipe.weight_denoise
                * objectives.decoder_loss(model, memory, inputs.groups, task),
            }
        memory = model.encode(batch.inputs)
        scores = model.span_scores(memory, batch.inputs)
        task = objectives.answer_task(batch.rows, self.loaded.encoding.pad_id, recipe.decoded)
        tags, pairs = objectives.word_losses(model, memory, batch)
        return {
            "span": recipe.weight_span * objectives.span_loss(scores, batch.rows),
            "decode": recipe.weight_decode
            * objectives.decoder_loss(model, memory, batch.inputs.groups, task),
            "tags": recipe.weight_tags * tags,
            "pairs": recipe.weight_pairs * pairs,
        }

    def rate(self, step: int) -> float:
        """Share of the peak learning rate: up in a line, then down in a line."""
        rise = max(1, int(self.recipe.warm_up * self.recipe.steps))
        if step < rise:
            return (step + 1) / rise
        return max(0.0, (self.recipe.steps - step) / max(1, self.recipe.steps - rise))

    def train_step(self, batch: Batch, step: int) -> dict[str, float]:
        """One optimizer step; returns the losses."""
        torch.manual_seed(self.recipe.seed * 1_000_003 + step)  # dropout
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self.rate(step)
        batch = batch.to(self.device)
        half = torch.autocast(self.device.type, torch.bfloat16, enabled=has_bfloat16(self.device))
        with torch.device(self.device), half:
            losses = self.losses(batch, step)
        total = torch.stack(list(losses.values())).sum()
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return {k: round(v.item(), 5) for k, v in losses.items()}

    def train(self) -> Path:
        """Run to the recipe's last step; returns the folder of the final model."""
        self.model.train()
        columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bar = Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True))
        with bar, (self.run / "log.jsonl").open("a", buffering=1) as log:
            task = bar.add_task(
                self.recipe.stage, total=self.recipe.steps, completed=self.step, note=""
            )
            # A GPU is done with a batch long before one process has drawn the next.
            workers = 0 if self.device.type == "cpu" else (os.cpu_count() or 2) - 1
            for batch in prepared(self.plan, self.step, workers):
                begun = time.perf_counter()
                losses = self.train_step(batch, self.step)
                tokens = int((batch.inputs.groups >= 0).sum())
                pace = round(tokens / (time.perf_counter() - begun))
                log.write(json.dumps({"step": self.step, **losses, "tokens_s": pace}) + "\n")
                self.step += 1
                note = " ".join(f"{k} {v:.3f}" for k, v in losses.items())
                bar.update(task, completed=self.step, note=note)
                if self.step % self.recipe.save_every == 0 and self.step < self.recipe.steps:
                    self.save()
        final = self.run / "model"
        checkpoint.save(final, self.loaded, None, {"recipe": self.recipe.to_mapping()})
        return final

    def save(self) -> None:
        """Write a checkpoint and drop the one before."""
        folder = self.run / f"step-{self.step:07d}"
        state = {"step": self.step, "recipe": self.recipe.to_mapping()}
        checkpoint.save(folder, self.loaded, self.optimizer, state)
        checkpoint.prune(self.run, folder)


def warm_started(name: str) -> bool:
    """Say whether a parameter of `mini` comes from the language model."""
    if not name.startswith("encoder."):
        return False
    fresh = ("spatial_", "modality", "visual")
    return "waves." not in name and not any(name.startswith(f"encoder.{part}") for part in fresh)


def has_bfloat16(device: torch.device) -> bool:
    """Say whether the device multiplies bfloat16 matrices natively."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
