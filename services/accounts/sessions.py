"""Sign-in sessions: each is a family of refresh tokens of which only the newest is good.

Owns starting, rotating, ending and sweeping them, and the one rule who may be signed in at all. Refuses to know
passwords. A refresh token is kept as a hash of its id, never itself; an ending is told on the bus after it is written.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta

from services.accounts.details import read_device
from services.accounts.tokens import Tokens, token_invalid
from services.clock import Clock
from services.events import Bus, SessionEnded
from services.security_events import SecurityMattered, SecurityStep
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Session, User
from storage.records.access_key import AccessKey

log = logging.getLogger("tutti.accounts")

USER_AGENT_LIMIT = 300
ADDRESS_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Issued:
    """A session's fresh pair of tokens, and whose they are."""

    user: User
    session_id: str
    token: str
    refresh_token: str

    def __repr__(self) -> str:
        # Tokens never reach a log through this.
        return f"Issued(session_id={self.session_id!r})"


class Sessions:
    """Starts, rotates and ends sessions. At most `limit_per_user` stay open for a user: the oldest make room."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        tokens: Tokens,
        *,
        production: bool = False,
        proof_wanted: bool = False,
        limit_per_user: int = 50,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._tokens = tokens
        self.production = production
        self._proof_wanted = proof_wanted
        self._limit_per_user = limit_per_user

    def admits(self, user: User | None) -> bool:
        """Whether this account may be signed in: it exists, is not suspended, is not about to be erased, and is no demo
        account in production."""
        if user is None or user.is_suspended or user.erase_at is not None:
            return False
        return not (user.is_demo and self.production)

    def is_proven(self, user: User) -> bool:
        """Whether this account may do what others see: its address is proven, or the house does not ask for that."""
        return user.is_verified or not self._proof_wanted

    async def start(
        self, user: User, *, user_agent: str = "", address: str = "", key: AccessKey | None = None
    ) -> Issued:
        """Open a session for somebody who has just proved who they are, or for a player that knew their app password
        (`key`): then it may do no more than that."""
        now = self._clock.now()
        session_id = self._clock.new_id()
        refresh_token, token_id = self._tokens.sign_refresh(user.id, session_id)
        session = Session(
            id=session_id,
            user_id=user.id,
            token_hash=hash_of(token_id),
            created_at=now,
            refreshed_at=now,
            expires_at=now + timedelta(seconds=self._tokens.refresh_seconds),
            user_agent=read_device(user_agent, USER_AGENT_LIMIT),
            address=read_device(address, ADDRESS_LIMIT),
            scopes=None if key is None else key.scopes,
            key_id=None if key is None else key.id,
        )
        await self._store.sessions.insert(session)
        for surplus in await self._store.sessions.open_of(user.id, skip=self._limit_per_user):
            await self._end(surplus.id, user.id, "made_room")
        return Issued(user, session_id, self._tokens.sign_access(user.id, session_id), refresh_token)

    async def refresh(self, refresh_token: str, *, user_agent: str = "", address: str = "") -> Issued:
        """A fresh pair for the newest refresh token, which is spent by this.

        Unauthenticated for every other token; one that was spent before ends the whole session, since either its
        owner or a thief is showing it for the second time and nobody can say which.
        """
        claims = self._tokens.read_refresh(refresh_token)
        now = self._clock.now()
        next_token, next_id = self._tokens.sign_refresh(claims.user_id, claims.session_id)
        session = await self._store.sessions.rotate(
            claims.session_id,
            claims.user_id,
            old_hash=hash_of(claims.token_id),
            new_hash=hash_of(next_id),
            at=now,
            expires_at=now + timedelta(seconds=self._tokens.refresh_seconds),
            user_agent=read_device(user_agent, USER_AGENT_LIMIT),
            address=read_device(address, ADDRESS_LIMIT),
        )
        if session is None:
            if await self._end(claims.session_id, claims.user_id, "replayed"):
                log.warning(
                    "a spent refresh token was shown again; its session is ended",
                    extra={"user_id": claims.user_id, "session_id": claims.session_id},
                )
                replayed = SecurityMattered(claims.user_id, SecurityStep.TOKEN_REPLAYED, now, claims.session_id)
                self._bus.publish(replayed)
            raise token_invalid()
        # Read after the rotation: a suspension written before it cannot be missed.
        user = await self._store.users.get(claims.user_id)
        if user is None or not self.admits(user):
            await self._end(claims.session_id, claims.user_id, "not_admitted")
            raise token_invalid()
        return Issued(user, session.id, self._tokens.sign_access(user.id, session.id), next_token)

    async def end(self, viewer: Viewer) -> None:
        """Log out: the viewer's own session is over. Repeating it changes nothing."""
        user_id = viewer.require(Role.LISTENER)
        if viewer.session_id is not None:
            await self._end(viewer.session_id, user_id, "logged_out")

    async def end_one(self, user_id: str, session_id: str) -> bool:
        """End one open session of a user; False when they have none with that id. The caller has checked who asks."""
        return await self._end(session_id, user_id, "revoked")

    async def end_all(self, user_id: str, *, reason: str = "logged_out", but: str | None = None) -> int:
        """End every open session of a user (log out everywhere, suspension, a changed password), `but` one; how many
        there were.

        Answers no viewer's request: the caller has checked who asks.
        """
        ended = 0
        while found := [each for each in await self._store.sessions.open_of(user_id) if each.id != but]:
            ended += sum([await self._end(session.id, user_id, reason) for session in found])
        return ended

    async def sweep(self) -> int:
        """Remove sessions whose refresh token has run out, ended or not; how many. A periodic job, safe to repeat.

        Nobody need be told: an access token is gone long before its session's week is over.
        """
        return await self._store.sessions.drop_expired(self._clock.now())

    async def _end(self, session_id: str, user_id: str, reason: str) -> bool:
        ended = await self._store.sessions.end(session_id, user_id, at=self._clock.now(), reason=reason)
        if ended:
            self._bus.publish(SessionEnded(user_id, session_id))
        return ended


def hash_of(token_id: str) -> str:
    """What is stored of a refresh token. Its id is 256 random bits, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token_id.encode()).hexdigest()
