"""Notifications and broadcasts from before they had turns: numbered in the order of their ids, per person.

What devices said they hold was said in another way then; they are told from now on.
"""

from __future__ import annotations

from collections import Counter

from storage.engine import Change, Engine, Write

_BATCH = 1000


async def apply(engine: Engine) -> None:
    """Number what has no turn, after what has one; written in order of ids, so that running it again goes on."""
    turns: Counter[str] = Counter()
    async for rows in engine.scan("notifications", {}, batch=_BATCH, fields=("user_id", "turn")):
        for row in rows:
            turns[row["user_id"]] = max(turns[row["user_id"]], row.get("turn") or 0)
    async for rows in engine.scan("notifications", {}, batch=_BATCH, fields=("user_id", "turn")):
        writes: list[Write] = []
        for row in rows:
            if not row.get("turn"):
                turns[row["user_id"]] += 1
                turn = turns[row["user_id"]]
                fresh = {"turn": turn, "slot": f"{row['user_id']}:{turn}"}
                writes.append(Change({"_id": row["_id"]}, {"$set": fresh}))
        if writes:
            await engine.bulk("notifications", writes)
    newest = 0
    async for rows in engine.scan("broadcasts", {}, batch=_BATCH, fields=("turn",)):
        for row in rows:
            newest = max(newest, row.get("turn") or 0)
    async for rows in engine.scan("broadcasts", {}, batch=_BATCH, fields=("turn",)):
        for row in rows:
            if not row.get("turn"):
                newest += 1
                fresh = {"turn": newest, "slot": f"broadcasts:{newest}"}
                await engine.update("broadcasts", {"_id": row["_id"]}, {"$set": fresh})
    # Everybody had been given what there was by a mark of another kind: those who look are given it anew, by its key.
    marks: list[Write] = [
        Change({"_id": user_id}, {"$max": {"last_turn": turn}}, upsert=True) for user_id, turn in turns.items()
    ]
    for start in range(0, len(marks), _BATCH):
        await engine.bulk("notification_marks", marks[start : start + _BATCH])
    await engine.delete("notification_places", {}, many=True)
