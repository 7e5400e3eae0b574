"""The people in a band: added, changed, removed. Concurrent edits of one band lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from services.catalogue.wording import read_line, read_optional_line
from services.catalogue.workbench import TRIES, Changes, Workbench, too_busy
from services.errors import Conflict, Invalid, NotFound
from services.events import Bus, CatalogueChanged
from services.pictures.pictures import Pictures
from services.viewer import Viewer
from storage.records import Artist, ArtistMember

MEMBERS_LIMIT = 100
ROLE_LIMIT = 100


class MemberEdits:
    """Edits of an artist's members by its owner and admins."""

    def __init__(self, bench: Workbench, bus: Bus, pictures: Pictures) -> None:
        self._bench = bench
        self._bus = bus
        self._pictures = pictures

    async def add(self, viewer: Viewer, artist_id: str, *, name: str, **words: Any) -> tuple[Artist, ArtistMember]:
        """The artist and the new member, who comes last. Conflict beyond 100 members."""
        artist = await self._bench.artist(viewer, artist_id)
        member = replace(ArtistMember(self._bench.clock.new_id(), ""), **await self._read({"name": name, **words}))
        _check_dates(member)

        def added(members: list[ArtistMember]) -> list[ArtistMember]:
            if len(members) >= MEMBERS_LIMIT:
                raise Conflict(f"An artist has at most {MEMBERS_LIMIT} members.", field="artistId")
            return [*members, member]

        return await self._rewrite(viewer, artist, added), member

    async def update(self, viewer: Viewer, artist_id: str, member_id: str, **words: Any) -> tuple[Artist, ArtistMember]:
        """The artist and the member with what was given changed; null takes something away."""
        artist = await self._bench.artist(viewer, artist_id)
        _find(artist.members, member_id)
        changes = await self._read(words)

        def changed(members: list[ArtistMember]) -> list[ArtistMember]:
            member = replace(_find(members, member_id), **changes)
            _check_dates(member)
            return [member if each.id == member_id else each for each in members]

        written = await self._rewrite(viewer, artist, changed)
        return written, _find(written.members, member_id)

    async def remove(self, viewer: Viewer, artist_id: str, member_id: str) -> Artist:
        """The artist without that member. NotFound when there is none."""
        artist = await self._bench.artist(viewer, artist_id)

        def fewer(members: list[ArtistMember]) -> list[ArtistMember]:
            gone = _find(members, member_id)
            return [each for each in members if each is not gone]

        return await self._rewrite(viewer, artist, fewer)

    async def _rewrite(
        self, viewer: Viewer, artist: Artist, work: Callable[[list[ArtistMember]], list[ArtistMember]]
    ) -> Artist:
        artists = self._bench.store.artists
        for _ in range(TRIES):
            after = artists.codec.encode(replace(artist, members=work(artist.members)))
            fields = {"members": after["members"], "updated_at": self._bench.clock.now()}
            expected = {"$in": [0, None]} if artist.members_rev == 0 else artist.members_rev
            written = await artists.update_and_get(
                {"_id": artist.id, "members_rev": expected},
                {"$set": fields | {"members_rev": artist.members_rev + 1}},
            )
            if written is not None:
                self._bus.publish(CatalogueChanged(artist_ids=(artist.id,)))
                return written
            artist = await self._bench.artist(viewer, artist.id)
        raise too_busy()

    async def _read(self, words: dict[str, Any]) -> Changes:
        changes: Changes = {}
        if "name" in words:
            changes["name"] = read_line(words["name"], "name")
        if "role" in words:
            changes["role"] = read_optional_line(words["role"], "role", limit=ROLE_LIMIT) or ""
        for field in ("join_date", "leave_date"):
            if field in words:
                changes[field] = words[field]
        if "image" in words:
            text = words["image"]
            changes["image_id"] = None if text is None else await self._pictures.keep_base64(text, field="image")
        return changes


def _find(members: list[ArtistMember], id: str) -> ArtistMember:
    found = next((member for member in members if member.id == id), None)
    if found is None:
        raise NotFound("There is no such member.", field="memberId")
    return found


def _check_dates(member: ArtistMember) -> None:
    joined, left = member.join_date or date.min, member.leave_date or date.max
    if left < joined:
        raise Invalid("Nobody leaves before they join.", field="leaveDate")
