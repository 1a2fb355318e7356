"""What only a terminal sees, in a real one: a bar, a question for the password, completion."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import FIXTURE, ROOT, docx, fake_program, lines, process, records
from conftest import Run
from documents import PASSWORD

SLOW = (
    'if [ "$1" = --version ]; then echo tesseract 5.3.0; exit; fi\n'
    "sleep 1.5; echo No luck >&2; exit 1"
)
Say = Callable[[bytes], bytes | None]


def at_a_terminal(
    *arguments: object, say: Say = lambda _: None, **environment: str
) -> tuple[int, bytes, str]:
    """Run docx with stdin and stderr a terminal of its own; return code, stdout and the screen.

    `say` gets what stands on the screen so far, and returns what is typed then.
    """
    ours, theirs = pty.openpty()
    start = process(*arguments, TERM="xterm", **environment)
    start["preexec_fn"] = lambda: (os.setsid(), fcntl.ioctl(2, termios.TIOCSCTTY, 0))
    screen = b""
    with subprocess.Popen(**start, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs) as child:
        os.close(theirs)
        try:
            while chunk := os.read(ours, 65536):
                screen += chunk
                if typed := say(screen):
                    os.write(ours, typed)
        except OSError:  # Linux's way of saying that the other side was closed
            pass
        assert child.stdout
        out = child.stdout.read()
    os.close(ours)
    return child.returncode, out, screen.decode()


def test_a_bar_counts_documents_and_pages(documents: Path, tmp_path: Path) -> None:
    path = fake_program(tmp_path, "tesseract", SLOW)
    names = [documents / "three.pdf", documents / "scan.png"]
    code, out, screen = at_a_terminal("ocr", *names, "--ocr", "always", PATH=path)
    assert (code, len(out.splitlines())) == (10, 2)
    # Pages are read side by side, so one of them may be gone before the bar is drawn again.
    assert re.search(r"1 of 2: \S*three.pdf, page [23] of 3", screen)
    assert re.search(r"2 of 2: \S*scan.png", screen)
    # What failed stands on lines of its own, where the bar was cleared away.
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen)
    assert re.search(r"(^|[\r\n])docx: \S*scan.png: page 1: Tesseract failed: No luck\r\n", said)


def test_a_bar_stands_while_a_page_to_show_is_read(documents: Path, tmp_path: Path) -> None:
    path = fake_program(tmp_path, "tesseract", SLOW)
    picture = tmp_path / "page.png"
    code, out, screen = at_a_terminal("show", documents / "scan.png", "-o", picture, PATH=path)
    assert (code, out, picture.exists()) == (7, b"", False)
    assert re.search(r"1 of 1: \S*scan.png", screen)


@pytest.mark.parametrize("option", ["--quiet", "-v"])
def test_no_bar_where_it_is_not_wanted(documents: Path, tmp_path: Path, option: str) -> None:
    path = fake_program(tmp_path, "tesseract", SLOW)
    _, _, screen = at_a_terminal("ocr", documents / "scan.png", option, PATH=path)
    assert "1 of 1" not in screen
    assert (screen == "") is (option == "--quiet")


def test_no_bar_in_a_pipe(documents: Path, tmp_path: Path) -> None:
    done = docx("ocr", documents / "scan.png", PATH=fake_program(tmp_path, "tesseract", SLOW))
    assert len(lines(done)) == 1
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize(("typed", "code"), [(PASSWORD, 0), ("guess", 6)])
def test_a_password_is_asked_for_without_echo(documents: Path, typed: str, code: int) -> None:
    asked = f"docx: password of {documents / 'locked.pdf'}: "
    given: list[str] = []

    def say(screen: bytes) -> bytes | None:
        if asked.encode() in screen and not given:
            given.append(typed)
            return typed.encode() + b"\n"
        return None

    names = [documents / "locked.pdf", documents / "invoice.pdf"]
    ended, out, screen = at_a_terminal("ocr", *names, say=say)
    found = [json.loads(line) for line in out.splitlines()]
    assert ended == (0 if code == 0 else 10)
    assert [record["error"] and record["error"]["exit_code"] for record in found] == [
        code or None,
        None,
    ]
    assert screen.count("password of") == 1
    assert typed not in screen


def test_quiet_leaves_the_record_and_the_code(docx_here: Run, documents: Path) -> None:
    failed = docx_here("ocr", documents / "text.pdf", "--quiet")
    assert (failed.returncode, failed.stderr) == (4, b"")
    assert records(failed)[0]["status"] == "failed"
    partial = docx_here("ocr", documents / "partial.pdf", "--quiet")
    assert (partial.returncode, partial.stderr) == (0, b"")
    assert lines(docx_here("ocr", "--quiet")) == [
        "docx: no input: name a file, a folder or --files-from"
    ]


@pytest.fixture
def command(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `docx` is what is tested, and two models are installed."""
    fake_program(tmp_path, "docx", f'exec {sys.executable} -m docx_cli "$@"')
    model = tmp_path / "docx-cli" / "models" / "mine"
    model.mkdir(parents=True)
    (model / "manifest.json").touch()
    fake_program(tmp_path, "tesseract", 'echo "Languages:"; echo deu; echo eng; echo osd')
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("docx tab", ["tables"]),
        ("docx config ", ["show"]),
        ("docx ask --files", ["--files-from"]),
        ("docx ask --model mi", ["mine", "mini"]),
        ("docx ocr --lang eng+", ["eng+deu"]),
        ("docx ask --format x", ["xlsx"]),
        ("docx extract --schema inv", ["invoice"]),
        ("docx ask x", []),
    ],
)
def test_bash_completes(command: dict[str, str], words: str, expected: list[str]) -> None:
    script = (
        'eval "$(docx completion bash)"; COMP_WORDS=($1); [[ $1 == *" " ]] && COMP_WORDS+=("");'
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); set -- $(complete -p docx);"
        'while [ "$1" != -F ]; do shift; done; "$2" docx; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    shell = ["bash", "--norc", "-c", script, "bash", words]
    done = subprocess.run(shell, env=command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert (done.stdout.split(), done.stderr) == (expected, "")


@pytest.mark.parametrize(
    ("shell", "asked", "answer"),
    [
        ("zsh", {}, """_arguments '*: :(("mine"\n"mini"))'\n"""),
        ("fish", {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "mine\nmini\n"),
    ],
)
def test_other_shells_are_answered(
    command: dict[str, str], shell: str, asked: dict[str, str], answer: str
) -> None:
    script = docx("completion", shell).stdout.decode()
    assert f"_DOCX_COMPLETE=complete_{shell}" in script
    variables = {
        "_DOCX_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "docx ask --model m",
    }
    done = subprocess.run(
        ["docx"],
        env=command | variables | asked,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout == answer
    if program := shutil.which(shell):  # the script is at least one that its shell can read
        subprocess.run([program, "-n", "-c", script], check=True, timeout=60)


def test_completion_loads_nothing_heavy(command: dict[str, str]) -> None:
    code = (
        "import sys\n"
        "from docx_cli.__main__ import main\n"
        "try:\n    main([])\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    variables = {"_DOCX_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "docx ask --model m"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=command | variables,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert "mini" in done.stdout
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert loaded & {"numpy", "PIL", "onnxruntime", "pytesseract", "rich"} == set()


def test_a_broken_file_of_settings_does_not_stop_completion(
    command: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "docx.toml").write_text("nonsense")
    variables = {"_DOCX_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "docx ask --mod"}
    path = {"PYTHONPATH": str(Path(FIXTURE).parents[2])}
    done = subprocess.run(
        ["docx"],
        env=command | variables | path,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert "--model" in done.stdout
