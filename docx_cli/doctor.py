"""What docx needs on this machine: what is there, what is missing, how to get it."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
from dataclasses import dataclass

from docx_cli.bundle import open_bundle, resolve, verify
from docx_cli.errors import DocxError

PACKAGES = (
    "onnxruntime", "tokenizers", "numpy", "Pillow", "pytesseract", "pdf2image", "pypdfium2",
    "rapidocr",
)  # fmt: skip
_PROBE_SECONDS = 20


@dataclass(frozen=True)
class Check:
    """One thing that is needed."""

    name: str
    ok: bool
    detail: str
    """What was found, or what is wrong."""
    hint: str | None = None
    """How to get it, where it is missing."""


def examine(language: str = "eng", model: str | None = None) -> list[Check]:
    """Look for everything a run needs.

    Args:
        language: Tesseract languages joined by ``+``.
        model: a model's name or folder; None is the default one.
    """
    return [
        _program("tesseract", ["tesseract", "--version"], "tesseract-ocr", "tesseract"),
        *(_language(code) for code in language.split("+")),
        _program("pdftoppm", ["pdftoppm", "-v"], "poppler-utils", "poppler"),
        _program("pdftotext", ["pdftotext", "-v"], "poppler-utils", "poppler"),
        *(_package(name) for name in PACKAGES),
        _model(model),
    ]


def _program(name: str, command: list[str], apt: str, brew: str) -> Check:
    said = _say(command)
    hint = f"sudo apt install {apt} (macOS: brew install {brew})"
    if said is None:
        return Check(name, False, "not installed, or it does not start", hint)
    version = re.search(r"\d+(\.\d+)+", said)
    return Check(name, True, version[0] if version else said.partition("\n")[0])


def _language(code: str) -> Check:
    listed = (_say(["tesseract", "--list-langs"]) or "").split("\n")[1:]
    if code in listed:
        return Check(f"language {code}", True, "installed")
    hint = f"sudo apt install tesseract-ocr-{code.replace('_', '-').lower()}"
    return Check(
        f"language {code}",
        False,
        "Tesseract does not have it",
        f"{hint} (macOS: brew install tesseract-lang)",
    )


def _package(name: str) -> Check:
    try:
        return Check(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "not installed", "install docx-cli again")


def _model(name: str | None) -> Check:
    try:
        path = resolve(name)
        problems = verify(path)
        if problems:
            return Check("model", False, "; ".join(problems), f"replace {path}")
        bundle = open_bundle(path)
    except DocxError as error:
        return Check("model", False, error.message, error.hint)
    return Check("model", True, f"{bundle.name} {bundle.version}, verified, {path}")


def _say(command: list[str]) -> str | None:
    """Return what a program prints; None if it is missing or does not work."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PROBE_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")
