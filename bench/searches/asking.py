"""The questions of the bench put to the services, to a server and to the rival, each under the stopwatch.

Owns how each is asked. Refuses to judge the figures.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tqdm import tqdm

from bench.searches.doors import Server
from bench.searches.questions import Misspelt, Query, plain_title
from bench.searches.rival import Rival
from bench.searches.stopwatch import Stopwatch
from services.house import House
from services.paging import Slice
from services.search.filtering import SearchFilters
from services.search.folding import whole
from services.viewer import Viewer

SEARCH_SONGS = """query ($q: String!, $filters: SearchFilters) { searchSongs(query: $q, filters: $filters, limit: 20) {
  edges { node { id title artist { name } } } totalCount } }"""
SEARCH = """query ($q: String!) { search(query: $q, limit: 20) {
  artists { id name } albums { id title } songs { id title artist { name } } playlists { id name } } }"""
AUTOCOMPLETE = "query ($q: String!) { autocomplete(query: $q, limit: 10) { suggestions } }"
TOP = 10
NOBODY = Viewer()


def filters_of(query: Query) -> SearchFilters:
    """The filters of a question as the service takes them."""
    names = {"yearFrom": "year_from", "yearTo": "year_to", "isExplicit": "is_explicit"}
    return SearchFilters(**{names.get(name, name): value for name, value in query.filters.items()})


async def ask_songs(house: House, queries: Sequence[Query]) -> Stopwatch:
    """`searchSongs` of the service."""
    return await _through(queries, lambda query: house.search.songs(NOBODY, query.text, Slice(20), filters_of(query)))


async def ask_everything(house: House, queries: Sequence[Query]) -> Stopwatch:
    """`search` over all kinds, of the service; it takes no filters."""
    plain = [query for query in queries if not query.filters]
    return await _through(plain, lambda query: house.search.everything(NOBODY, query.text))


async def complete(house: House, typed: Sequence[str]) -> Stopwatch:
    """`autocomplete` of the service."""
    queries = [Query(_length(text), text) for text in typed]
    return await _through(queries, lambda query: house.search.autocomplete(NOBODY, query.text))


async def _through(queries: Sequence[Query], ask: Callable[[Query], Awaitable[Any]]) -> Stopwatch:
    watch = Stopwatch()
    for query in tqdm(queries, desc="asking", leave=False, disable=None):
        with watch.timing(query.sort):
            await ask(query)
        await asyncio.sleep(0)
    return watch


def ask_server(server: Server, queries: Sequence[Query], typed: Sequence[str]) -> dict[str, tuple[Stopwatch, float]]:
    """The same over HTTP: for each root field its times, and the server's processor milliseconds a question."""
    plain = [query for query in queries if not query.filters]
    letters = [Query(_length(text), text) for text in typed]
    found: dict[str, tuple[Stopwatch, float]] = {}
    for root, document, asked in (
        ("searchSongs", SEARCH_SONGS, queries), ("search", SEARCH, plain), ("autocomplete", AUTOCOMPLETE, letters)
    ):  # fmt: skip
        watch, used = Stopwatch(), server.cpu_seconds()
        for query in asked:
            more = {"filters": query.filters} if root == "searchSongs" else {}
            with watch.timing(query.sort):
                answer = server.ask(document, q=query.text, **more)
            if "errors" in answer:
                raise SystemExit(f"{root} {query}: {answer['errors']}")
        found[root] = watch, (server.cpu_seconds() - used) * 1000 / len(asked)
    return found


def ask_rival(rival: Rival, queries: Sequence[Query], typed: Sequence[str]) -> dict[str, Stopwatch]:
    """The same questions to the runner-up, which knows neither filters nor kinds."""
    found = {}
    for name, texts in (("searchSongs", [query.text for query in queries]), ("autocomplete", typed)):
        watch = found[name] = Stopwatch()
        for text in texts:
            with watch.timing():
                rival.search(text)
    return found


async def recall(house: House, mistyped: Sequence[Misspelt]) -> dict[str, tuple[int, int]]:
    """Of each sort of mistake, how often a song of the wanted title was in the top ten, and out of how many."""
    hits: Counter[str] = Counter()
    tries: Counter[str] = Counter()
    for each in tqdm(mistyped, desc="misspelling", leave=False, disable=None):
        page = await house.search.songs(NOBODY, each.text, Slice(TOP))
        good = any(whole(plain_title(song.title)) == each.wanted for song in page.items)
        for sort in ("all", each.edit, f"{min(each.words, 4)}{'+' if each.words >= 4 else ''} words"):
            tries[sort] += 1
            hits[sort] += good
    return {sort: (hits[sort], tries[sort]) for sort in tries}


def recall_of_rival(rival: Rival, mistyped: Sequence[Misspelt], titles: dict[str, str]) -> tuple[int, int]:
    """The same of the runner-up; `titles` are the names by id."""
    hits = [
        any(whole(plain_title(titles[id])) == each.wanted for id in rival.search(each.text, TOP)) for each in mistyped
    ]
    return sum(hits), len(hits)


def _length(text: str) -> str:
    return f"{min(len(text), 5)}{'+' if len(text) >= 5 else ''} letters"
