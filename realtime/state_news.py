"""Carries "this thing is at revision N now" to whoever follows it, and lets each read it with their own eyes.

Owns the topics `{kind}:{id}` of things that have a revision: queues, rooms, playlists. Only id and revision travel;
a source reads the state anew through the service, for its own viewer, so nobody is shown what they may not see.
Refuses to know what the states hold.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from realtime.broker import Broker
from realtime.hub import Hub, Subscription
from realtime.shared_readings import SharedReadings
from services.events import Bus, Event
from services.viewer import Viewer

State = TypeVar("State")

Note = Callable[[Any], tuple[str, int]]
"""What an event says: the thing's id and its revision."""
Read = Callable[[Viewer, str], Awaitable[State]]
"""The state as a viewer may see it; NotFound when they may not (any more)."""
Allow = Callable[[Viewer, State | None], State]
"""A state that was read for many, None when it is gone, for this viewer; NotFound when they may not see it."""


class StateNews(Generic[State]):
    """Between `start` and `stop`, what one process changed every process hears; called, it opens a source.

    When another process may have said something that we did not hear, `look_again` lets every source here read anew.
    """

    def __init__(
        self,
        kind: str,
        event: type,
        note: Note,
        read: Read[State],
        rev: Callable[[State], int],
        *,
        bus: Bus,
        broker: Broker,
        hub: Hub,
    ) -> None:
        self.kind = kind
        self._event = event
        self._note = note
        self._read = read
        self._rev = rev
        self._bus = bus
        self._broker = broker
        self._hub = hub
        self._shared: tuple[SharedReadings[State], Allow[State]] | None = None
        self._undo: list[Callable[[], None]] = []

    def share(self, readings: SharedReadings[State], allow: Allow[State]) -> None:
        """After a change let one reading do for all followers; `allow` says of each whether they may see it."""
        self._shared = readings, allow

    def start(self) -> None:
        """Begin to carry."""
        self._undo = [self._broker.listen(self._heard), self._bus.hear(self._event, self._told)]

    def stop(self) -> None:
        """Carry no more."""
        while self._undo:
            self._undo.pop()()

    def look_again(self) -> int:
        """Let everybody who follows something here read it anew; how many."""
        if self._shared is not None:
            self._shared[0].forget()
        prefix = f"{self.kind}:"
        return sum(self._hub.publish(topic, None) for topic in self._hub.topics if topic.startswith(prefix))

    async def __call__(self, viewer: Viewer, id: str) -> StateSource[State]:
        """The state now, then after each change; keeps `graph.feeds.StateFeed`."""
        # Listening first, then reading, so that a change between the two is not lost.
        subscription = self._hub.subscribe(f"{self.kind}:{id}")
        try:
            present = await self._read(viewer, id)
        except BaseException:
            subscription.close()
            raise
        return StateSource(subscription, lambda rev: self._anew(viewer, id, rev), self._rev, present)

    async def _anew(self, viewer: Viewer, id: str, rev: int | None) -> State:
        if self._shared is None:
            return await self._read(viewer, id)
        readings, allow = self._shared
        return allow(viewer, await readings.read(id, rev))

    def _told(self, event: Event) -> None:
        id, rev = self._note(event)
        self._broker.publish(f"{self.kind}:{id}", {"rev": rev})

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        if topic.startswith(f"{self.kind}:"):
            self._hub.publish(topic, ids["rev"])


class StateSource(Generic[State]):
    """One viewer following one thing. Not a generator, as `realtime/now_playing.py` says."""

    def __init__(
        self,
        subscription: Subscription,
        read: Callable[[int | None], Awaitable[State]],
        rev: Callable[[State], int],
        present: State,
    ) -> None:
        self._subscription = subscription
        self._read = read
        self._rev = rev
        self._present: State | None = present
        self._seen = -1

    def __aiter__(self) -> StateSource[State]:
        return self

    async def __anext__(self) -> State:
        """The next state that is newer than the last one given. Ends as reading ends: NotFound when it is gone."""
        while True:
            if self._present is None:
                told: int | None = await anext(self._subscription)
                if told is not None and told <= self._seen:
                    continue
                state = await self._read(told)
            else:
                state, self._present = self._present, None
            if self._rev(state) > self._seen:
                self._seen = self._rev(state)
                return state

    def look_again(self) -> None:
        """Give the state once more, newer or not: its follower may see something else of it now."""
        self._seen = -1
        self._subscription.offer(None)

    async def aclose(self) -> None:
        """Stop listening."""
        self._subscription.close()
