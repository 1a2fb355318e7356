"""Memory as the system sees it, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HUGE = """
import ctypes, re, threading
from docx_cli.memory import huge_pages

PART = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) .*?^VmFlags: ([a-z ]*)$", re.MULTILINE | re.DOTALL)

def is_huge():
    "Say whether the memory that this thread takes next may lie in huge pages."
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    block = library.malloc(ctypes.c_size_t(1 << 20))
    for start, end, flags in PART.findall(open("/proc/self/smaps").read()):
        if int(start, 16) <= block < int(end, 16):
            return "hg" in flags.split()

def asked():
    before = is_huge()
    huge_pages()
    print(before, is_huge())

asked()
thread = threading.Thread(target=asked)
thread.start()
thread.join()
"""


def run(script: str) -> str:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage").is_dir(), reason="a kernel without huge pages"
)
def test_huge_pages_are_asked_for_in_the_first_thread_and_in_others() -> None:
    assert run(HUGE).split("\n")[:2] == ["False True", "False True"]


@pytest.mark.parametrize(
    "absent",
    [
        "import ctypes; del ctypes.CDLL",
        "from docx_cli import memory; memory._MAPS = memory.Path('/nowhere')",
    ],
)
def test_where_the_system_knows_none_all_is_as_before(absent: str) -> None:
    assert run(f"{absent}\nfrom docx_cli.memory import huge_pages\nhuge_pages()") == ""
