"""The ledger of what was listened to, and the counts that follow from it.

Owns the append-only rows and the rule that a repeated report counts once. Refuses to know who hears about it: the
present is told to `services/now_playing.py`.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from services.catalogue.songs import Songs
from services.clock import Clock, to_epoch_ms
from services.errors import Invalid
from services.now_playing import NowPlaying
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Play, Song

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
EARLIEST = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=5)
MS_PLAYED_LIMIT = 24 * 3600 * 1000


class PlaySource(StrEnum):
    """Where a listener found the song they play."""

    PLAYLIST = "playlist"
    ALBUM = "album"
    RADIO = "radio"
    SEARCH = "search"
    ARTIST = "artist"


class Plays:
    """What was listened to."""

    def __init__(self, store: Store, clock: Clock, songs: Songs, now_playing: NowPlaying) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs
        self._now_playing = now_playing

    async def record(
        self,
        viewer: Viewer,
        song_id: str,
        *,
        source: PlaySource | None = None,
        source_id: str | None = None,
        play_id: str | None = None,
        started_at: datetime | None = None,
        ms_played: int | None = None,
        completed: bool = False,
    ) -> Song:
        """Take a report that the viewer plays a song; the song with its new count.

        The same `play_id` of the same viewer (without one: the same song within the same second) counts once. A
        private session records and tells nothing. NotFound for a song that the viewer may not see; Invalid for an id
        of more than 64 plain characters, a start in the future or over 30 days ago, an impossible `ms_played`.
        """
        user_id = viewer.require(Role.LISTENER)
        now = self._clock.now()
        began = started_at or now
        self._check(now, began, play_id, source_id, ms_played)
        song = await self._songs.get(viewer, song_id)
        user = await self._store.users.get(user_id)
        if user is not None and user.preferences.private_session:
            # Not told either, but what was told before the private session began is taken back.
            await self._now_playing.report(viewer, song.id)
            return song
        # Prefixed by the user, so that nobody can use up another's play ids.
        own = play_id if play_id is not None else f"{song.id}@{to_epoch_ms(began) // 1000}"
        play = Play(
            id=f"{user_id}:{own}",
            user_id=user_id,
            song_id=song.id,
            started_at=began,
            recorded_at=now,
            album_id=song.album_id,
            artist_ids=song.artist_ids,
            ms_played=ms_played,
            completed=completed,
            source=source,
            source_id=source_id,
        )
        try:
            await self._store.plays.insert(play)
        except DuplicateKey:
            return song
        counted = await self._count(song)
        if now - began < timedelta(milliseconds=max(song.duration_ms, 1)):
            await self._now_playing.report(viewer, song.id)
        return counted

    async def _count(self, song: Song) -> Song:
        if song.album_id is not None:
            await self._store.albums.update({"_id": song.album_id}, {"$inc": {"play_count": 1}})
        return await self._store.songs.update_and_get({"_id": song.id}, {"$inc": {"play_count": 1}}) or song

    def _check(
        self, now: datetime, began: datetime, play_id: str | None, source_id: str | None, ms_played: int | None
    ) -> None:
        for field, id in (("playId", play_id), ("sourceId", source_id)):
            if id is not None and not _SANE_ID.fullmatch(id):
                raise Invalid(f"{field} must be 1 to 64 letters, digits and . _ : -", field=field)
        if not now - EARLIEST <= began <= now + CLOCK_SKEW:
            raise Invalid("startedAt must be within the last 30 days.", field="startedAt")
        if ms_played is not None and not 0 <= ms_played <= MS_PLAYED_LIMIT:
            raise Invalid(f"msPlayed must be from 0 to {MS_PLAYED_LIMIT}.", field="msPlayed")
