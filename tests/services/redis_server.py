"""A Redis of the test's own: a random loopback port, nothing persisted, stopped by its pid."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.services.loopback_server import LoopbackServer, free_port


class RedisServer(LoopbackServer):
    """`start`, `kill` and `start` again on the same port."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("redis-server is not installed")
        super().__init__("Redis", folder)
        self._program = program
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Return once it answers."""
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._run([self._program, *words])
        async with asyncio.timeout(10):
            while not await self._answers():  # noqa: ASYNC110 - it cannot call us
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            async with Redis.from_url(self.url) as client:
                return bool(await client.ping())
        except (RedisError, OSError):
            return False
