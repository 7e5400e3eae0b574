"""Folds the ledger of plays into its roll-ups, so that each play is in each of them exactly once.

A batch is written down first, by one atomic update: its number and the ids of its plays, chosen among those not yet
marked as folded. Then each roll-up row adds what the batch comes to, unless it says that it has this batch already: a
new row is inserted with the batch's number, an old one changed only if its number is lower. Then the plays are marked,
and the batch is closed. Whoever finds a batch open does all of it again, which changes only what was not done; two
processes at once do no harm, and no clock decides which plays are new. An account's day of a song comes first and keeps
what it was before the batch: what the song's own rows weigh follows from that. Refuses to know when it runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from services.clock import Clock
from services.listening.tallies import DAYS, FAMILIES, LEDGER_FIELDS, Amount, Rows, add, weigh
from storage.collections.store import Store
from storage.engine import Document, DuplicateKey, Write
from storage.records import Fold

log = logging.getLogger("tutti.plays")

PLAYS_AT_ONCE = 2000
LONGEST_RUN_S = 40.0
THE_FOLD = "plays"
_TALLIED_AT_ONCE = 50


class RollUps:
    """The fold. `plays_at_once` bounds a batch, and with it the memory it takes."""

    def __init__(self, store: Store, clock: Clock, *, plays_at_once: int = PLAYS_AT_ONCE) -> None:
        self._store = store
        self._clock = clock
        self._plays_at_once = plays_at_once

    async def fold(self) -> int:
        """How many plays were folded. Ends when none are left, or after 40 seconds; the next run goes on from there."""
        until = self._clock.monotonic() + LONGEST_RUN_S
        folded = 0
        while True:
            count = await self._fold_batch()
            folded += count
            if count == 0 or self._clock.monotonic() >= until:
                return folded

    async def closed_batch(self) -> int | None:
        """The number of the last batch when it is closed, None while one is open."""
        state = await self._store.folds.get(THE_FOLD)
        if state is None:
            return 0
        return None if state.play_ids else state.batch

    async def _fold_batch(self) -> int:
        state = await self._state()
        plays: list[Document]
        if state.play_ids:
            found = await self._store.engine.get_many(self._store.plays.name, state.play_ids)
            plays = list(found.values())
            log.info("folding a batch again", extra={"batch": state.batch, "plays": len(plays)})
        else:
            plays = await self._store.engine.find(
                self._store.plays.name,
                {"folded": False},
                sort=[("recorded_at", 1)],
                limit=self._plays_at_once,
                fields=LEDGER_FIELDS,
            )
            if not plays:
                return 0
            opened = await self._store.folds.update_and_get(
                {"_id": THE_FOLD, "batch": state.batch},
                {"$inc": {"batch": 1}, "$set": {"play_ids": [play["_id"] for play in plays]}},
            )
            if opened is None:
                return 0  # another process opened the next batch and is at it
            state = opened
        await self._apply(state, plays)
        return len(plays)

    async def _apply(self, state: Fold, plays: list[Document]) -> None:
        rows: Rows = {}
        for start in range(0, len(plays), _TALLIED_AT_ONCE):
            for family in FAMILIES:
                add(rows, family, plays[start : start + _TALLIED_AT_ONCE])
            await asyncio.sleep(0)
        days = await self._add_days(rows.pop(DAYS, {}), state.batch)
        for start in range(0, len(days), _TALLIED_AT_ONCE):
            weigh(rows, ((day, day.get("before") or {}) for day in days[start : start + _TALLIED_AT_ONCE]))
            await asyncio.sleep(0)
        for shelf, amounts in rows.items():
            await self._add(shelf, amounts, state.batch)
        # Marked before the batch is closed: a play that is neither marked nor in an open batch is new, always.
        marked = {"_id": {"$in": state.play_ids}}
        await self._store.plays.update(marked, {"$set": {"folded": True}}, many=True)
        await self._store.folds.update({"_id": THE_FOLD, "batch": state.batch}, {"$unset": {"play_ids": True}})

    async def _add(self, shelf: str, amounts: dict[str, Amount], batch: int) -> None:
        """Add amounts to their rows. Whatever was read before the writes, a row takes a batch once."""
        engine = self._store.engine
        stored = await engine.get_many(shelf, list(amounts))
        lacking = sorted(id for id in amounts if id not in stored or stored[id].get("batch", 0) < batch)
        writes: list[Write] = [
            amounts[id].change(id, batch) if id in stored else amounts[id].row(id, batch) for id in lacking
        ]
        done = await engine.bulk(shelf, writes)
        if done.duplicates:
            # Rows that another process made meanwhile: perhaps of this batch, perhaps a correction without it.
            late = [lacking[position] for position, _ in done.duplicates]
            await engine.bulk(shelf, [amounts[id].change(id, batch) for id in late])

    async def _add_days(self, amounts: dict[str, Amount], batch: int) -> list[Document]:
        """Add to accounts' days; the rows that have this batch last, by whomever it was added.

        A row that has a later one belongs to a batch that was closed long ago: nothing of it can be added any more.
        """
        engine = self._store.engine
        while True:
            stored = await engine.get_many(DAYS, list(amounts))
            lacking = sorted(id for id in amounts if id not in stored or stored[id].get("batch", 0) < batch)
            if not lacking:
                return [row for row in stored.values() if row.get("batch") == batch]
            # What is refused was written by somebody else in between, and is read again.
            writes: list[Write] = [
                amounts[id].day_change(stored[id], batch) if id in stored else amounts[id].day_row(id, batch)
                for id in lacking
            ]
            await engine.bulk(DAYS, writes)

    async def _state(self) -> Fold:
        state = await self._store.folds.get(THE_FOLD)
        if state is not None:
            return state
        with contextlib.suppress(DuplicateKey):  # another process may begin at the same moment
            await self._store.folds.insert(Fold(THE_FOLD))
        return await self._store.folds.get(THE_FOLD) or Fold(THE_FOLD)
