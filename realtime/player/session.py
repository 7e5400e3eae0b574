"""One open player: runs what it asks for, in order, and tells it what it follows; with tasks, a timer and a box.

Owns the player's tasks, its seat in the crowd and its farewells. Idle, it has no task of its own. Refuses to know
Tornado (a `Wire` is handed in), when which close code is due (`conversation.py` does) and what operations do.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.feeds import Feeds
from realtime.messages import CloseCode
from realtime.player.conversation import Action, Close, Conversation, Pause, Run, State
from realtime.player.crowd import Crowd
from realtime.player.encoded import EncodedFrames
from realtime.player.following import Follow, let_go
from realtime.player.frames import Asked, answer, event, refusal
from realtime.player.limits import PlayerLimits
from realtime.player.outgoing import Outgoing
from realtime.player.verbs import Operation, Verbs
from realtime.sockets import OpenSockets
from realtime.wire import Wire, WireClosed
from services.errors import Denied, Invalid, TooMany, TuttiError, Unauthenticated, Unavailable
from services.house import House
from services.timing.house_time import HouseTime
from services.trace import begin_trace
from services.viewer import NOBODY, Viewer

log = logging.getLogger("tutti.realtime")

FLUSH_ON_CLOSE_S = 2.0
"""How long frames that are already queued may delay our close frame."""

LAST_FAREWELL_S = 1.0
"""How long the farewells of a player that is torn down may take, all together."""

Farewell = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class PlayerParts:
    """What every player of this process stands on."""

    house: House
    feeds: Feeds
    house_time: HouseTime
    verbs: Verbs
    sockets: OpenSockets
    crowd: Crowd
    frames: EncodedFrames
    limits: PlayerLimits


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
        self._out = Outgoing(parts.limits.outbox_frames, parts.limits.outbox_bytes)
        self._asked: deque[tuple[Asked, float]] = deque()
        self._progress = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: dict[str, Follow] = {}
        self._opened: list[Follow] | None = None
        self._farewells: dict[str, Farewell] = {}
        self._leaving: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last_word: Close | None = None
        self._seated: str | None = None
        self._draining = False
        self._gone = False
        self._finished = asyncio.Event()

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
        while len(self._asked) >= self.parts.limits.max_waiting and not self._gone:
            self._progress.clear()
            await self._progress.wait()
        for action in self._talk.receive(frame, self._clock.monotonic()):
            match action:
                case Run(asked):
                    self._asked.append((asked, heard_at))
                    if self._worker is None:
                        self._worker = self._spawn(self._work(), "player operations")
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case Close():
                    self._act(action)

    def follow(
        self, topic: str, source: AsyncIterator[Mapping[str, Any]], *, seen_as: Hashable = None, each: bool = False
    ) -> None:
        """As `Player.follow`."""
        follow = Follow(topic, source, seen_as, each)
        if self._gone or self._last_word is not None:
            self._let_go(follow)
            return
        self.unfollow(topic)
        if len(self._followed) >= self.parts.limits.max_followed:
            self._let_go(follow)
            raise TooMany(f"You follow {self.parts.limits.max_followed} topics; unfollow one first.")
        self._followed[topic] = follow
        if self._opened is None:
            self._listen(follow)
        else:
            self._opened.append(follow)

    def unfollow(self, topic: str) -> bool:
        """As `Player.unfollow`."""
        follow = self._followed.pop(topic, None)
        if follow is None:
            return False
        self._out.drop(topic)
        if follow.task is None:
            self._let_go(follow)
        else:
            follow.task.cancel()
        return True

    def on_leaving(self, name: str, farewell: Farewell) -> None:
        """As `Player.on_leaving`."""
        self._farewells[name] = farewell

    def admit(self, viewer: Viewer, *, is_guest: bool = False) -> None:
        """Let somebody in, who may stay until their token runs out. TooMany when they have players enough;
        Unauthenticated when their session has ended meanwhile."""
        if self.parts.sockets.has_ended(viewer.session_id):
            raise Unauthenticated("the session has ended")
        if viewer.user_id is not None:
            self.parts.crowd.seat(viewer.user_id)
            self._seated = viewer.user_id
        self.viewer, self.is_guest = viewer, is_guest
        self._talk.greeted(self._until(viewer))
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
        for action in self._talk.close(code, reason):
            self._act(action)

    def lost(self) -> None:
        """The peer is gone. The operation in hand ends by itself, those behind it are dropped."""
        if self._gone:
            return
        self._gone = True
        self._talk.lost()
        self._stop_listening()
        self._disarm()
        if self._writer is not None:
            self._writer.cancel()
        self._settle()

    async def drain(self, grace_s: float) -> None:
        """Take no new operation, give what runs `grace_s`, then close with 1001 and finish."""
        self._draining = True
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=grace_s)
        self.close(CloseCode.GOING_AWAY, "The server is going away")
        await self._finished.wait()

    async def abort(self) -> None:
        """Tear it down now and wait for its tasks and farewells."""
        self._wire.abort()
        self.lost()
        for task in list(self._tasks):
            if task is not self._leaving:
                task.cancel()
        try:
            async with asyncio.timeout(LAST_FAREWELL_S):
                await self._finished.wait()
        except TimeoutError:
            # A store that does not answer must not keep the process from ending.
            if self._leaving is not None:
                self._leaving.cancel()
            await self._finished.wait()

    def _act(self, close: Close) -> None:
        self._stop_listening()
        self._disarm()
        self._last_word = close
        if self._writer is None:
            self._say_last_word()
        else:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_ON_CLOSE_S, self._say_last_word)

    def _stop_listening(self) -> None:
        self._asked.clear()
        self._progress.set()
        self._out.close()
        for topic in list(self._followed):
            follow = self._followed.pop(topic)
            if follow.task is None:
                self._let_go(follow)
            else:
                follow.task.cancel()

    async def _work(self) -> None:
        while self._asked:
            asked, self.heard_at = self._asked.popleft()
            self._progress.set()
            begin_trace()
            self._opened = []
            frame = await self._answered(asked)
            opened, self._opened = self._opened, None
            await self._put(frame)
            for follow in opened:
                if self._followed.get(follow.topic) is follow:
                    self._listen(follow)

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
        if self._draining:
            raise Unavailable("The server is stopping; connect again.")
        if self.is_guest and not (operation.guests or operation.anybody):
            raise Denied("A guest of a room may not do this.")
        try:
            self.parts.crowd.spend(self.viewer, self._address, operation.price)
        except TooMany:
            for action in self._talk.refused_for_haste():
                self._perform(action)
            if operation.name == "hello":
                # It cannot be said again, and nothing would ever end a socket that nobody is let in through.
                self.close(CloseCode.TRY_AGAIN, "Too frequent: come back later")
            raise
        self._talk.served()
        if self.viewer.signed_in and not self.is_guest:
            self.viewer = await self.house.accounts.renewed(self.viewer)

    def _perform(self, action: Action) -> None:
        if isinstance(action, Close):
            self._act(action)

    def _listen(self, follow: Follow) -> None:
        follow.task = self._spawn(self._tell(follow), "player follows")
        # Not in the task's own `finally`: one that is cancelled before its first step never gets there.
        follow.task.add_done_callback(lambda _: self._let_go(follow))

    async def _tell(self, follow: Follow) -> None:
        begin_trace()
        shown: dict[str, Any] = {"topic": follow.topic}
        try:
            async for item in follow.source:
                frame = self.parts.frames.frame(follow.topic, item, follow.seen_as)
                if not self._wrote_at_once(frame):
                    await (self._out.put(frame) if follow.each else self._out.show(follow.topic, frame))
                    self._write_on()
        except TuttiError as refused:
            shown["error"] = {**refused.extensions, "message": refused.message}
        except Exception:
            log.exception("player's topic failed", extra={"topic": follow.topic})
            shown["error"] = {"code": "INTERNAL", "message": "Something went wrong"}
        if self._followed.get(follow.topic) is follow:
            del self._followed[follow.topic]
            await self._put(event("unfollowed", shown))

    def _let_go(self, follow: Follow) -> None:
        self._spawn(let_go(follow), "player lets go")

    async def _put(self, frame: bytes) -> None:
        if not self._wrote_at_once(frame):
            await self._out.put(frame)
            self._write_on()

    def _wrote_at_once(self, frame: bytes) -> bool:
        """Whether nothing stood before this frame, so that it left without a task of its own."""
        return (
            self._writer is None
            and not len(self._out)
            and self._last_word is None
            and self._talk.state is not State.CLOSED
            and self._wire.offer(frame)
        )

    def _write_on(self) -> None:
        if self._writer is None and len(self._out) and not self._gone:
            self._writer = self._spawn(self._write(), "player writer")

    async def _write(self) -> None:
        try:
            while (frame := self._out.take()) is not None:
                async with asyncio.timeout(self.parts.limits.slow_client_s):
                    await self._wire.send(frame)
        except TimeoutError:
            self.close(CloseCode.TOO_SLOW, "Too slow: read faster or follow less")
            self._say_last_word()
        except WireClosed:
            # Told by nobody else while `receive` makes the peer wait: its close is read after its frames.
            self.lost()

    def _say_last_word(self) -> None:
        if self._last_word is not None and not self._gone:
            close, self._last_word = self._last_word, None
            self._disarm()
            self._wire.close(close.code, close.reason)

    def _until(self, viewer: Viewer) -> float | None:
        if viewer.expires_at is None:
            return None
        return self._clock.monotonic() + (viewer.expires_at - self._clock.now()).total_seconds()

    def _arm(self) -> None:
        deadline = self._talk.deadline()
        self._disarm()
        if deadline is not None and not self._gone:
            delay = max(0.0, deadline - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        actions = self._talk.tick(self._clock.monotonic())
        for action in actions:
            self._perform(action)
        if not actions:
            self._arm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task is self._worker:
            self._worker = None
        if task is self._writer:
            self._writer = None
            if self._last_word is not None:
                self._say_last_word()
            self._write_on()
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("player task failed", exc_info=bug, extra={"task": task.get_name()})
            self.close(CloseCode.INTERNAL, "Something went wrong")
        self._settle()

    def _settle(self) -> None:
        if not self._gone or self._tasks:
            return
        if self._leaving is None:
            self._leaving = self._spawn(self._leave(), "player leaves")
            return
        self.parts.sockets.discard(self)
        self._finished.set()

    async def _leave(self) -> None:
        if self._seated is not None:
            self.parts.crowd.unseat(self._seated)
        self.parts.crowd.leave(self._address)
        for name, farewell in self._farewells.items():
            try:
                async with asyncio.timeout(self.parts.limits.farewell_s):
                    await farewell()
            except TuttiError as trouble:
                log.info("player's farewell was refused", extra={"farewell": name, "code": trouble.reason})
            except Exception:
                # The others still have to be said.
                log.exception("player's farewell failed", extra={"farewell": name})
