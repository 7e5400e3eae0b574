"""Editing what is in a playlist: adding, removing, moving, and putting a whole list in place.

Owns the bounds and the policy on duplicates. Refuses to know how a change gets past other people's (the desk) and what
an operation does to a list (entries.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.catalogue.songs import Songs
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound, TooLarge
from services.playlists.access import require_edit
from services.playlists.desk import Desk
from services.playlists.entries import Add, Move, Operation, Remove, apply, index_of, place_at, totals, without
from services.playlists.words import Duplicates
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Playlist, PlaylistEntry, Song

ENTRIES_LIMIT = 10_000
SONGS_AT_ONCE = 100
# Whole numbers over GraphQL have 32 bits; a service may be asked by others too.
POSITION_LIMIT = 2**31 - 1


@dataclass(slots=True)
class PlacedSong:
    """An entry where it stands: `position` counts from 0."""

    entry: PlaylistEntry
    position: int

    @property
    def id(self) -> str:
        """The entry's id, which stays while it moves."""
        return self.entry.id


class Editing:
    """Changes the entries of playlists."""

    def __init__(self, store: Store, clock: Clock, songs: Songs, desk: Desk) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs
        self._desk = desk

    async def add_songs(
        self,
        viewer: Viewer,
        playlist_id: str,
        song_ids: Sequence[str],
        *,
        position: int | None = None,
        before_id: str | None = None,
        field: str = "songIds",
    ) -> tuple[Playlist, list[PlacedSong]]:
        """The playlist and the new entries, together and in order; all go in or none.

        `position` counts from 0, past the end (or None) is the end; `before_id` is the entry they shall precede, which
        outranks it. Invalid for a negative position or not 1 to 100 songs; NotFound for a playlist or song that the
        viewer may not see; Denied; Conflict (ALREADY_IN_PLAYLIST) where duplicates are refused; TooLarge
        (PLAYLIST_FULL) beyond 10,000.
        """
        viewer.require(Role.LISTENER)
        check_position(position, "position")
        if not 1 <= len(song_ids) <= SONGS_AT_ONCE:
            raise Invalid(f"Add 1 to {SONGS_AT_ONCE} songs at a time.", field=field)
        # Who may not edit learns nothing about songs, and costs no more.
        require_edit(viewer, await self._desk.frame(viewer, playlist_id))
        known = await self._songs.get_many(viewer, [id for id in song_ids if is_id(id)])
        if any(id not in known for id in song_ids):
            raise NotFound("There is no such song.", field=field)
        songs = [known[id] for id in song_ids]
        return await self.add(viewer, playlist_id, songs, position=position, before_id=before_id, field=field)

    async def add(
        self,
        viewer: Viewer,
        playlist_id: str,
        songs: Sequence[Song],
        *,
        position: int | None = None,
        before_id: str | None = None,
        field: str = "songIds",
    ) -> tuple[Playlist, list[PlacedSong]]:
        """Add songs that the viewer is known to see, however many: for imports. Refusals as for `add_songs`."""
        user_id = viewer.require(Role.LISTENER)
        fresh = self.new_entries(songs, user_id)
        fresh_ids = {entry.id for entry in fresh}
        operation: Add | None = None
        started_at = 0

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            nonlocal operation, started_at
            require_edit(viewer, playlist)
            if operation is None:
                operation = Add(tuple(fresh), place_at(playlist.entries, position, before_id))
            # A write whose answer was lost is found here when it is worked out anew.
            others = [entry.song_id for entry in playlist.entries if entry.id not in fresh_ids]
            refuse_overflow(len(others) + len(fresh), field)
            refuse_duplicates(playlist, others, fresh, field)
            started_at = index_of(playlist.entries, operation.place)
            return self._updated(playlist, operation)

        playlist = await self._desk.change(viewer, playlist_id, decide, entries=True)
        return playlist, [PlacedSong(entry, started_at + offset) for offset, entry in enumerate(fresh)]

    async def remove(
        self, viewer: Viewer, playlist_id: str, song_id: str | None = None, *, entry_id: str | None = None
    ) -> Playlist:
        """The playlist without one entry: `entry_id`, or the first one of the song.

        NotFound, naming the argument, when the playlist has no such entry or that entry is of another song.
        """
        viewer.require(Role.LISTENER)
        chosen: PlaylistEntry | None = None

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            nonlocal chosen
            require_edit(viewer, playlist)
            if chosen is None:
                chosen, _ = find_entry(playlist, song_id, entry_id)
            return self._updated(playlist, Remove(frozenset([chosen.id])))

        return await self._desk.change(viewer, playlist_id, decide, entries=True)

    async def move(
        self,
        viewer: Viewer,
        playlist_id: str,
        song_id: str | None = None,
        *,
        position: int | None = None,
        entry_id: str | None = None,
        before_id: str | None = None,
    ) -> tuple[Playlist, PlacedSong]:
        """The playlist with one entry moved, and that entry: at `position` of the new order, past the end the last.

        Which entry and its refusals as for `remove`; Invalid for a negative position.
        """
        viewer.require(Role.LISTENER)
        check_position(position, "newPosition")
        moving: Move | None = None

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            nonlocal moving
            require_edit(viewer, playlist)
            if moving is None:
                chosen, index = find_entry(playlist, song_id, entry_id)
                # Before itself is where it stands already.
                place = (
                    place_at(playlist.entries[index + 1 :], 0)
                    if before_id == chosen.id
                    else place_at(without(playlist.entries, chosen.id), position, before_id)
                )
                moving = Move(chosen.id, place)
            return self._updated(playlist, moving)

        playlist = await self._desk.change(viewer, playlist_id, decide, entries=True)
        assert moving is not None
        for index, entry in enumerate(playlist.entries):
            if entry.id == moving.entry_id:
                return playlist, PlacedSong(entry, index)
        raise NotFound("Somebody took this song out of the playlist.", field="entryId")

    def new_entries(self, songs: Sequence[Song], user_id: str) -> list[PlaylistEntry]:
        """Entries for songs, added by somebody now."""
        now = self._clock.now()
        return [PlaylistEntry(self._clock.new_id(), song.id, user_id, now, song.duration_ms) for song in songs]

    def _updated(self, playlist: Playlist, operation: Operation) -> dict[str, Any] | None:
        """Brings the playlist to what it is after the operation; the update that does the same to the stored one."""
        before = playlist.entries
        playlist.entries = apply(before, operation)
        if playlist.entries == before:
            return None
        whole = self._whole(playlist)
        match operation:
            case Add(entries, place) if len(playlist.entries) == len(before) + len(entries):
                written = self._store.playlists.written_entries(entries)
                change = {"$push": {"entries": {"$each": written, "$position": index_of(before, place)}}}
            case Remove(entry_ids):
                change = {"$pull": {"entries": {"id": {"$in": sorted(entry_ids)}}}}
            case _:
                return whole
        # Thousands of entries need not travel for the sake of one; `rev` sees to it that both ways come to the same.
        del whole["$set"]["entries"]
        return {**whole, **change}

    def _whole(self, playlist: Playlist) -> dict[str, Any]:
        playlist.song_count, playlist.total_duration_ms = totals(playlist.entries)
        return {
            "$set": {
                "entries": self._store.playlists.written_entries(playlist.entries),
                "song_count": playlist.song_count,
                "total_duration_ms": playlist.total_duration_ms,
            }
        }


