"""One recording cut in two anywhere, each half a song of its own: played in a row it is the recording again."""

import asyncio
import contextlib
import os
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from services.audio.codecs.geometry import Label, samples_at_rate
from services.audio.codecs.mp3 import Geometry as Mp3Geometry
from services.audio.codecs.of_profile import CODECS
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.audio.formats.mpeg import read_mp3
from services.viewer import Viewer
from tests.sound_tool import QUICK_FFMPEG
from tests.stream.stage import describe, encode, stage

ADA = Viewer(user_id="ada", session_id="s1")


def decode(path, *, ffmpeg=None, skipping=True):
    """Samples at 48 kHz in two channels; without `skipping` whatever the decoder gives, delay and padding too."""
    command = [ffmpeg or QUICK_FFMPEG, "-v", "error"]
    command += [] if skipping else ["-flags2", "+skip_manual"]
    command += ["-i", str(path), "-map", "0:a:0", "-f", "f32le", "-ac", "2", "-ar", "48000", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, 2).astype(np.float64)


def halves(whole: Path, cut: int, folder: Path) -> list[Path]:
    """The first `cut` samples of a WAV, and the rest."""
    with wave.open(str(whole)) as file:
        shape, frames = file.getparams(), file.readframes(file.getnframes())
    made = []
    at = cut * shape.sampwidth * shape.nchannels
    for name, part in (("one", frames[:at]), ("two", frames[at:])):
        made.append(folder / f"{name}.wav")
        with wave.open(str(made[-1]), "wb") as file:
            file.setparams(shape._replace(nframes=0))
            file.writeframes(part)
    return made


async def rendition(running, song_id, form, quality):
    sound = await running.deliveries.open(ADA, song_id, quality, wished=form)
    if sound.file is not None:
        data = os.pread(sound.file.fd, sound.target.length, 0)
    else:
        async with contextlib.aclosing(sound.read(0, sound.target.length)) as chunks:
            data = b"".join([chunk async for chunk in chunks])
    sound.close()
    assert len(data) == sound.target.length
    return data


def lag(heard, truth, reach=64):
    """By how many samples `heard` comes later than `truth`, found by correlation within `reach`."""
    inner = heard[reach:-reach, 0]
    scores = [float(inner @ truth[reach + shift : len(truth) - reach + shift, 0]) for shift in range(-reach, reach + 1)]
    return -(int(np.argmax(scores)) - reach)


@pytest.mark.parametrize(
    ("form", "quality", "kind", "rate", "cut", "encoder"),
    [
        pytest.param("mp3", "low", "flac", 48000, 11 * 48000 + 337, None, marks=pytest.mark.long),
        pytest.param("mp3", "high", "flac", 48000, 5 * 48000 + 1, None, marks=pytest.mark.long),
        ("mp3", "normal", "wav", 48000, 9 * 48000 + 24007, QUICK_FFMPEG),
        ("mp3", "high", "flac", 44100, 147 * 1501, None),
        ("opus", "low", "flac", 48000, 11 * 48000 + 337, None),
        pytest.param("opus", "high", "wav", 48000, 10 * 48000 - 311, QUICK_FFMPEG, marks=pytest.mark.long),
        ("opus", "normal", "flac", 44100, 147 * 1501, None),
    ],
)
async def test_two_halves_played_in_a_row_are_the_recording(tmp_path, tunes, form, quality, kind, rate, cut, encoder):
    """At 44.1 kHz only every 147th sample is one at 48 kHz; cut elsewhere, the first half is rounded up to the next."""
    whole = tunes("wav", rate, 2, 14.0)
    truth = decode(whole)
    counts = [cut, 14 * rate - cut]
    lengths = [samples_at_rate(count, rate) for count in counts]
    assert sum(lengths) == len(truth) == 14 * 48000
    trimmed, read = [], []
    async with stage(tmp_path, ffmpeg=encoder or find_ffmpeg(None)) as running:
        for number, half in enumerate(halves(whole, cut, tmp_path)):
            path = encode(half, kind)
            running.songs[half.stem] = describe(path, kind=kind, rate=rate, samples=counts[number])
            made = tmp_path / f"{half.stem}.{form}"
            made.write_bytes(await rendition(running, half.stem, form, quality))
            sound = await running.deliveries.open(ADA, half.stem, quality, wished=form)
            told = sound.gapless
            sound.close()
            read.append([decode(made, ffmpeg=str(find_ffmpeg(None))), decode(made)])
            raw = decode(made, skipping=False)
            assert len(raw) == told.delay + told.samples + told.padding
            trimmed.append(raw[told.delay : told.delay + told.samples])
    ways = [trimmed, [ours for ours, _ in read], [theirs for _, theirs in read]]
    for first, second in ways:
        assert [len(first), len(second)] == lengths, "not a sample inserted or lost"
        joint = lengths[0]
        around = slice(joint - 4800, joint + 4800)
        joined = np.concatenate([first, second])[around]
        assert lag(joined, truth[around]) == 0
        for side in (slice(joint - 2400, joint), slice(joint, joint + 2400)):
            # Each side of the joint by itself, so that one that is early does not hide one that is late.
            assert lag(np.concatenate([first, second])[side], truth[side]) == 0
        noise = joined - truth[around]
        assert 10 * np.log10((truth[around] ** 2).sum() / (noise**2).sum()) > 9


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 47, 48, 1152, 48_000, 47 + 400 * 1152, 22 * 48_000])
def test_the_info_frame_tells_what_the_arithmetic_says(samples, channels, tmp_path):
    for bitrate in (96_000, 160_000, 320_000):
        layout = Mp3Geometry(bitrate, samples, channels)
        head = layout.head(Label("LAME3.100"))
        assert len(head) == layout.frame_bytes == layout.head_bytes
        at = 4 + (17 if channels == 1 else 32)
        assert head[at : at + 8] == b"Info\0\0\0\x0f"
        assert int.from_bytes(head[at + 8 : at + 12]) == layout.frames
        assert int.from_bytes(head[at + 12 : at + 16]) == layout.length
        places = head[at + 16 : at + 116]
        assert list(places) == sorted(places)
        tag = at + 120
        assert head[tag : tag + 9] == b"LAME3.100"
        trimmed = int.from_bytes(head[tag + 21 : tag + 24])
        # The tag leaves out the 529 samples of the decoder; every reader adds them.
        assert (trimmed >> 12) + 529 == layout.gapless.delay
        assert (trimmed & 0xFFF) - 529 == layout.gapless.padding
        assert int.from_bytes(head[tag + 28 : tag + 32]) == layout.length
        assert int.from_bytes(head[tag + 34 : tag + 36]) == crc16(head[: tag + 34])
        assert not any(head[tag + 36 :])


