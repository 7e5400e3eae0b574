"""Numbers that stand for accounts in crowds, so that a set of people is a set of bits.

Owns that an account has one number, whoever gives it and however often it is asked. Refuses to know what is counted.
"""

from __future__ import annotations

from collections.abc import Iterable

from storage.collections.store import Store
from storage.engine import Insert

THE_NUMBERS = "listener_numbers"


class ListenerNumbers:
    """Given once and for all. Of an erased account its plays and its number go to one nameless id: crowds stay true."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, user_ids: Iterable[str]) -> dict[str, int]:
        """The numbers of these accounts, new ones where they had none; one store command when all had."""
        wanted = sorted(set(user_ids))
        known = await self.known(wanted)
        while len(known) < len(wanted):
            lacking = [id for id in wanted if id not in known]
            last = await self._store.engine.update_and_get(
                self._store.folds.name, {"_id": THE_NUMBERS}, {"$inc": {"batch": len(lacking)}}, upsert=True
            )
            first = (last or {}).get("batch", len(lacking)) - len(lacking)
            await self._store.listener_numbers.bulk(
                [Insert({"_id": id, "user_id": id, "number": first + place}) for place, id in enumerate(lacking)]
            )
            # Read again: another process may have numbered some of them in between, and its numbers count.
            known |= await self.known(lacking)
        return known

    async def known(self, user_ids: Iterable[str]) -> dict[str, int]:
        """The numbers of those who have one."""
        found = await self._store.listener_numbers.get_many(list(user_ids))
        return {id: each.number for id, each in found.items()}
