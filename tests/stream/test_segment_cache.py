"""The cache on disk."""

import asyncio

import pytest

from services.audio.segment_cache import SegmentCache
from services.clock import Clock

KEY, OTHER = "ab" * 16, "cd" * 16


@pytest.fixture
async def opened():
    caches = []

    async def open_cache(root, limit_bytes=1000):
        cache = SegmentCache(root, limit_bytes, clock=Clock())
        caches.append(cache)
        await cache.start()
        return cache

    yield open_cache
    for cache in caches:
        await cache.stop()


def on_disk(root):
    return sorted(path.name for path in root.rglob("*") if path.is_file())


async def test_what_is_written_is_read_back_whole_or_in_part(opened, tmp_path):
    cache = await opened(tmp_path)
    await cache.write(KEY, "0.mp3", b"0123456789")
    assert await cache.read(KEY, "0.mp3") == b"0123456789"
    assert await cache.read(KEY, "0.mp3", 2, 5) == b"234"
    assert await cache.read(OTHER, "0.mp3") is None
    assert cache.used_bytes == 10


async def test_the_least_recently_used_goes_first_and_the_bound_holds(opened, tmp_path):
    cache = await opened(tmp_path, 30)
    for number in range(3):
        await cache.write(KEY, f"{number}.mp3", bytes(10))
    await cache.read(KEY, "0.mp3")
    await cache.write(KEY, "3.mp3", bytes(10))
    assert cache.names(KEY) == {"0.mp3", "2.mp3", "3.mp3"}
    assert on_disk(tmp_path) == ["0.mp3", "2.mp3", "3.mp3"]
    assert cache.used_bytes == 30


async def test_what_is_dropped_while_it_is_read_goes_when_that_ends(opened, tmp_path):
    cache = await opened(tmp_path)
    await cache.write(KEY, "0.mp3", b"old")
    with cache.hold(KEY, "0.mp3") as path, cache.hold(KEY, "0.mp3"):
        await cache.drop(KEY, "0.mp3")
        assert cache.names(KEY) == frozenset()
        assert cache.used_bytes == 0
        assert await cache.read(KEY, "0.mp3") is None
        assert path.read_bytes() == b"old"
    await cache.stop()
    assert on_disk(tmp_path) == []


async def test_what_is_written_again_while_it_is_read_stays(opened, tmp_path):
    cache = await opened(tmp_path)
    await cache.write(KEY, "0.mp3", b"old")
    with cache.hold(KEY, "0.mp3"):
        await cache.drop(KEY, "0.mp3")
        await cache.write(KEY, "0.mp3", b"new")
    assert await cache.read(KEY, "0.mp3") == b"new"
    assert cache.used_bytes == 3


async def test_what_is_being_read_is_never_evicted(opened, tmp_path):
    cache = await opened(tmp_path, 20)
    await cache.write(KEY, "0.mp3", bytes(10))
    with cache.hold(KEY, "0.mp3") as path:
        for number in range(1, 5):
            await cache.write(KEY, f"{number}.mp3", bytes(10))
        assert path.exists()
        assert cache.names(KEY) == {"0.mp3", "4.mp3"}
    await cache.write(KEY, "5.mp3", bytes(10))
    await cache.write(KEY, "6.mp3", bytes(10))
    assert not path.exists()


async def test_more_than_the_whole_bound_is_not_kept(opened, tmp_path):
    cache = await opened(tmp_path, 20)
    await cache.write(KEY, "0.mp3", bytes(21))
    assert (cache.used_bytes, on_disk(tmp_path)) == (0, [])


async def test_a_new_run_finds_what_was_finished_and_clears_what_was_not(opened, tmp_path):
    cache = await opened(tmp_path)
    await cache.write(KEY, "0.mp3", bytes(10))
    half = cache.temporary("1.mp3")
    half.write_bytes(b"half")
    again = await opened(tmp_path)
    assert (again.names(KEY), again.used_bytes) == ({"0.mp3"}, 10)
    assert on_disk(tmp_path) == ["0.mp3"]


async def test_a_smaller_bound_is_kept_from_the_start(opened, tmp_path):
    cache = await opened(tmp_path)
    for number in range(5):
        await cache.write(KEY, f"{number}.mp3", bytes(10))
    assert (await opened(tmp_path, 20)).used_bytes == 20


async def test_parts_become_one_file(opened, tmp_path):
    cache = await opened(tmp_path)
    await cache.write(KEY, "0.mp3", b"abc")
    await cache.write(KEY, "1.mp3", b"de")
    assert await cache.join(KEY, ["0.mp3", "1.mp3"], "whole.mp3")
    assert on_disk(tmp_path) == ["whole.mp3"]
    assert await cache.read(KEY, "whole.mp3") == b"abcde"
    assert await cache.join(KEY, ["whole.mp3"], "other.mp3", head=b"XY", skipped_bytes=2)
    assert (await cache.read(KEY, "other.mp3"), on_disk(tmp_path)) == (b"XYcde", ["other.mp3"])
    assert cache.used_bytes == 5


async def test_parts_are_not_joined_when_one_is_missing_or_there_is_no_room(opened, tmp_path):
    cache = await opened(tmp_path, 20)
    await cache.write(KEY, "0.mp3", bytes(6))
    assert not await cache.join(KEY, ["0.mp3", "1.mp3"], "whole.mp3")
    await cache.write(KEY, "1.mp3", bytes(6))
    assert not await cache.join(KEY, ["0.mp3", "1.mp3"], "whole.mp3")
    assert cache.names(KEY) == {"0.mp3", "1.mp3"}


async def test_a_file_removed_behind_its_back_is_simply_missing(opened, tmp_path):
    cache = await opened(tmp_path)
    await cache.write(KEY, "0.mp3", bytes(10))
    cache.path(KEY, "0.mp3").unlink()
    assert await cache.read(KEY, "0.mp3") is None
    assert (cache.has(KEY, "0.mp3"), cache.used_bytes) == (False, 0)


async def test_a_cancelled_write_still_comes_into_the_books(opened, tmp_path):
    cache = await opened(tmp_path)
    writing = asyncio.create_task(cache.write(KEY, "0.mp3", bytes(10)))
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await cache.stop()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert cache.used_bytes == sum(path.stat().st_size for path in tmp_path.rglob("*.mp3")) == 10


async def test_a_disk_that_refuses_is_logged_and_survived(opened, tmp_path, log_watch):
    log_watch.expect("audio cache cannot be written")
    cache = await opened(tmp_path / "cache")
    (tmp_path / "cache" / KEY[:2]).write_text("in the way")
    await cache.write(KEY, "0.mp3", bytes(10))
    assert not cache.has(KEY, "0.mp3")
    assert on_disk(tmp_path) == [KEY[:2]]


async def test_keys_and_names_cannot_lead_out_of_the_directory(opened, tmp_path):
    cache = await opened(tmp_path)
    for key, name in (("../../etc", "x"), (KEY, "../x"), (KEY, "/x"), ("AB" * 16, "x"), (KEY, "")):
        with pytest.raises(ValueError, match="not a cache entry"):
            await cache.write(key, name, b"x")
