"""What every store of files does, asked of each in the same words."""

from __future__ import annotations

import asyncio
import hashlib
import random
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from storage.files import CHUNK_BYTES, NoSuchFile
from tests.files.conftest import PART_BYTES

KEY = "images/ab/abcd-640.jpg"
BLOB = random.Random(4).randbytes(300_001)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def read(files, key, start=0, end=None):
    return b"".join([piece async for piece in files.read(key, start, end)])


async def keys(files, folder=""):
    return [facts.key async for facts in files.list(folder)]


async def test_what_is_put_is_there_and_what_is_not_is_not(files):
    assert (await files.get(KEY), await files.look(KEY), await files.exists(KEY)) == (None, None, False)
    put = await files.put(KEY, BLOB)
    assert (put.key, put.size, put.sha256) == (KEY, len(BLOB), sha256(BLOB))
    assert await files.get(KEY) == BLOB
    assert await files.exists(KEY)
    facts = await files.look(KEY)
    assert (facts.key, facts.size, facts.sha256) == (KEY, len(BLOB), put.sha256 if files.name == "s3" else None)
    assert await files.delete(KEY) is True
    assert await files.delete(KEY) is False
    assert await files.get(KEY) is None


async def test_a_second_put_takes_the_place_of_the_first(files):
    await files.put(KEY, b"first, and longer")
    await files.put(KEY, b"second")
    assert await files.get(KEY) == b"second"
    assert await keys(files) == [KEY]


async def test_an_empty_file_is_a_file(files):
    await files.put(KEY, b"")
    assert (await files.get(KEY), (await files.look(KEY)).size) == (b"", 0)
    assert await read(files, KEY, 0, 5) == b""


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, None),
        (0, 1),
        (1, 2),
        (0, CHUNK_BYTES),
        (CHUNK_BYTES - 1, CHUNK_BYTES + 1),
        (299_999, 300_001),
        (300_000, None),
        (300_000, 400_000),
        (300_001, None),
        (300_001, 300_005),
        (900_000, None),
        (7, 7),
    ],
)
async def test_a_range_is_the_bytes_between(files, start, end):
    await files.put(KEY, BLOB)
    assert await read(files, KEY, start, end) == BLOB[start:end]


async def test_random_ranges_are_exact_and_come_in_small_pieces(files):
    await files.put(KEY, BLOB)
    chance = random.Random(7)
    for _ in range(25):
        start = chance.randrange(len(BLOB))
        end = chance.randrange(start, len(BLOB) + 10)
        pieces = [piece async for piece in files.read(KEY, start, end)]
        assert b"".join(pieces) == BLOB[start:end]
        assert all(0 < len(piece) <= CHUNK_BYTES for piece in pieces)


@pytest.mark.parametrize(("start", "end"), [(0, None), (5, 10), (5, 5)])
async def test_reading_what_is_not_there_says_so_before_the_first_byte(files, start, end):
    if files.name == "local" and start == end:
        assert await files.look("no/such/file") is None
    with pytest.raises(NoSuchFile):
        await read(files, "no/such/file", start, end)


async def test_who_stops_reading_early_leaves_nothing_open(files):
    await files.put(KEY, BLOB * 20)
    for _ in range(30):  # more than there are connections
        async with aclosing(files.read(KEY)) as pieces:
            async for piece in pieces:
                assert BLOB.startswith(piece)
                break
    assert await read(files, KEY, 10, 20) == BLOB[10:20]


async def test_a_file_is_kept_from_its_path(files, tmp_path):
    source = tmp_path / "source.flac"
    source.write_bytes(BLOB)
    for may_link in (False, True):
        put = await files.put_file("uploads/songs/ab/x.flac", source, may_link=may_link)
        assert (put.size, put.sha256) == (len(BLOB), sha256(BLOB))
        assert await files.get("uploads/songs/ab/x.flac") == BLOB
    source.unlink()
    assert await files.get("uploads/songs/ab/x.flac") == BLOB


async def test_a_large_file_is_kept_in_parts_and_is_the_same(files, tmp_path):
    large = random.Random(9).randbytes(2 * PART_BYTES + 12_345)
    source = tmp_path / "large.wav"
    source.write_bytes(large)
    put = await files.put_file(KEY, source)
    assert (put.size, put.sha256) == (len(large), sha256(large))
    assert await read(files, KEY) == large
    assert await read(files, KEY, PART_BYTES - 3, PART_BYTES + 3) == large[PART_BYTES - 3 : PART_BYTES + 3]


async def test_content_put_twice_is_there_once(files, tmp_path):
    source = tmp_path / "a.bin"
    source.write_bytes(BLOB)
    first = await files.put_content("content", BLOB, "bin")
    second = await files.put_content("content", source, "bin")
    assert first.key == second.key == f"content/{sha256(BLOB)[:2]}/{sha256(BLOB)}.bin"
    assert await keys(files) == [first.key]
    assert await files.get(first.key) == BLOB


async def test_the_list_is_in_the_order_of_keys(files):
    names = ["a.b/c", "a/b", "a/b.x", "a/b-c/d", "a0/x", "B/x", "a/b/c"]
    names.remove("a/b")
    for name in names:
        await files.put(name, name.encode())
    assert await keys(files) == sorted(names)
    assert await keys(files, "a") == ["a/b-c/d", "a/b.x", "a/b/c"]
    assert await keys(files, "a/b") == ["a/b/c"]
    assert await keys(files, "nowhere") == []
    found = [facts async for facts in files.list("B")]
    now_ns = datetime.now(UTC).timestamp() * 1e9
    assert [(facts.size, facts.sha256) for facts in found] == [(3, None)]
    assert abs(found[0].modified_ns - now_ns) < 60e9


async def test_all_of_several_are_there(files):
    several = {f"images/cd/cd-{size}.jpg": bytes([size]) * 10 for size in (96, 30, 64, 120)}
    await files.put_all(several)
    assert {key: await files.get(key) for key in several} == several


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../x", "a//b", ".hidden", "a/.part-1", "a/ü", "a/b\n", "a\\b"]
)
async def test_a_key_that_leads_elsewhere_is_refused(files, key):
    for ask in (files.get, files.look, files.exists, files.delete):
        with pytest.raises(ValueError, match="not a file key"):
            await ask(key)
    with pytest.raises(ValueError, match="not a file key"):
        await files.put(key, b"")
    with pytest.raises(ValueError, match="not a file key"):
        await read(files, key)


async def test_many_who_put_the_same_key_leave_one_whole_file(files):
    wholes = [bytes([n]) * 100_000 for n in range(8)]
    await asyncio.gather(*(files.put(KEY, whole) for whole in wholes))
    assert await files.get(KEY) in wholes
    assert await keys(files) == [KEY]


async def test_the_store_tells_about_itself(files):
    assert await files.ping()
    assert await files.sweep(datetime.now(UTC) - timedelta(days=1)) == 0
    assert (files.local_path(KEY) is None) == (files.name == "s3") == (await files.url(KEY, 60) is not None)
