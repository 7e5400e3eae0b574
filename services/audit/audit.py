"""The audit log: one line for each thing that somebody with a role does to others, in a chain that shows tampering.

Owns writing, searching and proving it. Refuses to know why things are done, and has no way to change a line.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from services.audit.chain import Chain, Proof, hash_of, id_of
from services.audit.details import plain_details
from services.catalogue.access import Condition
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import Invalid, Unavailable
from services.paging import Page, Slice
from services.typed_text import is_printable
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.audit_entry import AuditEntry, AuditMark

log = logging.getLogger("tutti.audit")

WORD_LIMIT = 80
TRIES = 50
NEWEST = Order("at", -1, datetime)
_MARK = "proven"
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Sought:
    """What lines are wanted; None is any. `since` is included, `until` is not."""

    actor_id: str | None = None
    action: str | None = None
    kind: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Audit:
    """The log of one house. Any number of these may write to it, in any number of processes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._turn = asyncio.Lock()

    async def note(self, viewer: Viewer, action: str, kind: str, id: str, **details: Any) -> AuditEntry:
        """Write one line: `viewer` did `action` (such as `user.suspend`) to the `kind` with that `id`.

        Details are bounded and what looks like a secret is left out. Unavailable when others write all the time.
        """
        kept = plain_details(details)
        async with self._turn:
            for _ in range(TRIES):
                last = await self._store.audit_entries.last()
                number = 1 if last is None else last.number + 1
                entry = AuditEntry(
                    id=id_of(number),
                    number=number,
                    at=self._clock.now(),
                    action=action[:WORD_LIMIT],
                    kind=kind[:WORD_LIMIT],
                    target_id=id[:WORD_LIMIT],
                    previous="" if last is None else last.hash,
                    hash="",
                    actor_id=viewer.user_id,
                    details=kept,
                )
                entry.hash = hash_of(entry)
                try:
                    await self._store.audit_entries.append(entry)
                    return entry
                except DuplicateKey:
                    continue  # Another process was faster: follow its line instead.
        raise Unavailable("The audit log cannot be written just now.")

    async def listing(self, viewer: Viewer, part: Slice, sought: Sought, *, counted: bool = True) -> Page[AuditEntry]:
        """One page of the log, the newest first, for admins. Invalid for a word that no line could have."""
        viewer.require(Role.ADMIN)
        conditions: list[Condition] = []
        for name, field in (("actor_id", "actor"), ("action", "action"), ("kind", "kind"), ("target_id", "id")):
            wanted = getattr(sought, name)
            if wanted is not None:
                if not 0 < len(wanted) <= WORD_LIMIT or not is_printable(wanted):
                    raise Invalid(f"{field} has 1 to {WORD_LIMIT} characters.", field=field)
                conditions.append({name: wanted})
        bounds = {"$gte": sought.since, "$lt": sought.until}
        within = {sign: moment for sign, moment in bounds.items() if moment is not None}
        if within:
            conditions.append({"at": within})
        return await page_of(cast(Any, self._store.audit_entries), conditions, NEWEST, part, counted=counted)

    async def prove(self) -> Proof:
        """Read the whole log and find what is missing or altered. A whole one is marked, so that its end stays."""
        mark = await self._store.audit_marks.get(_MARK)
        chain = Chain(mark)
        number = 0
        async for batch in self._store.audit_entries.scan(batch=_BATCH):
            for entry in batch:
                chain.take(entry)
                number = entry.number
        proof = chain.end()
        if not proof.is_whole:
            log.error("the audit log is not whole", extra={"faults": proof.faults, "fault_count": proof.fault_count})
        elif proof.lines:
            # Whoever keeps the logs elsewhere can hold the chain against them.
            log.info("the audit log is whole", extra={"lines": proof.lines, "head": proof.head})
            marked = AuditMark(_MARK, number, proof.head, self._clock.now())
            fields = {"number": marked.number, "hash": marked.hash, "at": marked.at}
            await self._store.audit_marks.update({"_id": _MARK}, {"$set": fields}, upsert=True)
        return proof
