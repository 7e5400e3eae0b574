"""Following ids without asking once per row: ids wanted in one turn of the loop are fetched together.

Owns the batching and one request's memory of what was fetched. A loader goes through a service with the request's
viewer, so nobody sees through it what they may not see. Refuses to know the stores.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Generic, TypeVar

from services.analysis.sound_facts import AlbumLoudness
from services.analytics.reading import DayFigures
from services.analytics.spans import Span
from services.house import House
from services.interactions.edges import EdgePage, Wanted
from services.interactions.review_lists import Ratings, WantedReviews
from services.playlists.playlists import Entries
from services.viewer import Viewer
from storage.records import Album, Artist, Genre, Playlist, Review, Song, User
from storage.records.download import Download
from storage.records.moderation import ModerationDecision, Report
from storage.records.sound_analysis import SoundAnalysis

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Made = TypeVar("Made")

BATCH_LIMIT = 1000


class Loader(Generic[Key, Value]):
    """One question for many keys. `fetch` answers those it can; the others load as None."""

    def __init__(
        self, name: str, fetch: Callable[[list[Key]], Awaitable[Mapping[Key, Value]]], *, is_closed: bool = False
    ) -> None:
        self._name = name
        self._fetch = fetch
        self._known: dict[Key, asyncio.Future[Value | None]] = {}
        # The futures too: `forget` may come between the asking and the fetching.
        self._wanted: list[tuple[Key, asyncio.Future[Value | None]]] = []
        self._batches: set[asyncio.Task[None]] = set()
        self._closed = is_closed

    def load(self, key: Key | None) -> asyncio.Future[Value | None] | Value | None:
        """The value for `key`: at once when it is known already or `key` is None, else to be awaited."""
        if key is None:
            return None
        known = self._known.get(key)
        if known is not None:
            return known.result() if known.done() else known
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Value | None] = loop.create_future()
        if self._closed:
            # A field whose sibling broke runs on when the answer is out already.
            future.cancel()
            return future
        self._known[key] = future
        if not self._wanted:
            loop.call_soon(self._dispatch)
        self._wanted.append((key, future))
        return future

    def ask(self, key: Key | None, make: Callable[[Value | None], Made]) -> Awaitable[Made] | Made:
        """What `make` makes of the value for `key`: for a resolver that answers something else than the value.

        Asks now, not when awaited: rows whose lists are of different lengths are awaited in different turns.
        """
        found = self.load(key)
        return _made(found, make) if isinstance(found, asyncio.Future) else make(found)

    async def one(self, key: Key | None) -> Value | None:
        """The value for `key`, awaited: for a root field, which stands alone."""
        found = self.load(key)
        return await found if isinstance(found, asyncio.Future) else found

    def load_many(self, keys: Sequence[Key]) -> Awaitable[list[Value]] | list[Value]:
        """The values for those keys that have one, in order. Asks now, not when awaited, to be in the same batch."""
        asked = [self.load(key) for key in keys]
        return _all(asked) if any(isinstance(each, asyncio.Future) for each in asked) else _there(asked)

    def forget(self) -> None:
        """Fetch everything anew from here on."""
        self._known.clear()

    async def close(self) -> None:
        """Fetch nothing from here on; what is being fetched ends, and so does whoever waits for it."""
        self._closed = True
        wanted, self._wanted = self._wanted, []
        for _, future in wanted:
            future.cancel()
        for batch in list(self._batches):
            batch.cancel()
        if self._batches:
            await asyncio.gather(*self._batches, return_exceptions=True)

    def _dispatch(self) -> None:
        wanted, self._wanted = self._wanted, []
        for start in range(0, len(wanted), BATCH_LIMIT):
            keys = [key for key, _ in wanted[start : start + BATCH_LIMIT]]
            waiting = [future for _, future in wanted[start : start + BATCH_LIMIT]]
            batch = asyncio.get_running_loop().create_task(self._answer(keys, waiting), name=f"load {self._name}")
            self._batches.add(batch)
            batch.add_done_callback(self._batches.discard)
            # Also of a batch that was cancelled before its first step.
            batch.add_done_callback(partial(_let_go, waiting))

    async def _answer(self, keys: list[Key], waiting: list[asyncio.Future[Value | None]]) -> None:
        try:
            found = await self._fetch(keys)
        except Exception as error:  # noqa: BLE001 - each waiting resolver raises it, and graph/present.py tells
            for future in waiting:
                if not future.done():
                    future.set_exception(error)
                    future.exception()
            return
        for key, future in zip(keys, waiting, strict=True):
            if not future.done():
                future.set_result(found.get(key))


async def _made(found: asyncio.Future[Value | None], make: Callable[[Value | None], Made]) -> Made:
    return make(await found)


def _let_go(waiting: Sequence[asyncio.Future[Any]], _: asyncio.Task[None]) -> None:
    for future in waiting:
        future.cancel()


async def _all(asked: Sequence[asyncio.Future[Value | None] | Value | None]) -> list[Value]:
    return _there([await each if isinstance(each, asyncio.Future) else each for each in asked])


def _there(values: Sequence[Any]) -> list[Any]:
    return [value for value in values if value is not None]


class LoaderOf(Generic[Key, Value]):
    """A loader that a request's `Loaders` make when it is first asked for: most requests want one or two of thirty."""

    def __init__(self, name: str, fetch: Callable[[House, Viewer, list[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        self._name = name
        self._fetch = fetch

    def __set_name__(self, owner: type[Loaders], name: str) -> None:
        self._kept_as = name

    def __get__(self, loaders: Loaders, owner: type[Loaders]) -> Loader[Key, Value]:
        fetch = partial(self._fetch, loaders.house, loaders.viewer)
        made: Loader[Key, Value] = Loader(self._name, fetch, is_closed=loaders.is_closed)
        loaders.made.append(made)
        # From here on it is found under its name before this is asked again.
        setattr(loaders, self._kept_as, made)
        return made


class Loaders:
    """Every loader of one request."""

    artists = LoaderOf[str, Artist]("artists", lambda house, viewer, ids: house.artists.get_many(viewer, ids))
    albums = LoaderOf[str, Album]("albums", lambda house, viewer, ids: house.albums.get_many(viewer, ids))
    songs = LoaderOf[str, Song]("songs", lambda house, viewer, ids: house.songs.get_many(viewer, ids))
    genres = LoaderOf[str, Genre]("genres", lambda house, viewer, ids: house.genres.get_many(viewer, ids))
    users = LoaderOf[str, User]("users", lambda house, viewer, ids: house.accounts.users(viewer, ids))
    album_songs = LoaderOf[str, list[Song]](
        "album songs", lambda house, viewer, ids: house.songs.of_albums(viewer, ids)
    )
    artist_albums = LoaderOf[str, list[Album]](
        "artist albums", lambda house, viewer, ids: house.albums.of_artists(viewer, ids)
    )
    child_genres = LoaderOf[str, list[Genre]](
        "child genres", lambda house, viewer, ids: house.genres.of_parents(viewer, ids)
    )
    top_songs = LoaderOf[tuple[str, int], list[Song]](
        "top songs", lambda house, viewer, wanted: house.songs.top(viewer, wanted)
    )
    genre_songs = LoaderOf[tuple[str, int], list[Song]](
        "songs of genres", lambda house, viewer, wanted: house.genre_pages.top_songs(viewer, wanted)
    )
    genre_artists = LoaderOf[tuple[str, int], list[Artist]](
        "artists of genres", lambda house, viewer, wanted: house.genre_pages.top_artists(viewer, wanted)
    )
    genre_releases = LoaderOf[tuple[str, int], list[Album]](
        "new releases of genres", lambda house, viewer, wanted: house.genre_pages.new_releases(viewer, wanted)
    )
    related_genres = LoaderOf[tuple[str, int], list[Genre]](
        "related genres", lambda house, viewer, wanted: house.genre_pages.related(viewer, wanted)
    )
    genre_playlists = LoaderOf[tuple[str, int], list[Playlist]](
        "playlists of genres", lambda house, viewer, wanted: house.genre_playlists.of_genres(viewer, wanted)
    )
    figure_days = LoaderOf[Span, list[DayFigures]](
        "days of figures", lambda house, viewer, spans: house.analytics.days(viewer, spans)
    )
    new_accounts = LoaderOf[Span, dict[date, int]](
        "new accounts", lambda house, viewer, spans: house.analytics.new_accounts(viewer, spans)
    )
    figure_names = LoaderOf[tuple[str, str], str](
        "names in figures", lambda house, viewer, things: house.analytics.names(viewer, things)
    )
    liked_songs = LoaderOf[str, bool]("liked songs", lambda house, viewer, ids: house.likes.among(viewer, ids))
    saved_albums = LoaderOf[str, bool]("saved albums", lambda house, viewer, ids: house.saves.among(viewer, ids))
    artists_followed = LoaderOf[str, bool](
        "artists followed", lambda house, viewer, ids: house.follows.artists_among(viewer, ids)
    )
    users_followed = LoaderOf[str, bool](
        "users followed", lambda house, viewer, ids: house.follows.users_among(viewer, ids)
    )
    followed_artists = LoaderOf[Wanted, EdgePage[Artist]](
        "followed artists", lambda house, viewer, wanted: house.follows.followed_artists(viewer, wanted)
    )
    followed_users = LoaderOf[Wanted, EdgePage[User]](
        "followed users", lambda house, viewer, wanted: house.follows.followed_users(viewer, wanted)
    )
    followers = LoaderOf[Wanted, EdgePage[User]](
        "followers", lambda house, viewer, wanted: house.follows.followers(viewer, wanted)
    )
    followed_artist_counts = LoaderOf[str, int](
        "followed artist counts", lambda house, viewer, ids: house.follows.artist_counts(viewer, ids)
    )
    followed_user_counts = LoaderOf[str, int](
        "followed user counts", lambda house, viewer, ids: house.follows.user_counts(viewer, ids)
    )
    reviews_of = LoaderOf[WantedReviews, list[Review]](
        "reviews of things", lambda house, viewer, wanted: house.review_lists.of_things(viewer, wanted)
    )
    ratings = LoaderOf[str, Ratings]("ratings", lambda house, viewer, ids: house.review_lists.ratings(ids))
    helpful_reviews = LoaderOf[str, bool](
        "helpful reviews", lambda house, viewer, ids: house.reviews.found_helpful(viewer, ids)
    )
    shared_things = LoaderOf[tuple[str, str], Any](
        "shared things", lambda house, viewer, wanted: house.share_links.things(viewer, wanted)
    )
    playlists = LoaderOf[str, Playlist]("playlists", lambda house, viewer, ids: house.playlists.get_many(viewer, ids))
    playlist_entries = LoaderOf[str, Entries](
        "playlist entries", lambda house, viewer, ids: house.playlists.entries_of(viewer, ids)
    )
    user_playlists = LoaderOf[str, list[Playlist]](
        "user playlists", lambda house, viewer, ids: house.playlists.of_users(viewer, ids)
    )
    followed_playlists = LoaderOf[str, bool](
        "followed playlists", lambda house, viewer, ids: house.playlist_following.followed(viewer, ids)
    )
    sound_analyses = LoaderOf[str, SoundAnalysis](
        "sound analyses", lambda house, viewer, file_ids: house.sound_facts.of_files(file_ids)
    )
    album_loudness = LoaderOf[str, AlbumLoudness](
        "album loudness", lambda house, viewer, ids: house.sound_facts.of_albums(ids)
    )
    download_songs = LoaderOf[str, Download](
        "download songs", lambda house, viewer, ids: house.downloads.wholes(viewer, ids)
    )

    case_reports = LoaderOf[str, list[Report]](
        "reports of cases", lambda house, viewer, ids: house.moderation_queue.reports_of(viewer, ids)
    )
    decisions = LoaderOf[str, ModerationDecision](
        "decisions of cases", lambda house, viewer, ids: house.moderation_queue.decisions(viewer, ids)
    )

    def __init__(self, house: House, viewer: Viewer) -> None:
        self.house = house
        self.viewer = viewer
        self.made: list[Loader[Any, Any]] = []
        self.is_closed = False

    def forget(self) -> None:
        """Fetch everything anew from here on."""
        for loader in self.made:
            loader.forget()

    async def close(self) -> None:
        """Stop what is still being fetched, and fetch nothing from here on."""
        self.is_closed = True
        for loader in self.made:
            await loader.close()
