"""What a request for a download names: exactly one thing, and the key by which it is the same thing again.

Owns the reading. Refuses to know the store and who asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from services.downloads.rules import (
    read_song_ids,
)
from services.errors import Invalid, NotFound
from services.typed_text import is_id
from storage.records.download import DownloadKind


def read_thing(
    song_ids: Sequence[str] | None, playlist_id: str | None, album_id: str | None
) -> tuple[DownloadKind, str | None, list[str]]:
    """Its kind, the list it is of, or the songs. Invalid unless one is named, NotFound for what is no id."""
    if sum(given is not None for given in (song_ids, playlist_id, album_id)) != 1:
        raise Invalid("Name exactly one of songIds, playlistId and albumId.", field="songIds")
    if song_ids is not None:
        return DownloadKind.SONGS, None, read_song_ids(song_ids)
    if playlist_id is not None:
        if not is_id(playlist_id):
            raise NotFound("There is no such playlist.")
        return DownloadKind.PLAYLIST, playlist_id, []
    if not is_id(album_id):
        raise NotFound("There is no such album.")
    return DownloadKind.ALBUM, album_id, []


def key_of(*parts: str) -> str:
    """One key for one wish."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16, person=b"tutti.download").hexdigest()
