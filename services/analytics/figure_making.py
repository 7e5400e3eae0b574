"""Keeps the figures of each day equal to the ledger: counts a day anew whenever its plays changed.

A play says itself whether the figures know of it as it is (`is_figured`), so that no clock decides which plays are new.
Its day is marked as stale first, then the play as known, then the day is counted: whoever dies in between leaves a
stale day to the next run, and what is heard of a play after it was marked makes it new again. A counting takes the
day's next number and reads the ledger then; every row takes only what has a higher number, and only the last counting
ends that the day is stale. Refuses to know when it runs.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from services.analytics.day_count import PLAY_FIELDS, DayCount
from services.analytics.listener_numbers import ListenerNumbers
from services.clock import Clock
from storage.collections.store import Store
from storage.engine import Change, Delete, Document, EngineAway, Insert, Write

log = logging.getLogger("tutti.analytics")

PLAYS_AT_ONCE = 5000
_PAGE = 1000
_TALLIED_AT_ONCE = 50
LONGEST_RUN_S = 40.0
_TRIES = 20


class FigureMaking:
    """The counting."""

    def __init__(self, store: Store, clock: Clock, *, plays_at_once: int = PLAYS_AT_ONCE) -> None:
        self._store = store
        self._clock = clock
        self._plays_at_once = plays_at_once
        self.numbers = ListenerNumbers(store)

    async def make(self) -> int:
        """How many days were counted. Ends when no play is new, or after 40 seconds; the next run goes on."""
        until, counted = self._clock.monotonic() + LONGEST_RUN_S, 0
        while True:
            stale = await self._store.engine.find(
                self._store.figure_days.name, {"is_stale": True}, limit=_PAGE, fields=("made",)
            )
            for row in stale:
                await self._count_until_last(row["_id"])
                counted += 1
                if self._clock.monotonic() >= until:
                    return counted
            plays = await self._store.engine.find(
                self._store.plays.name,
                {"is_figured": False},
                # In the order of days, so that the plays of a day come together and it is counted once.
                sort=[("started_at", 1)],
                limit=self._plays_at_once,
                fields=("started_at",),
            )
            if not plays and not stale:
                return counted
            await self._take_up(plays)

    async def _take_up(self, plays: list[Document]) -> None:
        """From here on the days of these plays are stale, and the plays known. In this order, and counted after it."""
        days = sorted({play["started_at"].strftime("%Y-%m-%d") for play in plays})
        if not days:
            return
        writes: list[Write] = [
            # A counting under way has a lower number now, and cannot say that the day is as it should be.
            Change({"_id": day}, {"$inc": {"made": 1}, "$set": {"is_stale": True}}, upsert=True)
            for day in days
        ]
        await self._store.engine.bulk(self._store.figure_days.name, writes)
        known = {"_id": {"$in": [play["_id"] for play in plays]}}
        await self._store.plays.update(known, {"$set": {"is_figured": True}}, many=True)

    async def prove(self) -> int:
        """How many rows were wrong and are right now: every day of the ledger, and those that have rows, counted."""
        unmarked = {"is_figured": None}
        await self._store.plays.update(unmarked, {"$set": {"is_figured": False}}, many=True)
        await self.make()
        wrong, day = 0, await self._day_from("")
        while day is not None:
            wrong += await self._count_until_last(day)
            day = await self._day_from(day)
        if wrong:
            log.info("figures corrected", extra={"rows": wrong})
        return wrong

    async def _count_until_last(self, day: str) -> int:
        """Count a day until no later counting came between: what an overtaken one wrote late is looked at again."""
        for _ in range(_TRIES):
            wrong = await self.count_day(day)
            if wrong is not None:
                return wrong
        raise EngineAway("a day is counted by others all the time")

    async def count_day(self, day: str) -> int | None:
        """Count a day and write what differs: how many rows did. None when another counting overtook this one."""
        engine, days = self._store.engine, self._store.figure_days.name
        taken = await engine.update_and_get(days, {"_id": day}, {"$inc": {"made": 1}}, upsert=True)
        made = int((taken or {}).get("made", 1))
        stored = taken or {}
        count = await self._count(day)
        wrong = await self._write_things(day, count.things(), made)
        house = count.house()
        if any((stored.get(name) or type(value)()) != value for name, value in house.items()):
            wrong += 1
        written = await engine.update(days, {"_id": day, "made": made}, {"$set": house, "$unset": {"is_stale": True}})
        if written.matched and not house["slots"]:
            await engine.delete(days, {"_id": day, "made": made})
        return wrong if written.matched else None

    async def _count(self, day: str) -> DayCount:
        begins = datetime.fromisoformat(day).replace(tzinfo=UTC)
        on_day = {"started_at": {"$gte": begins, "$lt": begins + timedelta(days=1)}}
        count, after = DayCount(day), None
        while True:
            plays = await self._store.engine.find(
                self._store.plays.name,
                on_day,
                sort=[("started_at", 1)],
                limit=_PAGE,
                after=after,
                fields=PLAY_FIELDS,
            )
            if plays:
                numbers = await self.numbers.of(play["user_id"] for play in plays)
                songs = await self._store.songs.get_many([play["song_id"] for play in plays])
                for start in range(0, len(plays), _TALLIED_AT_ONCE):
                    count.take(plays[start : start + _TALLIED_AT_ONCE], numbers, songs)
                    await asyncio.sleep(0)
            if len(plays) < _PAGE:
                return count
            after = [plays[-1]["started_at"], plays[-1]["_id"]]

    async def _write_things(self, day: str, true: dict[str, dict[str, Any]], made: int) -> int:
        engine, shelf = self._store.engine, self._store.figures_by_day.name
        stored: dict[str, Document] = {}
        after: list[Any] | None = None
        while True:
            page = await engine.find(shelf, {"day": day}, limit=_PAGE, after=after)
            stored.update((row["_id"], row) for row in page)
            if len(page) < _PAGE:
                break
            after = [page[-1]["_id"]]
        writes: list[Write] = []
        for id, row in true.items():
            if id not in stored:
                writes.append(Insert({"_id": id, **row, "made": made}))
            elif any(stored[id].get(name) != value for name, value in row.items()):
                writes.append(_replaced(id, row, made))
        writes += [Delete({"_id": id, "made": {"$lt": made}}) for id in stored if id not in true]
        for start in range(0, len(writes), _PAGE):
            part = writes[start : start + _PAGE]
            done = await engine.bulk(shelf, part)
            late = [write.document for place, _ in done.duplicates if isinstance(write := part[place], Insert)]
            if late:
                # Made by another counting in between; the later of the two counts.
                await engine.bulk(shelf, [_replaced(row["_id"], row, made) for row in late])
        return len(writes)

    async def _day_from(self, after: str) -> str | None:
        """The next day after one that has plays or rows."""
        rows = await self._store.engine.find(
            self._store.figure_days.name, {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=1, fields=("made",)
        )
        beyond: dict[str, Any] = {}
        if after:
            begins = datetime.fromisoformat(after).replace(tzinfo=UTC) + timedelta(days=1)
            beyond = {"started_at": {"$gte": begins}}
        plays = await self._store.engine.find(
            self._store.plays.name, beyond, sort=[("started_at", 1)], limit=1, fields=("started_at",)
        )
        found = [row["_id"] for row in rows] + [play["started_at"].strftime("%Y-%m-%d") for play in plays]
        return min(found, default=None)


def _replaced(id: str, row: dict[str, Any], made: int) -> Change:
    fields = {name: value for name, value in row.items() if name != "_id"}
    return Change({"_id": id, "made": {"$lt": made}}, {"$set": {**fields, "made": made}})
