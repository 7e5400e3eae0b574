"""Two processes over one folder, killed with requests under way: what was answered is there, and the proofs agree."""

from __future__ import annotations

import asyncio
import random
import signal

import pytest
from tornado.httpclient import HTTPError

from services.clock import Clock
from services.interactions.edge_counts import EdgeCounts
from services.interactions.edges import Edges
from services.listening.play_counts import PlayCounts
from services.listening.proof import RollUpProof
from services.listening.roll_ups import RollUps
from services.playlists.upkeep import PlaylistUpkeep
from storage.collections.store import Store
from storage.sqlite import SqliteEngine
from tests.server.client import Client
from tests.server.conftest import Process

pytestmark = pytest.mark.faults

SONGS = "{ songs(limit: 10) { edges { node { id } } } }"
MAKE = 'mutation { createPlaylist(name: "Together") { playlist { id } } }'
ADD = "mutation ($p: ID!, $s: ID!) { addSongToPlaylist(playlistId: $p, songId: $s) { playlist { id } } }"
PLAY = "mutation ($s: ID!, $k: ID!) { playSong(songId: $s, playId: $k) { success } }"
LIKE = "mutation ($s: ID!) { likeSong(songId: $s) { success } }"
UNLIKE = "mutation ($s: ID!) { unlikeSong(songId: $s) { success } }"


async def test_nothing_that_was_answered_is_lost_and_every_counter_equals_its_rows(own_server):
    choice = random.Random(3)
    processes = [own_server, Process(own_server.data)]
    for process in processes:
        process.start()
    ann = Client(own_server.base)
    await ann.register("listener")
    songs = [edge["node"]["id"] for edge in (await ann.get(SONGS))["songs"]["edges"]]
    playlist = (await ann.get(MAKE))["createPlaylist"]["playlist"]["id"]
    answered: dict[str, int] = {PLAY: 0, ADD: 0, LIKE: 0, UNLIKE: 0}
    enough = asyncio.Event()

    async def ask(number: int) -> None:
        client = Client(choice.choice(processes).base)
        client.token = ann.token
        query = choice.choice([PLAY, ADD, LIKE, UNLIKE])
        words = {"s": choice.choice(songs), "p": playlist, "k": f"play{number}"}
        sent = {name: value for name, value in words.items() if f"${name}:" in query}
        try:
            answer = await client.ask(query, **sent)
        except (OSError, HTTPError):
            return  # killed before it answered: done or not
        answered[query] += "errors" not in answer
        if sum(answered.values()) == 100:
            enough.set()

    try:
        asking = [asyncio.ensure_future(ask(number)) for number in range(300)]
        await asyncio.wait_for(enough.wait(), 30)
    finally:
        for process in processes:
            process.child.send_signal(signal.SIGKILL)
            process.child.wait()
            process.child.stdout.close()
            process.child = None
    await asyncio.gather(*asking)

    engine = SqliteEngine(own_server.data / "tutti.db")
    await engine.start()
    store, clock = Store(engine), Clock()
    try:
        edges = EdgeCounts([Edges(store.liked_songs, store.songs, "like_count", clock)])
        roll_ups = RollUps(store, clock)
        await roll_ups.fold()
        # What the kill left between a row and its counter is put right; everything else was never wrong.
        await PlayCounts(store).recount(settle_s=0)
        await edges.recount(settle_s=0)
        assert await RollUpProof(store, roll_ups).prove() == 0
        assert await PlaylistUpkeep(store, clock).recount() == 0
        plays = await store.plays.count({})
        assert plays >= answered[PLAY]
        for song in await store.songs.find({}):
            assert song.play_count == await store.plays.count({"song_id": song.id})
            assert song.like_count == await store.liked_songs.count({"target_id": song.id})
            assert (await store.plays_ever.get(song.id)).plays == song.play_count
        assert sum([album.play_count for album in await store.albums.find({})]) == plays
        kept = await store.playlists.get(playlist)
        assert kept.song_count == len(kept.entries) == kept.rev >= answered[ADD]
    finally:
        await engine.stop()
