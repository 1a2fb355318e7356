"""The command line is light: shown by running it and listing what was loaded."""

import json
import subprocess
import sys

import pytest
from cli_support import ROOT, make_bundle, make_input, stand_in_pipeline

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


def loaded(*arguments, prepare=""):
    """Run docx and return the top-level packages that were loaded, with its exit code."""
    code = (
        f"import sys\n{prepare}\n"
        "from docx_cli.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "import json\n"
        "print(json.dumps([code, sorted({m.partition('.')[0] for m in sys.modules})]),"
        " file=sys.stderr)"
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
    assert not modules & (HEAVY | TRAINING | OWN)


def test_the_package_itself_is_light():
    code = "import docx_cli, sys; print(*sys.modules)"
    done = run(code)
    assert not {m.partition(".")[0] for m in done.stdout.split()} & (HEAVY | TRAINING | {"typer"})


def test_a_run_never_loads_training_packages(tmp_path):
    model = make_bundle(tmp_path / "toy")
    code, modules = loaded(
        "ask", make_input(tmp_path), "-q", "Who?", "--model", str(model),
        prepare=(
            "sys.path.insert(0, 'tests/runtime')\n"
            "import cli_support\n"
            f"sys.modules['docx_cli.pipeline'] = cli_support.{stand_in_pipeline.__name__}()"
        ),
    )  # fmt: skip
    assert code == 0
    assert not modules & (TRAINING | OWN)


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
