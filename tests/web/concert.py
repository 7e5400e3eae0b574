"""A real server over the songbook, a browser that wants a click before it sounds, and an ear that knows the songs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.server.conftest import Process
from tests.server.player_pages import Pages, player_pages
from tests.services.exercised import exercised
from tests.web.ear import Ear
from tests.web.songbook import HARBOUR, RAIN, SNOW, WIND, write_tune

LIBRARY = (RAIN, SNOW, WIND)


def import_songbook(folder: Path) -> Path:
    """A data folder that the library was imported into."""
    for tune in LIBRARY:
        write_tune(tune, folder / "music" / tune.artist / tune.album)
    (folder / "imported").mkdir()
    library = Process(folder / "imported" / "data")
    done = library.command("import", str(folder / "music"))
    assert done.returncode == 0, done.stderr
    return library.data


@contextlib.asynccontextmanager
async def concert(folder: Path) -> AsyncIterator[tuple[Pages, Ear]]:
    """Pages come over a wire; the ear knows `HARBOUR` too, which the server does not have yet."""
    library = await asyncio.to_thread(import_songbook, folder)
    async with player_pages(folder, library, gestures=True, wired=True) as pages:
        exercised("Chromium, listened to")
        yield pages, Ear((*LIBRARY, HARBOUR))
