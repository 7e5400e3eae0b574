"""Devices that stream at the same time: as many as the tier gives, in whichever process."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.clock import SetClock
from services.entitlements.places import FRESH_S, LASTS_S, PlayingPlaces
from services.entitlements.table import TierTable
from services.errors import PaymentRequired
from services.viewer import Viewer
from storage.live.interface import LiveStateAway
from storage.live.memory import MemoryLiveState
from tests.catalogue_rig import START
from tests.downloads.place import open_place

PHONE = Viewer("ann", session_id="phone")
LAPTOP = Viewer("ann", session_id="laptop")


class Two:
    """Two processes of one house."""

    def __init__(self) -> None:
        self.clock = SetClock(START)
        live = MemoryLiveState(self.clock.monotonic)
        self.here, self.there = (PlayingPlaces(live, self.clock, TierTable(rations=True)) for _ in range(2))


async def test_one_more_device_waits_until_the_first_has_been_still() -> None:
    two = Two()
    await two.here.take(PHONE)
    for process in (two.here, two.there):
        with pytest.raises(PaymentRequired) as refusal:
            await process.take(LAPTOP)
    assert (refusal.value.reason, refusal.value.retry_after) == ("PLAYING_ELSEWHERE", LASTS_S)
    await two.there.take(PHONE)
    assert await two.there.in_use(LAPTOP) == 1
    two.clock.turn(LASTS_S)
    await two.there.take(LAPTOP)
    with pytest.raises(PaymentRequired):
        await two.here.take(PHONE)


async def test_a_place_is_kept_while_one_long_answer_is_sent() -> None:
    two = Two()
    await two.here.take(PHONE)
    two.here.streaming = lambda: {"phone"}
    for _ in range(4):
        two.clock.turn(30)
        assert await two.here.keep() == 1
    with pytest.raises(PaymentRequired):
        await two.there.take(LAPTOP)
    two.here.streaming = tuple
    two.clock.turn(LASTS_S + FRESH_S)
    assert await two.here.keep() == 0
    await two.there.take(LAPTOP)


async def test_of_many_that_begin_at_once_one_plays() -> None:
    two = Two()
    viewers = [Viewer("ann", session_id=f"s{n}") for n in range(6)]
    answers = await asyncio.gather(
        *((two.here, two.there)[n % 2].take(viewer) for n, viewer in enumerate(viewers)), return_exceptions=True
    )
    assert [answer for answer in answers if answer is None] == [None]
    assert await two.here.in_use(PHONE) == 1


async def test_who_says_where_to_play_plays_there_at_once() -> None:
    two = Two()
    await two.here.take(PHONE)
    await two.here.make_way(PHONE)
    await two.here.take(LAPTOP)
    with pytest.raises(PaymentRequired):
        await two.here.take(PHONE)


async def test_who_may_have_three_has_three_and_nobody_counts_the_unlimited() -> None:
    two = Two()
    for n in range(3):
        await two.here.take(Viewer("ann", session_id=f"s{n}", tier="premium"))
    with pytest.raises(PaymentRequired):
        await two.here.take(replace(LAPTOP, tier="premium"))
    free = PlayingPlaces(MemoryLiveState(two.clock.monotonic), two.clock, TierTable())
    for viewer in (PHONE, LAPTOP, Viewer()):
        await free.take(viewer)
    assert await free.in_use(PHONE) == 0


async def test_nobody_is_refused_while_nobody_can_tell() -> None:
    class Away(MemoryLiveState):
        async def held(self, group: str) -> dict[str, bytes]:
            raise LiveStateAway

    clock = SetClock(START)
    places = PlayingPlaces(Away(clock.monotonic), clock, TierTable(rations=True))
    for viewer in (PHONE, LAPTOP):
        await places.take(viewer)


async def test_the_doors_refuse_a_second_device_and_let_the_first_go_on(tmp_path: Path) -> None:
    async with open_place(tmp_path, TIERS_RATIONS="on", TIERS_PREMIUM_PLAYING_DEVICES="1") as place:
        song_id = next(iter(place.songs.values()))
        await place.sign_in()
        laptop = dict(place.tokens)
        assert (await place.fetch(f"/stream/{song_id}", "ann", headers={"Range": "bytes=0-99"})).code == 206
        phone, place.tokens = place.tokens, laptop
        await place.sign_in()
        for path in (f"/stream/{song_id}?quality=low", f"/stream/{song_id}", f"/hls/{song_id}/master.m3u8"):
            refused = await place.fetch(path, "ann")
            assert (refused.code, json.loads(refused.body)["error"]["code"]) == (402, "PLAYING_ELSEWHERE")
        assert refused.headers["Retry-After"] == "45"
        place.tokens = phone
        assert (await place.fetch(f"/stream/{song_id}", "ann", headers={"Range": "bytes=100-199"})).code == 206
