"""Playlists on the shelf: with their entries, or the frame around them alone.

Owns which fields a frame has and how entries are written. Refuses to decide: what an edit does is worked out in
services.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from storage.collections.collection import Collection
from storage.collections.record_codec import RecordCodec, codec_of
from storage.engine import Engine, Filter, Sort
from storage.records import Collaborator, Playlist, PlaylistEntry

FRAME = tuple(spec.name for spec in fields(Playlist) if spec.name not in ("id", "entries"))
"""Every field but the entries, of which there may be 10,000."""


class StoredEntries:
    """A playlist's entries as stored, made records only where somebody looks: of thousands, a page is wanted."""

    def __init__(self, documents: Sequence[Mapping[str, Any]], codec: RecordCodec[PlaylistEntry]) -> None:
        self._documents = documents
        self._codec = codec

    def __len__(self) -> int:
        return len(self._documents)

    def stretch(self, start: int, count: int) -> list[PlaylistEntry]:
        """At most `count` entries from position `start` on."""
        return [self._codec.decode(document) for document in self._documents[start : start + count]]

    def ids(self, start: int, stop: int) -> list[str]:
        """The entries' ids from position `start` up to `stop`."""
        return [document["id"] for document in self._documents[start:stop]]

    def positions(self, entry_ids: Some[str]) -> dict[str, int]:
        """Where these entries stand; those that are not here are left out."""
        wanted = set(entry_ids)
        return {document["id"]: at for at, document in enumerate(self._documents) if document["id"] in wanted}


class PlaylistShelf(Collection[Playlist]):
    """The playlists. A frame is a `Playlist` whose `entries` were not read; `song_count` still tells their number."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "playlists", Playlist)
        self._entry: RecordCodec[PlaylistEntry] = codec_of(PlaylistEntry)
        self._collaborator: RecordCodec[Collaborator] = codec_of(Collaborator)

    async def frames(self, ids: Sequence[str]) -> dict[str, Playlist]:
        """The frames of those that exist, by id; one store command for up to 1,000."""
        distinct = list(dict.fromkeys(ids))
        if not distinct:
            return {}
        found = await self.find_frames({"_id": {"$in": distinct}}, limit=len(distinct))
        return {playlist.id: playlist for playlist in found}

    async def with_entries(self, ids: Sequence[str]) -> dict[str, tuple[Playlist, StoredEntries]]:
        """Frames and entries of those that exist, by id; one store command."""
        found = await self.engine.get_many(self.name, list(dict.fromkeys(ids))) if ids else {}
        made = {}
        for id, document in found.items():
            entries = document.pop("entries", [])
            made[id] = (self.codec.decode(document), StoredEntries(entries, self._entry))
        return made

    async def find_frames(
        self,
        filter: Filter,
        *,
        sort: Sort = (),
        limit: int = 100,
        skip: int = 0,
        after: Sequence[Any] | None = None,
    ) -> list[Playlist]:
        """The frames of matching playlists in order."""
        found = await self.engine.find(self.name, filter, sort=sort, limit=limit, skip=skip, after=after, fields=FRAME)
        return [self.codec.decode(document) for document in found]

    async def frame_by_slug(self, slug: str) -> Playlist | None:
        """The playlist with that slug now, else the oldest that had it before."""
        found = await self.find_frames({"slug": slug}, limit=1)
        if not found:
            found = await self.find_frames({"old_slugs": slug}, sort=[("_id", 1)], limit=1)
        return found[0] if found else None

    def written_entries(self, entries: Sequence[PlaylistEntry]) -> list[dict[str, Any]]:
        """Entries as an update holds them."""
        return [self._entry.encode(entry) for entry in entries]

    def written_collaborators(self, collaborators: Sequence[Collaborator]) -> list[dict[str, Any]]:
        """Collaborators as an update holds them."""
        return [self._collaborator.encode(collaborator) for collaborator in collaborators]
