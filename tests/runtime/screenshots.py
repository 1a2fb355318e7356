"""Draws what a terminal shows: the pictures of the README, as SVG.

``python tests/runtime/screenshots.py docs/images`` runs docx on the files of the guide.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

import guide
from guide_files import write_guide_files
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

COLUMNS = 100
# Without the fonts that rich would have a reader fetch.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.S)
VIEWS = {
    "ask": 'docx ask invoice.pdf -q total="What is the total?" -q seller="Who is the seller?" \\\n'
    '    -q date="What is the invoice date?" -q plate="What is the licence plate?"',
    "extract": "docx extract --schema order.yaml invoice.pdf",
    "tables": "docx tables report.pdf",
}


def shown(arguments: list[str], folder: Path) -> str:
    """Run docx on a terminal and return what it wrote there, colors included."""
    reader, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "docx_cli", *arguments]
    child = subprocess.Popen(command, cwd=folder, stdout=screen, env=environment)
    os.close(screen)
    parts = []
    try:
        while part := os.read(reader, 65536):
            parts.append(part)
    except OSError:  # Linux says so when the last writer has gone
        pass
    if child.wait():
        sys.exit(child.returncode)
    return b"".join(parts).decode().replace("\r\n", "\n")


def main(folder: Path) -> None:
    """Write a picture of each view to the folder, of the files that the guide works on."""
    with tempfile.TemporaryDirectory() as name:
        home = write_guide_files(Path(name))
        for block in guide.blocks("console"):
            for file, text in block.files.items():
                (home / file).write_text(text, encoding="utf-8")
        (home / "docx.toml").unlink()
        for view, line in VIEWS.items():
            command = shlex.split(line.replace("\\\n", ""))[1:]
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
                console = Console(record=True, width=COLUMNS, file=nowhere)
                console.print(Text(f"$ {line}"))
                console.print(Text.from_ansi(shown(command, home)))
            picture = folder / f"{view}.svg"
            console.save_svg(str(picture), title="docx", code_format=FORMAT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
