"""Deliveries: what is opened, what is encoded for it, and what happens when the ground moves."""

import asyncio
import contextlib
import os
import random
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from services.audio.admission import Urgency
from services.errors import Gone, Invalid, NotFound, TooMany, Unavailable
from services.viewer import Viewer
from tests.stream.stage import children, describe, stage, until

ADA = Viewer(user_id="ada", session_id="s1")
SAMPLES = 22 * 44100


@pytest.fixture
async def flac(tmp_path, tunes):
    """A stage with one FLAC song, `x`, in a file of its own."""
    path = tmp_path / "x.flac"
    path.write_bytes(tunes("flac").read_bytes())
    async with stage(tmp_path) as running:
        running.songs["x"] = describe(path, kind="flac", rate=44100, samples=SAMPLES)
        yield running


def bytes_of(path):
    return Path(path).read_bytes()


def append(path, data):
    Path(path).write_bytes(bytes_of(path) + data)


async def read(sound, start, end):
    async with contextlib.aclosing(sound.read(start, end)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def whole(sound):
    if sound.file is not None:
        return os.pread(sound.file.fd, sound.target.length, 0)
    return await read(sound, 0, sound.target.length)


async def joined(running):
    """Until segments that are all there have become one file."""
    joins = running.deliveries._renditions._joins
    while joins:
        await asyncio.gather(*joins.values())


async def test_length_and_tag_are_known_before_anything_is_encoded(flac):
    sound = await flac.deliveries.open(ADA, "x", "low")
    assert sound.target.length == (1 + -(-(22 * 48000 + 1105) // 1152)) * 288
    assert (sound.rendition, sound.target.content_type) == ("mp3-96", "audio/mpeg")
    assert sound.filename == "Ännchen - Grüße / aus Köln.mp3"
    assert flac.deliveries.encoder.encoded == 0
    assert len(await whole(sound)) == sound.target.length
    assert flac.deliveries.encoder.encoded == 3


async def test_a_range_encodes_only_the_segments_it_touches(flac):
    sound = await flac.deliveries.open(ADA, "x", "low")
    # One frame of 288 bytes comes before the first segment.
    second = 401 * 288
    encoded = []
    for start, end in ((0, 288), (287, 289), (300, second), (801 * 288, 801 * 288 + 1), (second - 1, second + 1)):
        await sound.prepare(start, end)
        assert len(await read(sound, start, end)) == end - start
        encoded.append(flac.deliveries.encoder.encoded)
    assert encoded == [0, 1, 1, 2, 3]


async def test_two_hundred_random_ranges_are_pieces_of_the_same_whole(flac):
    sound = await flac.deliveries.open(ADA, "x", "normal")
    length = sound.target.length
    chance = random.Random(5)
    cuts = sorted(chance.sample(range(1, length), 199))
    pieces = list(zip([0, *cuts], [*cuts, length], strict=True))
    order = list(range(200))
    chance.shuffle(order)
    got = {}
    for number in order:
        fresh = await flac.deliveries.open(ADA, "x", "normal")
        start, end = pieces[number]
        got[number] = os.pread(fresh.file.fd, end - start, start) if fresh.file else await read(fresh, start, end)
        fresh.close()
    assert flac.deliveries.encoder.encoded == 3
    pieced = b"".join(got[number] for number in range(200))
    await joined(flac)
    again = await flac.deliveries.open(ADA, "x", "normal")
    assert again.file is not None
    assert sha256(pieced).hexdigest() == sha256(await whole(again)).hexdigest()
    assert len(pieced) == length
    again.close()


async def test_a_thousand_random_ranges_of_opus_are_pieces_of_the_same_whole(flac):
    sound = await flac.deliveries.open(ADA, "x", "low", wished="opus")
    length = sound.target.length
    # 1101 packets: 22 full pages of 8077 bytes and one of a single packet, after 203 bytes of header.
    assert length == 203 + 22 * 8077 + 27 + 161
    assert (sound.target.content_type, sound.filename) == ("audio/ogg; codecs=opus", "Ännchen - Grüße / aus Köln.opus")
    assert flac.deliveries.encoder.encoded == 0
    chance = random.Random(6)
    cuts = [0, *sorted(chance.sample(range(1, length), 999)), length]
    order = list(range(1000))
    chance.shuffle(order)
    got = {}
    for number in order:
        start, end = cuts[number], cuts[number + 1]
        # One listener who keeps what was opened at first, and many who come when all of it has become one file.
        fresh = await flac.deliveries.open(ADA, "x", "low", wished="opus") if number % 2 else sound
        assert fresh.target == sound.target
        got[number] = os.pread(fresh.file.fd, end - start, start) if fresh.file else await read(fresh, start, end)
        fresh.close()
    assert flac.deliveries.encoder.encoded == 3
    await joined(flac)
    again = await flac.deliveries.open(ADA, "x", "low", wished="opus")
    assert again.file is not None
    pieced = b"".join(got[number] for number in range(1000))
    assert sha256(pieced).hexdigest() == sha256(await whole(again)).hexdigest()
    again.close()


async def test_a_range_of_opus_encodes_only_the_segments_it_touches(flac):
    sound = await flac.deliveries.open(ADA, "x", "low", wished="opus")
    second = 203 + 10 * 8077
    encoded = []
    last = sound.target.length - 1
    for start, end in ((0, 203), (200, 204), (203, second), (last, last + 1), (second - 1, second + 1)):
        await read(sound, start, end)
        encoded.append(flac.deliveries.encoder.encoded)
    assert encoded == [0, 1, 1, 2, 3]


async def test_a_bit_that_turned_in_kept_opus_is_noticed_wherever_it_is(flac, log_watch):
    log_watch.expect("damaged")
    sound = await flac.deliveries.open(ADA, "x", "low", wished="opus")
    good = await read(sound, 0, 50_000)
    path = flac.cache.path(sound._rendition.key, "000000.opus")
    kept = bytearray(path.read_bytes())
    kept[40_000 - 203] ^= 1
    path.write_bytes(kept)
    assert await read(sound, 0, 50_000) == good
    assert flac.deliveries.encoder.encoded == 2


async def test_opus_and_mp3_of_one_song_do_not_meet(flac):
    tags = set()
    for quality in ("low", "normal", "high"):
        for form in ("mp3", "opus"):
            sound = await flac.deliveries.open(ADA, "x", quality, wished=form)
            tags.add(sound.target.etag)
            assert sound.rendition.startswith(form)
    assert len(tags) == 6
    with pytest.raises(Invalid) as refusal:
        await flac.deliveries.open(ADA, "x", "low", wished="wma")
    assert refusal.value.field == "format"


async def test_a_complete_rendition_becomes_one_file_with_the_same_tag(flac):
    first = await flac.deliveries.open(ADA, "x", "low")
    sound = await whole(first)
    await joined(flac)
    second = await flac.deliveries.open(ADA, "x", "low")
    assert first.file is None
    assert second.file is not None
    assert second.target == first.target
    assert await whole(second) == sound
    assert [path.name for path in flac.cache._root.rglob("*.mp3")] == [f"whole-{first.target.etag[1:9]}.mp3"]
    second.close()


async def test_a_reader_goes_on_while_its_segments_are_joined(flac):
    sound = await flac.deliveries.open(ADA, "x", "low")
    pieces = []
    async with contextlib.aclosing(sound.read(0, sound.target.length)) as chunks:
        async for chunk in chunks:
            if not pieces:
                other = await flac.deliveries.open(ADA, "x", "low")
                expected = await whole(other)
                await joined(flac)
                assert flac.cache.names(sound._rendition.key) == {f"whole-{sound.target.etag[1:9]}.mp3"}
            pieces.append(chunk)
    assert b"".join(pieces) == expected
    assert flac.deliveries.encoder.encoded == 3


async def test_a_damaged_segment_is_made_again(flac, log_watch):
    log_watch.expect("damaged")
    sound = await flac.deliveries.open(ADA, "x", "low")
    good = await read(sound, 0, 1000)
    path = flac.cache.path(sound._rendition.key, "000000.mp3")
    path.write_bytes(bytes(path.stat().st_size))
    assert await read(sound, 0, 1000) == good
    assert flac.deliveries.encoder.encoded == 2


async def test_a_cache_too_small_for_a_segment_still_gives_the_right_bytes(tmp_path, tunes):
    async with stage(tmp_path, cache_bytes=1000) as running:
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=SAMPLES)
        sound = await running.deliveries.open(ADA, "x", "low")
        assert len(await whole(sound)) == sound.target.length
        assert running.deliveries.encoder.encoded == 3
        assert running.cache.used_bytes == 0


async def test_listeners_of_the_same_part_share_one_encode(flac):
    sounds = [await flac.deliveries.open(Viewer(user_id=name), "x", "low") for name in ("ada", "bob", "cleo")]
    heard = await asyncio.gather(*(read(sound, 0, 1000) for sound in sounds))
    assert heard[0] == heard[1] == heard[2]
    assert flac.deliveries.encoder.encoded == 1


async def test_the_original_is_the_file_itself(flac):
    sound = await flac.deliveries.open(ADA, "x", "lossless")
    path = flac.songs["x"].path
    assert await whole(sound) == bytes_of(path)
    assert (sound.rendition, sound.target.content_type) == ("original", "audio/flac")
    assert flac.deliveries.encoder.encoded == 0
    sound.close()


async def test_a_ceiling_lowers_what_was_asked_for_and_says_so(flac):
    sound = await flac.deliveries.open(ADA, "x", "lossless", ceiling="normal")
    assert (sound.rendition, sound.why) == (
        "mp3-160",
        "lossless was wanted, normal is the most this listener may have",
    )


async def test_an_unknown_song_and_an_unknown_quality_are_refused(flac):
    with pytest.raises(NotFound):
        await flac.deliveries.open(ADA, "y", "low")
    with pytest.raises(Invalid):
        await flac.deliveries.open(ADA, "x", "best")


async def test_a_missing_file_is_unavailable(flac):
    os.unlink(flac.songs["x"].path)
    for quality in ("low", "lossless"):
        with pytest.raises(Unavailable) as refusal:
            await flac.deliveries.open(ADA, "x", quality)
        assert refusal.value.reason == "SOURCE_MISSING"


async def test_a_source_replaced_in_the_middle_ends_the_stream_without_mixing(flac, tunes):
    sound = await flac.deliveries.open(ADA, "x", "low")
    begun = await read(sound, 0, 401 * 288)
    path = flac.songs["x"].path
    os.replace(shutil.copy(tunes("flac", 48000), path + ".new"), path)
    with pytest.raises(Gone):
        await read(sound, 401 * 288, 401 * 288 + 10)
    assert await read(sound, 0, 401 * 288) == begun
    again = await flac.deliveries.open(ADA, "x", "low")
    assert again.target.etag != sound.target.etag


async def test_a_changed_file_is_another_rendition_even_before_it_is_imported_again(flac, tunes):
    before = await flac.deliveries.open(ADA, "x", "low")
    path = flac.songs["x"].path
    os.replace(shutil.copy(tunes("flac", 48000), path + ".new"), path)
    flac.deliveries._files.close()
    after = await flac.deliveries.open(ADA, "x", "low")
    assert after.target.etag != before.target.etag
    assert len(await whole(after)) == after.target.length


async def test_a_retagged_file_keeps_its_renditions(flac):
    before = await flac.deliveries.open(ADA, "x", "low")
    record = flac.songs["x"]
    append(record.path, b"a tag")
    status = os.stat(record.path)
    record.size, record.mtime_ns = status.st_size, status.st_mtime_ns
    flac.deliveries._files.close()
    after = await flac.deliveries.open(ADA, "x", "low")
    assert after.target.etag == before.target.etag


async def test_samples_nobody_counted_are_counted_once(tmp_path, tunes):
    async with stage(tmp_path) as running:
        running.songs["m"] = describe(tunes("mp3"), kind="mp3", rate=44100)
        sounds = [await running.deliveries.open(ADA, "m", "normal") for _ in range(2)]
        assert sounds[0].target.length == (1 + -(-(22 * 48000 + 1105) // 1152)) * 480
        assert running.deliveries.encoder.encoded == 0
    async with stage(tmp_path) as again:
        again.songs["m"] = describe(tunes("mp3"), kind="mp3", rate=44100)
        assert (await again.deliveries.open(ADA, "m", "normal")).target == sounds[0].target


async def test_a_new_encoder_makes_a_new_tag(flac):
    before = await flac.deliveries.open(ADA, "x", "low")
    flac.deliveries._encoder_version = "another"
    assert (await flac.deliveries.open(ADA, "x", "low")).target.etag != before.target.etag


async def test_mono_stays_mono(tmp_path, tunes):
    async with stage(tmp_path) as running:
        path = tunes("flac", 22050, 1, 12.0)
        running.songs["m"] = describe(path, kind="flac", rate=22050, channels=1, samples=12 * 22050)
        sound = await running.deliveries.open(ADA, "m", "low")
        heard = await whole(sound)
        assert len(heard) == sound.target.length
        # The two highest bits of a frame's fourth byte: 11 is one channel.
        assert {byte >> 6 for byte in heard[3::288]} == {3}


async def test_a_reader_that_stops_leaves_no_encoder_and_no_file_behind(flac):
    sound = await flac.deliveries.open(ADA, "x", "high")
    reading = asyncio.create_task(read(sound, 0, sound.target.length), name="reader")
    await until(lambda: flac.deliveries.admission.running)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert (flac.deliveries.admission.running, flac.deliveries.admission.waiting) == (0, 0)
    assert children() == []
    assert list(flac.cache._root.rglob("*.mp3")) == []


async def test_a_decode_given_up_leaves_no_file_behind(tmp_path, tunes):
    async with stage(tmp_path) as running:
        running.songs["a"] = describe(tunes("m4a"), kind="m4a", rate=44100, samples=SAMPLES)
        sound = await running.deliveries.open(ADA, "a", "low")
        reading = asyncio.create_task(read(sound, 0, 2000), name="reader")
        await until(lambda: running.deliveries.encoder.decoded)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert children() == []
        assert [path for path in running.cache._root.rglob("*") if path.is_file()] == []
        assert len(await read(sound, 0, 2000)) == 2000


async def test_a_busy_house_says_when_to_come_back(tmp_path, tunes):
    async with stage(tmp_path, encoders=1, encoder_queue=1) as running:
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=SAMPLES)
        admission = running.deliveries.admission
        gate = asyncio.Event()

        async def busy():
            await gate.wait()
            return b""

        held = [
            asyncio.create_task(admission.run(key, busy, user=key, urgency=Urgency.PLAYHEAD), name=key)
            for key in ("encoding", "waiting")
        ]
        await until(lambda: admission.waiting)
        sound = await running.deliveries.open(ADA, "x", "low")
        with pytest.raises(TooMany) as refusal:
            await sound.prepare(0, 1000)
        assert refusal.value.retry_after >= 1
        gate.set()
        await asyncio.gather(*held)
        await sound.prepare(0, 1000)
        assert running.deliveries.encoder.encoded == 1


async def test_the_next_segment_is_made_while_this_one_plays(flac):
    sound = await flac.deliveries.open(ADA, "x", "low")
    chunks = sound.read(0, sound.target.length)
    await anext(chunks)
    await anext(chunks)
    await anext(chunks)
    await until(lambda: flac.cache.has(sound._rendition.key, "000001.mp3"))
    assert flac.deliveries.encoder.encoded == 2
    await chunks.aclose()


async def test_stopping_ends_a_stream_in_the_middle(flac):
    sound = await flac.deliveries.open(ADA, "x", "low")
    reading = asyncio.create_task(sound.prepare(0, 1000), name="reader")
    await until(lambda: flac.deliveries.admission.running)
    await flac.deliveries.admission.stop()
    with pytest.raises(Unavailable):
        await reading
    assert children() == []


def test_urgencies_are_in_the_order_of_the_design():
    assert [each.name for each in sorted(Urgency)] == ["PLAYHEAD", "NEXT_SEGMENT", "NEXT_SONG", "DOWNLOAD", "IDLE"]
