"""Model bundles: the folder that holds everything one model needs.

A bundle is opened cheaply (names, sizes and the small files are checked, and that
the tokenizer is the one the model was trained with); `verify` reads every byte.
Models are found by name in the user's folder, then in the package, or by path.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx_cli.config import EncodingConfig, ModelConfig
from docx_cli.document import ModelIdentity
from docx_cli.errors import BundleError, DocxError, FileAccessError, MissingDependencyError

DEFAULT_NAME = "mini"
FORMAT = 1
FILES = (
    "config.json",
    "tokenizer.json",
    "encoder.onnx",
    "pairs.onnx",
    "decoder.onnx",
    "calibration.json",
    "MODEL_CARD.md",
)
MANIFEST = "manifest.json"
CALIBRATION = ("temperature", "found_threshold")
"""Numbers that calibration.json must hold."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONFIG_KEYS = {"format", "name", "version", "model", "encoding", "fingerprint"}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: where it lies, what it is called, how it was configured."""

    path: Path
    name: str
    version: str
    sha256: str
    """Of manifest.json, which holds the sha256 of every other file."""
    model: ModelConfig
    encoding: EncodingConfig
    calibration: Mapping[str, float]

    @property
    def identity(self) -> ModelIdentity:
        """What a record says about the model."""
        return ModelIdentity(self.name, self.version, self.sha256)

    @property
    def picture_size(self) -> tuple[int, int] | None:
        """Rows and columns of the page picture the model sees; None if it sees none."""
        if self.model.visual_tokens == 0:
            return None
        return self.encoding.picture_height, self.encoding.picture_width

    def file(self, name: str) -> Path:
        """Return the path of one of `FILES`."""
        return self.path / name


