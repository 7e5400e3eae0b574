"""Playlists on their way out, as M3U8 or JSPF: the songs that whoever asks may see, in order.

A file tells what each song is and our own id for it; with `links` also where this house streams it, by tickets that
stand for whoever asked. Refuses to know how a file is written (exchange.py) and who may see a playlist (access.py).
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from services.accounts.accounts import Accounts
from services.accounts.tickets import Tickets
from services.catalogue.songs import Songs
from services.playlists.access import may_see, no_such_playlist
from services.playlists.exchange import Exchange, Track
from services.playlists.formats import Format, file_name, write
from services.playlists.refreshing import Refreshing
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.playlists import StoredEntries
from storage.collections.store import Store
from storage.records import Playlist, Song

_BATCH = 500
QUALITY = "lossless"
"""Tickets in a file let its owner play the original, as those of the API do."""


@dataclass(frozen=True, slots=True)
class Export:
    """A playlist as a file. `etag` names the playlist's edit and exactly this text."""

    file_name: str
    content_type: str
    text: str
    etag: str
    has_links: bool


class Exports:
    """Writes playlists as files."""

    def __init__(
        self,
        store: Store,
        songs: Songs,
        accounts: Accounts,
        tickets: Tickets,
        refreshing: Refreshing,
        *,
        public_url: str = "",
    ) -> None:
        self._store = store
        self._songs = songs
        self._accounts = accounts
        self._tickets = tickets
        self._refreshing = refreshing
        self._public_url = public_url.rstrip("/")

    async def export(
        self, viewer: Viewer, playlist_id: str, format: Format, *, links: bool = False, base: str | None = None
    ) -> Export:
        """The playlist as a file, less the songs that the viewer may not see.

        `links` puts addresses of streams in, made absolute by the house's own address or else `base`: they stand for
        the viewer, run out like any ticket, and are for those who signed in. NotFound when absent or invisible.
        """
        if links:
            viewer.require(Role.LISTENER)
        playlist, entries = await self._read(viewer, playlist_id)
        owners = await self._accounts.users(viewer, [playlist.user_id])
        creator = owners[playlist.user_id].username if playlist.user_id in owners else ""
        exchange = Exchange(playlist.name, playlist.description, creator)
        root = self._public_url or (base or "").rstrip("/")
        for start in range(0, len(entries), _BATCH):
            ids = [entry.song_id for entry in entries.stretch(start, _BATCH)]
            seen = await self._songs.get_many(viewer, ids)
            for id in ids:
                if id in seen:
                    exchange.tracks.append(_track(seen[id], self._link(viewer, root, id) if links else ""))
        text = await asyncio.to_thread(write, format, exchange)
        digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        name = file_name(playlist.name, format)
        return Export(name, format.content_type, text, f'"{playlist.rev}-{digest}"', links)

    async def _read(self, viewer: Viewer, playlist_id: str) -> tuple[Playlist, StoredEntries]:
        for last in (False, True):
            found = await self._store.playlists.with_entries([playlist_id]) if is_id(playlist_id) else {}
            if playlist_id not in found or not may_see(viewer, found[playlist_id][0]):
                break
            if last or await self._refreshing.fresh(found[playlist_id][0]) is found[playlist_id][0]:
                return found[playlist_id]
        raise no_such_playlist()

    def _link(self, viewer: Viewer, root: str, song_id: str) -> str:
        ticket = self._tickets.issue(
            user_id=viewer.user_id or "", session_id=viewer.session_id or "", song_id=song_id, quality=QUALITY
        )
        return f"{root}/stream/{song_id}?ticket={ticket}"


def _track(song: Song, location: str) -> Track:
    return Track(
        title=song.title,
        artist=song.artist_credit,
        album=song.album_title or "",
        duration_ms=song.duration_ms or None,
        location=location,
        isrc=song.isrc,
        song_id=song.id,
    )
