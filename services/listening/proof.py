"""Proof that the roll-ups equal a recount of the ledger; what differs is put right.

Owns the recount: the ledger is read once by song and once by listener, a stretch of them at a time, and compared with
the rows of that stretch while no batch is being folded. A correction is written only over the row it was compared
with. Refuses to know when it runs.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from services.listening.roll_ups import RollUps
from services.listening.tallies import FAMILIES, LEDGER_FIELDS, Amount, Family, Rows, add, days_of, weigh
from storage.collections.store import Store
from storage.engine import Change, Delete, Document, Write

log = logging.getLogger("tutti.plays")

_BATCH = 1000
_TRIES = 5
_TALLIED_AT_ONCE = 50
Order = list[tuple[str, Literal[1, -1]]]


@dataclass(slots=True)
class _Stretch:
    """The songs or listeners beyond `low` up to `high` (None: to the end), and what the ledger says of them."""

    high: str | None = None
    rows: Rows = field(default_factory=dict)


class RollUpProof:
    """The recount. `rows_at_once` bounds the roll-up rows in memory, save those of one listener or song."""

    def __init__(self, store: Store, roll_ups: RollUps, *, rows_at_once: int = 20_000) -> None:
        self._store = store
        self._roll_ups = roll_ups
        self._rows_at_once = rows_at_once

    async def prove(self) -> int:
        """How many rows were wrong and are right now. Safe beside new plays, a fold, and itself."""
        await self._roll_ups.fold()
        wrong = 0
        for family in FAMILIES:
            low: str | None = None
            while True:
                stretch, corrected = await self._prove_stretch(family, low)
                wrong += corrected
                if stretch.high is None:
                    break
                low = stretch.high
        if wrong:
            log.info("roll-ups corrected", extra={"rows": wrong})
        return wrong

    async def _prove_stretch(self, family: Family, low: str | None) -> tuple[_Stretch, int]:
        for _ in range(_TRIES):
            batch = await self._roll_ups.closed_batch()
            stretch = await self._recount(family, low)
            days = days_of(stretch.rows)
            for start in range(0, len(days), _TALLIED_AT_ONCE):
                weigh(stretch.rows, days[start : start + _TALLIED_AT_ONCE])
                await asyncio.sleep(0)
            corrections: dict[str, list[Write]] = {}
            for shelf in family.shelves:
                stored = await self._stored(family, shelf, low, stretch.high)
                corrections[shelf] = _differences(stretch.rows.get(shelf, {}), stored, batch or 0)
            if batch is not None and batch == await self._roll_ups.closed_batch():
                return stretch, await self._correct(corrections)
            await self._roll_ups.fold()
        log.info("roll-ups not compared: the fold never rested", extra={"by": family.field})
        return stretch, 0

    async def _correct(self, corrections: dict[str, list[Write]]) -> int:
        wrong = 0
        for shelf, writes in corrections.items():
            for start in range(0, len(writes), _BATCH):
                done = await self._store.engine.bulk(shelf, writes[start : start + _BATCH])
                wrong += done.inserted + done.modified + done.deleted
        return wrong

    async def _recount(self, family: Family, low: str | None) -> _Stretch:
        """Reads plays in the ledger's order until enough rows came together; never half a song or listener."""
        stretch, counted, current = _Stretch(), 0, low
        filter: dict[str, Any] = {} if low is None else {family.field: {"$gt": low}}
        after: list[Any] | None = None
        while True:
            plays = await self._store.engine.find(
                self._store.plays.name,
                filter,
                sort=cast(Order, list(family.order)),
                limit=_BATCH,
                after=after,
                fields=(*LEDGER_FIELDS, "is_removed"),
            )
            # What an older program wrote beside this one becomes new, for the next fold to take.
            for mark in ("folded", "is_removed"):
                unmarked = [play["_id"] for play in plays if mark not in play]
                if unmarked:
                    unknown = {"_id": {"$in": unmarked}, mark: None}
                    await self._store.plays.update(unknown, {"$set": {mark: False}}, many=True)
            for number, play in enumerate(plays):
                if number % _TALLIED_AT_ONCE == 0:
                    await asyncio.sleep(0)
                if play[family.field] != current:
                    if counted >= self._rows_at_once:
                        stretch.high = current
                        return stretch
                    current = play[family.field]
                if play.get("folded") is True:
                    counted += add(stretch.rows, family, [play])
            if len(plays) < _BATCH:
                return stretch
            after = [*(plays[-1].get(name) for name, _ in family.order), plays[-1]["_id"]]

    async def _stored(self, family: Family, shelf: str, low: str | None, high: str | None) -> dict[str, Document]:
        name, order = family.shelves[shelf]
        bounds = {operator: end for operator, end in (("$gt", low), ("$lte", high)) if end is not None}
        sort = cast(Order, [part for part in order if part[0] != "_id"])
        stored: dict[str, Document] = {}
        after: list[Any] | None = None
        while True:
            found = await self._store.engine.find(
                shelf, {name: bounds} if bounds else {}, sort=sort, limit=_BATCH, after=after
            )
            stored.update((document["_id"], document) for document in found)
            if len(found) < _BATCH:
                return stored
            after = [*(found[-1].get(each) for each, _ in sort), found[-1]["_id"]]


def _differences(true: dict[str, Amount], stored: dict[str, Document], batch: int) -> list[Write]:
    """What makes the stored rows say what is true. Each write holds only for the row as it was compared."""
    writes: list[Write] = []
    for id, amount in true.items():
        row = stored.get(id)
        if row is None:
            writes.append(amount.row(id, batch))
        elif not amount.is_in(row):
            writes.append(Change(_as_compared(row), {"$set": {**amount.identity, **amount.values()}}))
    writes += [Delete(_as_compared(row)) for id, row in stored.items() if id not in true]
    return writes


def _as_compared(row: Document) -> Document:
    return {"_id": row["_id"], "batch": row.get("batch"), "plays": row.get("plays")}
