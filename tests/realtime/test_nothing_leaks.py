"""Subscribing and unsubscribing over and over, through every door, leaves no listener, task or object behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import Counter

from realtime.broker import LocalBroker
from realtime.player.crowd import CrowdLimits
from services.rates import Rate
from tests.catalogue_rig import furnish, small_house
from tests.realtime.player.street import Player
from tests.realtime.small_house import Client, until
from tests.realtime.test_ends_everywhere import Doors
from tests.realtime.test_event_stream import Stream

OURS = ("realtime.", "services.presence", "graph.events", "handlers.")
FREE = CrowdLimits(user_rate=Rate(0, 1), address_rate=Rate(0, 1))


def objects():
    """How many objects of our own classes there are, by class."""
    gc.collect()
    kinds = (type(each) for each in gc.get_objects())
    return Counter(f"{kind.__module__}.{kind.__name__}" for kind in kinds if str(kind.__module__).startswith(OURS))


class Walker:
    """One person who follows everything there is and lets it go, through each door in turn."""

    def __init__(self, doors, signed_in, player, client, topics):
        self.doors, self.signed_in, self.player, self.client, self.topics = doors, signed_in, player, client, topics

    async def through_players(self):
        for topic in self.topics:
            answer = await self.player.ask("follow", "f", topic=topic)
            assert answer["ok"], answer
            assert (await self.player.ask("unfollow", "u", topic=topic))["ok"] is True
        self.player.events.clear()

    async def through_graphql(self, queries):
        for number, query in enumerate(queries):
            await self.client.subscribe(query, id=str(number))
            await self.client.send({"type": "complete", "id": str(number)})
        await self.client.send({"type": "ping", "payload": {"after": "all"}})
        while (await self.client.receive())["type"] != "pong":
            pass

    async def through_events(self, query):
        stream = await Stream(self.doors, self.signed_in.token).post(query)
        await stream.aclose()


async def walk(path, rounds):
    """What was there before and after so many rounds, as counts by class; with tasks and listeners."""
    async with contextlib.AsyncExitStack() as stack:
        rig = await stack.enter_async_context(small_house(path))
        await furnish(rig)
        doors = await stack.enter_async_context(Doors(rig, LocalBroker(), rig.house.bus, FREE))
        ann = await rig.sign_in("ann")
        player = await stack.enter_async_context(Player(doors.url.replace("/graphql", "/ws")))
        assert (await player.ask("hello", token=ann.token))["ok"] is True
        room = (await player.ask("room.create", name="Kitchen", songIds=["s1"]))["roomId"]
        client = await stack.enter_async_context(Client(doors.url, {}))
        await client.init(ann.token)
        me = ann.user.id
        topics = ("queue", "devices", "friends", f"presence:{me}", f"now_playing:{me}", "notifications")
        queries = [
            "subscription { queue { rev } }",
            "subscription { friendsListening { status } }",
            f'subscription {{ presence(userId: "{me}") {{ status }} }}',
            f'subscription {{ nowPlaying(userId: "{me}") {{ timestamp }} }}',
            f'subscription {{ room(id: "{room}") {{ rev }} }}',
            "subscription { notifications { id } }",
        ]
        walker = Walker(doors, ann, player, client, topics)

        async def figures():
            watch = rig.house.presence_watch
            await until(lambda: len(doors.sockets) == 2 and len(rig.house.stream_attendance) == 0)
            await until(lambda: not any("follows" in task.get_name() for task in asyncio.all_tasks()))
            counts = objects()
            counts["listeners"] = len(doors.hub)
            counts["tasks"] = len(asyncio.all_tasks())
            counts["seats"] = watch.connection_count
            return counts

        async def around(times):
            for number in range(times):
                await walker.through_players()
                await walker.through_graphql(queries)
                if number % 10 == 0:
                    await walker.through_events(queries[number // 10 % len(queries)])

        await around(3)
        before = await figures()
        await around(rounds)
        return before, await figures()


async def test_hundreds_of_subscriptions_leave_what_was_there_before(tmp_path):
    before, after = await walk(tmp_path, 40)
    more = {name: (before[name], after[name]) for name in before | after if before[name] != after[name]}
    assert more == {}
