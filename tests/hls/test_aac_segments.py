"""AAC with a real encoder: segments against one whole encode and against the source, sample by sample."""

import asyncio
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audio.codecs import aac
from services.audio.codecs.geometry import BadFrames
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.audio.hls import fmp4
from services.audio.hls.cuts import AAC_PROFILES, AacInFmp4, AacInTs
from services.audio.renditions import Quality
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.clock import Clock
from tests.hls.reading import decode, snr_db
from tests.stream import stage

PROFILE = AAC_PROFILES[Quality.NORMAL]
BUNDLED = imageio_ffmpeg.get_ffmpeg_exe()


def source_of(path, kind, rate, channels=2):
    status = path.stat()
    codec = stage.ENCODINGS[kind][0]
    rate = 48000 if codec == "opus" else rate
    return Source(str(path), "ab" * 16, codec, rate, channels, status.st_size, status.st_mtime_ns)


@pytest.fixture(params=["path", "bundled"])
async def encoder(tmp_path, request):
    cache = SegmentCache(tmp_path / "cache", 10**9, clock=Clock())
    await cache.start()
    ffmpeg = Ffmpeg(find_ffmpeg(None if request.param == "path" else BUNDLED))
    yield SegmentEncoder(ffmpeg, cache), str(ffmpeg.path)
    await cache.stop()


def encode_whole(path, layout, ffmpeg):
    """The frames as one run of the encoder makes them."""
    command = [ffmpeg, "-v", "error", "-i", str(path), "-map", "0:a:0", "-af", "aresample=48000", "-ac"]
    command += [str(layout.channels), *layout.encoder_arguments(), "-"]
    return aac.adts_frames(subprocess.run(command, check=True, capture_output=True).stdout, layout.channels)


def in_mp4(frames, layout):
    """All frames in one file, as the segments in a row would be."""
    cut = AacInFmp4(layout, PROFILE)
    track = cut.track
    rest = layout.samples + aac.PRIMING - (layout.frames - 1) * 1024
    bare = [frame[7:] for frame in frames]
    return fmp4.init_segment(track) + fmp4.media_segment(track, number=1, start=0, frames=bare, last_samples=rest)


def truth_of(path, channels, ffmpeg):
    command = [ffmpeg, "-v", "error", "-i", str(path), "-map", "0:a:0", "-af", "aresample=48000"]
    command += ["-f", "f32le", "-ac", str(channels), "-"]
    done = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(done, "<f4").reshape(-1, channels).astype(np.float64)


def meetings():
    """Each form with each ffmpeg; every time each form meets one of the two, in turns."""
    forms = [("flac", 44100, 2), ("flac", 96000, 1), ("mp3", 44100, 2), ("m4a", 44100, 2), ("ogg", 48000, 1)]
    for at, form in enumerate(forms):
        for ffmpeg in ("path", "bundled"):
            always = (ffmpeg == "path") == (at % 2 == 0)
            yield pytest.param(ffmpeg, *form, marks=[] if always else [pytest.mark.long])


@pytest.mark.parametrize(("encoder", "kind", "rate", "channels"), meetings(), indirect=["encoder"])
async def test_segments_in_a_row_are_the_whole_encode(encoder, tunes, kind, rate, channels):
    segments, ffmpeg = encoder
    path = tunes(kind, rate, channels, 12.0)
    source = source_of(path, kind, rate, channels)
    layout = aac.Layout(PROFILE.bitrate, await segments.count_samples(source), channels)
    parts = await asyncio.gather(*(segments.encode(source, layout, at) for at in range(layout.segments)))
    for at, part in enumerate(parts):
        layout.check(at, part)
    ours = aac.adts_frames(b"".join(parts), channels)
    whole = encode_whole(path, layout, ffmpeg)[: layout.frames]
    assert len(ours) == len(whole) == layout.frames
    assert layout.segments == 3
    same = sum(one == other for one, other in zip(ours, whole, strict=True))
    assert same / layout.frames > (0.98 if source.seekable else 0.5)

    truth = truth_of(path, channels, ffmpeg)
    heard = decode(in_mp4(ours, layout), samples=layout.samples, channels=channels)
    plain = decode(in_mp4(whole, layout), samples=layout.samples, channels=channels)
    assert len(heard) == len(truth) == layout.samples
    for joint in range(1, layout.segments):
        middle = joint * aac.SEGMENT_FRAMES * 1024 - aac.PRIMING
        window = slice(middle - 4 * 1024, middle + 8 * 1024)
        assert snr_db(heard[window], truth[window]) > snr_db(plain[window], truth[window]) - 0.5
        assert snr_db(heard[window], truth[window]) > 8
    assert abs(snr_db(heard, truth) - snr_db(plain, truth)) < 0.05


