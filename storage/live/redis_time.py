"""The time of the Redis that the processes of a house share.

Owns one connection, made when first asked. Refuses to know what the time is for.
"""

from __future__ import annotations

import contextlib

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from storage.live.interface import LiveStateAway


class RedisTime:
    """Call `now_ms`, at last `stop`. A question waits `patience_s` at most."""

    def __init__(self, url: str, *, patience_s: float = 1.0) -> None:
        self._client = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            single_connection_client=True,
            socket_connect_timeout=patience_s,
            socket_timeout=patience_s,
        )

    async def now_ms(self) -> float:
        """Epoch milliseconds by the server's wall clock, to the microsecond. LiveStateAway when it does not answer."""
        try:
            seconds, microseconds = await self._client.time()
        except (RedisError, OSError, TimeoutError) as trouble:
            raise LiveStateAway(str(trouble)) from trouble
        return seconds * 1000 + microseconds / 1000

    async def stop(self) -> None:
        """Close the connection; safe at any time."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await self._client.aclose()
