"""Encoders that wait give the very bytes of those that are started for a segment, and none is left behind."""

import asyncio
import os
import shutil

import pytest

from services.audio.codecs.mp3 import Geometry, Mp3
from services.audio.codecs.opus import Opus
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed, find_ffmpeg
from services.audio.late_graph import late_graph
from services.audio.ready_encoders import ReadyEncoders
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder
from services.clock import Clock
from services.errors import Unavailable
from services.viewer import Viewer
from tests.stream.stage import children, describe, stage, until
from tests.stream.test_mp3_segments import source_of

SECONDS = 12


@pytest.fixture
async def house(tmp_path):
    """An encoder that starts ffmpeg when it needs it, one that has some waiting, and those that wait."""
    cache = SegmentCache(tmp_path / "cache", 10**9, clock=Clock())
    await cache.start()
    ffmpeg = Ffmpeg(find_ffmpeg(None))
    ready = ReadyEncoders(ffmpeg, 1, quiet_s=0.0)
    yield SegmentEncoder(ffmpeg, cache), SegmentEncoder(ffmpeg, cache, None, ready), ready
    await ready.stop()
    await cache.stop()
    assert children() == []


@pytest.mark.parametrize(
    ("kind", "rate", "channels", "codec"),
    [
        ("flac", 44100, 2, Mp3()),
        ("flac", 48000, 1, Opus()),
        ("wav", 96000, 2, Opus()),
    ],
)
async def test_an_encoder_that_waited_gives_the_bytes_of_one_that_was_started(
    house, tunes, kind, rate, channels, codec
):
    usual, waited, ready = house
    source = source_of(tunes(kind, rate, channels, SECONDS), kind, rate, channels)
    geometry = codec.geometry(128_000, SECONDS * 48000, channels, "ab" * 16)
    for index in range(geometry.segments):
        waited.expect(geometry)
        await until(lambda: ready.waiting == 1)
        assert await waited.encode(source, geometry, index) == await usual.encode(source, geometry, index)
        assert ready.taken == index + 1


async def test_a_file_of_any_name_is_found_by_an_encoder_that_waits(house, tunes, tmp_path):
    usual, waited, ready = house
    directory = tmp_path / "it's [a], b;c: d\\e % 'Ünï'"
    directory.mkdir()
    path = directory / " line\nbreak.flac"
    shutil.copy(tunes("flac", 44100, 2, SECONDS), path)
    source = source_of(path, "flac", 44100)
    geometry = Geometry(96_000, SECONDS * 48000)
    waited.expect(geometry)
    await until(lambda: ready.waiting == 1)
    assert await waited.encode(source, geometry, 1) == await usual.encode(source, geometry, 1)
    assert ready.taken == 1


async def test_what_a_waiting_encoder_refuses_another_is_started_for(house, tunes, tmp_path):
    usual, waited, ready = house
    # A FLAC that calls itself WAV: the graph names the wrong reader, and the usual way looks at the file.
    path = tmp_path / "song.wav"
    shutil.copy(tunes("flac", 44100, 2, SECONDS), path)
    source = source_of(path, "flac", 44100)
    geometry = Geometry(96_000, SECONDS * 48000)
    waited.expect(geometry)
    await until(lambda: ready.waiting == 1)
    assert await waited.encode(source, geometry, 0) == await usual.encode(source, geometry, 0)
    assert ready.taken == 1


async def test_a_broken_file_is_refused_as_ever(house, tmp_path):
    _, waited, ready = house
    path = tmp_path / "song.flac"
    path.write_bytes(b"fLaC" + bytes(50_000))
    geometry = Geometry(96_000, SECONDS * 48000)
    waited.expect(geometry)
    await until(lambda: ready.waiting == 1)
    with pytest.raises(Unavailable):
        await waited.encode(source_of(path, "flac", 44100), geometry, 0)


async def test_a_taken_encoder_is_followed_by_another_and_stop_ends_it(house, tunes):
    _, waited, ready = house
    source = source_of(tunes("flac", 44100, 2, SECONDS), "flac", 44100)
    geometry = Geometry(96_000, SECONDS * 48000)
    await waited.encode(source, geometry, 0)
    await until(lambda: ready.waiting == 1)
    other = Geometry(160_000, SECONDS * 48000)
    await waited.encode(source, other, 0)
    await until(lambda: ready.waiting == 1 and len(children()) == 1)
    await waited.encode(source, other, 1)
    assert ready.taken == 1
    await ready.stop()
    assert (ready.waiting, children()) == (0, [])
    await waited.encode(source, other, 1)
    assert (ready.taken, ready.waiting) == (1, 0)


