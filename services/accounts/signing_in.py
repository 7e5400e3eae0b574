"""Signing in and out: from a proof of who somebody is to a session, by whichever way they proved it.

Owns the order of a log-in and the one place where a session begins. Hashing, sessions and throttling are its
neighbours' work. Logging in has one refusal for absent, wrong and suspended, at one price.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.accounts.gate import Gate
from services.accounts.logins import Logins
from services.accounts.passwords import Passwords
from services.accounts.people_access import seen_by
from services.accounts.sessions import Issued, Sessions
from services.clock import Clock
from services.errors import Denied, TooMany, Unauthenticated
from services.events import Bus
from services.factors.challenges import Challenges
from services.factors.second_factors import Proof
from services.keys.key_ring import KeyRing
from services.security_events import SecurityMattered, SecurityStep
from services.sign_ins.known_places import KnownPlaces
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User

log = logging.getLogger("tutti.accounts")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a person gets for proving who they are: themselves, an access token and the refresh token to renew it.

    By `device_token` the device is known at its next log-in; None where this was no log-in.
    """

    user: User
    token: str
    refresh_token: str
    device_token: str | None = None

    def __repr__(self) -> str:
        # Tokens never reach a log through this.
        return f"SignedIn(user_id={self.user.id!r})"


class AccountLeaving(Denied):
    """The password is right and the account is about to be erased; `keepAccount` with `keepToken` keeps it."""

    code = "ACCOUNT_LEAVING"

    def __init__(self, erase_at: datetime, keep_token: str) -> None:
        super().__init__("This account is about to be deleted. You may keep it.")
        self._erase_at = erase_at
        self._keep_token = keep_token

    @property
    def extensions(self) -> dict[str, Any]:
        """When all is erased, and what keeps it."""
        return super().extensions | {"eraseAt": self._erase_at.isoformat(), "keepToken": self._keep_token}


