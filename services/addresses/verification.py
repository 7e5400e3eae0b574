"""Whether an account's address is its owner's: proven by a link or a code that was mailed there.

Owns the mails and what a proof changes. What an unproven account may not do is decided by `Viewer.require_proven`.
"""

from __future__ import annotations

import logging

from services.accounts.accounts import Accounts
from services.accounts.people_access import seen_by
from services.accounts.signing_in import SignedIn
from services.addresses.letters import Letters
from services.addresses.links import MailedLinks, Purpose
from services.clock import Clock
from services.errors import Invalid
from services.events import Bus, UserChanged
from services.mail.outbox import Outbox
from services.throttle import TokenBuckets
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User
from storage.records.mailed_link import MailedLink

log = logging.getLogger("tutti.accounts")

MAILS, SECONDS_PER_MAIL = 3, 600.0


class Verification:
    """Registers with a mail, and takes the proofs."""

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
        self._mails = TokenBuckets(clock, capacity=MAILS, seconds_per_token=SECONDS_PER_MAIL)

    async def register(
        self,
        viewer: Viewer,
        *,
        email: str,
        username: str,
        password: str,
        first_name: str = "",
        last_name: str = "",
        user_agent: str = "",
        address: str = "",
    ) -> SignedIn:
        """As `Accounts.register`, and a mail to the new account's address."""
        signed_in = await self._accounts.register(
            viewer,
            email=email,
            username=username,
            password=password,
            first_name=first_name,
            last_name=last_name,
            user_agent=user_agent,
            address=address,
        )
        await self._send(signed_in.user)
        return signed_in

    async def resend(self, viewer: Viewer) -> None:
        """Another mail; the earlier one's link and code end. Nothing for an address that is proven already.

        TooMany beyond three at once and one each ten minutes.
        """
        user_id = viewer.require_oneself()
        user = await self._store.users.get(user_id)
        if user is None or user.is_verified:
            return
        self._mails.take(user_id)
        await self._send(user)

    async def verify(self, token: str) -> User:
        """The account that a link proves, as its owner sees it. Invalid (LINK_NOT_GOOD)."""
        link = await self._links.read(token, Purpose.VERIFY)
        return await self._prove(link)

    async def verify_code(self, viewer: Viewer, code: str) -> User:
        """The viewer's account, proven by the short code. Invalid (CODE_NOT_GOOD), also after five wrong ones."""
        return await self._prove(await self._links.by_code(viewer.require(Role.LISTENER), Purpose.VERIFY, code))

    async def _send(self, user: User) -> None:
        sent = await self._links.make(user.id, Purpose.VERIFY, user.email)
        await self._outbox.put(f"verify:{self._clock.new_id()}", user.email, self._letters.welcome(user, sent))

    async def _prove(self, link: MailedLink) -> User:
        await self._links.spend(link)
        # Of the very address: one that was changed meanwhile is not proven by this.
        proven = await self._store.users.update_and_get(
            {"_id": link.user_id, "email": link.address},
            {"$set": {"is_verified": True, "updated_at": self._clock.now()}},
        )
        if proven is None:
            raise Invalid("This link is about an address that is yours no more.", field="token", code="LINK_NOT_GOOD")
        self._bus.publish(UserChanged(proven.id))
        log.info("address proven", extra={"user_id": proven.id})
        return seen_by(Viewer(user_id=proven.id), proven)
