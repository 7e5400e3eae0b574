"""Who is proven to be a student, for a year at a time, and what follows from it.

Owns the proof: its year, its renewals, its end, and that an academic address proves one account at a time. Refuses to
know how it was proven (`codes.py`, `documents.py`).
"""

from __future__ import annotations

import logging
from datetime import datetime

from services.clock import Clock
from services.entitlements.grants import Grants
from services.errors import Conflict
from services.mail.outbox import Outbox
from services.students import letters
from services.students.rules import YEAR, StudentRules
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.student import StudentProof

log = logging.getLogger("tutti.students")

STUDENT = "student"
_AT_ONCE = 500


class Students:
    """The students of the house."""

    def __init__(
        self, store: Store, clock: Clock, grants: Grants, outbox: Outbox, rules: StudentRules, *, public_url: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._grants = grants
        self._outbox = outbox
        self.rules = rules
        self._home = f"{public_url.rstrip('/') or 'http://localhost'}/"

    async def mine(self, viewer: Viewer) -> StudentProof | None:
        """The viewer's proof, also one that is over; None when there never was one."""
        return await self._store.student_proofs.get(viewer.require(Role.LISTENER))

    async def stands(self, user_id: str) -> bool:
        """Whether somebody is a student now, the days of grace included."""
        return self.holds(await self._store.student_proofs.get(user_id))

    def holds(self, proof: StudentProof | None) -> bool:
        """Whether a proof holds now, the days of grace included."""
        return proof is not None and self._clock.now() < proof.ends_at + self.rules.grace

    async def require_provable(self, user_id: str) -> None:
        """Return if somebody may prove it now. Conflict: STILL_PROVEN long before the end, STUDENT_YEARS_SPENT."""
        self._check(await self._store.student_proofs.get(user_id))

    async def prove(self, user_id: str, *, way: str, school: str, address_key: str | None = None) -> StudentProof:
        """Somebody is a student for a year from now, or for one more after this one.

        Conflict as `require_provable`, and ADDRESS_USED when the address proves another account at present.
        """
        before = await self._store.student_proofs.get(user_id)
        self._check(before)
        now = self._clock.now()
        goes_on = before is not None and before.ends_at + self.rules.grace > now
        begins = before.ends_at if before is not None and goes_on else now
        years = 0 if before is None else before.years
        proven = {"way": way, "school": school, "ends_at": begins + YEAR, "years": years + 1, "reminded": ""}
        if before is None or not goes_on:
            proven["proven_at"] = now
        if address_key is not None:
            await self._free(address_key, user_id)
        kept_key = address_key or _no_address(user_id)
        update = {"$set": proven | {"address_key": kept_key}}
        # The years as they were read: of two proofs at once one counts.
        try:
            if before is None:
                await self._store.student_proofs.insert(
                    StudentProof(user_id, way, school, now, begins + YEAR, 1, kept_key)
                )
                proof = await self._store.student_proofs.get(user_id)
            else:
                filter = {"_id": user_id, "years": before.years}
                proof = await self._store.student_proofs.update_and_get(filter, update)
        except DuplicateKey as error:
            if error.index == "_id":
                raise Conflict("You have just been proven.", code="STILL_PROVEN") from error
            raise Conflict("This address proves another account.", code="ADDRESS_USED") from error
        if proof is None:
            raise Conflict("You have just been proven.", code="STILL_PROVEN")
        await self.follow(proof)
        log.info("student proven", extra={"user_id": user_id, "way": way, "years": proof.years})
        return proof

    async def follow(self, proof: StudentProof) -> None:
        """Have the grant be what the proof says. Safe to repeat."""
        if not self.rules.gives_tier:
            await self._grants.withdraw(_grant_id(proof.id))
            return
        ends_at = proof.ends_at + self.rules.grace
        await self._grants.put(
            _grant_id(proof.id), proof.id, source=STUDENT, tier=STUDENT, starts_at=proof.proven_at, ends_at=ends_at
        )

    async def look_after(self) -> int:
        """Remind those whose year ends soon or has ended, and put right what a crash left; how many mails.

        A periodic job's work, safe to repeat.
        """
        now, count = self._clock.now(), 0
        near = {"ends_at": {"$gt": now - self.rules.grace, "$lte": now + self.rules.ahead}}
        async for proofs in self._store.student_proofs.scan(near, batch=_AT_ONCE):
            for proof in proofs:
                count += await self._remind(proof, now)
        recent = {"proven_at": {"$gt": now - 2 * YEAR}}
        async for proofs in self._store.student_proofs.scan(recent, batch=_AT_ONCE):
            for proof in proofs:
                if proof.ends_at + self.rules.grace > now and await self._store.users.get(proof.id) is not None:
                    await self.follow(proof)
        return count

    def _check(self, proof: StudentProof | None) -> None:
        if proof is None:
            return
        if self._clock.now() < proof.ends_at - self.rules.ahead:
            raise Conflict("You are proven for a long while yet.", code="STILL_PROVEN")
        if proof.years >= self.rules.years:
            raise Conflict(f"A student is one for {self.rules.years} years at most.", code="STUDENT_YEARS_SPENT")

    async def _free(self, address_key: str, user_id: str) -> None:
        """Let go of an address that proved another account whose time is over."""
        over = {"address_key": address_key, "ends_at": {"$lte": self._clock.now() - self.rules.grace}}
        holder = await self._store.student_proofs.first(over)
        if holder is not None and holder.id != user_id:
            free = {"$set": {"address_key": _no_address(holder.id)}}
            await self._store.student_proofs.update({"_id": holder.id, **over}, free)

    async def _remind(self, proof: StudentProof, now: datetime) -> int:
        stage = "grace" if proof.ends_at <= now else "soon"
        user = await self._store.users.get(proof.id)
        if proof.reminded in (stage, "grace") or user is None:
            return 0
        if proof.years >= self.rules.years:
            return 0
        until = proof.ends_at + self.rules.grace
        words = letters.in_grace(user.username, until, self._home) if stage == "grace" else (
            letters.ends_soon(user.username, proof.ends_at, self._home)
        )  # fmt: skip
        key = f"student_{stage}:{proof.id}:{proof.ends_at.date().isoformat()}"
        sent = await self._outbox.put(key, user.email, words)
        await self._store.student_proofs.update(
            {"_id": proof.id, "ends_at": proof.ends_at}, {"$set": {"reminded": stage}}
        )
        return int(sent)


def _grant_id(user_id: str) -> str:
    return f"student:{user_id}"


def _no_address(user_id: str) -> str:
    return f"none:{user_id}"
