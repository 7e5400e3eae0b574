"""Strawberry, Ariadne or graphql-core, run by the interpreter of a throwaway environment.

    python python_rival.py {strawberry|ariadne|graphql-core} {alone ROUNDS|serve PORT}

`alone` prints the median microseconds of one execution, with JSON written; `serve` answers on loopback by uvicorn.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
import shelf

SHELF = shelf.songs()


def strawberry_schema() -> Any:
    """The schema as Strawberry's users write it: annotated classes, which the records are."""
    import strawberry
    from strawberry.extensions import ParserCache, ValidationCache
    from strawberry.schema.config import StrawberryConfig

    @strawberry.type
    class Artist:
        id: strawberry.ID
        name: str
        country: str | None
        verified: bool
        monthlyListeners: int

    @strawberry.type
    class Album:
        id: strawberry.ID
        title: str
        releaseDate: str | None
        totalTracks: int
        label: str | None

    @strawberry.type
    class Song:
        id: strawberry.ID
        title: str
        duration: int
        trackNumber: int | None
        year: int | None
        playCount: int
        isExplicit: bool
        artist: Artist
        album: Album

    def made(song: shelf.Song) -> Song:
        row = shelf.as_json(song)
        return Song(**{**row, "artist": Artist(**row["artist"]), "album": Album(**row["album"])})

    rows = [made(song) for song in SHELF]

    @strawberry.type
    class Query:
        @strawberry.field
        def songs(self) -> list[Song]:
            return rows

    # Documents are parsed and validated once, as with all the others.
    return strawberry.Schema(
        Query, config=StrawberryConfig(auto_camel_case=False), extensions=[ParserCache(), ValidationCache()]
    )


def ariadne_schema() -> Any:
    """The schema as Ariadne's users write it: text, and a resolver for the root."""
    from ariadne import QueryType, make_executable_schema

    query = QueryType()
    query.set_field("songs", lambda *_: SHELF)
    return make_executable_schema(shelf.SDL, query)


def once(name: str) -> Callable[[], bytes]:
    """One execution of the document, from its text, to JSON; graphql-core's from the parsed document."""
    if name == "strawberry":
        schema = strawberry_schema()
        return lambda: orjson.dumps({"data": schema.execute_sync(shelf.QUERY).data})
    from graphql import build_schema, execute_sync, parse

    document = parse(shelf.QUERY)
    if name == "ariadne":
        # Its own way in parses and validates each time; what it executes with is this.
        schema = ariadne_schema()
        return lambda: orjson.dumps({"data": execute_sync(schema, document).data})
    schema = build_schema(shelf.SDL)
    schema.query_type.fields["songs"].resolve = lambda *_: SHELF
    return lambda: orjson.dumps({"data": execute_sync(schema, document).data})


def application(name: str) -> Any:
    """Its own ASGI application, with its own defaults."""
    if name == "strawberry":
        from strawberry.asgi import GraphQL

        return GraphQL(strawberry_schema())
    from functools import cache

    from ariadne.asgi import GraphQL as AriadneGraphQL
    from graphql import parse

    @cache
    def parsed(query: str) -> Any:
        return parse(query)

    # Parsed once; it has no memory for what was validated.
    return AriadneGraphQL(ariadne_schema(), query_parser=lambda _context, data: parsed(data["query"]))


def main() -> None:
    """As the first lines say."""
    name, what, number = sys.argv[1:]
    if what == "serve":
        import uvicorn

        uvicorn.run(application(name), host="127.0.0.1", port=int(number), log_level="error", access_log=False)
        return
    run = once(name)
    assert len(orjson.loads(run())["data"]["songs"]) == shelf.SONGS
    took = []
    for _ in range(int(number)):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    sys.stdout.write(f"{1e6 * statistics.median(took):.2f}\n")


if __name__ == "__main__":
    main()
