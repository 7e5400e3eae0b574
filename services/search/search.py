"""Search: songs, artists, everything at once, and suggestions while somebody types.

Owns the order of things: read what was typed, ask the index with the viewer's sight as filters, fetch what it names
through the nouns' own services, so that nothing invisible comes out even when the index lags behind. Refuses to know
which index answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from services.catalogue.access import sight_of
from services.catalogue.albums import Albums
from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.errors import Invalid, Unavailable
from services.paging import Slice, slice_of
from services.search.answering import Answered, answer, answer_together
from services.search.asking import Asked, read_query, seen_if
from services.search.entries import Kind
from services.search.filtering import SearchFilters, read_filters
from services.search.folding import fold
from services.search.history import SearchHistory
from services.search.indexing import Indexing
from services.search.own_songs import OwnSongs, Ways, both
from services.search.results import Found, SearchPage, Suggestions, names_of, read_place, write_place
from services.search.rules import SearchRules
from services.search.sorting import ORDERS, ArtistSearchSort, SearchSort
from services.search.standing_in import StandingIn
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Artist, Playlist, Song, User
from storage.search_index.index import Filter, Hits, IndexAway, IndexDamaged, Question, Searched

SLACK = 100
"""How far a row may have moved since the page before, for its cursor to go on from it."""
SUGGESTION_LIMIT = 20

Answer = TypeVar("Answer")
Counts = Mapping[str, tuple[tuple[str, int], ...]]

Fetch = Callable[[Viewer, Sequence[str]], Awaitable[Mapping[str, Any]]]
SUGGESTED = (Kind.ARTIST, Kind.SONG, Kind.ALBUM, Kind.PLAYLIST)


class Search:
    """Finding by what was typed."""

    def __init__(
        self,
        store: Store,
        indexing: Indexing,
        history: SearchHistory,
        rules: SearchRules,
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
        self._synonyms = rules.synonyms
        self._genres = genres
        self._own = OwnSongs(store)
        self._standing_in = StandingIn(store)
        self._fetch: dict[Kind, Fetch] = {
            Kind.ARTIST: artists.get_many,
            Kind.ALBUM: albums.get_many,
            Kind.SONG: songs.get_many,
            Kind.PLAYLIST: playlists,
            Kind.USER: users,
        }

    async def songs(
        self,
        viewer: Viewer,
        query: str,
        part: Slice,
        filters: SearchFilters | None = None,
        sort: SearchSort = SearchSort.RELEVANCE,
    ) -> SearchPage[Song]:
        """One page of the songs that fit. Invalid for a query over 200 characters, one that is blank while nothing is
        filtered, and impossible filters; Unauthenticated for filters about oneself."""
        wanted = filters or SearchFilters()
        asked = self._needed(query) if wanted.is_empty else self._read(query) or Asked("", (), "")
        named = wanted.named_genres()
        conditions = read_filters(wanted, await self._genres.ids_below(named) if named else {})
        own: Ways = ()
        if wanted.liked:
            # What one likes is in one's library.
            own = await self._own.liked(viewer)
        elif wanted.in_library:
            own = await self._own.in_library(viewer)
        return await self._page(viewer, asked, Kind.SONG, conditions, part, own, sort)

    async def artists(
        self, viewer: Viewer, query: str, part: Slice, sort: ArtistSearchSort = ArtistSearchSort.RELEVANCE
    ) -> SearchPage[Artist]:
        """One page of the artists that fit. Invalid for a blank query or one over 200 characters."""
        return await self._page(viewer, self._needed(query), Kind.ARTIST, (), part, (), sort)

    async def counts(self, page: SearchPage[Any], facets: Sequence[str]) -> Counts:
        """How many of all that a page is cut from have each value of each facet, as of a second ago at most; never of
        what the viewer may not see."""
        question = replace(page.question, offset=0, limit=1, order=None, counted=tuple(facets))
        counted = await self._indexed(lambda index: index.search(question), page.asked.text, (Kind(question.kind),))
        return counted.answer.counts

    async def everything(
        self, viewer: Viewer, query: str, kinds: Sequence[Kind] | None = None, limit: int | None = None
    ) -> Found:
        """The best of each kind (of all but users unless told), `limit` of each: 20 unless told, at most 100."""
        rows = slice_of(limit=limit).limit
        asked = self._needed(query)
        wanted = list(dict.fromkeys(kinds if kinds is not None else SUGGESTED))
        sight = await sight_of(self._store, viewer)
        questions = [replace(asked.of(kind, (), seen_if(kind, viewer, sight)), limit=rows) for kind in wanted]
        told = await self._ask(questions, asked.text, wanted)
        answers = told.answer
        fetched = await asyncio.gather(
            *(self._records(viewer, kind, found.hits) for kind, found in zip(wanted, answers, strict=True))
        )
        await self._history.note(viewer, asked.text)
        found = Found(asked, is_degraded=told.is_degraded)
        if all(each.in_vain for each in answers if each.hits.rows):
            ranked = sorted(
                (
                    (-hit.score, names_of(record))
                    for each, records in zip(answers, fetched, strict=True)
                    for hit, record in zip(each.hits.rows, records, strict=True)
                    if record is not None
                ),
                key=lambda row: row[0],
            )
            found.best = [names for _, names in ranked]
        for kind, records in zip(wanted, fetched, strict=True):
            setattr(found, f"{kind.value}s", [record for record in records if record is not None])
        return found

    async def autocomplete(self, viewer: Viewer, query: str, limit: int | None = None) -> Suggestions:
        """Names of what the viewer may see that begin or sound like this, the best first; 10 unless told, at most 20.

        Nothing for a blank query. Never names of people, and nothing is noted in the history.
        """
        rows = 10 if limit is None else limit
        if not 1 <= rows <= SUGGESTION_LIMIT:
            raise Invalid(f"limit must be from 1 to {SUGGESTION_LIMIT}.", field="limit")
        asked = read_query(query, synonyms=self._synonyms)
        if asked is None:
            return Suggestions([])
        sight = await sight_of(self._store, viewer)
        questions = [
            replace(asked.of(kind, (), seen_if(kind, viewer, sight)), limit=2 * rows, by_name=True, uncounted=True)
            for kind in SUGGESTED
        ]
        told = await self._indexed(lambda index: answer_together(index, questions), asked.text, SUGGESTED)
        answers = told.answer
        fetched = await asyncio.gather(
            *(self._records(viewer, kind, found.hits) for kind, found in zip(SUGGESTED, answers, strict=True))
        )
        ranked: list[tuple[float, str]] = []
        for each, records in zip(answers, fetched, strict=True):
            for hit, record in zip(each.hits.rows, records, strict=True):
                if record is not None:
                    ranked.append((hit.score, getattr(record, "title", None) or record.name))
        ranked.sort(key=lambda row: -row[0])
        names: dict[str, str] = {}
        for _, name in ranked:
            names.setdefault(fold(name), name)
        return Suggestions(list(names.values())[:rows], told.is_degraded)

    async def finds(self, viewer: Viewer, queries: Sequence[str]) -> list[bool]:
        """Which of these questions find something this viewer may see; people do not count. Notes nothing."""
        sight = await sight_of(self._store, viewer)
        asked = [read_query(query, synonyms=self._synonyms) for query in queries]
        questions = [
            replace(one.of(kind, (), seen_if(kind, viewer, sight)), limit=1)
            for one in asked
            if one is not None
            for kind in SUGGESTED
        ]
        answers = iter((await self._ask(questions)).answer)
        hits = [{kind: next(answers).hits.rows for kind in SUGGESTED} if one is not None else {} for one in asked]
        seen: set[tuple[Kind, str]] = set()
        for kind in SUGGESTED:
            rows = tuple(row for each in hits for row in each.get(kind, ()))
            records = await self._records(viewer, kind, Hits(len(rows), rows))
            seen |= {(kind, record.id) for record in records if record is not None}
        return [any((kind, row.id) in seen for kind, rows in each.items() for row in rows) for each in hits]

    async def _page(
        self,
        viewer: Viewer,
        asked: Asked,
        kind: Kind,
        filters: tuple[Filter, ...],
        part: Slice,
        own: Ways,
        sort: SearchSort | ArtistSearchSort,
    ) -> SearchPage[Any]:
        sight = await sight_of(self._store, viewer)
        question = replace(asked.of(kind, filters, both(seen_if(kind, viewer, sight), own)), order=ORDERS[sort])
        place, last_id = read_place(part, sort)
        # Somewhat more than the page, to find the row that the cursor stands for where it is by now.
        start = max(0, place - SLACK) if last_id is not None else place
        wide = replace(question, offset=start, limit=part.limit + (2 * SLACK if last_id is not None else 0))
        told = await self._ask([wide], asked.text, (kind,))
        [answered] = told.answer
        hits = answered.hits
        skipped = place - start
        if last_id is not None:
            at = next((at for at, hit in enumerate(hits.rows) if hit.id == last_id), None)
            skipped = at + 1 if at is not None else skipped
        rows = hits.rows[skipped : skipped + part.limit]
        records = await self._records(viewer, kind, Hits(hits.total, rows))
        if part.cursor is None and part.offset == 0 and asked.text:
            await self._history.note(viewer, asked.text)
        shown = [(at, record) for at, record in enumerate(records) if record is not None]
        first = start + skipped
        return SearchPage(
            items=[record for _, record in shown],
            cursors=[write_place(first + at + 1, record.id, sort) for at, record in shown],
            total=hits.total,
            has_next=hits.total > first + len(rows),
            has_previous=first > 0,
            asked=asked,
            question=replace(question, forgiving=answered.forgiven),
            in_vain=answered.in_vain and first == 0,
            is_degraded=told.is_degraded,
        )

    async def _ask(
        self, questions: Sequence[Question], text: str | None = None, kinds: Sequence[Kind] = ()
    ) -> Told[list[Answered]]:
        return await self._indexed(lambda index: [answer(index, question) for question in questions], text, kinds)

    async def _indexed(
        self, work: Callable[[Searched], Answer], text: str | None = None, kinds: Sequence[Kind] = ()
    ) -> Told[Answer]:
        """What the index says; while it is away, what the store says of `kinds` that begin like `text`. Without a text
        Unavailable then."""
        try:
            index = await self._indexing.index()
            try:
                return Told(await asyncio.to_thread(work, index))
            except IndexDamaged as fault:
                raise self._indexing.damaged(index, fault) from fault
            except IndexAway as fault:
                raise self._indexing.away(fault) from fault
        except Unavailable:
            if text is None:
                raise
        return Told(await asyncio.to_thread(work, await self._standing_in.near(text, kinds)), True)

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

    def _read(self, query: str) -> Asked | None:
        return read_query(query, synonyms=self._synonyms)

    def _needed(self, query: str) -> Asked:
        asked = self._read(query)
        if asked is None:
            raise Invalid("Search for something.", field="query")
        return asked


@dataclass(frozen=True, slots=True)
class Told(Generic[Answer]):
    """An answer; `is_degraded` when the store gave it in the index's place."""

    answer: Answer
    is_degraded: bool = False
