"""Every command on real files, from bytes to a record, a picture or a line."""

import io
import json
import os
import subprocess
import sys

import pytest
from cli_support import FIXTURE, docx, flip_a_byte, lines, process, records
from PIL import Image, ImageChops

from docx_cli.reading import render_page
from docx_cli.schema import record_schema
from docx_cli.source import load

QUESTIONS = {
    "total": ("What is the total?", "$118.80"),
    "seller": ("Who is the seller?", "Northwind Traders Ltd"),
}
ASKED = [part for name, (text, _) in QUESTIONS.items() for part in ("-q", f"{name}={text}")]


def only(done):
    """Return the one record of a run in which nothing went wrong."""
    assert (done.returncode, lines(done)) == (0, [])
    [record] = records(done)
    return record


def inside(inner, outer):
    slack = 1e-5  # boxes are printed to five decimals
    return all(a >= b - slack for a, b in zip(inner[:2], outer[:2], strict=True)) and all(
        a <= b + slack for a, b in zip(inner[2:], outer[2:], strict=True)
    )


def ink(file, page, box):
    """Share of dark pixels inside a box of the drawn page."""
    image = render_page(load(file), page, dpi=100).convert("L")
    x0, y0, x1, y1 = (v * s for v, s in zip(box, image.size * 2, strict=True))
    dark = image.crop((int(x0), int(y0), int(x1) + 1, int(y1) + 1)).point(lambda v: v < 160)
    return sum(dark.tobytes()) / len(dark.tobytes())


@pytest.mark.parametrize(
    ("name", "page", "source"),
    [
        ("invoice.pdf", 1, "pdf"),
        ("three.pdf", 2, "pdf"),
        ("scan.png", 1, "ocr"),
        ("scan.jpg", 1, "ocr"),
    ],
)
def test_ask_answers_with_page_box_and_words(docx_here, documents, name, page, source):
    file = documents / name
    record = only(docx_here("ask", file, *ASKED))
    assert (record["status"], record["key_values"], record["tables"]) == ("ok", None, None)
    assert record["pages"][page - 1]["text_source"] == source
    assert record["pages"][page - 1]["words"] is None
    for answer, (key, (question, text)) in zip(record["answers"], QUESTIONS.items(), strict=True):
        assert (answer["name"], answer["question"]) == (key, question)
        assert (answer["text"], answer["found"], answer["page"]) == (text, True, page)
        assert answer["grounding"] == "pointer"
        assert " ".join(word["text"] for word in answer["words"]) == text
        assert all(inside(word["box"], answer["box"]) for word in answer["words"])
        assert 0 < answer["confidence"] <= 1
        assert ink(file, page, answer["box"]) > 0.05


def test_ocr_reads_a_whole_scanned_page(docx_here, tmp_path):
    scan = tmp_path / "scan.png"
    render_page(load(FIXTURE), 1, dpi=120).convert("L").save(scan, dpi=(120, 120))
    read, truth = only(docx_here("ocr", scan)), only(docx_here("ocr", FIXTURE))
    [page], [original] = read["pages"], truth["pages"]
    assert (page["text_source"], original["text_source"]) == ("ocr", "pdf")
    assert page["width"] == pytest.approx(original["width"], abs=1)
    words, wanted = ({word["text"] for word in p["words"]} for p in (page, original))
    assert len(words & wanted) > 0.8 * len(wanted)
    assert all(0 <= word["confidence"] <= 1 for word in page["words"])
    assert {word["confidence"] for word in original["words"]} == {None}
    assert read["model"] is None


def test_kv_gives_pairs_with_their_words(docx_here):
    record = only(docx_here("kv", FIXTURE))
    assert (record["answers"], record["tables"]) == (None, None)
    assert record["key_values"]
    for pair in record["key_values"]:
        for region in (pair["key"], pair["value"]):
            assert region["page"] == 1
            assert region["text"]
            assert all(inside(word["box"], region["box"]) for word in region["words"])


def test_tables_gives_cells_inside_their_table(docx_here):
    record = only(docx_here("tables", FIXTURE))
    assert (record["answers"], record["key_values"]) == (None, None)
    assert record["tables"]
    for table in record["tables"]:
        slots = [(cell["row"], cell["column"]) for cell in table["cells"]]
        assert len(set(slots)) == len(slots) > 3
        assert all(inside(cell["box"], table["box"]) for cell in table["cells"])
        assert (max(row for row, _ in slots) + 1, max(column for _, column in slots) + 1) == (
            table["rows"],
            table["columns"],
        )


