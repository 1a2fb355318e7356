"""Start-up: `docx --help` against its bare imports, and the first answer on a text page, cold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from results import Comparison, finish, parser, versions
from timing import in_turn

SAMPLE = Path(__file__).parents[1] / "tests" / "fixtures" / "invoice.pdf"
IMPORTS = "import typer, rich"
RUNTIME = "import numpy, onnxruntime, tokenizers, pypdfium2, PIL.Image"
BARE = f"python -c '{IMPORTS}'"
FIRST = "docx ask, one question, one text page"


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def main(rounds: int, save: bool) -> None:
    seconds = in_turn(
        {
            BARE: lambda: run("-c", IMPORTS),
            "docx --help": lambda: run("-m", "docx_cli", "--help"),
            "python -c 'import' the runtime's parts": lambda: run("-c", RUNTIME),
            FIRST: lambda: run("-m", "docx_cli", "ask", str(SAMPLE), "-q", "What is the total?"),
        },
        rounds,
    )
    goals = {"docx --help": "<= 2.2", FIRST: "<= 0.9 s"}
    finish(
        "start_up",
        [Comparison("Whole processes", BARE, seconds, goals)],
        save=save,
        packages=versions("typer", "rich"),
    )


if __name__ == "__main__":
    told = parser(__doc__, rounds=9).parse_args()
    main(told.rounds, told.save)
