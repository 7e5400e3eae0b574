"""Subscriptions from before there were grants: what an account had becomes a gift of the house, of the same time."""

from __future__ import annotations

from storage.engine import Document, Engine, Insert, Write

_BATCH = 1000
_FIELDS = ("subscription_type", "subscription_start", "subscription_end", "created_at", "updated_at")


async def apply(engine: Engine) -> None:
    """One grant for each account that has a tier; those that have theirs already are refused by their id."""
    async for rows in engine.scan("users", {}, batch=_BATCH, fields=_FIELDS):
        writes: list[Write] = [Insert(_grant(row)) for row in rows if row.get("subscription_type", "free") != "free"]
        if writes:
            await engine.bulk("grants", writes)


def _grant(user: Document) -> Document:
    made: Document = {
        "_id": f"house:{user['_id']}",
        "user_id": user["_id"],
        "source": "house",
        "tier": user["subscription_type"],
        "starts_at": user.get("subscription_start") or user["created_at"],
        "created_at": user["updated_at"],
        # Long ago and not settled: the first look of the job sees to the rest.
        "updated_at": user["updated_at"],
        "rev": 1,
        "is_settled": False,
    }
    if user.get("subscription_end") is not None:
        made["ends_at"] = user["subscription_end"]
    return made
