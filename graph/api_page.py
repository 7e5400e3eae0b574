"""`docs/api.md`, written from the SDL and the example documents: `python -m graph.api_page`.

Owns how the page looks. What it says stands in `graph/schema/*.graphql` and `docs/examples/*.graphql`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
from graphql import GraphQLArgument, GraphQLField, GraphQLSchema, parse, print_ast

from graph.bind import needed_role
from graph.build import build_schema
from graph.cost import USUAL, Price
from graph.examples import Example, Step, examples, root_fields
from services.viewer import Role

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
LINE = 100
"""How many characters of a request stay on one line."""
WHO = {
    Role.ANYONE: "everybody, signed in or not",
    Role.LISTENER: "everybody who is signed in",
    Role.ARTIST: "artists and admins",
    Role.MODERATOR: "moderators and admins",
    Role.ADMIN: "admins",
}

HEAD = """# The API, field by field

Every field that a request can begin with: what it does, who may ask for it, what it costs, and an example that runs.
The types they answer with are described in `graph/schema.graphql` and in the page that opens at `/graphql` in a
browser; how requests travel, and what bounds them, is told in [graphql.md](graphql.md).

The ids in the examples are those of the little house that the tests furnish. A variable without a value comes from the
answer to a request above it; most of those stand there only to bring it about. This page is written by `make docs`;
tests run each example and fail when the page is behind the schema.
"""


def page(schema: GraphQLSchema, shown: Mapping[str, Example]) -> str:
    """The whole page."""
    parts = [HEAD]
    for heading, word in (("Queries", "query"), ("Mutations", "mutation"), ("Subscriptions", "subscription")):
        fields = [(name, spec) for name, (kind, spec) in sorted(root_fields(schema).items()) if kind == word]
        links = ", ".join(f"[{_title(name)}](#{_anchor(name)})" for name, _ in fields)
        parts.append(f"\n## {heading}\n\n{links}\n")
        parts += [_section(name, field, shown.get(name)) for name, field in fields]
    return "".join(parts)


def without_example(schema: GraphQLSchema, shown: Mapping[str, Example]) -> list[str]:
    """The root fields that no example asks."""
    return sorted(name for name in root_fields(schema) if name not in shown)


def _title(name: str) -> str:
    field, _, word = name.partition(".")
    return f"{field} ({word})" if word else field


def _anchor(name: str) -> str:
    return name.lower().replace(".", "-")


def _section(name: str, field: GraphQLField, example: Example | None) -> str:
    role = needed_role(field) or Role.ANYONE
    lines = [
        f"\n### {_title(name)}\n",
        _flat(field.description),
        "",
        f"Answers `{field.type}`. For {WHO[role]}. {_price(field)}",
    ]
    if field.deprecation_reason:
        lines.append(f"\n**Deprecated:** {field.deprecation_reason}")
    if field.args:
        lines += ["", "| argument | type | default | meaning |", "| --- | --- | --- | --- |"]
        lines += [_argument(argument_name, argument) for argument_name, argument in field.args.items()]
    return "\n".join([*lines, "", _shown(example)])


def _price(field: GraphQLField) -> str:
    price: Price = field.extensions.get("price", USUAL)
    rows = [name for name in price.multipliers if name in field.args]
    times = f"; what lies inside counts {' × '.join(f'`{name}`' for name in rows)} times" if rows else ""
    return f"Costs {price.weight}{times}."


def _argument(name: str, argument: GraphQLArgument) -> str:
    default = _default(argument)
    return f"| `{name}` | `{argument.type}` | {default} | {_flat(argument.description)} |".replace("|  |", "| |")


def _default(argument: GraphQLArgument) -> str:
    written = argument.ast_node.default_value if argument.ast_node is not None else None
    return "" if written is None else f"`{print_ast(written)}`"


def _flat(text: str | None) -> str:
    return " ".join((text or "See above.").split()).replace("|", "\\|")


def _shown(example: Example | None) -> str:
    if example is None:
        return "(No example yet.)\n"
    blocks = [_asked(step) for step in example.steps]
    blocks.append(f"```graphql\n{example.document}\n```\n")
    pairs = [f"`{name}`: `{orjson.dumps(value).decode()}`" for name, value in example.variables.items()]
    if example.sound:
        pairs.append(f"`{example.sound}`: a sound file as base64")
    if pairs:
        blocks.append(f"Variables: {', '.join(pairs)}\n")
    if example.then:
        blocks.append("Then, for an event:\n\n" + _asked(example.then))
    return "\n".join(blocks)


def _asked(step: Step) -> str:
    document = step.document if len(step.document) <= LINE else print_ast(parse(step.document))
    by = f"# {step.by} asks this\n" if step.by else ""
    by += "# answered by an error\n" if step.is_refused else ""
    return f"```graphql\n{by}{document}\n```\n"


def main() -> None:
    """Rewrite the page; tell which root fields lack an example."""
    schema, shown = build_schema(), examples()
    PAGE.write_text(page(schema, shown), encoding="utf-8")
    for name in without_example(schema, shown):
        sys.stdout.write(f"no example: write docs/examples/{name}.graphql\n")


if __name__ == "__main__":
    main()
