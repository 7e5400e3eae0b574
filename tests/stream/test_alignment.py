"""Spliced renditions of every kind of source against the source and against one whole encode, at every splice.

Two things are proven of each: what is heard around a splice lies at the very sample where the source has it, and it is
as near to the source as one uninterrupted encode, to half a decibel.
"""

import asyncio
import subprocess
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from services.audio.codecs import mp3, opus
from services.audio.codecs.geometry import BLANK
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.clock import Clock
from tests.stream.stage import ENCODINGS

SECONDS = 12.0
KEY = "ab" * 16
RATES = {"opus": (48000,), "mp3": (44100, 48000), "cbr.mp3": (44100, 48000)}
"""Sample rates of kinds that have not all of them."""
CASES = [
    (kind, rate, channels)
    for kind in ("flac", "wav", "alac.m4a", "mp3", "cbr.mp3", "ogg", "m4a", "aac", "opus")
    for rate in RATES.get(kind, (44100, 48000, 96000))
    for channels in (1, 2)
]


@dataclass(frozen=True)
class Form:
    """One rendition: its layout, how long a step of its encoder is, and how it is encoded in one go."""

    ending: str
    codec: mp3.Mp3 | opus.Opus
    bitrate: int
    step: int
    segment_steps: int
    whole: tuple[str, ...]


FORMS = (
    Form(
        *("mp3", mp3.Mp3(), 160_000, mp3.FRAME_SAMPLES, mp3.SEGMENT_FRAMES),
        ("-c:a", "libmp3lame", "-b:a", "160000", "-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0"),
    ),
    Form(
        *("opus", opus.Opus(), 128_000, opus.PACKET_SAMPLES, opus.SEGMENT_PACKETS),
        ("-c:a", "libopus", "-b:a", "128000", "-vbr", "off", "-frame_duration", "20", "-application", "audio"),
    ),
)


def run(*arguments):
    command = [str(find_ffmpeg(None)), "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def decode(path, channels):
    """Samples at 48 kHz."""
    raw = run("-i", path, "-map", "0:a:0", "-f", "f32le", "-ac", channels, "-ar", "48000", "-")
    return np.frombuffer(raw, "<f4").reshape(-1, channels).astype(np.float64)


def encode_whole(path, channels, directory):
    """All forms, each in one go, from one decoding."""
    targets = {form: directory / f"whole.{form.ending}" for form in FORMS}
    outputs = []
    for form, target in targets.items():
        outputs += ["-map", "0:a:0", "-af", "aresample=48000", "-ac", channels, *form.whole, target]
    run("-i", path, *outputs)
    return targets


def snr_db(heard, truth):
    return 10 * np.log10((truth**2).sum() / ((heard - truth) ** 2).sum())


def lag(heard, truth, most=400):
    """By how many samples `heard` comes later than `truth`, up to `most` either way."""
    size = 2 * len(truth)
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(truth, size))
    likeness = np.fft.irfft(product, size)
    return int(np.argmax(np.concatenate((likeness[-most:], likeness[: most + 1])))) - most


@cache
def truth_of(path, channels):
    return decode(path, channels)


def aligned(heard, layout):
    """Without the encoder's delay, where the decoder was not told of it."""
    surplus = len(heard) - layout.samples
    return heard[mp3.ENCODER_DELAY :] if surplus >= mp3.ENCODER_DELAY else heard


@pytest.mark.parametrize(("kind", "rate", "channels"), CASES)
async def test_every_splice_lies_on_the_sample_and_loses_nothing(tunes, tmp_path, kind, rate, channels):
    path = tunes(kind, rate, channels, SECONDS)
    status, codec = path.stat(), ENCODINGS[kind][0]
    source = Source(str(path), KEY, codec, rate, channels, status.st_size, status.st_mtime_ns)
    cache = SegmentCache(tmp_path / "cache", 10**9, clock=Clock())
    await cache.start()
    encoder = SegmentEncoder(Ffmpeg(find_ffmpeg(None)), cache)
    truth, wholes = truth_of(path, channels), encode_whole(path, channels, tmp_path)
    assert await encoder.count_samples(source) == len(truth)
    for form in FORMS:
        layout = form.codec.geometry(form.bitrate, len(truth), channels, KEY)
        parts = await asyncio.gather(*(encoder.encode(source, layout, index) for index in range(layout.segments)))
        spliced = tmp_path / f"spliced.{form.ending}"
        spliced.write_bytes(layout.head(BLANK) + b"".join(parts))
        heard = aligned(decode(spliced, channels), layout)
        plain = aligned(decode(wholes[form], channels), layout)
        assert len(heard) >= len(truth)
        assert layout.segments > 1
        for joint in range(1, layout.segments):
            middle = joint * form.segment_steps * form.step - (
                mp3.ENCODER_DELAY if form.ending == "mp3" else opus.PRE_SKIP
            )
            near = slice(middle - 4 * form.step, middle + 12 * form.step)
            assert lag(heard[near, 0], truth[near, 0]) == 0
            assert snr_db(heard[near], truth[near]) > snr_db(plain[near], truth[near]) - 0.5
            assert snr_db(heard[near], truth[near]) > 8
    # A source that cannot be entered at an exact sample is decoded once, for both forms.
    assert encoder.decoded == (0 if source.seekable else 1)
    await cache.stop()
