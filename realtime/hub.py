"""Who listens to what in this process: topics, and for each listener a bounded queue of its own.

Owns delivery and its limits; a slow listener costs a bounded queue and never delays another. Refuses to know what is
delivered and who may hear it: each listener's source asks that again for every item.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.errors import TooMany

WOKEN_AT_ONCE = 256
"""How many listeners one turn of the loop wakes: they write for some 25 µs each, and timers run between the turns."""


class Overflow(StrEnum):
    """What becomes of a listener whose queue is full."""

    DROP_OLDEST = "drop_oldest"
    DISCONNECT = "disconnect"


@dataclass(frozen=True, slots=True)
class TopicPolicy:
    """How one kind of topic treats its listeners. A `queue` of 1 with DROP_OLDEST keeps only the newest item."""

    queue: int
    overflow: Overflow


POLICIES: Mapping[str, TopicPolicy] = {
    # A state: the newest says all that matters.
    "now_playing": TopicPolicy(queue=1, overflow=Overflow.DROP_OLDEST),
    "queue": TopicPolicy(queue=1, overflow=Overflow.DROP_OLDEST),
    "devices": TopicPolicy(queue=1, overflow=Overflow.DROP_OLDEST),
    "room": TopicPolicy(queue=1, overflow=Overflow.DROP_OLDEST),
    "presence": TopicPolicy(queue=1, overflow=Overflow.DROP_OLDEST),
    "playlist": TopicPolicy(queue=1, overflow=Overflow.DROP_OLDEST),
    "transcode": TopicPolicy(queue=1, overflow=Overflow.DROP_OLDEST),
    # Each counts; who falls behind subscribes again and catches up by cursor.
    "notifications": TopicPolicy(queue=256, overflow=Overflow.DISCONNECT),
}


class Subscription:
    """One listener's queue, to be iterated by one task and closed. Forgotten by the hub too when nobody holds it."""

    def __init__(self, hub: Hub, topic: str, policy: TopicPolicy) -> None:
        self.topic = topic
        self.missed = 0
        self._hub = hub
        self._policy = policy
        self._items: deque[Any] = deque()
        self._waits: asyncio.Future[None] | None = None
        self._closed = False
        self._fell_behind = False

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Any:
        """The next item; ends when closed. TooMany (FELL_BEHIND) when a topic that may not skip ran over."""
        while not self._items:
            if self._fell_behind:
                raise TooMany("You read too slowly and missed something; subscribe again.", code="FELL_BEHIND")
            if self._closed:
                raise StopAsyncIteration
            # A bare future for the one reader: an event for each of a thousand listeners would cost twice as much.
            self._waits = asyncio.get_running_loop().create_future()
            await self._waits
        return self._items.popleft()

    def offer(self, item: Any) -> None:
        """Queue an item by the topic's policy, and wake the reader."""
        self.queue(item)
        self.wake()

    def queue(self, item: Any) -> None:
        """Queue an item by the topic's policy; who waits for it sleeps on until `wake`."""
        if self._closed:
            return
        if len(self._items) >= self._policy.queue:
            self.missed += 1
            if self._policy.overflow is Overflow.DISCONNECT:
                self._fell_behind = True
                self._items.clear()
                self.close()
                return
            self._items.popleft()
        self._items.append(item)

    def close(self) -> None:
        """Leave the hub. What was queued may still be read; safe to call again."""
        if not self._closed:
            self._closed = True
            self.wake()
            self._hub._leave(self)

    async def aclose(self) -> None:
        """`close`, in the spelling of asynchronous generators."""
        self.close()

    def wake(self) -> None:
        """Let the reader look."""
        waits, self._waits = self._waits, None
        if waits is not None and not waits.done():
            waits.set_result(None)


class Hub:
    """Topics named `kind:id` and their listeners; at most `limit` of them, each kind with a policy of its own."""

    def __init__(self, *, policies: Mapping[str, TopicPolicy] = POLICIES, limit: int = 100_000) -> None:
        self._policies = dict(policies)
        self._limit = limit
        self._topics: dict[str, dict[int, weakref.ref[Subscription]]] = {}
        self._count = 0
        self._asleep: dict[Subscription, None] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics somebody listens to."""
        return tuple(self._topics)

    def subscribe(self, topic: str) -> Subscription:
        """Listen from now on. KeyError for a kind without a policy; TooMany when the house is full."""
        policy = self._policies[topic.partition(":")[0]]
        if self._count >= self._limit:
            raise TooMany("Too many listeners just now.", retry_after=5.0)
        subscription = Subscription(self, topic, policy)
        key = id(subscription)
        # Weak, so that a source that was dropped without being closed leaves as well.
        self._topics.setdefault(topic, {})[key] = weakref.ref(subscription, lambda _: self._forget(topic, key))
        self._count += 1
        return subscription

    def publish(self, topic: str, item: Any) -> int:
        """Offer `item` to each listener of `topic`, without waiting; how many there were. A crowd is woken in turns."""
        listeners = [held for ref in list(self._topics.get(topic, {}).values()) if (held := ref()) is not None]
        for subscription in listeners[:WOKEN_AT_ONCE]:
            subscription.offer(item)
        rest = listeners[WOKEN_AT_ONCE:]
        if rest:
            if not self._asleep:
                asyncio.get_running_loop().call_soon(self._wake_some)
            for subscription in rest:
                subscription.queue(item)
                self._asleep[subscription] = None
        return len(listeners)

    def _wake_some(self) -> None:
        for subscription in list(self._asleep)[:WOKEN_AT_ONCE]:
            del self._asleep[subscription]
            subscription.wake()
        if self._asleep:
            asyncio.get_running_loop().call_soon(self._wake_some)

    def close(self) -> None:
        """End every subscription: their iterations stop."""
        for listeners in list(self._topics.values()):
            for ref in list(listeners.values()):
                if (subscription := ref()) is not None:
                    subscription.close()

    def _leave(self, subscription: Subscription) -> None:
        self._forget(subscription.topic, id(subscription))

    def _forget(self, topic: str, key: int) -> None:
        listeners = self._topics.get(topic)
        if listeners is not None and listeners.pop(key, None) is not None:
            self._count -= 1
            if not listeners:
                del self._topics[topic]
