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

EXAMPLES = {
    "ask": """
\b
Examples:
  docx ask invoice.pdf -q "What is the total?"
  docx ask *.pdf -q total="What is the total?" -q date="When was it issued?"
  cat scan.png | docx ask - -q "Who signed?" --format json | jq -r '.answers[0].text'
  docx ask *.pdf -q total="What is the total?" -o totals.csv
  docx ask long.pdf --pages 1-3,-1 -q "What is the term?" -o answers.jsonl
""",
    "kv": """
\b
Examples:
  docx kv form.pdf
  docx kv form.pdf --flat | jq -r '."Invoice number"'
  docx kv forms/*.pdf -o forms.xlsx
  docx kv form.pdf | jq '.key_values[] | select(.source == "form") | .field'
""",
    "tables": """
\b
Examples:
  docx tables report.pdf --pages 4
  docx tables *.pdf -o tables.xlsx
  docx tables *.pdf -o tables/ --format csv
""",
    "extract": """
\b
Examples:
  docx extract --schema invoice invoice.pdf
  docx extract --schema invoice *.pdf -o invoices.xlsx
  docx extract --schema "number!, issued: date, total: money!" *.pdf --format csv
  docx extract --schema order.yaml order.pdf | jq '.extraction.data'
  docx schema invoice > my-invoice.json
""",
    "completion": """
\b
Examples:
  eval "$(docx completion bash)"                                   # in ~/.bashrc
  eval "$(docx completion zsh)"                    # in ~/.zshrc, behind compinit
  docx completion fish > ~/.config/fish/completions/docx.fish
""",
    "ocr": """
\b
Examples:
  docx ocr scan.jpg --lang deu
  docx ocr letter.pdf --ocr always --format jsonl | jq '.pages[].words | length'
""",
    "batch": """
\b
Examples:
  docx batch invoices -o results -q total="What is the total?" --kv
  docx batch archive --recursive -o results --kv --tables --per-document
  docx batch invoices -o results -q total="What is the total?" --retry-failed
  jq -r 'select(.error) | [.source, .error.message] | @tsv' results/records.jsonl
""",
    "show": """
\b
Examples:
  docx show invoice.pdf --page 1 -o page.png -q total="What is the total?"
  docx show report.pdf -o review.html -q total="What is the total?"
""",
}

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
app.command("doctor")(doctor)
app.add_typer(model_app, name="model")
app.add_typer(cache_app, name="cache")
app.add_typer(config_app, name="config")
app.command("schema")(schema)
app.command("completion", epilog=EXAMPLES["completion"])(completion)
