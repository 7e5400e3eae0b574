"""What the account tests are handed: the parts of a small house, and shortcuts to the steps they all take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.accounts.accounts import Accounts, SignedIn
from services.accounts.passwords import Passwords
from services.accounts.sessions import Sessions
from services.accounts.tokens import Tokens
from services.clock import SetClock
from services.events import Bus, Event, SessionEnded
from services.viewer import NOBODY
from storage.collections.store import Store

SECRET = "a secret for tests that is long enough, 0001"
PASSWORD = "SecurePass123!"


class CountingPasswords(Passwords):
    """The real thing at the least cost argon2 takes, counting what it is asked."""

    def __init__(self, *, time_cost: int = 1, waiting_limit: int = 64) -> None:
        super().__init__(time_cost=time_cost, memory_kib=8, waiting_limit=waiting_limit)
        self.hashed = 0
        self.verified = 0

    async def hash(self, password: str) -> str:
        self.hashed += 1
        return await super().hash(password)

    async def verify(self, hash: str | None, password: str) -> bool:
        self.verified += 1
        return await super().verify(hash, password)


@dataclass
class Rig:
    """The parts of one test's house and shortcuts to common steps."""

    store: Store
    clock: SetClock
    bus: Bus
    passwords: CountingPasswords
    tokens: Tokens
    sessions: Sessions
    accounts: Accounts
    ended: list[SessionEnded] = field(default_factory=list)

    async def register(self, name: str = "musiclover", **more: Any) -> SignedIn:
        details = {"email": f"{name}@example.com", "username": name, "password": PASSWORD} | more
        return await self.accounts.register(NOBODY, **details)

    async def log_in(self, name: str = "musiclover", **more: Any) -> SignedIn:
        return await self.accounts.signing_in.log_in(
            NOBODY, **({"email": f"{name}@example.com", "password": PASSWORD, "address": "192.0.2.1"} | more)
        )

    async def suspend(self, user_id: str) -> None:
        await self.store.users.update({"_id": user_id}, {"$set": {"is_suspended": True}})

    def note(self, event: Event) -> None:
        assert isinstance(event, SessionEnded)
        self.ended.append(event)
