"""docx model: the models that are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from docx_cli.cli.apps import new_app
from docx_cli.cli.completion import models as completed
from docx_cli.cli.emitter import print_data
from docx_cli.cli.examples import EXAMPLES
from docx_cli.cli.options import FormatOption
from docx_cli.errors import BundleError

model_app = new_app("List, inspect, verify and add models.")

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME|DIR]",
        envvar="DOCX_MODEL",
        help="Left out: the default model.",
        autocompletion=completed,
    ),
]


@model_app.command("list", epilog=EXAMPLES["model list"])
def list_models(style: FormatOption = None) -> None:
    """List the installed models."""
    from docx_cli.bundle import list_bundles

    models = [
        {"name": b.path.name, "version": b.version, "sha256": b.sha256, "path": str(b.path)}
        for b in list_bundles()
    ]
    print_data(models, "\n".join("{name}  {version}  {path}".format(**m) for m in models), style)


@model_app.command(epilog=EXAMPLES["model info"])
def info(name: Name = None, style: FormatOption = None) -> None:
    """Show a model's identity, sizes and calibration."""
    from docx_cli.bundle import FILES, open_bundle, resolve

    bundle = open_bundle(resolve(name))
    facts: dict[str, Any] = {
        "name": bundle.name,
        "version": bundle.version,
        "sha256": bundle.sha256,
        "path": str(bundle.path),
        "bytes": sum(bundle.file(file).stat().st_size for file in FILES),
        "model": bundle.model.to_mapping(),
        "encoding": bundle.encoding.to_mapping(),
        "calibration": dict(bundle.calibration),
    }
    lines = []
    for key, value in facts.items():
        if isinstance(value, dict):
            lines += [f"{key}.{name}: {inner}" for name, inner in value.items()]
        else:
            lines.append(f"{key}: {value}")
    print_data(facts, "\n".join(lines), style)


@model_app.command(epilog=EXAMPLES["model verify"])
def verify(name: Name = None) -> None:
    """Read every byte of a model and compare it with its manifest.

    Exit code 9 and a line on stderr if anything differs.
    """
    from docx_cli.bundle import resolve
    from docx_cli.bundle import verify as problems_of

    path = resolve(name)
    problems = problems_of(path)
    if problems:
        raise BundleError("; ".join(problems), source=str(path))
    typer.echo(f"{path}: sound", err=True)


@model_app.command(epilog=EXAMPLES["model add"])
def add(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The bundle to copy.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What to call it here.")
    ] = None,
) -> None:
    """Verify a model and copy it to your models."""
    from docx_cli.bundle import add as add_bundle

    typer.echo(f"added: {add_bundle(folder, name)}", err=True)
