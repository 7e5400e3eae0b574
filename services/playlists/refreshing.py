"""Keeps smart playlists fresh: filled anew when somebody looks at one older than a minute, and by a periodic job.

Owns that one playlist is filled once at a time, that entries stay what they are while their songs stay, and that
nothing counts as an edit unless the songs changed. Refuses to know what rules mean.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from services.clock import Clock
from services.errors import Conflict, NotFound
from services.playlists.desk import Desk
from services.playlists.entries import totals
from services.playlists.selecting import Selecting, Selection, SmartOrder
from services.viewer import SYSTEM, Viewer
from storage.collections.store import Store
from storage.records import Playlist, PlaylistEntry, User

log = logging.getLogger("tutti.playlists")

FRESH_FOR = timedelta(minutes=1)
"""Looking at a playlist that was filled longer ago fills it anew."""
STALE_AFTER = timedelta(minutes=10)
"""The job fills anew what nobody looked at for so long."""
BATCH = 50
AT_ONCE = 2
_TRIES = 3


class Refreshing:
    """Fills smart playlists. `stop` ends what still runs; nothing is lost, for any later look begins anew."""

    def __init__(self, store: Store, clock: Clock, desk: Desk, selecting: Selecting) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._selecting = selecting
        self._running: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def stop(self) -> None:
        """End what runs. Safe to call twice."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def fresh(self, playlist: Playlist | None) -> Playlist | None:
        """The frame as it is, or as it is after filling the playlist anew when that was over a minute ago."""
        if playlist is None or playlist.rules is None:
            return playlist
        filled_at = playlist.refreshed_at
        if filled_at is not None and self._clock.now() - filled_at <= FRESH_FOR:
            return playlist
        await self.refresh(playlist.id)
        return (await self._store.playlists.frames([playlist.id])).get(playlist.id)

    async def refresh(self, playlist_id: str) -> None:
        """Fill it anew. Whoever asks while that runs already waits for the same; giving up waiting stops nothing."""
        task = self._running.get(playlist_id)
        if task is None:
            task = asyncio.create_task(self._refresh(playlist_id), name="refresh a smart playlist")
            self._running[playlist_id] = task
            task.add_done_callback(lambda done: self._done(playlist_id, done))
        await asyncio.shield(task)

    async def refresh_stale(self) -> int:
        """Fill anew, oldest first, up to 50 that nobody looked at for ten minutes; how many there were."""
        found = await self._store.playlists.find_frames(
            {"refreshed_at": {"$lte": self._clock.now() - STALE_AFTER}}, sort=[("refreshed_at", 1)], limit=BATCH
        )
        for playlist in found:
            try:
                await self.refresh(playlist.id)
            except Conflict:
                # Others write it all the time; the next round comes by again.
                log.info("a smart playlist was busy", extra={"playlist": playlist.id})
        return len(found)

    def _done(self, playlist_id: str, task: asyncio.Task[None]) -> None:
        self._running.pop(playlist_id, None)
        if not task.cancelled():
            # Whoever waits is told; when all have gone, the next look tries again.
            task.exception()

    async def _refresh(self, playlist_id: str) -> None:
        async with self._turns:
            for _ in range(_TRIES):
                if await self._fill(playlist_id):
                    return

    async def _fill(self, playlist_id: str) -> bool:
        """Whether it is filled by the rules it has; False when they changed meanwhile."""
        frame = (await self._store.playlists.frames([playlist_id])).get(playlist_id)
        if frame is None or frame.rules is None:
            return True
        owner = await self._store.users.get(frame.user_id)
        now = self._clock.now()
        if owner is None:
            # What nobody owns any more stays as it is, and does not come up again at once.
            await self._store.playlists.update({"_id": playlist_id}, {"$set": {"refreshed_at": now}})
            return True
        order, limit = SmartOrder(frame.rules_order or SmartOrder.RECENTLY_ADDED), frame.rules_limit or BATCH
        chosen = await self._selecting.select(viewer_of(owner), frame.rules, order, limit, seed_of(playlist_id, now))
        rules_held = True

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            nonlocal rules_held
            rules_held = asked_of(playlist) == asked_of(frame)
            if not rules_held:
                return None
            entries = self._entries(playlist, chosen, owner.id, now)
            if entries == playlist.entries:
                return None
            playlist.entries, playlist.match_count, playlist.refreshed_at = entries, chosen.match_count, now
            playlist.song_count, playlist.total_duration_ms = totals(entries)
            return {
                "$set": {
                    "entries": self._store.playlists.written_entries(entries),
                    "song_count": playlist.song_count,
                    "total_duration_ms": playlist.total_duration_ms,
                    "match_count": chosen.match_count,
                    "refreshed_at": now,
                }
            }

        try:
            # The house edits, not a person: nobody is told of news that nobody made.
            playlist = await self._desk.change(SYSTEM, playlist_id, decide, entries=True)
        except NotFound:
            return True  # Deleted meanwhile.
        if rules_held and playlist.refreshed_at != now:
            put = {"match_count": chosen.match_count, "refreshed_at": now}
            await self._store.playlists.update({"_id": playlist_id, "rules": {"$exists": True}}, {"$set": put})
        return rules_held

    def _entries(self, playlist: Playlist, chosen: Selection, owner_id: str, now: datetime) -> list[PlaylistEntry]:
        """An entry for each chosen song: the one it has, with the length the song has now, or a new one."""
        before = {entry.song_id: entry for entry in playlist.entries}
        entries = []
        for song in chosen.songs:
            known = before.get(song.id)
            entries.append(
                PlaylistEntry(self._clock.new_id(), song.id, owner_id, now, song.duration_ms)
                if known is None
                else PlaylistEntry(known.id, song.id, known.added_by, known.added_at, song.duration_ms)
            )
        return entries


def asked_of(playlist: Playlist) -> tuple[object, ...]:
    """What the playlist's rules ask for, to see whether two readings ask the same."""
    return playlist.rules, playlist.rules_order, playlist.rules_limit


def viewer_of(owner: User) -> Viewer:
    """The owner as somebody who looks at songs, with their roles and what they want to see."""
    return Viewer(owner.id, frozenset(owner.roles), explicit_content=owner.preferences.explicit_content)


def seed_of(id: str, now: datetime) -> str:
    """What lots are drawn by: another order for each playlist and each UTC day."""
    return f"{id}:{now:%Y-%m-%d}"
