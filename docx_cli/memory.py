"""Memory that was freed, or is kept for later, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
from typing import Protocol
from weakref import WeakSet


class Keeper(Protocol):
    """Keeps memory that it could take anew."""

    def let_go(self) -> None:
        """Free it; called in any thread."""


_keepers: WeakSet[Keeper] = WeakSet()


def keeps(keeper: Keeper) -> None:
    """Note who keeps memory."""
    _keepers.add(keeper)


def make_room() -> None:
    """Let all who keep memory free it, before something that takes much."""
    for keeper in list(_keepers):
        keeper.let_go()
    give_back()


def give_back() -> None:
    """Give freed memory back to the system, where the C library does not by itself.

    glibc keeps what was freed below something that is still held, in a heap for each thread.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
