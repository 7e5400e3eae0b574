"""Locks on explicit songs: set by the account's holder or the owner of their family, opened by a PIN.

Owns who may set, open and remove one, and how often a PIN may be guessed. What a lock does is in one place, the
preference that every way to a song asks (`Viewer.explicit_content`): a lock puts it off, and `Preferences` refuses to
put it on. Refuses to know songs and families.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.accounts.passwords import Passwords
from services.accounts.reproof import Reproof
from services.accounts.tokens import token_invalid
from services.audit.audit import Audit
from services.clock import Clock
from services.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unauthenticated
from services.events import Bus, UserChanged
from services.shared_throttle import SharedBuckets, SharedCounts
from services.typed_text import is_id
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import User
from storage.records.parental_lock import ParentalLock

log = logging.getLogger("tutti.parental")

_PIN = re.compile(r"[0-9]{4,8}", re.ASCII)
TRIES = 5
SECONDS_PER_TRY = 900.0
"""Five wrong PINs at once, then one each quarter of an hour: a four-digit one lasts for months."""

IsGuardian = Callable[[str, str], Awaitable[bool]]
"""Whether the first person owns the family that the second is a member of."""


@dataclass(frozen=True, slots=True)
class LockState:
    """What is told of a lock. `is_open`: explicit songs are on by now. `by_guardian`: the family's owner set it."""

    user_id: str
    is_locked: bool = False
    is_open: bool = False
    by_guardian: bool = False


class ParentalLocks:
    """The locks of the house."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        passwords: Passwords,
        reproof: Reproof,
        counts: SharedCounts,
        is_guardian: IsGuardian,
        audit: Audit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._passwords = passwords
        self._reproof = reproof
        self._tries = SharedBuckets(counts, "parental", capacity=TRIES, seconds_per_token=SECONDS_PER_TRY)
        self._is_guardian = is_guardian
        self._audit = audit

    async def state(self, viewer: Viewer, user_id: str | None = None) -> LockState:
        """The viewer's own lock, or a member's of the family they own. NotFound for anybody else's."""
        user = await self._whose(viewer, user_id)
        return await self._told(user)

    async def set(self, viewer: Viewer, pin: str, user_id: str | None = None) -> LockState:
        """Lock explicit songs: they are off now, until the PIN is given.

        Invalid unless the PIN has 4 to 8 digits; Conflict (LOCKED_ALREADY) for a second lock of one's own; NotFound for
        somebody who is no member of the viewer's family. A family's owner replaces the lock of a member.
        """
        by_id = viewer.require_oneself()
        if not _PIN.fullmatch(pin):
            raise Invalid("A PIN has 4 to 8 digits.", field="pin")
        user = await self._whose(viewer, user_id)
        if user.id == by_id and await self._store.parental_locks.get(user.id) is not None:
            raise Conflict("Remove the lock that is there first.", code="LOCKED_ALREADY")
        hashed = await self._passwords.hash(pin)
        put = {"pin_hash": hashed, "set_by": by_id, "set_at": self._clock.now()}
        which = {"_id": user.id} if user.id != by_id else {"_id": user.id, "set_by": by_id}
        try:
            await self._store.parental_locks.update(which, {"$set": put}, upsert=True)
        except DuplicateKey:
            # The owner of the family was faster.
            raise Conflict("Remove the lock that is there first.", code="LOCKED_ALREADY") from None
        changed = await self._write(user.id, {"explicit_locked": True, "preferences.explicit_content": False})
        if user.id != by_id:
            await self._audit.note(viewer, "parental_lock.set", "user", user.id)
        log.info("a parental lock was set", extra={"user_id": user.id, "by_id": by_id})
        return await self._told(changed or user)

    async def open(self, viewer: Viewer, pin: str) -> LockState:
        """Explicit songs are on for the viewer; the lock stays, and holds again once they put them off.

        Unauthenticated (WRONG_PIN), TooMany; Conflict (NOT_LOCKED) without a lock.
        """
        user_id = viewer.require_oneself()
        lock = await self._lock(user_id)
        await self._check(lock, pin)
        changed = await self._write(user_id, {"preferences.explicit_content": True})
        if changed is None:
            raise token_invalid()
        return await self._told(changed)

    async def remove(
        self, viewer: Viewer, *, pin: str | None = None, password: str | None = None, user_id: str | None = None
    ) -> LockState:
        """No lock any more. By the PIN; one's own also by the password; a member's by the family's owner as they are.

        Explicit songs stay as they are. Refusals as for `open`, and Denied (PIN_NEEDED) for a lock that the owner
        of their family set, without a PIN.
        """
        own_id = viewer.require_oneself()
        user = await self._whose(viewer, user_id)
        lock = await self._lock(user.id)
        if user.id == own_id:
            if pin is not None:
                await self._check(lock, pin)
            elif lock.set_by == own_id or not await self._is_guardian(lock.set_by, own_id):
                # Nobody else could any more, once they left the family.
                await self._reproof.require(viewer, password=password)
            else:
                raise Denied("Give the PIN, or ask the owner of your family.", code="PIN_NEEDED")
        await self._write(user.id, {"explicit_locked": False})
        await self._store.parental_locks.delete({"_id": user.id})
        if user.id != own_id:
            await self._audit.note(viewer, "parental_lock.remove", "user", user.id)
        return LockState(user.id)

    async def _whose(self, viewer: Viewer, user_id: str | None) -> User:
        own_id = viewer.require_oneself()
        wanted = own_id if user_id is None else user_id
        if wanted != own_id and not (is_id(wanted) and await self._is_guardian(own_id, wanted)):
            raise NotFound("There is no such member of your family.", field="userId")
        user = await self._store.users.get(wanted)
        if user is None:
            raise token_invalid()
        return user

    async def _lock(self, user_id: str) -> ParentalLock:
        lock = await self._store.parental_locks.get(user_id)
        if lock is None:
            raise Conflict("There is no lock.", code="NOT_LOCKED")
        return lock

    async def _check(self, lock: ParentalLock, pin: str) -> None:
        await self._tries.take(lock.id)
        try:
            right = await self._passwords.verify(lock.pin_hash, pin[:64])
        except TooMany:
            await self._tries.give_back(lock.id)
            raise
        if not right:
            raise Unauthenticated("This PIN is not right.", code="WRONG_PIN", field="pin")
        await self._tries.give_back(lock.id)

    async def _write(self, user_id: str, put: dict[str, bool]) -> User | None:
        changed = await self._store.users.update_and_get(
            {"_id": user_id}, {"$set": {**put, "updated_at": self._clock.now()}}
        )
        self._bus.publish(UserChanged(user_id))
        return changed

    async def _told(self, user: User) -> LockState:
        lock = await self._store.parental_locks.get(user.id)
        if lock is None:
            return LockState(user.id)
        return LockState(user.id, True, user.preferences.explicit_content, lock.set_by != user.id)
