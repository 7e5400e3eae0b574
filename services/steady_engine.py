"""An engine whose absence is told in our own words: `EngineAway` becomes `Unavailable`, everything else passes.

Stands between the services and whichever engine there is, so that no service has to think of it and a store that is
away is a 503 at every door instead of a bug. Refuses to know what is asked.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

from services.errors import Unavailable
from storage.engine import Engine, EngineAway

log = logging.getLogger("tutti.storage")

RETRY_SECONDS = 2.0

HearSlow = Callable[[str, float], None]
"""Told what took how many milliseconds: the shape of a command that took long."""
LEAST_S = 0.02
TOLD_EVERY_S = 10.0
"""An outage is told so often, however many ask meanwhile; how many did is told with it."""


class _SteadyEngine:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = engine.name
        self.hear: HearSlow | None = None
        self._told_at = -TOLD_EVERY_S
        self._untold = 0
        self.monotonic: Callable[[], float] = lambda: 0.0

    def away(self, fault: EngineAway) -> Unavailable:
        """What clients are told. They are not told why; whoever keeps the house must be able to read it."""
        now = time.monotonic()
        if now - self._told_at >= TOLD_EVERY_S:
            log.warning("the store does not answer", extra={"reason": str(fault), "untold": self._untold})
            self._told_at, self._untold = now, 0
        else:
            self._untold += 1
        return Unavailable(
            "The library's store does not answer just now.", code="STORE_AWAY", retry_after=RETRY_SECONDS
        )

    def __getattr__(self, name: str) -> Any:
        """The engine's method in its wrapping, made once."""
        method = getattr(self._engine, name)
        if inspect.isasyncgenfunction(method):
            wrapped: Any = _steady_scan(method, self)
        elif inspect.iscoroutinefunction(method):
            wrapped = _steady_call(method, name, self)
        else:
            wrapped = method
        self.__dict__[name] = wrapped
        return wrapped


def hear_slow(engine: Engine, hear: HearSlow, monotonic: Callable[[], float]) -> None:
    """Tell `hear` of commands that take longer than twenty milliseconds, by a clock; only a steady engine can."""
    if isinstance(engine, _SteadyEngine):
        engine.hear, engine.monotonic = hear, monotonic


def steady(engine: Engine) -> Engine:
    """The engine, raising Unavailable where it raised EngineAway."""
    return cast(Engine, _SteadyEngine(engine))


def _steady_call(method: Callable[..., Any], name: str, engine: _SteadyEngine) -> Callable[..., Any]:
    async def call(*arguments: Any, **options: Any) -> Any:
        began = engine.monotonic()
        try:
            return await method(*arguments, **options)
        except EngineAway as fault:
            raise engine.away(fault) from fault
        finally:
            took_s = engine.monotonic() - began
            if took_s > LEAST_S and engine.hear is not None:
                engine.hear(_shape(name, arguments, options), 1000 * took_s)

    return call


def _steady_scan(method: Callable[..., Any], engine: _SteadyEngine) -> Callable[..., Any]:
    async def scan(*arguments: Any, **options: Any) -> AsyncIterator[Any]:
        try:
            async for batch in method(*arguments, **options):
                yield batch
        except EngineAway as fault:
            raise engine.away(fault) from fault

    return scan


def _shape(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> str:
    """A command without its values: what was done, to which collection, by which fields, in which order."""
    collection = arguments[0] if arguments and isinstance(arguments[0], str) else ""
    asked = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], Mapping) else {}
    # What an insert is given is a document, and its fields say nothing.
    by = "" if name == "insert" else ", ".join(sorted(_fields(asked)))
    order = ", ".join(f"-{field}" if way < 0 else field for field, way in options.get("sort", ()))
    return " ".join([name, collection, f"({by})" if by else "", f"by {order}" if order else ""]).strip()


def _fields(asked: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for field, value in asked.items():
        if field in ("$and", "$or", "$nor"):
            for each in value:
                found |= _fields(each)
        else:
            found.add(field)
    return found
