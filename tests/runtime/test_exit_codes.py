"""Every public exit code, each from its real cause, with one clear line and a valid record."""

import json
import os
import signal
import subprocess

import pytest
from cli_support import FIXTURE, docx, fake_program, flip_a_byte, lines, own_model, process, records
from documents import PASSWORD

from docx_cli.bundle import write_manifest
from docx_cli.session import open_graph

TESSERACT_VERSION = 'if [ "$1" = --version ]; then echo tesseract 5.3.0; exit 0; fi'


def failed_record(done, code, *said):
    """Check a failure of one input: its code, one line on stderr, and the record it returns."""
    assert (done.returncode, len(lines(done))) == (code, 1), done.stderr
    [record] = records(done)
    assert (record["status"], record["error"]["exit_code"]) == ("failed", code)
    assert lines(done)[0] == f"docx: {record['source']}: {record['error']['message']}"
    assert all(part in lines(done)[0] for part in said), lines(done)
    return record


def failed_at_once(done, code, *said):
    """Check a failure before any input was looked at: no record."""
    assert (done.returncode, done.stdout, len(lines(done))) == (code, b"", 1), done.stderr
    assert lines(done)[0].startswith("docx: ")
    assert all(part in lines(done)[0] for part in said), lines(done)


def test_0_also_where_nothing_is_found(docx_here, documents):
    done = docx_here("ask", documents / "letter.pdf", "-q", "What is the invoice number?")
    [record] = records(done)
    assert (done.returncode, lines(done), record["status"]) == (0, [], "ok")
    [answer] = record["answers"]
    assert (answer["found"], answer["text"], answer["grounding"]) == (False, "", "none")
    assert (answer["page"], answer["box"], answer["words"]) == (None, None, [])


def test_0_where_some_pages_failed(docx_here, documents):
    done = docx_here("ask", documents / "partial.pdf", "-q", "What is the total?")
    [record] = records(done)
    assert (done.returncode, record["status"], record["error"]) == (0, "partial", None)
    assert [page["status"] for page in record["pages"]] == ["ok", "failed"]
    assert record["answers"][0]["text"] == "$118.80"
    said = f"docx: {documents / 'partial.pdf'}, page 2: the page has no visible area"
    assert lines(done) == [said]


def test_1_a_bug(docx_here, documents, monkeypatch):
    # The one failure that has no real cause to set up, so something inside is broken on purpose.
    monkeypatch.setattr("docx_cli.poppler.text_words", lambda *_: {}["broken on purpose"])
    failed_record(docx_here("kv", FIXTURE), 1, "internal error: KeyError", "please report it")
    for arguments in (["-v", "kv", FIXTURE], ["kv", FIXTURE, "-v"]):
        assert b"Traceback" in docx_here(*arguments).stderr
    several = docx_here("ocr", FIXTURE, documents / "scan.png")
    assert (several.returncode, len(lines(several))) == (10, 1)
    assert [record["status"] for record in records(several)] == ["failed", "ok"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", FIXTURE],
        ["ask", "-q", "Who?"],
        ["ask", FIXTURE, "-q", "   "],
        ["ask", FIXTURE, "-q", "a=Who?", "-q", "a=What?"],
        ["kv", FIXTURE, "--ocr", "sometimes"],
        ["kv", FIXTURE, "--dpi", "many"],
        ["kv", FIXTURE, "--nope"],
        ["kv", "-", "-"],
        ["kv", "-", "--files-from", "-"],
        ["show", FIXTURE, "--page", "1"],
        ["nope"],
    ],
)
def test_2_wrong_usage(docx_here, arguments):
    failed_at_once(docx_here(*arguments), 2)


