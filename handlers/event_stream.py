"""Answers as server-sent events, for clients without sockets: GraphQL over SSE, its "distinct connections" mode.

Owns one stream: its events, its heartbeat, and its end when the token runs out or the sign-in session does. Refuses
to know what is asked. It stands in the register of open sockets, as a socket does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from handlers.incremental import STALL_S
from realtime.messages import CloseCode, shown_errors
from realtime.player.crowd import Crowd
from realtime.sockets import OpenSockets
from services.clock import Clock
from services.errors import TooMany, TuttiError, Unauthenticated, Unavailable
from services.viewer import Viewer

EVENTS = "text/event-stream"
HEARTBEAT_S = 12.0
"""How often a stream that has nothing to tell shows that it lives; proxies give up after 30 s or more."""


class EventStream:
    """One answer in events. Keeps `OpenSocket`. Unavailable when there is no room for another."""

    def __init__(
        self,
        handler: RequestHandler,
        viewer: Viewer,
        *,
        clock: Clock,
        sockets: OpenSockets,
        crowd: Crowd | None = None,
        heartbeat_s: float | None = None,
    ) -> None:
        """`crowd` counts this stream as one socket more of its person and address; TooMany when they have enough."""
        self._handler = handler
        self._viewer = viewer
        self._clock = clock
        self._sockets = sockets
        self._heartbeat_s = heartbeat_s or HEARTBEAT_S
        self._is_going_away = False
        self._has_left = False
        self._ended = asyncio.Event()
        self._refusal: TuttiError | None = None
        self._finished = asyncio.Event()
        self._crowd = crowd
        self._address = handler.request.remote_ip or ""
        if crowd is not None:
            _take_place(crowd, self._address, viewer)
        if not sockets.add(self):
            self._give_place_back()
            raise Unavailable("No room for another stream just now.", retry_after=5.0)

    @property
    def session_id(self) -> str | None:
        """The sign-in session this client came through."""
        return self._viewer.session_id

    def close(self, code: int, reason: str) -> None:
        """End it: with an error for who may not stay, else without a word, so that the client comes again."""
        if code == CloseCode.FORBIDDEN:
            self._refusal = Unauthenticated("The session has ended.", code="TOKEN_INVALID")
        self._is_going_away = code == CloseCode.GOING_AWAY
        self._ended.set()

    async def drain(self, grace_s: float) -> None:
        """The server goes away: end it and return when it is gone."""
        self.close(CloseCode.GOING_AWAY, "The server is going away")
        await self._finished.wait()

    async def abort(self) -> None:
        """Tear it down now."""
        self._hang_up()
        self._ended.set()
        await self._finished.wait()

    async def send(self, results: AsyncIterator[dict[str, Any]]) -> None:
        """Every result as a `next`, then `complete`. Returns when it is over, whyever; the source is closed."""
        handler = self._handler
        handler.set_status(200)
        handler.set_header("Content-Type", f"{EVENTS}; charset=utf-8")
        handler.set_header("Cache-Control", "no-store")
        handler.set_header("X-Accel-Buffering", "no")
        ended = asyncio.create_task(_wait(self._ended), name="event stream ends")
        coming: asyncio.Task[dict[str, Any]] | None = None
        try:
            await self._write(b":\n\n")
            while True:
                coming = coming or asyncio.create_task(_next(results), name="event stream reads")
                await asyncio.wait({coming, ended}, timeout=self._patience(), return_when=asyncio.FIRST_COMPLETED)
                if self._is_over():
                    break
                if not coming.done():
                    await self._write(b":\n\n")
                    continue
                done, coming = coming, None
                if not await self._tell(done):
                    await self._complete()
                    return
            if self._refusal is not None:
                await self._write(_event("next", {"errors": shown_errors(self._refusal)}))
                await self._complete()
            elif self._is_going_away:
                await self._write(b"retry: %d\n\n" % self._come_again_ms())
                self._handler.finish()
        except StreamClosedError:
            return
        except TimeoutError:
            self._ended.set()
        finally:
            await self._leave([task for task in (coming, ended) if task is not None], results)

    async def _tell(self, done: asyncio.Task[dict[str, Any]]) -> bool:
        try:
            result = done.result()
        except Exception as error:  # noqa: BLE001 - the stream's door: shown_errors logs what is a bug
            await self._write(_event("next", {"errors": shown_errors(error)}))
            return False
        if result is _OVER:
            return False
        await self._write(_event("next", result))
        return True

    async def leave(self, results: AsyncIterator[dict[str, Any]]) -> None:
        """Leave the register and close the source, if `send` never began: a client may be gone before that."""
        if not self._has_left:
            await self._leave([], results)

    async def _leave(self, tasks: list[asyncio.Task[Any]], results: AsyncIterator[dict[str, Any]]) -> None:
        self._has_left = True
        # Hanging up cancels this very work, so the register must not wait for what comes after.
        self._sockets.discard(self)
        self._give_place_back()
        try:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            close = getattr(results, "aclose", None)
            if close is not None:
                await close()
            self._finished.set()
            if not self._handler._finished:
                self._hang_up()

    def _come_again_ms(self) -> int:
        """When the client shall try again: not all at once."""
        return 1000 + id(self) // 64 % 4000

    def _give_place_back(self) -> None:
        crowd, self._crowd = self._crowd, None
        if crowd is not None:
            crowd.leave(self._address)
            if self._viewer.user_id is not None:
                crowd.unseat(self._viewer.user_id)

    def _patience(self) -> float:
        left = self._left_s()
        return self._heartbeat_s if left is None else max(0.0, min(self._heartbeat_s, left))

    def _left_s(self) -> float | None:
        expires_at = self._viewer.expires_at
        return None if expires_at is None else (expires_at - self._clock.now()).total_seconds()

    def _is_over(self) -> bool:
        left = self._left_s()
        if left is not None and left <= 0 and not self._ended.is_set():
            self._refusal = Unauthenticated("The token has expired.", code="TOKEN_EXPIRED")
            self._ended.set()
        if self._sockets.has_ended(self.session_id):
            self.close(CloseCode.FORBIDDEN, "")
        return self._ended.is_set()

    async def _complete(self) -> None:
        await self._write(b"event: complete\ndata:\n\n")
        self._handler.finish()

    async def _write(self, piece: bytes) -> None:
        self._handler.write(piece)
        async with asyncio.timeout(STALL_S):
            await self._handler.flush()

    def _hang_up(self) -> None:
        with contextlib.suppress(AttributeError):
            self._handler.request.connection.stream.close()


_OVER: dict[str, Any] = {}


def _take_place(crowd: Crowd, address: str, viewer: Viewer) -> None:
    if not crowd.enter(address):
        raise TooMany("Too many sockets of your address.", retry_after=10.0)
    if viewer.user_id is not None:
        try:
            crowd.seat(viewer.user_id)
        except TooMany:
            crowd.leave(address)
            raise


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _next(results: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    # A task cannot end by StopAsyncIteration, so the end is a value.
    return await anext(results, _OVER)


def _event(kind: str, content: Any) -> bytes:
    return f"event: {kind}\ndata: ".encode() + orjson.dumps(content) + b"\n\n"
