"""Attaches resolvers to the text of the API, and refuses to start where the two disagree.

Owns the rules of agreement: each field has a resolver or a record attribute of its name (camelCase read as
snake_case), each resolver a field, each enum value and scalar a meaning, each root field an `@needs`, and everything a
description (`graph/words.py`). Refuses to know any noun: resolver modules say `RECORDS`, `ENUMS` and `SCALARS`, and
mark their functions with `resolves`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from inspect import iscoroutinefunction
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    is_abstract_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from graph.asked import or_closed, when_awaited
from graph.cost import price_of
from graph.impersonal import marks_of
from graph.plan_source import ATTRIBUTE, MEMBERS, RECORD
from graph.reach import needed_scope, within_reach
from graph.words import wordless
from services.errors import Invalid
from services.viewer import Role

Resolver = Callable[..., Any]
Function = TypeVar("Function", bound=Callable[..., Any])
SHARED_ENDINGS = ("Connection", "Edge")
"""Types with these endings share resolvers and records, written with `*` in place of the noun."""
SCHEMA_FOLDER = Path(__file__).parent / "schema"


class BindError(Exception):
    """The SDL and the code disagree; one line for each disagreement."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """What a scalar's values are: `write` makes one JSON, `read` takes one from JSON or raises GraphQLError."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def resolves(*coordinates: str) -> Callable[[Function], Function]:
    """Mark a function as what answers `Type.field`, for one field or several alike."""

    def mark(function: Function) -> Function:
        function.coordinates = coordinates  # type: ignore[attr-defined]
        return function

    return mark


def read_sdl(folder: Path = SCHEMA_FOLDER) -> str:
    """The whole text of the API: every `*.graphql` of the folder, in order of name."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.graphql")))


def snake_case(name: str) -> str:
    """`releaseDate` as `release_date`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel_case(name: str) -> str:
    """`release_date` as `releaseDate`."""
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


def bind(sdl: str, modules: Iterable[ModuleType]) -> GraphQLSchema:
    """The executable schema. BindError lists whatever does not fit or has no description."""
    return _Binder(build_schema(sdl), list(modules)).bound()


class _Binder:
    def __init__(self, schema: GraphQLSchema, modules: list[ModuleType]) -> None:
        self.schema = schema
        self.wrong: list[str] = []
        self.resolvers: dict[str, Resolver] = {}
        self.meanings: dict[str, dict[str, Any]] = {"RECORDS": {}, "ENUMS": {}, "SCALARS": {}}
        for module in modules:
            for kind, known in self.meanings.items():
                self._take(known, getattr(module, kind, {}), module)
            marked = [entry for entry in vars(module).values() if getattr(entry, "__module__", "") == module.__name__]
            for entry in marked:
                self._take(self.resolvers, dict.fromkeys(getattr(entry, "coordinates", ()), entry), module)

    def _take(self, known: dict[str, Any], offered: dict[str, Any], module: ModuleType) -> None:
        for name, meaning in offered.items():
            if known.setdefault(name, meaning) is not meaning:
                self.wrong.append(f"{name} is answered twice, the second time in {module.__name__}")

    def bound(self) -> GraphQLSchema:
        shown = {name: kind for name, kind in self.schema.type_map.items() if not is_introspection_type(kind)}
        for kind in shown.values():
            self._bind_type(kind)
        unused = [coordinate for coordinate in self.resolvers if not coordinate.startswith("*")]
        self.wrong += [f"{coordinate} has a resolver but no field" for coordinate in unused]
        for names in self.meanings.values():
            self.wrong += [
                f"{name} has a meaning but no type" for name in names if name[0] != "*" and name not in shown
            ]
        self.wrong += wordless(self.schema)
        if self.wrong:
            raise BindError("\n".join(sorted(self.wrong)))
        return self.schema

    def _bind_type(self, kind: GraphQLNamedType) -> None:
        if isinstance(kind, GraphQLObjectType):
            kind.extensions = {**kind.extensions, RECORD: self._record(kind)}
            for name, field in kind.fields.items():
                self._bind_field(kind, name, field)
        elif isinstance(kind, GraphQLEnumType):
            self._bind_enum(kind)
        elif isinstance(kind, GraphQLInputObjectType):
            self._bind_input(kind)
        elif isinstance(kind, GraphQLScalarType) and not is_specified_scalar_type(kind):
            self._bind_scalar(kind)
        elif is_abstract_type(kind):
            self._bind_abstract(kind)

    def _bind_field(self, kind: GraphQLObjectType, name: str, field: GraphQLField) -> None:
        coordinate = f"{kind.name}.{name}"
        root = kind in (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type)
        for argument, spec in field.args.items():
            spec.out_name = snake_case(argument)
        try:
            field.extensions = {**field.extensions, "price": price_of(self.schema, field)}
        except ValueError as fault:
            self.wrong.append(f"{coordinate} {fault}")
        role = needed_role(field)
        if root and role is None:
            self.wrong.append(f"{coordinate} is a root field without @needs")
        resolver = self.resolvers.pop(coordinate, None) or self._shared(kind, name)
        field.extensions = {**field.extensions, **marks_of(resolver)}
        if resolver is None:
            record = self._record(kind)
            if record is None or field.args or not _has_attribute(record, snake_case(name)):
                self.wrong.append(f"{coordinate} has neither a resolver nor a record attribute")
                return
            resolver = _attribute(snake_case(name))
            if not root and role in (None, Role.ANYONE):
                field.extensions = {**field.extensions, ATTRIBUTE: snake_case(name)}
        elif kind is not self.schema.subscription_type:
            resolver = when_awaited(resolver) if iscoroutinefunction(resolver) else or_closed(resolver)
        if field.args:
            resolver = _readable(resolver)
        if role not in (None, Role.ANYONE):
            resolver = _guarded(resolver, role)
        if root:
            resolver = within_reach(resolver, needed_scope(kind.name, name))
        if kind is self.schema.subscription_type:
            field.subscribe, field.resolve = resolver, _event
        else:
            field.resolve = _afresh(resolver) if kind is self.schema.mutation_type else resolver

    def _shared(self, kind: GraphQLObjectType, name: str) -> Resolver | None:
        """What `*Connection.totalCount` answers for every type whose name ends so, unless it has an answer itself."""
        ending = next((ending for ending in SHARED_ENDINGS if kind.name.endswith(ending)), None)
        return None if ending is None else self.resolvers.get(f"*{ending}.{name}")

    def _record(self, kind: GraphQLObjectType) -> type | None:
        records = self.meanings["RECORDS"]
        ending = next((ending for ending in SHARED_ENDINGS if kind.name.endswith(ending)), "")
        record: type | None = records.get(kind.name) or records.get(f"*{ending}")
        return record

    def _bind_enum(self, kind: GraphQLEnumType) -> None:
        meaning: type[Enum] | None = self.meanings["ENUMS"].get(kind.name)
        for name, value in kind.values.items():
            if meaning is None or name not in meaning.__members__:
                self.wrong.append(f"{kind.name}.{name} is an enum value without a meaning")
            else:
                value.value = meaning[name]
        kind.__dict__.pop("_value_lookup", None)

    def _bind_input(self, kind: GraphQLInputObjectType) -> None:
        record = self.meanings["RECORDS"].get(kind.name)
        if record is dict:
            # Taken as plain values under the names as written.
            return
        for name, field in kind.fields.items():
            field.out_name = snake_case(name)
            if record is None or not _has_attribute(record, field.out_name):
                self.wrong.append(f"{kind.name}.{name} is an input field that no record takes")
        if record is not None:
            kind.out_type = lambda value: record(**value)  # type: ignore[method-assign]

    def _bind_scalar(self, kind: GraphQLScalarType) -> None:
        meaning: Scalar | None = self.meanings["SCALARS"].get(kind.name)
        if meaning is None:
            self.wrong.append(f"{kind.name} is a scalar without a meaning")
            return
        for name, action in (("serialize", meaning.write), ("parse_value", meaning.read)):
            setattr(kind, name, action)
        kind.coerce_output_value, kind.coerce_input_value = meaning.write, meaning.read

    def _bind_abstract(self, kind: Any) -> None:
        names = {
            self.meanings["RECORDS"].get(member.name): member.name for member in self.schema.get_possible_types(kind)
        }
        if None in names:
            self.wrong.append(f"{kind.name} has a member that no record stands for")
        kind.resolve_type = lambda value, _info, _kind: names.get(type(value))
        kind.extensions = {**kind.extensions, MEMBERS: names}


