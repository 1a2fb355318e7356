"""What the command line's tests share: a runner, inputs, a bundle, a stand-in pipeline.

The stand-in takes the pipeline's place so that these tests see the command
line alone: the input's bytes say what shall happen to it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

from docx_cli import __main__
from docx_cli.bundle import FILES, write_manifest
from docx_cli.config import EncodingConfig, ModelConfig
from docx_cli.document import (
    Answer,
    Box,
    Cell,
    DocumentResult,
    ErrorInfo,
    Evidence,
    KeyValue,
    Page,
    Table,
    TextRegion,
    Word,
)
from docx_cli.errors import DocxError

ROOT = Path(__file__).parents[2]
PNG = base64.b64decode(  # a white page of 60 x 80 pixels
    "iVBORw0KGgoAAAANSUhEUgAAADwAAABQAQAAAABtsSv+AAAAG0lEQVR42mP8z8DAwMDA8JGJAQpGGaOM"
    "ocsAAE6jApDzyQQ1AAAAAElFTkSuQmCC"
)
NASTY = "a\x1b[31mred\x07\u202e \ud800\x9b2J \u2028é"

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
    spatial_bias=False,
    dropout=0.0,
)


def make_bundle(path: Path, name: str = "toy", version: str = "0.0.1") -> Path:
    """Write a bundle that is sound in form; its graphs hold no model."""
    path.mkdir(parents=True)
    tokenizer = b'{"toy": true}'
    contents = dict.fromkeys(FILES, b"x" * 10)
    contents["tokenizer.json"] = tokenizer
    contents["calibration.json"] = json.dumps({"span": 1.5}).encode()
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


def make_input(folder: Path, does: str = "ok", name: str | None = None) -> str:
    """Write an input that makes the stand-in do something; return its path."""
    path = folder / (name or f"{does}.png")
    path.write_bytes(PNG + does.encode())
    return str(path)


def sample(source: str = "a.pdf", **changes: object) -> DocumentResult:
    """Return a result in which every optional part is there."""
    word = Word(NASTY, Box(0.1, 0.2, 0.3, 0.25), 0.9)
    plain = Word("42", Box(0.5, 0.2, 0.6, 0.25))
    evidence, other = Evidence(1, word.box, (word,)), Evidence(1, plain.box, (plain,))
    cells = (
        Cell(0, 0, 1, 2, "header", "Items", Box(0.1, 0.5, 0.9, 0.55), 0.9),
        Cell(1, 0, 1, 1, "body", "Bolt", Box(0.1, 0.55, 0.5, 0.6), 0.8),
        Cell(1, 1, 1, 1, "body", NASTY, Box(0.5, 0.55, 0.9, 0.6), 0.7),
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
        "tables": (Table(1, Box(0.1, 0.5, 0.9, 0.6), cells, 0.75),),
        "timings": {"read": 0.5},
    }
    return DocumentResult(**(fields | changes))  # type: ignore[arg-type]


def stand_in_pipeline() -> types.ModuleType:
    """Return a module with the pipeline's interface."""

    def failed(name: str, error: DocxError, sha256: str | None = None) -> DocumentResult:
        info = ErrorInfo(error.kind, error.exit_code, error.message)
        return DocumentResult(name, sha256, "failed", info)

    def act(source: object, **asked: object) -> DocumentResult:
        does = source.data[len(PNG) :].decode()  # type: ignore[attr-defined]
        for kind in DocxError.__subclasses__():
            if kind.kind == does:
                raise kind(f"stand-in {does}")
        if does == "bug":
            raise KeyError("stand-in")
        if does == "print":
            os.write(1, b"noise from C\n")
        if does == "interrupt":
            raise KeyboardInterrupt
        result = sample(source.name, sha256=source.sha256)  # type: ignore[attr-defined]
        keep = {field: getattr(result, field) if field in asked else None for field in PARTS}
        pages = {"partial": result.pages, "unread": result.pages[1:]}.get(does, result.pages[:1])
        status = {"partial": "partial", "unread": "failed"}.get(does, "ok")
        return sample(source.name, sha256=result.sha256, pages=pages, status=status, **keep)  # type: ignore[attr-defined]

    class Extractor:
        def __init__(self, bundle: object, threads: int | None = None) -> None:
            self.identity = bundle.identity  # type: ignore[attr-defined]

        def run(
            self, source: object, *, questions: object, key_values: bool, tables: bool, **_: object
        ) -> DocumentResult:
            asked = {"answers": questions, "key_values": key_values, "tables": tables}
            return act(source, **{field: True for field, wanted in asked.items() if wanted})

        def run_pages(self, source: Any, contents: Any, **asked: Any) -> DocumentResult:
            if len(contents) != 1:
                raise ValueError("the sample page is one page")
            return self.run(source, **asked)

    module = types.ModuleType("docx_cli.pipeline")
    module.__dict__.update(
        Extractor=Extractor, failed=failed, read_document=lambda source, read: act(source)
    )
    return module


PARTS = ("answers", "key_values", "tables")


def process(*arguments: str, **environment: str) -> dict[str, Any]:
    """Return what starts the command line in a process of its own, on the stand-in pipeline."""
    path = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    return {
        "args": [sys.executable, "-W", "error", __file__, *arguments],
        "env": {**os.environ, "PYTHONPATH": path, **environment},
    }


def docx(
    *arguments: str, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line to its end."""
    return subprocess.run(
        **process(*arguments, **environment),
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


if __name__ == "__main__":
    sys.modules["docx_cli.pipeline"] = stand_in_pipeline()
    sys.exit(__main__.main())
