"""The command `docx export`; torch and onnx are loaded only when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docx_cli.cli.apps import new_app
from docx_cli.cli.messages import complain

export_app = new_app("Turn a checkpoint into a model bundle: ONNX graphs, int8, parity checks.")


@export_app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="Folder of a trained checkpoint.")],
    out: Annotated[Path, typer.Argument(help="Bundle folder to make.")],
    name: Annotated[str, typer.Option(help="The bundle's name.")] = "mini",
    version: Annotated[str, typer.Option(help="The bundle's version.")] = "1",
    card: Annotated[Path | None, typer.Option(help="Text of its MODEL_CARD.md.")] = None,
    pages: Annotated[
        Path | None,
        typer.Option(metavar="PACK", help="Page records to round the int8 weights with."),
    ] = None,
    float32: Annotated[bool, typer.Option("--float32", help="Do not quantise.")] = False,
) -> None:
    """Turn a checkpoint into a model bundle.

    The graphs are compared with PyTorch over several shapes and decoding steps; a difference
    stops the export. int8 keeps more answers as they were if it sees some pages.

    Example: docx export runs/finetune/model my-model --name my-model --pages data-packs/synth
    """
    from docx_cli.errors import FileAccessError
    from docx_export.writer import write_bundle
    from docx_models import checkpoint as checkpoints

    try:
        text = card.read_text(encoding="utf-8") if card else f"# {name}\n"
    except OSError as error:
        raise FileAccessError(error.strerror or "cannot be read", source=str(card)) from error
    loaded = checkpoints.load(checkpoint)
    difference = write_bundle(
        loaded, out, name=name, version=version, card=text, int8=not float32, pages=pages
    )
    complain(f"{out}: float32 graphs within {difference:.1e} of PyTorch")
