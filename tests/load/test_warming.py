"""What is made before anybody asks for it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from services.audio.admission import Urgency
from services.errors import Invalid, Unauthenticated
from services.loop_lag import LoopLag
from services.viewer import NOBODY, Viewer
from services.warming.idle_encoding import QUIET_S, IdleEncoding
from services.warming.limits import IdleLimits
from services.warming.preparing import MOST_SONGS, Preparation, Preparing
from storage.records import Chart
from storage.records.chart import ChartEntry
from tests.catalogue_rig import small_house
from tests.stream.stage import children, describe, stage, until

ADA = Viewer(user_id="ada", session_id="s1")
COMING, READY, BUSY, AWAY = Preparation.COMING, Preparation.READY, Preparation.BUSY, Preparation.AWAY
SEGMENTS = 3


@pytest.fixture
async def running(tmp_path, tunes):
    async with stage(tmp_path) as made:
        for name in ("x", "y", "z", "w"):
            file = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
            file.payload_hash = f"recording {name}"
            made.songs[name] = file
        yield made


@pytest.fixture
async def preparing(running):
    made = Preparing(running.deliveries)
    yield made
    await made.stop()


async def states(preparing, *ids, **how):
    return [each.state for each in await preparing.prepare(ADA, ids, **how)]


async def test_a_prepared_song_has_its_first_seconds_at_hand(running, preparing):
    assert await states(preparing, "x", quality="low", wished="mp3") == [COMING]
    await until(lambda: not preparing._tasks)
    assert running.deliveries.encoder.encoded == 2
    assert await states(preparing, "x", quality="low", wished="mp3") == [READY]
    sound = await running.deliveries.open(ADA, "x", "low", wished="mp3")
    await sound.prepare(5_000, 5_100)
    assert running.deliveries.encoder.encoded == 2
    assert running.cache.hits == 1


async def test_what_is_a_file_needs_no_preparing_and_what_is_not_there_is_away(running, preparing):
    running.hidden.add("y")
    assert await states(preparing, "x", "y", "nothing", quality="lossless") == [READY, AWAY, AWAY]
    assert running.deliveries.encoder.encoded == 0


async def test_nobody_prepares_more_than_a_few(running, preparing):
    with pytest.raises(Invalid):
        await preparing.prepare(ADA, ["x"] * 0)
    with pytest.raises(Invalid):
        await preparing.prepare(ADA, list("xyzw"))
    with pytest.raises(Invalid):
        await preparing.prepare(ADA, ["x"], quality="best")
    with pytest.raises(Unauthenticated):
        await preparing.prepare(NOBODY, ["x"])
    assert await states(preparing, "x", "x", "y", "z", quality="low", wished="mp3") == [COMING] * MOST_SONGS
    assert await states(preparing, "w", quality="low", wished="mp3") == [BUSY]


async def test_what_listeners_play_goes_before_what_is_prepared_and_a_stop_ends_it(running, preparing):
    gate, admission = asyncio.Event(), running.deliveries.admission

    async def busy():
        await gate.wait()
        return b""

    held = [
        asyncio.create_task(admission.run(n, busy, user=str(n), urgency=Urgency.PLAYHEAD), name="busy") for n in (1, 2)
    ]
    assert await states(preparing, "x", quality="low", wished="mp3") == [COMING]
    await until(lambda: admission.waiting_by_urgency[Urgency.NEXT_SONG] == 1)
    await preparing.stop()
    assert admission.waiting == 0
    gate.set()
    await asyncio.gather(*held)


class Likely:
    def __init__(self, *ids):
        self._ids = ids

    async def ids(self, limit):
        return list(self._ids)


def idle(running, *ids, lag_s=0.0, load=0.0, **limits):
    clock = SimpleNamespace(monotonic=asyncio.get_running_loop().time)
    limits = replace(IdleLimits(quality="low"), **limits)
    return IdleEncoding(running.deliveries, Likely(*ids), clock, limits, lag_s=lambda: lag_s, load=lambda: load)


async def test_in_quiet_likely_songs_are_made_whole(running):
    work = idle(running, "x", "nothing", "y")
    assert await work.work() == 2 * SEGMENTS
    for song in ("x", "y"):
        await until(lambda: not running.deliveries._renditions._joins)
        sound = await running.deliveries.open(ADA, song, "low")
        assert sound.file is not None
        sound.close()
    assert await work.work() == 0
    assert running.deliveries.admission.tally.made == 2 * SEGMENTS


@pytest.mark.parametrize("trouble", [{"lag_s": 0.1}, {"load": 0.9}, {"cache_share": 0.0}, {"cache_share": 1e-6}])
async def test_where_it_is_not_quiet_or_there_is_no_room_nothing_is_made(running, trouble):
    assert await idle(running, "x", **trouble).work() == 0
    assert running.deliveries.encoder.encoded == 0


async def test_nothing_is_made_soon_after_somebody_listened(running):
    sound = await running.deliveries.open(ADA, "y", "low")
    await sound.prepare(5_000, 5_001)
    assert running.deliveries.admission.quiet_s < QUIET_S
    assert await idle(running, "x").work() == 0


async def test_a_listener_takes_the_encoder_from_idle_work_at_once(running, tmp_path, long_tune):
    running.songs["long"] = describe(long_tune, kind="m4a", rate=44100, samples=600 * 44100)
    running.deliveries.admission._places = 1
    working = asyncio.create_task(idle(running, "long").work(), name="idle")
    await until(lambda: running.deliveries.encoder.decoded and children())
    process = children()
    sound = await running.deliveries.open(ADA, "x", "low")
    await sound.prepare(5_000, 5_001)
    assert process[0] not in children()
    assert await working == 0
    assert running.deliveries.admission.tally.gave_way == 1
    assert not list((tmp_path / "cache").glob("unfinished-*"))


async def test_the_likely_are_the_charted_and_the_new_in_turns(tmp_path):
    async with small_house(tmp_path) as rig:
        await rig.artist("a")
        for name in ("old", "new", "hit", "veiled"):
            await rig.song(name, "a", is_hidden=name == "veiled")
            rig.clock.turn(60)
        entries = [ChartEntry("veiled", 1, 9), ChartEntry("gone", 2, 8), ChartEntry("old", 3, 7)]
        now = datetime(2026, 6, 1, tzinfo=UTC)
        await rig.store.charts.insert(Chart("songs:global:week", "songs", "global", "week", now, "2026-06-01", entries))
        likely = rig.house.idle_encoding._likely
        rig.engine.asked.clear()
        assert await likely.ids(10) == ["old", "hit", "new"]
        assert sum(rig.engine.asked.values()) == 3
        assert await likely.ids(2) == ["old", "hit"]


async def test_the_loops_lag_is_what_blocks_it():
    heard, lag = [], LoopLag(sample_s=0.001)
    lag.heard = heard.append
    assert (lag.last_s, lag.worst_s) == (0.0, 0.0)
    lag.start()
    await until(lambda: heard)
    until_then = asyncio.get_running_loop().time() + 0.05
    while asyncio.get_running_loop().time() < until_then:
        pass
    await until(lambda: lag.worst_s >= 0.04)
    await lag.stop()
    await lag.stop()
    assert max(heard) == lag.worst_s
