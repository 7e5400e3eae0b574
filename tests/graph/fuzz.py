"""Documents and variables that nobody wrote, valid and broken, thrown at the executor and at the HTTP door.

`python -m tests.graph.fuzz --documents 10000 --seed 1` tells how they were answered; anything from 500 up, an INTERNAL
or a line in the log ends it with the seed and the document. `tests/graph/test_fuzz.py` runs a part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLSchema,
    OperationType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from graph.execute import Request
from services.viewer import NOBODY, Role, Viewer
from tests.catalogue_rig import PASSWORD, Client, Rig, furnish, serving, small_house
from tests.graph.edges import LONG, edges, plausible

BITS = ["{", "}", "(", ")", "[", "]", "!", "@", "$", ":", "...", '"', '"""', "#", "\\u{110000}", "\\uD800", "\x00",
        "😀", "query", "fragment F on Query", "on", "null", "true", "-0", "1e400", "9" * 40, "@defer", "@stream",
        "@skip(if: 1)", "\ufeff", "&", "|", "=", "__schema", "__typename", ",", "\r\n", "\u202e"]  # fmt: skip


@dataclass
class Made:
    """One generated request."""

    query: str
    variables: Any = None
    name: Any = None
    extensions: Any = None


@dataclass
class Author:
    """Writes requests for a schema; the same seed writes the same ones."""

    schema: GraphQLSchema
    chance: random.Random
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def request(self) -> Made:
        """A request: mostly valid, its variables at odds with it now and then, a third of the texts broken."""
        self.variables, self.fragments = {}, []
        word = self.chance.choices(["query", "mutation", "subscription"], [14, 4, 1])[0]
        kind = self.schema.get_root_type(OperationType(word))
        body = self.selections(kind, 0)
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self.variables.items())
        name = self.chance.choice(["", "", " A", " Fuzz"])
        head = f"{word}{name}{f'({declared})' if declared else ''}"
        text = " ".join([f"{head} {body}", *self.fragments])
        variables: Any = {name: value for name, (_, value) in self.variables.items()}
        if self.chance.random() < 0.05 and variables:
            variables.pop(self.chance.choice(list(variables)))
        made = Made(text, variables)
        if self.chance.random() < 0.05:
            made.name = self.chance.choice(["A", "Nope", "", "__proto__"])
        if self.chance.random() < 0.35:
            made.query = self.broken(text)
        if self.chance.random() < 0.03:
            made.extensions = self.chance.choice([{"cost": True}, {"persistedQuery": {"version": 1}}, {"a": []}])
        return made

    def selections(self, kind: GraphQLNamedType, depth: int) -> str:
        if is_abstract_type(kind):
            members = self.schema.get_possible_types(kind)
            inner = " ".join(f"... on {each.name} {self.selections(each, depth + 1)}" for each in members[:2])
            return f"{{ __typename {inner} }}"
        names = list(getattr(kind, "fields", {}))
        leaves = [name for name in names if is_leaf_type(get_named_type(kind.fields[name].type))]
        pool = (leaves if depth > 4 else names) or ["__typename"]
        chosen = [self.chance.choice(pool) for _ in range(self.chance.choice([1, 1, 2, 3, 5]))]
        parts = [self.selection(kind, name, depth) for name in chosen]
        if self.chance.random() < 0.08:
            inner = self.selections(kind, depth + 1)
            label = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {label} on {kind.name} {inner}")
            parts.append(f"...{label}{self.directive('@defer')}")
        if self.chance.random() < 0.08:
            parts.append(f"... on {kind.name}{self.directive('@defer')} {self.selections(kind, depth + 1)}")
        return "{ " + " ".join(parts) + " }"

    def selection(self, kind: GraphQLNamedType, name: str, depth: int) -> str:
        alias = f"a{self.chance.randrange(1000)}: " if self.chance.random() < 0.9 else ""
        if name == "__typename":
            return alias + name
        spec = kind.fields[name]
        given = [
            f"{argument}: {self.argument(argument, each.type)}"
            for argument, each in spec.args.items()
            if is_non_null_type(each.type) or self.chance.random() < 0.4
        ]
        named = get_named_type(spec.type)
        below = "" if is_leaf_type(named) else " " + self.selections(named, depth + 1)
        streams = ["@stream", "@stream(initialCount: 1)"] if is_list_type(get_nullable_type(spec.type)) else []
        return f"{alias}{name}{'(' + ', '.join(given) + ')' if given else ''}{self.directive(*streams)}{below}"

    def argument(self, name: str, kind: GraphQLInputType) -> str:
        value = plausible(name, kind) if self.chance.random() < 0.88 else self.chance.choice(edges(name, kind))
        if self.chance.random() < 0.5:
            label = f"v{len(self.variables)}"
            self.variables[label] = (str(kind), value)
            return f"${label}"
        return literal(value, kind)

    def directive(self, *fitting: str) -> str:
        if self.chance.random() > 0.06:
            return ""
        if self.chance.random() < 0.1:
            return " " + self.chance.choice(["@defer", "@stream", "@nope", "@include", "@stream(initialCount: -1)"])
        return " " + self.chance.choice(
            ["@skip(if: false)", "@include(if: true)", "@skip(if: true)", *fitting, *fitting]
        )

    def broken(self, text: str) -> str:
        """The text with some of it gone, doubled, swapped or put in."""
        for _ in range(self.chance.choice([1, 1, 2, 5])):
            start = self.chance.randrange(len(text) + 1)
            end = min(len(text), start + self.chance.choice([0, 1, 3, 20]))
            text = self.chance.choice(
                [
                    text[:start] + text[end:],
                    text[:start] + self.chance.choice(BITS) + text[start:],
                    text[:end] + text[start:end] * self.chance.choice([1, 2, 30]) + text[end:],
                    text[:start] + text[start:end][::-1] + text[end:],
                ]
            )
        return text


