"""One edit of a playlist that a thousand follow is read and answered once, and all thousand are told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from services.playlists.making import PlaylistChanges
from tests.playlists.stage import make
from tests.realtime.small_house import Client, until
from tests.realtime.test_whole_house import signed_in
from tests.realtime.test_whole_house import street as street

FOLLOW = "subscription ($id: ID!) { playlist(id: $id) { name songs { song { title artist { name } } } } }"
SOCKETS, EACH = 10, 100


async def test_a_thousand_subscriptions_of_one_document_cost_one_answer_an_event(street):
    ann = await signed_in(street, "anna_l")
    viewer = await street.house.accounts.viewer_for(ann.token)
    playlist = await make(street, viewer, "Road", "s1", "s2")
    async with AsyncExitStack() as undo:
        clients = [await undo.enter_async_context(Client(street.url, {})) for _ in range(SOCKETS)]
        for number, client in enumerate(clients):
            # Half of them are nobody, the others the same listener: the public sees as much as they do.
            await client.init(*([ann.token] if number % 2 else []))
            for place in range(EACH):
                await client.subscribe(FOLLOW, id=str(place), variables={"id": playlist.id})
                await client.receive()
        await until(lambda: len(street.hub) == SOCKETS * EACH)
        shared = street.open_executor.shared_answers
        made = shared.made
        assert shared.handed_on == 0, "the first state is read by each"
        street.engine.asked.clear()
        await street.house.playlist_making.update(viewer, playlist.id, PlaylistChanges(name="Sea"))

        async def told(client):
            return [await client.receive() for _ in range(EACH)]

        frames = [frame for some in await asyncio.gather(*map(told, clients)) for frame in some]
        assert (shared.made - made, shared.handed_on) == (1, SOCKETS * EACH - 1)
        assert street.engine.asked["songs"] == 1, "one reading of its songs"
    assert sorted(frame["id"] for frame in frames) == sorted([str(place) for place in range(EACH)] * SOCKETS)
    songs = [{"song": {"title": title, "artist": {"name": "Anna"}}} for title in ("Tides", "Ebb")]
    assert all(frame["payload"] == {"data": {"playlist": {"name": "Sea", "songs": songs}}} for frame in frames)
