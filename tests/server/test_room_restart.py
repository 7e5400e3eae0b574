"""A room whose server is killed goes on where it was, to the millisecond, and nobody has to do anything for it."""

import asyncio
import signal

import pytest

from tests.server.client import Client

pytestmark = pytest.mark.faults

ROOM = "query($r: ID!) { room(id: $r) { epoch pausedBy currentItem { id } anchor { atMs positionMs isPlaying } } }"


async def test_a_killed_room_plays_on_from_its_anchor(own_server):
    own_server.start()
    client = Client(f"http://127.0.0.1:{own_server.port}")
    await client.register("host")
    listed = await client.get("{ songs { edges { node { id title } } } }")
    songs = {edge["node"]["title"]: edge["node"]["id"] for edge in listed["songs"]["edges"]}
    made = 'mutation($s: [ID!]) { createRoom(name: "Kitchen", songIds: $s) { room { id } } }'
    room_id = (await client.get(made, s=[songs["Noon"], songs["Dusk"]]))["createRoom"]["room"]["id"]
    sought = "mutation($r: ID!) { controlRoom(roomId: $r, action: SEEK, positionMs: 1234.5) { room { id } } }"
    await client.get(sought, r=room_id)

    async def playing():
        async with asyncio.timeout(20):
            while True:
                room = (await client.get(ROOM, r=room_id))["room"]
                if room["anchor"]["isPlaying"]:
                    return room
                await asyncio.sleep(0.05)

    before = await playing()
    assert before["anchor"]["positionMs"] == 1234.5
    own_server.child.send_signal(signal.SIGKILL)
    own_server.child.wait()
    own_server.child.stdout.close()
    own_server.start()
    client.base = f"http://127.0.0.1:{own_server.port}"
    after = await playing()
    if after["currentItem"] == before["currentItem"]:
        assert (after["anchor"], after["epoch"]) == (before["anchor"], before["epoch"])
    else:
        # The machine was slow: then the next song follows where the first one ended, or begins anew.
        assert after["anchor"]["atMs"] > before["anchor"]["atMs"]
