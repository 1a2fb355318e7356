"""The command line as its callers see it: records, streams and exit codes."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from cli_support import PNG, docx, make_bundle, make_input, process
from PIL import Image

from docx_cli.errors import DocxError

pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture
def model(tmp_path, monkeypatch):
    path = make_bundle(tmp_path / "toy")
    monkeypatch.setenv("DOCX_MODEL", str(path))
    for name in ("DOCX_PASSWORD", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return path


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def lines(done):
    return done.stderr.decode().splitlines()


def test_one_file_gives_one_line_of_json_in_a_pipe(tmp_path):
    done = docx("ask", make_input(tmp_path), "-q", "due=What is due?")
    assert (done.returncode, lines(done)) == (0, [])
    [record] = records(done)
    assert record["answers"][0]["name"] == "due"
    assert record["key_values"] is None
    assert record["tables"] is None
    assert record["pages"][0]["words"] is None


def test_json_is_an_object_for_one_file_and_an_array_for_several(tmp_path):
    file = make_input(tmp_path)
    assert json.loads(docx("kv", file, "--format", "json").stdout)["key_values"]
    several = json.loads(docx("tables", file, file, "--format", "json").stdout)
    assert [len(record["tables"]) for record in several] == [1, 1]


def test_ocr_lists_words_and_needs_no_model(tmp_path):
    done = docx("ocr", make_input(tmp_path), DOCX_MODEL="no-such-model")
    [record] = records(done)
    assert record["pages"][0]["words"][1]["text"] == "42"


def test_stdin_is_read_for_a_dash_and_only_once(tmp_path):
    [record] = records(docx("kv", "-", stdin=PNG + b"ok"))
    assert record["source"] == "-"
    twice = docx("kv", "-", "-", stdin=PNG + b"ok")
    assert (twice.returncode, twice.stdout, len(lines(twice))) == (2, b"", 1)


@pytest.mark.parametrize("kind", DocxError.__subclasses__(), ids=lambda kind: kind.kind)
def test_a_failure_is_a_record_a_line_and_its_code(tmp_path, kind):
    file = make_input(tmp_path, kind.kind)
    done = docx("ask", file, "-q", "Who?")
    [record] = records(done)
    assert done.returncode == kind.exit_code
    assert record["status"] == "failed"
    assert record["error"]["kind"] == kind.kind
    assert record["error"]["exit_code"] == kind.exit_code
    assert lines(done) == [f"docx: {file}: stand-in {kind.kind}"]


def test_a_missing_file_and_a_text_file(tmp_path):
    text = make_input(tmp_path, name="text.pdf")
    (tmp_path / "text.pdf").write_text("no PDF")
    for file, code in ((str(tmp_path / "missing.pdf"), 5), (text, 4)):
        done = docx("ocr", file)
        assert (done.returncode, len(lines(done))) == (code, 1)
        assert file in lines(done)[0]
        assert records(done)[0]["error"]["exit_code"] == code


def test_a_batch_goes_on_and_ends_with_10(tmp_path):
    files = [make_input(tmp_path, does) for does in ("password", "ok", "bug", "timeout")]
    done = docx("kv", *files)
    assert done.returncode == 10
    codes = [r["error"] and r["error"]["exit_code"] for r in records(done)]
    assert codes == [6, None, 1, 8]
    assert len(lines(done)) == 3


def test_a_failed_page_is_a_warning(tmp_path):
    file = make_input(tmp_path, "partial")
    done = docx("kv", file)
    assert (done.returncode, records(done)[0]["status"]) == (0, "partial")
    assert lines(done) == [f"docx: {file}, page 2: took longer than 1 s"]


def test_a_document_without_a_readable_page_has_failed(tmp_path):
    file = make_input(tmp_path, "unread")
    done = docx("kv", file)
    [record] = records(done)
    assert (done.returncode, record["error"]["kind"], len(record["pages"])) == (8, "timeout", 1)
    assert lines(done) == [f"docx: {file}: page 2: took longer than 1 s"]


def test_a_bug_is_one_line_and_a_traceback_with_v(tmp_path):
    file = make_input(tmp_path, "bug")
    done = docx("kv", file)
    assert (done.returncode, len(lines(done))) == (1, 1)
    assert "internal error: KeyError: 'stand-in'" in lines(done)[0]
    assert b"Traceback" in docx("-v", "kv", file).stderr
    assert b"Traceback" in docx("kv", file, "-v").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "a.pdf"],
        ["ask", "-q", "Who?"],
        ["ask", "a.pdf", "-q", "   "],
        ["ask", "a.pdf", "-q", "a=Who?", "-q", "a=What?"],
        ["kv", "a.pdf", "--ocr", "sometimes"],
        ["kv", "a.pdf", "--dpi", "many"],
        ["kv", "a.pdf", "--nope"],
        ["nope"],
    ],
)
def test_wrong_usage_is_one_line(arguments):
    done = docx(*arguments)
    assert (done.returncode, done.stdout, len(lines(done))) == (2, b"", 1)
    assert lines(done)[0].startswith("docx: ")


@pytest.mark.parametrize("arguments", [[], ["model"]])
def test_a_bare_group_prints_its_help_on_stderr(arguments):
    done = docx(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert lines(done)[0].startswith("Usage: docx")
    assert len(lines(done)) > 5


def test_version():
    assert docx("--version").stdout.startswith(b"docx ")


def test_a_missing_model_and_a_damaged_one(tmp_path, model):
    file = make_input(tmp_path)
    assert docx("kv", file, "--model", "nobody").returncode == 3
    (model / "config.json").write_text("{}")
    done = docx("kv", file)
    assert (done.returncode, done.stdout, len(lines(done))) == (9, b"", 1)


def test_native_prints_do_not_reach_stdout(tmp_path):
    done = docx("kv", make_input(tmp_path, "print"))
    assert len(records(done)) == 1
    assert done.stderr == b"noise from C\n"


def test_interruption_closes_the_array_and_exits_130(tmp_path):
    files = [make_input(tmp_path, does) for does in ("ok", "interrupt", "bug")]
    done = docx("kv", *files, "--format", "json")
    assert (done.returncode, done.stderr) == (130, b"")
    assert len(json.loads(done.stdout)) == 1


def test_output_appears_whole_or_not_at_all(tmp_path):
    file, target = make_input(tmp_path), tmp_path / "out.json"
    target.write_text("before")
    assert docx("kv", file, make_input(tmp_path, "interrupt"), "-o", str(target)).returncode == 130
    assert target.read_text() == "before"
    assert docx("kv", file, "-o", str(target)).stdout == b""
    assert json.loads(target.read_text())["status"] == "ok"
    assert sorted(path.name for path in tmp_path.glob(".*")) == []
    umask = os.umask(0)
    os.umask(umask)
    fresh = tmp_path / "fresh.jsonl"
    docx("kv", file, "-o", str(fresh))
    assert fresh.stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_unwritable_output_is_said_before_the_work(tmp_path):
    done = docx("kv", make_input(tmp_path, "bug"), "-o", str(tmp_path / "no" / "out.json"))
    assert (done.returncode, len(lines(done))) == (5, 1)
    assert "out.json" in lines(done)[0]


def test_a_device_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    assert docx("kv", make_input(tmp_path), "-o", str(pipe)).returncode == 0
    assert json.loads(reader.communicate(timeout=10)[0])["status"] == "ok"
    assert pipe.is_fifo()


def test_a_full_disk_is_a_failure_and_not_a_traceback(tmp_path):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            **process("kv", make_input(tmp_path)), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, len(lines(done))) == (5, 1)


@pytest.mark.parametrize(
    ("does", "closed", "code", "records_out", "lines_out"),
    [
        ("ok", ">&-", 5, 0, 1),
        ("ok", "2>&-", 0, 1, 0),
        ("ok", "<&-", 0, 1, 0),
        ("password", "2>&-", 6, 1, 0),
        ("print", "2>&-", 0, 1, 0),
    ],
)
def test_closed_streams(tmp_path, does, closed, code, records_out, lines_out):
    start = process("kv", make_input(tmp_path, does))
    shell = ["sh", "-c", f'"$@" {closed}', "sh", *start["args"]]
    done = subprocess.run(shell, env=start["env"], capture_output=True, check=False)
    assert (done.returncode, len(lines(done))) == (code, lines_out)
    assert len(records(done)) == records_out


@pytest.mark.parametrize("arguments", [["kv", "FILE"], ["--help"], ["schema"]])
def test_a_reader_that_has_gone_is_silent(tmp_path, arguments):
    file = make_input(tmp_path)
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        **process(*(file if a == "FILE" else a for a in arguments)),
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


def test_the_password_comes_from_a_file_too(tmp_path):
    missing = docx("kv", make_input(tmp_path), "--password-file", str(tmp_path / "no"))
    assert missing.returncode == 5
    secret = tmp_path / "secret"
    secret.write_text("sesame\n")
    assert docx("kv", make_input(tmp_path), "--password-file", str(secret)).returncode == 0


@pytest.mark.parametrize(("name", "kind"), [("page.png", "PNG"), ("page.jpg", "JPEG")])
def test_show_draws_the_page(tmp_path, name, kind):
    file, picture = make_input(tmp_path), tmp_path / name
    done = docx("show", file, "--page", "1", "-o", str(picture), "-q", "due=What is due?")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    with Image.open(picture) as drawn:
        assert drawn.format == kind
        assert len(drawn.getcolors(1 << 16)) > 1
    piped = docx("show", file, "--page", "1", "-o", "-")
    assert piped.stdout.startswith(b"\x89PNG")


def test_show_leaves_no_picture_of_a_failure(tmp_path):
    file, picture = make_input(tmp_path, "password"), tmp_path / "page.png"
    done = docx("show", file, "--page", "1", "-o", str(picture))
    assert (done.returncode, len(lines(done)), picture.exists()) == (6, 1, False)


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
        child.communicate(timeout=30)
    os.close(ours)
    return out.decode()


def test_a_terminal_gets_text_that_cannot_drive_it(tmp_path):
    file = make_input(tmp_path)
    colored = on_a_terminal("tables", file)
    assert "Bolt" in colored
    assert "\x1b[" in colored
    for plain in (
        on_a_terminal("tables", file, NO_COLOR="1"),
        on_a_terminal("tables", file, "--no-color"),
        on_a_terminal("tables", file, "--format", "jsonl"),
    ):
        assert "Bolt" in plain
        assert not set(plain) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_doctor_says_what_is_missing(tmp_path, model):
    ready = docx("doctor", "--format", "json")
    checks = {check["name"]: check for check in json.loads(ready.stdout)["checks"]}
    assert checks["tesseract"]["ok"]
    assert checks["model"]["ok"]
    assert ready.returncode == 0
    absent = docx("doctor", "--lang", "eng+xyz", "--format", "text")
    assert absent.returncode == 3
    assert b"tesseract-ocr-xyz" in absent.stdout
    bare = docx("doctor", "--format", "json", PATH=str(tmp_path))
    missing = [c["name"] for c in json.loads(bare.stdout)["checks"] if not c["ok"]]
    assert missing == ["tesseract", "language eng", "pdftoppm", "pdftotext"]


def test_models_are_listed_verified_and_added(tmp_path, model):
    home = str(tmp_path / "data")
    added = docx("model", "add", str(model), "--name", "mine", XDG_DATA_HOME=home)
    assert (added.returncode, added.stdout) == (0, b"")
    listed = records(docx("model", "list", XDG_DATA_HOME=home))
    assert "mine" in [entry["name"] for entry in listed]
    assert records(docx("model", "info", "mine", XDG_DATA_HOME=home))[0]["version"] == "0.0.1"
    assert docx("model", "verify", "mine", XDG_DATA_HOME=home).returncode == 0
    (tmp_path / "data/docx-cli/models/mine/encoder.onnx").write_bytes(b"y" * 10)
    damaged = docx("model", "verify", "mine", XDG_DATA_HOME=home)
    assert damaged.returncode == 9
    assert "encoder.onnx" in lines(damaged)[0]
