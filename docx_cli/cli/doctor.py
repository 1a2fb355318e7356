"""docx doctor: is this machine ready."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from docx_cli.cli.completion import languages
from docx_cli.cli.emitter import print_data
from docx_cli.cli.options import FormatOption, Model
from docx_cli.errors import MissingDependencyError


def doctor(
    lang: Annotated[
        str,
        typer.Option(
            "--lang",
            metavar="CODE",
            help="Languages that must be there: eng+deu.",
            autocompletion=languages,
        ),
    ] = "eng",
    model: Model = None,
    style: FormatOption = None,
) -> None:
    """Check that everything needed is installed.

    Says what is there, what is missing and how to get it. Exit code 3 if
    anything is missing.
    """
    from docx_cli.doctor import examine

    checks = examine(lang, model)
    missing = [check for check in checks if not check.ok]
    facts = {"ready": not missing, "checks": [dataclasses.asdict(check) for check in checks]}
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(
            f"{'ok     ' if check.ok else 'MISSING'}  {check.name:{width}}  {check.detail}"
        )
        if check.hint:
            lines.append(f"{'':{width + 9}}  {check.hint}")
    print_data(facts, "\n".join(lines), style)
    if missing:
        raise MissingDependencyError(f"missing: {', '.join(check.name for check in missing)}")
