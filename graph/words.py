"""Whether the API explains itself: a description for every part of it, a reason for every deprecation.

Owns that rule, and the sentences for arguments that mean the same wherever they stand. Refuses to judge style.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

NO_REASON = "No longer supported"
"""What GraphQL says for a `@deprecated` without a reason."""

EVERYWHERE = {
    "id": "The id.",
    "slug": "The readable name of its address, instead of the id.",
    "first": "How many rows, from 1 to 100; 20 unless told.",
    "after": "The cursor of the row after which to read on.",
    "limit": "How many rows, from 1 to 100.",
    "offset": "How many rows to pass over, at most 10,000.",
    "filters": "Which ones to keep.",
    "orderBy": "In which order.",
    "size": "Its size in pixels: 96, 300, 640 or 1200.",
    "email": "The e-mail address.",
    "username": "The name others see.",
    "password": "The password.",
    "firstName": "First name.",
    "lastName": "Last name.",
    "input": "What to write.",
    "query": "What to look for.",
    "timeRange": "Over which time.",
    "name": "The name.",
    "title": "The title.",
    "description": "What it is, in words.",
    "comment": "What to say about it.",
    "reason": "Why.",
    "position": "The place in the list.",
    "token": "The token that was handed out for this.",
    "fileName": "The name of the file.",
    "isPublic": "Whether everybody may see it.",
    "isCollaborative": "Whether people who are invited may edit it.",
    "isEditorial": "Whether it is the house's own.",
}
"""Arguments that need no words of their own: the binder gives them these."""

BESIDE = {
    ("limit", "first"): "The same as `first`; only one of them is given.",
    ("offset", "after"): "How many rows to pass over, at most 10,000; `after` stays right while rows are added.",
}
"""What the first of two arguments means where the second one stands beside it."""


def wordless(schema: GraphQLSchema) -> list[str]:
    """A sentence for each part without a description, and each deprecation without a reason.

    An argument without words gets those of EVERYWHERE; `albumId` and its like get "The album's id.", `songIds` "The ids
    of the songs."
    """
    return list(_wordless(schema))


def _wordless(schema: GraphQLSchema) -> Iterator[str]:
    for name, kind in schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield from _bare(name, kind)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                yield from _bare(f"{name}.{field_name}", field)
                yield from _arguments(f"{name}.{field_name}", field)
        elif isinstance(kind, GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                yield from _bare(f"{name}.{field_name}", field)
        elif isinstance(kind, GraphQLEnumType):
            for value_name, value in kind.values.items():
                yield from _bare(f"{name}.{value_name}", value)
    for directive in schema.directives:
        if not is_specified_directive(directive):
            yield from _bare(f"@{directive.name}", directive)


def _arguments(coordinate: str, field: GraphQLField) -> Iterator[str]:
    for name, argument in field.args.items():
        if not argument.description:
            beside = (words for (mine, other), words in BESIDE.items() if mine == name and other in field.args)
            argument.description = next(beside, None) or EVERYWHERE.get(name) or _id_of(name)
        # A field that tells its caller about an argument by name has told enough.
        if f"`{name}`" not in (field.description or ""):
            yield from _bare(f"{coordinate}({name}:)", argument)


def _id_of(name: str) -> str | None:
    if name.endswith("Ids") and len(name) > 3:
        return f"The ids of the {_spaced(name[:-3])}s."
    noun = name.removesuffix("Id")
    return f"The {_spaced(noun)}'s id." if noun != name and noun else None


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)


def _bare(coordinate: str, part: Any) -> Iterator[str]:
    if not (part.description or "").strip():
        yield f"{coordinate} has no description"
    if getattr(part, "deprecation_reason", None) == NO_REASON:
        yield f"{coordinate} is deprecated without a reason"
