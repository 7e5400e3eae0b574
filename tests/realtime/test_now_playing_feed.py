"""Now-playing from one client's mutation to another client's subscription."""

from services.events import NowPlayingChanged
from services.viewer import Viewer
from tests.realtime.small_house import open_house, until

LISTEN = 'subscription { nowPlaying(userId: "ann") { userId songId } }'


async def play(client, song_id):
    await client.subscribe(f'mutation {{ play(songId: "{song_id}") }}', id="play")
    assert (await client.receive())["type"] == "next"
    assert (await client.receive())["type"] == "complete"


async def heard(client):
    message = await client.receive()
    assert message["type"] == "next", message
    return message["payload"]["data"]["nowPlaying"]["songId"]


async def test_two_clients_share_what_is_playing():
    async with open_house() as house, house.client() as ann, house.client() as bob, house.client() as cat:
        await ann.init("ann")
        await bob.init("bob")
        await cat.init("cat")
        await bob.subscribe(LISTEN)
        await until(lambda: len(house.hub) == 1)
        await play(ann, "one")
        assert await heard(bob) == "one"
        await cat.subscribe(LISTEN)
        assert await heard(cat) == "one", "who comes later is told the present first"
        await play(ann, "two")
        assert (await heard(bob), await heard(cat)) == ("two", "two")
        await house.now_playing.clear(Viewer(user_id="ann"))
        assert (await heard(bob), await heard(cat)) == (None, None)
        await bob.send({"type": "complete", "id": "1"})
        await until(lambda: len(house.hub) == 1)


async def test_each_moment_asks_again_whether_this_viewer_may_hear():
    async with open_house() as house, house.client() as ann, house.client() as bob:
        await ann.init("ann")
        await bob.init("bob")
        await bob.subscribe(LISTEN)
        await play(ann, "one")
        assert await heard(bob) == "one"
        house.people["ann"].preferences.private_session = True
        # Told by a process that has not heard of the private session yet.
        house.bus.publish(NowPlayingChanged("ann", "secret", house.clock.now()))
        assert await heard(bob) is None, "who may hear no more is told silence, not the song"
        house.people["ann"].preferences.private_session = False
        await play(ann, "three")
        assert await heard(bob) == "three"


async def test_a_source_closed_before_its_first_moment_leaves_the_hub():
    async with open_house() as house:
        source = await house.news(Viewer(user_id="bob"), "ann")
        assert len(house.hub) == 1
        await source.aclose()
        assert len(house.hub) == 0
        for _ in range(1000):
            source = await house.news(Viewer(user_id="bob"), "ann")
            await source.aclose()
        assert len(house.hub) == 0
        assert house.hub.topics == ()


async def test_a_listener_that_does_not_read_is_told_the_newest_only():
    async with open_house() as house:
        source = await house.news(Viewer(user_id="bob"), "ann")
        for number in range(50):
            await house.now_playing.report(Viewer(user_id="ann"), f"song-{number}")
        assert (await anext(source)).song_id == "song-49"
        await source.aclose()