def user_folder() -> Path:
    """Return the folder that `add` copies to."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "docx-cli" / "models"


def package_folder() -> Path:
    """Return the folder of the models that come with the package."""
    return Path(__file__).parent / "bundles"


def installed() -> Iterator[Path]:
    """Yield the folders of the models that have a name, the ones in force only."""
    seen = set()
    for folder in (user_folder(), package_folder()):
        for manifest in sorted(folder.glob(f"[!.]*/{MANIFEST}")):
            if manifest.parent.name not in seen:
                seen.add(manifest.parent.name)
                yield manifest.parent


def resolve(name: str | None = None) -> Path:
    """Return the folder of a model.

    Args:
        name: a folder, or the name of an installed model; None takes the
            variable DOCX_MODEL, then `DEFAULT_NAME`. A plain word is a name
            first; write ``./word`` for the folder.

    Raises:
        MissingDependencyError: there is no such model.
    """
    wanted = name or os.environ.get("DOCX_MODEL") or DEFAULT_NAME
    names = {path.name: path for path in installed()}
    if wanted in names:
        return names[wanted]
    if Path(wanted).is_dir():
        return Path(wanted)
    raise MissingDependencyError(
        f"there is no model or folder {wanted!r}",
        hint=f"installed: {', '.join(names) or 'none'}; 'docx model add DIR' installs one",
    )


def open_bundle(path: Path) -> Bundle:
    """Read a bundle's configuration, checking that its parts belong together.

    Raises:
        BundleError: a file is missing, is none of a bundle's or has another size than the
            manifest says, a JSON file has another content, or the tokenizer is not the one
            of the configuration.
    """
    try:
        return _open(path)
    except DocxError as error:
        error.source = error.source or str(path)
        raise


def _open(path: Path) -> Bundle:
    manifest, manifest_bytes = _read_manifest(path)
    # A graph may keep weights in a file beside it, and they are part of what the model is.
    if unknown := _names(path) - {*FILES, MANIFEST}:
        raise BundleError(f"{min(unknown)} is no file of a bundle")
    for name, facts in manifest["files"].items():
        size = _size(path / name)
        if size != facts["bytes"]:
            raise BundleError(f"{name} has {size} bytes, the manifest says {facts['bytes']}")
        # The graphs are too large to read twice at each start; `verify` does.
        if name.endswith(".json") and _sha256(path / name) != facts["sha256"]:
            raise BundleError(f"{name}: the content is not what the manifest says")
    config = _read_json(path / "config.json")
    if set(config) != _CONFIG_KEYS:
        raise BundleError(f"config.json must have the keys {', '.join(sorted(_CONFIG_KEYS))}")
    encoding = EncodingConfig.from_mapping(config["encoding"])
    found = encoding.fingerprint(_read(path / "tokenizer.json"))
    if found != config["fingerprint"]:
        raise BundleError(
            f"tokenizer and encoding have the fingerprint {found}, "
            f"the model was trained with {config['fingerprint']}"
        )
    return Bundle(
        path=path,
        name=str(config["name"]),
        version=str(config["version"]),
        sha256=hashlib.sha256(manifest_bytes).hexdigest(),
        model=ModelConfig.from_mapping(config["model"]),
        encoding=encoding,
        calibration=_read_calibration(path / "calibration.json"),
    )


def verify(path: Path) -> list[str]:
    """Read every byte of a bundle and return what is wrong; [] if it is sound."""
    try:
        manifest, _ = _read_manifest(path)
        problems = [
            f"{name}: the content is not what the manifest says"
            for name, facts in manifest["files"].items()
            if _sha256(path / name) != facts["sha256"]
        ]
        if not problems:
            open_bundle(path)
    except BundleError as error:
        return [error.message]
    return problems


def write_manifest(path: Path, *, name: str, version: str) -> None:
    """Write manifest.json for the finished files of a bundle.

    Raises:
        BundleError: one of `FILES` is missing.
    """
    files = {file: {"sha256": _sha256(path / file), "bytes": _size(path / file)} for file in FILES}
    manifest = {"format": FORMAT, "name": name, "version": version, "files": files}
    (path / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def list_bundles() -> list[Bundle]:
    """Return the installed models; an unsound one is logged and left out."""
    bundles = []
    for path in installed():
        try:
            bundles.append(open_bundle(path))
        except BundleError as error:
            log.warning("%s", error)
    return bundles


def add(path: Path, name: str | None = None) -> Path:
    """Verify a bundle and copy it to the user's folder, whole or not at all.

    Args:
        path: the bundle.
        name: what to call it; None keeps its own name.

    Raises:
        BundleError: the bundle is not sound, or the name no plain word.
        FileAccessError: the name is taken, or the folder cannot be written.
    """
    problems = verify(path)
    if problems:
        raise BundleError("; ".join(problems), source=str(path))
    name = name or open_bundle(path).name
    if not _NAME.fullmatch(name):
        raise BundleError(f"{name!r} is no name for a model", hint="letters, digits, . _ -")
    target = user_folder() / name
    if target.exists():
        hint = "--name gives it another one"
        told = "a model of that name is there already"
        raise FileAccessError(told, source=str(target), hint=hint)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".adding-") as scratch:
            whole = Path(scratch) / name
            whole.mkdir()
            for file in (*FILES, MANIFEST):
                shutil.copyfile(path / file, whole / file)
            whole.rename(target)
    except OSError as error:
        raise FileAccessError(
            f"cannot add the model: {error.strerror}", source=str(target)
        ) from error
    return target


def _read_manifest(path: Path) -> tuple[dict[str, Any], bytes]:
    manifest = _read_json(path / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise BundleError(f"the bundle has format {manifest.get('format')!r}, this is for {FORMAT}")
    files = manifest.get("files")
    # Exactly the known names: a manifest can then neither forget a file nor point elsewhere.
    if not isinstance(files, dict) or set(files) != set(FILES):
        raise BundleError(f"the manifest must list {', '.join(FILES)}")
    if not all(isinstance(f, dict) and set(f) == {"sha256", "bytes"} for f in files.values()):
        raise BundleError("the manifest must give sha256 and bytes for each file")
    return manifest, _read(path / MANIFEST)


def _read_calibration(path: Path) -> dict[str, float]:
    values = _read_json(path)
    if not all(isinstance(v, int | float) for v in values.values()):
        raise BundleError(f"{path.name} must map names to numbers")
    missing = [name for name in CALIBRATION if name not in values]
    if missing:
        raise BundleError(f"{path.name} lacks {', '.join(missing)}")
    return {name: float(value) for name, value in values.items()}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(_read(path))
    except ValueError as error:
        raise BundleError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise BundleError(f"{path.name} must hold a JSON object")
    return values


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path.name}: {error.strerror}") from error


def _names(path: Path) -> set[str]:
    """Return the names in a folder, hidden ones left out."""
    try:
        return {file.name for file in path.iterdir() if not file.name.startswith(".")}
    except OSError as error:
        raise BundleError(f"cannot read {path.name}: {error.strerror}") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BundleError(f"cannot read {path.name}: {error.strerror}") from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"cannot read {path.name}: {error.strerror}") from error
