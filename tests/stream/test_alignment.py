"""Spliced renditions of every kind of source against the source and against one whole encode, at every splice.

Two things are proven of each: what is heard around a splice lies at the very sample where the source has it, and it is
as near to the source as one uninterrupted encode, to half a decibel.
"""

import asyncio
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from services.audio.codecs import mp3, opus
from services.audio.codecs.geometry import BLANK
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.clock import Clock
from tests.sound_tool import QUICK_FFMPEG
from tests.stream.stage import ENCODINGS


@dataclass(frozen=True)
class Form:
    """One rendition: its layout, how long a step of its encoder is, and how it is encoded in one go."""

    ending: str
    codec: mp3.Mp3 | opus.Opus
    bitrate: int
    step: int
    segment_steps: int
    whole: tuple[str, ...]

    def __str__(self):
        return self.ending


FORMS = (
    Form(
        *("mp3", mp3.Mp3(), 160_000, mp3.FRAME_SAMPLES, mp3.SEGMENT_FRAMES),
        ("-c:a", "libmp3lame", "-b:a", "160000", "-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0"),
    ),
    Form(
        *("opus", opus.Opus(), 128_000, opus.PACKET_SAMPLES, opus.SEGMENT_PACKETS),
        ("-c:a", "libopus", "-b:a", "128000", "-vbr", "off", "-packet_loss", "3"),
    ),
)


SECONDS = 10.6
"""One splice, and half a second behind it."""
KEY = "ab" * 16
RESAMPLED = "aresample=48000:rematrix_maxval=1"
KINDS = ("flac", "wav", "alac.m4a", "mp3", "cbr.mp3", "ogg", "m4a", "aac", "opus")
RATES = {"opus": (48000,), "mp3": (44100, 48000), "cbr.mp3": (44100, 48000)}
"""Sample rates of kinds that have not all of them."""
USUAL = [
    (FORMS[(kind + rate) % 2], KINDS[kind], each, 1 + (kind // 2 + rate) % 2)
    for kind in range(len(KINDS))
    for rate, each in enumerate(RATES.get(KINDS[kind], (44100, 48000, 96000)))
]
"""Every kind at every rate; forms and channels take turns, so that each kind meets both, and each rate all four."""
ODD = [
    *(
        (FORMS[0], "wav", 8000, 1),
        (FORMS[1], "mp3", 22050, 1),
        (FORMS[0], "aac", 11025, 2),
        (FORMS[1], "wav", 44056, 2),
    ),
    *((FORMS[1], "flac", 192000, 2), (FORMS[0], "flac", 48000, 6), (FORMS[1], "m4a", 48000, 6)),
]
"""Telephone rates, an uneven one, a very high one, and six channels, which are mixed down to two."""
PROGRAMS = (find_ffmpeg(None), Path(QUICK_FFMPEG))
CASES = [
    *((*case, PROGRAMS[at % 3 % 2]) for at, case in enumerate(USUAL)),
    *((*case, PROGRAMS[at % 2]) for at, case in enumerate(ODD)),
]
"""Two of three are made by the ffmpeg that the product takes first, and one by that installed beside it."""


def run(*arguments, ffmpeg=QUICK_FFMPEG):
    command = [str(ffmpeg), "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def decode(path, channels):
    """Samples at 48 kHz."""
    raw = run("-i", path, "-map", "0:a:0", "-af", RESAMPLED, "-f", "f32le", "-ac", channels, "-")
    return np.frombuffer(raw, "<f4").reshape(-1, channels).astype(np.float64)


def encode_whole(path, form, channels, directory, program):
    """The rendition in one go, the encoder's delay taken off."""
    target = directory / f"whole.{form.ending}"
    run("-i", path, "-map", "0:a:0", "-af", RESAMPLED, "-ac", channels, *form.whole, target, ffmpeg=program)
    heard = decode(target, channels)
    return heard[mp3.ENCODER_DELAY :] if form.ending == "mp3" else heard


def snr_db(heard, truth):
    return 10 * np.log10((truth**2).sum() / ((heard - truth) ** 2).sum())


def lag(heard, truth, most=400):
    """By how many samples `heard` comes later than `truth`, up to `most` either way."""
    size = 2 * len(truth)
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(truth, size))
    likeness = np.fft.irfft(product, size)
    return int(np.argmax(np.concatenate((likeness[-most:], likeness[: most + 1])))) - most


@pytest.mark.parametrize(
    ("form", "kind", "rate", "channels", "program"),
    [case if at % 3 == 0 else pytest.param(*case, marks=pytest.mark.long) for at, case in enumerate(CASES)],
    ids=lambda each: each.name if isinstance(each, Path) else str(each),
)
async def test_every_splice_lies_on_the_sample_and_loses_nothing(tunes, tmp_path, form, kind, rate, channels, program):
    path = tunes(kind, rate, channels, SECONDS)
    status, codec = path.stat(), ENCODINGS[kind][0]
    source = Source(str(path), KEY, codec, rate, channels, status.st_size, status.st_mtime_ns)
    cache = SegmentCache(tmp_path / "cache", 10**9, clock=Clock())
    await cache.start()
    encoder = SegmentEncoder(Ffmpeg(program), cache)
    made = min(channels, 2)
    truth, plain = decode(path, made), encode_whole(path, form, made, tmp_path, program)
    layout = form.codec.geometry(form.bitrate, len(truth), channels, KEY)
    parts = await asyncio.gather(*(encoder.encode(source, layout, index) for index in range(layout.segments)))
    spliced = tmp_path / f"spliced.{form.ending}"
    spliced.write_bytes(layout.head(BLANK) + b"".join(parts))
    heard = decode(spliced, made)
    assert len(heard) == len(truth)
    # A source that cannot be entered at an exact sample is decoded once.
    assert encoder.decoded == (0 if source.seekable else 1)
    assert layout.segments == 2
    middle = form.segment_steps * form.step - layout.gapless.delay
    near = slice(middle - 4 * form.step, middle + 12 * form.step)
    assert [lag(heard[near, channel], truth[near, channel]) for channel in range(made)] == [0] * made
    assert snr_db(heard[near], truth[near]) > snr_db(plain[near], truth[near]) - 0.5
    assert snr_db(heard[near], truth[near]) > 8
    await cache.stop()
