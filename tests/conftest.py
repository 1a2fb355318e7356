"""What every test stands on: nothing of the person who runs them leaks in.

It also puts this folder on the path, so that both suites find `small_pages`.
"""

import pytest


@pytest.fixture(autouse=True)
def nobodys_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hide the user's own models, default model and password."""
    for name in ("DOCX_MODEL", "DOCX_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp() / "nobody" / name))
