"""The API's text: its snapshot, its words, its guards."""

import re

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    is_introspection_type,
    is_object_type,
)

from graph.build import build_schema
from graph.snapshot import SNAPSHOT, lost_between, risks_between, snapshot_of


def test_the_snapshot_is_the_schema():
    fresh, committed = snapshot_of(build_schema()), SNAPSHOT.read_text(encoding="utf-8")
    told = [f"  clients would lose: {loss}" for loss in lost_between(committed, fresh)]
    told += [f"  clients might trip over: {risk}" for risk in risks_between(committed, fresh)]
    shown = "\n".join(told) or "  clients would lose nothing"
    assert committed == fresh, f"run `make schema` and review the difference:\n{shown}"


def test_what_a_client_would_lose_is_told():
    old = "type Query { a(n: Int): String b: Int c: Int }"
    assert lost_between(old, "type Query { a: String c: Int }") == [
        "Field Query.b was removed.",
        "Argument Query.a(n:) was removed.",
    ]


def test_what_a_client_might_trip_over_is_told():
    old = "type Query { a(n: Int = 1): Mood } enum Mood { CALM }"
    new = "type Query { a(n: Int = 2, m: Int): Mood } enum Mood { CALM WILD }"
    assert lost_between(old, new) == []
    assert sorted(risks_between(old, new)) == [
        "An optional argument Query.a(m:) was added.",
        "Enum value Mood.WILD was added.",
        "Query.a(n:) has changed defaultValue from 1 to 2.",
    ]


def test_every_type_field_and_value_is_described():
    bare = []
    for name, kind in build_schema().type_map.items():
        if is_introspection_type(kind):
            continue
        if not kind.description:
            bare.append(name)
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            bare += [f"{name}.{field}" for field, spec in kind.fields.items() if not spec.description]
        if isinstance(kind, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, spec in kind.values.items() if not spec.description]
    assert bare == []


def test_root_payloads_are_nullable_so_that_one_refusal_spares_its_siblings():
    schema = build_schema()
    for kind in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert [name for name, field in kind.fields.items() if str(field.type).endswith("!")] == []


def test_every_number_of_rows_tells_its_bounds_and_what_it_is_untold():
    wrong = []
    for kind in build_schema().type_map.values():
        for name, field in getattr(kind, "fields", {}).items() if is_object_type(kind) else ():
            for argument in {"first", "limit"} & set(field.args):
                spec = field.args[argument]
                told = spec.ast_node.default_value or re.search(r"unless told|The same as", spec.description)
                if not re.search(r"1 to \d+|The same as", spec.description) or not told:
                    wrong.append(f"{kind.name}.{name}({argument}:) {spec.description}")
    assert wrong == []