def needed_role(field: GraphQLField) -> Role | None:
    """The role that a field's `@needs` names, None without one."""
    role = _needs(field).get("role")
    return None if role is None else Role[role]


def stale_token_fields(schema: GraphQLSchema) -> frozenset[str]:
    """The mutations whose `@needs` lets in somebody with a token that has run out."""
    fields = schema.mutation_type.fields if schema.mutation_type else {}
    return frozenset(name for name, field in fields.items() if _needs(field).get("staleToken") is True)


def _needs(field: GraphQLField) -> dict[str, Any]:
    for node in (field.ast_node and field.ast_node.directives) or ():
        if node.name.value == "needs":
            return {argument.name.value: getattr(argument.value, "value", None) for argument in node.arguments or ()}
    return {}


def _has_attribute(record: type, name: str) -> bool:
    if is_dataclass(record) and name in {spec.name for spec in fields(record)}:
        return True
    return isinstance(getattr(record, name, None), property)


def _attribute(name: str) -> Resolver:
    return lambda record, _info: getattr(record, name)


def _guarded(resolver: Resolver, role: str | None) -> Resolver:
    def resolve_if_allowed(parent: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        info.context.viewer.require(role)
        return resolver(parent, info, **arguments)

    return resolve_if_allowed


def _readable(resolver: Resolver) -> Resolver:
    # No door lets half a surrogate pair in, but a store that met one would take it for a bug of ours.
    def resolve_readable(parent: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        for name, value in arguments.items():
            if not _is_readable(value):
                raise Invalid("This text is not Unicode: it holds half a surrogate pair.", field=camel_case(name))
        return resolver(parent, info, **arguments)

    return resolve_readable


def _is_readable(value: Any) -> bool:
    if isinstance(value, str):
        try:
            # At once for ASCII, however long.
            return value.isascii() or bool(value.encode())
        except UnicodeEncodeError:
            return False
    if isinstance(value, list):
        return all(_is_readable(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return all(_is_readable(getattr(value, spec.name)) for spec in fields(value))
    return True


def _afresh(resolver: Resolver) -> Resolver:
    # Root mutations run one after another in one request: what an earlier one changed must be read again.
    def resolve_afresh(parent: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        info.context.loaders.forget()
        return resolver(parent, info, **arguments)

    return resolve_afresh


def _event(event: Any, _info: GraphQLResolveInfo[Any], /, **_arguments: Any) -> Any:
    return event
