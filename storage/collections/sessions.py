"""Sign-in sessions on the shelf. Each change is one conditional update, so of two callers one finds nothing to change.

Knows hashes, never a token; the times come in as arguments.
"""

from __future__ import annotations

from datetime import datetime

from storage.collections.collection import Collection
from storage.engine import Engine
from storage.records import Session


class Sessions(Collection[Session]):
    """Token families: the document holds the hash of the newest refresh token alone."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "sessions", Session)

    async def rotate(
        self,
        id: str,
        user_id: str,
        *,
        old_hash: str,
        new_hash: str,
        at: datetime,
        expires_at: datetime,
        user_agent: str,
        address: str,
    ) -> Session | None:
        """Put the next token's hash in place of the current one; None when `old_hash` is not current any more."""
        return await self.update_and_get(
            {"_id": id, "user_id": user_id, "token_hash": old_hash, "ended_at": None, "expires_at": {"$gt": at}},
            {
                "$set": {
                    "token_hash": new_hash,
                    "refreshed_at": at,
                    "expires_at": expires_at,
                    "user_agent": user_agent,
                    "address": address,
                }
            },
        )

    async def end(self, id: str, user_id: str, *, at: datetime, reason: str) -> bool:
        """End an open session; False when there is none with that id for this user."""
        changed = await self.update(
            {"_id": id, "user_id": user_id, "ended_at": None}, {"$set": {"ended_at": at, "end_reason": reason}}
        )
        return changed.modified == 1

    async def open_of(self, user_id: str, *, skip: int = 0, limit: int = 100) -> list[Session]:
        """A user's sessions that have not been ended, newest first."""
        return await self.find(
            {"user_id": user_id, "ended_at": None}, sort=[("created_at", -1)], skip=skip, limit=limit
        )

    async def drop_expired(self, at: datetime) -> int:
        """Remove the sessions whose last refresh token has run out; how many went."""
        return await self.delete({"expires_at": {"$lte": at}}, many=True)
