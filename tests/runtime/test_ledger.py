"""The books survive torn lines, full disks, second runs and changes of mind."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from docx_cli.batch.ledger import RECORDS, Ledger
from docx_cli.batch.mirror import mirrored
from docx_cli.batch.unit import Outcome, path_key
from docx_cli.errors import FileAccessError, UnsupportedInputError, UsageError

SETTINGS = {"questions": []}


def made(path, sha256="0" * 64, status="ok", text=""):
    error = {"kind": "input"} if status == "failed" else None
    record = {"source": path, "sha256": sha256, "status": status, "error": error, "text": text}
    record["run"] = {"input": path_key(path), "settings": "s"}
    return Outcome(path, sha256, json.dumps(record).encode(), status, error and "input", 1)


def lines(folder):
    return [json.loads(line) for line in (folder / RECORDS).read_bytes().splitlines()]


def test_what_was_written_is_known_again(tmp_path):
    with Ledger(tmp_path / "out", SETTINGS) as ledger:
        ledger.add(made("a.pdf"))
        ledger.add(made("b\udcff.pdf", "1" * 64, "failed"))
        assert ledger.body(ledger.twin("0" * 64)) == made("a.pdf").body + b"\n"
    with Ledger(tmp_path / "out", SETTINGS) as ledger:
        assert ledger.entry("a.pdf").status == "ok"
        assert ledger.entry("b\udcff.pdf").error == "input"
        assert ledger.entry("b\udcfe.pdf") is None
        assert ledger.twin("0" * 64) is not None and ledger.twin("2" * 64) is None


@pytest.mark.parametrize("torn", [b'{"source": "c.p', b"\0" * 100, b"\0\n\0\n", made("c").body])
def test_a_torn_end_is_cut_off(tmp_path, torn):
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add(made("a.pdf"))
    with (tmp_path / RECORDS).open("ab") as file:
        file.write(torn)
    with Ledger(tmp_path, SETTINGS) as ledger:
        assert ledger.entry("c") is None
        ledger.add(made("b.pdf"))
    assert [record["source"] for record in lines(tmp_path)] == ["a.pdf", "b.pdf"]


def test_damage_in_the_middle_is_nobodys_to_mend(tmp_path):
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add(made("a.pdf"))
    whole = (tmp_path / RECORDS).read_bytes()
    (tmp_path / RECORDS).write_bytes(b"oops\n" + whole)
    with pytest.raises(UnsupportedInputError, match="line 1 "):
        Ledger(tmp_path, SETTINGS)


def test_the_last_record_of_an_input_stands(tmp_path):
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add(made("a.pdf", status="failed"))
        ledger.add(made("b.pdf", "1" * 64))
        ledger.add(made("a.pdf", "2" * 64))
        assert ledger.twin("0" * 64) is None
        ledger.sync()
        assert [(r["source"], r["status"]) for r in lines(tmp_path)] == [
            ("b.pdf", "ok"), ("a.pdf", "ok"),
        ]  # fmt: skip
        ledger.add(made("c.pdf", "1" * 64))
        assert b"c.pdf" in ledger.body(ledger.twin("1" * 64))  # the latest of equal contents
        assert b"a.pdf" in ledger.body(ledger.entry("a.pdf"))
    assert [record["source"] for record in lines(tmp_path)] == ["b.pdf", "a.pdf", "c.pdf"]
    assert not list(tmp_path.glob("*.new"))


def test_other_settings_need_another_folder(tmp_path):
    with Ledger(tmp_path, SETTINGS):
        pass
    with Ledger(tmp_path, {"questions": ["now these"]}) as ledger:  # no record yet: no harm
        ledger.add(made("a.pdf"))
    with pytest.raises(UsageError, match="other settings: questions"):
        Ledger(tmp_path, SETTINGS)


def test_one_run_at_a_time(tmp_path):
    with Ledger(tmp_path, SETTINGS), pytest.raises(FileAccessError, match="another run"):
        Ledger(tmp_path, SETTINGS)
    with Ledger(tmp_path, SETTINGS):
        pass


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from docx_cli.batch.ledger import Ledger\n"
        f"ledger = Ledger(Path(sys.argv[1]), {SETTINGS!r})\n"
        "(ledger.scratch / 'page.pgm').touch()\n"
        "print(ledger.scratch, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    scratch = Path(done.stdout.strip())
    assert (scratch / "page.pgm").exists()
    with Ledger(tmp_path / "out", SETTINGS) as ledger:
        assert not scratch.exists() and ledger.scratch.exists()
    assert not ledger.scratch.exists()


def test_a_full_disk_costs_no_record_that_was_there(tmp_path):
    """A limit of the file's size stands for the disk: writing fails in the middle of a line."""
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add(made("a.pdf"))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = (tmp_path / RECORDS).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, before[1]))
        try:
            with pytest.raises(FileAccessError, match="cannot write: File too large"):
                ledger.add(made("b.pdf", "1" * 64, text="x" * 100))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (tmp_path / RECORDS).stat().st_size == size
        ledger.add(made("c.pdf", "2" * 64))
    assert [record["source"] for record in lines(tmp_path)] == ["a.pdf", "c.pdf"]


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileAccessError, match="cannot write"):
        Ledger(tmp_path / "file", SETTINGS)
    with pytest.raises(FileAccessError, match="cannot write"):
        Ledger(Path("/proc/out"), SETTINGS)


def test_files_of_documents_mirror_the_inputs_and_never_collide():
    names = {
        "a/b.pdf": "a/b.pdf.json",
        "./a//b.png": "a/b.png.json",
        "/a/b.pdf": "@root/a/b.pdf.json",
        "../a/b.pdf": "@up/a/b.pdf.json",
        "@root/a/b.pdf": "@@root/a/b.pdf.json",
        "b.pdf.json/c.pdf": "b.pdf.json@/c.pdf.json",
        "b.pdf.json@/c.pdf": "b.pdf.json@@/c.pdf.json",
        "a\udcff\n/-q.pdf": "a\udcff\n/-q.pdf.json",
    }
    assert {name: str(mirrored(name)) for name in names} == names
    deep = [mirrored(f"{'x' * 200}/" * 18 + last + ".pdf") for last in "ab"]
    assert deep[0].parts[0] == "@long" and deep[0].parent != deep[1].parent
    long = [mirrored("é" * 125 + last + ".pdf").name for last in "ab"]
    assert long[0] != long[1] and all(len(os.fsencode(name)) <= 255 for name in long)
