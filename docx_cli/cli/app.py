"""The command ``docx``: all its commands, in the order of its help."""

from __future__ import annotations

from typing import Annotated

import typer

from docx_cli import __version__
from docx_cli.cli import extract, messages
from docx_cli.cli.apps import MainGroup, new_app
from docx_cli.cli.batch import batch
from docx_cli.cli.cache import cache_app
from docx_cli.cli.completion import completion
from docx_cli.cli.config import config_app
from docx_cli.cli.doctor import doctor
from docx_cli.cli.examples import EXAMPLES
from docx_cli.cli.models import model_app
from docx_cli.cli.schema import schema
from docx_cli.cli.show import show
from docx_cli.cli.typed import extract as typed

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


for _name in ("ask", "kv", "tables", "ocr"):
    app.command(_name, epilog=EXAMPLES[_name])(getattr(extract, _name))
app.command("batch", epilog=EXAMPLES["batch"])(batch)
app.command("extract", epilog=EXAMPLES["extract"])(typed)
app.command("show", epilog=EXAMPLES["show"])(show)
app.command("doctor", epilog=EXAMPLES["doctor"])(doctor)
app.add_typer(model_app, name="model")
app.add_typer(cache_app, name="cache")
app.add_typer(config_app, name="config")
app.command("schema", epilog=EXAMPLES["schema"])(schema)
app.command("completion", epilog=EXAMPLES["completion"])(completion)
