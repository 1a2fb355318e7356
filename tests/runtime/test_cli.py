"""Streams, formats and files of the command line, on the real pipeline."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import FIXTURE, docx, fake_program, lines, process, records


def test_json_lines_in_a_pipe(docx_here, documents):
    names = [documents / "invoice.pdf", documents / "letter.pdf"]
    done = docx_here("ocr", *names)
    assert (done.returncode, lines(done)) == (0, [])
    assert [record["source"] for record in records(done)] == list(map(str, names))


def test_json_is_an_object_for_one_file_and_an_array_for_several(docx_here, documents):
    one = docx_here("ocr", documents / "invoice.pdf", "--format", "json")
    assert json.loads(one.stdout)["status"] == "ok"
    names = [documents / "invoice.pdf", documents / "letter.pdf"]
    several = docx_here("ocr", *names, "--format", "json")
    assert [record["status"] for record in json.loads(several.stdout)] == ["ok", "ok"]


def test_stdin_is_read_for_a_dash(documents):
    [record] = records(docx("ocr", "-", stdin=(documents / "invoice.pdf").read_bytes()))
    assert (record["source"], record["status"]) == ("-", "ok")


@pytest.mark.parametrize("arguments", [[], ["model"]])
def test_a_bare_group_prints_its_help_on_stderr(docx_here, arguments):
    done = docx_here(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert lines(done)[0].startswith("Usage: docx")
    assert len(lines(done)) > 5


def test_version(docx_here):
    assert docx_here("--version").stdout.startswith(b"docx ")


def test_verbose_tells_the_steps_on_stderr(docx_here):
    done = docx_here("ocr", FIXTURE, "-v")
    assert len(records(done)) == 1
    assert any("text" in line and line.startswith("docx: ") for line in lines(done))


def test_native_prints_do_not_reach_stdout():
    """Whatever runs in this process writes to descriptor 1 while a document is worked on."""
    code = (
        "import os, sys\n"
        "from docx_cli.__main__ import main\n"
        "noisy = ('subprocess.Popen', 'open')\n"
        "sys.addaudithook(lambda event, _: event in noisy and os.write(1, b'noise from C\\n'))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "ask", FIXTURE, "-q", "What is the total?"]
    done = subprocess.run(command, capture_output=True, check=False)
    noise = b"noise from C\n"
    # Noise from before the command took stdout over, and from after it gave it back.
    whole = re.fullmatch(rb"(?:%b)*(\{.*\}\n)(?:%b)*" % (noise, noise), done.stdout)
    assert done.returncode == 0
    assert whole and json.loads(whole[1])["status"] == "ok"
    assert done.stderr.count(noise) > 2


def test_output_appears_whole_or_not_at_all(docx_here, documents, tmp_path, monkeypatch):
    file, target = documents / "invoice.pdf", tmp_path / "out.json"
    assert docx_here("ocr", file, "-o", target).stdout == b""
    written = target.read_bytes()
    assert json.loads(written)["status"] == "ok"
    path = fake_program(tmp_path, "tesseract", "kill -INT $PPID; sleep 5")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", path)
        interrupted = docx("ocr", file, documents / "scan.png", "-o", target)
    assert (interrupted.returncode, interrupted.stdout, interrupted.stderr) == (130, b"", b"")
    assert target.read_bytes() == written
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_a_fresh_output_has_the_usual_permissions(docx_here, documents, tmp_path):
    umask = os.umask(0)
    os.umask(umask)
    fresh = tmp_path / "fresh.jsonl"
    docx_here("ocr", documents / "invoice.pdf", "-o", fresh)
    assert fresh.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_device_is_written_to_and_not_replaced(docx_here, documents, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert docx_here("ocr", documents / "invoice.pdf", "-o", pipe).returncode == 0
        assert json.loads(reader.communicate(timeout=60)[0])["status"] == "ok"
    assert pipe.is_fifo()


def test_a_full_disk_is_a_failure_and_not_a_traceback(documents):
    start = process("ocr", documents / "invoice.pdf")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(**start, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, len(lines(done))) == (5, 1)


@pytest.mark.parametrize(
    ("name", "closed", "code", "records_out", "lines_out"),
    [
        ("invoice.pdf", ">&-", 5, 0, 1),
        ("invoice.pdf", "2>&-", 0, 1, 0),
        ("invoice.pdf", "<&-", 0, 1, 0),
        ("locked.pdf", "2>&-", 6, 1, 0),
    ],
)
def test_closed_streams(documents, name, closed, code, records_out, lines_out):
    start = process("ocr", documents / name)
    shell = ["sh", "-c", f'"$@" {closed}', "sh", *start["args"]]
    done = subprocess.run(shell, env=start["env"], capture_output=True, check=False)
    assert (done.returncode, len(lines(done))) == (code, lines_out)
    assert len(records(done)) == records_out


@pytest.mark.parametrize("arguments", [["ocr", FIXTURE], ["--help"], ["schema"]])
def test_a_reader_that_has_gone_is_silent(arguments):
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        **process(*arguments), stdout=write_end, stderr=subprocess.PIPE, check=False
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


def on_a_terminal(*arguments, **environment):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        **process(*arguments, TERM="xterm", **environment), stdout=theirs, stderr=subprocess.PIPE
    ) as child:
        os.close(theirs)
        out = b""
        try:
            while chunk := os.read(ours, 65536):
                out += chunk
        except OSError:  # Linux's way of saying that the other side was closed
            pass
        child.communicate(timeout=60)
    os.close(ours)
    return out.decode()


def test_a_terminal_gets_text_that_cannot_drive_it(documents, tmp_path, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    nasty = tmp_path / "a\x1b[31mred\x07\u202e\x9b2J.pdf"
    nasty.write_bytes((documents / "invoice.pdf").read_bytes())
    colored = on_a_terminal("ocr", nasty)
    assert "Northwind Traders Ltd" in colored
    assert "\x1b[" in colored and "\x1b[31mred" not in colored
    for plain in (
        on_a_terminal("ocr", nasty, NO_COLOR="1"),
        on_a_terminal("ocr", nasty, "--no-color", "--format", "text"),
        on_a_terminal("ocr", nasty, "--format", "jsonl"),
    ):
        assert "Northwind" in plain
        assert not set(plain) & {"\x1b", "\x07", "\x9b", "\u202e"}
