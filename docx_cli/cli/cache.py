"""docx cache: what OCR read and was kept."""

from __future__ import annotations

import dataclasses

import typer

from docx_cli import ocr_cache
from docx_cli.cli.apps import new_app
from docx_cli.cli.emitter import print_data
from docx_cli.cli.examples import EXAMPLES
from docx_cli.cli.options import FormatOption

cache_app = new_app("What OCR read, kept so that a second question costs none.")

_MIB = 1 << 20


@cache_app.command(epilog=EXAMPLES["cache info"])
def info(style: FormatOption = None) -> None:
    """Say where the cache lies, and how much it holds."""
    facts = ocr_cache.info(ocr_cache.default_path())
    size = f"{facts.bytes / _MIB:.1f} of at most {facts.most_bytes / _MIB:.0f} MiB"
    print_data(dataclasses.asdict(facts), f"{facts.path}\n{facts.pages} pages, {size}", style)


@cache_app.command(epilog=EXAMPLES["cache clear"])
def clear() -> None:
    """Delete the cache."""
    path = ocr_cache.default_path()
    ocr_cache.clear(path)
    typer.echo(f"{path}: deleted", err=True)
