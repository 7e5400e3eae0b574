"""A frame that comes at any moment is answered, also at the one when the operation before it has just ended."""

import asyncio

import orjson

from realtime.player.session import PlayerSession
from tests.realtime.player.street import open_street


class Wire:
    """Takes everything at once."""

    def __init__(self):
        self.told = []

    def offer(self, frame):
        self.told.append(orjson.loads(frame)["re"])
        return True

    def close(self, code, reason):
        self.told.append(code)

    def abort(self):
        self.told.append("aborted")


async def test_a_frame_that_comes_as_the_last_operation_ends_is_answered(tmp_path):
    async with open_street(tmp_path) as street:
        for turns in range(4):
            wire = Wire()
            session = PlayerSession(street.parts, wire=wire, address="::1")
            session.start()
            for number in range(6):
                await session.receive(orjson.dumps({"op": "clock", "id": str(number), "t0": 1}).decode())
                for _ in range(turns):
                    await asyncio.sleep(0)
            for _ in range(20):
                await asyncio.sleep(0)
            assert wire.told == [str(number) for number in range(6)], turns
            await session.abort()
