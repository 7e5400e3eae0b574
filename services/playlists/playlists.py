"""Playlists as a viewer may see them: by id, by slug, of people, featured, and the songs inside.

Lists are of frames: the entries are read only where somebody asks for songs. Refuses to know how playlists change.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.accounts.people_access import PeopleAccess
from services.catalogue.access import all_of
from services.errors import Invalid
from services.paging import Page, Slice, slice_of, write_cursor
from services.playlists.access import is_slug, may_see, role_in, visible_to
from services.playlists.desk import Desk, seen_by
from services.playlists.editing import PlacedSong
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.playlists import StoredEntries
from storage.collections.store import Store
from storage.records import Playlist

PLAYLISTS_LIMIT = 1000
"""How many playlists somebody may own, and how many of others they may be let into."""
BATCH = 1000
CURSOR_ENTRIES = 5

Entries = StoredEntries
"""What is in a playlist, made records only where somebody looks."""


class Playlists:
    """The playlists of the house."""

    def __init__(self, store: Store, desk: Desk, people: PeopleAccess) -> None:
        self._store = store
        self._desk = desk
        self._people = people

    async def get_many(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Playlist]:
        """The frames of those of `ids` that the viewer may see, by id; one store command."""
        found = await self._store.playlists.frames([id for id in ids if is_id(id)])
        return {id: playlist for id, playlist in found.items() if may_see(viewer, playlist)}

    async def get(self, viewer: Viewer, id: str) -> Playlist:
        """One frame. NotFound when absent or invisible."""
        return await self._desk.frame(viewer, id)

    async def newest(self, id: str) -> Playlist | None:
        """One frame for many viewers, each of whom is asked about by `seen` before it is shown; None when absent."""
        return await self._desk.newest(id)

    def seen(self, viewer: Viewer, playlist: Playlist | None) -> Playlist:
        """A frame that `newest` gave, for this viewer. NotFound when absent or invisible."""
        return seen_by(viewer, playlist)

    async def by_slug(self, viewer: Viewer, slug: str) -> Playlist | None:
        """The frame of the playlist with that slug, now or before; None when absent or invisible."""
        found = await self._store.playlists.frame_by_slug(slug) if is_slug(slug) else None
        return found if found is not None and may_see(viewer, found) else None

    async def entries_of(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Entries]:
        """The entries of those playlists that the viewer may see, by playlist; one store command.

        Whether the viewer may see each song in them is not decided here.
        """
        found = await self._store.playlists.with_entries([id for id in ids if is_id(id)])
        return {id: entries for id, (playlist, entries) in found.items() if may_see(viewer, playlist)}

    async def of_users(self, viewer: Viewer, user_ids: Sequence[str]) -> dict[str, list[Playlist]]:
        """Each one's playlists that the viewer may see, the last changed first; at most 1,000 of each.

        For the viewer themselves that is all they own and all that were opened to them. Of somebody whose profile is
        closed to the viewer, only those that were opened to the viewer; a public one still answers to its id.
        """
        open_ids = await self._people.open_among(viewer, user_ids)
        theirs: dict[str, list[Playlist]] = {id: [] for id in user_ids}
        filter = all_of([{"user_id": {"$in": list(theirs)}}, *visible_to(viewer)])
        after: list[object] | None = None
        while True:
            found = await self._store.playlists.find_frames(
                filter, sort=[("user_id", 1), ("updated_at", -1)], limit=BATCH, after=after
            )
            for playlist in found:
                if playlist.user_id in open_ids or role_in(viewer, playlist) is not None:
                    theirs[playlist.user_id].append(playlist)
            if len(found) < BATCH:
                break
            after = [found[-1].user_id, found[-1].updated_at, found[-1].id]
        if viewer.user_id in theirs:
            joined = await self._joined(viewer.user_id, PLAYLISTS_LIMIT)
            mine = sorted([*theirs[viewer.user_id], *joined], key=_freshness, reverse=True)
            theirs[viewer.user_id] = mine
        return {id: playlists[:PLAYLISTS_LIMIT] for id, playlists in theirs.items()}

    async def mine(self, viewer: Viewer, part: Slice) -> list[Playlist]:
        """What the viewer owns and what was opened to them, the last changed first."""
        user_id = viewer.require(Role.LISTENER)
        if part.offset > PLAYLISTS_LIMIT:
            raise Invalid(f"offset must be from 0 to {PLAYLISTS_LIMIT}.", field="offset")
        rows = part.offset + part.limit
        owned = await self._store.playlists.find_frames({"user_id": user_id}, sort=[("updated_at", -1)], limit=rows)
        joined = await self._joined(user_id, rows)
        return sorted([*owned, *joined], key=_freshness, reverse=True)[part.offset : rows]

    async def featured(self, viewer: Viewer, limit: int | None = None) -> list[Playlist]:
        """The public editorial playlists, those with the most followers first. Invalid beyond 1 to 100 rows."""
        rows = slice_of(limit=limit).limit
        filter = {"is_editorial": True, "is_public": True, "is_hidden": False}
        return await self._store.playlists.find_frames(filter, sort=[("follower_count", -1)], limit=rows)

    async def _joined(self, user_id: str, limit: int) -> list[Playlist]:
        return await self._store.playlists.find_frames(
            {"collaborator_ids": user_id}, sort=[("updated_at", -1)], limit=limit
        )


def entries_page(entries: Entries | None, part: Slice) -> Page[PlacedSong]:
    """One page of a playlist's entries; None is a playlist that went meanwhile.

    A cursor stands for an entry, so entries that come and go elsewhere neither repeat nor drop a row. It names the few
    before it too, for when that entry itself has gone, and its position for when all of them have. Invalid for a cursor
    of another list.
    """
    start = part.offset if part.cursor is None else _after(entries, part.cursor)
    total = 0 if entries is None else len(entries)
    found = [] if entries is None else entries.stretch(start, part.limit)
    rows = [PlacedSong(entry, position) for position, entry in enumerate(found, start)]
    first = max(0, start + 1 - CURSOR_ENTRIES)
    ids = [] if entries is None else entries.ids(first, start + len(rows))
    # The ids up to each row, the nearest first.
    near = [ids[: row.position + 1 - first][-CURSOR_ENTRIES:][::-1] for row in rows]
    return Page(
        items=rows,
        cursors=[write_cursor([row.position, *before]) for row, before in zip(rows, near, strict=True)],
        total=total,
        has_next=start + part.limit < total,
        has_previous=start > 0,
    )


def _after(entries: Entries | None, cursor: Sequence[object]) -> int:
    position, *near = cursor
    ids = [id for id in near if isinstance(id, str)]
    if not isinstance(position, int) or isinstance(position, bool) or position < 0 or not ids or len(ids) < len(near):
        raise Invalid("This cursor belongs to another list or another order.", field="after")
    now = {} if entries is None else entries.positions(ids)
    return next((now[id] + 1 for id in ids if id in now), position)


def _freshness(playlist: Playlist) -> tuple[object, str]:
    return playlist.updated_at, playlist.id
