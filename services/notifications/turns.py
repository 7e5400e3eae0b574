"""Gives each notification its turn: a number that is written only once all smaller ones of that person are there.

Owns why a cursor is exact, whatever the clocks of several processes say: the row itself takes the number, by a unique
index, and only the number after one that was seen written. So whoever reads up to a turn has missed none before it.
A number is never given twice: a removed notification holds its own until no writer can still be about to take it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from services.errors import Unavailable
from storage.collections.store import Store
from storage.engine import Change, DuplicateKey
from storage.records import Broadcast, Notification

HELD_FOR = timedelta(hours=1)
"""How long a removed notification holds its turn: longer than a store command of any writer may take."""
HOUSE = "broadcasts"
"""Whose mark counts the turns of broadcasts; no person has this id."""
_TRIES = 100
_TOLD_ALREADY = "user_id_key"


class Turns:
    """Writes notifications and broadcasts one after another. Several processes may, at the same time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, made: Sequence[Notification]) -> list[Notification]:
        """Those that were new, each with its turn; the others' keys were there already. Three store commands for
        one notification each to any number of people. Unavailable when others write without end."""
        if not made:
            return []
        marks = await self._store.notification_marks.get_many(list(dict.fromkeys(one.user_id for one in made)))
        last = {one.user_id: 0 for one in made} | {id: mark.last_turn for id, mark in marks.items()}
        added: list[Notification] = []
        # One of each person at a time: were one of two refused for its key, the other would leave a turn free behind.
        for some in _one_of_each(made):
            added += await self._write_some(some, last)
        await self._store.notification_marks.bulk(
            [
                Change({"_id": user_id}, {"$max": {"last_turn": last[user_id]}}, upsert=True)
                for user_id in dict.fromkeys(one.user_id for one in added)
            ]
        )
        return added

    async def of(self, user_id: str, id: str) -> int:
        """The turn of somebody's notification, removed or not; of one that is long gone: that before the next by id."""
        shelf = self._store.notifications
        row = await shelf.get(id)
        if row is not None and row.slot == _slot(user_id, row.turn):
            return row.turn
        newer = await shelf.first({"user_id": user_id, "_id": {"$gt": id}}, sort=[("turn", 1)])
        return await self.newest(user_id) if newer is None else newer.turn - 1

    async def newest(self, user_id: str) -> int:
        """The turn of somebody's newest notification; 0 without one."""
        row = await self._store.notifications.first({"user_id": user_id}, sort=[("turn", -1), ("_id", -1)])
        return 0 if row is None else row.turn

    async def remove(self, user_id: str, id: str, now: datetime) -> bool:
        """Take one of somebody's notifications away, and hold its turn for a while. Whether there was one."""
        row = await self._store.notifications.first({"_id": id, "user_id": user_id})
        if row is None:
            return False
        # First: a mark that lags behind is made good by rows, and this row shall go one day.
        await self._store.notification_marks.update({"_id": user_id}, {"$max": {"last_turn": row.turn}}, upsert=True)
        emptied = {"user_id": "", "key": id, "title": "", "message": "", "read_at": now}
        changed = await self._store.notifications.update({"_id": id, "user_id": user_id}, {"$set": emptied})
        return changed.matched == 1

    async def forget_removed(self, now: datetime) -> int:
        """Let go of turns that were held long enough; how many. A job's work."""
        over = {"user_id": "", "read_at": {"$lt": now - HELD_FOR}}
        return await self._store.notifications.delete(over, many=True)

    async def write_broadcast(self, made: Broadcast) -> bool:
        """Keep a broadcast at the house's next turn; False when there is one of its key."""
        mark = await self._store.notification_marks.get(HOUSE)
        last = 0 if mark is None else mark.last_turn
        for _ in range(_TRIES):
            newest = await self._store.broadcasts.first({}, sort=[("turn", -1), ("_id", -1)])
            made.turn = last = max(last, 0 if newest is None else newest.turn) + 1
            made.slot = _slot(HOUSE, last)
            try:
                await self._store.broadcasts.insert(made)
            except DuplicateKey as taken:
                if taken.index == "key":
                    return False
                last -= 1 if taken.index != "slot" else 0
                continue
            await self._store.notification_marks.update({"_id": HOUSE}, {"$max": {"last_turn": last}}, upsert=True)
            return True
        raise Unavailable("Too much is being told just now.")

    async def _write_some(self, waiting: Sequence[Notification], last: dict[str, int]) -> list[Notification]:
        added: list[Notification] = []
        for _ in range(_TRIES):
            for one in waiting:
                one.turn = last[one.user_id] + 1
                one.slot = _slot(one.user_id, one.turn)
            refused = await self._store.notifications.add(waiting)
            for position, one in enumerate(waiting):
                if position not in refused:
                    last[one.user_id] = one.turn
                    added.append(one)
            # What is refused for another reason than its news may be tried again. Where the engine cannot say why,
            # the other writer may have been refused as well, so that nobody has the turn.
            again = [(one, refused[position]) for position, one in enumerate(waiting) if position in refused]
            again = [(one, index) for one, index in again if index != _TOLD_ALREADY]
            waiting = [one for one, _ in again]
            if not waiting:
                return added
            for one, index in again:
                taken = one.turn if index == "slot" else last[one.user_id]
                last[one.user_id] = max(taken, await self.newest(one.user_id))
        raise Unavailable("Too much is being told just now.")


def _slot(user_id: str, turn: int) -> str:
    return f"{user_id}:{turn}"


def _one_of_each(made: Sequence[Notification]) -> Iterator[list[Notification]]:
    waiting = list(made)
    while waiting:
        some = {one.user_id: one for one in reversed(waiting)}
        yield [one for one in waiting if some[one.user_id] is one]
        waiting = [one for one in waiting if some[one.user_id] is not one]
