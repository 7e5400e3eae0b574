"""The spliced rendition against one whole encode and against the source, sample by sample."""

import asyncio
import subprocess
from pathlib import Path

import numpy as np
import pytest

from services.audio.codecs.geometry import samples_at_rate
from services.audio.codecs.mp3 import ENCODER_DELAY, FRAME_SAMPLES, SEGMENT_FRAMES, Geometry
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.clock import Clock
from services.errors import Gone, Unavailable
from tests.sound_tool import QUICK_FFMPEG
from tests.stream.stage import ENCODINGS

BITRATE = 160_000


def decode(path):
    """Samples at 48 kHz, two channels."""
    command = [QUICK_FFMPEG, "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "2", "-ar", "48000", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, 2).astype(np.float64)


def encode_whole(path, target, channels=2):
    """The rendition as one run of the encoder makes it: what the splice is measured by."""
    command = [QUICK_FFMPEG, "-v", "error", "-y", "-i", str(path), "-map", "0:a:0", "-af", "aresample=48000"]
    command += ["-ac", str(channels), "-c:a", "libmp3lame", "-b:a", str(BITRATE), "-reservoir", "0"]
    command += ["-write_xing", "0", "-id3v2_version", "0", str(target)]
    subprocess.run(command, check=True)
    return target.read_bytes()


def snr_db(heard, truth):
    return 10 * np.log10((truth**2).sum() / ((heard - truth) ** 2).sum())


def source_of(path, kind, rate, channels=2):
    status = path.stat()
    codec = ENCODINGS[kind][0]
    rate = 48000 if codec == "opus" else rate
    return Source(str(path), "ab" * 16, codec, rate, channels, status.st_size, status.st_mtime_ns)


@pytest.fixture
async def encoder(tmp_path):
    cache = SegmentCache(tmp_path / "cache", 10**9, clock=Clock())
    await cache.start()
    yield SegmentEncoder(Ffmpeg(Path(QUICK_FFMPEG)), cache)
    await cache.stop()


@pytest.mark.parametrize(
    ("kind", "rate", "channels"),
    [
        *(("flac", 44100, 2), ("cbr.mp3", 48000, 2), ("m4a", 44100, 2), ("flac", 22050, 1)),
    ],
)
async def test_segments_in_a_row_are_the_whole_encode(encoder, tunes, tmp_path, kind, rate, channels):
    path = tunes(kind, rate, channels, 12.0)
    source = source_of(path, kind, rate, channels)
    layout = Geometry(BITRATE, await encoder.count_samples(source))
    parts = await asyncio.gather(*(encoder.encode(source, layout, index) for index in range(layout.segments)))
    spliced = b"".join(parts)
    whole = encode_whole(path, tmp_path / "whole.mp3", channels)
    assert len(spliced) == len(whole) == layout.length - layout.head_bytes

    size = layout.frame_bytes
    same = sum(spliced[at : at + size] == whole[at : at + size] for at in range(0, len(whole), size))
    assert same / layout.frames > (0.99 if source.seekable else 0.8)
    assert encoder.decoded == (0 if source.seekable else 1)

    (tmp_path / "spliced.mp3").write_bytes(spliced)
    truth, ours, theirs = decode(path), decode(tmp_path / "spliced.mp3"), decode(tmp_path / "whole.mp3")
    assert len(ours) == layout.frames * FRAME_SAMPLES or len(ours) == layout.frames * FRAME_SAMPLES - ENCODER_DELAY
    delay = ENCODER_DELAY if len(ours) == layout.frames * FRAME_SAMPLES else 0
    ours, theirs = ours[delay:], theirs[delay:]
    for joint in range(1, layout.segments):
        middle = joint * SEGMENT_FRAMES * FRAME_SAMPLES - ENCODER_DELAY
        window = slice(middle - 4 * FRAME_SAMPLES, middle + 8 * FRAME_SAMPLES)
        assert snr_db(ours[window], truth[window]) > snr_db(theirs[window], truth[window]) - 0.5
    everything = slice(0, min(len(truth), len(ours)))
    assert abs(snr_db(ours[everything], truth[everything]) - snr_db(theirs[everything], truth[everything])) < 0.05


async def test_a_segment_is_the_same_bytes_each_time(encoder, tunes):
    path = tunes("flac")
    source = source_of(path, "flac", 44100)
    layout = Geometry(BITRATE, samples_at_rate(22 * 44100, 44100))
    first, second = [await encoder.encode(source, layout, 1) for _ in range(2)]
    assert first == second
    assert len(first) == SEGMENT_FRAMES * layout.frame_bytes


async def test_the_bundled_ffmpeg_makes_the_same_layout(encoder, tunes, tmp_path):
    bundled = Ffmpeg(Path(QUICK_FFMPEG))
    cache = SegmentCache(tmp_path / "other", 10**9, clock=Clock())
    path = tunes("mp3", 44100, 2, 12.0)
    source = source_of(path, "mp3", 44100)
    layout = Geometry(BITRATE, await encoder.count_samples(source))
    other = SegmentEncoder(bundled, cache)
    assert await other.count_samples(source) == layout.samples
    for index in range(layout.segments):
        ours, theirs = await encoder.encode(source, layout, index), await other.encode(source, layout, index)
        assert len(ours) == len(theirs) == len(layout.segment_bytes(index))
    await cache.stop()


async def test_an_uncommon_sample_rate_is_decoded_first(encoder, tunes, tmp_path):
    path = tunes("wav", 44056)
    source = source_of(path, "wav", 44056)
    layout = Geometry(BITRATE, await encoder.count_samples(source))
    assert abs(layout.samples - 22 * 48000) <= 1
    parts = [await encoder.encode(source, layout, index) for index in range(layout.segments)]
    assert encoder.decoded == 1
    (tmp_path / "spliced.mp3").write_bytes(b"".join(parts))
    assert len(decode(tmp_path / "spliced.mp3")) >= layout.samples


async def test_a_length_longer_than_the_sound_is_filled_with_silence(encoder, tunes):
    source = source_of(tunes("flac"), "flac", 44100)
    layout = Geometry(BITRATE, 30 * 48000)
    parts = [await encoder.encode(source, layout, index) for index in range(layout.segments)]
    assert layout.head_bytes + sum(map(len, parts)) == layout.length


async def test_a_changed_and_a_missing_source_are_told_apart(encoder, tunes, tmp_path):
    copy = tmp_path / "song.flac"
    copy.write_bytes(tunes("flac").read_bytes())
    source = source_of(copy, "flac", 44100)
    layout = Geometry(BITRATE, 22 * 48000)
    copy.write_bytes(copy.read_bytes()[:-1])
    with pytest.raises(Gone):
        await encoder.encode(source, layout, 0)
    copy.unlink()
    with pytest.raises(Unavailable) as refusal:
        await encoder.encode(source, layout, 0)
    assert refusal.value.reason == "SOURCE_MISSING"
    assert encoder.encoded == 0


async def test_a_source_that_is_no_sound_is_unavailable(encoder, tmp_path):
    noise = tmp_path / "song.flac"
    noise.write_bytes(b"no sound at all" * 1000)
    source = source_of(noise, "flac", 44100)
    with pytest.raises(Unavailable) as refusal:
        await encoder.count_samples(source)
    assert refusal.value.reason == "SOURCE_BROKEN"
    with pytest.raises(Unavailable):
        await encoder.encode(source, Geometry(BITRATE, 48000), 0)


async def test_a_playlist_dressed_as_a_song_is_not_followed(encoder, tmp_path, tunes):
    trap = tmp_path / "trap.mp3"
    trap.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:30\n#EXTINF:22,\n{tunes('mp3')}\n#EXT-X-ENDLIST\n")
    with pytest.raises(Unavailable):
        await encoder.count_samples(source_of(trap, "mp3", 44100))


async def test_ffmpeg_is_bounded_in_output_and_time_and_says_why_it_failed():
    ffmpeg = Ffmpeg(Path(QUICK_FFMPEG))
    endless = ["-f", "lavfi", "-i", "anullsrc", "-f", "s16le", "pipe:1"]
    with pytest.raises(FfmpegFailed, match="more than 100000 bytes"):
        await ffmpeg.capture(endless, limit_bytes=100_000, timeout_s=20)
    with pytest.raises(FfmpegFailed, match="did not end within"):
        await ffmpeg.count(endless, timeout_s=0.1)
    with pytest.raises(FfmpegFailed, match="No such file"):
        await ffmpeg.capture(["-i", "/nowhere", "-f", "null", "-"], limit_bytes=1, timeout_s=20)
