"""An engine whose absence is told in our own words: `EngineAway` becomes `Unavailable`, everything else passes.

Stands between the services and whichever engine there is, so that no service has to think of it and a store that is
away is a 503 at every door instead of a bug. Refuses to know what is asked.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from services.errors import Unavailable
from storage.engine import Engine, EngineAway

log = logging.getLogger("tutti.storage")

RETRY_SECONDS = 2.0


class _SteadyEngine:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = engine.name

    def __getattr__(self, name: str) -> Any:
        """The engine's method in its wrapping, made once."""
        method = getattr(self._engine, name)
        if inspect.isasyncgenfunction(method):
            wrapped: Any = _steady_scan(method)
        elif inspect.iscoroutinefunction(method):
            wrapped = _steady_call(method)
        else:
            wrapped = method
        self.__dict__[name] = wrapped
        return wrapped


def steady(engine: Engine) -> Engine:
    """The engine, raising Unavailable where it raised EngineAway."""
    return cast(Engine, _SteadyEngine(engine))


def _steady_call(method: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*arguments: Any, **options: Any) -> Any:
        try:
            return await method(*arguments, **options)
        except EngineAway as fault:
            raise _away(fault) from fault

    return call


def _steady_scan(method: Callable[..., Any]) -> Callable[..., Any]:
    async def scan(*arguments: Any, **options: Any) -> AsyncIterator[Any]:
        try:
            async for batch in method(*arguments, **options):
                yield batch
        except EngineAway as fault:
            raise _away(fault) from fault

    return scan


def _away(fault: EngineAway) -> Unavailable:
    # Clients are not told why; whoever keeps the house must be able to read it.
    log.warning("the store does not answer", extra={"reason": str(fault)})
    return Unavailable("The library's store does not answer just now.", code="STORE_AWAY", retry_after=RETRY_SECONDS)
