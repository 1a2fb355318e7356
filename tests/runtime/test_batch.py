"""docx batch as it is used: one record for each input, whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from cli_support import VALIDATOR, docx, flip_a_byte, lines, own_model, process, records
from documents import LETTER_ROWS, page
from pdf_fixtures import pdf
from PIL import Image

from docx_cli.batch import unit
from docx_cli.batch.unit import Job, Turn
from docx_cli.bundle import DEFAULT_NAME, open_bundle, package_folder
from docx_cli.cli.messages import unforeseen
from docx_cli.reading import ReadOptions

ASKED = ("-q", "total=What is the total?", "--kv")


def batch(run, names, out, *more):
    """Run docx batch over inputs, with what all tests here ask."""
    return run("batch", *names, "-o", out, "-j", 1, *ASKED, *more)


def written(out):
    """Return the records by input; each is valid, and there is one for each."""
    found = [json.loads(line) for line in (out / "records.jsonl").read_bytes().splitlines()]
    for record in found:
        VALIDATOR.validate(record)
    by_source = {record["source"]: record for record in found}
    assert len(by_source) == len(found)
    return by_source


def timeless(record):
    return {key: value for key, value in record.items() if key not in ("timings", "run")}


@pytest.fixture
def inputs(documents, tmp_path):
    """Return a folder of a few documents, two of them equal, two broken."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("invoice.pdf", "scan.png", "partial.pdf", "empty.pdf", "locked.pdf"):
        shutil.copy(documents / name, folder)
    shutil.copy(documents / "invoice.pdf", folder / "twin.pdf")
    return folder


def test_a_record_for_each_input_and_nothing_is_done_twice(docx_here, inputs, tmp_path):
    names, out = sorted(map(str, inputs.iterdir())), tmp_path / "out"
    done = batch(docx_here, names, out, "--per-document")
    assert (done.returncode, done.stdout) == (10, b"")
    found = written(out)
    assert sorted(found) == names
    statuses = {Path(name).name: record["status"] for name, record in found.items()}
    assert statuses == {
        "empty.pdf": "failed", "invoice.pdf": "ok", "locked.pdf": "failed",
        "partial.pdf": "partial", "scan.png": "ok", "twin.pdf": "ok",
    }  # fmt: skip
    invoice, twin = found[str(inputs / "invoice.pdf")], found[str(inputs / "twin.pdf")]
    assert invoice["answers"][0]["text"] == "$118.80"
    assert timeless(twin) | {"source": invoice["source"]} == timeless(invoice)
    assert (twin["timings"], invoice["timings"] == {}) == ({}, False)
    for name, record in found.items():
        own = out / "documents" / "@root" / f"{name[1:]}.json"
        assert json.loads(own.read_text()) == record
    assert any("failed for: 1 input, 1 password" in line for line in lines(done))

    before = (out / "records.jsonl").read_bytes()
    again = batch(docx_here, names, out)
    assert again.returncode == 10
    assert (out / "records.jsonl").read_bytes() == before
    assert any("6 of them had their records before" in line for line in lines(again))


def test_a_document_gives_the_same_record_alone_and_among_others(docx_here, documents, tmp_path):
    names = [documents / name for name in ("dense.pdf", "scan.jpg", "letter.pdf", "three.pdf")]
    batch(docx_here, names, tmp_path / "all", "-j", 2)
    found = written(tmp_path / "all")
    for name in names:
        batch(docx_here, [name], tmp_path / f"{name.stem}", "-j", 1)
        alone = written(tmp_path / f"{name.stem}")[str(name)]
        assert timeless(found[str(name)]) == timeless(alone)
    [asked] = records(docx_here("ask", names[0], *ASKED[:2]))
    assert asked["answers"] == found[str(names[0])]["answers"]


