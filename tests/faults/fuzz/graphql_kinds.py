"""Garbage of GraphQL: documents of the examples spoiled, documents nobody wrote, bodies that are nearly JSON."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import quote

from graphql import GraphQLSchema

from graph.build import build_schema
from graph.examples import Example, examples
from tests.faults.fuzz.kinds import Kind, dumped, outcome
from tests.faults.fuzz.mutator import Mutator
from tests.graph.fuzz import BITS, Author

LARGEST = 400_000


@cache
def schema() -> GraphQLSchema:
    """The product's."""
    return build_schema()


@cache
def _examples() -> list[Example]:
    return list(examples().values())


def documents() -> list[str]:
    """Every document of the examples."""
    return [each.document for each in _examples()]


def written(by: Mutator, names: dict[str, str]) -> dict[str, Any]:
    """One request: an example spoiled in its text or its variables, or one made from the schema."""
    if by.chance.random() < 0.45:
        made = Author(schema(), by.chance).request()
        told: dict[str, Any] = {"query": made.query, "variables": made.variables}
        if made.name is not None:
            told["operationName"] = made.name
        return told | ({"extensions": made.extensions} if made.extensions is not None else {})
    example = by.of(_examples())
    variables = dict(example.variables) | {name: by.of(["s1", "dawn", *names.values()]) for name in example.kept}
    document = example.document
    if by.chance.random() < 0.6:
        document = by.text(document, documents(), 3)
        if by.chance.random() < 0.4:
            at = by.chance.randrange(len(document) + 1)
            document = document[:at] + by.of(BITS) + document[at:]
    return {"query": document, "variables": by.tree(variables) if by.chance.random() < 0.5 else variables}


class Documents(Kind):
    """Documents over HTTP, alone and in batches, by POST and GET."""

    name, share, lanes, door = "GraphQL documents", 16, 4, "POST and GET /graphql"

    async def throw(self, by: Mutator) -> str:
        made: Any = written(by, self.house.names)
        if by.chance.random() < 0.05:
            made = [made, *(written(by, self.house.names) for _ in range(by.of([1, 3, 12])))]
        who = by.of(["gql", "gql", None])
        headers = {"Content-Type": "application/json", "Accept": by.of(["application/json", "*/*", "multipart/mixed",
                   "text/event-stream", "application/graphql-response+json", "x/y"])}  # fmt: skip
        headers |= self.house.bearer(who) if who else {}
        if headers["Accept"] == "text/event-stream" and "subscription" in str(made):
            # It would go on for good, as it should.
            headers["Accept"] = "application/json"
        if by.chance.random() < 0.07 and isinstance(made, dict):
            words = "&".join(f"{name}={quote(_text(made[name]))}" for name in made)
            answer = await self.http("GET", f"/graphql?{words}"[:30_000], headers)
        else:
            body = dumped(made)
            if by.chance.random() < 0.1:
                body = by.data(body)
            answer = await self.http("POST", "/graphql", headers, body[:LARGEST])
        if who and answer.status == 401:
            await self.house.come_again(self.line, who)
        if answer.status != 200:
            return str(answer.status or "closed")
        try:
            told = json.loads(answer.body)
        except ValueError:
            return "200 in parts"
        return outcome(told) if isinstance(told, dict) else "200 batch"


def _text(value: Any) -> str:
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace").decode()
