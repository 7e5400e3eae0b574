"""Two server processes over one store and one Redis, and who follows things at either of them."""

from __future__ import annotations

import asyncio
import contextlib
import re

import orjson
from websockets.exceptions import ConnectionClosed

from tests.realtime.player.street import Player

JOB = "look after rooms"
SONGS = "{ songs { edges { node { id title } } } }"
ADD = "mutation($p: ID!, $s: ID!) { addSongToPlaylist(playlistId: $p, songId: $s) { playlist { rev } } }"
NAME = "mutation($p: ID!, $n: String!) { updatePlaylist(playlistId: $p, name: $n) { playlist { rev } } }"
SETTINGS = {
    "TUTTI_SERVER_SECRET": "one secret for both of the processes",
    "TUTTI_GRAPHQL_RATE_PER_SECOND": "0",
    "TUTTI_REALTIME_PLAYER_RATE_PER_SECOND": "0",
    "TUTTI_REALTIME_MAX_MESSAGES_PER_SECOND": "10000",
    "TUTTI_ANALYSIS_BACKGROUND": "false",
}


class Pair:
    """Two processes, and the Redis between them."""

    def __init__(self, redis, processes):
        self.redis = redis
        self.processes = processes

    def socket(self, number):
        return Player(self.processes[number].base.replace("http", "ws") + "/ws")


class Follower:
    """A player that follows one thing and puts what it is told on the face it has, as clients do."""

    def __init__(self, player, token, op, patched=None, **members):
        self.player, self.token, self.op, self.patched, self.members = player, token, op, patched, members
        self.face, self.revs, self.wholes, self.task = None, [], 0, None

    async def begin(self, **known):
        assert (await self.player.ask("hello", token=self.token))["ok"]
        answer = await self.player.ask(self.op, "follow", **self.members, **known)
        assert answer["ok"], answer
        self.task = asyncio.create_task(self._read(), name=f"follows by {self.op}")
        return self

    async def come_back(self, player):
        """At another process, with what it has."""
        await asyncio.wait([self.task])
        self.player, self.wholes = player, 0
        known = {"rev": self.revs[-1]} if self.patched is None else {"lastRev": self.revs[-1]}
        if self.op == "room.follow":
            known["epoch"] = self.face["epoch"]
        return await self.begin(**known)

    async def _read(self):
        for event in self.player.events:
            self._hear(event)
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = orjson.loads(await self.player.ws.recv())
                if "ev" in frame:
                    self._hear(frame)

    def _hear(self, event):
        if "from" in event:
            assert event["from"] == self.face["rev"]
            for patch in event.get("changes", event.get("patches")):
                self.face = self.patched(self.face, patch)
        elif self.patched is not None:
            self.face = event.get("queue") or event.get("room")
            self.wholes += 1
        else:
            self.face = event
        self.revs.append(event["rev"])

    async def end(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def songs_of(client):
    return {edge["node"]["title"]: edge["node"]["id"] for edge in (await client.get(SONGS))["songs"]["edges"]}


async def runs_of(client):
    """How often this process did the job, and how often it found it done."""
    text = (await client.fetch("/metrics")).body.decode()
    found = re.findall(rf'tutti_job_runs_total{{job="{JOB}",outcome="(.+?)"}} (\S+)', text)
    counted = {outcome: float(count) for outcome, count in found}
    return counted.get("done", 0), counted.get("leased elsewhere", 0)
