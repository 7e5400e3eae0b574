"""The browsers of each person that asked to be pushed to.

Owns who has which, and what an endpoint may be. Refuses to know what is pushed (`pusher.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from services.clock import Clock
from services.errors import Invalid
from services.outgoing.addresses import Unreachable
from services.outgoing.outgoing import Outgoing
from services.push.rules import PushRules
from services.push.sealing import HouseKey, read_keys
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.push import PushSubscription

BROWSERS = 20
"""How many browsers one person has; the one that asked first goes when another asks."""
RESOLVE_S = 5.0
LONGEST_ENDPOINT = 1024
_DEVICE_CHARACTERS = 64


class PushSubscriptions:
    """The viewer's own browsers, and everybody's for the pusher."""

    def __init__(self, store: Store, clock: Clock, rules: PushRules, outgoing: Outgoing) -> None:
        self._store = store
        self._clock = clock
        self._outgoing = outgoing
        self.keys = [HouseKey(seed) for seed in rules.seeds]

    def key(self, viewer: Viewer) -> str:
        """The house's public key, with which a browser asks its push service."""
        viewer.require(Role.LISTENER)
        return self.keys[0].public

    async def subscribe(
        self, viewer: Viewer, *, endpoint: str, p256dh: str, auth: str, device_id: str | None = None
    ) -> None:
        """Push to this browser too; asking again changes its keys, and its owner when another person signed in there.

        Invalid for keys that are none, and for an endpoint that is not the https address of a host outside.
        """
        user_id = viewer.require(Role.LISTENER)
        read_keys(p256dh, auth)
        if device_id is not None and not 1 <= len(device_id) <= _DEVICE_CHARACTERS:
            raise Invalid(f"deviceId is a text of 1 to {_DEVICE_CHARACTERS} characters.", field="deviceId")
        if len(endpoint) > LONGEST_ENDPOINT or "#" in endpoint:
            raise Invalid("endpoint is the https address of a push service.", field="endpoint")
        try:
            await self._outgoing.check(endpoint, timeout_s=RESOLVE_S)
        except Unreachable:
            raise Invalid("endpoint names no push service that can be reached.", field="endpoint") from None
        made = {
            "user_id": user_id,
            "endpoint": endpoint,
            "p256dh": p256dh,
            "auth": auth,
            "key": self.keys[0].public,
            "created_at": self._clock.now(),
            "session_id": viewer.session_id,
            "device_id": device_id,
        }
        there = {name: value for name, value in made.items() if value is not None}
        await self._store.push_subscriptions.update({"_id": _digest(endpoint)}, {"$set": there}, upsert=True)
        await self._trim(user_id)

    async def unsubscribe(self, viewer: Viewer, endpoint: str) -> None:
        """Push to this browser no more; nothing happens when it is not one of the viewer's."""
        user_id = viewer.require(Role.LISTENER)
        await self._store.push_subscriptions.delete({"_id": _digest(endpoint), "user_id": user_id})

    async def of(self, user_ids: Sequence[str]) -> list[PushSubscription]:
        """The browsers of these people."""
        return await self._store.push_subscriptions.find(
            {"user_id": {"$in": list(user_ids)}}, sort=[("_id", 1)], limit=BROWSERS * max(1, len(user_ids))
        )

    async def gone(self, subscription: PushSubscription) -> None:
        """A push service says that there is no such browser any more."""
        same = {"_id": subscription.id, "auth": subscription.auth}
        await self._store.push_subscriptions.delete(same)

    async def end_session(self, session_id: str) -> None:
        """Whoever signs out is not pushed to there any more."""
        await self._store.push_subscriptions.delete({"session_id": session_id}, many=True)

    async def _trim(self, user_id: str) -> None:
        kept = await self._store.push_subscriptions.find({"user_id": user_id}, sort=[("created_at", -1)], limit=100)
        for over in kept[BROWSERS:]:
            await self.gone(over)


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode(errors="replace")).hexdigest()
