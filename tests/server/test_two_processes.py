"""Two server processes on one store and one Redis are one house: they converge, and survive each other and Redis."""

from __future__ import annotations

import asyncio
import signal

import pytest
from tornado.httpclient import HTTPClientError
from websockets.exceptions import ConnectionClosed

from services.connect.faces import patched as patched_queue
from tests.realtime.small_house import until
from tests.server.pair import ADD, NAME, Follower, songs_of

pytestmark = pytest.mark.services

QUEUED = 500
"""Operations of the queue, by four devices at once, two at each process."""
EDITED = 500
"""Edits of a playlist meanwhile, by four others."""
KILLED_AFTER = 400
"""Answers of both kinds, before one process is killed."""

READ = "query($p: ID!) { playlist(id: $p) { rev songCount name } }"


class Storm:
    """People who edit one queue and one playlist through both processes, and go to the first when the second dies."""

    def __init__(self, pair, clients, songs, playlist_id):
        self.pair, self.clients, self.songs, self.playlist_id = pair, clients, songs, playlist_id
        self.queue_numbers, self.edit_numbers = list(range(QUEUED)), list(range(EDITED))
        self.queue_revs, self.repeated, self.came_over = [], 0, 0
        self.edits, self.perhaps = 0, 0
        self.halfway = asyncio.Event()

    def _answered(self):
        if len(self.queue_revs) + self.edits >= KILLED_AFTER:
            self.halfway.set()

    async def device(self, at):
        """Takes numbers and does what they say; what was not answered is asked again by the same name."""
        number = None
        while True:
            try:
                async with self.pair.socket(at) as player:
                    assert (await player.ask("hello", token=self.clients[0].token))["ok"]
                    while number is not None or self.queue_numbers:
                        number = self.queue_numbers.pop() if number is None else number
                        op, members = self._operation(number)
                        answer = await player.ask(op, f"q{number}", clientOpId=f"op-{number}", **members)
                        if answer.get("error", {}).get("code") == "BUSY":
                            continue
                        assert answer.get("ok"), answer
                        self.queue_revs.append(answer["rev"])
                        self.repeated += answer.get("repeated", False)
                        number = None
                        self._answered()
                    return
            except ConnectionClosed:
                assert at == 1
                at, self.came_over = 0, self.came_over + 1

    def _operation(self, number):
        if number % 5:
            return "queue.add", {"songIds": [self.songs[number % len(self.songs)]], "next": number % 3 == 0}
        return "queue.volume", {"volume": number // 5 % 100}

    async def editor(self, at):
        """The same with a playlist, whose edits have no names: one that was not answered may have been done."""
        while self.edit_numbers:
            number = self.edit_numbers.pop()
            words = (NAME, {"n": f"Road {number}"}) if number % 3 == 0 else (ADD, {"s": self.songs[number % 3]})
            while True:
                try:
                    answer = await self.clients[at].ask(words[0], p=self.playlist_id, **words[1])
                except (OSError, HTTPClientError):
                    assert at == 1
                    at, self.perhaps = 0, self.perhaps + 1
                    break
                if "errors" not in answer:
                    self.edits += 1
                    self._answered()
                    break
                assert answer["errors"][0]["extensions"]["code"] == "BUSY", answer


async def test_a_thousand_operations_converge_though_one_process_is_killed_in_the_middle(pair, clients):
    one, _ = clients
    made = await one.get('mutation { createPlaylist(name: "Road") { playlist { id rev } } }')
    playlist_id, rev = made["createPlaylist"]["playlist"]["id"], made["createPlaylist"]["playlist"]["rev"]
    storm = Storm(pair, clients, list((await songs_of(one)).values()), playlist_id)
    async with (
        pair.socket(0) as at_one,
        pair.socket(1) as at_two,
        pair.socket(0) as at_one_too,
        pair.socket(1) as at_two_too,
        pair.socket(0) as back,
        pair.socket(0) as back_too,
    ):
        queues = [Follower(each, one.token, "queue.follow", patched_queue) for each in (at_one, at_two)]
        topic = f"playlist:{playlist_id}"
        lists = [Follower(each, one.token, "follow", topic=topic) for each in (at_one_too, at_two_too)]
        for follower in (*queues, *lists):
            await follower.begin()
        working = asyncio.gather(*(work(at) for work in (storm.device, storm.editor) for at in (0, 1, 0, 1)))
        halfway = asyncio.create_task(storm.halfway.wait(), name="halfway")
        await asyncio.wait([working, halfway], return_when=asyncio.FIRST_COMPLETED)
        assert not working.done()
        assert storm.queue_numbers or storm.edit_numbers
        await asyncio.to_thread(pair.processes[1].stop, signal.SIGKILL)
        await asyncio.gather(queues[1].come_back(back), lists[1].come_back(back_too))
        await working

        # Every operation of the queue was answered once and done once; all who follow it hold the same.
        assert storm.came_over == 2
        assert len(storm.queue_revs) == len(set(storm.queue_revs)) == QUEUED
        async with pair.socket(0) as reader:
            assert (await reader.ask("hello", token=one.token))["ok"]
            answer = await reader.ask("queue.get")
        queue = answer["queue"]
        assert len(queue["items"]) == sum(1 for number in range(QUEUED) if number % 5)
        for follower in queues:
            await until(lambda follower=follower: follower.face["rev"] == queue["rev"], 20)
            assert {**follower.face, "unavailable": []} == queue
        # What came while nobody was there to tell it came as changes, not as the whole.
        assert queues[1].wholes == 0

        playlist = (await one.get(READ, p=playlist_id))["playlist"]
        assert rev + storm.edits <= playlist["rev"] <= rev + storm.edits + storm.perhaps
        assert storm.edits + storm.perhaps == EDITED
        for follower in lists:
            await until(lambda follower=follower: follower.revs[-1] == playlist["rev"], 20)
            assert follower.revs == sorted(set(follower.revs))
            assert (follower.face["name"], follower.face["songCount"]) == (playlist["name"], playlist["songCount"])
        for follower in (*queues, *lists):
            await follower.end()
