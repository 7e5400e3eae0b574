"""The process that learns: `python -m services.discovery.learning.process FOLDER`, started by the training.

Reads the rows in the folder, tells its progress on standard output (a share on each line), leaves `made/` there.
Owns the manners of the process: last in line for the processor, bounded in memory, gone with whoever started it (when
standard input ends). Refuses to know the store.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from pathlib import Path

NICENESS = 15
OUT_OF_MEMORY = 3
TOO_LITTLE = 4
"""Statuses: there was not enough memory; what was read does not make a model."""

_THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main(folder: Path, version: str, memory_bytes: int) -> int:
    """Learn from what lies in the folder; the process's status."""
    _settle_in(memory_bytes)
    try:
        return _learn(folder, version)
    except (MemoryError, ImportError):
        # A library that cannot be loaded for want of memory says the latter.
        return OUT_OF_MEMORY


def _learn(folder: Path, version: str) -> int:
    # Loaded here, for the matrix library looks at its settings once.
    from services.discovery.collaborative.affinity import Origin
    from services.discovery.learning.making import make
    from services.discovery.learning.rows import read_rows, read_summary
    from services.discovery.learning.shape import arrays_of
    from services.discovery.learning.versions import Facts, write_version

    gathered = read_summary(folder)
    if gathered is None:
        return TOO_LITTLE
    rows, songs = read_rows(folder)
    origin = Origin(version, gathered.read_at, gathered.plays, gathered.people)
    learned, recipe = make(rows, songs, origin, told=_tell, steps=folder / "steps")
    facts = Facts(gathered.read_at, gathered.plays, gathered.people, len(learned.songs), recipe)
    write_version(folder / "made", facts, arrays_of(learned))
    return 0


def _tell(share: float) -> None:
    sys.stdout.write(f"{share:.4f}\n")
    sys.stdout.flush()


def _settle_in(memory_bytes: int) -> None:
    os.nice(NICENESS)
    for name in _THREAD_SETTINGS:
        os.putenv(name, "1")
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _end_with_parent() -> None:
    # Nothing is ever written to it: it ends when the parent does, however that went.
    while os.read(0, 4_096):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
