"""Applies migrations in order, each once, and records them in the collection `migrations`.

Owns the order and the record. A migration is recorded before it begins and again when it has ended; one that never
ended (the process was killed) is applied again, so every migration must be safe to run twice, also by two processes
at once. Refuses to start on a store that a newer program has already changed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.engine import Engine, StorageError
from storage.migrations import (
    m0001_first_layout,
    m0002_marked_plays,
    m0003_turns_of_notifications,
    m0004_grants_of_the_house,
)

RECORD = "migrations"
_log = logging.getLogger("tutti.storage")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered change. Its number is never used again, its work is safe to repeat.

    `older_may_stay`: programs of the version before go on rightly over what it made, and may start over it again. So
    must be every one that a house does while its processes are renewed in turn; without, all of them stop first.
    """

    number: int
    name: str
    apply: Callable[[Engine], Awaitable[None]]
    older_may_stay: bool = False

    @property
    def id(self) -> str:
        """The `_id` of its record."""
        return f"{self.number:04}"


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "first layout", m0001_first_layout.apply),
    Migration(2, "marked plays", m0002_marked_plays.apply),
    Migration(3, "turns of notifications", m0003_turns_of_notifications.apply),
    Migration(4, "grants of the house", m0004_grants_of_the_house.apply),
)


class StoreIsNewer(StorageError):
    """The store was changed by a newer program than this one; nothing was touched."""


async def migrate(engine: Engine, now: datetime, migrations: Sequence[Migration] = MIGRATIONS) -> list[str]:
    """Apply what has not been applied yet; the ids of what was, in order. `now` goes into the record."""
    numbers = [migration.number for migration in migrations]
    if numbers != sorted(set(numbers)):
        raise ValueError(f"migrations must be in order and each number used once: {numbers}")
    recorded = {document["_id"]: document for document in await engine.find(RECORD, {}, limit=10_000)}
    known = {migration.id for migration in migrations}
    newer = sorted(id for id in set(recorded) - known if not recorded[id].get("older_may_stay"))
    if newer:
        raise StoreIsNewer(f"the store has migration {newer[-1]}, which this program does not know")
    applied = []
    for migration in migrations:
        if recorded.get(migration.id, {}).get("ended_at") is None:
            await _apply(engine, migration, now)
            applied.append(migration.id)
    return applied


async def _apply(engine: Engine, migration: Migration, now: datetime) -> None:
    told = {"name": migration.name, "begun_at": now, **({"older_may_stay": True} if migration.older_may_stay else {})}
    begun = {"$setOnInsert": told, "$inc": {"tries": 1}}
    await engine.update(RECORD, {"_id": migration.id}, begun, upsert=True)
    await migration.apply(engine)
    await engine.update(RECORD, {"_id": migration.id}, {"$set": {"ended_at": now}})
    _log.info("migration applied", extra={"migration": migration.id, "migration_name": migration.name})
