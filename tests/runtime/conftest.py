"""Costly things that the runtime's tests share: documents, the model, and a quick way to run."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import write_documents

from docx_cli.__main__ import main
from docx_cli.bundle import DEFAULT_NAME, open_bundle, package_folder
from docx_cli.pipeline import Extractor

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small documents."""
    return write_documents(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """Return the pipeline with the model that comes with the package."""
    return Extractor(open_bundle(package_folder() / DEFAULT_NAME))


@pytest.fixture
def docx_here(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Return what runs the command line in this process: as `cli_support.docx`, but quicker."""
    log = logging.getLogger("docx_cli")

    def run(*arguments: object) -> subprocess.CompletedProcess[bytes]:
        before = log.handlers[:], log.propagate, log.level
        capfdbinary.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        log.handlers[:], log.propagate = before[:2]  # a process of its own would take it along
        log.setLevel(before[2])
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run