def test_failed_ones_are_retried_and_changed_ones_done_anew(docx_here, inputs, documents, tmp_path):
    names, out = (
        [inputs / "locked.pdf", inputs / "empty.pdf", inputs / "scan.png"],
        tmp_path / "out",
    )
    batch(docx_here, names, out)
    shutil.copy(documents / "invoice.pdf", inputs / "empty.pdf")
    assert batch(docx_here, names, out).returncode == 10
    found = written(out)
    assert found[str(inputs / "empty.pdf")]["answers"][0]["text"] == "$118.80"
    assert found[str(inputs / "locked.pdf")]["status"] == "failed"
    done = batch(docx_here, names, out, "--retry-failed", "--password", "sesame")
    assert done.returncode == 0
    assert {record["status"] for record in written(out).values()} == {"ok"}


def test_pages_that_failed_are_retried_and_files_of_documents_come_later(
    docx_here, inputs, tmp_path
):
    """Two equal documents of which a page fails: tried again once, and only if that is asked."""
    twin, out = inputs / "twin.pdf", tmp_path / "out"
    shutil.copy(inputs / "partial.pdf", twin)
    names = [inputs / "partial.pdf", twin]
    batch(docx_here, names, out)
    before = written(out)
    assert not (out / "documents").exists()
    own = [out / "documents" / "@root" / f"{str(name)[1:]}.json" for name in names]
    batch(docx_here, names, out, "--per-document")
    assert [json.loads(path.read_text()) for path in own] == [before[str(n)] for n in names]
    own[0].write_text("{")
    kept = batch(docx_here, names, out, "--per-document", "--log-json")
    assert json.loads(lines(kept)[-1])["kept"] == 2
    assert json.loads(own[0].read_text()) == before[str(names[0])]
    again = batch(docx_here, names, out, "--retry-failed", "--log-json")
    assert json.loads(lines(again)[-1])["done"] == 2
    after = written(out)
    assert after[str(twin)]["timings"] == {}
    assert [timeless(r) for r in after.values()] == [timeless(r) for r in before.values()]


def test_it_stops_after_too_many_failures_and_goes_on(docx_here, inputs, tmp_path):
    broken = [inputs / f"{n}.pdf" for n in range(5)]
    for n, path in enumerate(broken):
        path.write_text(f"no document {n}")
    done = batch(docx_here, broken, tmp_path / "out", "--fail-fast")
    assert (done.returncode, len(written(tmp_path / "out"))) == (10, 1)
    batch(docx_here, broken, tmp_path / "out", "--max-failures", 2)
    assert len(written(tmp_path / "out")) == 3
    batch(docx_here, broken, tmp_path / "out")
    assert len(written(tmp_path / "out")) == 5


def test_a_document_out_of_time_keeps_what_was_read(docx_here, documents, tmp_path):
    scan = documents / "scan.png"
    done = batch(docx_here, [scan], tmp_path / "out", "--timeout", 0.05, "--no-cache")
    [record] = written(tmp_path / "out").values()
    assert (done.returncode, record["status"], record["error"]["kind"]) == (10, "failed", "timeout")
    # Even where Tesseract got what was left of it, the limit that a person set is named.
    assert "the document took longer than 0.05 s" in record["error"]["message"]


def test_events_as_json(docx_here, inputs, tmp_path):
    done = batch(docx_here, [inputs / "empty.pdf", inputs / "invoice.pdf"], tmp_path / "out",
                 "--log-json")  # fmt: skip
    events = [json.loads(line) for line in lines(done)]
    assert [event["event"] for event in events] == ["document", "document", "summary"]
    assert events[-1]["statuses"] == {"failed": 1, "ok": 1}
    assert events[-1]["errors"] == {"input": 1}
    (tmp_path / "out" / "settings.json").write_text("no settings")
    broken = batch(docx_here, [inputs / "empty.pdf"], tmp_path / "out", "--log-json")
    [event] = [json.loads(line) for line in lines(broken)]
    assert (broken.returncode, event["event"], event["error"]) == (4, "failure", "input")


