"""A store that does not answer: who says hello meanwhile is told to come back, and nobody else notices."""

from __future__ import annotations

import asyncio

import pytest

from realtime.player.limits import PlayerLimits
from realtime.player.verbs import Verbs
from realtime.transport import Limits
from tests.realtime.player.street import open_street
from tests.realtime.small_house import open_house, until

LATER = "We cannot find out who you are just now: come back later"


@pytest.mark.parametrize("hanging", ["token", "presence"])
async def test_a_hello_that_the_store_does_not_answer_is_ended_in_time(tmp_path, monkeypatch, hanging):
    async with open_street(tmp_path, limits=PlayerLimits(greeting_s=0.2)) as street:
        ann, bob = await street.rig.sign_in("ann"), await street.rig.sign_in("bob")
        async with street.greeted(bob) as other, street.player() as player:
            asked, given_up = [], []

            async def hang(*_):
                asked.append(1)
                try:
                    await asyncio.Event().wait()
                finally:
                    given_up.append(1)

            if hanging == "token":
                monkeypatch.setattr(street.house.accounts, "viewer_for", hang)
            else:
                monkeypatch.setattr(street.house.presence_watch, "come", hang)
            await player.send({"op": "hello", "id": "1", "token": ann.token})
            await until(lambda: asked)
            assert (await other.ask("ping", "2"))["ok"] is True
            [session] = [each for each in street.sockets._sockets if each.viewer.user_id != bob.user.id]
            street.rig.clock.turn(0.2)
            for each in list(street.sockets._sockets):
                each._tick()
            assert await player.closed() == (1013, LATER)
            await until(lambda: given_up and session not in street.sockets._sockets)
            assert (await other.ask("ping", "3"))["ok"] is True
            assert street.parts.crowd._people.total() == 1


async def test_who_leaves_while_the_store_hangs_leaves_no_seat_behind(tmp_path, monkeypatch):
    async with open_street(tmp_path) as street:
        asked = []

        async def hang(*_):
            asked.append(1)
            await asyncio.Event().wait()

        monkeypatch.setattr(street.house.accounts, "viewer_for", hang)
        async with street.player() as player:
            await player.send({"op": "hello", "id": "1", "token": "any"})
            await until(lambda: asked)
        await until(lambda: (len(street.sockets), len(street.parts.crowd)) == (0, 0))


async def test_an_operation_whose_player_is_gone_is_given_up_after_a_while(tmp_path):
    verbs, waiting = Verbs(), []

    @verbs.verb("test.hang")
    async def hang(player, _, body):
        waiting.append(1)
        await asyncio.Event().wait()

    async with open_street(tmp_path, verbs=verbs, limits=PlayerLimits(abandoned_s=0.05)) as street:
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann) as player:
            await player.send({"op": "test.hang", "id": "2"})
            await until(lambda: waiting)
        await until(lambda: (len(street.sockets), len(street.parts.crowd)) == (0, 0))


async def test_an_init_that_the_store_does_not_answer_is_ended_in_time(monkeypatch):
    async with open_house(limits=Limits(admission_s=0.05)) as house, house.client() as client:

        async def hang(token):
            await asyncio.Event().wait()

        monkeypatch.setattr(house.doorman, "viewer_for", hang)
        await client.send({"type": "connection_init", "payload": {"token": "ann"}})
        assert await client.closed() == (1013, LATER)
