"""The ffmpeg of the tests' own side, and a shelf for what it made: sources of sound, and an ear for what came out.

Owns what a test needs ffmpeg for besides the product. It is the one installed beside Tutti, not the one on PATH: that
one loads two hundred libraries before its first word, which costs more than most of what tests want of it. What the
product makes of sounds is made by the product's own, and what is pinned of an encoder's bytes too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest

QUICK_FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def shared_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder of this name that all workers of this run have in common; it goes with their temporary files."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    return folder


def made_once(path: Path, make: Callable[[Path], object]) -> Path:
    """The file at `path`, made by whichever worker wants it first while others wait; `make` is told where to write.

    It writes under another name with the same endings, so that nobody ever reads half of a file.
    """
    if not path.exists():
        with open(path.parent / f".{path.name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                unfinished = path.with_name(f"unfinished-{path.name}")
                make(unfinished)
                unfinished.rename(path)
    return path
