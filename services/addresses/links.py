"""Links for mails: random, kept as a hash, good once, for one purpose and one account, for a while.

Owns making, spending and sweeping them, and the short code that may stand beside one. Whoever spends a link first has
it: the deletion decides. Refuses to know what links do.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from services.clock import Clock
from services.errors import Invalid
from storage.collections.store import Store
from storage.records.mailed_link import MailedLink

CODE_DIGITS = 8
CODE_TRIES = 5
_LONGEST = 100


class Purpose(StrEnum):
    """What a link does; none stands in for another."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE_OLD = "change_old"
    CHANGE_NEW = "change_new"
    UNDO_CHANGE = "undo_change"
    KEEP_ACCOUNT = "keep_account"


LIFETIMES = {
    Purpose.VERIFY: timedelta(days=3),
    Purpose.RESET: timedelta(hours=1),
    Purpose.CHANGE_OLD: timedelta(days=1),
    Purpose.CHANGE_NEW: timedelta(days=1),
    Purpose.UNDO_CHANGE: timedelta(days=7),
    Purpose.KEEP_ACCOUNT: timedelta(days=365),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes into the mail and is kept nowhere."""

    token: str = field(repr=False)
    code: str = field(repr=False)


class MailedLinks:
    """The links of this house. `keys` seal the short codes: the first makes them, all are tried."""

    def __init__(self, store: Store, clock: Clock, keys: Sequence[bytes]) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys

    async def make(self, user_id: str, purpose: Purpose, address: str, *, alone: bool = True) -> Sent:
        """A link for somebody's mail to `address`; `alone` ends the earlier ones of that purpose."""
        if alone:
            await self.withdraw(user_id, purpose)
        token, now = secrets.token_urlsafe(32), self._clock.now()
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        link = MailedLink(
            id=_hash(token),
            user_id=user_id,
            purpose=purpose,
            address=address,
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
            code_hash=self._seal(self._keys[0], user_id, code),
        )
        await self._store.mailed_links.insert(link)
        return Sent(token, code)

    async def read(self, token: str, *purposes: Purpose) -> MailedLink:
        """What a link is about, without spending it. Invalid (LINK_NOT_GOOD), one answer for absent, spent, expired and
        those of another purpose."""
        good = token.isascii() and 0 < len(token) <= _LONGEST
        link = await self._store.mailed_links.get(_hash(token)) if good else None
        if link is None or link.purpose not in purposes or link.expires_at <= self._clock.now():
            raise not_good()
        return link

    async def spend(self, link: MailedLink) -> None:
        """This was its one time. Invalid (LINK_NOT_GOOD) when somebody was faster."""
        if not await self._store.mailed_links.delete({"_id": link.id}):
            raise not_good()

    async def by_code(self, user_id: str, purpose: Purpose, code: str) -> MailedLink:
        """The newest link of somebody whose short code this is. Invalid (CODE_NOT_GOOD) for another, for one that was
        tried five times and for one that has run out."""
        bad = Invalid("This code is not good (any more).", field="code", code="CODE_NOT_GOOD")
        typed = "".join(code[:_LONGEST].split())
        if not (typed.isascii() and typed.isdigit() and len(typed) == CODE_DIGITS):
            raise bad
        newest = {"user_id": user_id, "purpose": purpose.value, "expires_at": {"$gt": self._clock.now()}}
        link = await self._store.mailed_links.first(newest, sort=[("created_at", -1)])
        # Counted before it is looked at, so that tries at once are all counted.
        left = {"_id": "" if link is None else link.id, "tries": {"$lt": CODE_TRIES}}
        counted = await self._store.mailed_links.update_and_get(left, {"$inc": {"tries": 1}})
        if counted is None or not self._fits(counted, typed):
            raise bad
        return counted

    async def withdraw(self, user_id: str, *purposes: Purpose) -> None:
        """Links of somebody that are good no more."""
        which = {"user_id": user_id, "purpose": {"$in": [purpose.value for purpose in purposes]}}
        await self._store.mailed_links.delete(which, many=True)

    async def sweep(self) -> int:
        """Forget links that have run out; how many. A periodic job."""
        return await self._store.mailed_links.delete({"expires_at": {"$lt": self._clock.now()}}, many=True)

    def _fits(self, link: MailedLink, typed: str) -> bool:
        sealed = [self._seal(key, link.user_id, typed) for key in self._keys]
        return any(hmac.compare_digest(each, link.code_hash or "") for each in sealed)

    @staticmethod
    def _seal(key: bytes, user_id: str, code: str) -> str:
        return hmac.new(key, f"code\0{user_id}\0{code}".encode(errors="replace"), hashlib.sha256).hexdigest()


def not_good() -> Invalid:
    """The one answer to a link that is not good, whatever the reason."""
    return Invalid("This link is not good (any more). Ask for a new one.", field="token", code="LINK_NOT_GOOD")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
