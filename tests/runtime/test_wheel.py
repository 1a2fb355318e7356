"""The wheel as it is installed: what is in it, and that it stays out of others' way."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN = "raise RuntimeError('a module of somebody else was imported')\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build from a copy: setuptools would pack what an earlier build left behind."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for part in ("docx_cli", "models", "export"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / part, source / part, ignore=ignored)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", out, source, cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def run(*arguments, cwd, **environment):
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nothing_takes_a_common_name(names):
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "docx_cli", "docx_models", "docx_export",
    }  # fmt: skip


def test_every_file_of_the_packages_is_in_it(names):
    """Code and data alike: recipes, templates, the schema, the default model."""
    roots = [ROOT / "docx_cli", ROOT / "models" / "docx_models", ROOT / "export" / "docx_export"]
    files = {
        path.relative_to(root.parent).as_posix()
        for root in roots
        for path in root.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__" and not path.name.startswith(".")
    }
    assert files <= names
    for kind in ("schema.json", "py.typed", ".typ", ".toml"):
        assert any(name.endswith(kind) for name in files), kind
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_docx_train_runs_beside_a_foreign_models_module(wheel, tmp_path):
    site, desk = tmp_path / "site", tmp_path / "desk"
    run(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel,
        cwd=tmp_path,
    )  # fmt: skip
    desk.mkdir()
    for folder in (site, desk):
        for name in ("models.py", "export.py"):
            (folder / name).write_text(FOREIGN)
    where = run(
        "-c", "import docx_cli, docx_models.commands as c; print(docx_cli.__file__, c.__file__)",
        cwd=desk, PYTHONPATH=str(site),
    )  # fmt: skip
    assert all(Path(path).is_relative_to(site) for path in where.split()), where
    out = run(site / "bin" / "docx", "train", "--help", cwd=desk, PYTHONPATH=str(site))
    assert "finetune" in out
