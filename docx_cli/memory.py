"""Memory that was freed, or is kept for later, given back; and memory in huge pages."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's names of what mallopt() sets
_HUGE_PAGES = 14  # Linux's MADV_HUGEPAGE
_MAPS = Path("/proc/self/maps")
_LARGEST = 32 << 20
"""Bytes of what may lie in a heap; glibc allows no more."""
_APART = 1 << 20
"""Bytes for what a heap holds already, so that two blocks have room in one."""
_HEAP = 64 << 20
"""Bytes of a thread's heap in glibc, at most; those not used yet take none of the memory."""


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


def huge_pages() -> None:
    """Ask for pages of 2 MB for this thread's heap, and for what will be used of it next.

    A matrix product waits for where its memory lies more than for the memory: a processor knows
    that of some 1,500 pages by heart, 6 MB in pages of 4 kB. Some systems give huge pages to nobody
    who does not ask, and none to a heap that grows by less than one at a time.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError, ValueError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGEST)
        library.mallopt(_TRIM_THRESHOLD, _HEAP)
        library.malloc.restype = ctypes.c_void_p
        # Two of them let a heap grow to nearly all it may.
        blocks = [library.malloc(ctypes.c_size_t(_LARGEST - _APART)) for _ in range(2)]
        try:
            start, end = _mapping(blocks[0])
            length = ctypes.c_size_t(max(end - start, _HEAP))
            library.madvise(ctypes.c_void_p(start), length, ctypes.c_int(_HUGE_PAGES))
        finally:
            for block in blocks:
                library.free(ctypes.c_void_p(block))


def _mapping(address: int) -> tuple[int, int]:
    """Return where the part of this process's memory begins and ends that an address lies in.

    Raises:
        ValueError: it is in none.
        OSError: the system does not tell.
    """
    for line in _MAPS.read_text().splitlines():
        start, _, end = line.partition(" ")[0].partition("-")
        if int(start, 16) <= address < int(end, 16):
            return int(start, 16), int(end, 16)
    raise ValueError
