"""From a person's documents to a model that knows them, if that is better than the one before.

Every step leaves its result in a folder beside the model, and finds it there when it is run
again: words, packs, checkpoints, the new bundle.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docx_cli.bundle import Bundle, open_bundle, write_manifest
from docx_cli.cli.messages import complain
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_cli.pipeline import Extractor
from docx_export.writer import write_bundle
from docx_models import calibrate, checkpoint, reports, scores, user_documents
from docx_models.cases import Reader, case_of, load_cases
from docx_models.compare import Comparison, compare
from docx_models.evaluate import Plan
from docx_models.loaders import Labelled
from docx_models.recipe import Recipe, load_recipe
from docx_models.records import Pack
from docx_models.reports import Report
from docx_models.start import load_start, mixed
from docx_models.synth import FAMILIES, write_pack
from docx_models.systems import Contender
from docx_models.training import Trainer

RECIPE = "documents"
STEPS_A_DOCUMENT = 1.0
"""Added to the recipe's steps for each document that is learned from."""

MOST_STEPS = 480
"""About 40 minutes on two cores."""

UNSEEN_PAGES = 60
"""Synthetic pages that are not trained on: they tell what is forgotten, and help to calibrate."""

LEAST_TO_ROUND = 60
"""Pages below which int8 is rounded with synthetic pages: it would be fitted to their noise."""

SHARE = 0.75
"""Of the trained weights, the rest is of those before. On 100 receipts of sroie's training split
that a model taught with 50 others had not seen, 74.2 % of the answers were right before; with 1.0,
0.75 and 0.5 of its weights 78.5, 80.0 and 80.2 %."""

DOCUMENTS, SYNTHETIC, SPARED, UNSEEN = "documents", "synthetic", "calibration", "unseen"
"""Packs: what is trained on, what calibrates, and what shows that nothing is forgotten."""

BEFORE, AFTER = "before", "after"

VERSION = "1"


@dataclass(frozen=True)
class Order:
    """What is to be learned, from what, and where the model goes."""

    documents: Path
    target: Path
    """Bundle to write, or to replace."""
    start: Path
    """Bundle to start from."""
    steps: int | None = None
    rows: int | None = None
    limit: int | None = None
    """Documents, at most."""
    jobs: int = 1
    """Processes that read documents."""

    @property
    def work(self) -> Path:
        """Folder of everything but the model."""
        return Path(f"{self.target}.run")

    @property
    def candidate(self) -> Path:
        """The new model, to be measured and, if it is not worse, copied to the target."""
        return self.work / "bundle"

    @property
    def previous(self) -> Path:
        """The model that was replaced."""
        return self.work / "previous"


def finetune(order: Order) -> tuple[Report, Comparison]:
    """Read, learn, measure; write the model unless it is worse.

    Returns:
        What was measured on the documents held out, and the comparison with the model before.

    Raises:
        FileAccessError: the target is no model, or something cannot be read or written.
        UnsupportedInputError: a label is bad, or there are too few documents or labels.
        BundleError: a model is damaged.
    """
    start = open_bundle(order.start)
    if order.target.exists() and not (order.target / "manifest.json").exists():
        raise FileAccessError("is there already and is no model", source=str(order.target))
    rival = open_bundle(order.target) if order.target.exists() else start
    parts = user_documents.split(order.documents, order.limit)
    try:
        order.work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be made", source=str(order.work)) from error
    reader = Reader("own", start.picture_size, order.work / "words")
    parts = _read(order, parts, reader)
    recipe = _recipe(order, len(parts.training))
    complain(
        f"{len(parts.training)} documents to learn from, {len(parts.calibration)} to calibrate, "
        f"{len(parts.held_out)} held out; {recipe.steps} steps"
    )
    _write_packs(order, recipe, parts, reader)
    facts, mark = _facts(order, recipe, start), order.work / "made-of.sha256"
    made_of = f"{facts} {SHARE}"
    if not (order.candidate.exists() and _holds(mark, made_of)):
        trained = mixed(load_start(order.start), _train(order, recipe, facts), SHARE)
        _export(order, trained, start, calibrated=bool(parts.calibration))
        mark.write_text(made_of)
    plan = _plan(order, rival)
    report, compared = _measure(order, plan, parts.held_out)
    _say_what_was_forgotten(order, plan)
    _write_card(order, start, len(parts.training), report)
    if not compared.worse:
        _replace(order)
    return report, compared


def _read(order: Order, parts: user_documents.Split, reader: Reader) -> user_documents.Split:
    """Read all documents; those that cannot be read are left out."""
    every = (*parts.training, *parts.calibration, *parts.held_out)
    known = {d.file for d in user_documents.readable(every, reader, order.jobs)}
    left = user_documents.Split(
        *(
            tuple(d for d in part if d.file in known)
            for part in (parts.training, parts.calibration, parts.held_out)
        )
    )
    if not left.training or not left.held_out:
        raise UnsupportedInputError("too few can be read", source=str(order.documents))
    return left


def _recipe(order: Order, documents: int) -> Recipe:
    """Fit the recipe to the number of documents."""
    recipe = load_recipe(RECIPE, rows=order.rows)
    steps = min(MOST_STEPS, recipe.steps + round(STEPS_A_DOCUMENT * documents))
    return dataclasses.replace(recipe, steps=steps if order.steps is None else order.steps)


