"""A real server that is killed with requests under way and started again, and the people who use it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tornado.httpclient import AsyncHTTPClient

from server.composition import Household, open_household
from server.config import load_settings
from services.clock import Clock
from tests.faults.killing.ledger import Ledger
from tests.faults.killing.line import Line
from tests.server.client import PASSWORD, Client
from tests.server.conftest import Process
from tests.stream.stage import until

SETTINGS = {
    "TUTTI_GRAPHQL_RATE_PER_SECOND": "0",
    "TUTTI_REALTIME_PLAYER_RATE_PER_SECOND": "0",
    "TUTTI_REALTIME_MAX_MESSAGES_PER_SECOND": "10000",
    "TUTTI_ACCOUNTS_ACCESS_TOKEN_SECONDS": "86400",
    "TUTTI_UPLOADS_MAX_OPEN": "10000",
    "TUTTI_SERVER_LOG_FORMAT": "json",
}
EARLY = 8
"""One kill in so many comes while the server is starting."""


@dataclass
class KilledHouse:
    """The server, what its clients know of it, whether it is `up`, how often an upload was `busy`."""

    process: Process
    random: Random
    ledger: Ledger = field(default_factory=Ledger)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    http: AsyncHTTPClient = field(default_factory=lambda: AsyncHTTPClient(force_instance=True, max_clients=100))
    kills: int = 0
    busy: int = 0
    starts_s: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Where it listens now; another port after each start."""
        return self.process.base

    @property
    def log(self) -> Path:
        """Everything the servers wrote."""
        return self.process.data.parent / "server.log"

    def complain(self, what: str) -> None:
        """Something a client should never have met."""
        self.complaints.append(what)

    async def start(self) -> None:
        """Serve; sometimes a start is killed too, and made again."""
        if self.kills and self.random.randrange(EARLY) == 0:
            await self._start_in_vain()
        began = time.monotonic()
        await asyncio.to_thread(self.process.start)
        answer = await Client(self.base).fetch("/readyz")
        if answer.code != 200:
            self.complain(f"not ready when it says where it is: {answer.body!r}")
        self.starts_s.append(time.monotonic() - began)
        self.up.set()

    async def _start_in_vain(self) -> None:
        starting = asyncio.create_task(asyncio.to_thread(self.process.start), name="a start in vain")
        await until(lambda: self.process.child is not None)
        await asyncio.sleep(self.random.uniform(0, 0.4))
        self.process.child.send_signal(signal.SIGKILL)
        with contextlib.suppress(AssertionError):
            await starting
        await self.kill()

    async def kill(self) -> None:
        """At once and for good."""
        self.up.clear()
        child, self.process.child = self.process.child, None
        child.send_signal(signal.SIGKILL)
        await asyncio.to_thread(child.wait)
        child.stdout.close()
        self.kills += 1

    async def stop(self) -> int:
        """As an administrator would; the exit code."""
        self.up.clear()
        return await asyncio.to_thread(self.process.stop)

    async def person(self, name: str) -> Line:
        """Somebody with an account."""
        client = Client(self.base)
        await client.register(name)
        assert client.user_id is not None and client.token is not None
        return Line(self, client.user_id, client.token)

    async def admin(self) -> Line:
        """Whoever may send songs in for everybody. Their account is made at the first call, before the start."""
        client = Client(self.base)
        await client.log_in("admin")
        assert client.user_id is not None and client.token is not None
        return Line(self, client.user_id, client.token)

    def make_admin(self) -> None:
        """The administrator, made at the command line."""
        words = ["create-admin", "--email", "admin@example.com", "--username", "admin", "--password-stdin"]
        done = self.process.command(*words, stdin=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr

    def errors_logged(self) -> list[str]:
        """Lines of the log at ERROR and above, and what is no line of a log at all."""
        found = []
        for line in self.log.read_text(encoding="utf-8").splitlines():
            try:
                level = json.loads(line).get("level", "?")
            except ValueError:
                level = "?"
            if level.upper() not in ("DEBUG", "INFO", "WARNING"):
                found.append(line)
        return found

    @contextlib.asynccontextmanager
    async def opened(self, clock: Clock | None = None) -> AsyncIterator[Household]:
        """The house without its doors, while no server runs: for those who look into its books."""
        async with open_household(load_settings(None, self.process.environ), clock) as household:
            yield household