def check_position(position: int | None, field: str) -> None:
    """Invalid for a negative position, or one that no list could have."""
    if position is not None and not 0 <= position <= POSITION_LIMIT:
        raise Invalid(f"{field} counts from 0.", field=field)


def refuse_overflow(count: int, field: str) -> None:
    """TooLarge (PLAYLIST_FULL) beyond 10,000 entries."""
    if count > ENTRIES_LIMIT:
        raise TooLarge(f"A playlist holds at most {ENTRIES_LIMIT:,} songs.", field=field, code="PLAYLIST_FULL")


def refuse_duplicates(playlist: Playlist, there: Sequence[str], fresh: Sequence[PlaylistEntry], field: str) -> None:
    """Conflict (ALREADY_IN_PLAYLIST) when the playlist refuses duplicates and an added song would be one."""
    if playlist.duplicates != Duplicates.REFUSE:
        return
    known = set(there)
    for entry in fresh:
        if entry.song_id in known:
            raise Conflict("This song is in the playlist already.", field=field, code="ALREADY_IN_PLAYLIST")
        known.add(entry.song_id)


def find_entry(playlist: Playlist, song_id: str | None, entry_id: str | None) -> tuple[PlaylistEntry, int]:
    """The entry that is meant, and its index: the one with that id (of that song), or the first one of the song."""
    for index, entry in enumerate(playlist.entries):
        if entry_id is not None:
            if entry.id == entry_id and song_id in (None, entry.song_id):
                return entry, index
        elif entry.song_id == song_id:
            return entry, index
    raise NotFound("This song is not in the playlist.", field="songId" if entry_id is None else "entryId")
