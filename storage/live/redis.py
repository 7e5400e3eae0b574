"""Live state of a house with several processes: Redis, where each change is one script and so one step for all.

Owns the layout: a cell is a hash of revision and value that expires; a group is a sorted set of members by when their
lease ends, by Redis's own clock, and a hash of their values. Refuses to wait for a Redis that is away.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from storage.live.interface import Cell, LiveStateAway

_SWAP = """
local rev = tonumber(redis.call('HGET', KEYS[1], 'rev') or '0')
if rev ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'rev', rev + 1, 'value', ARGV[2])
if ARGV[3] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
"""

# Leases that are over leave first; both keys live as long as the longest lease.
_TIDY = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
"""

_HOLD = (
    _TIDY
    + """
local fresh = redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[1], math.ceil(last))
redis.call('PEXPIREAT', KEYS[2], math.ceil(last))
return fresh
"""
)

_LEAVE = (
    _TIDY
    + """
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
"""
)

_HELD = (
    _TIDY
    + """
return redis.call('HGETALL', KEYS[2])
"""
)


class RedisLiveState:
    """Keeps `LiveState` in the Redis at `url`, under keys that begin with `prefix`. Each call waits `patience_s` at
    most."""

    def __init__(self, url: str, *, prefix: str = "tutti:live", patience_s: float = 2.0) -> None:
        self._url = url
        self._prefix = prefix
        self._patience_s = patience_s
        self._client: Redis | None = None

    async def start(self) -> None:
        """Ready to connect; does so with the first call."""
        if self._client is None:
            self._client = Redis.from_url(
                self._url,
                retry=Retry(NoBackoff(), 0),
                socket_connect_timeout=self._patience_s,
                socket_timeout=self._patience_s,
                max_connections=1024,
            )

    async def stop(self) -> None:
        """Let go; safe at any time."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await client.aclose()

    async def get(self, key: str) -> Cell | None:
        """The cell, None when it was never written or has ended."""
        async with self._redis() as redis:
            rev, value = await redis.hmget(self._cell(key), ["rev", "value"])
        return None if rev is None or value is None else Cell(int(rev), bytes(value))

    async def swap(self, key: str, rev: int, value: bytes, *, ttl_s: float | None = None) -> bool:
        """Write the cell if its `rev` is still this one (0: not there); whether it was."""
        ends = b"" if ttl_s is None else _ms(ttl_s)
        async with self._redis() as redis:
            return bool(await redis.eval(_SWAP, 1, self._cell(key), rev, value, ends))

    async def drop(self, key: str) -> None:
        """Forget the cell."""
        async with self._redis() as redis:
            await redis.delete(self._cell(key))

    async def hold(self, group: str, member: str, value: bytes, *, ttl_s: float) -> bool:
        """Be in a group for the next `ttl_s`; whether it is new."""
        async with self._redis() as redis:
            return bool(await redis.eval(_HOLD, 2, *self._group(group), member, value, _ms(ttl_s)))

    async def leave(self, group: str, member: str) -> bool:
        """Be in a group no more; whether one was."""
        async with self._redis() as redis:
            return bool(await redis.eval(_LEAVE, 2, *self._group(group), member))

    async def held(self, group: str) -> Mapping[str, bytes]:
        """Who is in a group now, with their values."""
        async with self._redis() as redis:
            found = await redis.eval(_HELD, 2, *self._group(group))
        return {bytes(member).decode(): bytes(value) for member, value in zip(found[::2], found[1::2], strict=True)}

    @asynccontextmanager
    async def _redis(self) -> AsyncIterator[Any]:
        if self._client is None:
            raise LiveStateAway("not started")
        try:
            yield self._client
        except (RedisError, OSError, TimeoutError) as trouble:
            raise LiveStateAway(f"{type(trouble).__name__}: {trouble}") from trouble

    def _cell(self, key: str) -> str:
        return f"{self._prefix}:cell:{key}"

    def _group(self, group: str) -> tuple[str, str]:
        # In braces, so that a cluster keeps both on one node.
        return f"{self._prefix}:ends:{{{group}}}", f"{self._prefix}:values:{{{group}}}"


def _ms(seconds: float) -> bytes:
    return str(max(1, round(seconds * 1000))).encode()