def _write_packs(order: Order, recipe: Recipe, parts: user_documents.Split, reader: Reader) -> None:
    """Write what is trained on and what calibrates: pages of the documents and synthetic ones."""
    tally = user_documents.write_records(order.work / DOCUMENTS, parts.training, reader)
    complain(f"{tally['located']} of {tally['labels']} answers were located among the words")
    if not tally["located"]:
        problem = "none of the labelled answers stands in its document"
        raise UnsupportedInputError(problem, source=str(order.documents))
    share = recipe.shares[recipe.packs.index(SYNTHETIC)] / sum(recipe.shares)
    drawn = max(1, round(recipe.steps * recipe.rows * share))
    _write_synthetic(order, SYNTHETIC, drawn, seed=1)
    _write_synthetic(order, UNSEEN, UNSEEN_PAGES, seed=2)
    shutil.rmtree(order.work / SPARED, ignore_errors=True)
    if parts.calibration:
        user_documents.write_records(order.work / SPARED, parts.calibration, reader)


def _write_synthetic(order: Order, name: str, pages: int, seed: int) -> None:
    """Write a synthetic pack anew unless it is there with as many pages."""
    folder = order.work / name
    if any(folder.glob("*.jsonl")) and len(Pack(folder)) != pages:
        shutil.rmtree(folder)
    write_pack(folder, pages=pages, seed=seed, families=FAMILIES, jobs=order.jobs)


def _facts(order: Order, recipe: Recipe, start: Bundle) -> str:
    """Return a hash of all that decides what the new model becomes."""
    facts = hashlib.sha256(json.dumps([start.sha256, recipe.to_mapping()]).encode())
    for name in (DOCUMENTS, SYNTHETIC, SPARED, UNSEEN):
        for shard in sorted((order.work / name).glob("*.jsonl")):
            facts.update(shard.read_bytes())
    return facts.hexdigest()


def _holds(mark: Path, facts: str) -> bool:
    return mark.exists() and mark.read_text() == facts


def _train(order: Order, recipe: Recipe, facts: str) -> checkpoint.Loaded:
    """Train, or go on training; what was trained on other pages or from another model goes."""
    run = order.work / "training"
    mark, final = run / "trained-on.sha256", run / "model"
    if not _holds(mark, facts):
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(parents=True)
        mark.write_text(facts)
    if not final.exists():
        packs = [Pack(order.work / name) for name in recipe.packs]
        Trainer(recipe, load_start(order.start), packs, run).train()
    return checkpoint.load(final)


def _export(order: Order, trained: checkpoint.Loaded, start: Bundle, *, calibrated: bool) -> None:
    """Make the new bundle; its confidences are fitted if there are documents for it."""
    shutil.rmtree(order.candidate, ignore_errors=True)
    own = order.work / DOCUMENTS
    enough = len(Pack(own)) >= LEAST_TO_ROUND
    write_bundle(
        trained,
        order.candidate,
        name=order.target.name,
        version=VERSION,
        card="",
        pages=own if enough else order.work / SYNTHETIC,
        calibration=dict(start.calibration),
    )
    if calibrated:
        bundle = open_bundle(order.candidate)
        packs = [Pack(order.work / name) for name in (SPARED, UNSEEN)]
        records = (pack[i] for pack in packs for i in range(len(pack)))
        calibrate.write(bundle, calibrate.calibrate(Extractor(bundle), records))


def _plan(order: Order, rival: Bundle) -> Plan:
    """Plan to measure the model that would be replaced, and the new one."""
    before = Contender(BEFORE, rival.path, ("auto",))
    after = Contender(AFTER, order.candidate, ("auto",))
    return Plan((before, after), baseline=False, words="own", cache=order.work / "words")


def _measure(order: Order, plan: Plan, held_out: Sequence[Labelled]) -> tuple[Report, Comparison]:
    """Measure both models on the documents held out."""
    name = order.documents.resolve().name
    cases = [case_of(name, document) for document in held_out]
    report = reports.measure(name, f"{name}, {len(cases)} documents held out", plan, cases)
    before, after = report.systems.items()
    compared = compare(before, after)
    assert compared is not None  # every document held out has a question
    return report, compared


def _say_what_was_forgotten(order: Order, plan: Plan) -> None:
    """Measure both models on documents of other kinds."""
    cases = load_cases(order.work / UNSEEN, "dev")
    systems = reports.measure("synthetic pages", UNSEEN, plan, cases).systems
    before, after = (
        scores.summary([j for j in judged if j.present])["typed"]["mean"]
        for judged in systems.values()
    )
    complain(
        f"of answers on synthetic pages of other kinds, {before:.1%} were right, now {after:.1%}"
    )


def _write_card(order: Order, start: Bundle, documents: int, report: Report) -> None:
    """Say in the new model's card what it is, and what was measured."""
    figures = reports.as_tables([report], [], 150, color=False)
    card = start.file("MODEL_CARD.md").read_text(encoding="utf-8")
    text = (
        f"# {order.target.name}\n\n{start.name} {start.version} ({start.sha256[:16]}), fine-tuned "
        f"on {documents} documents of one person's. Before and after, on documents of the same "
        f"kind that were held out:\n\n```text\n{figures}```\n\nThe card of {start.name} follows.\n"
    )
    (order.candidate / "MODEL_CARD.md").write_text(f"{text}\n{card}", encoding="utf-8")
    write_manifest(order.candidate, name=order.target.name, version=VERSION)


def _replace(order: Order) -> None:
    """Put the new model in the place of the one before, which is kept until the next time."""
    fresh = order.work / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(order.candidate, fresh)
    if order.target.exists():
        shutil.rmtree(order.previous, ignore_errors=True)
        order.target.rename(order.previous)
    fresh.rename(order.target)
