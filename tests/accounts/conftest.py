"""A house with accounts alone: the real store, a clock that is turned by hand, cheap but real argon2."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.accounts.accounts import Accounts
from services.accounts.gate import Gate, GateLimits
from services.accounts.sessions import Sessions
from services.accounts.tokens import Tokens
from services.clock import SetClock
from services.events import Bus, SessionEnded
from storage.collections.store import Store
from tests.accounts.account_rig import SECRET, CountingPasswords, Rig
from tests.template_store import open_empty_store


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def passwords() -> Iterator[CountingPasswords]:
    made = CountingPasswords()
    yield made
    made.stop()


@pytest.fixture
def build(store: Store, clock: SetClock, passwords: CountingPasswords):
    """Make a house over the test's store; several share one store as several processes would."""

    def make(
        *,
        production: bool = False,
        registration_open: bool = True,
        limit_per_user: int = 50,
        limits: GateLimits | None = None,
    ) -> Rig:
        bus = Bus()
        tokens = Tokens([SECRET], clock)
        sessions = Sessions(store, clock, bus, tokens, production=production, limit_per_user=limit_per_user)
        accounts = Accounts(
            store,
            clock,
            bus,
            passwords,
            tokens,
            sessions,
            registration_open=registration_open,
            gate=Gate(clock, limits),
        )
        rig = Rig(store, clock, bus, passwords, tokens, sessions, accounts)
        bus.hear(SessionEnded, rig.note)
        return rig

    return make


@pytest.fixture
def rig(build) -> Rig:
    return build()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    engine = await open_empty_store(tmp_path / "accounts.db")
    yield Store(engine)
    await engine.stop()


@pytest.fixture
def every_line() -> Iterator[list[str]]:
    """All that is logged at any level, with whatever rides in `extra`."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(repr(record.__dict__) + record.getMessage())

    root = logging.getLogger()
    keeper, level = Keep(logging.DEBUG), root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(keeper)
    root.setLevel(level)
