"""Start-up: `docx --help` against its bare imports, and the first answer on a text page, cold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from timing import in_turn, machine, report

SAMPLE = Path(__file__).parents[1] / "tests" / "fixtures" / "invoice.pdf"
IMPORTS = "import typer, rich"
RUNTIME = "import numpy, onnxruntime, tokenizers, pypdfium2, PIL.Image"


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def main() -> None:
    print(machine("typer", "rich", "onnxruntime", "numpy"))
    report(
        in_turn(
            {
                "python -c 'import typer, rich'": lambda: run("-c", IMPORTS),
                "docx --help": lambda: run("-m", "docx_cli", "--help"),
                "python -c 'import' the runtime's parts": lambda: run("-c", RUNTIME),
                "docx ask, one question, one text page": lambda: run(
                    "-m", "docx_cli", "ask", str(SAMPLE), "-q", "What is the total?"
                ),
            },
            rounds=9,
        ),
        "python -c 'import typer, rich'",
    )


if __name__ == "__main__":
    main()
