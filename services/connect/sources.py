"""Where a queue's songs come from: albums, playlists, artists, stations, lists, and the house when they are over.

Owns bounds, what is left out and why, and that a queue which goes on by itself never ends. Refuses to know what is done
with the songs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.catalogue.albums import Albums
from services.catalogue.artists import Artists
from services.catalogue.songs import Songs
from services.connect.operations import NewItem, Origin
from services.connect.playing import ITEMS_LIMIT, goes_on
from services.discovery.radio.stations import Stations
from services.discovery.recommendations import Recommendations
from services.errors import Invalid, NotFound, Unavailable
from services.listening.listens import is_listen
from services.playlists.playlists import Playlists
from services.typed_text import is_id
from services.viewer import Viewer
from storage.engine import EngineAway
from storage.records import Song
from storage.records.play_queue import PlayQueue, QueueContext, QueueHeard

SONGS_AT_ONCE = 500
ARTIST_SONGS = 100
STATION_SONGS = 25
"""Not more at once, so that a station soon plays what it learned."""
MORE_SONGS = 25
CANDIDATES = 100
ROOTS = 5
"""Of so many songs that were played last, the first one that is still to be seen makes the station that follows."""

log = logging.getLogger("tutti.connect")


class ContextKind(StrEnum):
    """What can be played as a whole."""

    ALBUM = "album"
    PLAYLIST = "playlist"
    ARTIST = "artist"
    RADIO = "radio"
    SONGS = "songs"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A song that was asked for and left out."""

    song_id: str
    code: str = "NOT_FOUND"
    message: str = "There is no such song."


@dataclass(frozen=True, slots=True)
class Found:
    """Songs for a queue, in order; `start` is the index among them of the one to begin with."""

    items: tuple[NewItem, ...]
    context: QueueContext
    start: int = 0
    skipped: tuple[Skipped, ...] = ()


