"""What is trained on in which step: batches drawn from packs, in other processes if that pays.

A batch is a function of the recipe and its step, so it does not matter who draws it, or when.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from docx_cli.config import EncodingConfig, ModelConfig
from docx_cli.encode import Encoding
from docx_models.recipe import Recipe
from docx_models.records import Pack
from docx_models.rows import Batch, RowMaker, RowOptions, collate

POOL = 6
"""Pages are drawn POOL times as many as needed, and a run of similar length is taken."""


@dataclass(frozen=True)
class BatchPlan:
    """All that decides a run's batches, in a form that can be sent to another process."""

    recipe: Recipe
    packs: Sequence[Pack]
    encoding: EncodingConfig
    tokenizer_json: str
    model: ModelConfig


class BatchMaker:
    """Draws the batch of any step of a run."""

    def __init__(self, plan: BatchPlan) -> None:
        recipe, model = plan.recipe, plan.model
        self.recipe, self.packs = recipe, plan.packs
        self.encoding = Encoding(plan.encoding, Tokenizer.from_str(plan.tokenizer_json))
        options = RowOptions(
            questions=recipe.questions,
            target_tokens=recipe.target_tokens,
            pair_words=recipe.pair_words,
            shuffle=recipe.shuffle,
            page_tokens=recipe.page_tokens,
            noise=recipe.noise,
            foreign=recipe.foreign,
        )
        self.rows = RowMaker(self.encoding, options, model.span_length, model.tags, model.relations)

    def batch(self, step: int) -> Batch:
        """Draw the batch of a step: pages of similar length from the packs by their shares."""
        rng = np.random.default_rng((self.recipe.seed, step))
        shares = np.array(self.recipe.shares) / sum(self.recipe.shares)
        drawn = []
        for which in rng.choice(len(self.packs), size=POOL * self.recipe.rows, p=shares):
            pack = self.packs[int(which)]
            index = int(rng.integers(len(pack)))
            drawn.append((pack.size(index), int(which), index))
        drawn.sort()
        start = int(rng.integers(len(drawn) - self.recipe.rows + 1))
        chosen = drawn[start : start + self.recipe.rows]
        rows = [self.rows.draw(self.packs[w][i], rng) for _, w, i in chosen]
        return collate(rows, self.encoding.pad_id)


def prepared(plan: BatchPlan, first: int, workers: int) -> Iterator[Batch]:
    """Yield the batches from step `first` to the recipe's last, some of them drawn ahead.

    Args:
        plan: what is drawn from.
        first: the step to begin at.
        workers: processes that draw; 0 leaves it to a thread, which is enough where a step of
            training takes longer than its batch.
    """
    waiting: deque[Future[Batch]] = deque()
    with _drawing(plan, workers) as (pool, draw):
        for step in range(first, plan.recipe.steps):
            waiting.append(pool.submit(draw, step))
            if len(waiting) > max(1, 2 * workers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextlib.contextmanager
def _drawing(plan: BatchPlan, workers: int) -> Iterator[tuple[Executor, Callable[[int], Batch]]]:
    if not workers:
        with ThreadPoolExecutor(1) as pool:
            yield pool, BatchMaker(plan).batch
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(plan,)) as processes:
        yield processes, _draw


_maker: BatchMaker | None = None


def _start(plan: BatchPlan) -> None:
    global _maker
    torch.set_num_threads(1)
    _maker = BatchMaker(plan)


def _draw(step: int) -> Batch:
    assert _maker is not None
    return _maker.batch(step)
