"""docx batch on a real Ray cluster of two nodes, of which one is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

from cli_support import VALIDATOR, docx
from documents import LETTER_ROWS, page
from pdf_fixtures import pdf


def test_a_lost_node_loses_nothing(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(40):
        rows = [[(60, f"Letter {n:03d}, total {n}.50")], *LETTER_ROWS]
        (folder / f"{n:02d}.pdf").write_bytes(pdf(page(rows)))
    names = sorted(map(str, folder.iterdir()))
    command = [sys.executable, Path(__file__).with_name("ray_cluster.py"), tmp_path / "out", *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [0, 1]
    lines = (tmp_path / "out" / "records.jsonl").read_text().splitlines()
    found = {record["source"]: record for record in map(json.loads, lines)}
    assert (sorted(found), len(lines)) == (names, 40)
    VALIDATOR.validate(found[names[0]])

    alone = docx("batch", *names[:2], "-o", tmp_path / "alone", "-q", "total=What is the total?")
    assert alone.returncode == 0, alone.stderr
    for line in (tmp_path / "alone" / "records.jsonl").read_text().splitlines():
        here, there = json.loads(line), found[json.loads(line)["source"]]
        assert (here | {"timings": {}}) == (there | {"timings": {}})


def test_without_ray_one_line_says_how_to_get_it(tmp_path):
    (tmp_path / "ray.py").write_text("raise ModuleNotFoundError(\"No module named 'ray'\")")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = docx(
        "batch", "a.pdf", "-o", tmp_path / "out", "--kv", "--engine", "ray", PYTHONPATH=path
    )
    assert (done.returncode, done.stderr.decode().count("\n")) == (3, 1)
    assert b"[ray]" in done.stderr
