"""Leaving: an account ends at once for everybody else, and for good after a while in which it may be taken back.

Owns who may leave, the days of grace and the way back. Refuses to know what is erased (`erasing.py`).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from services.accounts.accounts import Accounts
from services.accounts.tokens import token_invalid
from services.addresses.links import MailedLinks, Purpose
from services.clock import Clock
from services.errors import Conflict
from services.events import Bus, UserChanged
from services.leaving.erasing import Erasing
from services.leaving_events import AccountLeaving
from services.mail.letter import Button, letter
from services.mail.outbox import Outbox
from services.mail.wording import Wording
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User

log = logging.getLogger("tutti.accounts")

_AT_ONCE = 20


class LeavingHouse:
    """Takes leave of people. `grace` is how long they may come back."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        accounts: Accounts,
        links: MailedLinks,
        outbox: Outbox,
        erasing: Erasing,
        *,
        grace: timedelta,
        public_url: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._accounts = accounts
        self._links = links
        self._outbox = outbox
        self._erasing = erasing
        self._grace = grace
        self._home = public_url.rstrip("/") or "http://localhost"

    async def leave(self, viewer: Viewer, *, password: str | None = None) -> datetime:
        """End the viewer's own account: every session ends now, and when all is erased is the answer.

        Refused as by `Reproof.require`; Conflict (LAST_ADMIN) for the only admin there is.
        """
        await self._accounts.reproof.require(viewer, password=password)
        user = await self._store.users.get(viewer.require_oneself())
        if user is None or user.erase_at is not None:
            raise token_invalid()
        if Role.ADMIN in user.roles:
            admins = {"roles": Role.ADMIN.value, "is_suspended": False, "erase_at": None}
            if await self._store.users.count(admins, limit=2) < 2:
                raise Conflict("You are the only admin: make somebody else one first.", code="LAST_ADMIN")
        erase_at = self._clock.now() + self._grace
        await self._store.users.update(
            {"_id": user.id, "erase_at": None}, {"$set": {"erase_at": erase_at, "updated_at": self._clock.now()}}
        )
        self._bus.publish(UserChanged(user.id))
        await self._accounts.sessions.end_all(user.id, reason="leaving")
        self._bus.publish(AccountLeaving(user.id, erase_at))
        token = await self.way_back(user)
        await self._outbox.put(f"leaving:{self._clock.new_id()}", user.email, self._farewell(user, erase_at, token))
        log.info("an account is to be erased", extra={"user_id": user.id})
        return erase_at

    async def way_back(self, user: User) -> str:
        """A token by which an account that is to be erased is kept."""
        return (await self._links.make(user.id, Purpose.KEEP_ACCOUNT, user.email, alone=False)).token

    async def keep(self, token: str) -> None:
        """The account of this token stays; its owner signs in again. Invalid (LINK_NOT_GOOD)."""
        link = await self._links.read(token, Purpose.KEEP_ACCOUNT)
        await self._links.spend(link)
        kept = {"$unset": {"erase_at": ""}, "$set": {"updated_at": self._clock.now()}}
        # One whose erasing has begun is beyond keeping.
        await self._store.users.update({"_id": link.user_id, "nameless_id": None}, kept)
        await self._links.withdraw(link.user_id, Purpose.KEEP_ACCOUNT)
        self._bus.publish(UserChanged(link.user_id))
        log.info("an account is kept after all", extra={"user_id": link.user_id})

    async def erase_due(self) -> int:
        """Erase those whose time has come, at most 20; how many. A periodic job, which goes on with what broke off."""
        due = await self._store.users.find(
            {"erase_at": {"$lte": self._clock.now()}}, sort=[("erase_at", 1)], limit=_AT_ONCE
        )
        for user in due:
            await self._erasing.erase(user)
        return len(due)

    def _farewell(self, user: User, erase_at: datetime, token: str) -> Wording:
        lines = [
            f"Your account is closed. On {erase_at.day} {erase_at:%B %Y} everything in it is erased for good.",
            "Until then you may take it back: press the button, and sign in again.",
        ]
        button = Button("Keep my account", f"{self._home}/keep#{token}")
        return letter(user.username, "Your account is closed", lines, home=f"{self._home}/", button=button)
