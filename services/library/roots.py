"""The roots of an import: which they are, whether they are there, and which of them a path lies under.

Refuses to read sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def resolve(roots: Sequence[Path]) -> list[Path]:
    """Each root once, absolute and without links."""
    return sorted({Path(root).resolve() for root in roots})


def is_text(root: Path) -> bool:
    """Whether its name can be written down."""
    try:
        str(root).encode()
    except UnicodeEncodeError:
        return False
    return True


def root_of(path: str, roots: Sequence[Path]) -> str:
    """The root a path lies under."""
    return next((str(root) for root in roots if Path(path).is_relative_to(root)), str(Path(path).parent))


def holds(root: Path, folder: Path) -> bool:
    """Whether a changed folder belongs to a root that is there and not empty."""
    try:
        return folder.is_relative_to(root) and (root.is_file() or next(root.iterdir(), None) is not None)
    except OSError:
        return False


def away(root: Path, how: str) -> str:
    """What is said of a root that has nothing though it had songs."""
    return (
        f"{root} {how}, though the catalogue has songs from there. If a disk is not mounted, mount it; "
        "if the files are really gone, import with --allow-empty to hide their songs."
    )
