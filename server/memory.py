"""How the process collects garbage: rarely, and never what was made at the start.

A page of fifty songs is some three hundred containers; Python's usual threshold of 700 looks for cycles every second
page and finds none. `bench/storage.py` runs under the same rule.
"""

from __future__ import annotations

import gc

YOUNG_CONTAINERS = 50_000
"""New containers between two looks at the youngest: some megabytes at most wait for one."""


def settle_memory() -> None:
    """Call once when everything is started: what lives now lives for good and is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_CONTAINERS, 20, 50)
