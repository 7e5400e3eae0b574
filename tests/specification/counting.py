"""Counts the store commands that GraphQL requests give, each request by itself, whatever else happens meanwhile.

A command counts for the request in whose context it is given: what workers of the background ask (announcements, the
search index, jobs) was started before and counts for nobody. Refuses to know what is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from graph.execute import Executor
from storage.engine import Engine

COMMANDS = (
    "insert",
    "get",
    "get_many",
    "find",
    "scan",
    "update",
    "update_and_get",
    "delete",
    "count",
    "group",
    "bulk",
)

Asked = Counter[tuple[str, str]]
"""How often each (collection, command) was given."""

_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def by_collection(asked: Asked) -> dict[str, int]:
    """The commands of each collection, by name."""
    found: Counter[str] = Counter()
    for (collection, _), times in asked.items():
        found[collection] += times
    return dict(sorted(found.items()))


@contextmanager
def counted(engine: Engine) -> Iterator[list[Asked]]:
    """While this lasts, every executed GraphQL request adds what it asked of `engine` to the list, in order."""
    requests: list[Asked] = []
    execute = Executor.execute

    async def execute_counted(self: Executor, *arguments: Any, **options: Any) -> Any:
        asked: Asked = Counter()
        token = _asked.set(asked)
        try:
            return await execute(self, *arguments, **options)
        finally:
            _asked.reset(token)
            requests.append(asked)

    def counting(name: str, method: Any) -> Any:
        def call(collection: str, *arguments: Any, **options: Any) -> Any:
            asked = _asked.get()
            if asked is not None:
                asked[collection, name] += 1
            return method(collection, *arguments, **options)

        return call

    before = {name: getattr(engine, name) for name in COMMANDS}
    Executor.execute = execute_counted  # type: ignore[method-assign]
    for name, method in before.items():
        setattr(engine, name, counting(name, method))
    try:
        yield requests
    finally:
        Executor.execute = execute  # type: ignore[method-assign]
        for name, method in before.items():
            setattr(engine, name, method)
