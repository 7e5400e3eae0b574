"""Licences: for how long a device may play what it keeps, and what ends that before its time.

Owns expiry, renewal and revocation. Refuses to know songs. A licence that ended with the subscription alone comes back
with it; every other end is for good.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.clock import Clock
from services.downloads.rules import DownloadRules
from services.entitlements.folding import tier_of
from services.entitlements.table import TierTable
from services.errors import Denied, Gone, PaymentRequired, Unauthenticated
from services.viewer import Viewer
from storage.collections.downloads import SONG_LISTS
from storage.collections.store import Store
from storage.records import User
from storage.records.download import Download, DownloadState, RevokeReason

log = logging.getLogger("tutti.downloads")

REMEMBERED = timedelta(days=90)
"""How long after its end a licence still vouches for plays, before the download is forgotten."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when plays of a download are believed, for it was licensed then."""

    begins: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies within."""
        return self.begins <= moment <= self.ends


class Licences:
    """The licences of all downloads; a download's id is its licence's."""

    def __init__(self, store: Store, clock: Clock, rules: DownloadRules, tiers: TierTable) -> None:
        self._store = store
        self._clock = clock
        self._tiers = tiers
        self._life = timedelta(days=rules.licence_days)

    def end(self, now: datetime) -> datetime:
        """When a licence given now runs out."""
        return now + self._life

    async def require_premium(self, viewer: Viewer) -> str:
        """The viewer's user id. PaymentRequired for a tier without downloads, whose licences end with this."""
        if viewer.user_id is None:
            raise Unauthenticated("Sign in first.")
        if not self._tiers.of_viewer(viewer).downloads:
            await self.revoke({"user_id": viewer.user_id}, RevokeReason.TIER)
            raise PaymentRequired("Downloads are part of a subscription.")
        return viewer.user_id

    async def check(self, viewer: Viewer, download: Download) -> None:
        """Whether its bytes may be had now. Gone (LICENCE_REVOKED), PaymentRequired, Denied (LICENCE_EXPIRED)."""
        if _is_over(download):
            raise _revoked(download)
        await self.require_premium(viewer)
        if download.state == DownloadState.REVOKED or download.expires_at <= self._clock.now():
            raise Denied("This licence has run out; sync to renew it.", code="LICENCE_EXPIRED")

    async def renew(self, viewer: Viewer, download: Download) -> None:
        """Let the licence run its full time from now, for a device that came by. Refuses as `check`, but expiry."""
        if _is_over(download):
            raise _revoked(download)
        await self.require_premium(viewer)
        now = self._clock.now()
        ready = download.ready_count + download.failed_count >= download.song_count
        state = (DownloadState.READY if ready else DownloadState.PREPARING).value
        renewed: dict[str, Any] = {"issued_at": now, "expires_at": self.end(now)}
        update: dict[str, Any] = {"$set": renewed}
        filter: dict[str, Any] = {"_id": download.id, "state": {"$ne": DownloadState.REVOKED.value}}
        if download.state == DownloadState.REVOKED:
            filter = {"_id": download.id, "revoke_reason": RevokeReason.TIER.value}
            renewed["state"] = state
            if not ready:
                renewed["due_at"] = now
            update["$unset"] = {"revoked_at": "", "revoke_reason": ""}
        if not (await self._store.downloads.update(filter, update)).matched:
            raise _revoked(download)

    async def revoke(self, filter: Mapping[str, Any], reason: RevokeReason) -> int:
        """End the licences of the downloads that match; how many lived until now.

        One that ended for its tier may still be ended for good.
        """
        lasting = reason is not RevokeReason.TIER
        alive: dict[str, Any] = {"state": {"$ne": DownloadState.REVOKED.value}}
        if lasting:
            alive = {"$or": [alive, {"revoke_reason": RevokeReason.TIER.value}]}
        ended: dict[str, Any] = {
            "state": DownloadState.REVOKED.value,
            "revoke_reason": reason.value,
            "revoked_at": self._clock.now(),
        }
        unset = {"due_at": ""}
        if lasting:
            # Its songs are of no use any more, and may be many.
            unset |= dict.fromkeys(SONG_LISTS, "")
            ended["over"] = self._clock.new_id()
            ended |= dict.fromkeys(("song_count", "ready_count", "failed_count", "total_bytes"), 0)
        update = {"$set": ended, "$unset": unset}
        count = (await self._store.downloads.update({"$and": [dict(filter), alive]}, update, many=True)).matched
        if count:
            log.info("licences revoked", extra={"licences": count, "reason": reason.value})
        return count

    async def prove(self) -> int:
        """End the licences of people who are suspended or have no subscription any more, and forget old ones.

        How many; a periodic job, safe to repeat.
        """
        now, count = self._clock.now(), 0
        seen: set[str] = set()
        async for downloads in self._frames({"state": {"$ne": DownloadState.REVOKED.value}}):
            fresh = {each.user_id for each in downloads} - seen
            seen = fresh
            users = await self._store.users.get_many(sorted(fresh))
            for user_id in fresh:
                reason = self.unfit(users.get(user_id))
                if reason is not None:
                    count += await self.revoke({"user_id": user_id}, reason)
        old = {"expires_at": {"$lt": now - REMEMBERED}}
        return count + await self._store.downloads.delete(old, many=True)

    def unfit(self, user: User | None) -> RevokeReason | None:
        """Why somebody may have no downloads at all, None when they may."""
        if user is None or user.is_suspended:
            return RevokeReason.SUSPENDED
        return None if self._tiers.of(tier_of(user, self._clock.now())).downloads else RevokeReason.TIER

    async def windows(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Window]:
        """When each of these downloads of the viewer's was licensed, by id; those of others are left out."""
        found = await self._store.downloads.frames(list(ids))
        return {
            download.id: Window(download.created_at, _end(download))
            for download in found.values()
            if download.user_id == viewer.user_id
        }

    async def _frames(self, filter: Mapping[str, Any]) -> Any:
        after: list[Any] | None = None
        while True:
            found = await self._store.downloads.find(
                filter, sort=[("user_id", 1), ("created_at", -1)], limit=_BATCH, after=after
            )
            if found:
                yield found
            if len(found) < _BATCH:
                return
            after = [found[-1].user_id, found[-1].created_at, found[-1].id]


def _is_over(download: Download) -> bool:
    return download.state == DownloadState.REVOKED and download.revoke_reason != RevokeReason.TIER


def _end(download: Download) -> datetime:
    return min(download.expires_at, download.revoked_at or download.expires_at)


def _revoked(download: Download) -> Gone:
    why = {
        RevokeReason.USER: "This download was removed.",
        RevokeReason.DEVICE: "This device was removed.",
        RevokeReason.SOURCE: "The list of this download is gone.",
    }
    return Gone(why.get(RevokeReason(download.revoke_reason or "staff"), "This licence ended."), code="LICENCE_REVOKED")
