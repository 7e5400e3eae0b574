"""Our executor and our HTTP door around the shelf, bound as the real API is: `python -m bench.graph_rivals.ours PORT`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import fields, make_dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, cast

from tornado.httpserver import HTTPServer
from tornado.web import Application

from bench.graph_rivals import shelf
from graph import scalars
from graph.bind import bind, read_sdl, resolves, snake_case
from graph.context import Caller, Context
from graph.execute import Executor
from graph.feeds import Feeds
from graph.kept_answers import KeptAnswers
from graph.resolvers import root
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from services.accounts.accounts import Accounts
from services.rates import CostRates
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


def schema(*, kept: bool) -> Any:
    """The shelf's schema with what our binder asks for: descriptions, who may ask, and how long it may be kept."""
    keep = " @cacheControl(maxAge: 60)" if kept else ""
    words = shelf.SDL.replace("songs: [Song!]!", f"songs: [Song!]! @needs(role: ANYONE){keep}")
    lines = []
    for word in words.replace("{", "{\n").replace("}", "\n}").split("\n"):
        for part in word.replace("! ", "!\n").replace("String ", "String\n").replace("Int ", "Int\n").split("\n"):
            part = part.strip()
            if part.startswith("type "):
                part = part.replace(" {", f"{keep} {{") if "Query" not in part else part.replace("type", "extend type")
            lines.append(f'"x" {part}' if part and part[0] not in "}e" else part)
    module = ModuleType("shelf")
    songs.__module__ = "shelf"
    vars(module).update(RECORDS=KINDS, songs=songs)
    described = "\n".join(lines)
    common = read_sdl().split("scalar Upload")[0]
    del common
    return bind(_common() + described, [module, root, scalars])


def _common() -> str:
    from graph.bind import SCHEMA_FOLDER

    text = (SCHEMA_FOLDER / "root.graphql").read_text(encoding="utf-8")
    return text + '\n"x"\nscalar Upload\n'


def executor(*, kept: bool = False) -> Executor:
    """Ours, with the rates that the server has."""
    house = cast(Any, SimpleNamespace())

    def make_context(viewer: Viewer, caller: Caller) -> Context:
        return Context(house, viewer, caller, Feeds())

    return Executor(schema(kept=kept), make_context)


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
