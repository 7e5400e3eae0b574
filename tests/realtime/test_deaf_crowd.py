"""Peers that never read, by the dozen: they cost a bounded box each, are gone in time, and delay nobody."""

from __future__ import annotations

import asyncio

from realtime.messages import SUBPROTOCOL
from realtime.player.crowd import CrowdLimits
from realtime.player.limits import PlayerLimits
from realtime.player.verbs import Followed, Verbs
from realtime.transport import Limits
from tests.realtime.player.street import open_street
from tests.realtime.raw_socket import RawSocket
from tests.realtime.small_house import open_house, until

DEAF = 50
STATES = 60
PAD = "x" * 20_000
BOX = 100_000


class Loud:
    """A topic that says much."""

    def __init__(self):
        self.verbs = Verbs()
        self.listeners = []
        self.verbs.topic("loud")(self._open)

    async def _open(self, player, id, body):
        queue = asyncio.Queue()
        self.listeners.append(queue)

        async def states():
            while True:
                yield await queue.get()

        return Followed(states(), each=bool(id))

    def say(self, rev):
        for queue in self.listeners:
            queue.put_nowait({"rev": rev, "pad": PAD})


async def test_deaf_players_are_gone_in_time_and_nobody_else_waits(tmp_path):
    loud = Loud()
    limits = PlayerLimits(slow_client_s=0.5, outbox_bytes=BOX)
    many = CrowdLimits(per_user=DEAF + 1)
    async with open_street(tmp_path, verbs=loud.verbs, limits=limits, crowd=many) as street:
        ann = await street.rig.sign_in("ann")
        deaf = [RawSocket(street.url, small_window=True) for _ in range(DEAF)]
        for number, raw in enumerate(deaf):
            await raw.__aenter__()
            raw.send({"op": "hello", "id": "1", "token": ann.token})
            # One half follows states, the other wants every single one.
            raw.send({"op": "follow", "id": "2", "topic": "loud:each" if number % 2 else "loud"})
        await until(lambda: len(loud.listeners) == DEAF)
        async with street.greeted(ann) as player:
            assert (await player.ask("follow", "2", topic="loud"))["ok"] is True
            held = 0
            for rev in range(STATES):
                loud.say(rev)
                while (await player.event())["rev"] != rev:
                    pass
                boxes = [session._writer.waiting_bytes for session in street.sockets._sockets]
                held = max(held, max(boxes))
            assert BOX // 2 < held <= BOX, "they are behind, by no more than their box"
            await until(lambda: len(street.sockets) == 1, timeout_s=15)
            assert (await player.ask("ping", "3"))["ok"] is True
            assert street.parts.crowd._people.total() == 1
        for raw in deaf:
            await raw.__aexit__()


async def test_deaf_subscribers_are_gone_in_time_and_nobody_else_waits():
    limits = Limits(slow_client_s=0.3, outbox_bytes=BOX)
    async with open_house(limits=limits) as house, house.client() as other:
        await other.init("ann")
        deaf = [RawSocket(house.url, protocol=SUBPROTOCOL, small_window=True) for _ in range(DEAF)]
        for raw in deaf:
            await raw.__aenter__()
            raw.send({"type": "connection_init"})
            query = "subscription { flood(bytes: 20000) }"
            raw.send({"type": "subscribe", "id": "1", "payload": {"query": query}})
        await until(lambda: house.graph.open_streams > 0)
        boxes = []
        for number in range(20):
            await other.subscribe("{ hello }", id=str(number))
            assert [(await other.receive())["type"] for _ in "12"] == ["next", "complete"]
            boxes += [each._outbox._bytes for each in house.sockets._sockets]
        assert max(boxes) <= BOX
        await until(lambda: len(house.sockets) == 1, timeout_s=15)
        assert house.graph.open_streams == 0
        for raw in deaf:
            await raw.__aexit__()
