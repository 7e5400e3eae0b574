"""One event told to a thousand listeners in the same words is answered once.

Owns the answers of the moment: made by the first who asks, handed to the others as the very same bytes. Refuses to know
who may share one: `graph/impersonal.py` says that.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import orjson

from graph.request import Response

MOMENT_S = 1.0
"""How long an answer is handed on, in seconds: a crowd is told in far less, and nothing older is ever shown."""
KEPT = 128
"""Answers at most."""


@dataclass(slots=True)
class Answer:
    """A response, and its JSON, which is written once however many are sent it."""

    response: Response
    _json: orjson.Fragment | None = None

    @property
    def json(self) -> orjson.Fragment:
        """The response as JSON, to be put into any frame without being written again."""
        if self._json is None:
            self._json = orjson.Fragment(orjson.dumps(self.response))
        return self._json


@dataclass(slots=True)
class _Making:
    began_at: float
    holds: tuple[Any, ...]
    """What the key names by identity: while it is here, no other object can have that identity."""
    found: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class SharedAnswers:
    """At most `KEPT` answers, each for `MOMENT_S`. `made` and `handed_on` count since the start."""

    def __init__(self) -> None:
        self.made = 0
        self.handed_on = 0
        self._answers: OrderedDict[Hashable, _Making] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    async def answer(self, key: Hashable, holds: tuple[Any, ...], make: Callable[[], Awaitable[Response]]) -> Answer:
        """The answer under `key`: one that was begun a moment ago, else what `make` gives, for the others too."""
        self._forget_old()
        while (known := self._answers.get(key)) is not None:
            if not known.found.done():
                # Not awaited itself: who gives up waiting must not cancel it for the others.
                await asyncio.wait([known.found])
            if not known.found.cancelled():
                self.handed_on += 1
                return known.found.result()
        return await self._make(key, holds, make)

    async def _make(self, key: Hashable, holds: tuple[Any, ...], make: Callable[[], Awaitable[Response]]) -> Answer:
        mine = self._answers[key] = _Making(asyncio.get_running_loop().time(), holds)
        while len(self._answers) > KEPT:
            self._answers.popitem(last=False)
        try:
            answer = Answer(await make())
        except BaseException:
            # Each of the others makes one for itself, and meets the trouble itself if it is still there.
            if self._answers.get(key) is mine:
                del self._answers[key]
            mine.found.cancel()
            raise
        self.made += 1
        mine.found.set_result(answer)
        if "errors" in answer.response and self._answers.get(key) is mine:
            # Who waits is told the same; whoever comes later may have more luck.
            del self._answers[key]
        return answer

    def _forget_old(self) -> None:
        since = asyncio.get_running_loop().time() - MOMENT_S
        while self._answers:
            key, oldest = next(iter(self._answers.items()))
            if oldest.began_at > since:
                return
            del self._answers[key]
