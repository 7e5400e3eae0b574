"""Proving to be a student by reading mail at a school: a code goes there and comes back.

Owns the codes: short-lived, for one account and one address, five tries, spent at once. Codes and addresses are kept as
keyed digests. Refuses to know what a proof gives.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from services.accounts.accounts import Accounts
from services.clock import Clock
from services.errors import Denied, Invalid
from services.mail.outbox import Outbox
from services.shared_throttle import SharedBuckets
from services.students import letters
from services.students.schools import school_of
from services.students.students import Students
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records.student import StudentCode, StudentProof

CODE_MINUTES = 30
CODE_DIGITS = 8
TRIES = 5


class StudentCodes:
    """Sends codes and takes them back. `sends` bounds mails, by account and by address."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: Accounts,
        students: Students,
        outbox: Outbox,
        sends: SharedBuckets,
        *,
        public_url: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._students = students
        self._outbox = outbox
        self._sends = sends
        self._home = f"{public_url.rstrip('/') or 'http://localhost'}/"

    async def send(self, viewer: Viewer, email: str) -> None:
        """Send a code to an address at a school; one sent before is void. The answer never tells who else has it.

        Invalid (NO_SCHOOL) outside the house's list, Denied (STUDENTS_CLOSED) where there is none; Conflict as
        `Students.require_provable`; TooMany beyond five codes some hours apart, for the account and for the address.
        """
        user_id, rules = viewer.require_oneself(), self._students.rules
        if not rules.domains:
            raise Denied("This house does not take academic addresses.", code="STUDENTS_CLOSED")
        address, school = school_of(email, rules.domains)
        await self._students.require_provable(user_id)
        me = await self._accounts.me(viewer)
        address_key = self._digest("address", address)
        await self._sends.take(f"account {user_id}")
        await self._sends.take(f"address {address_key}")
        digits = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
        made = StudentCode(
            id=user_id,
            code_hash=self._digest("code", f"{user_id}|{digits}"),
            address_key=address_key,
            school=school,
            expires_at=self._clock.now() + timedelta(minutes=CODE_MINUTES),
        )
        kept = self._store.student_codes.codec.encode(made)
        kept.pop("_id")
        await self._store.student_codes.update({"_id": user_id}, {"$set": kept}, upsert=True)
        key = f"student_code:{user_id}:{self._clock.new_id()}"
        await self._outbox.put(key, email.strip(" "), letters.code(me.username, digits, CODE_MINUTES, self._home))

    async def confirm(self, viewer: Viewer, code: str) -> StudentProof:
        """The code came back: the viewer is a student. Invalid (WRONG_CODE) for any other, also after five tries.

        Conflict (ADDRESS_USED) when the address proves another account.
        """
        user_id = viewer.require_oneself()
        good = {"_id": user_id, "expires_at": {"$gt": self._clock.now()}, "tries": {"$lt": TRIES}}
        # The try is counted before it is looked at, so that many at once are no more than five.
        sent = await self._store.student_codes.update_and_get(good, {"$inc": {"tries": 1}})
        plain = code.strip().replace(" ", "")[: 2 * CODE_DIGITS]
        offered = [self._digest("code", f"{user_id}|{plain}", key) for key in self._students.rules.keys]
        if sent is None or not any(hmac.compare_digest(each, sent.code_hash) for each in offered):
            raise _wrong()
        if not await self._store.student_codes.delete({"_id": user_id, "code_hash": sent.code_hash}):
            raise _wrong()
        return await self._students.prove(user_id, way="email", school=sent.school, address_key=sent.address_key)

    async def sweep(self) -> int:
        """Forget codes that have run out; how many. A periodic job's work."""
        return await self._store.student_codes.delete({"expires_at": {"$lte": self._clock.now()}}, many=True)

    def _digest(self, kind: str, text: str, key: bytes | None = None) -> str:
        made_with = self._students.rules.keys[0] if key is None else key
        return hmac.new(made_with, f"{kind}|{text}".encode(errors="replace"), hashlib.sha256).hexdigest()


def _wrong() -> Invalid:
    return Invalid("This code is wrong or has run out.", field="code", code="WRONG_CODE")
