"""Fixtures of the training tests: tiny models, the same numbers on every run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import support
import torch

from docx_cli.encode import Encoding


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Seed what is drawn, and leave the cores to others: the models are tiny."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def encoding() -> Encoding:
    return support.encoding()