async def test_nothing_waits_for_long_where_nobody_listens():
    ready = ReadyEncoders(Ffmpeg(find_ffmpeg(None)), 1, quiet_s=0.0, kept_s=0.0)
    ready.expect(("-f", "null", "-"))
    await until(lambda: not ready.tasks)
    assert (ready.waiting, children()) == (0, [])
    await ready.stop()


async def test_an_ffmpeg_that_does_not_wait_is_not_asked_to_again(tmp_path):
    impatient = tmp_path / "ffmpeg"
    impatient.write_text("#!/bin/sh\nexit 1\n")
    impatient.chmod(0o755)
    ready = ReadyEncoders(Ffmpeg(impatient), 1, quiet_s=0.0)
    writes = ("-f", "null", "-")
    ready.expect(writes)
    await until(lambda: ready.begun == 1 and not ready.waiting)
    with ready.work(writes, True) as child:
        assert child is None
    await until(lambda: not ready.tasks)
    assert ready.begun == 1
    await ready.stop()


async def test_one_that_is_told_nonsense_says_so_and_is_gone():
    ffmpeg = Ffmpeg(find_ffmpeg(None))
    child = await ffmpeg.begin(["-f", "lavfi", "-graph_file", "pipe:0", "-i", "x", "-f", "null", "-"])
    with pytest.raises(FfmpegFailed, match="ffmpeg ended with status"):
        await child.capture(b"no such filter", limit_bytes=1, timeout_s=20)
    await child.end()
    assert (child.waits, children()) == (False, [])


async def test_many_at_once_give_way_and_one_alone_does_not(tmp_path, tunes):
    async with stage(tmp_path, encoders=1) as running:
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
        asked = []
        usual = running.deliveries.encoder.encode

        async def watched(*args, niceness, **others):
            asked.append(niceness)
            return await usual(*args, niceness=niceness, **others)

        running.deliveries.encoder.encode = watched
        sound = await running.deliveries.open(Viewer(user_id="ada"), "x", "low")
        rendition = sound.made_from
        wanted = [
            running.deliveries.segment(rendition, index, user="ada", urgency=sound.urgency, continuing=False)
            for index in (0, 1, 2)
        ]
        await asyncio.gather(*wanted)
        assert 10 in asked
        assert asked[-1] == 0


async def test_an_encoder_that_gives_way_really_does():
    ffmpeg = Ffmpeg(find_ffmpeg(None))
    child = await ffmpeg.begin(["-f", "lavfi", "-graph_file", "pipe:0", "-i", "x", "-f", "s16le", "pipe:1"])
    levels = []

    async def heard(_):
        levels.extend(os.getpriority(os.PRIO_PROCESS, int(each)) for each in children())

    usual = os.getpriority(os.PRIO_PROCESS, 0)
    told = b"sine=d=1"
    await child.capture(told, limit_bytes=1 << 20, timeout_s=20, niceness=7, heard=heard)
    assert set(levels) == {max(usual, 7)}


@pytest.mark.parametrize(
    ("path", "codec", "rate", "from_us", "encoder"),
    [
        ("/a.mp3", "mp3", 48000, 0, "libmp3lame"),
        ("/a.ogg", "flac", 48000, 0, "libmp3lame"),
        ("/a.m4a", "alac", 48000, 0, "libmp3lame"),
        ("/a.flac", "", 48000, 0, "libmp3lame"),
        ("/a.flac", "flac", 44100, 7_800_001, "libmp3lame"),
        ("/a.flac", "flac", 48000, 0, "pcm_s16be"),
    ],
)
def test_what_is_not_proven_goes_the_usual_way(path, codec, rate, from_us, encoder):
    graph = late_graph(
        path, codec=codec, sample_rate=rate, channels=2, from_us=from_us, encoder=encoder, chain=["anull"]
    )
    assert graph is None


def test_the_graph_says_where_the_sound_begins_and_what_it_becomes():
    graph = late_graph(
        "/m/a b.flac",
        codec="flac",
        sample_rate=44100,
        channels=1,
        from_us=7_800_000,
        encoder="libopus",
        chain=["aresample=48000", "atrim=end_sample=9"],
    )
    assert graph == (
        rb"amovie=filename=file\\:/m/a\\\ b.flac:format_name=flac:dec_threads=1:seek_point=7.800000,"
        b"atrim=start_pts=343980,asetpts=N/SR/TB,aresample=48000,atrim=end_sample=9,"
        b"aformat=sample_fmts=s16|flt:channel_layouts=mono"
    )
