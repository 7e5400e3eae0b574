"""The same rules over MongoDB's protocol: keys that are unique, cursors by id, marks, broadcasts, the sweep."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.clock import SetClock
from services.events import Bus
from services.notifications import kinds, notifications
from services.notifications.notifications import Notifications
from services.notifications.places import START, Place
from services.paging import Slice
from services.viewer import Viewer
from storage.collections.store import Store
from storage.indexes import ensure_indexes
from storage.mongo import MongoEngine
from storage.records import Album, Edge
from tests.services.exercised import exercised
from tests.services.ferretdb import running_server

pytestmark = pytest.mark.services
ANN, BOB = Viewer(user_id="ann"), Viewer(user_id="bob")


@pytest.fixture(params=["pymongo", "motor"])
async def store(request):
    with running_server() as server:
        engine = MongoEngine(server.uri, database="notifications", driver=request.param)
        await engine.start()
        await ensure_indexes(engine)
        exercised(f"{server.product} under notifications, through {request.param}")
        yield Store(engine)
        await engine.stop()


async def test_two_writers_to_one_person_leave_no_turn_free_and_lose_nothing(store):
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    writers = [Notifications(store, SetClock(start - timedelta(days=behind)), Bus()) for behind in (0, 1)]

    async def write(number):
        for news in ("same", f"{number}a", f"{number}b", f"{number}c"):
            await writers[number].tell(kinds.review_hidden(news), ["ann"])

    await asyncio.gather(write(0), write(1))
    rows, place, more = await writers[0].since(ANN, START)
    assert sorted(row.target_id for row in rows) == ["0a", "0b", "0c", "1a", "1b", "1c", "same"]
    assert ([row.turn for row in rows], place, more) == ([1, 2, 3, 4, 5, 6, 7], Place(7), False)


async def test_notifications_keep_their_promises(store, monkeypatch):
    clock = SetClock(datetime(2026, 6, 1, 12, tzinfo=UTC))
    service = Notifications(store, clock, Bus())
    for number in range(5):
        for _ in range(2):
            await service.tell(kinds.review_hidden(f"r{number}"), ["ann", "bob"])
        clock.turn(1)
    page = await service.listing(ANN, Slice(limit=2))
    assert ([row.target_id for row in page.items], page.total, page.has_next) == (["r4", "r3"], 5, True)
    rest = await service.listing(ANN, Slice(limit=9, cursor=(page.items[1].turn,)))
    assert [row.target_id for row in rest.items] == ["r2", "r1", "r0"]
    assert [row.target_id for row in (await service.since(ANN, Place(id=rest.items[0].id)))[0]] == ["r3", "r4"]
    read = await service.mark_read(ANN, page.items[0].id)
    clock.turn(60)
    assert (
        (await service.mark_read(ANN, page.items[0].id)).read_at
        == read.read_at
        == clock.now().replace(minute=0, second=5)
    )
    assert await service.unread(ANN) == 4
    unread = await service.listing(ANN, Slice(), unread_only=True)
    assert ([row.target_id for row in unread.items], unread.total) == (["r3", "r2", "r1", "r0"], 4)
    assert [await service.mark_all_read(ANN) for _ in range(2)] == [4, 0]
    assert await service.unread(BOB) == 5

    await store.followed_artists.insert(Edge("ann:star", "ann", "star", clock.now()))
    album = Album("lp", "Sky", "Sky", "sky", "sky", "star", "Star", clock.now(), clock.now())
    for _ in range(2):
        await service.broadcast(kinds.album_released(album), "star")
    assert [await service.collect(id) for id in ("ann", "ann", "bob")] == [1, 0, 0]

    monkeypatch.setattr(notifications, "KEPT", 2)
    assert await service.sweep() == 4 + 3
    kept = await service.listing(ANN, Slice())
    assert [row.target_id for row in kept.items] == ["lp", "r4"]
