"""Sees to it that playlists without a chosen picture have one made from their songs' covers.

Soon after an edit (a bounded queue, drained by one task) and by a periodic job for whatever was missed: the record says
at which `rev` it was last looked at, so that nothing is lost by a crash and doing it twice is doing it once. A mosaic
that is replaced stays on disk: other playlists may show the same, and addresses of pictures are cached for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from services.catalogue.songs import Songs
from services.errors import Invalid, NotFound, Unavailable
from services.events import Bus, Event, PlaylistChanged
from services.pictures.covers import Covers
from services.pictures.pictures import Pictures
from services.playlists.mosaic import COVERS, SIDE_PIXELS, draw
from services.viewer import NOBODY
from storage.collections.playlists import StoredEntries
from storage.collections.store import Store
from storage.records import Playlist

log = logging.getLogger("tutti.playlists")

QUEUE_LIMIT = 1000
LINGERS_S = 5.0
LOOKED_AT = 1000
"""Covers are looked for among so many first songs."""
_BATCH = 100
_SCANNED = 200


class Mosaics:
    """Between `start` and `stop`, playlists that change get their picture within seconds."""

    def __init__(
        self, store: Store, bus: Bus, songs: Songs, covers: Covers, pictures: Pictures, *, lingers_s: float = LINGERS_S
    ) -> None:
        self._store = store
        self._bus = bus
        self._songs = songs
        self._covers = covers
        self._pictures = pictures
        self._lingers_s = lingers_s
        self._waiting: dict[str, None] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._deaf: Callable[[], None] | None = None

    async def start(self) -> None:
        """Begin to hear of edits."""
        if self._task is None:
            self._deaf = self._bus.hear(PlaylistChanged, self._note)
            self._task = asyncio.create_task(self._work(), name="playlist mosaics")

    async def stop(self) -> None:
        """Hear no more, and end; what waits is the job's. Safe in any state."""
        if self._deaf is not None:
            self._deaf()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def catch_up(self, *, everything: bool = False) -> int:
        """Look at each playlist that was edited since its picture was; how many pictures are other ones now.

        With `everything` at those too that were not edited: covers of songs change without it.
        """
        changed = 0
        playlists = self._store.playlists
        fields = ["rev", "mosaic_rev", "cover_id"]
        async for batch in playlists.engine.scan(playlists.name, {}, batch=_SCANNED, fields=fields):
            for found in batch:
                if everything or found.get("mosaic_rev") != found.get("rev", 0):
                    changed += await self.look(found["_id"])
        return changed

    async def prove(self) -> int:
        """Look at every playlist; how many pictures are other ones now."""
        return await self.catch_up(everything=True)

    async def look(self, playlist_id: str) -> bool:
        """Compare one playlist's picture with its songs' covers, and draw it anew where they differ; whether it did."""
        found = await self._store.playlists.with_entries([playlist_id])
        if playlist_id not in found:
            return False
        playlist, entries = found[playlist_id]
        if playlist.cover_id is not None:
            await self._write(playlist, playlist.mosaic_id, playlist.mosaic_cover_ids)
            return False
        cover_ids = await self._first_covers(entries)
        if cover_ids == playlist.mosaic_cover_ids and (playlist.mosaic_id is not None or not cover_ids):
            await self._write(playlist, playlist.mosaic_id, cover_ids)
            return False
        return await self._write(playlist, await self._picture(cover_ids), cover_ids)

    async def _first_covers(self, entries: StoredEntries) -> list[str]:
        """The first four distinct covers of songs that everybody may see."""
        cover_ids: dict[str, None] = {}
        for start in range(0, min(len(entries), LOOKED_AT), _BATCH):
            ids = [entry.song_id for entry in entries.stretch(start, _BATCH)]
            seen = await self._songs.get_many(NOBODY, ids)
            for id in ids:
                if id in seen and seen[id].cover_id is not None:
                    cover_ids[seen[id].cover_id or ""] = None
                    if len(cover_ids) == COVERS:
                        return list(cover_ids)
        return list(cover_ids)

    async def _picture(self, cover_ids: Sequence[str]) -> str | None:
        """The id of the mosaic; the first cover's own where there are fewer than four or one cannot be read."""
        if len(cover_ids) < COVERS:
            return cover_ids[0] if cover_ids else None
        try:
            covers = self._covers
            pictures = [await covers.read(await covers.open(id, SIDE_PIXELS // 2)) for id in cover_ids]
            drawn = await asyncio.to_thread(draw, pictures)
            return await self._pictures.keep(drawn, field="mosaic")
        except (NotFound, Invalid, OSError) as fault:
            log.warning("a mosaic could not be drawn", extra={"covers": list(cover_ids), "fault": str(fault)})
            return cover_ids[0]

    async def _write(self, playlist: Playlist, mosaic_id: str | None, cover_ids: list[str]) -> bool:
        """Put the picture in place unless the playlist was edited meanwhile (then it is looked at again)."""
        put: dict[str, object] = {"mosaic_cover_ids": cover_ids, "mosaic_rev": playlist.rev}
        update: dict[str, dict[str, object]] = {"$set": put}
        if mosaic_id is not None:
            put["mosaic_id"] = mosaic_id
        else:
            update["$unset"] = {"mosaic_id": ""}
        if (playlist.mosaic_id, playlist.mosaic_cover_ids, playlist.mosaic_rev) == (
            mosaic_id, cover_ids, playlist.rev
        ):  # fmt: skip
            return False
        written = await self._store.playlists.update({"_id": playlist.id, "rev": playlist.rev}, update)
        return bool(written.matched) and mosaic_id != playlist.mosaic_id

    def _note(self, event: Event) -> None:
        if isinstance(event, PlaylistChanged) and not event.gone and len(self._waiting) < QUEUE_LIMIT:
            self._waiting[event.playlist_id] = None
            self._news.set()

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            # A burst of edits is looked at once, after it.
            await asyncio.sleep(self._lingers_s)
            self._news.clear()
            waiting, self._waiting = list(self._waiting), {}
            for playlist_id in waiting:
                try:
                    await self.look(playlist_id)
                except Unavailable:
                    log.warning("mosaics wait for their job, the store is away")
                except Exception:
                    # One playlist's bug is not the others'.
                    log.exception("a mosaic could not be made", extra={"playlist": playlist_id})
