"""The broker of a house with several processes: Redis pub/sub, carrying ids only.

Owns its two connections and their outages: while Redis is away notes still reach this process, the newest ones for
the others wait in a bounded outbox, and one line says that it is gone, one that it is back. Refuses to know topics.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from realtime.broker import Listener, Listeners
from services.clock import Clock

log = logging.getLogger("tutti.realtime")

_TROUBLE = (RedisError, OSError, TimeoutError)


def _report_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("redis broker stopped by a bug", exc_info=task.exception())


class RedisBroker:
    """Keeps the `Broker` protocol through the Redis at `url`; processes that share `channel` hear one another.

    `outbox_limit` notes wait through an outage (the oldest are dropped, and counted when it ends); a connection that is
    silent for three `pulse_s` is taken for dead; retries wait 50 ms doubling to `longest_wait_s`, each halved at most
    by chance so that processes do not return in step.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        channel: str = "tutti:notes",
        outbox_limit: int = 1000,
        pulse_s: float = 5.0,
        longest_wait_s: float = 5.0,
    ) -> None:
        self._url = url
        self._channel = channel
        self._origin = clock.new_id()
        self._pulse_channel = f"{channel}:pulse:{self._origin}"
        self._outbox_limit = outbox_limit
        self._pulse_s = pulse_s
        self._longest_wait_s = longest_wait_s
        self._listeners = Listeners()
        self._looks: list[Callable[[], None]] = []
        self._outbox: deque[bytes] = deque()
        self._dropped = 0
        self._something_to_send = asyncio.Event()
        self._connected = asyncio.Event()
        self._away = asyncio.Event()
        self._away.set()
        self._known_gone = False
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether other processes hear us now."""
        return self._connected.is_set()

    async def wait_connected(self) -> None:
        """Return once Redis is reachable and subscribed to."""
        await self._connected.wait()

    async def wait_away(self) -> None:
        """Return once Redis is known to be away."""
        await self._away.wait()

    def publish(self, topic: str, payload: dict[str, Any]) -> None:
        """Tell everybody here now, and the other processes as soon as Redis takes it."""
        if len(self._outbox) >= self._outbox_limit:
            self._outbox.popleft()
            self._dropped += 1
        self._outbox.append(orjson.dumps({"from": self._origin, "topic": topic, "ids": payload}))
        self._something_to_send.set()
        self._listeners.tell(topic, payload)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every topic; the returned function stops that."""
        return self._listeners.add(listener)

    def on_return(self, look: Callable[[], None]) -> Callable[[], None]:
        """Call `look` whenever Redis is back after an outage; the returned function stops that."""
        self._looks.append(look)
        return lambda: self._looks.remove(look)

    async def start(self) -> None:
        """Begin to connect; returns at once, with Redis away too."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep_connected(), name="redis broker")
            self._task.add_done_callback(_report_bug)

    async def stop(self) -> None:
        """Disconnect; what was not sent is dropped."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep_connected(self) -> None:
        failures = 0
        while True:
            try:
                await self._exchange()
            except _TROUBLE as trouble:
                # A connection that had worked starts the count anew.
                failures = 1 if self.connected else failures + 1
                self._gone(trouble)
            finally:
                self._connected.clear()
                self._away.set()
            wait_s = min(self._longest_wait_s, 0.05 * 2 ** min(failures - 1, 16))
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))

    async def _exchange(self) -> None:
        """Send and hear until something breaks."""
        client = Redis.from_url(
            self._url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=self._pulse_s,
            socket_timeout=3 * self._pulse_s,
        )
        pubsub = client.pubsub()
        try:
            await pubsub.subscribe(self._channel, self._pulse_channel)
            for _ in range(2):
                await self._next_note(pubsub)
            self._back()
            halves = [
                asyncio.create_task(self._hear(pubsub), name="redis broker hears"),
                asyncio.create_task(self._tell(client), name="redis broker tells"),
            ]
            try:
                await asyncio.wait(halves, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                for half in halves:
                    half.cancel()
                outcomes = await asyncio.gather(*halves, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, Exception):
                    raise outcome
        finally:
            with contextlib.suppress(*_TROUBLE):
                await pubsub.aclose()  # type: ignore[no-untyped-call]
            with contextlib.suppress(*_TROUBLE):
                await client.aclose()

    async def _next_note(self, pubsub: PubSub) -> dict[str, Any]:
        note = await pubsub.get_message(timeout=3 * self._pulse_s)
        if note is None:
            raise TimeoutError("Redis is silent")
        return dict(note)

    async def _hear(self, pubsub: PubSub) -> None:
        own_channel = self._channel.encode()
        while True:
            note = await self._next_note(pubsub)
            if note["type"] != "message" or note["channel"] != own_channel:
                continue
            try:
                told = orjson.loads(note["data"])
                origin, topic, ids = told["from"], told["topic"], told["ids"]
            except (orjson.JSONDecodeError, KeyError, TypeError):
                log.warning("foreign note on the broker's channel", extra={"channel": self._channel})
                continue
            if origin != self._origin:
                self._listeners.tell(topic, ids)

    async def _tell(self, client: Redis) -> None:
        while True:
            while self._outbox:
                note = self._outbox[0]
                await client.publish(self._channel, note)
                # The box may have dropped this very note for a newer one while we waited.
                if self._outbox and self._outbox[0] is note:
                    self._outbox.popleft()
            self._something_to_send.clear()
            try:
                async with asyncio.timeout(self._pulse_s):
                    await self._something_to_send.wait()
            except TimeoutError:
                await client.publish(self._pulse_channel, b"")

    def _gone(self, trouble: BaseException) -> None:
        if not self._known_gone:
            self._known_gone = True
            log.warning("redis is away", extra={"error": f"{type(trouble).__name__}: {trouble}"})

    def _back(self) -> None:
        self._away.clear()
        self._connected.set()
        if self._known_gone:
            self._known_gone = False
            log.info("redis is back", extra={"waiting": len(self._outbox), "dropped": self._dropped})
            self._dropped = 0
            for look in list(self._looks):
                look()
