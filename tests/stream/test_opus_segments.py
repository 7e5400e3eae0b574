"""Opus renditions with a real encoder: spliced against one whole encode and against the source, sample by sample."""

import asyncio
import subprocess
from pathlib import Path

import numpy as np
import pytest

from services.audio.codecs.geometry import BLANK, samples_at_rate
from services.audio.codecs.opus import (
    EXPECTED_LOSS_PERCENT,
    PRE_SKIP,
    SEGMENT_PACKETS,
    WARMUP_PACKETS,
    Geometry,
)
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.clock import Clock
from tests.sound_tool import QUICK_FFMPEG
from tests.stream import stage
from tests.stream.ogg_reader import read_pages
from tests.stream.stage import ENCODINGS

BITRATE = 128_000


def decode(path, channels, *, ffmpeg=None):
    """Samples at 48 kHz; the decoder checks every checksum of an Ogg file and must have nothing to say about it."""
    loud = "error" if path.suffix == ".wav" else "warning"
    command = [ffmpeg or QUICK_FFMPEG, "-v", loud, "-err_detect", "crccheck", "-i", str(path)]
    command += ["-map", "0:a:0", "-af", "aresample=48000", "-f", "f32le", "-ac", str(channels), "-"]
    done = subprocess.run(command, check=True, capture_output=True)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<f4").reshape(-1, channels).astype(np.float64)


def encode_whole(path, target, channels, bitrate=BITRATE, loss_percent=EXPECTED_LOSS_PERCENT):
    """The rendition as one run of the encoder makes it, in ffmpeg's own Ogg file."""
    command = [QUICK_FFMPEG, "-v", "error", "-y", "-i", str(path), "-map", "0:a:0", "-af", "aresample=48000"]
    command += ["-ac", str(channels), "-c:a", "libopus", "-b:a", str(bitrate), "-vbr", "off"]
    command += ["-packet_loss", str(loss_percent), str(target)]
    subprocess.run(command, check=True)
    return [packet for page in read_pages(target.read_bytes())[2:] for packet in page.packets]


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


async def splice(encoder, source, layout):
    parts = await asyncio.gather(*(encoder.encode(source, layout, index) for index in range(layout.segments)))
    assert [len(part) for part in parts] == [len(layout.segment_bytes(index)) for index in range(layout.segments)]
    return layout.head(BLANK) + b"".join(parts)


@pytest.mark.parametrize(
    ("kind", "rate", "channels"),
    [
        *(("flac", 44100, 2), ("flac", 96000, 1), ("mp3", 48000, 1), ("ogg", 44100, 2)),
    ],
)
async def test_segments_in_a_row_are_the_whole_encode(encoder, tunes, tmp_path, kind, rate, channels):
    path = tunes(kind, rate, channels, 12.0)
    source = source_of(path, kind, rate, channels)
    layout = Geometry(BITRATE, await encoder.count_samples(source), channels)
    spliced = await splice(encoder, source, layout)
    assert len(spliced) == layout.length
    assert encoder.decoded == (0 if source.seekable else 1)

    whole = encode_whole(path, tmp_path / "whole.opus", channels)
    ours = [packet for page in read_pages(spliced)[2:] for packet in page.packets]
    same = sum(one == other for one, other in zip(ours, whole[: len(ours)], strict=True))
    assert same / layout.packets > (0.99 if source.seekable else 0.8)

    (tmp_path / "spliced.opus").write_bytes(spliced)
    truth, heard = decode(path, channels), decode(tmp_path / "spliced.opus", channels)
    plain = decode(tmp_path / "whole.opus", channels)
    assert len(heard) == len(truth) == layout.samples
    for joint in range(1, layout.segments):
        middle = joint * SEGMENT_PACKETS * 960 - PRE_SKIP
        window = slice(middle - 4 * 960, middle + 12 * 960)
        assert snr_db(heard[window], truth[window]) > snr_db(plain[window], truth[window]) - 0.5
        assert snr_db(heard[window], truth[window]) > 10
    assert abs(snr_db(heard, truth) - snr_db(plain[: len(truth)], truth)) < 0.05


def test_the_warm_up_is_what_makes_the_splice_good(tunes, tmp_path):
    """Without it the joint would be heard; the bound of half a decibel can be missed."""
    path = tunes("flac", 48000, 2, 12.0)
    layout = Geometry(BITRATE, 12 * 48000)
    whole = b"".join(encode_whole(path, tmp_path / "whole.opus", 2))[: layout.packets * layout.packet_bytes]
    border = SEGMENT_PACKETS * layout.packet_bytes
    command = [QUICK_FFMPEG, "-v", "error", "-ss", "10", "-i", str(path), "-map", "0:a:0"]
    command += [*layout.encoder_arguments(), "-"]
    cold = subprocess.run(command, check=True, capture_output=True).stdout
    lead = whole[border - WARMUP_PACKETS * layout.packet_bytes : border]
    truth = decode(path, 2)
    window = slice(10 * 48000 - 312 - 4 * 960, 10 * 48000 - 312 + 12 * 960)
    heard = []
    for name, tail in (("warm", whole[border:]), ("cold", cold)):
        made = layout.head(BLANK) + layout.assemble(0, whole[:border]) + layout.assemble(1, lead + tail)
        (tmp_path / f"{name}.opus").write_bytes(made)
        heard.append(snr_db(decode(tmp_path / f"{name}.opus", 2)[window], truth[window]))
    assert heard[0] - heard[1] > 0.5


