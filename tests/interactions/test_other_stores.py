"""The same on every engine: what decides a like, a review and a list is the store's own promise."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.audit.audit import Audit
from services.catalogue.albums import Albums
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.clock import SetClock
from services.errors import Conflict
from services.events import Bus
from services.interactions.edge_counts import EdgeCounts
from services.interactions.edges import Edges
from services.interactions.likes import Likes
from services.interactions.review_lists import ReviewLists, WantedReviews
from services.interactions.review_words import ReviewOrder
from services.interactions.reviews import Reviews
from services.paging import Slice
from services.viewer import NOBODY, Role, Viewer
from storage.collections.store import Store
from storage.indexes import INDEXES
from storage.records import Edge, Song
from tests.storage.conftest import engine, mongo_server

__all__ = ["engine", "mongo_server"]
WARDEN = Viewer(user_id="warden", roles=frozenset({Role.MODERATOR}))
NEEDED = ("songs", "liked_songs", "reviews", "review_votes")


def person(number):
    """Somebody signed in."""
    return Viewer(user_id=f"u{number}")


@pytest.fixture
async def shelf(engine):
    for collection in NEEDED:
        await engine.ensure(collection, INDEXES[collection])
    store, clock = Store(engine), SetClock(datetime(2026, 6, 1, tzinfo=UTC))
    for id in ("s1", "s2"):
        await store.songs.insert(Song(id, id, id, id, "a", "a", clock.now(), clock.now()))
    return store, clock


async def test_likes_count_once_and_a_crash_is_put_right(shelf):
    store, clock = shelf
    edges = Edges(store.liked_songs, store.songs, "like_count", clock)
    likes = Likes(edges, Songs(store, Genres(store)))
    await asyncio.gather(*(likes.like(person(number % 5), "s1") for number in range(20)))
    assert (await store.songs.get("s1")).like_count == 5
    assert await likes.among(person(1), ["s1", "s2"]) == {"s1": True}
    await store.liked_songs.insert(Edge("crashed:s2", "crashed", "s2", clock.now()))
    assert await EdgeCounts([edges]).recount(settle_s=0) == 1
    assert (await store.songs.get("s2")).like_count == 1
    clock.turn(1)
    await likes.like(person(1), "s2")
    page = await likes.songs(person(1), Slice(limit=1))
    assert ([song.id for song in page.items], page.has_next, page.total) == (["s2"], True, 2)
    await asyncio.gather(*(likes.unlike(person(number % 5), "s1") for number in range(20)))
    assert (await store.songs.get("s1")).like_count == 0


async def test_reviews_are_one_each_hidden_for_good_and_read_together(shelf):
    store, clock = shelf
    songs, albums = Songs(store, Genres(store)), Albums(store, clock, Genres(store))
    votes = Edges(store.review_votes, store.reviews, "helpful_count", clock)
    reviews = Reviews(store, clock, Bus(), votes, songs, albums, Audit(store, clock))
    lists = ReviewLists(store, reviews)
    await asyncio.gather(*(reviews.add(person(0), song_id="s1", rating=4) for _ in range(10)))
    assert await store.reviews.count({}) == 1
    for number in range(1, 4):
        clock.turn(1)
        await reviews.add(person(number), song_id=f"s{1 + number % 2}", rating=1, comment=str(number))
    wanted = [WantedReviews(f"song:{id}", ReviewOrder.NEWEST, Slice(limit=2)) for id in ("s1", "s2")]
    found = await lists.of_things(NOBODY, wanted)
    assert [[review.comment for review in found[each]] for each in wanted] == [["2", ""], ["3", "1"]]
    hidden = found[wanted[1]][0]
    await reviews.hide(WARDEN, hidden.id, "Spam")
    with pytest.raises(Conflict):
        await reviews.add(person(3), song_id="s2", rating=5)
    ratings = await lists.ratings(["song:s1", "song:s2"])
    assert {key: (each.count, each.average) for key, each in ratings.items()} == {
        "song:s1": (2, 2.5),
        "song:s2": (1, 1.0),
    }
    page = await lists.listing(person(3), Slice(), song_id="s2")
    assert page.items[0].id == hidden.id
