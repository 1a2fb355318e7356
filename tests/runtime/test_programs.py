"""Outside programs run within limits, and leave nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from cli_support import FIXTURE, docx, fake_program, process

from docx_cli import programs

TELL = """exec {python} -c '
import json, os, resource, sys
fds = [int(fd) for fd in os.listdir("/proc/self/fd")]
kinds = ("AS", "CPU", "FSIZE", "CORE")
limits = {{k: resource.getrlimit(getattr(resource, "RLIMIT_" + k)) for k in kinds}}
print(json.dumps([limits, fds, os.readlink("/proc/self/fd/0"), sys.argv[1:]]))
' "$@" """


def started(monkeypatch, folder, way, *arguments):
    """Start what stands for pdftotext and return what it finds: limits, descriptors, arguments."""
    script = TELL.format(python=sys.executable)
    monkeypatch.setenv("PATH", fake_program(folder, "pdftotext", script))
    with programs.limited(7.2):
        command = [*way("pdftotext"), *arguments]
        done = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(lambda name: [programs.launcher(name)], id="launcher"),
        pytest.param(lambda name: programs.command(name, 7.2), id="util-linux"),
    ],
)
def test_a_program_gets_limits_and_nothing_of_ours(monkeypatch, tmp_path, way):
    nasty = ["-f", "; rm -rf /", "$(id)", "a\nb", "\udcff"]
    limits, descriptors, stdin, arguments = started(monkeypatch, tmp_path, way, *nasty)
    assert limits == {
        "AS": [4 << 30] * 2, "CPU": [9] * 2, "FSIZE": [1 << 30] * 2, "CORE": [0] * 2,
    }  # fmt: skip
    assert max(descriptors) <= 3  # the folder that it lists is one
    assert (stdin, arguments) == ("/dev/null", nasty)


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (None, "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.check=3", "glibc.malloc.check=3:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
def test_programs_ask_for_huge_pages_unless_the_user_does_not_want_them(monkeypatch, theirs, told):
    if theirs is None:
        monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    else:
        monkeypatch.setenv("GLIBC_TUNABLES", theirs)
    with programs.limited(1.0), programs.limited(2.0):
        assert os.environ["GLIBC_TUNABLES"] == told
    assert os.environ.get("GLIBC_TUNABLES") == theirs


def test_what_is_not_installed_is_not_launched(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.launcher("tesseract") == "tesseract"


def test_a_program_that_wants_too_much_memory_fails_its_page_alone(documents, tmp_path):
    script = f'exec python3 -c "b = bytearray({8 << 30})"'
    path = fake_program(tmp_path, "pdftoppm", script)
    done = docx("ocr", FIXTURE, "--ocr", "always", PATH=path)
    [page] = json.loads(done.stdout)["pages"]
    assert (done.returncode, page["status"]) == (7, "failed")


def test_short_of_memory_is_told_from_a_failure(tmp_path):
    real = shutil.which("tesseract")
    version = f'if [ "$1" = --version ]; then exec {real} --version; fi'
    script = f'{version}\nulimit -v 80000; exec {real} "$@"'
    path = fake_program(tmp_path, "tesseract", script)
    done = docx("ocr", FIXTURE, "--ocr", "always", PATH=path)
    [page] = json.loads(done.stdout)["pages"]
    assert (done.returncode, page["status"]) == (8, "out_of_memory")
    assert page["error"] == "Tesseract needs more memory than is allowed"


def test_sigterm_leaves_no_file_and_no_program(documents, tmp_path):
    mark = f"{time.time_ns()}"
    version = 'if [ "$1" = --version ]; then echo tesseract 5.3.0; exit 0; fi'
    script = f"{version}\ntouch {tmp_path}/began; exec sleep 600.{mark}"
    path = fake_program(tmp_path, "tesseract", script)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    run = process("ocr", documents / "scan.png", PATH=path, TMPDIR=str(scratch))
    running = subprocess.Popen(**run, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (tmp_path / "began").exists():
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    assert running.returncode == 128 + signal.SIGTERM
    assert list(scratch.iterdir()) == []
    time.sleep(0.5)  # the kernel ends it at once, but not before it is asked here
    found = subprocess.run(["pgrep", "-f", f"600.{mark}"], capture_output=True, check=False)
    assert found.stdout == b""
