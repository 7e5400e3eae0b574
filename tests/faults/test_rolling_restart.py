"""Three processes are renewed one after another under a day's people: no request, socket or job is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random, SystemRandom

import pytest

from services.audio.ffmpeg import Ffmpeg
from tests.faults.killing.audit import Audit
from tests.faults.killing.house import SETTINGS
from tests.faults.rolling.day import LONG_SONG, RollingDay
from tests.faults.rolling.house import DRAIN_S, PROCESSES, RollingHouse
from tests.faults.rolling.runs import runs_in, wrong_runs
from tests.faults.size import times
from tests.quiet_house import QUIET
from tests.server.conftest import Process
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer
from tests.sound_tool import QUICK_FFMPEG

pytestmark = pytest.mark.faults
RENEWALS = times(2, long=12)
BETWEEN_S = times(1, long=15)
SONG_S = 75


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RollingHouse]:
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    seed = int(os.environ.get("TUTTI_SEED") or SystemRandom().getrandbits(32))
    print(f"TUTTI_SEED={seed}", flush=True)
    (tmp_path / "house").mkdir()
    redis = RedisServer(tmp_path)
    await redis.start()
    settings = {f"TUTTI_{name}": value for name, value in QUIET.items()} | SETTINGS
    settings |= {"TUTTI_REALTIME_REDIS_URL": redis.url, "TUTTI_SERVER_PROCESSES": str(PROCESSES)}
    settings |= {"TUTTI_SERVER_DRAIN_SECONDS": str(DRAIN_S), "TUTTI_SERVER_LOG_LEVEL": "debug"}
    house = RollingHouse(Process(tmp_path / "house" / "data", settings, as_shipped=True), Random(seed))
    try:
        await asyncio.to_thread(house.make_admin)
        await asyncio.to_thread(import_long_song, house.process, tmp_path / "music")
        await house.start()
        await house.serving()
        exercised("Redis under three processes that are renewed")
        yield house
    finally:
        house.http.close()
        if house.process.child is not None:
            await house.stop()
        redis.kill()


def import_long_song(process: Process, folder: Path) -> None:
    """A song of noise, some 12 MB that no codec makes smaller."""
    folder.mkdir()
    source = f"anoisesrc=sample_rate=44100:amplitude=0.8:duration={SONG_S}"
    words = ["-v", "error", "-f", "lavfi", "-i", source, "-ac", "2"]
    for key, value in {"title": LONG_SONG, "artist": "The Days", "album": "One Year"}.items():
        words += ["-metadata", f"{key}={value}"]
    Ffmpeg(Path(QUICK_FFMPEG)).run([*words, str(folder / "long.flac")], timeout_s=60)
    done = process.command("import", str(folder))
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(seconds=times(300, long=3000))
async def test_nobody_notices_a_renewal_of_all_processes(house: RollingHouse, tmp_path: Path) -> None:
    day = RollingDay(house, tmp_path)
    living = asyncio.create_task(day.live(times(600, long=3000)), name="the day")
    try:
        async with asyncio.timeout(60):
            while not day.companions or any(not regular.added for regular in day.regulars[:4]):
                assert not living.done(), living.exception()
                await asyncio.sleep(0.1)
        since = time.time()
        for number in range(RENEWALS):
            await asyncio.sleep(BETWEEN_S)
            await day.rest()
            await house.renew()
            await day.wake()
            print(f"renewed {number + 1} times: {house.renewals_s[-1]:.1f} s", flush=True)
        await asyncio.sleep(BETWEEN_S)
        until = time.time()
        day.end()
        async with asyncio.timeout(90):
            await living
        await day.settle()
        queue, room = await day.faces()
        count = await day.count()
        notes = await day.notes()
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await day.leave()
    assert await house.stop() == 0
    tell(day)

    assert (day.wrong, house.complaints, house.errors_logged()) == ([], [], [])
    # Each connection was over between two requests, and said so; nobody was left at a process that had gone.
    assert all(each.kept.opened - 1 == each.kept.told_to_go + each.kept.ended for each in day.regulars + day.idle)
    assert all(each.kept.ended == RENEWALS for each in day.idle)
    assert sum(each.kept.told_to_go for each in day.regulars) >= RENEWALS
    assert count == sum(each.added for each in day.regulars)
    assert day.slow[0].wholes > 0
    assert day.slow[1].wholes + day.slow[1].resumed > 0

    # Every socket was told to go, came in again, and missed nothing and heard nothing twice.
    codes = [code for each in day.companions for code in each.codes] + day.host_codes
    assert set(codes) == {1001}
    assert all(each.codes and len(each.away_s) == len(each.codes) - each.vain for each in day.companions)
    assert len(queue["items"]) == day.queuer.done
    assert all({**each.follower.face, "unavailable": []} == queue for each in day.queue)
    assert [line["text"] for line in room["chat"]] == [f"line {n}" for n in range(day.talker.done)][
        -len(room["chat"]) :
    ]
    assert [each.follower.face["chat"] for each in day.room] == [room["chat"]] * 3
    assert len(notes) == day.fan.followed
    assert [each.ids for each in day.readers] == [notes] * 6

    # No job was passed over, and none was done twice.
    runs = runs_in(house.log)
    assert wrong_runs(runs, since, until) == []
    asked = runs["import folders"]
    assert (asked.done, len(asked.begun) - asked.broken_off) == (day.asker.asked, day.asker.asked)

    async with house.opened() as household:
        audit = Audit(household, house.ledger)
        await audit.files()
        assert audit.wrong == []


def tell(day: RollingDay) -> None:
    """The sums, for people."""
    kept = [each.kept for each in day.regulars]
    away = sorted(seconds for each in day.companions for seconds in each.away_s)
    print(dict(day.steps))
    print(f"renewals: {[round(seconds, 1) for seconds in day.house.renewals_s]} s")
    print(
        f"kept connections: {sum(each.opened for each in kept)}, "
        f"of these told to go {sum(each.told_to_go for each in kept)}, "
        f"ended idle {sum(each.ended for each in kept)}"
    )
    print(
        f"songs whole {[each.wholes for each in day.slow]}, resumed {[each.resumed for each in day.slow]}, "
        f"cuts {[each.cuts for each in day.slow]}"
    )
    print(
        f"sockets back {len(away)} times, {away[len(away) // 2]:.2f} s median, {away[-1]:.2f} s at most, "
        f"{sum(each.vain for each in day.companions)} in vain"
    )
    print(f"told the whole: queue {[each.wholes for each in day.queue]}, room {[each.wholes for each in day.room]}")
    print(
        f"asked again {day.queuer.again + day.talker.again}, queue {day.queuer.done}, lines {day.talker.done}, "
        f"notifications {day.fan.followed}, jobs asked for {day.asker.asked}, hosts closed {len(day.host_codes)}"
    )
