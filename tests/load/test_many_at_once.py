"""More cold requests at once than there is room for: each is answered, and nothing is left of them."""

import asyncio

import orjson
import pytest

from services.audio.codecs.mp3 import Mp3
from tests.stream.stage import children, describe, stage, until
from tests.stream.test_stream_handler import connect

REQUESTS = 120
CACHE_BYTES = 200_000


def on_disk(directory):
    return [path for path in (directory / "cache").rglob("*") if path.is_file()]


async def test_each_of_many_cold_requests_is_answered_in_full_or_told_when_to_come_back(tmp_path, tunes):
    async with stage(tmp_path, encoders=2, encoder_queue=4, cache_bytes=CACHE_BYTES) as running:
        samples = 22 * 44100
        for number in range(REQUESTS):
            file = describe(tunes("flac"), kind="flac", rate=44100, samples=samples)
            file.payload_hash = f"recording {number}"
            running.songs[f"song{number}"] = file
        length = Mp3().geometry(96_000, -(-samples * 160 // 147), 2, "0").length
        most = 0

        async def ask(number):
            nonlocal most
            async with connect(running) as client:
                ticket = running.tickets.issue(
                    user_id=f"user{number % 30}", session_id="s1", song_id=f"song{number}", quality="low"
                )
                answer = await client.fetch(f"/stream/song{number}?quality=low&format=mp3&ticket={ticket}")
                most = max(most, running.cache.used_bytes)
                return answer

        answers = await asyncio.gather(*(ask(number) for number in range(REQUESTS)))
        refused = [answer for answer in answers if answer[0] == 429]
        served = [answer for answer in answers if answer[0] == 200]
        assert len(refused) + len(served) == REQUESTS
        # Two places and a queue of four: at least those were served, at least as many as had no room were not.
        assert len(served) >= 6
        assert len(refused) >= 1
        assert {len(body) for _, _, body in served} == {length}
        assert all(int(headers["Retry-After"]) >= 1 for _, headers, _ in refused)
        assert {orjson.loads(body)["error"]["code"] for _, _, body in refused} == {"ENCODERS_BUSY"}
        admission = running.deliveries.admission
        assert admission.tally.refused >= len(refused)
        await until(lambda: not admission.running and not admission.waiting)
        await until(lambda: not children())
        assert most <= CACHE_BYTES + length
        await until(lambda: running.cache.used_bytes <= CACHE_BYTES)
        assert running.cache.evictions > 0
    kept = on_disk(tmp_path)
    assert [path for path in kept if path.name.startswith("unfinished")] == []
    assert sum(path.stat().st_size for path in kept) <= CACHE_BYTES
    leftover = {task.get_name() for task in asyncio.all_tasks()} - {asyncio.current_task().get_name()}
    assert not [name for name in leftover if name.startswith(("encode", "stream", "read-ahead", "join", "ffmpeg"))]


@pytest.mark.long
async def test_an_encoder_dies_with_the_last_of_its_listeners_and_not_before(tmp_path, long_tune):
    async with stage(tmp_path, encoders=1) as running:
        # Decoded as a whole first, which takes long enough to be left in the middle of it.
        running.songs["x"] = describe(long_tune, kind="m4a", rate=44100, samples=600 * 44100)
        async with connect(running) as stays:
            async with connect(running) as leaves:
                for client in (stays, leaves):
                    client.ask(
                        f"/stream/x?quality=low&format=mp3&ticket={running.ticket('x')}", "Range: bytes=5000-5009"
                    )
                await until(lambda: running.deliveries.admission.tally.shared == 1 and children())
                process = children()
            await until(lambda: next(iter(running.deliveries.admission._flights.values())).waiters == 1)
            assert children() == process
        await until(lambda: not children())
        assert running.deliveries.admission.tally.killed == 1
        await until(lambda: not on_disk(tmp_path))
