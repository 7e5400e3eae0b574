"""Our executor and HTTP door around the shelf, bound as the real API is: `python -m bench.graph_rivals.ours PORT`."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import fields, make_dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLSchema, build_schema, print_schema
from tornado.httpserver import HTTPServer
from tornado.web import Application

from bench.graph_rivals import shelf
from graph import scalars
from graph.bind import SCHEMA_FOLDER, bind, resolves, snake_case
from graph.context import Caller, Context
from graph.execute import Executor
from graph.feeds import Feeds
from graph.kept_answers import KeptAnswers
from graph.resolvers import root
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from services.clock import Clock
from services.rates import CostRates, Rate
from services.viewer import Viewer


def _record(kind: type) -> type:
    return make_dataclass(kind.__name__, [snake_case(field.name) for field in fields(kind)], slots=True)


KINDS = {kind.__name__: _record(kind) for kind in (shelf.Artist, shelf.Album, shelf.Song)}


def _ours(record: Any) -> Any:
    if type(record).__name__ not in KINDS:
        return record
    return KINDS[type(record).__name__](*(_ours(getattr(record, field.name)) for field in fields(record)))


SONGS = [_ours(song) for song in shelf.songs()]


@resolves("Query.songs")
def songs(_: None, _info: Any) -> list[Any]:
    """The fifty."""
    return SONGS


def schema(*, kept: bool) -> GraphQLSchema:
    """The shelf's schema with what our binder asks for: words, who may ask, and how long an answer may be kept."""
    plain = build_schema(shelf.SDL)
    for name, kind in plain.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            kind.description = "A thing of the shelf."
            for field in kind.fields.values():
                field.description = "What it says."
    keep = " @cacheControl(maxAge: 60)" if kept else ""
    words = print_schema(plain).replace("songs: [Song!]!", f"songs: [Song!]! @needs(role: ANYONE){keep}")
    words = re.sub(r"type (Artist|Album|Song) ", rf"type \1{keep} ", words).replace("type Query", "extend type Query")
    shared = (SCHEMA_FOLDER / "root.graphql").read_text(encoding="utf-8")
    shared = re.sub(r'"[^"]*"\ntype (Mutation|Subscription)\n*', "", shared)
    # The words "A thing of the shelf." stand before `extend` now, where GraphQL takes none.
    words = words.replace('"""A thing of the shelf."""\nextend', "extend")
    module = ModuleType("shelf")
    songs.__module__ = module.__name__
    vars(module).update(RECORDS=KINDS, songs=songs)
    return bind("\n".join([shared, '"A file."\nscalar Upload', words]), [module, root, scalars])


def executor(*, kept: bool = False) -> Executor:
    """Ours, with the rates that the server has."""
    house = cast(Any, SimpleNamespace())

    def make_context(viewer: Viewer, caller: Caller) -> Context:
        return Context(house, viewer, caller, Feeds())

    plenty = Rate(1e9, 10**9)
    rates = CostRates(Clock(), signed_in=plenty, anonymous=plenty)
    return Executor(schema(kept=kept), make_context, rates=rates)


async def serve(port: int, *, kept: bool) -> None:
    """The door on loopback, until the process is ended."""
    mine = executor(kept=kept)
    parts = {
        "house": SimpleNamespace(uploads=None),
        "manners": Manners(),
        "executor": mine,
        "kept": KeptAnswers(mine, limit_bytes=16_000_000) if kept else None,
    }
    server = HTTPServer(Application([(r"/graphql", GraphqlHandler, parts)], log_function=lambda handler: None))
    server.listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), kept=sys.argv[2:] == ["kept"]))