def crc16(data):
    """CRC-16 with polynomial 0x8005 reflected, one bit at a time."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def test_an_encoder_whose_name_is_unknown_is_not_invented():
    layout = Mp3Geometry(96_000, 48_000)
    assert layout.head(Label())[156:165] == b"LAME\0\0\0\0\0"
    assert layout.head(Label("Lavc59.37"))[156:165] == b"LAME\0\0\0\0\0"


async def test_the_importer_reads_back_what_a_rendition_says_of_itself(tmp_path, tunes):
    """A rendition that is saved and imported again is as long as the song it was made from."""
    async with stage(tmp_path) as running:
        running.songs["x"] = describe(tunes("flac", 48000, 2, 12.0), kind="flac", rate=48000, samples=12 * 48000)
        made = tmp_path / "x.mp3"
        made.write_bytes(await rendition(running, "x", "mp3", "low"))
    with made.open("rb") as file:
        facts = read_mp3(file, made.stat().st_size)
    assert (facts.samples, facts.sample_rate, facts.bitrate) == (12 * 48000, 48000, 96_000)


@pytest.fixture
async def opus(tmp_path, tunes):
    """A stage with a song whose gains the tests turn."""
    async with stage(tmp_path) as running:
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
        running.gains = (-573, 256)

        async def gains(song):
            assert song.id == "x"
            return running.gains

        running.deliveries.gains = gains
        yield running


async def settled(running):
    joins = running.deliveries._renditions._joins
    while joins:
        await asyncio.gather(*joins.values())


async def test_other_gains_are_another_tag_and_the_same_sound(opus):
    before = await opus.deliveries.open(ADA, "x", "low", wished="opus")
    first = await rendition(opus, "x", "opus", "low")
    assert b"R128_TRACK_GAIN=-573" in first
    assert b"R128_ALBUM_GAIN=256" in first
    await settled(opus)
    opus.gains = (-574, None)
    after = await opus.deliveries.open(ADA, "x", "low", wished="opus")
    assert after.target.etag != before.target.etag
    assert after.target.length == before.target.length
    second = await rendition(opus, "x", "opus", "low")
    assert b"R128_TRACK_GAIN=-574" in second[:203]
    assert b"R128_ALBUM_GAIN" not in second
    assert second[203:] == first[203:]
    assert opus.deliveries.encoder.encoded == 3, "the segments that were there served the new head too"
    await settled(opus)
    third = await opus.deliveries.open(ADA, "x", "low", wished="opus")
    assert third.file is not None
    assert third.target == after.target
    assert os.pread(third.file.fd, third.target.length, 0) == second
    assert list(opus.cache.names(after._rendition.key)) == [after._rendition.whole]
    third.close()


async def test_gains_do_not_reach_mp3(opus):
    before = await opus.deliveries.open(ADA, "x", "low", wished="mp3")
    opus.gains = (1, 2)
    assert (await opus.deliveries.open(ADA, "x", "low", wished="mp3")).target == before.target


async def test_an_encoder_is_known_by_what_it_makes(tmp_path):
    if str(find_ffmpeg(None)) == str(QUICK_FFMPEG):
        pytest.skip("there is one ffmpeg on this machine")
    async with stage(tmp_path) as running, stage(tmp_path / "other") as other:
        running.deliveries.voices._ffmpeg = Ffmpeg(find_ffmpeg(None))
        other.deliveries.voices._ffmpeg = Ffmpeg(Path(QUICK_FFMPEG))
        for name in ("mp3", "opus"):
            ours = await running.deliveries.voices.of(name, CODECS[name])
            assert ours == await running.deliveries.voices.of(name, CODECS[name])
            theirs = await other.deliveries.voices.of(name, CODECS[name])
            assert ours.digest != theirs.digest, "these two ffmpegs come with different encoders"
        assert (await running.deliveries.voices.of("mp3", CODECS["mp3"])).name.startswith("LAME")
