"""Nothing goes to the network: the kernel ends whoever asks for a socket of the internet."""

from __future__ import annotations

import ctypes
import platform
import signal
import struct
import subprocess
import sys

import pytest
from cli_support import FIXTURE, process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")

# Of linux/audit.h and the system call tables: architecture, number of socket().
MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
AF_INET, AF_INET6 = 2, 10
KILL, ALLOW = 0x80000000, 0x7FFF0000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def cut_off():
    """Let the kernel kill this process, or a child, if it asks for IPv4 or IPv6."""
    architecture, socket = MACHINES[platform.machine()]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 0, 6, architecture),
        (LOAD, 0, 0, NUMBER),
        (EQUAL, 0, 4, socket),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 1, 0, AF_INET),
        (EQUAL, 0, 1, AF_INET6),
        (RETURN, 0, 0, KILL),
        (RETURN, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(steps), code)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(program)) == 0


def offline(command, **options):
    return subprocess.run(
        command, capture_output=True, check=False, timeout=120, preexec_fn=cut_off, **options
    )


@pytest.mark.parametrize("kind", ["AF_INET", "AF_INET6"])
def test_who_asks_is_ended(kind):
    code = f"import socket; socket.socketpair(); socket.socket(socket.{kind})"
    assert offline([sys.executable, "-c", code]).returncode == -signal.SIGSYS


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", FIXTURE, "-q", "What is the total?"],
        ["kv", "scan.png"],
        ["tables", FIXTURE, "--ocr", "always"],
        ["ocr", "scan.png"],
        ["extract", FIXTURE, "--schema", "invoice"],
        ["show", FIXTURE, "-o", "OUT.html", "-q", "What is due?"],
        ["batch", FIXTURE, "scan.png", "-o", "OUT", "--kv", "--tables", "-q", "What is due?"],
        ["model", "verify"],
        ["doctor"],
        ["schema", "--list"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_commands_work_without_a_network(arguments, documents, tmp_path):
    places = {"scan.png": documents / "scan.png"}
    named = [places.get(a, str(a).replace("OUT", f"{tmp_path}/out")) for a in arguments]
    run = process(*named)
    done = offline(run["args"], env=run["env"])
    assert done.returncode == 0, done.stderr
