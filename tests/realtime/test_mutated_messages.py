"""graphql-transport-ws messages that are nearly right: an answer or a close with its reason, and nothing in the log."""

from __future__ import annotations

import json
from random import Random

from websockets.exceptions import ConnectionClosed

from realtime.transport import Limits
from tests.realtime.player.mutations import NASTY
from tests.realtime.small_house import open_house, until

MESSAGES = [
    {"type": "connection_init", "payload": {"token": "ann"}},
    {"type": "ping", "payload": {"token": "ann"}},
    {"type": "ping", "payload": {"a": 1}},
    {"type": "pong"},
    {"type": "complete", "id": "1"},
    {"type": "subscribe", "id": "1", "payload": {"query": "{ hello me }"}},
    {"type": "subscribe", "id": "2", "payload": {"query": "subscription { count(to: 3) }", "variables": {}}},
    {
        "type": "subscribe",
        "id": "3",
        "payload": {
            "query": "subscription N($u: ID!) { nowPlaying(userId: $u) { songId } }",
            "operationName": "N",
            "variables": {"u": "bob"},
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}},
        },
    },
    {"type": "next", "id": "1", "payload": {}},
    {"type": "error", "id": "1", "payload": []},
    {"type": "connection_ack"},
]
ENDS = {1009, 4400, 4401, 4403, 4409, 4429}


def spoiled(random):
    """One message with a few of its members spoiled, or text that is none."""
    message = json.loads(json.dumps(random.choice(MESSAGES)))
    for _ in range(random.randrange(0, 3)):
        place = random.choice([message, *(value for value in message.values() if isinstance(value, dict))])
        name = random.choice([*place, "type", "id", "payload", "query", "variables"])
        if random.random() < 0.2:
            place.pop(name, None)
        else:
            place[name] = json.loads(json.dumps(random.choice(NASTY)))
    text = json.dumps(message)
    cut = random.randrange(len(text))
    return random.choice([text] * 12 + [text[:cut], text[:cut] + "}" + text[cut:], "[" * 3000 + text, text.encode()])


async def attack(house, random, messages):
    """So many of them, by a client who comes again whenever it was shown the door; how often each code came."""
    codes = {}
    left = messages
    while left > 0:
        async with house.client(max_queue=None) as client:
            try:
                if random.random() < 0.9:
                    await client.init("ann")
                for _ in range(30):
                    left -= 1
                    await client.send(spoiled(random))
                await client.send({"type": "ping", "payload": {"last": True}})
                while (await client.receive()) != {"type": "pong", "payload": {"last": True}}:
                    pass
            except ConnectionClosed:
                assert client.ws.close_code in ENDS and client.ws.close_reason, (
                    client.ws.close_code,
                    client.ws.close_reason,
                )
                codes[client.ws.close_code] = codes.get(client.ws.close_code, 0) + 1
    return codes


async def test_every_message_spoiled_is_answered_or_closed_by_name():
    async with open_house(limits=Limits(message_burst=10**9)) as house, house.client() as other:
        await other.init("bob")
        codes = await attack(house, Random(5), 1500)
        assert codes[4400] > 20
        await until(lambda: len(house.sockets) == 1)
        await other.subscribe("{ hello }")
        assert [(await other.receive())["type"] for _ in "12"] == ["next", "complete"]
        assert house.graph.open_streams == 0