def test_2_what_only_the_document_shows(docx_here, documents):
    failed_record(docx_here("ocr", FIXTURE, "--pages", "7"), 2, "there is no page 7")
    failed_record(docx_here("ocr", FIXTURE, "--pages", "one"), 2)
    failed_record(docx_here("ocr", documents / "scan.png", "--lang", "eng --psm 1"), 2)
    failed_record(docx_here("ask", FIXTURE, "-q", "Why? " * 40), 2, "subwords")


def test_3_something_is_missing(docx_here, documents, tmp_path, monkeypatch):
    failed_record(docx_here("ocr", documents / "scan.png", "--lang", "xyz"), 3, "ocr-xyz")
    failed_at_once(docx_here("kv", FIXTURE, "--model", "nobody"), 3, "'nobody'", "mini")
    monkeypatch.setenv("DOCX_MODEL", "nobody")
    failed_at_once(docx_here("kv", FIXTURE), 3, "'nobody'")
    monkeypatch.setenv("PATH", str(tmp_path))
    failed_record(docx_here("ocr", documents / "scan.png"), 3, "Tesseract", "apt install")
    failed_record(docx_here("ocr", FIXTURE), 3, "apt install poppler-utils")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty.pdf", "is empty"),
        ("text.pdf", "is plain text"),
        ("truncated.pdf", "is a damaged PDF"),
        ("truncated.png", "is a damaged image"),
    ],
)
@pytest.mark.parametrize("command", [["ocr"], ["ask", "-q", "Who?"]], ids=["ocr", "ask"])
def test_4_no_document(docx_here, documents, command, name, said):
    failed_record(docx_here(*command, documents / name), 4, name, said)


def test_5_cannot_read(docx_here, tmp_path):
    failed_record(docx_here("ocr", tmp_path / "none.pdf"), 5, "none.pdf", "No such file")
    failed_at_once(docx_here("ocr", FIXTURE, "--password-file", tmp_path / "none"), 5, "password")


@pytest.mark.parametrize("place", ["no/out.json", "/proc/out.json"])
def test_5_cannot_write_is_said_before_the_work(docx_here, documents, tmp_path, place):
    failed_at_once(docx_here("kv", documents / "empty.pdf", "-o", tmp_path / place), 5, "write")


def test_6_without_the_password_or_with_a_wrong_one(docx_here, documents, tmp_path, monkeypatch):
    locked = documents / "locked.pdf"
    failed_record(docx_here("ocr", locked), 6, "is encrypted")
    failed_record(docx_here("ocr", locked, "--password", "guess"), 6, "wrong")
    monkeypatch.setenv("DOCX_PASSWORD", "guess")
    failed_record(docx_here("ocr", locked), 6, "wrong")
    picture = tmp_path / "page.png"
    shown = docx_here("show", locked, "--page", "1", "-o", picture)
    assert (shown.returncode, len(lines(shown)), picture.exists()) == (6, 1, False)


def test_0_with_the_password(docx_here, documents, tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\nnot this line\n")
    command = ["ask", documents / "locked.pdf", "-q", "What is the total?"]
    runs = [
        docx_here(*command, "--password", PASSWORD),
        docx_here(*command, "--password-file", secret),
    ]
    monkeypatch.setenv("DOCX_PASSWORD", PASSWORD)
    runs.append(docx_here(*command))
    for done in runs:
        assert (done.returncode, records(done)[0]["answers"][0]["text"]) == (0, "$118.80")
    shown = docx_here("show", command[1], "--page", "1", "-o", tmp_path / "page.png")
    assert (shown.returncode, lines(shown)) == (0, [])


def test_7_a_program_fails(docx_here, documents, tmp_path, monkeypatch):
    path = fake_program(tmp_path, "tesseract", f"{TESSERACT_VERSION}\necho No luck >&2; exit 1")
    monkeypatch.setenv("PATH", path)
    record = failed_record(docx_here("ocr", documents / "scan.png"), 7, "page 1", "No luck")
    assert record["pages"][0]["status"] == "failed"
    fake_program(tmp_path, "pdftotext", "exit 1")
    failed_record(docx_here("ocr", FIXTURE, "--ocr", "never"), 7, "page 1", "pdftotext")


def test_7_no_page_can_be_drawn(docx_here, documents, tmp_path):
    failed_record(docx_here("kv", documents / "unread.pdf"), 7, "page 1", "no visible area")
    picture = tmp_path / "page.png"
    shown = docx_here("show", documents / "unread.pdf", "--page", "1", "-o", picture)
    assert (shown.returncode, len(lines(shown)), picture.exists()) == (7, 1, False)


def test_8_out_of_time(docx_here, documents):
    done = docx_here("ocr", documents / "scan.png", "--page-timeout", "0.01")
    record = failed_record(done, 8, "page 1: Tesseract took longer than 0.01 s")
    assert record["pages"][0]["status"] == "timeout"


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "calibration.json"])
def test_9_a_flipped_byte_in_a_small_file(docx_here, tmp_path, file):
    model = own_model(tmp_path / "model")
    flip_a_byte(model / file)
    failed_at_once(docx_here("kv", FIXTURE, "--model", model), 9, str(model), file)


