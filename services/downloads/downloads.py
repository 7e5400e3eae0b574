"""Downloads as their owners have them: asked for, kept in step with their lists, given up, listed and read.

Owns the limits and the order of a request. What the songs of a list are is `wanting.py`'s, what becomes of them
`song_list.py`'s, how long they may be played `licences.py`'s. Refuses to know HTTP and what a manifest looks like.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from services.audio.renditions import parse_format, parse_quality
from services.catalogue.listing import BY_ARRIVAL, page_of
from services.clock import Clock
from services.downloads.devices import DownloadDevices
from services.downloads.licences import Licences
from services.downloads.naming import key_of, read_thing
from services.downloads.preparing import Preparing
from services.downloads.rules import (
    PAGE_SONGS,
    DownloadRules,
    read_device_id,
    read_device_name,
)
from services.downloads.shelf_room import ShelfRoom
from services.downloads.song_list import Changes, changes_since, settle, with_waiting
from services.downloads.wanting import Wanting
from services.entitlements.table import TierTable
from services.errors import Conflict, Gone, Invalid, NotFound
from services.paging import Page, Slice
from services.throttle import TokenBuckets
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import UserPreferences
from storage.records.download import Download, DownloadDevice, DownloadKind, RevokeReason

REQUESTS_AT_ONCE = 60
SECONDS_PER_REQUEST = 10.0
_TRIES = 8
_LONG = 2_000
"""Lists of more songs are worked on beside the event loop."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Synced:
    """A download after a sync, and a page of what changed."""

    download: Download
    changes: Changes


