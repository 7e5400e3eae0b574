"""Folders watched for changes, told in bursts that have calmed down.

Owns the choice between the system's notices and polling. Refuses to know what an import does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import watchfiles

from services.library.walk import AUDIO_SUFFIXES, FOREIGN_SUFFIXES, LYRICS_SUFFIXES

log = logging.getLogger("tutti.library")

FOLDERS_LIMIT = 200
_DEBOUNCE_MS = 1_600
_STEP_MS = 200
_COMPANIONS = frozenset({*LYRICS_SUFFIXES, "jpg", "jpeg", "png", "webp", "gif", "bmp"})


def _matters(_: watchfiles.Change, path: str) -> bool:
    """Whether a change may concern the catalogue: audio, companions, and names without a suffix (folders)."""
    name = path.rpartition("/")[2]
    if name.startswith("."):
        return False
    suffix = name.rpartition(".")[2].lower()
    return suffix in AUDIO_SUFFIXES or suffix in FOREIGN_SUFFIXES or suffix in _COMPANIONS or not Path(path).is_file()


async def watch_folders(
    roots: Sequence[Path], *, stop: asyncio.Event, polling: bool | None = None, debounce_ms: int = _DEBOUNCE_MS
) -> AsyncIterator[list[Path]]:
    """Folders under `roots` in which something changed, none inside another; the roots themselves beyond 200.

    Ends when `stop` is set. Where the system gives no notices (network disks, too many folders), polls instead.
    """
    forced = polling
    while not stop.is_set():
        try:
            async for changes in watchfiles.awatch(
                *[root for root in roots if root.exists()],
                watch_filter=_matters,
                debounce=debounce_ms,
                step=_STEP_MS,
                stop_event=stop,
                force_polling=forced,
                poll_delay_ms=1_000,
                ignore_permission_denied=True,
            ):
                yield _folders([Path(path) for _, path in changes], roots)
            return
        except (OSError, RuntimeError) as error:
            if forced:
                raise
            log.warning("folders cannot be watched, polling instead", extra={"error": str(error)})
            forced = True


def _folders(paths: Sequence[Path], roots: Sequence[Path]) -> list[Path]:
    """What to import for these changes: the folder of each change and the folder that changed, outermost only."""
    touched: set[Path] = set()
    for path in paths:
        root = next((root for root in roots if path.is_relative_to(root)), None)
        if root is not None:
            # A deleted path may have been a folder: its parent is looked at as a whole.
            touched.add(root if path == root or path.parent == root.parent else path.parent)
    if len(touched) > FOLDERS_LIMIT:
        return list(roots)
    outer: list[Path] = []
    for folder in sorted(touched):
        if not any(folder.is_relative_to(kept) for kept in outer):
            outer.append(folder)
    return outer
