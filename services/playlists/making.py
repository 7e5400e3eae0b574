"""Making, renaming and deleting playlists: everything about the frame.

Owns slugs, bounds and what deleting takes along. Refuses to know the entries, apart from those a new playlist begins
with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from services.attention import Attention, Posted
from services.catalogue.naming import free_slug_for
from services.clock import Clock
from services.errors import Conflict, Denied, TooLarge
from services.library.names import OLD_SLUGS_LIMIT, fits, slug
from services.pictures.pictures import Pictures
from services.playlists.access import require_change
from services.playlists.desk import Desk
from services.playlists.editing import Editing, refuse_duplicates, refuse_overflow
from services.playlists.entries import totals
from services.playlists.playlists import PLAYLISTS_LIMIT
from services.playlists.words import Duplicates, read_description, read_name
from services.viewer import SYSTEM, Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Playlist, Song

SLUG_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class PlaylistDraft:
    """A playlist as somebody wants it. `cover_image` is base64 or a `data:` URL."""

    name: str
    description: str = ""
    is_public: bool = True
    is_collaborative: bool = False
    is_editorial: bool = False
    duplicates: Duplicates = Duplicates.ALLOW
    cover_image: str | None = None


class PlaylistChanges(TypedDict, total=False):
    """What shall be different. What is absent stays; None clears `description` and `cover_image`, and else stays."""

    name: str | None
    description: str | None
    is_public: bool | None
    is_collaborative: bool | None
    is_editorial: bool | None
    duplicates: Duplicates | None
    cover_image: str | None


class Making:
    """Makes, changes and deletes playlists."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        pictures: Pictures,
        desk: Desk,
        editing: Editing,
        attention: Attention | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._pictures = pictures
        self._desk = desk
        self._editing = editing
        self._attention = attention or Attention()

    async def create(
        self,
        viewer: Viewer,
        draft: PlaylistDraft,
        songs: Sequence[Song] = (),
        *,
        filled: Mapping[str, Any] | None = None,
    ) -> Playlist:
        """A new playlist of the viewer's, with these songs that they are known to see.

        `filled` holds further fields of the record, checked already: a smart playlist's rules.
        Invalid names the field; Denied for an editorial one by anybody but staff; TooLarge beyond 1,000 playlists of
        one owner or 10,000 songs.
        """
        user_id = viewer.require_proven() if draft.is_public else viewer.require(Role.LISTENER)
        name, description = read_name(draft.name), read_description(draft.description)
        self._attention.refuse("name", name)
        self._attention.refuse("description", description)
        if draft.is_editorial:
            require_staff(viewer)
        refuse_overflow(len(songs), "songIds")
        if await self._store.playlists.count({"user_id": user_id}, limit=PLAYLISTS_LIMIT) >= PLAYLISTS_LIMIT:
            raise TooLarge(f"You may have {PLAYLISTS_LIMIT:,} playlists.", code="TOO_MANY_PLAYLISTS")
        # Ten thousand ids take their time.
        entries = await asyncio.to_thread(self._editing.new_entries, songs, user_id) if songs else []
        now = self._clock.now()
        playlist = Playlist(
            id=self._clock.new_id(),
            name=name,
            slug="",
            user_id=user_id,
            created_at=now,
            updated_at=now,
            description=description,
            is_public=draft.is_public,
            is_collaborative=draft.is_collaborative,
            is_editorial=draft.is_editorial,
            duplicates=draft.duplicates.value,
            entries=entries,
            **(filled or {}),
        )
        refuse_duplicates(playlist, (), entries, "songIds")
        playlist.song_count, playlist.total_duration_ms = totals(entries)
        if draft.cover_image is not None:
            playlist.cover_id = await self._pictures.keep_base64(draft.cover_image, field="coverImage")
        for _ in range(SLUG_ATTEMPTS):
            playlist.slug = await free_slug_for(self._store, self._store.playlists, name, "playlist")
            try:
                await self._store.playlists.insert(playlist)
            except DuplicateKey:
                continue  # Somebody took the slug between the look and the write.
            self._desk.tell(viewer, playlist)
            self._note(playlist, user_id)
            return playlist
        raise Conflict("Many playlists get this name just now; try again.", field="name", code="BUSY")

    async def update(self, viewer: Viewer, playlist_id: str, changes: PlaylistChanges) -> Playlist:
        """The playlist with the changes made; a renamed one goes on answering to its old slugs.

        `is_editorial` alone is staff's to change, on any playlist they see; everything else is for those who may change
        the frame. NotFound, Denied, Invalid as everywhere; nothing is half-written.
        """
        viewer.require(Role.LISTENER)
        wanted = self._read(changes)
        for field in ("name", "description"):
            self._attention.refuse(field, wanted.get(field) or "")
        if wanted.get("is_public"):
            viewer.require_proven()
        frame = await self._desk.frame(viewer, playlist_id)
        self._permit(viewer, frame, wanted)
        cover = changes.get("cover_image")
        if cover is not None:
            wanted["cover_id"] = await self._pictures.keep_base64(cover, field="coverImage")

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            self._permit(viewer, playlist, wanted)
            different = {key: value for key, value in wanted.items() if getattr(playlist, key) != value}
            if "name" in different:
                different.update(await self._renamed(playlist, different["name"]))
            for key, value in different.items():
                setattr(playlist, key, value)
            cleared = {key: "" for key, value in different.items() if value is None}
            put = {key: value for key, value in different.items() if value is not None}
            if not different:
                return None
            return {"$set": put} | ({"$unset": cleared} if cleared else {})

        for _ in range(SLUG_ATTEMPTS):
            try:
                changed = await self._desk.change(viewer, playlist_id, decide)
            except DuplicateKey:
                continue
            if {"name", "description", "is_public"} & set(wanted):
                self._note(changed, changed.user_id, is_new=False)
            return changed
        raise Conflict("Many playlists get this name just now; try again.", field="name", code="BUSY")

    async def delete(self, viewer: Viewer, playlist_id: str) -> None:
        """Take a playlist away, with its invitations and its followers' edges."""
        viewer.require(Role.LISTENER)
        playlist = await self._desk.frame(viewer, playlist_id)
        require_change(viewer, playlist)
        # The playlist goes first: what a crash leaves behind leads nowhere, and the nightly proof sweeps it up.
        await self._store.playlists.delete({"_id": playlist.id})
        await self._store.playlist_invites.delete({"playlist_id": playlist.id}, many=True)
        await self._store.playlist_followers.delete({"target_id": playlist.id}, many=True)
        self._desk.tell(viewer, playlist, gone=True)

    async def set_hidden(self, viewer: Viewer, playlist_id: str, hidden: bool) -> Playlist:
        """Take a playlist out of sight or bring it back, for moderators; one they may not see themselves too.

        Its owner and those it was opened to go on seeing it. NotFound when absent.
        """
        viewer.require(Role.MODERATOR)

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            if playlist.is_hidden == hidden:
                return None
            playlist.is_hidden = hidden
            return {"$set": {"is_hidden": hidden}}

        # Told as by the house: nobody need know which moderator it was.
        return await self._desk.change(SYSTEM, playlist_id, decide, invited=True)

    def _note(self, playlist: Playlist, by_id: str, *, is_new: bool = True) -> None:
        """What nobody else sees is nobody else's business."""
        if playlist.is_public:
            texts = (playlist.name, playlist.description)
            self._attention.note(Posted("playlist", playlist.id, by_id, is_new=is_new, texts=texts))

    def _read(self, changes: PlaylistChanges) -> dict[str, Any]:
        """The changes as fields of the record, checked; a picture that was handed in is not among them."""
        wanted: dict[str, Any] = {}
        if (name := changes.get("name")) is not None:
            wanted["name"] = read_name(name)
        if "description" in changes:
            wanted["description"] = read_description(changes["description"] or "")
        for key in ("is_public", "is_collaborative", "is_editorial"):
            if (value := changes.get(key)) is not None:
                wanted[key] = value
        if (duplicates := changes.get("duplicates")) is not None:
            wanted["duplicates"] = duplicates.value
        if "cover_image" in changes:
            wanted["cover_id"] = None
        return wanted

    def _permit(self, viewer: Viewer, playlist: Playlist, wanted: dict[str, Any]) -> None:
        is_staff = viewer.has(Role.MODERATOR)
        if not (is_staff and set(wanted) == {"is_editorial"}):
            require_change(viewer, playlist)
        if wanted.get("is_editorial", playlist.is_editorial) != playlist.is_editorial:
            require_staff(viewer)

    async def _renamed(self, playlist: Playlist, name: str) -> dict[str, Any]:
        wanted = slug(name, "playlist")
        if fits(playlist.slug, wanted):
            return {}
        # A name it had before gets its old address back.
        own = next((old for old in reversed(playlist.old_slugs) if fits(old, wanted)), None)
        fresh = own or await free_slug_for(self._store, self._store.playlists, name, "playlist")
        former = [old for old in playlist.old_slugs if old not in (fresh, playlist.slug)]
        return {"slug": fresh, "old_slugs": [*former, playlist.slug][-OLD_SLUGS_LIMIT:]}


def require_staff(viewer: Viewer) -> None:
    """Denied for anybody but moderators and admins."""
    if not viewer.has(Role.MODERATOR):
        raise Denied("Only staff make playlists editorial.", field="isEditorial")
