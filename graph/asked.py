"""A field that was asked and that nobody waits for yet: its resolver's work is begun by whoever awaits it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any


class Asked:
    """What a resolver will answer. Nothing of it exists before it is awaited, which is done once.

    A caller may leave at the very moment in which a field is asked: it is cancelled before its first step then. A
    coroutine that was made by that time would be one that nobody ever awaits, and Python would warn of it.
    """

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Awaitable[Any]]) -> None:
        self._make = make

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._make().__await__()


def when_awaited(resolver: Callable[..., Awaitable[Any]]) -> Callable[..., Asked]:
    """The same resolver, which begins once its answer is awaited."""

    def resolve(parent: Any, info: Any, /, **arguments: Any) -> Asked:
        return Asked(partial(resolver, parent, info, **arguments))

    return resolve
