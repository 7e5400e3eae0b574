"""An artist follows what is made of a song's sound, through the graph and the news of the house."""

from __future__ import annotations

from datetime import timedelta

from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.newsroom import Newsroom
from realtime.sockets import OpenSockets
from services.analysis.measuring import VERSION
from services.analysis.waiting import claim_of
from services.events import SongProgressed
from services.viewer import Role
from storage.records import Artist, AudioFile, Song
from storage.records.lease import Lease
from tests.catalogue_rig import small_house


async def test_a_new_song_is_told_step_by_step(tmp_path):
    async with small_house(tmp_path) as rig:
        newsroom = Newsroom(rig.house, hub=Hub(), broker=LocalBroker(), sockets=OpenSockets())
        newsroom.start()
        now = rig.clock.now()
        await rig.store.artists.insert(Artist("anna", "Anna", "Anna", "anna", "anna", now, now))
        song = Song("s1", "Tides", "Tides", "tides", "anna", "Anna", now, now, artist_ids=["anna"], file_id="f1")
        await rig.store.songs.insert(song)
        file = AudioFile("f1", "/x.flac", 1, 1, "present", now, payload_hash="h", song_id="s1")
        await rig.store.audio_files.insert(file)
        states = await newsroom.feeds.transcode(await rig.sign_up("ann", Role.ARTIST), "s1")

        async def told():
            state = await anext(states)
            return state.stage, state.percent

        assert await told() == ("waiting", 33)
        await rig.store.leases.insert(Lease(claim_of("h"), "somebody", now + timedelta(seconds=12), now))
        rig.house.bus.publish(SongProgressed("s1", 2))
        assert await told() == ("measuring", 67)
        await rig.store.audio_files.update({"_id": "f1"}, {"$set": {"analysed_version": VERSION}})
        rig.house.bus.publish(SongProgressed("s1", 3))
        assert await told() == ("ready", 100)
        await states.aclose()
        newsroom.stop()
