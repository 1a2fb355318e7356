"""docx completion: what a shell completes, and how it is taught to."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

VARIABLE = "_DOCX_COMPLETE"
"""Set by the shell where it wants completions instead of a run."""


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(metavar="bash|zsh|fish")],
) -> None:
    """Print what teaches a shell to complete commands and values.

    Models, schemas and languages are those that are installed at the time.
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    typer.echo(get_completion_script(prog_name="docx", complete_var=VARIABLE, shell=shell))


def teach_shells() -> None:
    """Register the shells' ways of asking with Typer, which does so only for its own options."""
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()


def models(incomplete: str) -> list[str]:
    """Return the names of the installed models."""
    from docx_cli.bundle import installed

    return [path.name for path in installed() if path.name.startswith(incomplete)]


def schemas(incomplete: str) -> list[str]:
    """Return the names of the schemas that come with docx."""
    from docx_cli.short_schema import FOLDER

    return sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem.startswith(incomplete))


def languages(incomplete: str) -> list[str]:
    """Return the installed OCR languages, behind those that stand there already."""
    from docx_cli.tesseract import installed_languages

    before, plus, _ = incomplete.rpartition("+")
    chosen = before.split("+")
    found = (name for name in installed_languages() if name not in chosen)
    return [f"{before}{plus}{name}" for name in found]
