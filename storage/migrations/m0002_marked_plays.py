"""Plays from before the roll-ups and the history's own removals: each says that it is neither folded nor removed.

Without the marks such a play is in no roll-up, chart or history, for these ask for `folded` and `is_removed` by value.
"""

from __future__ import annotations

from storage.engine import Change, Engine, Write

_BATCH = 1000
_MARKS = ("folded", "is_removed")


async def apply(engine: Engine) -> None:
    """Mark what is unmarked, a batch at a time; a mark that is there stays, whoever writes beside this."""
    async for plays in engine.scan("plays", {}, batch=_BATCH, fields=_MARKS):
        writes: list[Write] = [
            Change({"_id": play["_id"], mark: None}, {"$set": {mark: False}})
            for play in plays
            for mark in _MARKS
            if mark not in play
        ]
        if writes:
            await engine.bulk("plays", writes)
