"""Forgetting somebody: each shelf as the table says, their account last, so that a broken-off erasing is gone on with.

Every step is safe to repeat. Owns the order. Refuses to decide who is forgotten and when (`leaving.py`).
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from typing import Any

from services.clock import Clock
from services.errors import NotFound
from services.events import Bus, UserChanged
from services.families.families import Families
from services.leaving.shelves import SHELVES, Fate
from services.leaving_events import AccountErased
from services.playlists.making import Making
from services.rooms.rooms import Rooms
from services.viewer import SYSTEM, Viewer
from storage.collections.store import Store
from storage.engine import Change, Delete, Document, Replace, Write
from storage.files import Files
from storage.records import User

log = logging.getLogger("tutti.accounts")

_BATCH = 200


class Erasing:
    """Forgets people."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        files: Files,
        playlists: Making,
        rooms: Rooms,
        families: Families,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._files = files
        self._playlists = playlists
        self._rooms = rooms
        self._families = families

    async def erase(self, user: User) -> None:
        """Nothing of them is left but what the table keeps. AccountErased is told at the end, once for each try that
        comes so far."""
        nameless = await self._nameless(user)
        # Before their rows go: what others have by them ends with them, and they are told.
        await self._families.forget(user.id)
        await self._rooms_of(user.id)
        await self._playlists_of(user.id)
        await self._exports_of(user.id)
        nobodys = {"$unset": {"owner_id": ""}, "$set": {"verified": False}}
        await self._store.artists.update({"owner_id": user.id}, nobodys, many=True)
        for name, shelf in SHELVES.items():
            if shelf.fate is Fate.DELETED:
                whose = user.email if shelf.owner == "receiver" else user.id
                await self._store.engine.delete(name, {shelf.owner: whose}, many=True)
            elif shelf.fate is Fate.NAMELESS:
                await self._make_nameless(name, user.id, nameless)
        await self._forget_in_lists(user.id)
        await self._store.users.delete({"_id": user.id})
        self._bus.publish(UserChanged(user.id))
        self._bus.publish(AccountErased(user.id))
        log.info("an account is erased", extra={"user_id": user.id})

    async def _nameless(self, user: User) -> str:
        """The id that stands for them from now on; the same when an erasing is gone on with."""
        if user.nameless_id is not None:
            return user.nameless_id
        made = f"nobody-{secrets.token_hex(12)}"
        free = {"_id": user.id, "nameless_id": None}
        named = await self._store.users.update_and_get(free, {"$set": {"nameless_id": made}})
        if named is None:
            named = await self._store.users.get(user.id)
        return made if named is None else named.nameless_id or made

    async def _rooms_of(self, user_id: str) -> None:
        leaving = Viewer(user_id=user_id)
        for room in await self._store.rooms.open_of(user_id, limit=_BATCH):
            host = next((each for each in room.members if each.id == user_id and each.role == "host"), None)
            with contextlib.suppress(NotFound):
                await (self._rooms.leave if host is None else self._rooms.close)(leaving, room.id)

    async def _playlists_of(self, user_id: str) -> None:
        while found := await self._store.engine.find("playlists", {"user_id": user_id}, limit=_BATCH, fields=["_id"]):
            for row in found:
                with contextlib.suppress(NotFound):
                    await self._playlists.delete(SYSTEM, row["_id"])
        without = {"$pull": {"collaborator_ids": user_id, "collaborators": {"user_id": user_id}}}
        await self._store.playlists.update({"collaborator_ids": user_id}, without, many=True)

    async def _exports_of(self, user_id: str) -> None:
        for export in await self._store.account_exports.find({"user_id": user_id}, limit=_BATCH):
            if export.key is not None:
                await self._files.delete(export.key)
            await self._store.account_exports.delete({"_id": export.id})

    async def _make_nameless(self, name: str, user_id: str, nameless: str) -> None:
        """Rows under another id; those whose own id has the person's in it are written anew."""
        while found := await self._store.engine.find(name, {"user_id": user_id}, limit=_BATCH):
            writes: list[Write] = []
            for row in found:
                writes += _under(row, user_id, nameless)
            await self._store.engine.bulk(name, writes)

    async def _forget_in_lists(self, user_id: str) -> None:
        for field in ("blocked_ids", "blocked_by_ids", "muted_ids"):
            await self._store.users.update({field: user_id}, {"$pull": {field: user_id}}, many=True)
        # Who follows somebody that is gone follows nobody.
        await self._store.followed_users.delete({"target_id": user_id}, many=True)


def _under(row: Document, user_id: str, nameless: str) -> list[Write]:
    id = row["_id"]
    if user_id not in id:
        return [Change({"_id": id}, {"$set": {"user_id": nameless}})]
    named: dict[str, Any] = {**row, "_id": id.replace(user_id, nameless), "user_id": nameless}
    return [Replace(named), Delete({"_id": id})]
