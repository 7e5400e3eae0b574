"""Blocks and mutes: whom somebody will not meet here, and whom they will not hear of.

A block holds both ways: neither finds the other's profile, lists, reviews and presence, nor follows, asks in or is told
of them; it ends what each followed of the other. A mute is one's own: it keeps the other's news and reviews away, and
they never learn of it. Owns both lists. What they mean elsewhere is read off the `Viewer` (`unseen`, `muted`) by the
rules of each room.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from services.accounts.accounts import Accounts
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound
from services.events import Bus, UserChanged
from services.interactions.follows import Follows
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User

log = logging.getLogger("tutti.people")

MOST = 1_000
"""So many people at most somebody blocks, and so many they mute."""
_BATCH = 500
_SOME = {"$exists": True, "$not": {"$size": 0}}


@dataclass(frozen=True, slots=True)
class Barred:
    """Somebody on one's own list: enough to know them by, and no more than that."""

    id: str
    username: str


class Blocks:
    """Both lists of everybody."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, accounts: Accounts, follows: Follows) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._accounts = accounts
        self._follows = follows

    async def block(self, viewer: Viewer, user_id: str) -> Barred:
        """Meet somebody no more; the same when it is so already.

        Invalid for oneself, NotFound for somebody absent, Conflict (TOO_MANY_BLOCKS) beyond 1,000.
        """
        own, other = await self._both(viewer, user_id)
        if other.id not in own.blocked_ids:
            await self._add(own, "blocked_ids", other.id, "TOO_MANY_BLOCKS")
            log.info("somebody is blocked", extra={"user_id": own.id})
        # Written second: a block that only one side knows of is finished by `prove`.
        await self._note(own.id, other.id)
        await self._part(own.id, other.id)
        return Barred(other.id, other.username)

    async def unblock(self, viewer: Viewer, user_id: str) -> None:
        """Meet somebody again; what was followed stays ended. Also for somebody who is gone."""
        own_id = viewer.require(Role.LISTENER)
        if not is_id(user_id):
            return
        now = self._clock.now()
        # In this order: a block that only the other side remembers is taken away by `prove`.
        update = {"$pull": {"blocked_ids": user_id}, "$set": {"updated_at": now}}
        await self._store.users.update({"_id": own_id, "blocked_ids": user_id}, update)
        await self._store.users.update({"_id": user_id}, {"$pull": {"blocked_by_ids": own_id}})
        self._tell(own_id, user_id)

    async def mute(self, viewer: Viewer, user_id: str) -> User:
        """Hear of somebody no more; them as the viewer sees them. Refusals as of `block`, TOO_MANY_MUTES."""
        own, other = await self._both(viewer, user_id)
        if other.id not in own.muted_ids:
            await self._add(own, "muted_ids", other.id, "TOO_MANY_MUTES")
            self._tell(own.id)
        return await self._accounts.user(viewer, other.id)

    async def unmute(self, viewer: Viewer, user_id: str) -> None:
        """Hear of somebody again."""
        own_id = viewer.require(Role.LISTENER)
        if is_id(user_id):
            update = {"$pull": {"muted_ids": user_id}, "$set": {"updated_at": self._clock.now()}}
            await self._store.users.update({"_id": own_id, "muted_ids": user_id}, update)
            self._tell(own_id)

    async def blocked(self, viewer: Viewer) -> list[Barred]:
        """Whom the viewer blocks, the latest first. Two store commands."""
        return await self._listed(viewer, "blocked_ids")

    async def muted(self, viewer: Viewer) -> list[Barred]:
        """Whom the viewer mutes, the latest first. Two store commands."""
        return await self._listed(viewer, "muted_ids")

    async def prove(self) -> int:
        """Finish blocks and unblockings that a crash left half done; how many. A periodic job, safe to repeat."""
        mended = 0
        async for people in self._store.users.scan({"blocked_ids": _SOME}, batch=_BATCH):
            for user in people:
                mended += await self._prove_blocks_of(user)
        async for people in self._store.users.scan({"blocked_by_ids": _SOME}, batch=_BATCH):
            for user in people:
                mended += await self._prove_blocks_against(user)
        return mended

    async def _prove_blocks_of(self, user: User) -> int:
        others = await self._store.users.get_many(user.blocked_ids)
        missing = [id for id, other in others.items() if user.id not in other.blocked_by_ids]
        for id in missing:
            await self._note(user.id, id)
            await self._part(user.id, id)
        return len(missing)

    async def _prove_blocks_against(self, user: User) -> int:
        others = await self._store.users.get_many(user.blocked_by_ids)
        over = [id for id in user.blocked_by_ids if id not in others or user.id not in others[id].blocked_ids]
        for id in over:
            await self._store.users.update({"_id": user.id}, {"$pull": {"blocked_by_ids": id}})
            self._tell(user.id)
        return len(over)

    async def _both(self, viewer: Viewer, user_id: str) -> tuple[User, User]:
        own_id = viewer.require(Role.LISTENER)
        if user_id == own_id:
            raise Invalid("That is yourself.", field="userId")
        own = await self._accounts.people.standing(own_id)
        # As stored: somebody who blocks the viewer may be blocked by them too, and is not seen any more.
        other = await self._accounts.people.standing(user_id)
        if own is None or other is None:
            raise NotFound("There is no such user.", field="userId")
        return own, other

    async def _add(self, own: User, name: str, other_id: str, code: str) -> None:
        if len(getattr(own, name)) >= MOST:
            raise Conflict(f"The list is full: {MOST:,} people.", field="userId", code=code)
        added = {"$addToSet": {name: other_id}, "$set": {"updated_at": self._clock.now()}}
        await self._store.users.update({"_id": own.id}, added)

    async def _note(self, own_id: str, other_id: str) -> None:
        await self._store.users.update({"_id": other_id}, {"$addToSet": {"blocked_by_ids": own_id}})
        self._tell(own_id, other_id)

    async def _part(self, one_id: str, other_id: str) -> None:
        for follower, followed in ((one_id, other_id), (other_id, one_id)):
            await self._follows.part(follower, followed)

    async def _listed(self, viewer: Viewer, name: str) -> list[Barred]:
        own = await self._accounts.people.standing(viewer.require(Role.LISTENER))
        ids: Iterable[str] = reversed(getattr(own, name)) if own is not None else ()
        wanted = list(ids)
        found = await self._store.users.get_many(wanted)
        return [Barred(id, found[id].username) for id in wanted if id in found]

    def _tell(self, *user_ids: str) -> None:
        for id in user_ids:
            self._bus.publish(UserChanged(id))