@pytest.mark.long
@pytest.mark.parametrize(("top_hz", "seed"), [(9000, 4)])
async def test_dark_music_at_the_lowest_rate_is_spliced_as_well(encoder, tmp_path, top_hz, seed):
    """There the encoder weighs for seconds how much treble to keep; one second of warm-up loses 1.07 dB."""
    path = tmp_path / "plucked.wav"
    stage.plucked(path, top_hz=top_hz, seconds=32, seed=seed)
    layout = Geometry(64_000, 32 * 48000)
    encode_whole(path, tmp_path / "whole.opus", 2, 64_000)
    (tmp_path / "spliced.opus").write_bytes(await splice(encoder, source_of(path, "wav", 48000), layout))
    truth, heard, plain = (decode(tmp_path / name, 2) for name in ("plucked.wav", "spliced.opus", "whole.opus"))
    for joint in range(1, layout.segments):
        for packet in range(joint * SEGMENT_PACKETS - 4, min(joint * SEGMENT_PACKETS + 240, layout.packets - 60), 4):
            window = slice(packet * 960 - PRE_SKIP, (packet + 12) * 960 - PRE_SKIP)
            assert snr_db(heard[window], truth[window]) > snr_db(plain[window], truth[window]) - 0.5


@pytest.mark.parametrize("bitrate", [64_000, 192_000])
async def test_steady_tones_are_spliced_as_well(encoder, tmp_path, bitrate):
    """There two runs of an encoder that trusts its pitch filter fully stay apart: 8.5 dB at this joint (64 kbit/s)."""
    path = tmp_path / "tones.wav"
    stage.tones(path, seconds=12)
    layout = Geometry(bitrate, 12 * 48000)
    whole = b"".join(encode_whole(path, tmp_path / "whole.opus", 2, bitrate))
    spliced = await splice(encoder, source_of(path, "wav", 48000), layout)
    (tmp_path / "spliced.opus").write_bytes(spliced)
    truth, heard, plain = (decode(tmp_path / name, 2) for name in ("tones.wav", "spliced.opus", "whole.opus"))
    middle = SEGMENT_PACKETS * 960 - PRE_SKIP
    window = slice(middle - 4 * 960, middle + 12 * 960)
    assert snr_db(heard[window], truth[window]) > snr_db(plain[window], truth[window]) - 0.5
    packets = [packet for page in read_pages(spliced)[2:] for packet in page.packets]
    same = sum(one == whole[at * len(one) : (at + 1) * len(one)] for at, one in enumerate(packets))
    assert same > 0.99 * layout.packets, "the runs have come together before the splice"


@pytest.mark.parametrize(
    "samples",
    [1, 100, 311, 312, 647, 648, 649, 4800, 50 * 960 - 312, 50 * 960 - 311, 500 * 960 - 312, 500 * 960 - 311],
)
async def test_a_song_of_any_length_is_decoded_to_the_sample(encoder, tmp_path, samples):
    """Shorter than what is skipped, a tenth of a second, whole packets, pages and segments, and one sample more."""
    path = tmp_path / "short.wav"
    stage.music(path, rate=48000, seconds=(samples + 0.5) / 48000, channels=1)
    layout = Geometry(64_000, samples, 1)
    (tmp_path / "short.opus").write_bytes(await splice(encoder, source_of(path, "wav", 48000, 1), layout))
    for ffmpeg in (str(find_ffmpeg(None)), QUICK_FFMPEG):
        heard = decode(tmp_path / "short.opus", 1, ffmpeg=ffmpeg)
        assert len(heard) == samples
    if samples > 4000:
        assert snr_db(heard, decode(path, 1)) > 8


@pytest.mark.parametrize(("kind", "rate"), [("flac", 44100), ("flac", 22050), ("wav", 44056)])
async def test_what_the_resampler_makes_is_counted_beforehand(encoder, tunes, kind, rate):
    source = source_of(tunes(kind, rate, 2, 12.0), kind, rate)
    assert await encoder.count_samples(source) == samples_at_rate(12 * rate, rate)


@pytest.mark.parametrize("bitrate", [64_000, 128_000, 192_000])
async def test_silence_has_packets_of_the_same_size(encoder, tmp_path, bitrate):
    path = tmp_path / "silence.wav"
    stage.silence(path, seconds=11)
    layout = Geometry(bitrate, 11 * 48000)
    (tmp_path / "silence.opus").write_bytes(await splice(encoder, source_of(path, "wav", 48000), layout))
    assert np.abs(decode(tmp_path / "silence.opus", 2)).max() < 1e-4


async def test_a_length_longer_than_the_sound_is_filled_with_silence(encoder, tunes):
    source = source_of(tunes("flac", 48000, 2, 12.0), "flac", 48000)
    layout = Geometry(BITRATE, 35 * 48000)
    assert len(await splice(encoder, source, layout)) == layout.length


async def test_a_segment_is_the_same_bytes_each_time(encoder, tunes):
    source = source_of(tunes("flac"), "flac", 44100)
    layout = Geometry(BITRATE, 22 * 48000, 2, 0xABCDEF)
    first, second = [await encoder.encode(source, layout, 1) for _ in range(2)]
    assert first == second
    assert {page.serial for page in read_pages(first)} == {0xABCDEF}


async def test_the_bundled_ffmpeg_makes_the_same_layout(tunes, tmp_path):
    cache = SegmentCache(tmp_path / "other", 10**9, clock=Clock())
    encoder = SegmentEncoder(Ffmpeg(Path(QUICK_FFMPEG)), cache)
    source = source_of(tunes("mp3", 44100, 2, 12.0), "mp3", 44100)
    layout = Geometry(BITRATE, await encoder.count_samples(source))
    (tmp_path / "made.opus").write_bytes(await splice(encoder, source, layout))
    assert len(decode(tmp_path / "made.opus", 2)) == layout.samples == 12 * 48000
    await cache.stop()