def test_what_is_left_when_the_time_is_over_is_not_looked_at(tmp_path):
    path = tmp_path / "long.tiff"
    frames = [Image.new("L", (400, 300), "white") for _ in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    bundle = open_bundle(package_folder() / DEFAULT_NAME)
    read = ReadOptions(picture_size=bundle.picture_size)
    job = Job(str(bundle.path), bundle.sha256, read, key_values=True, timeout=1e-9)
    pages = json.loads(unit.process(Turn(str(path)), job=job).body)["pages"]
    assert [page["status"] for page in pages] == ["ok", "timeout", "timeout"]
    assert [page["width"] > 0 for page in pages] == [True, False, False]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_no_bug(number):
    failure = unforeseen(OSError(number, "full"))
    assert (failure.exit_code, failure.kind) == (5, "file")
    assert unforeseen(OSError(errno.ENOENT, "gone")).exit_code == 1
    assert unforeseen(MemoryError()).kind == "out_of_memory"


def test_a_damaged_model_is_found_before_a_long_run(docx_here, tmp_path):
    model = own_model(tmp_path / "model")
    flip_a_byte(model / "decoder.onnx")
    done = docx_here("batch", "a.pdf", "-o", tmp_path / "out", "--kv", "--model", model)
    assert (done.returncode, len(lines(done))) == (9, 1)
    assert "decoder.onnx: the content is not" in lines(done)[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["in.pdf", "-o", "out"], 2, "nothing is asked"),
        (["-", "-o", "out", "--kv"], 2, "stdin"),
        (["-o", "out", "--kv"], 2, "no input"),
        (["in.pdf", "--kv"], 2, "--output"),
        (["in.pdf", "-o", "out", "--kv", "--max-memory", "100"], 2, "equal to 512"),
        (["in.pdf", "-o", "/proc/out", "--kv"], 5, "/proc/out: cannot write"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(docx_here, arguments, code, said):
    done = docx_here("batch", *arguments)
    assert (done.returncode, len(lines(done))) == (code, 1)
    assert said in lines(done)[0]


def small_documents(folder, count):
    """Write different short letters, a few of them broken."""
    folder.mkdir()
    for n in range(count):
        rows = [[(60, f"Letter {n:03d}, total {n}.50")], *LETTER_ROWS]
        broken = n % 10 == 9
        (folder / f"{n:03d}.pdf").write_bytes(b"no document %d" % n if broken else pdf(page(rows)))
    return sorted(map(str, folder.iterdir()))


def leftovers():
    return set(Path(tempfile.gettempdir()).glob("docx-batch-*"))


def children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, check=False)
    return [int(child) for child in found.stdout.split()]


def await_end_of(pids):
    deadline = time.monotonic() + 20
    while any(subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 0
              for pid in pids):  # fmt: skip
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_ctrl_c_leaves_whole_records_and_no_process(tmp_path):
    names, before = small_documents(tmp_path / "letters", 30), leftovers()
    out = tmp_path / "out"
    run = process("batch", *names, "-o", out, "-j", 2, *ASKED)
    running = subprocess.Popen(**run, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    records_file = out / "records.jsonl"
    while not (records_file.exists() and records_file.stat().st_size):
        assert running.poll() is None
        time.sleep(0.05)
    workers = children(running.pid)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode == 130
    assert 0 < len(written(out)) < 30
    await_end_of(workers)
    assert leftovers() == before


def test_kills_at_any_moment_leave_one_record_for_each_input(tmp_path):
    """Chaos: parent and workers are killed at random, the same command is given again."""
    names, before = small_documents(tmp_path / "letters", 50), leftovers()
    out, calm = tmp_path / "out", tmp_path / "calm"
    assert docx("batch", *names, "-o", calm, "-j", 2, *ASKED).returncode == 10
    chance = random.Random(7)
    for _ in range(4):
        run = process("batch", *names, "-o", out, "-j", 2, *ASKED)
        running = subprocess.Popen(**run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2):
            time.sleep(chance.uniform(0.5, 3.0))
            victims = children(running.pid)
            if victims:
                os.kill(chance.choice(victims), signal.SIGKILL)
        time.sleep(chance.uniform(0.1, 2.0))
        orphans = children(running.pid)
        running.kill()
        running.wait()
        await_end_of(orphans)
    assert docx("batch", *names, "-o", out, "-j", 2, *ASKED).returncode == 10
    chaotic, undisturbed = written(out), written(calm)
    assert sorted(chaotic) == sorted(undisturbed) == names
    for name in names:
        assert timeless(chaotic[name]) == timeless(undisturbed[name])
    assert leftovers() == before