class QueueSources:
    """Finds songs for queues."""

    def __init__(
        self,
        songs: Songs,
        albums: Albums,
        artists: Artists,
        playlists: Playlists,
        stations: Stations,
        recommendations: Recommendations,
    ) -> None:
        self._songs = songs
        self._albums = albums
        self._artists = artists
        self._playlists = playlists
        self._stations = stations
        self._recommendations = recommendations

    async def these(self, viewer: Viewer, song_ids: Sequence[str]) -> tuple[tuple[NewItem, ...], tuple[Skipped, ...]]:
        """1 to 500 songs, and those left out because the viewer may not see them; NotFound when none is left."""
        if not 1 <= len(song_ids) <= SONGS_AT_ONCE:
            raise Invalid(f"Give 1 to {SONGS_AT_ONCE} songs.", field="songIds")
        found = await self._songs.get_many(viewer, [id for id in dict.fromkeys(song_ids) if is_id(id)])
        if not found:
            raise NotFound("There is no such song.", field="songIds")
        skipped = tuple(Skipped(id) for id in dict.fromkeys(song_ids) if id not in found)
        return items_of((found[id] for id in song_ids if id in found), Origin.USER), skipped

    async def whole(
        self, viewer: Viewer, kind: ContextKind, id: str | None, song_ids: Sequence[str], start: int
    ) -> Found:
        """What is played as a whole, from its `start`th song on as the viewer counts them.

        At most 2,000 songs; an artist's 100 most played, a station's first 25. NotFound for what is absent, invisible,
        or has nothing that can be heard.
        """
        if kind is ContextKind.SONGS:
            chosen, skipped = await self.these(viewer, song_ids)
            gone = {each.song_id for each in skipped}
            begins = sum(song_id not in gone for song_id in song_ids[: max(start, 0)])
            listed = tuple(NewItem(item.song_id, item.duration_ms, Origin.CONTEXT) for item in chosen)
            return Found(listed, QueueContext(kind.value), min(begins, len(listed) - 1), skipped)
        if id is None or not is_id(id):
            raise NotFound(f"There is no such {kind.value}.", field="contextId")
        if kind is ContextKind.PLAYLIST:
            return await self._playlist(viewer, id, start)
        name, songs = await self._listed(viewer, kind, id)
        if not songs:
            raise NotFound(f"There is no such {kind.value}.", field="contextId")
        items = items_of(songs[:ITEMS_LIMIT], Origin.CONTEXT)
        return Found(items, QueueContext(kind.value, id, name), min(max(start, 0), len(items) - 1))

    async def more(self, viewer: Viewer, queue: PlayQueue) -> tuple[NewItem, ...]:
        """Up to 25 songs for a queue that ran out; none only where there is no other song to be heard.

        A station goes on by itself. Else what the viewer might like and the queue has not, each with the reason; and
        when it has all of that, the station of what was played last.
        """
        played = [item.song_id for item in queue.items]
        if goes_on(queue) and queue.context is not None and queue.context.id is not None:
            _, songs = await self._station(viewer, queue.context.id, played)
            if songs or not queue.autoplay:
                return items_of(songs, Origin.CONTEXT)
        blend = await self._recommendations.blend(viewer, CANDIDATES)
        reasons = {song.id: group.reason for group in blend.groups for song in group.songs}
        heard = set(played)
        fresh = [song for song in blend.songs if song.id not in heard][:MORE_SONGS]
        if fresh:
            return tuple(NewItem(song.id, song.duration_ms, Origin.AUTOPLAY, reasons.get(song.id)) for song in fresh)
        for root in list(dict.fromkeys(reversed(played)))[:ROOTS]:
            name, songs = await self._station(viewer, f"song:{root}", played)
            if songs:
                reason = f"From {name}."
                return tuple(NewItem(song.id, song.duration_ms, Origin.AUTOPLAY, reason) for song in songs)
        return ()

    async def skipped(self, viewer: Viewer, finished: Iterable[QueueHeard]) -> None:
        """Tell stations which of their songs somebody went past; a store that is away leaves it untold."""
        try:
            for heard in finished:
                context = heard.context
                past = not heard.completed and not is_listen(heard.heard_ms, heard.duration_ms)
                if context is not None and context.kind == ContextKind.RADIO and context.id is not None and past:
                    await self._stations.skipped(viewer, context.id, heard.song_id)
        except (EngineAway, Unavailable) as fault:
            log.warning("a station does not learn of a skip", extra={"reason": str(fault)})

    async def _station(self, viewer: Viewer, id: str, played: Sequence[str]) -> tuple[str, list[Song]]:
        """What a station plays after these; nothing when it is not there any more."""
        try:
            return await self._stations.more(viewer, id, played, MORE_SONGS)
        except NotFound:
            return "", []

    async def hidden(self, viewer: Viewer, song_ids: Sequence[str]) -> frozenset[str]:
        """Which of these the viewer cannot hear, or not any more."""
        wanted = list(dict.fromkeys(song_ids))
        found = await self._songs.get_many(viewer, wanted) if wanted else {}
        return frozenset(id for id in wanted if id not in found)

    async def _listed(self, viewer: Viewer, kind: ContextKind, id: str) -> tuple[str, list[Song]]:
        if kind is ContextKind.ALBUM:
            album = (await self._albums.get_many(viewer, [id])).get(id)
            return ("", []) if album is None else (album.title, (await self._songs.of_albums(viewer, [id]))[id])
        if kind is ContextKind.ARTIST:
            artist = (await self._artists.get_many(viewer, [id])).get(id)
            if artist is None:
                return "", []
            wanted = (id, ARTIST_SONGS)
            return artist.name, (await self._songs.top(viewer, [wanted]))[wanted]
        station = await self._stations.tune(viewer, id=id, limit=STATION_SONGS)
        return station.name, await self._stations.songs(viewer, station)

    async def _playlist(self, viewer: Viewer, id: str, start: int) -> Found:
        playlist = await self._playlists.get(viewer, id)
        entries = (await self._playlists.entries_of(viewer, [id])).get(id)
        if entries is None:
            raise NotFound("There is no such playlist.", field="contextId")
        # From the song on with which to begin, when the whole does not fit.
        first = max(0, min(start, len(entries) - 1))
        offset = 0 if len(entries) <= ITEMS_LIMIT else first
        part = entries.stretch(offset, ITEMS_LIMIT)
        found = await self._songs.get_many(viewer, list(dict.fromkeys(entry.song_id for entry in part)))
        items = items_of((found[entry.song_id] for entry in part if entry.song_id in found), Origin.CONTEXT)
        if not items:
            raise NotFound("There is nothing to hear in this playlist.", field="contextId")
        begins = sum(entry.song_id in found for entry in part[: first - offset])
        lost = [entry.song_id for entry in part if entry.song_id not in found]
        skipped = tuple(Skipped(song_id) for song_id in dict.fromkeys(lost))[:SONGS_AT_ONCE]
        return Found(items, QueueContext("playlist", id, playlist.name), min(begins, len(items) - 1), skipped)


def items_of(songs: Iterable[Song], origin: Origin) -> tuple[NewItem, ...]:
    """Songs on their way into a queue."""
    return tuple(NewItem(song.id, max(song.duration_ms, 0), origin) for song in songs)
