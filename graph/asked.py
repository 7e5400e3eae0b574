"""A field that was asked and that nobody waits for yet: nothing of it is left over when whoever asked leaves.

A caller may leave at the very moment in which a field is asked: what was to await it is cancelled before its first
step then. A coroutine that was made by that time would be one that nobody ever awaits, and Python would warn of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from functools import partial
from types import CoroutineType
from typing import Any


class Asked:
    """What a resolver will answer. Nothing of it exists before it is awaited, which is done once."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Awaitable[Any]]) -> None:
        self._make = make

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._make().__await__()


class Begun:
    """A service's answer that a resolver handed on. It is awaited once, or closed when nobody did."""

    __slots__ = ("_answer",)

    def __init__(self, answer: CoroutineType[Any, Any, Any]) -> None:
        self._answer: CoroutineType[Any, Any, Any] | None = answer

    def __await__(self) -> Generator[Any, Any, Any]:
        answer, self._answer = self._answer, None
        assert answer is not None
        return answer.__await__()

    def __del__(self) -> None:
        if self._answer is not None:
            self._answer.close()


def when_awaited(resolver: Callable[..., Awaitable[Any]]) -> Callable[..., Asked]:
    """The same resolver, a coroutine function, which begins once its answer is awaited."""

    def resolve(parent: Any, info: Any, /, **arguments: Any) -> Asked:
        return Asked(partial(resolver, parent, info, **arguments))

    return resolve


def or_closed(resolver: Callable[..., Any]) -> Callable[..., Any]:
    """The same resolver, a plain function: what it hands on to be awaited is closed when nobody awaits it."""

    def resolve(parent: Any, info: Any, /, **arguments: Any) -> Any:
        found = resolver(parent, info, **arguments)
        return Begun(found) if type(found) is CoroutineType else found

    return resolve