def test_9_a_wrong_manifest(docx_here, tmp_path):
    model = own_model(tmp_path / "model")
    facts = json.loads((model / "manifest.json").read_bytes())
    facts["files"]["decoder.onnx"]["bytes"] += 1
    (model / "manifest.json").write_text(json.dumps(facts))
    failed_at_once(docx_here("kv", FIXTURE, "--model", model), 9, "decoder.onnx", "bytes")
    (model / "manifest.json").write_bytes(b"{")
    failed_at_once(docx_here("kv", FIXTURE, "--model", model), 9, "manifest.json is not JSON")


def test_9_another_models_tokenizer(docx_here, tmp_path):
    model = own_model(tmp_path / "model")
    with (model / "tokenizer.json").open("ab") as file:
        file.write(b"\n")
    write_manifest(model, name="odd", version="1")
    failed_at_once(docx_here("kv", FIXTURE, "--model", model), 9, "fingerprint")


def test_9_a_graph_that_is_none(docx_here, tmp_path):
    model = own_model(tmp_path / "model")
    (model / "encoder.onnx").write_bytes(b"no graph")
    write_manifest(model, name="odd", version="1")
    failed_record(docx_here("kv", FIXTURE, "--model", model), 9, "encoder.onnx cannot be loaded")


def varint(number):
    low = number & 0x7F
    return bytes([low]) if number < 0x80 else bytes([low | 0x80]) + varint(number >> 7)


def message(*fields):
    """Encode a protocol buffer: pairs of a field's number and its integer, text or message."""
    made = b""
    for number, value in fields:
        if isinstance(value, int):
            made += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            made += varint(number << 3 | 2) + varint(len(data)) + data
    return made


def graph(opset=17, weights_at=None):
    """Return an ONNX graph that adds four weights; they may lie in another file."""
    where = (13, message((1, "location"), (2, weights_at or ""))), (14, 1)
    here = ((9, bytes(16)),)
    weights = message((1, 4), (2, 1), (8, "w"), *(where if weights_at else here))
    four = message((1, message((1, 1), (2, message((1, message((1, 4))))))))
    ends = [(n, message((1, name), (2, four))) for n, name in ((11, "x"), (12, "y"))]
    adding = message((1, "x"), (1, "w"), (2, "y"), (4, "Add"))
    body = message((1, adding), (2, "g"), (5, weights), *ends)
    return message((1, 8), (7, body), (8, message((2, opset))))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opset": 999}, "has ONNX opset 999; onnxruntime"),
        ({"weights_at": "../../secret"}, "encoder.onnx cannot be loaded"),
        ({"weights_at": "{}/secret"}, "encoder.onnx cannot be loaded"),
    ],
)
def test_9_a_graph_that_does_not_fit_or_reaches_out(docx_here, tmp_path, changes, said):
    (tmp_path / "secret").write_bytes(bytes(16))
    model = own_model(tmp_path / "models" / "model")
    changes = {k: v.format(tmp_path) if isinstance(v, str) else v for k, v in changes.items()}
    (model / "encoder.onnx").write_bytes(graph(**changes))
    write_manifest(model, name="odd", version="1")
    failed_record(docx_here("kv", FIXTURE, "--model", model), 9, said)
    (model / "encoder.onnx").write_bytes(graph())
    write_manifest(model, name="odd", version="1")
    open_graph(model / "encoder.onnx")  # so these two alone were wrong with it


