"""AAC from an encoder that waited is, byte by byte, AAC from one that was started, in TS and in fragmented MP4."""

import pytest

from services.audio.codecs import aac
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.audio.hls.cuts import AAC_PROFILES, AacInFmp4, AacInTs
from services.audio.ready_encoders import ReadyEncoders
from services.audio.renditions import Quality
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder
from services.clock import Clock
from tests.stream.stage import children, until
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
    ("kind", "rate", "channels", "quality"),
    [
        ("flac", 44100, 2, Quality.HIGH),
        ("flac", 48000, 1, Quality.LOW),
        ("wav", 96000, 2, Quality.NORMAL),
    ],
)
async def test_aac_segments_are_the_same_from_an_encoder_that_waited(house, tunes, kind, rate, channels, quality):
    usual, waited, ready = house
    profile = AAC_PROFILES[quality]
    source = source_of(tunes(kind, rate, channels, SECONDS), kind, rate, channels)
    layout = aac.Layout(profile.bitrate, SECONDS * 48000, channels)
    assert layout.segments == 3
    for index in range(layout.segments):
        waited.expect(layout)
        await until(lambda: ready.waiting == 1)
        from_waiting = await waited.encode(source, layout, index)
        from_started = await usual.encode(source, layout, index)
        assert ready.taken == index + 1
        for cut in (AacInTs(layout, profile), AacInFmp4(layout, profile)):
            assert cut.wrap(index, from_waiting) == cut.wrap(index, from_started)
        assert from_waiting == from_started
