"""What the command line's tests share: ways to run it, and results to look at."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema

from docx_cli.bundle import DEFAULT_NAME, FILES, package_folder, write_manifest
from docx_cli.config import EncodingConfig, ModelConfig
from docx_cli.document import (
    Answer,
    Box,
    Cell,
    DocumentResult,
    Evidence,
    Extraction,
    FieldFailure,
    FieldValue,
    KeyValue,
    Money,
    Page,
    Table,
    TextRegion,
    Word,
)
from docx_cli.schema import record_schema

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "tests" / "fixtures" / "invoice.pdf"
NASTY = "a\x1b[31mred\x07\u202e \ud800\x9b2J \u2028é"
VALIDATOR = jsonschema.Draft202012Validator(record_schema())

ENCODING = EncodingConfig(
    max_page_tokens=64,
    window_overlap=8,
    max_question_tokens=16,
    max_questions=4,
    box_scale=1000,
    picture_height=32,
    picture_width=32,
    visual_rows=4,
    visual_columns=4,
)
MODEL = ModelConfig(
    name="mini",
    vocabulary=8,
    width=4,
    heads=2,
    head_width=2,
    feed_forward=8,
    encoder_layers=1,
    decoder_layers=1,
    decoder_feed_forward=8,
    encoder_style="bert",
    spatial_width=2,
    box_scale=1000,
    visual_tokens=16,
    visual_rows=4,
    picture_height=32,
    picture_width=32,
    positions=64,
    head_projection=4,
    span_length=8,
    tags=("other",),
    relations=("row",),
    relative_buckets=4,
    relative_distance=8,
    copy=True,
    spatial_waves=0,
    dropout=0.0,
)


def make_bundle(path: Path, name: str = "toy", version: str = "0.0.1") -> Path:
    """Write a bundle that is sound in form; its graphs hold no model."""
    path.mkdir(parents=True)
    tokenizer = b'{"toy": true}'
    contents = dict.fromkeys(FILES, b"x" * 10)
    contents["tokenizer.json"] = tokenizer
    contents["calibration.json"] = json.dumps({"temperature": 1.5, "found_threshold": 0.5}).encode()
    contents["config.json"] = json.dumps(
        {
            "format": 1,
            "name": name,
            "version": version,
            "model": MODEL.to_mapping(),
            "encoding": ENCODING.to_mapping(),
            "fingerprint": ENCODING.fingerprint(tokenizer),
        }
    ).encode()
    for file, data in contents.items():
        (path / file).write_bytes(data)
    write_manifest(path, name=name, version=version)
    return path


def own_model(path: Path) -> Path:
    """Copy the default model into a folder, to be damaged there."""
    return Path(shutil.copytree(package_folder() / DEFAULT_NAME, path))


def flip_a_byte(file: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def sample(source: str = "a.pdf", **changes: object) -> DocumentResult:
    """Return a result in which every optional part is there."""
    word = Word(NASTY, Box(0.1, 0.2, 0.3, 0.25), 0.9)
    plain = Word("42", Box(0.5, 0.2, 0.6, 0.25))
    evidence, other = Evidence(1, word.box, (word,)), Evidence(1, plain.box, (plain,))
    cells = (
        Cell(0, 0, 1, 2, "header", "Items", Box(0.1, 0.5, 0.9, 0.55), 0.9, 1),
        Cell(1, 0, 1, 1, "body", "Bolt", Box(0.1, 0.55, 0.5, 0.6), 0.8, 1),
        Cell(1, 1, 1, 1, "body", NASTY, Box(0.5, 0.55, 0.9, 0.6), 0.7, 1),
    )
    fields: dict[str, object] = {
        "source": source,
        "sha256": "0" * 64,
        "status": "partial",
        "pages": (
            Page(1, 595.0, 842.0, 90, (word, plain), "ocr"),
            Page(2, 595.0, 842.0, status="timeout", error="took longer than 1 s"),
        ),
        "answers": (
            Answer("What is due?", "due", "42", True, 0.93, "pointer", other),
            Answer("Who?", "Who?", "", False, 0.4, "none"),
        ),
        "key_values": (KeyValue(TextRegion("Due", evidence), TextRegion("42", other), 0.5),),
        "extraction": Extraction(
            "invoice",
            {"total": {"amount": 42, "currency": None}, "seller": NASTY},
            False,
            (
                FieldValue("total", "42", "money", Money(Decimal(42), None), 0.9, other),
                FieldValue("seller", NASTY, "text", NASTY, 0.8, evidence),
            ),
            (FieldFailure("number", "missing", "it was not found"),),
        ),
        "tables": (Table(1, Box(0.1, 0.5, 0.9, 0.6), cells, 0.75),),
        "timings": {"read": 0.5},
    }
    return DocumentResult(**(fields | changes))  # type: ignore[arg-type]


def process(*arguments: object, **environment: str) -> dict[str, Any]:
    """Return what starts the command line in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "docx_cli", *map(str, arguments)]
    return {
        "args": command,
        "env": {**os.environ, **environment},
        "preexec_fn": _hear_interrupts,
    }


def _hear_interrupts() -> None:
    """Undo what a shell does to its background: programs there ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def docx(
    *arguments: object, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line to its end."""
    return subprocess.run(
        **process(*arguments, **environment),
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


def records(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """Parse what a run printed as JSON lines; each record must satisfy the schema."""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for record in found:
        VALIDATOR.validate(record)
    return found


def lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """Return the lines on stderr."""
    return done.stderr.decode().splitlines()


def fake_program(folder: Path, name: str, script: str) -> str:
    """Write a shell script that goes by a program's name; return a PATH that finds it first."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return os.pathsep.join([str(folder), os.environ["PATH"]])
