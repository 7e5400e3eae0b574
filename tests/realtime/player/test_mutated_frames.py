"""Frames that are nearly right get an answer with a named error, or a close with its reason; the log stays empty."""

from __future__ import annotations

import contextlib

import orjson

from realtime.player.crowd import CrowdLimits
from realtime.player.limits import PlayerLimits
from services.rates import Rate
from tests.catalogue_rig import furnish
from tests.realtime.player.mutations import Mutations
from tests.realtime.player.street import open_street

FREE = CrowdLimits(user_rate=Rate(0, 1), address_rate=Rate(0, 1))
QUICK = PlayerLimits(frame_burst=10**9)
LEFT_OUT = ("hello", "renew")


class Attack:
    """One player who sends what it should not, and comes again when it was shown the door."""

    def __init__(self, street, signed_in):
        self.street = street
        self.signed_in = signed_in
        self.codes = {}
        self.player = None

    async def come(self):
        await self.leave()
        self.player = self.street.player()
        await self.player.__aenter__()
        assert (
            await self.player.ask("hello", "h", token=self.signed_in.token, device={"deviceId": "fuzz", "name": "Fuzz"})
        )["ok"]

    async def leave(self):
        if self.player is not None:
            await self.player.__aexit__()
            self.player = None

    async def furnished(self, seed):
        await furnish(self.street.rig)
        await self.come()
        room = await self.player.ask("room.create", name="Kitchen", songIds=["s1"])
        await self.player.ask("queue.play", songIds=["s1", "s2", "s3"])
        names = {"ROOM": room["roomId"], "ANN": self.signed_in.user.id, "SONG": "s2", "01KB…": "s3"}
        return Mutations(seed, names, self.street.parts.verbs.names)

    async def ask(self, frame):
        """A frame of the protocol has its one answer."""
        answer = await self.player.ask(frame["op"], "1", **{k: v for k, v in frame.items() if k not in ("op", "id")})
        if "error" in answer:
            code = answer["error"]["code"]
            assert code != "INTERNAL", (frame, answer)
            self.codes[code] = self.codes.get(code, 0) + 1
        else:
            assert answer["ok"] is True

    async def throw(self, text):
        """What may be no frame of the protocol is answered, or closed with 4400 or its like."""
        await self.player.send(text)
        await self.player.send({"op": "ping", "id": "after"})
        with contextlib.suppress(Exception):
            while True:
                frame = await self.player.receive()
                if frame.get("re") == "after":
                    return
                assert frame.get("error", {}).get("code") != "INTERNAL", (text, frame)
        code, reason = await self.player.closed()
        assert code in (4400, 4403, 4429, 1009) and reason, (text, code, reason)
        self.codes[code] = self.codes.get(code, 0) + 1
        await self.come()


async def attack(street, signed_in, *, seed, messages, texts):
    """Everything once, then as much as is asked for; what was refused, and how often."""
    mine = Attack(street, signed_in)
    mutations = await mine.furnished(seed)
    try:
        for frame in mutations.frames:
            if frame["op"] not in LEFT_OUT:
                for spoiled in mutations.everywhere(frame):
                    await mine.ask(spoiled)
        for _ in range(messages):
            frame = mutations.message()
            if frame["op"] not in LEFT_OUT:
                await mine.ask(frame)
        for _ in range(texts):
            await mine.throw(mutations.text())
        assert (await mine.player.ask("ping", "last"))["ok"] is True
    finally:
        await mine.leave()
    return mine.codes


async def test_every_operation_spoiled_in_every_member_is_answered_by_name(tmp_path):
    async with open_street(tmp_path, limits=QUICK, crowd=FREE) as street:
        ann = await street.rig.sign_in("ann")
        codes = await attack(street, ann, seed=7, messages=150, texts=60)
        assert codes["INVALID"] > 100
        assert codes[4400] > 10


SPOILED_HELLOS = [
    {},
    {"token": None, "room": None},
    {"token": "x", "room": "x"},
    {"token": "x" * 5000},
    {"token": {"$ne": 1}},
    {"token": "a.b.c"},
    {"room": "\x00"},
    {"room": "x" * 4096},
    {"token": "$GOOD", "device": 7},
    {"token": "$GOOD", "device": []},
    {"token": "$GOOD", "device": {"name": 1}},
    {"token": "$GOOD", "device": {"name": "x" * 10_000}},
    {"token": "$GOOD", "device": {"id": "x" * 500}},
    {"token": "$GOOD", "device": {"name": "ok", "volume": "loud", "kind": [], "capabilities": {"$gt": 1}}},
]


async def test_spoiled_hellos_are_closed_with_a_reason(tmp_path):
    async with open_street(tmp_path, limits=QUICK, crowd=FREE) as street:
        ann = await street.rig.sign_in("ann")
        for hello in SPOILED_HELLOS:
            text = orjson.dumps({"op": "hello", "id": "1", **hello}).decode().replace("$GOOD", ann.token)
            async with street.player() as player:
                await player.send(text)
                code, reason = await player.closed()
                assert code in (4400, 4403) and reason, (hello, code, reason)
