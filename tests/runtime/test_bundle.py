"""Model bundles: found, opened, verified, added."""

import json

import pytest
from cli_support import ENCODING, MODEL, make_bundle

from docx_cli.bundle import (
    FILES,
    add,
    installed,
    list_bundles,
    open_bundle,
    resolve,
    verify,
    write_manifest,
)
from docx_cli.errors import BundleError, FileAccessError, MissingDependencyError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("DOCX_MODEL", raising=False)


@pytest.fixture
def path(tmp_path):
    return make_bundle(tmp_path / "toy")


def test_open_reads_what_it_is(path):
    bundle = open_bundle(path)
    assert (bundle.name, bundle.version, len(bundle.sha256)) == ("toy", "0.0.1", 64)
    assert (bundle.model, bundle.encoding) == (MODEL, ENCODING)
    assert bundle.calibration == {"temperature": 1.5, "found_threshold": 0.5}
    assert bundle.picture_size == (32, 32)
    assert bundle.identity.name == "toy"


def test_a_model_from_before_blank_patches_were_left_out_sees_them(path):
    config = json.loads((path / "config.json").read_text())
    config["model"].pop("least_ink")
    (path / "config.json").write_text(json.dumps(config))
    write_manifest(path, name="toy", version="0.0.1")
    assert open_bundle(path).model.least_ink == 0


@pytest.mark.parametrize("file", FILES)
def test_verify_notices_a_flipped_byte_in_any_file(path, file):
    assert verify(path) == []
    data = bytearray((path / file).read_bytes())
    data[-1] ^= 1
    (path / file).write_bytes(data)
    assert [problem.partition(":")[0] for problem in verify(path)] == [file]


@pytest.mark.parametrize("file", [*FILES, "manifest.json"])
def test_open_notices_a_missing_file(path, file):
    (path / file).unlink()
    with pytest.raises(BundleError, match=file):
        open_bundle(path)
    assert verify(path)


def test_open_notices_another_size(path):
    (path / "encoder.onnx").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"encoder\.onnx has 1 bytes"):
        open_bundle(path)


def test_open_notices_a_foreign_tokenizer(path):
    (path / "tokenizer.json").write_bytes(b'{"toy": "no"}')
    write_manifest(path, name="toy", version="0.0.1")
    with pytest.raises(BundleError, match="fingerprint"):
        open_bundle(path)
    assert verify(path)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", "{}"),
        ("config.json", "[]"),
        ("config.json", "not json"),
        ("calibration.json", '{"span": "high"}'),
        ("calibration.json", "\xff"),
    ],
)
def test_open_notices_wrong_content(path, file, content):
    (path / file).write_text(content, encoding="latin-1")
    write_manifest(path, name="toy", version="0.0.1")
    with pytest.raises(BundleError) as caught:
        open_bundle(path)
    assert caught.value.source == str(path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"files": {}},
        {"files": {"../../etc/passwd": {"sha256": "", "bytes": 1}}},
        {"files": {file: {"bytes": 10} for file in FILES}},
        {"files": None},
    ],
)
def test_open_notices_a_wrong_manifest(path, change):
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | change))
    with pytest.raises(BundleError):
        open_bundle(path)


def test_open_notices_a_file_that_no_hash_covers(path):
    (path / ".DS_Store").touch()
    open_bundle(path)
    (path / "weights.bin").touch()
    with pytest.raises(BundleError, match=r"weights\.bin is no file of a bundle"):
        open_bundle(path)


def test_a_bundle_without_a_file_gets_no_manifest(path):
    (path / "pairs.onnx").unlink()
    with pytest.raises(BundleError, match=r"pairs\.onnx"):
        write_manifest(path, name="toy", version="0.0.1")


def test_resolve_takes_names_folders_and_the_variable(path, monkeypatch):
    target = add(path, "mine")
    assert resolve("mine") == target
    assert resolve(str(path)) == path
    monkeypatch.setenv("DOCX_MODEL", "mine")
    assert resolve() == target
    monkeypatch.chdir(path.parent)
    assert str(resolve("toy")) == "toy"
    with pytest.raises(MissingDependencyError, match=r"installed: .*mine"):
        resolve("nobody")


def test_add_copies_whole_and_does_not_overwrite(path):
    target = add(path)
    assert target.name == "toy"
    assert verify(target) == []
    assert [entry.name for entry in target.parent.iterdir()] == ["toy"]
    with pytest.raises(FileAccessError, match="there already"):
        add(path)
    with pytest.raises(BundleError, match="no name"):
        add(path, "../elsewhere")


def test_add_refuses_an_unsound_bundle(path):
    (path / "encoder.onnx").write_bytes(b"y" * 10)
    with pytest.raises(BundleError, match=r"encoder\.onnx"):
        add(path)


def test_an_unsound_bundle_is_listed_by_place_only(path):
    target = add(path)
    (target / "config.json").unlink()
    assert target in installed()
    assert target not in [bundle.path for bundle in list_bundles()]


def test_an_incomplete_calibration_is_refused(path):
    (path / "calibration.json").write_text('{"temperature": 1.0}')
    write_manifest(path, name="toy", version="0.0.1")
    with pytest.raises(BundleError, match=r"calibration\.json lacks found_threshold"):
        open_bundle(path)
