"""One open player: runs what it asks for, in order, and lets it follow what it may.

Owns the player's tasks, its seat in the crowd and its farewells. Idle, it has no task of its own. Refuses to know
Tornado (a `Wire` is handed in), when which close code is due (`conversation.py` does), how frames leave (`writing.py`)
and what operations do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Hashable, Mapping, Sequence
from typing import Any

from realtime.messages import CloseCode
from realtime.player.conversation import Action, Close, Conversation, Pause, Run, State
from realtime.player.farewells import Farewell, Farewells
from realtime.player.following import Follow, FollowedTopics
from realtime.player.frames import Asked, answer, refusal
from realtime.player.parts import PlayerParts
from realtime.player.verbs import Operation
from realtime.player.writing import PlayerWriter
from realtime.wire import Wire
from services.errors import Denied, Invalid, TooMany, Unauthenticated
from services.trace import begin_trace
from services.viewer import NOBODY, Viewer

__all__ = ["PlayerParts", "PlayerSession"]

log = logging.getLogger("tutti.realtime")

LAST_FAREWELL_S = 1.0
"""How long the farewells of a player that is torn down may take, all together."""


class PlayerSession:
    """Keeps `Player` and `OpenSocket`. Call `start`, then `receive` for each frame, `lost` when the peer is gone."""

    def __init__(self, parts: PlayerParts, *, wire: Wire, address: str) -> None:
        self.parts = parts
        self.house = parts.house
        self.feeds = parts.feeds
        self.viewer: Viewer = NOBODY
        self.is_guest = False
        self.device_id: str | None = None
        self.heard_at = 0.0
        self._address = address
        self._wire = wire
        self._clock = parts.house.clock
        self._talk = Conversation(parts.limits, self._clock.monotonic(), parts.verbs.free)
        self._writer = PlayerWriter(self, wire, parts.limits)
        self._topics = FollowedTopics(self, self._writer, parts.frames, most=parts.limits.max_followed)
        # A list, for an empty deque costs more than everything else here, and it is short.
        self._asked: list[tuple[Asked, float]] = []
        self._progress: asyncio.Event | None = None
        self._worker: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._farewells = Farewells(parts.limits.farewell_s)
        self._leaving: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._seated: str | None = None
        self._is_gone = False
        self._is_finished = False
        self._finished: asyncio.Future[None] | None = None

    @property
    def session_id(self) -> str | None:
        """The sign-in session this player came through."""
        return self.viewer.session_id

    def start(self) -> None:
        """Begin to wait for `hello`."""
        self._arm()

    async def receive(self, frame: str | bytes) -> None:
        """Take one frame. Returns late on purpose when the player is faster than it may be or than its operations."""
        heard_at = self._clock.monotonic()
        while len(self._asked) >= self.parts.limits.max_waiting and not self._is_gone:
            self._progress = self._progress or asyncio.Event()
            self._progress.clear()
            await self._progress.wait()
        for action in self._talk.receive(frame, self._clock.monotonic()):
            match action:
                case Run(asked):
                    if self._talk.state is State.GREETING:
                        self._arm()
                    self._asked.append((asked, heard_at))
                    if self._worker is None:
                        self._worker = self.spawn(self._work(), "player operations")
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case Close():
                    self._perform([action])

    def follow(
        self, topic: str, source: AsyncIterator[Mapping[str, Any]], *, seen_as: Hashable = None, each: bool = False
    ) -> None:
        """As `Player.follow`."""
        self._topics.add(Follow(topic, source, seen_as, each))

    def unfollow(self, topic: str) -> bool:
        """As `Player.unfollow`."""
        return self._topics.remove(topic)

    def on_leaving(self, name: str, farewell: Farewell) -> None:
        """As `Player.on_leaving`."""
        self._farewells.add(name, farewell)

    def admit(self, viewer: Viewer, *, is_guest: bool = False) -> None:
        """Let somebody in, who may stay until their token runs out. TooMany when they have players enough;
        Unauthenticated when their session has ended meanwhile."""
        if self.parts.sockets.has_ended(viewer.session_id):
            raise Unauthenticated("the session has ended")
        if viewer.user_id is not None:
            self.parts.crowd.seat(viewer.user_id)
            self._seated = viewer.user_id
        self.viewer, self.is_guest = viewer, is_guest

    def greeted(self) -> None:
        """Whom `admit` let in has been told so."""
        self._talk.greeted(self._until(self.viewer))
        self._arm()

    def renew(self, viewer: Viewer) -> None:
        """Let them stay by a fresh token. Unauthenticated when it is somebody else's or its session has ended."""
        if viewer.user_id != self.viewer.user_id:
            raise Unauthenticated("this socket belongs to somebody else")
        if self.parts.sockets.has_ended(viewer.session_id):
            raise Unauthenticated("the session has ended")
        self.viewer = viewer
        self._talk.renewed(self._until(viewer))
        self._arm()

    def close(self, code: int, reason: str) -> None:
        """End it from our side with a legal close code: what is queued leaves, the close follows."""
        self._perform(self._talk.close(code, reason))

    def lost(self) -> None:
        """The peer is gone. The operation in hand may end by itself, for a while; those behind it are dropped."""
        if self._is_gone:
            return
        self._is_gone = True
        if self._talk.state is State.GREETING:
            self._stop_working()
        self._talk.lost()
        self._stop_listening()
        self._writer.stop()
        if self._worker is not None:
            # A store that never answers must not keep this player's seat for ever.
            self._timer = asyncio.get_running_loop().call_later(self.parts.limits.abandoned_s, self._stop_working)
        self._settle()

    async def drain(self, grace_s: float) -> None:
        """Do what has been asked, within `grace_s`, then close with 1001 and finish.

        Nothing is refused for it: a player would have to tell its user of what the next process does at once.
        """
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=grace_s)
        self.close(CloseCode.GOING_AWAY, "The server is going away")
        await self._end()

    async def abort(self) -> None:
        """Tear it down now and wait for its tasks and farewells."""
        self._wire.abort()
        self.lost()
        for task in list(self._tasks):
            if task is not self._leaving:
                task.cancel()
        try:
            async with asyncio.timeout(LAST_FAREWELL_S):
                await self._end()
        except TimeoutError:
            # A store that does not answer must not keep the process from ending.
            if self._leaving is not None:
                self._leaving.cancel()
            await self._end()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a task of this player's; its bug ends the player, and the player's end waits for it."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def _end(self) -> None:
        if not self._is_finished:
            self._finished = self._finished or asyncio.get_running_loop().create_future()
            # Shielded, for several may wait and one of them may be cancelled.
            await asyncio.shield(self._finished)

    def _perform(self, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, Close):
                self._stop_listening()
                self._writer.end(action)

    def _stop_listening(self) -> None:
        self._disarm()
        self._asked.clear()
        self._move_on()
        self._topics.stop()

    def _stop_working(self) -> None:
        if self._worker is not None:
            self._worker.cancel()

    def _move_on(self) -> None:
        if self._progress is not None:
            self._progress.set()

    async def _work(self) -> None:
        while self._asked:
            asked, self.heard_at = self._asked.pop(0)
            self._move_on()
            begin_trace()
            self._topics.hold()
            frame = await self._answered(asked)
            await self._writer.put(frame)
            self._topics.release()
        self._worker = None  # Not in `_ended` alone: a frame that came between the two would wait for the next one.

    async def _answered(self, asked: Asked) -> bytes:
        try:
            operation = self.parts.verbs[asked.op]
            if operation is None:
                raise Invalid("There is no such operation.", code="UNKNOWN_OP", field="op")
            await self._check(operation)
            return answer(asked.id, await operation.verb(self, asked.id, asked.body))
        except Exception as error:  # noqa: BLE001 - the socket's door: refusal logs what is a bug
            return refusal(asked.id, error)

    async def _check(self, operation: Operation) -> None:
        if self.is_guest and not (operation.guests or operation.anybody):
            raise Denied("A guest of a room may not do this.")
        try:
            self.parts.crowd.spend(self.viewer, self._address, operation.price)
        except TooMany:
            self._perform(self._talk.refused_for_haste())
            if operation.name == "hello":
                # It cannot be said again, and nothing would ever end a socket that nobody is let in through.
                self.close(CloseCode.TRY_AGAIN, "Too frequent: come back later")
            raise
        self._talk.served()
        if self.viewer.signed_in and not self.is_guest:
            self.viewer = await self.house.accounts.renewed(self.viewer)

    def _until(self, viewer: Viewer) -> float | None:
        if viewer.expires_at is None:
            return None
        return self._clock.monotonic() + (viewer.expires_at - self._clock.now()).total_seconds()

    def _arm(self) -> None:
        deadline = self._talk.deadline()
        self._disarm()
        if deadline is not None and not self._is_gone:
            delay = max(0.0, deadline - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        was_greeting = self._talk.state is State.GREETING
        actions = self._talk.tick(self._clock.monotonic())
        self._perform(actions)
        if actions and was_greeting:
            self._stop_working()
        if not actions:
            self._arm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task is self._worker:
            self._worker = None
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("player task failed", exc_info=bug, extra={"task": task.get_name()})
            self.close(CloseCode.INTERNAL, "Something went wrong")
        self._settle()

    def _settle(self) -> None:
        if not self._is_gone or self._tasks:
            return
        if self._leaving is None:
            self._leaving = self.spawn(self._leave(), "player leaves")
            return
        self._disarm()
        self.parts.sockets.discard(self)
        self._is_finished = True
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(None)

    async def _leave(self) -> None:
        if self._seated is not None:
            self.parts.crowd.unseat(self._seated)
        self.parts.crowd.leave(self._address)
        await self._farewells.say()
