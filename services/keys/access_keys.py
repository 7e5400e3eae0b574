"""Keys of programs and passwords of players: made once, shown once, kept as digests.

Owns their shapes, limits and ends. Refuses to know doors: what a key may do is its scopes (`services/scopes.py`), and
whom it stands for is told by `services/accounts/viewers.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound
from services.events import Bus, SessionEnded
from services.keys.key_ring import ID_START, KeyKind, new_secret, secret_hash
from services.reproving import Reproof
from services.scopes import read_scopes
from services.security_events import SecurityMattered, SecurityStep
from services.typed_text import is_id, read_plain
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records.access_key import AccessKey

log = logging.getLogger("tutti.accounts")

LIMIT = 20
"""How many of each kind somebody may have."""
NAME_CHARACTERS = 60
SHOWN_CHARACTERS = {KeyKind.API: 10, KeyKind.APP: 4}
"""How much of a secret its owner sees in their list."""


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A new key, and its secret, which nobody can be shown again."""

    key: AccessKey
    secret: str

    def __repr__(self) -> str:
        # Secrets never reach a log through this.
        return f"FreshKey(key_id={self.key.id!r})"


class AccessKeys:
    """The viewer's own keys; made and taken back by themselves alone, never by a key."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, reproof: Reproof) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._reproof = reproof

    async def listing(self, viewer: Viewer, kind: KeyKind) -> list[AccessKey]:
        """The viewer's keys of one kind that are still good, newest first; at most 20."""
        return await self._good(viewer.require_oneself(), kind)

    async def create(
        self,
        viewer: Viewer,
        kind: KeyKind,
        *,
        name: str,
        scopes: Iterable[str],
        password: str | None = None,
        expires_at: datetime | None = None,
    ) -> FreshKey:
        """A new key. Invalid names the field; Conflict (TOO_MANY_KEYS) beyond 20; refusals as `Reproof.require`."""
        user_id = viewer.require_oneself()
        plain, now = read_plain(name, "name", "A name", NAME_CHARACTERS), self._clock.now()
        if not plain:
            raise Invalid("Say what the key is for.", field="name")
        given = read_scopes(scopes)
        if expires_at is not None and expires_at <= now:
            raise Invalid("expiresAt must be in the future.", field="expiresAt")
        await self._reproof.require(viewer, password=password)
        if len(await self._good(user_id, kind)) >= LIMIT:
            raise Conflict(f"There are {LIMIT} already; revoke one first.", code="TOO_MANY_KEYS")
        secret = new_secret(kind)
        key = AccessKey(
            id=f"{ID_START}{self._clock.new_id()}",
            user_id=user_id,
            kind=kind.value,
            name=plain,
            prefix=secret[: SHOWN_CHARACTERS[kind]],
            secret_hash=secret_hash(secret),
            created_at=now,
            scopes=given,
            expires_at=expires_at,
        )
        await self._store.access_keys.insert(key)
        log.info("a key was made", extra={"user_id": user_id, "key_id": key.id, "scopes": given})
        self._bus.publish(SecurityMattered(user_id, SecurityStep.KEY_MADE, now, key.id))
        return FreshKey(key, secret)

    async def revoke(self, viewer: Viewer, kind: KeyKind, id: str) -> None:
        """Take a key back, with what was opened by it. NotFound when the viewer has no such key."""
        user_id = viewer.require_oneself()
        mine = {"_id": id, "user_id": user_id, "kind": kind.value}
        if not is_id(id) or not await self._store.access_keys.delete(mine):
            raise NotFound("There is no such key.", field="id")
        await self._ended(user_id, id)

    async def revoke_all(self, user_id: str) -> int:
        """Take back every key of an account whose owner lost hold of it; how many. Asks nobody: the caller has."""
        keys = await self._store.access_keys.find({"user_id": user_id}, limit=2 * LIMIT)
        for key in keys:
            if await self._store.access_keys.delete({"_id": key.id}):
                await self._ended(user_id, key.id)
        return len(keys)

    async def sweep(self) -> int:
        """Forget keys that ran out; how many. A job's work."""
        return await self._store.access_keys.delete({"expires_at": {"$lte": self._clock.now()}}, many=True)

    async def _ended(self, user_id: str, key_id: str) -> None:
        log.info("a key was revoked", extra={"user_id": user_id, "key_id": key_id})
        # Whatever streams or listens by it hears this, as by the end of a session.
        self._bus.publish(SessionEnded(user_id, key_id))
        for session in await self._store.sessions.open_of(user_id):
            if session.key_id == key_id:
                now = self._clock.now()
                if await self._store.sessions.end(session.id, user_id, at=now, reason="key_revoked"):
                    self._bus.publish(SessionEnded(user_id, session.id))

    async def _good(self, user_id: str, kind: KeyKind) -> list[AccessKey]:
        keys = await self._store.access_keys.find(
            {"user_id": user_id, "kind": kind.value}, sort=[("created_at", -1)], limit=2 * LIMIT
        )
        now = self._clock.now()
        return [key for key in keys if key.expires_at is None or key.expires_at > now][:LIMIT]
