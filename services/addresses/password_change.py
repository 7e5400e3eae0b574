"""A new password: chosen by somebody signed in, or by somebody who lost theirs and shows a mailed link.

Owns the order of writing: the hash first, then the end of sessions, then the mail. Whether an account exists is told by
no answer and no wait: a request for a mail is answered before anybody looks.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging

from services.accounts.accounts import Accounts
from services.accounts.details import fold
from services.accounts.gate import network_of
from services.accounts.logins import Logins
from services.accounts.tokens import token_invalid
from services.addresses.letters import Letters
from services.addresses.links import MailedLinks, Purpose
from services.clock import Clock
from services.errors import TooMany, Unavailable
from services.events import Bus, UserChanged
from services.mail.outbox import Outbox
from services.throttle import TokenBuckets
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import User

log = logging.getLogger("tutti.accounts")

REQUESTS, SECONDS_PER_REQUEST = 3, 900.0
"""Mails for one login, whether or not there is such an account."""
ADDRESS_REQUESTS, SECONDS_PER_ADDRESS_REQUEST = 20, 60.0
WAITING = 1_000
_STOP_S = 5.0


class PasswordChange:
    """Between `start` and `stop` requests are worked through; `settled` waits for those so far."""

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
        self._logins = Logins(store)
        self._requests = TokenBuckets(clock, capacity=REQUESTS, seconds_per_token=SECONDS_PER_REQUEST)
        self._addresses = TokenBuckets(clock, capacity=ADDRESS_REQUESTS, seconds_per_token=SECONDS_PER_ADDRESS_REQUEST)
        self._queue: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work through requests."""
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="password recovery")

    async def stop(self) -> None:
        """Work through what waits for at most five seconds, and end. Safe in any state."""
        task, self._task = self._task, None
        if task is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._queue.join(), _STOP_S)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def settled(self) -> None:
        """Return once every request so far has been worked through."""
        await self._queue.join()

    def request(self, login: str, *, address: str = "") -> None:
        """Have a link mailed to the account of this e-mail or username, if there is one. TooMany, for each login and
        address whether or not there is."""
        typed = login.strip(" ")
        self._addresses.take(network_of(address))
        self._requests.take(hashlib.sha256(fold(typed[:512]).encode(errors="surrogatepass")).digest())
        try:
            self._queue.put_nowait(typed)
        except asyncio.QueueFull:
            raise TooMany("Too many people ask for a new password; try again.", retry_after=5.0) from None

    async def reset(self, token: str, new_password: str) -> None:
        """Give the account of a mailed link this password: every session and key of it ends, its second
        factor stays.

        Invalid: LINK_NOT_GOOD, or the password's; a link is not spent by a password that is refused.
        """
        link = await self._links.read(token, Purpose.RESET)
        user = await self._store.users.get(link.user_id)
        if user is None or not self._accounts.sessions.admits(user) or user.email != link.address:
            await self._links.spend(link)
            raise token_invalid()
        made = await self._accounts.new_password_hash(user, new_password, field="newPassword")
        await self._links.spend(link)
        # Who reads the address's mail has proven it.
        await self._write(user, made, {"is_verified": True})
        await self._accounts.my_sessions.end_everything(user.id, reason="password_reset")
        log.info("password reset", extra={"user_id": user.id})

    async def change(self, viewer: Viewer, password: str | None, new_password: str) -> int:
        """Give the viewer's own account this password: their other sessions end; how many.

        Refused as by `Reproof.require`; Invalid for the password's faults. An account without one gets its first.
        """
        await self._accounts.reproof.require(viewer, password=password)
        user = await self._store.users.get(viewer.require_oneself())
        if user is None:
            raise token_invalid()
        await self._write(user, await self._accounts.new_password_hash(user, new_password, field="newPassword"), {})
        ended = await self._accounts.sessions.end_all(user.id, but=viewer.session_id, reason="password_changed")
        log.info("password changed", extra={"user_id": user.id})
        return ended

    async def _write(self, user: User, password_hash: str, more: dict[str, object]) -> None:
        now = self._clock.now()
        change = {"$set": {"password_hash": password_hash, "updated_at": now, **more}}
        # Of the very password that was proven: of two changes at once the second is refused.
        same = {"_id": user.id, "password_hash": user.password_hash}
        if not (await self._store.users.update(same, change)).matched:
            raise token_invalid()
        await self._links.withdraw(user.id, Purpose.RESET)
        self._bus.publish(UserChanged(user.id))
        words = self._letters.password_changed(user)
        await self._outbox.put(f"password:{self._clock.new_id()}", user.email, words)

    async def _work(self) -> None:
        while True:
            login = await self._queue.get()
            try:
                await self._mail(login)
            except Unavailable:
                log.warning("a recovery mail was not made, the store is away")
            except Exception:
                # One request's bug is not the others'.
                log.exception("a recovery mail could not be made")
            finally:
                self._queue.task_done()

    async def _mail(self, login: str) -> None:
        user = await self._logins.find(login)
        if user is None or user.is_demo or not self._accounts.sessions.admits(user):
            return
        sent = await self._links.make(user.id, Purpose.RESET, user.email)
        await self._outbox.put(f"reset:{self._clock.new_id()}", user.email, self._letters.recovery(user, sent))
