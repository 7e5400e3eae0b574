"""Log-ins that wait for a second factor: who proved themselves in one way, and is asked for a code.

Owns the challenges: random, kept as digests, good for five minutes, five tries and one session. Refuses to know codes
(`second_factors.py`) and sessions.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.clock import Clock
from services.errors import Unauthenticated
from services.factors.second_factors import Proof, SecondFactors
from storage.collections.store import Store
from storage.records import User
from storage.records.second_factor import SignInChallenge

log = logging.getLogger("tutti.accounts")

LIFETIME_S = 300
TRIES = 5
_TOKEN_BYTES = 32
_TOKEN_LIMIT = 100


class SecondFactorNeeded(Unauthenticated):
    """The first proof was right; `completeLogin` with this challenge and a code gives the session."""

    code = "SECOND_FACTOR_REQUIRED"

    def __init__(self, challenge: str) -> None:
        super().__init__("Enter the code of your authenticator, or a recovery code.")
        self.challenge = challenge

    @property
    def extensions(self) -> dict[str, Any]:
        """The challenge, and for how many seconds it is good."""
        return super().extensions | {"challenge": self.challenge, "expiresIn": LIFETIME_S}


@dataclass(frozen=True, slots=True)
class Completed:
    """A challenge that was met: whose, how the log-in began, and what the code was."""

    user: User
    proof: str
    code: Proof


class Challenges:
    """Begins and completes them."""

    def __init__(self, store: Store, clock: Clock, factors: SecondFactors) -> None:
        self._store = store
        self._clock = clock
        self._factors = factors

    async def require(self, user: User, *, proof: str) -> None:
        """Nothing for somebody without a second factor, by one store command; SecondFactorNeeded for the others."""
        if await self._factors.of(user.id) is None:
            return
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock.now()
        await self._store.sign_in_challenges.insert(
            SignInChallenge(
                id=_digest(token),
                user_id=user.id,
                proof=proof,
                password_mark=_mark(user),
                created_at=now,
                expires_at=now + timedelta(seconds=LIFETIME_S),
                tries_left=TRIES,
            )
        )
        raise SecondFactorNeeded(token)

    async def complete(self, challenge: str, code: str) -> Completed:
        """Whose log-in is complete by this code; the challenge is spent.

        Unauthenticated: CHALLENGE_INVALID when it is unknown, spent, over or out of tries (log in again), WRONG_CODE
        when only the code is wrong. TooMany as `SecondFactors.prove`.
        """
        if not challenge or len(challenge) > _TOKEN_LIMIT or not challenge.isascii():
            raise _not_good()
        # The try is paid for before anything is looked at.
        found = await self._store.sign_in_challenges.update_and_get(
            {"_id": _digest(challenge), "tries_left": {"$gt": 0}, "expires_at": {"$gt": self._clock.now()}},
            {"$inc": {"tries_left": -1}},
        )
        if found is None:
            raise _not_good()
        user = await self._store.users.get(found.user_id)
        if user is None or not hmac.compare_digest(found.password_mark, _mark(user)):
            raise _not_good()
        try:
            proof = await self._factors.prove(user.id, code)
        except Unauthenticated:
            log.info("a code was refused", extra={"user_id": user.id, "tries_left": found.tries_left})
            if found.tries_left == 0:
                raise _not_good() from None
            raise
        if not await self._store.sign_in_challenges.delete({"_id": found.id}):
            raise _not_good()
        return Completed(user, found.proof, proof)

    async def sweep(self) -> int:
        """Forget those that ran out; how many. A job's work."""
        return await self._store.sign_in_challenges.delete({"expires_at": {"$lte": self._clock.now()}}, many=True)


def _not_good() -> Unauthenticated:
    return Unauthenticated("Sign in again.", code="CHALLENGE_INVALID", field="challenge")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _mark(user: User) -> str:
    return hashlib.sha256(b"tutti challenge\0" + user.password_hash.encode()).hexdigest()
