"""Work for the pool's tests: what real documents do to a process, in no time at all.

Paths are commands: ``ok``, or a verb and the number of the page that it strikes at.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from docx_cli.batch.unit import NO_PAGE, Outcome, Spoiled, Turn


def outcome(path: str, status: str = "ok", body: str = "", pages: int = 3) -> Outcome:
    return Outcome(path, None, body.encode(), status, None if status == "ok" else "x", pages)


def refused(path: str, cause: Spoiled) -> Outcome:
    return outcome(path, "failed", cause.error)


def work(turn: Turn, begin: Callable[[int], None]) -> Outcome:
    """Work through three pages; what the path says happens at one of them."""
    verb, _, number = Path(turn.path).name.partition("-")
    begin(NO_PAGE)
    kept = []
    for page in (1, 2, 3):
        if page in turn.spoiled:
            continue
        if turn.careful:
            begin(page)
        if number == str(page):
            strike(verb, turn.path)
        kept.append(str(page))
    return outcome(turn.path, body=f"{os.getpid()}:{','.join(kept)}")


def strike(verb: str, path: str) -> None:
    if verb == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "hang":
        subprocess.run(["sleep", "600"], check=False)
    elif verb == "once" and not Path(path).exists():
        Path(path).touch()
        os._exit(3)
    elif verb == "slow":
        time.sleep(0.3)
    elif verb == "warn":
        logging.getLogger("docx_cli.test").warning("a %s", "warning")
        os.write(2, b"noise of a library\n")
