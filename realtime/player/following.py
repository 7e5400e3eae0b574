"""The topics one player follows: each with its source, and a task that tells what comes out of it.

Owns how a source is begun and let go, whyever it ends. Refuses to know what the topics are and how frames leave.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from realtime.player.encoded import EncodedFrames
from realtime.player.frames import event
from realtime.player.writing import PlayerWriter
from services.errors import TooMany, TuttiError
from services.trace import begin_trace

log = logging.getLogger("tutti.realtime")


class Tasks(Protocol):
    """Who runs tasks for the player."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a task that ends with the player."""


@dataclass(eq=False, slots=True)
class Follow:
    """A topic, its source and whoever reads it; `task` is None before it is read."""

    topic: str
    source: AsyncIterator[Mapping[str, Any]]
    seen_as: Hashable = None
    each: bool = False
    task: asyncio.Task[None] | None = None


class FollowedTopics:
    """At most `most` topics. Between `hold` and `release`, what is added is not read yet."""

    __slots__ = ("_follows", "_frames", "_held", "_is_over", "_most", "_tasks", "_writer")

    def __init__(self, tasks: Tasks, writer: PlayerWriter, frames: EncodedFrames, *, most: int) -> None:
        self._tasks = tasks
        self._writer = writer
        self._frames = frames
        self._most = most
        self._follows: dict[str, Follow] = {}
        self._held: list[Follow] | None = None
        self._is_over = False

    def add(self, follow: Follow) -> None:
        """Tell this from now on, instead of an older source of the same topic. TooMany when there is no room."""
        if self._is_over:
            self._let_go(follow)
            return
        self.remove(follow.topic)
        if len(self._follows) >= self._most:
            self._let_go(follow)
            raise TooMany(f"You follow {self._most} topics; unfollow one first.")
        self._follows[follow.topic] = follow
        if self._held is None:
            self._listen(follow)
        else:
            self._held.append(follow)

    def remove(self, topic: str) -> bool:
        """Tell it no more; whether it was told."""
        follow = self._follows.pop(topic, None)
        if follow is None:
            return False
        self._writer.drop(topic)
        self._end(follow)
        return True

    def hold(self) -> None:
        """Begin to read nothing new until `release`."""
        self._held = []

    def release(self) -> None:
        """Read what was added since `hold`."""
        held, self._held = self._held or (), None
        for follow in held:
            if self._follows.get(follow.topic) is follow:
                self._listen(follow)

    def stop(self) -> None:
        """Let everything go, and whatever is still added."""
        self._is_over = True
        while self._follows:
            self._end(self._follows.popitem()[1])

    def _end(self, follow: Follow) -> None:
        if follow.task is None:
            self._let_go(follow)
        else:
            follow.task.cancel()

    def _listen(self, follow: Follow) -> None:
        follow.task = self._tasks.spawn(self._tell(follow), "player follows")
        # Not in the task's own `finally`: one that is cancelled before its first step never gets there.
        follow.task.add_done_callback(lambda _: self._let_go(follow))

    async def _tell(self, follow: Follow) -> None:
        begin_trace()
        shown: dict[str, Any] = {"topic": follow.topic}
        try:
            async for item in follow.source:
                frame = self._frames.frame(follow.topic, item, follow.seen_as)
                if follow.each:
                    await self._writer.put(frame)
                else:
                    await self._writer.show(follow.topic, frame)
        except TuttiError as refused:
            shown["error"] = {**refused.extensions, "message": refused.message}
        except Exception:
            log.exception("player's topic failed", extra={"topic": follow.topic})
            shown["error"] = {"code": "INTERNAL", "message": "Something went wrong"}
        if self._follows.get(follow.topic) is follow:
            del self._follows[follow.topic]
            await self._writer.put(event("unfollowed", shown))

    def _let_go(self, follow: Follow) -> None:
        self._tasks.spawn(_let_go(follow), "player lets go")


async def _let_go(follow: Follow) -> None:
    close = getattr(follow.source, "aclose", None)
    if close is not None:
        await close()
