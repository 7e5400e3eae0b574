"""One client of the `/graphql` socket: does what the transport's actions say, with tasks, a timer and an outbox.

Owns the order in which frames leave, and the client's tasks; its operations run in `running.py`. Refuses to know
Tornado (a `Wire` is handed in) and tokens (an `AdmissionDoor` is handed in).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from graph.context import Caller
from graph.execute import Executor
from realtime.messages import CloseCode
from realtime.outbox import Outbox
from realtime.player.crowd import Crowd
from realtime.running import RenewViewer, Running
from realtime.sockets import OpenSockets
from realtime.transport import Action, Admit, Close, Forget, Limits, Operation, Pause, Send, Start, Stop, Transport
from realtime.wire import Wire, WireClosed
from services.clock import Clock
from services.errors import TooMany, TuttiError, Unavailable
from services.trace import begin_trace
from services.viewer import NOBODY, Viewer

log = logging.getLogger("tutti.realtime")

FLUSH_ON_CLOSE_S = 2.0
"""How long frames that are already queued may delay our close frame."""

LINGER_S = 1.0
"""How long who was told to be too slow may take to read that."""


AdmissionDoor = Callable[[dict[str, Any] | None], Awaitable[Viewer]]
"""Finds out who the payload of `connection_init` speaks for; raises TuttiError to refuse."""


class Connection:
    """A client from its handshake to the end of its last task. Call `start`, then `receive` for each frame."""

    def __init__(
        self,
        *,
        wire: Wire,
        executor: Executor,
        admit: AdmissionDoor,
        sockets: OpenSockets,
        clock: Clock,
        limits: Limits,
        caller: Caller,
        renew: RenewViewer | None = None,
        crowd: Crowd | None = None,
    ) -> None:
        """`crowd` has counted this socket's address; it is told when the socket is gone."""
        self.viewer = NOBODY
        self._crowd = crowd
        self._seated: str | None = None
        self._wire = wire
        self._admit = admit
        self._sockets = sockets
        self._clock = clock
        self._limits = limits
        self._caller = caller
        self._transport = Transport(limits, clock.monotonic())
        self._outbox = Outbox(limits.outbox_frames, limits.outbox_bytes)
        self._running = Running(self, self._transport, executor=executor, limits=limits, caller=caller, renew=renew)
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._farewell: Close | None = None
        self._gone = False
        self._finished = asyncio.Event()

    @property
    def session_id(self) -> str | None:
        """The sign-in session this client came through."""
        return self.viewer.session_id

    def start(self) -> None:
        """Begin to write and to wait for `connection_init`."""
        self.spawn(self._write(), "socket writer")
        self._arm()

    async def receive(self, frame: str | bytes) -> None:
        """Take one frame. Returns late on purpose when the client is faster than it may be or does not read."""
        await self._running.room()
        await self.do(self._transport.receive(frame, self._clock.monotonic()))

    def close(self, code: int, reason: str) -> None:
        """End it from our side with a legal close code: operations stop, what is queued leaves, the close follows."""
        self._do_now(self._transport.close(code, reason))

    def lost(self) -> None:
        """The peer is gone. Running mutations end by themselves, everything else is cancelled."""
        if self._gone:
            return
        self._gone = True
        self._do_now(self._transport.lost())
        self._outbox.close()
        self._disarm()
        for task in self._tasks - self._running.tasks:
            task.cancel()
        self._settle()

    async def drain(self, grace_s: float) -> None:
        """Take no new operation, give running queries and mutations `grace_s`, then close with 1001 and finish."""
        self._transport.draining = True
        if finite := self._running.finite:
            await asyncio.wait(finite, timeout=grace_s)
        self.close(CloseCode.GOING_AWAY, "The server is going away")
        await self._finished.wait()

    async def abort(self) -> None:
        """Tear it down now and wait for its tasks."""
        self._wire.abort()
        self.lost()
        for task in list(self._tasks):
            task.cancel()
        await self._finished.wait()

    async def do(self, actions: list[Action]) -> None:
        """Do what the transport says, waiting while the outbox is full."""
        for action in actions:
            match action:
                case Send(frame, operation):
                    await self._outbox.put(frame, operation)
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case _:
                    self._act(action)
        self._arm()

    def _do_now(self, actions: list[Action]) -> None:
        for action in actions:
            self._act(action)

    def _act(self, action: Action) -> None:
        match action:
            case Start(operation, request):
                self._running.start(operation, request)
            case Stop(operation):
                self._outbox.drop_all(lambda owner: owner is operation)
                self._running.stop(operation)
            case Forget(id):
                # Its last word was given to the outbox already, or waits for room there.
                self._running.forget(id)
                self._outbox.drop_all(lambda owner: isinstance(owner, Operation) and owner.id == id)
            case Admit():
                self.spawn(self._find_out(action), "socket admission")
            case Close():
                self._farewell = action
                self._outbox.close()
                self._disarm()
                self._timer = asyncio.get_running_loop().call_later(FLUSH_ON_CLOSE_S, self._say_farewell)

    async def _find_out(self, action: Admit) -> None:
        begin_trace()
        try:
            viewer = await self._admit(action.payload)
            self._seat(viewer)
        except (Unavailable, TooMany) as trouble:
            self.close(CloseCode.TRY_AGAIN, trouble.message)
            return
        except TuttiError as refusal:
            self._do_now(self._transport.refused(refusal.message))
            return
        if action.renewal and viewer.user_id != self.viewer.user_id:
            self._do_now(self._transport.refused("this socket belongs to somebody else"))
            return
        self.viewer = viewer
        if self._sockets.has_ended(self.session_id):
            self._do_now(self._transport.refused("the session has ended"))
            return
        until, shown = None, None
        if viewer.expires_at is not None:
            left_s = (viewer.expires_at - self._clock.now()).total_seconds()
            until = self._clock.monotonic() + left_s
            shown = {"expiresAt": viewer.expires_at.isoformat()}
        answer = self._transport.renewed if action.renewal else self._transport.admitted
        await self.do(answer(until, shown))

    def _seat(self, viewer: Viewer) -> None:
        if self._crowd is not None and viewer.user_id is not None and self._seated is None:
            self._crowd.seat(viewer.user_id)
            self._seated = viewer.user_id

    async def _write(self) -> None:
        try:
            while (frame := await self._outbox.take()) is not None:
                async with asyncio.timeout(self._limits.slow_client_s):
                    await self._wire.send(frame)
        except TimeoutError:
            self._do_now(self._transport.close(CloseCode.TOO_SLOW, "Too slow: read faster or subscribe to less"))
            self._say_farewell()
            # Said to nobody, as far as one can tell.
            self._timer = asyncio.get_running_loop().call_later(LINGER_S, self._wire.abort)
            return
        except WireClosed:
            # Told by nobody else while `receive` makes the peer wait: its close is read after its frames.
            self.lost()
            return
        self._say_farewell()

    def _say_farewell(self) -> None:
        if self._farewell is not None and not self._gone:
            farewell, self._farewell = self._farewell, None
            self._disarm()
            self._wire.close(farewell.code, farewell.reason)

    def _arm(self) -> None:
        if self._gone or self._farewell is not None:
            return
        deadline = self._transport.deadline()
        self._disarm()
        if deadline is not None:
            delay = max(0.0, deadline - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._do_now(self._transport.tick(self._clock.monotonic()))
        self._arm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a task that ends with this client; its bug closes the socket."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("socket task failed", exc_info=bug, extra={"task": task.get_name()})
            self.close(CloseCode.INTERNAL, "Something went wrong")
        self._settle()

    def _settle(self) -> None:
        if self._gone and not self._tasks:
            self._sockets.discard(self)
            if self._crowd is not None and not self._finished.is_set():
                self._crowd.leave(self._caller.address)
                if self._seated is not None:
                    self._crowd.unseat(self._seated)
            self._finished.set()
