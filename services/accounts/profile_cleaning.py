"""Emptying what somebody says and shows of themselves, and putting it back: what moderation does to profiles.

Owns the guard that nothing its owner wrote meanwhile is overwritten. Refuses to know why. Answers no viewer's request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.clock import Clock
from services.events import Bus, UserChanged
from storage.collections.store import Store

WORDS = ("first_name", "last_name", "bio")


class ProfileCleaning:
    """Single profiles, by their person's id."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus

    async def words(self, user_id: str) -> dict[str, Any]:
        """Names and bio, as far as there are any."""
        user = await self._store.users.get(user_id)
        return {} if user is None else {name: getattr(user, name) for name in WORDS if getattr(user, name)}

    async def clear_words(self, user_id: str) -> None:
        """Names and bio are empty."""
        await self._write({"_id": user_id}, {"$set": dict.fromkeys(WORDS, "")})

    async def put_words_back(self, user_id: str, words: Mapping[str, Any]) -> None:
        """Each that is empty is as it was."""
        for name in WORDS:
            if words.get(name):
                await self._write({"_id": user_id, name: ""}, {"$set": {name: words[name]}})

    async def _write(self, which: Mapping[str, Any], update: dict[str, Any]) -> None:
        put = {**update.get("$set", {}), "updated_at": self._clock.now()}
        done = await self._store.users.update(which, {**update, "$set": put})
        if done.matched:
            self._bus.publish(UserChanged(which["_id"]))
