"""What every test stands on: nothing of the person who runs them leaks in.

It also puts this folder on the path, so that both suites find `small_pages`.
"""

import os

import pytest


@pytest.fixture(autouse=True)
def nobodys_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hide the user's own models, settings and what OCR read."""
    for name in [name for name in os.environ if name.startswith("DOCX_")]:
        monkeypatch.delenv(name)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp() / "nobody" / name))
