"""Coupons of the house: codes that admins make and people redeem, each account once, as often as there are uses.

Owns codes and uses: one conditioned write takes a use and notes whose it is, the grant follows and is made good after
a crash. Unknown, spent, expired and withdrawn codes are one answer. Refuses to know payment.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.audit.audit import Audit
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.entitlements.folding import FREE, TIERS, ends_of
from services.entitlements.grants import Grants
from services.errors import Conflict, Invalid, NotFound
from services.paging import Page, Slice
from services.shared_throttle import SharedBuckets
from services.typed_text import is_id, read_plain
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.grant import Grant
from storage.records.offer import Coupon

log = logging.getLogger("tutti.offers")

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LETTERS = 16
"""80 bits: nobody guesses one, however many there are."""
HINT_LETTERS = 4
NAME_LIMIT = 100
MOST_DAYS = 3_660
MOST_USES = 1_000
RECENT = timedelta(days=2)
NEWEST = Order("created_at", -1, datetime)
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class FreshCoupon:
    """A new coupon, and its code, which nobody can be shown again."""

    coupon: Coupon
    code: str

    def __repr__(self) -> str:
        # Codes never reach a log through this.
        return f"FreshCoupon(coupon_id={self.coupon.id!r})"


class Coupons:
    """The coupons of the house. `tries` bounds how often an account may be wrong."""

    def __init__(self, store: Store, clock: Clock, grants: Grants, audit: Audit, tries: SharedBuckets) -> None:
        self._store = store
        self._clock = clock
        self._grants = grants
        self._audit = audit
        self._tries = tries

    async def make(
        self, viewer: Viewer, *, name: str, tier: str, days: int, uses: int = 1, expires_at: datetime | None = None
    ) -> FreshCoupon:
        """A new code, for admins: `days` of `tier` for `uses` accounts. Invalid names what is out of its bounds."""
        maker = viewer.require(Role.ADMIN)
        name = read_plain(name, "name", "A name", NAME_LIMIT)
        now = self._clock.now()
        if tier == FREE or tier not in TIERS:
            raise Invalid(f"The tier is one of {', '.join(TIERS[1:])}.", field="tier")
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(f"A coupon gives 1 to {MOST_DAYS:,} days.", field="days")
        if not 1 <= uses <= MOST_USES:
            raise Invalid(f"A coupon is for 1 to {MOST_USES:,} accounts.", field="uses")
        if expires_at is not None and expires_at <= now:
            raise Invalid("A coupon ends in the future.", field="expiresAt")
        plain = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
        coupon = Coupon(
            id=self._clock.new_id(),
            code_hash=_digest(plain),
            hint=plain[-HINT_LETTERS:],
            name=name,
            tier=tier,
            days=days,
            uses=uses,
            left=uses,
            created_at=now,
            updated_at=now,
            created_by=maker,
            expires_at=expires_at,
        )
        await self._store.coupons.insert(coupon)
        await self._audit.note(viewer, "coupon.make", "coupon", coupon.id, tier=tier, days=days, uses=uses)
        return FreshCoupon(coupon, "-".join(plain[at : at + 4] for at in range(0, CODE_LETTERS, 4)))

    async def listing(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> Page[Coupon]:
        """All coupons, the newest first, for admins."""
        viewer.require(Role.ADMIN)
        return await page_of(self._store.coupons, [], NEWEST, part, counted=counted)

    async def withdraw(self, viewer: Viewer, id: str) -> Coupon:
        """Nobody redeems it any more; who did keeps what it gave. NotFound when there is none."""
        viewer.require(Role.ADMIN)
        now = self._clock.now()
        filter = {"_id": id if is_id(id) else "", "withdrawn_at": None}
        coupon = await self._store.coupons.update_and_get(filter, {"$set": {"withdrawn_at": now, "updated_at": now}})
        coupon = coupon or (await self._store.coupons.get(id) if is_id(id) else None)
        if coupon is None:
            raise NotFound("There is no such coupon.", field="id")
        await self._audit.note(viewer, "coupon.withdraw", "coupon", coupon.id)
        return coupon

    async def redeem(self, viewer: Viewer, code: str) -> Grant:
        """What the code gives, from now on or from the end of what one has.

        NotFound (COUPON_UNKNOWN) for a code that is not good, or not any more; Conflict: COUPON_USED by this account,
        HAVE_IT_ALREADY without an end; TooMany after ten wrong ones.
        """
        user_id, now = viewer.require_oneself(), self._clock.now()
        await self._tries.take(user_id)
        plain = code.upper().translate(_LOOK_ALIKE) if len(code) <= 4 * CODE_LETTERS else ""
        found = await self._store.coupons.first({"code_hash": _digest(plain)})
        if found is None:
            raise _unknown()
        await self._tries.give_back(user_id)
        if user_id in found.user_ids:
            raise Conflict("You have redeemed this code.", code="COUPON_USED")
        await self._begins(user_id, found, now)
        good: dict[str, Any] = {
            "_id": found.id,
            "left": {"$gt": 0},
            "withdrawn_at": None,
            "user_ids": {"$ne": user_id},
            "$or": [{"expires_at": None}, {"expires_at": {"$gt": now}}],
        }
        use = {"$inc": {"left": -1}, "$push": {"user_ids": user_id}, "$set": {"updated_at": now}}
        taken = await self._store.coupons.update_and_get(good, use)
        if taken is None:
            raise _unknown()
        log.info("coupon redeemed", extra={"user_id": user_id, "coupon_id": found.id})
        return await self._give(user_id, taken)

    async def finish(self) -> int:
        """Give what was redeemed of late just when a process ended; how many. A periodic job's work."""
        count = 0
        recent = {"updated_at": {"$gt": self._clock.now() - RECENT}}
        async for coupons in self._store.coupons.scan(recent, batch=20):
            for coupon in coupons:
                count += await self._finish(coupon, coupon.user_ids)
        return count

    async def _finish(self, coupon: Coupon, user_ids: Sequence[str]) -> int:
        given = await self._store.grants.get_many([_grant_id(coupon, user_id) for user_id in user_ids])
        missing = [user_id for user_id in user_ids if _grant_id(coupon, user_id) not in given]
        there = await self._store.users.get_many(missing) if missing else {}
        for user_id in there:
            await self._give(user_id, coupon)
        return len(there)

    async def _give(self, user_id: str, coupon: Coupon) -> Grant:
        there = await self._store.grants.get(_grant_id(coupon, user_id))
        if there is not None:
            return there
        now = self._clock.now()
        begins = await self._begins(user_id, coupon, now) or now
        until = begins + timedelta(days=coupon.days)
        return await self._grants.put(
            _grant_id(coupon, user_id), user_id, source="house", tier=coupon.tier, starts_at=begins, ends_at=until
        )

    async def _begins(self, user_id: str, coupon: Coupon, now: datetime) -> datetime | None:
        """When it begins to be of use: after what one has as good. Conflict when that never ends."""
        begins = now
        for grant in await self._grants.of_user(user_id):
            end = ends_of(grant)
            as_good = TIERS.index(grant.tier) >= TIERS.index(coupon.tier)
            if as_good and end is None and grant.source == "house":
                raise Conflict("You have this already, without an end.", code="HAVE_IT_ALREADY")
            # What is paid for goes on by itself: days after it would never come.
            if as_good and end is not None and end > begins and grant.source == "house":
                begins = end
        return begins


def _grant_id(coupon: Coupon, user_id: str) -> str:
    return f"coupon:{coupon.id}:{user_id}"


def _unknown() -> NotFound:
    return NotFound("This code is not good, or not any more.", field="code", code="COUPON_UNKNOWN")


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()
