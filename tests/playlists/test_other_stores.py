"""The same edits over a MongoDB-protocol server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.accounts.people_access import PeopleAccess
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.clock import Clock
from services.events import Bus
from services.interactions.edge_counts import EdgeCounts
from services.interactions.edges import Edges
from services.playlists.desk import Desk
from services.playlists.editing import Editing
from services.playlists.entries import totals
from services.playlists.following import Following
from services.playlists.making import Making, PlaylistDraft
from services.playlists.playlists import Playlists
from services.playlists.upkeep import PlaylistUpkeep
from services.viewer import Viewer
from storage.collections.store import Store
from storage.indexes import INDEXES
from storage.mongo import MongoEngine
from storage.records import Song
from tests.services.exercised import exercised
from tests.services.ferretdb import Server, running_server

pytestmark = pytest.mark.services
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN, BOB = Viewer("ann"), Viewer("bob")


@pytest.fixture(scope="module")
def mongo_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(params=["pymongo", "motor"])
async def store(request: pytest.FixtureRequest, mongo_server: Server) -> AsyncIterator[Store]:
    engine = MongoEngine(mongo_server.uri, database=f"playlists_{request.param}", driver=request.param)
    await engine.start()
    exercised(f"{mongo_server.product} through {request.param}")
    for name in ("playlists", "playlist_followers", "playlist_invites"):
        await engine.ensure(name, [index for index in INDEXES[name] if index.unique])
    yield Store(engine)
    await engine.stop()


async def test_people_who_edit_at_once_lose_nothing(store: Store) -> None:
    clock, bus = Clock(), Bus()
    songs = Songs(store, Genres(store))
    for id in ("s1", "s2", "s3"):
        await store.songs.insert(Song(id, id, id, id, "anna", "anna", NOON, NOON, duration_ms=1000))
    desks = [Desk(store, clock, bus) for _ in range(3)]
    editings = [Editing(store, clock, songs, desk) for desk in desks]
    making = Making(store, clock, cast(Any, None), desks[0], editings[0])
    made = [await making.create(ANN, PlaylistDraft("Mix")) for _ in range(2)]
    assert [each.slug for each in made] == ["mix", "mix-2"]
    id = made[0].id
    answers = await asyncio.gather(
        *(editing.add_songs(ANN, id, ["s1", "s2"], position=turn) for turn in range(4) for editing in editings)
    )
    added = [placed.id for _, all_ in answers for placed in all_]
    gone, moved = added[:3], added[3]
    await asyncio.gather(
        *(editings[at].remove(ANN, id, entry_id=entry_id) for at, entry_id in enumerate(gone)),
        editings[0].move(ANN, id, entry_id=moved, position=0),
        editings[1].add_songs(ANN, id, ["s3"]),
    )
    after = await store.playlists.get(id)
    assert after is not None
    kept = [entry.id for entry in after.entries]
    assert len(kept) == len(set(kept)) == 24 - 3 + 1
    assert set(kept) >= set(added) - set(gone)
    assert (after.song_count, after.total_duration_ms) == totals(after.entries)
    # One less where those removed stood before the one moved: then it is first already, and nothing is written.
    assert after.rev - (12 + 3 + 1) in (0, 1)
    people = PeopleAccess(store, lambda user: not user.is_suspended)
    edges = Edges(store.playlist_followers, store.playlists, "follower_count", clock)
    playlists, following = Playlists(store, desks[0], people), Following(store, clock, bus, desks[0], edges, people)
    frame = await playlists.get(BOB, id)
    assert (frame.entries, frame.song_count) == ([], 22)
    assert len((await playlists.entries_of(BOB, [id]))[id]) == 22
    await asyncio.gather(*(following.follow(viewer, id) for viewer in (ANN, BOB, BOB)))
    assert (await playlists.get(BOB, id)).follower_count == 2
    await making.update(ANN, id, {"name": "Other", "description": None})
    found = await playlists.by_slug(BOB, "mix")
    assert found is not None and found.name == "Other"
    assert await PlaylistUpkeep(store, clock).recount() == 0
    assert await EdgeCounts([edges]).recount(settle_s=0) == 0
    await making.delete(ANN, id)
    assert await store.playlist_followers.count({}) == 0
