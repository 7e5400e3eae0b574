"""Accounts on the shelf, and the questions only they are asked. Knows keys, not who may see what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from storage.collections.collection import Collection
from storage.collections.record_codec import codec_of
from storage.engine import Document, Engine
from storage.records import SubscriptionSpan, User


class Users(Collection[User]):
    """The accounts; `email_key` and `username_key` are unique."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "users", User)

    async def by_email_key(self, key: str) -> User | None:
        """The account with that folded e-mail."""
        return await self.first({"email_key": key})

    async def by_username_key(self, key: str) -> User | None:
        """The account with that folded username."""
        return await self.first({"username_key": key})

    async def replace_hash(self, id: str, old: str, new: str, at: datetime) -> bool:
        """Put a new password hash in place of `old`; False when another one has come there meanwhile."""
        change = {"$set": {"password_hash": new, "updated_at": at}}
        return (await self.update({"_id": id, "password_hash": old}, change)).matched == 1

    def written_spans(self, spans: Iterable[SubscriptionSpan]) -> list[Document]:
        """Spans of a subscription as they are stored, for an update."""
        codec = codec_of(SubscriptionSpan)
        return [codec.encode(span) for span in spans]