def test_9_verify_detects_a_flipped_byte_in_a_graph(docx_here, tmp_path):
    sound = docx_here("model", "verify")
    assert (sound.returncode, sound.stdout) == (0, b"")
    model = own_model(tmp_path / "model")
    flip_a_byte(model / "encoder.onnx")
    failed_at_once(docx_here("model", "verify", model), 9, str(model), "encoder.onnx")
    failed_at_once(docx_here("model", "add", model, "--name", "odd"), 9, "encoder.onnx")


def test_10_a_batch_goes_on(docx_here, documents):
    names = ["locked.pdf", "invoice.pdf", "none.pdf", "text.pdf", "unread.pdf", "letter.pdf"]
    done = docx_here("ask", *(documents / name for name in names), "-q", "What is the total?")
    assert done.returncode == 10
    found = records(done)
    assert [record["source"] for record in found] == [str(documents / name) for name in names]
    codes = [record["error"] and record["error"]["exit_code"] for record in found]
    assert codes == [6, None, 5, 4, 7, None]
    assert len(lines(done)) == 4
    assert found[1]["answers"][0]["text"] == "$118.80"


def test_130_interrupted(documents, tmp_path):
    """What was found until then is whole, and nothing is said."""
    files = [tmp_path / f"{number}.pdf" for number in range(300)]
    for file in files:
        file.symlink_to(documents / "letter.pdf")
    start = process("ocr", *files, "--format", "json")
    # An interrupt may fall into Python's own open(), which then warns of the file left open.
    start["args"][1:3] = ["-W", "error", "-W", "ignore::ResourceWarning"]
    with subprocess.Popen(**start, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        begun = os.read(child.stdout.fileno(), 1 << 16)
        while b"timings" not in begun:
            begun += os.read(child.stdout.fileno(), 1 << 16)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (130, b"")
    assert 1 <= len(json.loads(begun + out)) < len(files)


def test_141_the_reader_of_a_pipe_has_gone(documents):
    start = process("ocr", *(documents / f"{name}.pdf" for name in ("dense", "three", "letter")))
    shell = ["bash", "-c", '"$@" | head -c 10; exit "${PIPESTATUS[0]}"', "bash", *start["args"]]
    done = subprocess.run(shell, env=start["env"], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (141, b'{"schema_v', b"")


def test_doctor_is_not_ready(docx_here, tmp_path, monkeypatch):
    absent = docx_here("doctor", "--lang", "eng+xyz", "--format", "text")
    assert absent.returncode == 3
    assert b"tesseract-ocr-xyz" in absent.stdout
    model = own_model(tmp_path / "model")
    (model / "pairs.onnx").write_bytes(b"")
    damaged = docx_here("doctor", "--model", model, "--format", "text")
    assert damaged.returncode == 3
    assert b"pairs.onnx" in damaged.stdout
    (tmp_path / "bin").mkdir()
    bare = docx("doctor", "--format", "json", PATH=str(tmp_path / "bin"))
    missing = [check["name"] for check in json.loads(bare.stdout)["checks"] if not check["ok"]]
    assert (bare.returncode, len(lines(bare))) == (3, 1)
    assert missing == ["tesseract", "language eng", "pdftoppm", "pdftotext"]
