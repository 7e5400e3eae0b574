"""What leaves a player: its frames in their order, then its last word, never delayed by more than a bound.

Owns the one task that writes while the peer is slower than we are; idle, there is none, and no box either. Refuses to
know what is written and why it ends: a `PlayerSession` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from realtime.messages import CloseCode
from realtime.player.conversation import Close
from realtime.player.limits import PlayerLimits
from realtime.player.outgoing import Outgoing
from realtime.wire import Wire, WireClosed

FLUSH_ON_CLOSE_S = 2.0
"""How long frames that are already queued may delay our close frame."""


LINGER_S = 1.0
"""How long who was told to be too slow may take to read that."""


class Owner(Protocol):
    """Whose frames these are."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a task that ends with the owner."""

    def close(self, code: int, reason: str) -> None:
        """End it from our side."""

    def lost(self) -> None:
        """The peer is gone."""


class PlayerWriter:
    """The way out of one player. A frame leaves at once when nothing stands before it."""

    __slots__ = ("_box", "_is_over", "_last_word", "_limits", "_owner", "_task", "_timer", "_wire")

    def __init__(self, owner: Owner, wire: Wire, limits: PlayerLimits) -> None:
        self._owner = owner
        self._wire = wire
        self._limits = limits
        self._box: Outgoing | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last_word: Close | None = None
        self._is_over = False

    @property
    def waiting_bytes(self) -> int:
        """How many bytes wait for the peer."""
        return 0 if self._box is None else self._box.waiting_bytes

    async def put(self, frame: bytes) -> None:
        """Write a frame that may not be lost, waiting while the box is full. Nothing after the end."""
        if not self._wrote_at_once(frame) and not self._is_over:
            await self._opened().put(frame)
            self._write_on()

    async def show(self, topic: str, frame: bytes) -> None:
        """Write the newest state of a topic; one that has not left yet is forgotten."""
        if not self._wrote_at_once(frame) and not self._is_over:
            await self._opened().show(topic, frame)
            self._write_on()

    def drop(self, topic: str) -> None:
        """Forget the state of a topic, if it has not left yet."""
        if self._box is not None:
            self._box.drop(topic)

    def end(self, close: Close) -> None:
        """Say this after what waits already, or after a while without it."""
        self._shut()
        self._last_word = close
        if self._task is None:
            self._say_last_word()
        else:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_ON_CLOSE_S, self._say_last_word)

    def stop(self) -> None:
        """The peer is gone: write nothing more, say nothing."""
        self._shut()
        self._last_word = None
        self._disarm()
        if self._task is not None:
            self._task.cancel()

    def _shut(self) -> None:
        self._is_over = True
        if self._box is not None:
            self._box.close()

    def _opened(self) -> Outgoing:
        if self._box is None:
            self._box = Outgoing(self._limits.outbox_frames, self._limits.outbox_bytes)
        return self._box

    def _wrote_at_once(self, frame: bytes) -> bool:
        nothing_before = self._task is None and (self._box is None or not len(self._box))
        return nothing_before and not self._is_over and self._wire.offer(frame)

    def _write_on(self) -> None:
        if self._task is None and self._box is not None and len(self._box) and not self._is_over:
            self._task = self._owner.spawn(self._write(self._box), "player writer")
            # Not in the task's own `finally`: one that is cancelled before its first step never gets there.
            self._task.add_done_callback(self._written)

    def _written(self, _: asyncio.Task[None]) -> None:
        self._task = None
        self._say_last_word()
        self._write_on()
        if self._task is None and self._box is not None and self._box.is_idle:
            self._box = None

    async def _write(self, box: Outgoing) -> None:
        try:
            while (frame := box.take()) is not None:
                async with asyncio.timeout(self._limits.slow_client_s):
                    await self._wire.send(frame)
        except TimeoutError:
            self._owner.close(CloseCode.TOO_SLOW, "Too slow: read faster or follow less")
            self._say_last_word()
            # Said to nobody, as far as one can tell.
            self._timer = asyncio.get_running_loop().call_later(LINGER_S, self._wire.abort)
        except WireClosed:
            # Told by nobody else while `receive` makes the peer wait: its close is read after its frames.
            self._owner.lost()

    def _say_last_word(self) -> None:
        if self._last_word is not None:
            close, self._last_word = self._last_word, None
            self._disarm()
            self._wire.close(close.code, close.reason)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
