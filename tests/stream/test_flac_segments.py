"""FLAC renditions of every lossless kind of source, decoded and compared with it: every sample is the same."""

import asyncio
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from services.audio.codecs.flac import Flac
from services.audio.codecs.geometry import BLANK
from services.audio.ffmpeg import Ffmpeg
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.clock import Clock
from tests.sound_tool import QUICK_FFMPEG


@dataclass(frozen=True)
class Kind:
    """One kind of source: its ending, ffmpeg's arguments for it, its codec and the depth an import reads."""

    ending: str
    arguments: tuple[str, ...]
    codec: str
    bits: int
    rate: int = 44100
    channels: int = 2
    seconds: float = 12.0


def pcm(ending, form, bits, **shape):
    return Kind(ending, ("-c:a", f"pcm_{form}"), "pcm", bits, **shape)


KINDS = [
    Kind("m4a", ("-c:a", "alac", "-sample_fmt", "s16p"), "alac", 16),
    Kind("m4a", ("-c:a", "alac", "-sample_fmt", "s32p"), "alac", 24, rate=96000),
    Kind("m4a", ("-c:a", "alac", "-sample_fmt", "s32p"), "alac", 24, rate=192000, seconds=5.0),
    Kind("m4a", ("-c:a", "alac", "-sample_fmt", "s16p"), "alac", 16, rate=48000, channels=1),
    Kind("m4a", ("-c:a", "alac", "-sample_fmt", "s16p"), "alac", 16, rate=48000, channels=6, seconds=8.0),
    Kind("flac", ("-c:a", "flac", "-sample_fmt", "s32"), "flac", 24, rate=48000),
    pcm("aiff", "s16be", 16),
    pcm("aiff", "s24be", 24, rate=48000, channels=1),
    pcm("aiff", "s32be", 32),
    pcm("wav", "u8", 8, rate=8000, channels=1, seconds=60.0),
    pcm("wav", "s16le", 16, rate=11025),
    pcm("wav", "s16le", 16, rate=22050, channels=1),
    pcm("wav", "s16le", 16, rate=44056),
    pcm("wav", "s24le", 24, rate=192000, seconds=5.0),
    pcm("wav", "s24le", 24, rate=96000, channels=6, seconds=3.0),
    pcm("wav", "s16le", 16, rate=48000, channels=8, seconds=6.0),
    pcm("wav", "s32le", 32, rate=48000, channels=1),
]


def decode(path):
    """All samples, 32 bits each, as they lie in the file; the bundled ffmpeg knows 32-bit FLAC."""
    command = [QUICK_FFMPEG, "-v", "error", "-i", str(path), "-c:a", "pcm_s32le", "-f", "s32le", "-"]
    done = subprocess.run(command, check=True, capture_output=True)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<i4")


def play(path, *seek):
    """What the product's ffmpeg hears of a file, from somewhere in it."""
    command = [QUICK_FFMPEG, "-v", "error", *seek, "-i", str(path), "-c:a", "pcm_s32le", "-f", "s32le", "-"]
    done = subprocess.run(command, check=True, capture_output=True)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<i4")


def source_of(path, kind):
    status = path.stat()
    return Source(str(path), "cd" * 16, kind.codec, kind.rate, kind.channels, status.st_size, status.st_mtime_ns)


@pytest.fixture
async def encoder(tmp_path):
    cache = SegmentCache(tmp_path / "cache", 10**9, clock=Clock())
    await cache.start()
    yield SegmentEncoder(Ffmpeg(Path(QUICK_FFMPEG)), cache)
    await cache.stop()


def make(directory, kind):
    """The file, of music that uses all of its bits."""
    count = int(kind.rate * kind.seconds) + 5
    chance = np.random.default_rng(count)
    t = np.arange(count)[:, None] / kind.rate
    sound = 0.5 * np.sin(2 * np.pi * t * 220 * np.arange(1, kind.channels + 1)) + 0.2 * chance.standard_normal(
        (count, kind.channels)
    )
    raw = (np.clip(sound, -1, 1) * (2**31 - 1)).astype("<i4").tobytes()
    path = directory / f"source.{kind.ending}"
    command = [QUICK_FFMPEG, "-v", "error", "-y", "-f", "s32le", "-ar", str(kind.rate)]
    command += ["-ac", str(kind.channels), "-i", "-", *kind.arguments, str(path)]
    subprocess.run(command, input=raw, check=True)
    return path, count