class SigningIn:
    """Opens and closes sessions for the people of this house."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        passwords: Passwords,
        sessions: Sessions,
        gate: Gate,
        logins: Logins,
        challenges: Challenges,
        places: KnownPlaces,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._passwords = passwords
        self.way_back: Callable[[User], Awaitable[str]] | None = None
        self._sessions = sessions
        self._gate = gate
        self._logins = logins
        self._challenges = challenges
        self._places = places
        self._keys = KeyRing(store, clock)

    async def log_in(
        self,
        viewer: Viewer,
        *,
        email: str,
        password: str,
        device_token: str = "",
        user_agent: str = "",
        address: str = "",
    ) -> SignedIn:
        """Sign in by e-mail or username. Unauthenticated (WRONG_CREDENTIALS) in one wording, whatever was wrong.

        An app password in the password's place gives a session with no more than its scopes, and no second factor.
        TooMany when this account was tried too often from this address, this address tried too often, or the account
        was tried too fast from anywhere and nobody came to it from this place before; SecondFactorNeeded as `admit`.
        """
        login = email.strip(" ")
        give_back = await self._gate.enter(login, address)
        user = await self._logins.find(login)
        user_id = None if user is None else user.id
        speed_up = await self._gate.slow(user_id, login, self._known_at(user_id, device_token, address))
        try:
            # For nobody, the same work: the time it takes tells nothing.
            right = await self._passwords.verify(user.password_hash if user else None, password)
        except TooMany:
            await give_back()
            await speed_up()
            raise
        # What this costs depends on what was typed alone.
        key = None if right else await self._keys.by_app_password(user_id, password)
        if user is not None and right and user.erase_at is not None and self.way_back is not None:
            await give_back()
            await speed_up()
            raise AccountLeaving(user.erase_at, await self.way_back(user))
        if user is None or not (right or key) or not self._sessions.admits(user):
            log.info("log-in refused", extra={"address": address[:64]})
            raise Unauthenticated("These credentials are not right.", code="WRONG_CREDENTIALS")
        await speed_up()
        if key is not None:
            await give_back()
            await self._keys.note_use(key)
            issued = await self._sessions.start(user, user_agent=user_agent, address=address, key=key)
            log.info("signed in by an app password", extra={"user_id": user.id, "session_id": issued.session_id})
            return _signed_in(issued)
        await self._renew_hash(user, password)
        signed_in = await self.admit(user, user_agent=user_agent, address=address, device_token=device_token)
        # Not for one that only led to a challenge: who knows a password makes no more of those than others make tries.
        await give_back()
        return signed_in

    async def admit(
        self,
        user: User,
        *,
        user_agent: str = "",
        address: str = "",
        proof: str = "password",
        device_token: str = "",
    ) -> SignedIn:
        """A session for somebody who has just proved who they are and may be signed in; every way in ends here.

        SecondFactorNeeded for whoever has a second factor: `complete` goes on. `proof` says how they proved it.
        """
        await self._challenges.require(user, proof=proof)
        return await self._open(user, user_agent, address, device_token)

    async def complete(
        self, challenge: str, code: str, *, device_token: str = "", user_agent: str = "", address: str = ""
    ) -> SignedIn:
        """The session that waited for a second factor. Unauthenticated (CHALLENGE_INVALID, WRONG_CODE) and TooMany as
        `Challenges.complete`, TooMany when this address tried too often."""
        give_back = self._gate.try_code(address)
        completed = await self._challenges.complete(challenge, code)
        if not self._sessions.admits(completed.user):
            raise Unauthenticated("Sign in again.", code="CHALLENGE_INVALID", field="challenge")
        give_back()
        also = SecurityStep.RECOVERY_USED if completed.code is Proof.RECOVERY else None
        return await self._open(completed.user, user_agent, address, device_token, also)

    async def _open(
        self, user: User, user_agent: str, address: str, device_token: str, also: SecurityStep | None = None
    ) -> SignedIn:
        issued = await self._sessions.start(user, user_agent=user_agent, address=address)
        log.info("signed in", extra={"user_id": user.id, "session_id": issued.session_id})
        arrival = await self._places.arrive(user.id, device_token=device_token, user_agent=user_agent, address=address)
        for step in (also, SecurityStep.SIGNED_IN_ANEW if arrival.is_new else None):
            if step is not None:
                self._bus.publish(SecurityMattered(user.id, step, self._clock.now(), issued.session_id))
        return replace(_signed_in(issued), device_token=arrival.device_token)

    def _known_at(self, user_id: str | None, device_token: str, address: str) -> Callable[[], Awaitable[bool]]:
        return lambda: self._places.knows(user_id, device_token=device_token, address=address)

    async def refresh(self, refresh_token: str, *, user_agent: str = "", address: str = "") -> SignedIn:
        """A fresh pair of tokens for the newest refresh token; see `Sessions.refresh` for what a spent one does."""
        return _signed_in(await self._sessions.refresh(refresh_token, user_agent=user_agent, address=address))

    async def log_out(self, viewer: Viewer) -> None:
        """End this session: its access tokens are refused from now on, not only when they expire."""
        await self._sessions.end(viewer)

    async def log_out_everywhere(self, viewer: Viewer) -> int:
        """End every session of the viewer, this one too; how many there were."""
        return await self._sessions.end_all(viewer.require(Role.LISTENER))

    async def _renew_hash(self, user: User, password: str) -> None:
        if not self._passwords.needs_rehash(user.password_hash):
            return
        try:
            renewed = await self._passwords.hash(password)
        except TooMany:
            return  # The old one still serves; the next log-in tries again.
        await self._store.users.replace_hash(user.id, user.password_hash, renewed, self._clock.now())


def _signed_in(issued: Issued) -> SignedIn:
    owner = Viewer(user_id=issued.user.id, session_id=issued.session_id)
    return SignedIn(seen_by(owner, issued.user), issued.token, issued.refresh_token)
