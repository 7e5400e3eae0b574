"""Following ids without asking once per row: ids wanted in one turn of the loop are fetched together.

Owns the batching and one request's memory of what was fetched. A loader goes through a service with the request's
viewer, so nobody sees through it what they may not see. Refuses to know the stores.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from services.analysis.sound_facts import AlbumLoudness
from services.house import House
from services.interactions.edges import EdgePage, Wanted
from services.interactions.review_lists import Ratings, WantedReviews
from services.playlists.playlists import Entries
from services.viewer import Viewer
from storage.records import Album, Artist, Genre, Playlist, Review, Song, User
from storage.records.download import Download
from storage.records.sound_analysis import SoundAnalysis

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Made = TypeVar("Made")

BATCH_LIMIT = 1000


class Loader(Generic[Key, Value]):
    """One question for many keys. `fetch` answers those it can; the others load as None."""

    def __init__(self, name: str, fetch: Callable[[list[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        self._name = name
        self._fetch = fetch
        self._known: dict[Key, asyncio.Future[Value | None]] = {}
        # The futures too: `forget` may come between the asking and the fetching.
        self._wanted: list[tuple[Key, asyncio.Future[Value | None]]] = []
        self._batches: set[asyncio.Task[None]] = set()
        self._closed = False

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


class Loaders:
    """Every loader of one request."""

    def __init__(self, house: House, viewer: Viewer) -> None:
        self.artists: Loader[str, Artist] = Loader("artists", lambda ids: house.artists.get_many(viewer, ids))
        self.albums: Loader[str, Album] = Loader("albums", lambda ids: house.albums.get_many(viewer, ids))
        self.songs: Loader[str, Song] = Loader("songs", lambda ids: house.songs.get_many(viewer, ids))
        self.genres: Loader[str, Genre] = Loader("genres", lambda ids: house.genres.get_many(viewer, ids))
        self.users: Loader[str, User] = Loader("users", lambda ids: house.accounts.users(viewer, ids))
        self.album_songs: Loader[str, list[Song]] = Loader(
            "album songs", lambda ids: house.songs.of_albums(viewer, ids)
        )
        self.artist_albums: Loader[str, list[Album]] = Loader(
            "artist albums", lambda ids: house.albums.of_artists(viewer, ids)
        )
        self.child_genres: Loader[str, list[Genre]] = Loader(
            "child genres", lambda ids: house.genres.of_parents(viewer, ids)
        )
        self.top_songs: Loader[tuple[str, int], list[Song]] = Loader(
            "top songs", lambda wanted: house.songs.top(viewer, wanted)
        )
        self.liked_songs: Loader[str, bool] = Loader("liked songs", lambda ids: house.likes.among(viewer, ids))
        self.saved_albums: Loader[str, bool] = Loader("saved albums", lambda ids: house.saves.among(viewer, ids))
        self.artists_followed: Loader[str, bool] = Loader(
            "artists followed", lambda ids: house.follows.artists_among(viewer, ids)
        )
        self.users_followed: Loader[str, bool] = Loader(
            "users followed", lambda ids: house.follows.users_among(viewer, ids)
        )
        self.followed_artists: Loader[Wanted, EdgePage[Artist]] = Loader(
            "followed artists", lambda wanted: house.follows.followed_artists(viewer, wanted)
        )
        self.followed_users: Loader[Wanted, EdgePage[User]] = Loader(
            "followed users", lambda wanted: house.follows.followed_users(viewer, wanted)
        )
        self.followers: Loader[Wanted, EdgePage[User]] = Loader(
            "followers", lambda wanted: house.follows.followers(viewer, wanted)
        )
        self.followed_artist_counts: Loader[str, int] = Loader(
            "followed artist counts", lambda ids: house.follows.artist_counts(viewer, ids)
        )
        self.followed_user_counts: Loader[str, int] = Loader(
            "followed user counts", lambda ids: house.follows.user_counts(viewer, ids)
        )
        self.reviews_of: Loader[WantedReviews, list[Review]] = Loader(
            "reviews of things", lambda wanted: house.review_lists.of_things(viewer, wanted)
        )
        self.ratings: Loader[str, Ratings] = Loader("ratings", house.review_lists.ratings)
        self.helpful_reviews: Loader[str, bool] = Loader(
            "helpful reviews", lambda ids: house.reviews.found_helpful(viewer, ids)
        )
        self.shared_things: Loader[tuple[str, str], Any] = Loader(
            "shared things", lambda wanted: house.share_links.things(viewer, wanted)
        )
        self.playlists: Loader[str, Playlist] = Loader("playlists", lambda ids: house.playlists.get_many(viewer, ids))
        self.playlist_entries: Loader[str, Entries] = Loader(
            "playlist entries", lambda ids: house.playlists.entries_of(viewer, ids)
        )
        self.user_playlists: Loader[str, list[Playlist]] = Loader(
            "user playlists", lambda ids: house.playlists.of_users(viewer, ids)
        )
        self.followed_playlists: Loader[str, bool] = Loader(
            "followed playlists", lambda ids: house.playlist_following.followed(viewer, ids)
        )
        self.sound_analyses: Loader[str, SoundAnalysis] = Loader(
            "sound analyses", lambda file_ids: house.sound_facts.of_files(file_ids)
        )
        self.album_loudness: Loader[str, AlbumLoudness] = Loader(
            "album loudness", lambda ids: house.sound_facts.of_albums(ids)
        )
        self.download_songs: Loader[str, Download] = Loader(
            "download songs", lambda ids: house.downloads.wholes(viewer, ids)
        )
        self._all: tuple[Loader, ...] = tuple(vars(self).values())  # type: ignore[type-arg]

    def forget(self) -> None:
        """Fetch everything anew from here on."""
        for loader in self._all:
            loader.forget()

    async def close(self) -> None:
        """Stop what is still being fetched."""
        for loader in self._all:
            await loader.close()
