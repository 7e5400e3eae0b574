"""The room of files: what keeps them in order."""

from __future__ import annotations

from dataclasses import dataclass

from services.files.sweeping import FileSweep
from services.ground import Ground


@dataclass
class FileRoom:
    """What stands in `services/files`."""

    file_sweep: FileSweep


def build_files(ground: Ground) -> FileRoom:
    """The room, ready."""
    return FileRoom(FileSweep(ground.store, ground.files, ground.clock))
