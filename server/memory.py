"""How the process collects garbage: rarely, and never what was made at the start; and gives large blocks back.

A page of fifty songs is some three hundred containers; Python's usual threshold of 700 looks for cycles every second
page and finds none. `bench/storage.py` runs under the same rule.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc

YOUNG_CONTAINERS = 50_000
"""New containers between two looks at the youngest: some megabytes at most wait for one."""


LARGE_BLOCK_BYTES = 1 << 20
_MMAP_THRESHOLD = -3
"""glibc's number for it (malloc.h: M_MMAP_THRESHOLD)."""


def give_back_large_blocks() -> None:
    """Call once before anything else: memory of a megabyte and more goes back to the system as soon as it is free.

    glibc keeps ever larger blocks for itself once it saw some, and in each thread's own heap: after a few large
    pictures 900 MB stayed with the process, and with this 190. Does nothing where there is another allocator.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


def settle_memory() -> None:
    """Call once when everything is started: what lives now lives for good and is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_CONTAINERS, 20, 50)
