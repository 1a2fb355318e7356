"""The command `docx train finetune`; torch is loaded only when it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from docx_cli.cli.messages import complain
from docx_cli.cli.stdout import guarded_stdout, write
from docx_cli.errors import NotBetterError, UsageError
from docx_models.commands import RowsOption, StepsOption, train_app, train_by_recipe

if TYPE_CHECKING:
    from docx_export.finetuning import Order

__all__ = ["train_app"]

WIDTH = 150

EXAMPLES = """
\b
Examples:
  docx train finetune my-model --documents mine
  docx train finetune my-model --documents corpora/sroie --limit 50
  docx train finetune runs/finetune --from runs/pretrain/model
"""


@train_app.command(epilog=EXAMPLES)
def finetune(
    out: Annotated[Path, typer.Argument(help="Model folder to make; with a recipe, run folder.")],
    documents: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Learn from these: files with labels.jsonl, or a set."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME|DIR",
            help="Model to start from; default with --documents: the installed one.",
        ),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="A recipe's name or file; default: mini-finetune.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the recipe's packs; default: data-packs.")
    ] = None,
    steps: StepsOption = None,
    rows: RowsOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Documents to take, at most; --documents only.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=0, help="Processes that read documents; 0: one a core.")
    ] = 0,
    style: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Of the figures of --documents.")
    ] = "text",
) -> None:
    """Teach a model your own documents, or train one by a recipe on packs.

    With --documents, one document in five is held out. The model learns from the others and
    is measured on these beside the one it started from, or the one that OUT holds already.
    OUT is written only if the new model answers no fewer questions rightly; else the exit code
    is 11. Words and the state of training are kept in OUT.run, so that a run that was killed
    goes on, and nothing is read twice.

    With a recipe, questions, tags and relations are trained on its packs, and OUT is the folder
    of the run.
    """
    if documents is None:
        if start is None:
            raise UsageError("--from: name the model to start from, or --documents to learn from")
        if limit is not None:
            raise UsageError("--limit is for --documents")
        folder = data or Path("data-packs")
        train_by_recipe(recipe or "mini-finetune", Path(start), out, folder, steps, rows)
        return
    if recipe is not None or data is not None:
        raise UsageError("--recipe and --data name packs; --documents makes its own")
    from docx_cli.bundle import resolve
    from docx_export.finetuning import Order

    workers = jobs or os.cpu_count() or 1
    _teach(Order(documents, out, resolve(start), steps, rows, limit, workers), style)


def _teach(order: Order, style: str) -> None:
    from docx_export.finetuning import finetune as run
    from docx_models.reports import as_json, as_tables

    with guarded_stdout() as out:
        report, compared = run(order)
        if style == "text":
            color = out.isatty()
            width = os.get_terminal_size(out.fileno()).columns if color else WIDTH
            text = as_tables([report], [compared], width, color)
        else:
            text = as_json([report], [compared])
        write(out, text.encode())
    if compared.worse:
        lost = f"{compared.lost} answers lost, {compared.won} won"
        raise NotBetterError(
            f"the new model is worse on the documents held out ({lost}); nothing was replaced",
            source=str(order.target),
            hint=f"label more documents; the new model is kept as {order.candidate}",
        )
    complain(f"{order.target}: written; use it with --model, or install it: docx model add")