def test_the_warm_up_is_what_makes_the_splice_good(tunes):
    """Without it the joint would be heard; the bound of half a decibel can be missed."""
    path = tunes("flac", 48000, 2, 12.0)
    layout = aac.Layout(PROFILE.bitrate, 12 * 48000)
    whole = encode_whole(path, layout, str(find_ffmpeg(None)))[: layout.frames]
    border = aac.SEGMENT_FRAMES
    command = [str(find_ffmpeg(None)), "-v", "error", "-i", str(path), "-af", f"atrim=start_sample={border * 1024}"]
    cold = subprocess.run([*command, *layout.encoder_arguments(), "-"], check=True, capture_output=True).stdout
    spliced = (whole[:border] + aac.adts_frames(cold, 2))[: layout.frames]
    truth = truth_of(path, 2, str(find_ffmpeg(None)))
    window = slice(border * 1024 - 1024 - 4 * 1024, border * 1024 - 1024 + 8 * 1024)
    heard = [decode(in_mp4(frames, layout), samples=layout.samples)[window] for frames in (whole, spliced)]
    assert snr_db(heard[0], truth[window]) - snr_db(heard[1], truth[window]) > 0.5


async def test_the_same_segment_is_the_same_bytes_each_time(encoder, tunes):
    segments, _ = encoder
    source = source_of(tunes("flac", 44100, 2, 12.0), "flac", 44100)
    layout = aac.Layout(PROFILE.bitrate, 12 * 48000)
    first, again = await asyncio.gather(*(segments.encode(source, layout, 1) for _ in range(2)))
    assert first == again
    cut = AacInTs(layout, PROFILE)
    assert cut.wrap(1, first) == cut.wrap(1, again)


@pytest.mark.parametrize("quality", list(AAC_PROFILES))
def test_no_sound_exceeds_the_rate_that_is_announced(quality):
    """Noise and square waves at full scale ask for more than music does."""
    profile = AAC_PROFILES[quality]
    layout = aac.Layout(profile.bitrate, 48000 * 6)
    time = np.arange(layout.samples) / 48000
    sounds = {
        "noise": np.random.default_rng(1).uniform(-1, 1, (layout.samples, 2)),
        "square": np.sign(np.sin(2 * np.pi * time[:, None] * [97, 131])),
    }
    for sound in sounds.values():
        raw = (sound * 32767).astype("<i2").tobytes()
        command = [str(find_ffmpeg(None)), "-v", "error", "-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "-"]
        encoded = subprocess.run([*command, *layout.encoder_arguments(), "-"], input=raw, capture_output=True).stdout
        data = layout.assemble(0, encoded)
        for cut in (AacInTs(layout, profile), AacInFmp4(layout, profile)):
            assert 8 * len(cut.wrap(0, data)) / (270 * 1024 / 48000) <= cut.bandwidth[0]


@given(st.integers(1, 48000 * 4000), st.integers(0, 1000))
def test_windows_are_entered_evenly_and_cover_their_segment(samples, index):
    layout = aac.Layout(96_000, samples)
    index = min(index, layout.segments - 1)
    window, frames = layout.window(index), layout.segment_frames(index)
    assert window.decode_from % 5760 == 0
    assert window.encode_from % 1024 == 0
    assert window.decode_from <= window.encode_from <= frames.start * 1024 < frames.stop * 1024 < window.end
    if index:
        assert window.encode_from == (frames.start - 16) * 1024
        assert window.encode_from - window.decode_from >= min(window.encode_from, 57_600)


@given(st.binary(max_size=60))
def test_anything_but_frames_is_refused(data):
    good = bytes.fromhex("fff14c80017ffc") + bytes(4)
    assert aac.adts_frames(good * 2, 2) == [good] * 2
    try:
        found = aac.adts_frames(good + data, 2)
    except BadFrames:
        return
    assert b"".join(found) == good + data


def test_frames_of_another_shape_are_refused():
    good = bytes.fromhex("fff14c80017ffc") + bytes(4)
    for changed in (good[:-1], good + b"x", good.replace(b"\x4c", b"\x50"), good.replace(b"\xf1", b"\xf0")):
        with pytest.raises(BadFrames):
            aac.adts_frames(changed, 2)
    with pytest.raises(BadFrames):
        aac.adts_frames(good, 1)
    with pytest.raises(BadFrames):
        aac.Layout(96_000, 5000).check(0, good)
