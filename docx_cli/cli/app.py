"""The command ``docx`` itself; `commands.py` lists what it can be told to do."""

from __future__ import annotations

from typing import Annotated

import typer

from docx_cli import __version__
from docx_cli.cli import messages
from docx_cli.cli.apps import MainGroup, new_app

EXIT_CODES = """
\b
Exit codes:
    0 all well, also where an answer was not found
    1 a bug of ours
    2 wrong usage
    3 something is missing: Tesseract, Poppler, a language, a model
    4 the input is damaged, empty or of another kind
    5 a file cannot be read or written
    6 a password is needed, or wrong
    7 a program we call failed
    8 out of time, or of the memory that is allowed
    9 the model, a schema, a file of settings or a variable is invalid
   10  of several inputs, some failed; their records say why
   11  a model was trained but answers worse than the one there is, which was kept
  130  interrupted; 143 by SIGTERM
"""

app = new_app(
    "Ask questions of PDFs and scans, read their key-values and tables, offline.\n\n"
    "Every value comes with its page, box, words and confidence. Results go to stdout, "
    "everything else to stderr.",
    cls=MainGroup,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"docx {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr what is done.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    messages.set_up(verbose)
