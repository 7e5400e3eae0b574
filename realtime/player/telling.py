"""A feed's states as the frames of `/ws`. Refuses to know what is told: whoever opens one says how."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any


class Telling:
    """A source of frames over a source of states. Not a generator: one that was never begun has to be let go too."""

    def __init__(self, states: AsyncIterator[Any], tell: Callable[[Any], Awaitable[Mapping[str, Any]]]) -> None:
        self._states = states
        self._tell = tell

    def __aiter__(self) -> Telling:
        return self

    async def __anext__(self) -> Mapping[str, Any]:
        """The next frame."""
        return await self._tell(await anext(self._states))

    async def aclose(self) -> None:
        """Let go."""
        close = getattr(self._states, "aclose", None)
        if close is not None:
            await close()
