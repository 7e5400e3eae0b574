"""Who listens through GraphQL has the app open: counted as being here while a stream that shows on a player is open."""

from __future__ import annotations

import gc

import pytest

from services.presence.reducer import GRACE_S, Status
from services.viewer import NOBODY
from tests.realtime.small_house import Client, until
from tests.realtime.test_event_stream import Stream
from tests.realtime.test_whole_house import NOW, signed_in
from tests.realtime.test_whole_house import street as street

QUEUE = "subscription { queue { rev } }"
BELL = "subscription { notifications { id } }"


async def settled(street, viewer):
    """The status once every grace is over."""
    street.clock.turn(GRACE_S + 0.1)
    await street.house.presence_watch.look()
    return (await street.house.presences.read(viewer, viewer.user_id)).status


@pytest.fixture
async def ann(street):
    street.ann = await signed_in(street, "anna_l")
    return await street.house.accounts.viewer_for(street.ann.token)


async def test_a_socket_counts_while_it_follows_something_of_a_player(street, ann):
    watch = street.house.presence_watch
    async with Client(street.url, {}) as client:
        await client.init(street.ann.token)
        assert await settled(street, ann) is Status.OFFLINE, "a socket alone is nobody"
        await client.subscribe(BELL, id="bell")
        await until(lambda: len(street.hub) == 1)
        assert await settled(street, ann) is Status.OFFLINE, "news of the account reach a pocket too"
        for id, query in (("a", QUEUE), ("b", "subscription { friendsListening { status } }")):
            await client.subscribe(query, id=id)
            assert (await client.receive())["type"] == "next"
        assert watch.connection_count == 1
        assert await settled(street, ann) is Status.ONLINE
        await client.send({"type": "complete", "id": "a"})
        await client.send({"type": "complete", "id": "b"})
        await until(lambda: watch.connection_count == 0)
        assert (await street.house.presences.read(ann, ann.user_id)).status is Status.ONLINE, "a moment of grace"
        assert await settled(street, ann) is Status.OFFLINE


async def test_a_stream_of_events_counts_until_its_client_leaves(street, ann):
    watch = street.house.presence_watch
    stream = await Stream(street, street.ann.token).post(NOW, id=ann.user_id)
    await until(lambda: watch.connection_count == 1)
    assert await settled(street, ann) is Status.ONLINE
    await stream.aclose()
    await until(lambda: watch.connection_count == 0)
    assert await settled(street, ann) is Status.OFFLINE


async def test_a_stream_that_is_refused_or_dropped_counts_for_nothing(street, ann):
    watch = street.house.presence_watch
    assert "errors" in await street.listen(NOW, NOBODY, id=ann.user_id)
    assert "errors" in await street.listen(NOW, ann, id="nobody-at-all")
    assert watch.connection_count == 0
    dropped = await street.listen(QUEUE, ann)
    assert watch.connection_count == 1
    del dropped
    gc.collect()
    assert watch.connection_count == 0
