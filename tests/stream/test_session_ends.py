"""A listener whose session ends hears no more at once, in the middle of a song too; everybody else goes on."""

from __future__ import annotations

import asyncio
import random
from types import SimpleNamespace

import pytest

from realtime.broker import LocalBroker
from realtime.session_ends import SessionEnds
from realtime.sockets import OpenSockets
from realtime.streams import OpenStreams
from services.catalogue.withdrawals import CatalogueKind
from services.events import Bus, SessionEnded, UserChanged
from services.viewer import SYSTEM, Role
from tests.downloads.place import open_place
from tests.stream.stage import children, describe, stage, until
from tests.stream.test_stream_handler import connect

BIG = 9 << 20
SMALL = 8192
"""What a listener's own machine holds back, so that what arrives after the cut is what the server still sent."""


class Listening:
    """An answer under way that notes its end."""

    def __init__(self, session_id, cuts):
        self.session_id, self.cuts = session_id, cuts

    def cut(self):
        self.cuts.append(self.session_id)


async def paced(client, target):
    """Ask for all of it and take the beginning; the announced length."""
    client.ask(target)
    status, headers = await client.head()
    assert status == 200
    await client.reader.readexactly(50_000)
    return int(headers["Content-Length"])


@pytest.mark.parametrize("express", [False, True])
async def test_a_stream_under_way_is_cut_with_its_session_and_the_others_go_on(tmp_path, express):
    path = tmp_path / "big.flac"
    path.write_bytes(random.Random(3).randbytes(BIG))
    async with stage(tmp_path, express=express) as running:
        running.songs["big"] = describe(path, kind="flac", rate=44100, samples=10_000_000)
        ours, theirs = (
            f"/stream/big?quality=lossless&ticket={running.ticket('big', session=session)}" for session in ("s1", "s2")
        )
        async with connect(running, receive_bytes=SMALL) as ada, connect(running, receive_bytes=SMALL) as bob:
            assert [await paced(ada, ours), await paced(bob, theirs)] == [BIG, BIG]
            assert len(running.streams) == 2
            assert running.streams.end_session("s1") == 1
            async with asyncio.timeout(60):
                rest = await ada.ended()
            # What its own machine had, and nothing of the megabytes that a kernel holds ready.
            assert len(rest) < 1_000_000
            assert len(await bob.reader.readexactly(BIG - 50_000)) == BIG - 50_000
            await until(lambda: not len(running.streams))
        async with connect(running) as ada:
            assert (await ada.fetch(ours, "Range: bytes=0-0"))[0] == 401
            assert (await ada.fetch(theirs, "Range: bytes=0-0"))[0] == 206
        await until(lambda: not len(running.streams))


async def test_a_song_being_encoded_for_an_ended_session_is_let_go(tmp_path, tunes):
    async with stage(tmp_path) as running:
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
        async with connect(running, receive_bytes=SMALL) as ada:
            ada.ask(f"/stream/x?quality=high&ticket={running.ticket('x')}")
            await until(lambda: running.deliveries.admission.running)
            assert running.streams.end_session("s1") == 1
            await ada.ended()
            await until(lambda: not running.deliveries.admission.running and not children())
            assert len(running.streams) == 0


async def test_an_end_in_one_process_cuts_the_streams_of_all():
    broker, here, there = LocalBroker(), Bus(), Bus()
    cuts = {"here": [], "there": []}
    ends = []
    for bus, name in ((here, "here"), (there, "there")):
        streams = OpenStreams()
        for session in ("s1", "s2"):
            assert streams.add(Listening(session, cuts[name]))
        ends.append(SessionEnds(bus=bus, broker=broker, sockets=OpenSockets(), others=(streams,)))
        ends[-1].start()
    here.publish(SessionEnded("u", "s1"))
    assert cuts == {"here": ["s1"], "there": ["s1"]}
    for each in ends:
        each.stop()
    here.publish(SessionEnded("u", "s2"))
    assert cuts == {"here": ["s1"], "there": ["s1"]}


def test_the_register_is_bounded_and_forgets_ended_sessions_in_time():
    streams = OpenStreams(limit=2, remembered=2)
    made = [Listening(f"s{number}", []) for number in range(3)]
    assert [streams.add(each) for each in made] == [True, True, False]
    assert streams.add(Listening(None, []))
    streams.discard(made[0])
    streams.discard(made[0])
    streams.discard(made[2])
    assert (len(streams), streams.add(made[2]), len(streams)) == (1, True, 2)
    assert [streams.end_session(f"s{number}") for number in range(3)] == [0, 1, 1]
    assert (len(streams), streams.has_ended("s0"), streams.add(made[2]), streams.add(made[0])) == (
        0,
        False,
        False,
        True,
    )


async def test_what_the_house_decides_holds_for_the_next_range(tmp_path):
    async with open_place(tmp_path) as place:
        house, song = place.house, place.songs["Long"]
        running = SimpleNamespace(port=int(place.base.rpartition(":")[2]), lane=None)
        targets = {}
        for who in ("ann", "bob", "mod"):
            viewer = await place.viewer(who)
            ticket = house.tickets.issue(
                user_id=viewer.user_id, session_id=viewer.session_id, song_id=song, quality="lossless"
            )
            targets[who] = f"/stream/{song}?quality=lossless&ticket={ticket}"
        near = "Range: bytes=0-9"
        async with connect(running) as ann, connect(running) as bob, connect(running) as mod:
            clients = {"ann": ann, "bob": bob, "mod": mod}

            async def status(who):
                return (await clients[who].fetch(targets[who], near))[0]

            assert [await status(who) for who in clients] == [206, 206, 206]
            await house.withdrawals.set_hidden(SYSTEM, CatalogueKind.SONG, song, True)
            assert [await status(who) for who in clients] == [404, 404, 206]
            await place.store.users.update({"_id": place.ids["mod"]}, {"$set": {"roles": []}})
            house.bus.publish(UserChanged(place.ids["mod"]))
            assert await status("mod") == 404
            await house.withdrawals.set_hidden(SYSTEM, CatalogueKind.SONG, song, False)
            assert [await status(who) for who in clients] == [206, 206, 206]
            async with connect(running, receive_bytes=SMALL) as slow, connect(running, receive_bytes=SMALL) as other:
                length = await paced(slow, targets["ann"])
                await paced(other, targets["bob"])
                assert (await place.ask("mutation { logout { success } }", "ann")) is not None
                async with asyncio.timeout(60):
                    assert 50_000 + len(await slow.ended()) < length
                assert await status("ann") == 401
                # Suspended: what a moderator's decision writes, and the sessions that end with it.
                await place.store.users.update({"_id": place.ids["bob"]}, {"$set": {"is_suspended": True}})
                assert await house.accounts.sessions.end_all(place.ids["bob"], reason="suspended") == 1
                async with asyncio.timeout(60):
                    assert 50_000 + len(await other.ended()) < length
                assert [await status("bob"), await status("mod")] == [401, 206]
        assert Role.MODERATOR not in (await place.store.users.get(place.ids["mod"])).roles
