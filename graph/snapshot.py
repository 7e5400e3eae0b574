"""The whole API in one committed file, so that a change of it is seen in review: `python -m graph.snapshot`.

Owns writing `graph/schema.graphql` and saying what clients would lose. Refuses to judge whether that is all right.
"""

from __future__ import annotations

import sys
from pathlib import Path

from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
    lexicographic_sort_schema,
    print_schema,
)

from graph.bind import needed_role
from graph.build import build_schema as build_bound_schema
from graph.cost import USUAL, Price

SNAPSHOT = Path(__file__).parent / "schema.graphql"


def snapshot_of(schema: GraphQLSchema) -> str:
    """The schema as sorted text, closed by who may ask for each root field, and at which price."""
    guarded = []
    for kind in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in kind.fields.items() if kind is not None else ():
            price: Price = field.extensions.get("price", USUAL)
            costs = "" if price.weight == 1 else f", costs {price.weight}"
            guarded.append(f"#   {kind}.{name}: {needed_role(field)}{costs}")
    return "\n".join(
        [
            "# The whole API, made from graph/schema/*.graphql by `make schema`; edit those, not this.",
            "",
            print_schema(lexicographic_sort_schema(schema)),
            "",
            "# Who may ask:",
            *sorted(guarded),
            "",
        ]
    )


def lost_between(old: str, new: str) -> list[str]:
    """What a client written against `old` would lose with `new`, one sentence each."""
    return [change.description for change in find_breaking_changes(build_schema(old), build_schema(new))]


def risks_between(old: str, new: str) -> list[str]:
    """What a client written against `old` might trip over with `new`, such as a new enum value, one sentence each."""
    return [change.description for change in find_dangerous_changes(build_schema(old), build_schema(new))]


def _is_readable(text: str) -> bool:
    try:
        build_schema(text)
    except (GraphQLError, TypeError):
        return False
    return True


def main() -> None:
    """Rewrite the snapshot, saying what clients lose by it and what they might trip over."""
    fresh = snapshot_of(build_bound_schema())
    old = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else fresh
    if not _is_readable(old):
        sys.stdout.write("the old snapshot is no schema (two changes merged line by line?): nothing to compare with\n")
        SNAPSHOT.write_text(old := fresh, encoding="utf-8")
    for loss in lost_between(old, fresh):
        sys.stdout.write(f"clients lose: {loss}\n")
    for risk in risks_between(old, fresh):
        sys.stdout.write(f"clients might trip over: {risk}\n")
    SNAPSHOT.write_text(fresh, encoding="utf-8")
    sys.stdout.write(f"{SNAPSHOT.name} {'is unchanged' if old == fresh else 'was rewritten'}\n")


if __name__ == "__main__":
    main()
