"""The command line is light: shown by running it and listing what was loaded."""

import json
import os
import subprocess
import sys

import pytest
from cli_support import FIXTURE, ROOT

from docx_cli.cli.apps import Deferred
from docx_cli.cli.commands import COMMANDS

HEAVY = {
    "numpy", "onnxruntime", "PIL", "pytesseract", "pdf2image", "pypdfium2", "tokenizers",
    "rich", "pandas",
}  # fmt: skip
TRAINING = {"torch", "onnx", "safetensors", "typst", "faker", "transformers"}
OWN = {"docx_models", "docx_export"}


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def loaded(*arguments):
    """Run docx and return its exit code and the top-level packages that were loaded."""
    code = (
        "import json, sys\n"
        "from docx_cli.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "names = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "print(json.dumps([code, names]), file=sys.stderr)"
    )
    done = run(code, *arguments)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["ask", "--help"], ["show", "--help"], ["--version"], ["schema"]]
)
def test_help_loads_nothing_heavy(arguments):
    code, modules = loaded(*arguments)
    assert code == 0
    assert modules & (HEAVY | TRAINING | OWN) == set()


def test_help_loads_no_command():
    code = (
        "import sys\n"
        "from docx_cli.__main__ import main\n"
        "main(['--help'])\n"
        "print(*(name for name in sys.modules if name.startswith('docx_cli.')), file=sys.stderr)"
    )
    modules = run(code).stderr.split()
    assert sorted(modules) == [
        "docx_cli.__main__", "docx_cli.cli", "docx_cli.cli.app", "docx_cli.cli.apps",
        "docx_cli.cli.commands", "docx_cli.cli.completion", "docx_cli.cli.messages",
        "docx_cli.errors", "docx_cli.safe_text",
    ]  # fmt: skip


def test_the_help_of_a_command_is_what_the_list_says():
    for name, entry in COMMANDS.items():
        deferred = Deferred(name, entry)
        if not deferred.heavy:
            loaded = deferred.load()
            assert loaded.get_short_help_str(200) == entry.help


def test_the_package_itself_is_light():
    code = "import docx_cli, sys; print(*sys.modules)"
    done = run(code)
    modules = {name.partition(".")[0] for name in done.stdout.split()}
    assert modules & (HEAVY | TRAINING | {"typer"}) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", str(FIXTURE), "-q", "What is the total?"],
        ["ocr", str(FIXTURE), "--ocr", "always", "--dpi", "100"],
        ["show", str(FIXTURE), "--page", "1", "-o", os.devnull],
    ],
    ids=["ask", "ocr", "show"],
)
def test_a_run_never_loads_training_packages(arguments):
    """Key-values and tables run for the drawing, so that all of the pipeline is loaded."""
    code, modules = loaded(*arguments)
    assert code == 0
    assert modules & (TRAINING | OWN | {"pandas"}) == set()
    assert {"numpy", "pytesseract" if arguments[0] == "ocr" else "onnxruntime"} <= modules


@pytest.mark.parametrize("command", ["train", "export"])
def test_without_the_extra_one_line_says_how_to_get_it(command):
    package = {"train": "docx_models", "export": "docx_export"}[command]
    code = (
        "import sys, types\n"
        "from docx_cli.__main__ import main\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == '{package}.commands':\n"
        "            raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n"
        "sys.meta_path.insert(0, Absent())\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    done = run(code, command)
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "[train]" in done.stderr
