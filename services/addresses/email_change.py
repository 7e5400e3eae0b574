"""Another address for an account: both the old and the new one agree, and the old one may take it back for a week.

Owns the state between (one change at a time for each account, the newest) and the order of writing. Refuses to tell
whether the new address belongs to an account: its owner alone learns it, by mail.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from services.accounts.accounts import Accounts
from services.accounts.details import email_key, read_email
from services.accounts.tokens import token_invalid
from services.addresses.letters import Letters
from services.addresses.links import LIFETIMES, MailedLinks, Purpose, not_good
from services.clock import Clock
from services.errors import Conflict, Invalid
from services.events import Bus, UserChanged
from services.mail.outbox import Outbox
from services.mail.wording import Wording
from services.throttle import TokenBuckets
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import User
from storage.records.mailed_link import EmailChange, MailedLink

log = logging.getLogger("tutti.accounts")

REQUESTS, SECONDS_PER_REQUEST = 3, 1_200.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """Where a change stands: which sides agreed, and whether it has happened."""

    is_old_confirmed: bool
    is_new_confirmed: bool
    is_done: bool
    expires_at: datetime | None


class EmailChanges:
    """The changes under way."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        accounts: Accounts,
        links: MailedLinks,
        outbox: Outbox,
        letters: Letters,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._accounts = accounts
        self._links = links
        self._outbox = outbox
        self._letters = letters
        self._requests = TokenBuckets(clock, capacity=REQUESTS, seconds_per_token=SECONDS_PER_REQUEST)

    async def request(self, viewer: Viewer, new_email: str, *, password: str | None = None) -> Agreement:
        """Mail both addresses; an earlier change under way ends. The same answer for an address that is somebody's.

        Invalid for what is no address or one's own already; refused as by `Reproof.require`; TooMany beyond three.
        """
        user_id = viewer.require_oneself()
        wanted = read_email(new_email, field="newEmail")
        await self._accounts.reproof.require(viewer, password=password)
        user = await self._store.users.get(user_id)
        if user is None:
            raise token_invalid()
        if email_key(wanted) == user.email_key:
            raise Invalid("That is your address already.", field="newEmail")
        self._requests.take(user_id)
        now = self._clock.now()
        change = EmailChange(
            id=user.id,
            new_email=wanted,
            new_key=email_key(wanted),
            old_email=user.email,
            requested_at=now,
            expires_at=now + LIFETIMES[Purpose.CHANGE_NEW],
        )
        await self._links.withdraw(user.id, Purpose.CHANGE_OLD, Purpose.CHANGE_NEW)
        await self._store.email_changes.delete({"_id": user.id})
        await self._store.email_changes.insert(change)
        old = await self._links.make(user.id, Purpose.CHANGE_OLD, user.email)
        await self._mail(user.email, self._letters.change_to_old(user, wanted, old))
        owner = await self._store.users.by_email_key(change.new_key)
        if owner is not None:
            await self._mail(owner.email, self._letters.taken(owner))
        else:
            new = await self._links.make(user.id, Purpose.CHANGE_NEW, wanted)
            await self._mail(wanted, self._letters.change_to_new(user, new))
        log.info("change of address asked for", extra={"user_id": user.id})
        return Agreement(False, False, False, change.expires_at)

    async def under_way(self, viewer: Viewer) -> EmailChange | None:
        """The viewer's own change, while both sides have not agreed."""
        change = await self._store.email_changes.get(viewer.require_oneself())
        return change if change is not None and change.expires_at > self._clock.now() else None

    async def cancel(self, viewer: Viewer) -> None:
        """The viewer's own change is not to happen; its links end."""
        user_id = viewer.require_oneself()
        await self._store.email_changes.delete({"_id": user_id})
        await self._links.withdraw(user_id, Purpose.CHANGE_OLD, Purpose.CHANGE_NEW)

    async def follow(self, token: str) -> Agreement:
        """One side agrees, or the old address takes a change back: as the link says.

        Invalid (LINK_NOT_GOOD); Conflict (EMAIL_TAKEN) when the address became somebody's meanwhile.
        """
        link = await self._links.read(token, Purpose.CHANGE_OLD, Purpose.CHANGE_NEW, Purpose.UNDO_CHANGE)
        if link.purpose == Purpose.UNDO_CHANGE:
            await self._take_back(link)
            return Agreement(False, False, True, None)
        side = "old" if link.purpose == Purpose.CHANGE_OLD else "new"
        mailed = "old_email" if side == "old" else "new_email"
        change = await self._store.email_changes.update_and_get(
            {"_id": link.user_id, mailed: link.address, "expires_at": {"$gt": self._clock.now()}},
            {"$set": {f"is_{side}_confirmed": True}},
        )
        if change is None:
            raise not_good()
        is_done = change.is_old_confirmed and change.is_new_confirmed
        if is_done:
            await self._finish(change)
        # Spent last: agreeing twice changes nothing, and a crash half way leaves a link that works.
        await self._links.spend(link)
        return Agreement(change.is_old_confirmed, change.is_new_confirmed, is_done, change.expires_at)

    async def sweep(self) -> int:
        """Forget changes that have run out; how many. A periodic job."""
        return await self._store.email_changes.delete({"expires_at": {"$lt": self._clock.now()}}, many=True)

    async def _finish(self, change: EmailChange) -> None:
        written = {
            "email": change.new_email,
            "email_key": change.new_key,
            "is_verified": True,
            "updated_at": self._clock.now(),
        }
        user = await self._write({"_id": change.id, "email": change.old_email}, written)
        if user is None:
            # Done already, by the other side's click at the same moment; or the address is another one by now.
            return
        await self._store.email_changes.delete({"_id": change.id})
        await self._links.withdraw(user.id, Purpose.RESET, Purpose.VERIFY)
        undo = await self._links.make(user.id, Purpose.UNDO_CHANGE, change.old_email, alone=False)
        await self._mail(change.old_email, self._letters.changed(user, change.new_email, undo))
        self._bus.publish(UserChanged(user.id))
        log.info("address changed", extra={"user_id": user.id})

    async def _take_back(self, link: MailedLink) -> None:
        written = {
            "email": link.address,
            "email_key": email_key(link.address),
            "is_verified": True,
            "updated_at": self._clock.now(),
        }
        user = await self._write({"_id": link.user_id}, written)
        if user is None:
            raise not_good()
        await self._links.spend(link)
        await self._store.email_changes.delete({"_id": user.id})
        # Whoever had taken the account over loses every way in that was mailed meanwhile.
        await self._links.withdraw(user.id, *(each for each in Purpose if each is not Purpose.UNDO_CHANGE))
        self._bus.publish(UserChanged(user.id))
        await self._accounts.my_sessions.end_everything(user.id, reason="address_restored")
        await self._mail(link.address, self._letters.brought_back(user))
        log.warning("a change of address was taken back", extra={"user_id": user.id})

    async def _write(self, which: dict[str, str], written: dict[str, object]) -> User | None:
        try:
            return await self._store.users.update_and_get(which, {"$set": written})
        except DuplicateKey:
            raise Conflict("That address belongs to another account by now.", code="EMAIL_TAKEN") from None

    async def _mail(self, receiver: str, words: Wording) -> None:
        await self._outbox.put(f"address:{self._clock.new_id()}", receiver, words)