@pytest.mark.parametrize(("name", "kind"), [("page.png", "PNG"), ("page.jpg", "JPEG")])
def test_show_draws_on_the_page(docx_here, documents, tmp_path, name, kind):
    file, picture = documents / "three.pdf", tmp_path / name
    done = docx_here("show", file, "--page", "2", "-o", picture, *ASKED)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    plain = render_page(load(file), 2)
    with Image.open(picture) as drawn:
        assert (drawn.format, drawn.size) == (kind, plain.size)
        assert ImageChops.difference(drawn.convert("RGB"), plain).getbbox() is not None


def test_show_writes_to_stdout(docx_here, documents):
    done = docx_here("show", documents / "scan.png", "--page", "-1", "-o", "-")
    assert done.returncode == 0
    with Image.open(io.BytesIO(done.stdout)) as drawn:
        assert drawn.format == "PNG"


def test_a_real_pipe(documents):
    """``cat x.pdf | docx ask - -q ... --format json | jq -r '.answers[0].text'``, jq spelt out."""
    start = process("ask", "-", "-q", "What is the total?", "--format", "json")
    pick = "import json, sys; print(json.load(sys.stdin)['answers'][0]['text'])"
    pipe = 'cat "$FILE" | "$@" | "$PYTHON" -c "$PICK"'
    done = subprocess.run(
        ["sh", "-c", pipe, "sh", *start["args"]],
        env={
            **os.environ,
            "FILE": str(documents / "invoice.pdf"),
            "PYTHON": sys.executable,
            "PICK": pick,
        },
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"$118.80\n", b"")


def test_the_text_view_says_what_was_found(docx_here, documents):
    done = docx_here("ask", documents / "invoice.pdf", *ASKED, "--format", "text")
    assert (done.returncode, lines(done)) == (0, [])
    for _, text in QUESTIONS.values():
        assert text in done.stdout.decode()


def test_schema_is_the_one_that_records_satisfy(docx_here):
    assert json.loads(docx_here("schema").stdout) == record_schema()


def test_doctor_finds_everything():
    ready = docx("doctor", "--format", "json")
    facts = json.loads(ready.stdout)
    checks = {check["name"]: check for check in facts["checks"]}
    assert (ready.returncode, ready.stderr, facts["ready"]) == (0, b"", True)
    assert {"tesseract", "language eng", "pdftotext", "onnxruntime", "model"} <= set(checks)
    assert "verified" in checks["model"]["detail"]


def test_a_model_is_added_listed_used_and_verified(docx_here, documents, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    [shipped] = [json.loads(line) for line in docx_here("model", "list").stdout.splitlines()]
    assert shipped["name"] == "mini"
    added = docx_here("model", "add", shipped["path"], "--name", "mine")
    assert (added.returncode, added.stdout) == (0, b"")
    listed = [json.loads(line) for line in docx_here("model", "list").stdout.splitlines()]
    assert {model["name"] for model in listed} == {"mini", "mine"}
    info = json.loads(docx_here("model", "info", "mine").stdout)
    assert info["sha256"] == shipped["sha256"]
    assert info["path"].startswith(str(tmp_path))
    used = only(docx_here("ask", documents / "invoice.pdf", *ASKED, "--model", "mine"))
    assert used["model"]["sha256"] == shipped["sha256"]
    assert docx_here("model", "verify", "mine").returncode == 0
    flip_a_byte(tmp_path / "docx-cli" / "models" / "mine" / "encoder.onnx")
    damaged = docx_here("model", "verify", "mine")
    assert damaged.returncode == 9
    assert "encoder.onnx" in lines(damaged)[0]


def test_nothing_is_left_behind(documents, tmp_path, monkeypatch):
    """No cache, no temporary file, and no device id of onnxruntime's telemetry."""
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    home, work = tmp_path / "home", tmp_path / "work"
    for folder in (home, work):
        folder.mkdir()
    file = documents / "invoice.pdf"
    done = docx("ask", file, *ASKED, HOME=str(home), TMPDIR=str(work), XDG_CACHE_HOME=str(home))
    assert only(done)["status"] == "ok"
    assert [*home.rglob("*"), *work.rglob("*")] == []