@pytest.mark.parametrize("kind", KINDS, ids=lambda each: f"{each.ending}-{each.bits}-{each.rate}-{each.channels}")
async def test_the_rendition_is_the_source_sample_for_sample(encoder, tmp_path, kind):
    path, count = make(tmp_path, kind)
    source = source_of(path, kind)
    layout = Flac(kind.rate, kind.channels, kind.bits).geometry(0, count, kind.channels, "")
    assert layout.segments > 1
    parts = await asyncio.gather(*(encoder.encode(source, layout, index) for index in range(layout.segments)))
    assert [len(part) for part in parts] == [len(layout.segment_bytes(index)) for index in range(layout.segments)]
    for index, part in enumerate(parts):
        layout.check(index, part)
    assert encoder.decoded == 0
    made = tmp_path / "made.flac"
    made.write_bytes(layout.head(BLANK) + b"".join(parts))
    heard, truth = decode(made), decode(path)
    assert len(truth) == count * kind.channels
    assert np.array_equal(heard, truth)
    if kind.bits <= 24:
        assert np.array_equal(play(made), truth)


@pytest.mark.skipif(shutil.which("flac") is None, reason="the reference decoder is not installed")
async def test_the_reference_decoder_finds_nothing_wrong(encoder, tmp_path):
    kind = pcm("wav", "s24le", 24, rate=96000, channels=2, seconds=9.0)
    path, count = make(tmp_path, kind)
    layout = Flac(kind.rate, 2, 24).geometry(0, count, 2, "")
    parts = [await encoder.encode(source_of(path, kind), layout, index) for index in range(layout.segments)]
    (tmp_path / "made.flac").write_bytes(layout.head(BLANK) + b"".join(parts))
    test = ["flac", "-t", "-s", str(tmp_path / "made.flac")]
    await asyncio.to_thread(subprocess.run, test, check=True, capture_output=True)


@pytest.mark.parametrize("seconds", [0.5, 5.0, 9.0])
async def test_players_that_jump_in_land_on_the_sample(encoder, tmp_path, seconds):
    """A decoder that looks for a frame in the middle must not take sound for a header: noise has every byte."""
    kind = pcm("wav", "s16le", 16, seconds=10.0)
    path, count = make(tmp_path, kind)
    layout = Flac(44100, 2, 16).geometry(0, count, 2, "")
    parts = [await encoder.encode(source_of(path, kind), layout, index) for index in range(layout.segments)]
    (tmp_path / "made.flac").write_bytes(layout.head(BLANK) + b"".join(parts))
    heard = play(tmp_path / "made.flac", "-ss", str(seconds))
    assert np.array_equal(heard, decode(path)[int(seconds * 44100) * 2 :])


async def test_a_source_shorter_than_recorded_ends_in_silence(encoder, tmp_path):
    kind = pcm("wav", "s16le", 16, rate=48000, seconds=3.0)
    path, count = make(tmp_path, kind)
    layout = Flac(48000, 2, 16).geometry(0, count + 48000 * 20, 2, "")
    parts = [await encoder.encode(source_of(path, kind), layout, index) for index in range(layout.segments)]
    (tmp_path / "made.flac").write_bytes(layout.head(BLANK) + b"".join(parts))
    heard = decode(tmp_path / "made.flac").reshape(-1, 2)
    assert len(heard) == layout.samples
    assert np.array_equal(heard[:count].ravel(), decode(path))
    assert not heard[count:].any()


async def test_a_file_of_unknown_shape_is_decoded_once_at_the_recorded_rate(encoder, tmp_path):
    """What changed since its import: nothing recorded is trusted but the shape the answer was promised in."""
    kind = pcm("wav", "s16le", 16, rate=44100)
    path, count = make(tmp_path, kind)
    status = path.stat()
    source = Source(str(path), "ef" * 16, "", 44100, 2, status.st_size, status.st_mtime_ns)
    assert await encoder.count_samples(source, 44100) == count
    layout = Flac(44100, 2, 16).geometry(0, count, 2, "")
    parts = [await encoder.encode(source, layout, index) for index in range(layout.segments)]
    assert encoder.decoded == 1
    (tmp_path / "made.flac").write_bytes(layout.head(BLANK) + b"".join(parts))
    assert np.array_equal(decode(tmp_path / "made.flac"), decode(path))