def literal(value: Any, kind: GraphQLInputType) -> str:
    """A value as it may be written in a document, as far as it fits its type; as JSON where it does not."""
    inner = get_nullable_type(kind)
    if isinstance(value, list):
        below = inner.of_type if is_list_type(inner) else inner
        return "[" + ", ".join(literal(each, below) for each in value[:200]) + "]"
    if isinstance(inner, GraphQLInputObjectType) and isinstance(value, dict):
        known = {name: spec.type for name, spec in inner.fields.items()}
        parts = [f"{name}: {literal(each, known.get(name, inner))}" for name, each in value.items()]
        return "{" + ", ".join(parts) + "}"
    if isinstance(inner, GraphQLEnumType) and isinstance(value, str) and value.isidentifier():
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(each, inner)}" for name, each in value.items()) + "}"
    return '"long"' if value is LONG else json.dumps(value)


class Heard(logging.Handler):
    """Lines at WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        fault = record.exc_info[1] if record.exc_info else ""
        self.lines.append(f"{record.name}: {record.getMessage()} {fault}")


class Trouble(AssertionError):
    """A document that was answered as none may be."""


@dataclass
class Fuzz:
    """Throws requests and looks at the answers."""

    rig: Rig
    client: Client
    author: Author
    told: Counter[str] = field(default_factory=Counter)
    token: str | None = None

    async def run(self, documents: int, *, over_http: float = 0.34) -> Counter[str]:
        """How the requests were answered: by code, `data` or status. Trouble for what may not be."""
        heard = Heard()
        logging.getLogger().addHandler(heard)
        viewer = await self.rig.sign_up("fuzz", Role.ADMIN, Role.ARTIST, Role.MODERATOR)
        try:
            for number in range(documents):
                made = self.author.request()
                who = viewer if number % 2 else NOBODY
                if self.author.chance.random() < over_http:
                    await self._over_http(made, number)
                else:
                    await self._here(made, who)
                if heard.lines:
                    raise Trouble(f"{heard.lines[0]}\n{made.query[:3000]}\n{str(made.variables)[:2000]}")
                if number % 50 == 0:
                    self.rig.clock.turn(60)
        finally:
            logging.getLogger().removeHandler(heard)
        return self.told

    async def _here(self, made: Made, viewer: Viewer) -> None:
        request = Request(made.query, made.variables, made.name, made.extensions)
        answer = await self.rig.executor.execute(request, viewer)
        if made.query.startswith("subscription") and self.author.chance.random() < 0.5:
            stream = await self.rig.executor.subscribe(request, viewer)
            answer = stream if isinstance(stream, dict) else {"data": {}}
            if not isinstance(stream, dict):
                await stream.aclose()
        self._look(made, answer, "here")

    async def _over_http(self, made: Made, number: int) -> None:
        if self.token is None:
            log_in = self.rig.house.accounts.signing_in.log_in
            self.token = (await log_in(NOBODY, email="fuzz@example.com", password=PASSWORD)).token
        body = {"query": made.query, "variables": made.variables}
        if made.name is not None:
            body["operationName"] = made.name
        if made.extensions is not None:
            body["extensions"] = made.extensions
        accept = self.author.chance.choice(
            ["application/json", "application/graphql-response+json", "multipart/mixed, application/json"]
        )
        found = await self.client.post(json.dumps(body), self.token if number % 2 else None, Accept=accept)
        self.told[f"HTTP {found.code}"] += 1
        if found.code >= 500 or b'"INTERNAL"' in found.body:
            raise Trouble(f"{found.code} {found.body[:1000]!r}\n{made.query[:3000]}\n{str(made.variables)[:2000]}")
        if found.code == 401:
            self.token = None

    def _look(self, made: Made, answer: dict[str, Any], where: str) -> None:
        errors = answer.get("errors", [])
        self.told["answered" if "data" in answer else "refused"] += 1
        self.told.update({error["extensions"]["code"] for error in errors})
        if any(error["extensions"]["code"] == "INTERNAL" for error in errors):
            raise Trouble(f"{where}: {errors[:2]}\n{made.query[:3000]}\n{str(made.variables)[:2000]}")


async def fuzz(folder: Path, documents: int, seed: int) -> Counter[str]:
    """A house of its own, furnished, and that many documents."""
    async with small_house(folder) as rig:
        await furnish(rig)
        async with serving(rig) as client:
            return await Fuzz(rig, client, Author(rig.executor.schema, random.Random(seed))).run(documents)


def main() -> int:
    """The long form."""
    asked = argparse.ArgumentParser(description="Throw generated documents at the GraphQL door.")
    asked.add_argument("--documents", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    began = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            told = asyncio.run(fuzz(Path(folder), given.documents, given.seed))
    except Trouble as trouble:
        print(f"seed {given.seed}: {trouble}")
        return 1
    print(f"{given.documents} documents of seed {given.seed} in {time.perf_counter() - began:.0f} s")
    for answer, count in told.most_common():
        print(f"{count:8} {answer}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
