"""Search: songs, artists, everything at once, and suggestions while somebody types.

Owns the order of things: read what was typed, ask the index with the viewer's sight as filters, fetch what it names
through the nouns' own services, so that nothing invisible comes out even when the index lags behind. Refuses to know
which index answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.catalogue.access import sight_of
from services.catalogue.albums import Albums
from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.errors import Invalid
from services.paging import Page, Slice, slice_of, write_cursor
from services.search.asking import Asked, SearchFilters, check_filter_text, read_filters, read_query, seen_if
from services.search.entries import Kind
from services.search.folding import fold
from services.search.history import SearchHistory
from services.search.indexing import Indexing
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Album, Artist, Playlist, Song, User
from storage.search_index.index import Filter, Hits, IndexDamaged, Question, SearchIndex
from storage.search_index.tantivy_index import TantivyIndex

FEW = (10, 3, 1)
"""With fewer exact answers than this to one word, to two, to more, misspelt ones are looked for too."""
SLACK = 100
"""How far a row may have moved since the page before, for its cursor to go on from it."""
SUGGESTION_LIMIT = 20

Fetch = Callable[[Viewer, Sequence[str]], Awaitable[Mapping[str, Any]]]
SUGGESTED = (Kind.ARTIST, Kind.SONG, Kind.ALBUM, Kind.PLAYLIST)


@dataclass(slots=True)
class Found:
    """What a search through everything found, each kind the best first."""

    artists: list[Artist] = field(default_factory=list)
    albums: list[Album] = field(default_factory=list)
    songs: list[Song] = field(default_factory=list)
    playlists: list[Playlist] = field(default_factory=list)
    users: list[User] = field(default_factory=list)


class Search:
    """Finding by what was typed."""

    def __init__(
        self,
        store: Store,
        indexing: Indexing,
        history: SearchHistory,
        *,
        artists: Artists,
        albums: Albums,
        songs: Songs,
        genres: Genres,
        playlists: Callable[[Viewer, Sequence[str]], Awaitable[dict[str, Playlist]]],
        users: Callable[[Viewer, Sequence[str]], Awaitable[dict[str, User]]],
    ) -> None:
        self._store = store
        self._indexing = indexing
        self._history = history
        self._genres = genres
        self._fetch: dict[Kind, Fetch] = {
            Kind.ARTIST: artists.get_many,
            Kind.ALBUM: albums.get_many,
            Kind.SONG: songs.get_many,
            Kind.PLAYLIST: playlists,
            Kind.USER: users,
        }

    async def songs(self, viewer: Viewer, query: str, part: Slice, filters: SearchFilters | None = None) -> Page[Song]:
        """One page of the songs that fit. Invalid for a blank query, over 200 characters, impossible filters."""
        asked = _needed(query)
        wanted = filters or SearchFilters()
        conditions = read_filters(wanted, await self._genre_ids(wanted.genre))
        return await self._page(viewer, asked, Kind.SONG, conditions, part)

    async def artists(self, viewer: Viewer, query: str, part: Slice) -> Page[Artist]:
        """One page of the artists that fit. Invalid for a blank query or one over 200 characters."""
        return await self._page(viewer, _needed(query), Kind.ARTIST, (), part)

    async def everything(
        self, viewer: Viewer, query: str, kinds: Sequence[Kind] | None = None, limit: int | None = None
    ) -> Found:
        """The best of each kind (of all but users unless told), `limit` of each: 20 unless told, at most 100."""
        rows = slice_of(limit=limit).limit
        asked = _needed(query)
        wanted = list(dict.fromkeys(kinds if kinds is not None else SUGGESTED))
        sight = await sight_of(self._store, viewer)
        questions = [replace(asked.of(kind, (), seen_if(kind, viewer, sight)), limit=rows) for kind in wanted]
        answers = await self._ask(questions)
        fetched = await asyncio.gather(
            *(self._records(viewer, kind, hits) for kind, hits in zip(wanted, answers, strict=True))
        )
        await self._history.note(viewer, asked.text)
        found = Found()
        for kind, records in zip(wanted, fetched, strict=True):
            setattr(found, f"{kind.value}s", [record for record in records if record is not None])
        return found

    async def autocomplete(self, viewer: Viewer, query: str, limit: int | None = None) -> list[str]:
        """Names of what the viewer may see that begin or sound like this, the best first; 10 unless told, at most 20.

        Nothing for a blank query. Never names of people, and nothing is noted in the history.
        """
        rows = 10 if limit is None else limit
        if not 1 <= rows <= SUGGESTION_LIMIT:
            raise Invalid(f"limit must be from 1 to {SUGGESTION_LIMIT}.", field="limit")
        asked = read_query(query)
        if asked is None:
            return []
        sight = await sight_of(self._store, viewer)
        questions = [
            replace(asked.of(kind, (), seen_if(kind, viewer, sight)), limit=2 * rows, by_name=True)
            for kind in SUGGESTED
        ]
        answers = await self._ask(questions)
        fetched = await asyncio.gather(
            *(self._records(viewer, kind, hits) for kind, hits in zip(SUGGESTED, answers, strict=True))
        )
        ranked: list[tuple[float, str]] = []
        for hits, records in zip(answers, fetched, strict=True):
            for hit, record in zip(hits.rows, records, strict=True):
                if record is not None:
                    ranked.append((hit.score, getattr(record, "title", None) or record.name))
        ranked.sort(key=lambda row: -row[0])
        names: dict[str, str] = {}
        for _, name in ranked:
            names.setdefault(fold(name), name)
        return list(names.values())[:rows]

    async def _page(
        self, viewer: Viewer, asked: Asked, kind: Kind, filters: tuple[Filter, ...], part: Slice
    ) -> Page[Any]:
        sight = await sight_of(self._store, viewer)
        question = asked.of(kind, filters, seen_if(kind, viewer, sight))
        place, last_id = _read_place(part)
        # Somewhat more than the page, to find the row that the cursor stands for where it is by now.
        start = max(0, place - SLACK) if last_id is not None else place
        wide = replace(question, offset=start, limit=part.limit + (2 * SLACK if last_id is not None else 0))
        hits = (await self._ask([wide]))[0]
        skipped = place - start
        if last_id is not None:
            at = next((at for at, hit in enumerate(hits.rows) if hit.id == last_id), None)
            skipped = at + 1 if at is not None else skipped
        rows = hits.rows[skipped : skipped + part.limit]
        records = await self._records(viewer, kind, Hits(hits.total, rows))
        if part.cursor is None and part.offset == 0:
            await self._history.note(viewer, asked.text)
        shown = [(at, record) for at, record in enumerate(records) if record is not None]
        first = start + skipped
        return Page(
            items=[record for _, record in shown],
            cursors=[write_cursor([first + at + 1, record.id]) for at, record in shown],
            total=hits.total,
            has_next=hits.total > first + len(rows),
            has_previous=first > 0,
        )

    async def _ask(self, questions: Sequence[Question]) -> list[Hits]:
        index = await self._indexing.index()
        try:
            return await asyncio.to_thread(_answers, index, questions)
        except IndexDamaged as fault:
            raise self._indexing.damaged(index, fault) from fault

    async def _records(self, viewer: Viewer, kind: Kind, hits: Hits) -> list[Any]:
        """The record of each hit, None for one that is gone or not to be seen; those are looked at again."""
        if not hits.rows:
            return []
        ids = [hit.id for hit in hits.rows]
        records = await self._fetch[kind](viewer, ids)
        missing = tuple(id for id in ids if id not in records)
        if missing:
            self._indexing.note(kind, missing)
        return [records.get(id) for id in ids]

    async def _genre_ids(self, genre: str | None) -> tuple[str, ...] | None:
        if genre is None:
            return None
        check_filter_text("genre", genre)
        wanted = (await self._genres.condition(genre))["genre_ids"]
        return tuple(wanted["$in"]) if isinstance(wanted, dict) else (wanted,)


def _answers(index: TantivyIndex, questions: Sequence[Question]) -> list[Hits]:
    return [answer(index, question) for question in questions]


def answer(index: SearchIndex, question: Question) -> Hits:
    """What fits exactly; with little of that, what fits in spite of typing mistakes too, behind it.

    Which of the two is decided by the total alone, so that all pages of one question are cut from the same list.
    """
    exact = index.search(question)
    few = FEW[min(len(question.words), len(FEW)) - 1]
    if exact.total >= few or not any(word.typos for word in question.words):
        return exact
    return index.search(replace(question, forgiving=True))


def _needed(query: str) -> Asked:
    asked = read_query(query)
    if asked is None:
        raise Invalid("Search for something.", field="query")
    return asked


def _read_place(part: Slice) -> tuple[int, str | None]:
    if part.cursor is None:
        return part.offset, None
    place, id = part.cursor if len(part.cursor) == 2 else (None, None)
    if not isinstance(place, int) or isinstance(place, bool) or not isinstance(id, str) or not 0 < place <= 20_000:
        raise Invalid("This cursor belongs to another list or another order.", field="after")
    return place, id