class Downloads:
    """The downloads of the house."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rules: DownloadRules,
        tiers: TierTable,
        wanting: Wanting,
        licences: Licences,
        devices: DownloadDevices,
        preparing: Preparing,
    ) -> None:
        self._store = store
        self._clock = clock
        self._room = ShelfRoom(store, rules)
        self._tiers = tiers
        self._wanting = wanting
        self._licences = licences
        self._devices = devices
        self._preparing = preparing
        self._buckets = TokenBuckets(clock, capacity=REQUESTS_AT_ONCE, seconds_per_token=SECONDS_PER_REQUEST)

    async def request(
        self,
        viewer: Viewer,
        *,
        device_id: str,
        device_name: str | None = None,
        song_ids: Sequence[str] | None = None,
        playlist_id: str | None = None,
        album_id: str | None = None,
        quality: str | None = None,
        form: str | None = None,
    ) -> Download:
        """A download of exactly one thing for a device; the one there is, renewed, when it was asked for before.

        PaymentRequired for the free tier; NotFound for what the viewer may not see; Conflict: TOO_MANY_DEVICES,
        TOO_MANY_SONGS (on one device), TOO_MANY_DOWNLOADS; TooMany beyond 60 requests at once, one more every 10 s.
        """
        viewer.require(Role.LISTENER)
        user_id = await self._licences.require_premium(viewer)
        device_id, name = read_device_id(device_id), read_device_name(device_name)
        kind, target_id, wanted_ids = read_thing(song_ids, playlist_id, album_id)
        quality = (parse_quality(quality) if quality else await self._preferred(user_id)).lower()
        form = parse_format(form).value if form else None
        self._buckets.take(user_id)
        key = key_of(user_id, device_id, kind, target_id or ",".join(sorted(wanted_ids)), quality, form or "")
        now = self._clock.now()
        draft = Download(
            id=self._clock.new_id(),
            user_id=user_id,
            device_id=device_id,
            kind=kind.value,
            quality=quality,
            created_at=now,
            updated_at=now,
            issued_at=now,
            expires_at=self._licences.end(now),
            key=key,
            target_id=target_id,
            wanted_ids=wanted_ids,
            format=form,
        )
        wanted = await self._wanting.of(viewer, draft)
        if kind is DownloadKind.SONGS and wanted.withheld:
            raise NotFound("There is no such song.", field="songIds")
        place = await self._devices.take(viewer, device_id, name)
        known = await self._store.downloads.first({"key": key, "over": ""})
        if known is None:
            fresh = await _aside(lambda: settle(draft, wanted, now), len(wanted.order))
            if fresh is draft:
                fresh = replace(draft, state="ready", revision=1)
            try:
                await self._room.insert(fresh, self._tiers.of_viewer(viewer).download_songs)
            except DuplicateKey:
                known = await self._store.downloads.first({"key": key, "over": ""})
            except Conflict:
                await self._devices.release(place)
                raise
            else:
                self._preparing.nudge()
                return fresh
        if known is None:
            raise _try_again()
        return await self.renewed(viewer, known.id)

    async def sync(
        self, viewer: Viewer, id: str, known: int, after: str | None = None, limit: int | None = None
    ) -> Synced:
        """The download in step with its list, and at most `limit` songs of what changed after revision `known`.

        As `renewed`; Invalid for a revision that never was, beyond 1 to 100 songs and for a foreign cursor.
        """
        limit = PAGE_SONGS if limit is None else limit
        if not 1 <= limit <= PAGE_SONGS:
            raise Invalid(f"first must be from 1 to {PAGE_SONGS}.", field="first")
        download = await self.renewed(viewer, id)
        changes = await _aside(lambda: changes_since(download, known, after, limit), download.song_count)
        return Synced(download, changes)

    async def renewed(self, viewer: Viewer, id: str) -> Download:
        """The download with its songs as its list has them now and its licence renewed; only the difference waits.

        NotFound when it is not the viewer's; Gone (LICENCE_REVOKED, SOURCE_GONE), PaymentRequired.
        """
        viewer.require(Role.LISTENER)
        frame = await self._frame(viewer, id)
        await self._licences.renew(viewer, frame)
        await self._devices.seen(frame.user_id, frame.device_id)
        for _ in range(_TRIES):
            download = await self._whole(id)
            try:
                wanted = await self._wanting.of(viewer, download)
            except NotFound:
                await self._licences.revoke({"_id": id}, RevokeReason.SOURCE)
                raise Gone("The list of this download is gone.", code="SOURCE_GONE") from None
            wanted = await self._room.within_limit(download, wanted, self._tiers.of_viewer(viewer).download_songs)
            made = await self._changed(download, settle, wanted)
            if made is not None:
                return made
        raise _try_again()

    async def renew_songs(self, id: str, song_ids: Sequence[str]) -> None:
        """Prepare these songs again: their bytes are not what was promised."""
        for _ in range(_TRIES):
            if await self._changed(await self._whole(id), with_waiting, song_ids) is not None:
                return

    async def changes(
        self, viewer: Viewer, id: str, since: int, after: str | None, limit: int
    ) -> tuple[Download, Changes]:
        """The download and a page of what changed after revision `since`. Invalid for one that never was."""
        download = await self.get(viewer, id)
        return download, await _aside(lambda: changes_since(download, since, after, limit), download.song_count)

    async def get(self, viewer: Viewer, id: str) -> Download:
        """A download of the viewer's with all its songs. NotFound when it is not theirs."""
        await self._frame(viewer, id)
        return await self._whole(id)

    async def frame(self, viewer: Viewer, id: str) -> Download:
        """A download of the viewer's without its songs. NotFound when it is not theirs."""
        return await self._frame(viewer, id)

    async def wholes(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Download]:
        """Those of `ids` that are the viewer's, with all their songs; one store command."""
        user_id = viewer.require(Role.LISTENER)
        found = await self._store.downloads.get_many([id for id in ids if is_id(id)])
        return {id: download for id, download in found.items() if download.user_id == user_id}

    async def own(
        self, viewer: Viewer, part: Slice, *, device_id: str | None = None, counted: bool = True
    ) -> Page[Download]:
        """The viewer's downloads (of one device), ended ones included, the newest first; without their songs."""
        mine: list[dict[str, object]] = [{"user_id": viewer.require(Role.LISTENER)}]
        if device_id is not None:
            mine.append({"device_id": read_device_id(device_id)})
        return await page_of(self._store.downloads, mine, BY_ARRIVAL, part, counted=counted)

    async def revoke(self, viewer: Viewer, id: str) -> Download:
        """The download, ended for good; one that is over stays so. For its owner and moderators, else NotFound."""
        user_id = viewer.require(Role.LISTENER)
        frame = (await self._store.downloads.frames([id])).get(id) if is_id(id) else None
        if frame is None or (frame.user_id != user_id and not viewer.has(Role.MODERATOR)):
            raise _no_such()
        reason = RevokeReason.USER if frame.user_id == user_id else RevokeReason.STAFF
        await self._licences.revoke({"_id": id}, reason)
        return (await self._store.downloads.frames([id])).get(id) or frame

    async def remove_device(self, viewer: Viewer, device_id: str) -> list[DownloadDevice]:
        """The viewer's other devices; the licences of this one are over. NotFound when it is not on the list."""
        gone = await self._devices.drop(viewer, device_id)
        await self._licences.revoke({"user_id": viewer.user_id, "device_id": gone}, RevokeReason.DEVICE)
        return await self._devices.own(viewer)

    async def _changed(
        self, download: Download, change: Callable[[Download, T, datetime], Download], by: T
    ) -> Download | None:
        """The download with a change written down; None when somebody else was faster."""
        now = self._clock.now()
        made = await _aside(lambda: change(download, by, now), download.song_count)
        if made is download:
            return download
        if not await self._store.downloads.replace_songs(download, made):
            return None
        self._preparing.nudge()
        return made

    async def _preferred(self, user_id: str) -> str:
        user = await self._store.users.get(user_id)
        return (UserPreferences() if user is None else user.preferences).audio_quality

    async def _frame(self, viewer: Viewer, id: str) -> Download:
        user_id = viewer.require(Role.LISTENER)
        found = (await self._store.downloads.frames([id])).get(id) if is_id(id) else None
        if found is None or found.user_id != user_id:
            raise _no_such()
        return found

    async def _whole(self, id: str) -> Download:
        download = await self._store.downloads.get(id)
        if download is None:
            raise _no_such()
        return download


async def _aside(work: Callable[[], T], songs: int) -> T:
    return work() if songs < _LONG else await asyncio.to_thread(work)


def _no_such() -> NotFound:
    return NotFound("There is no such download.")


def _try_again() -> Conflict:
    return Conflict("This download is being changed; try again.", code="TRY_AGAIN", retry_after=1)
