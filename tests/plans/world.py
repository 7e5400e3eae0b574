"""A made-up world behind the whole real schema: what any field answers follows from a number and from nothing else.

Every record has a seed; a field's value is drawn from that seed and the field's name, so that two executors who ask
the same find the same, in whatever order. Some fields are attributes, some resolvers, some of those come later: by a
coroutine that takes a few turns of the loop, or by a future that many wait for. With trouble, some fail, some are
nothing where there must be something, and some are what no schema allows.
"""

from __future__ import annotations

import asyncio
import random
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    build_schema,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from graph.asked import or_closed
from graph.bind import read_sdl
from graph.plan_source import ATTRIBUTE, MEMBERS, RECORD
from services.errors import Denied

ROOTS = ("Query", "Mutation", "Subscription")
WORDS = ("", "a song", "Ärger", "7", "true", "line\nbreak", "\u2028", "音楽")
NUMBERS = (0, 1, -1, 180, 2**30, 2**31 - 1, -(2**31))
FRACTIONS = (0.0, -0.0, 1.5, 1e300, 3, 7.0)
ODD = (
    None,
    Undefined,
    Exception("an error as a value"),
    object(),
    2**31,
    float("nan"),
    float("inf"),
    b"",
    True,
    [],
    {},
)


class World:
    """How often something is wrong (`trouble`, 0 to 1), how long lists are, and what is still on its way."""

    def __init__(self, trouble: float, length: int) -> None:
        self.trouble = trouble
        self.length = length
        self._coming: dict[Any, asyncio.Future[Any]] = {}

    def value(self, seed: str, kind: Any) -> Any:
        """A value of a type, or something that is none."""
        luck = random.Random(seed)
        if luck.random() < self.trouble:
            fault = luck.randrange(3)
            if fault == 0:
                raise luck.choice((ValueError(f"bad luck {seed}"), GraphQLError(f"worse {seed}"), Denied(f"no {seed}")))
            return luck.choice(ODD)
        if is_non_null_type(kind):
            return self._something(seed, kind.of_type, luck)
        return None if luck.random() < 0.15 else self._something(seed, kind, luck)

    def _something(self, seed: str, kind: Any, luck: random.Random) -> Any:
        if is_list_type(kind):
            rows = [self._row(f"{seed}.{place}", kind.of_type) for place in range(luck.randint(0, self.length))]
            return tuple(rows) if luck.random() < 0.2 else rows
        if is_object_type(kind) or is_abstract_type(kind):
            members = kind.extensions[MEMBERS] if is_abstract_type(kind) else {kind.extensions[RECORD]: kind.name}
            record = luck.choice(sorted(members, key=lambda each: each.__name__))
            return record(self, seed)
        if isinstance(kind, GraphQLEnumType):
            return luck.choice([each.value for each in kind.values.values()])
        return luck.choice({"Int": NUMBERS, "Float": FRACTIONS, "Boolean": (True, False)}.get(kind.name, WORDS))

    def _row(self, seed: str, kind: Any) -> Any:
        try:
            return self.value(seed, kind)
        except Exception as error:  # noqa: BLE001 - a list cannot fail in one place but by what is in it
            return error

    async def _later(self, seed: str, kind: Any, turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return self.value(seed, kind)

    def answer(self, seed: str, field: GraphQLField) -> Any:
        """What a resolver hands back: a value, or something to wait for."""
        luck = random.Random(f"{seed} comes")
        way = luck.randrange(4)
        if way == 0:
            return self._later(seed, field.type, luck.randrange(3))
        if way == 1:
            key = luck.randrange(5), str(field.type)
            if key not in self._coming:
                self._coming[key] = asyncio.ensure_future(self._later(f"shared {key}", field.type, 1))
                self._coming[key].add_done_callback(lambda done: done.cancelled() or done.exception())
            return self._coming[key]
        return self.value(seed, field.type)


class Record:
    """A record of some type."""

    def __init__(self, world: World, seed: str) -> None:
        self.world = world
        self.seed = seed


def _attribute(name: str, field: GraphQLField) -> property:
    return property(lambda record: record.world.value(f"{record.seed}.{name}", field.type))


def _resolver(name: str, field: GraphQLField) -> Any:
    def resolve(parent: Any, info: Any, **arguments: Any) -> Any:
        world, seed = (parent.world, parent.seed) if isinstance(parent, Record) else (info.context, "root")
        return world.answer(f"{seed}.{name}({sorted(arguments.items(), key=str)})", field)

    # As the binder does.
    return or_closed(resolve)


@cache
def schema() -> GraphQLSchema:
    """The whole real schema, answered by chance."""
    made = build_schema(read_sdl())
    records: dict[str, type] = {}
    for kind in made.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__"):
            continue
        members: dict[str, Any] = {}
        for name, field in kind.fields.items():
            # Most are attributes in the real one too.
            if kind.name not in ROOTS and not field.args and random.Random(f"{kind} {name}").random() < 0.6:
                members[name] = _attribute(name, field)
                field.extensions = {ATTRIBUTE: name}
                field.resolve = lambda record, _info, name=name: getattr(record, name)
            else:
                field.resolve = _resolver(name, field)
        records[kind.name] = type(kind.name, (Record,), members)
        kind.extensions = {RECORD: records[kind.name]}
    for kind in made.type_map.values():
        if is_abstract_type(kind):
            names = {records[each.name]: each.name for each in made.get_possible_types(kind)}
            kind.extensions = {MEMBERS: names}
            kind.resolve_type = lambda value, _info, _kind, names=names: names.get(type(value))
    return made
