"""A file through decoding and all measures: every kind of source, and what cannot be measured."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from services.analysis import decoding, measuring
from services.analysis.decoding import Sound
from services.analysis.measuring import MONO_RATE, measure
from services.analysis.worker import Refusal, Task, answer
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed
from tests.analysis.signals import measured, music, sine, write_wav
from tests.sound_tool import QUICK_FFMPEG

FFMPEG = Ffmpeg(Path(QUICK_FFMPEG))
KINDS = {
    "flac": [],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "320k"],
    "m4a": ["-c:a", "aac", "-b:a", "256k"],
    "ogg": ["-c:a", "libvorbis", "-q:a", "8"],
    "opus": ["-c:a", "libopus", "-b:a", "256k"],
    "aiff": [],
}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("original")
    return write_wav(folder / "original.wav", music(12), 44100)


@pytest.fixture(scope="module")
def known(original):
    with original.open("rb") as file:
        file.seek(44)
        samples = np.frombuffer(file.read(), dtype="<i2").reshape(-1, 2).T / 32768
    return measured(samples, 44100)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_measures_as_its_original(original, known, kind):
    path = original.with_suffix(f".{kind}")
    FFMPEG.run(["-i", str(original), *KINDS[kind], str(path)], timeout_s=60)
    rate = 48000 if kind == "opus" else 44100
    found = measure(FFMPEG, Sound(str(path), rate, 2), timeout_s=60)
    assert found.loudness_lufs == pytest.approx(known.loudness_lufs, abs=0.2)
    assert found.loudness_range_lu == pytest.approx(known.loudness_range_lu, abs=0.3)
    assert found.duration_ms == pytest.approx(12_000, abs=80)
    if kind in ("flac", "aiff"):
        assert found == known


def test_more_than_two_channels_weigh_as_they_lie(tmp_path):
    tone = sine(1000, -20, 5)
    quiet = tone * 0
    path = write_wav(tmp_path / "surround.wav", np.stack([quiet, quiet, tone, quiet, quiet, quiet]))
    found = measure(FFMPEG, Sound(str(path), 48000, 6), timeout_s=60)
    assert found.loudness_lufs == pytest.approx(-23.0, abs=0.1)
    only_bass = write_wav(tmp_path / "bass.wav", np.stack([quiet, quiet, quiet, tone, quiet, quiet]))
    assert measure(FFMPEG, Sound(str(only_bass), 48000, 6), timeout_s=60).loudness_lufs is None


@pytest.mark.parametrize("rate", [11025, 37800, 0])
def test_an_unusual_rate_is_measured_at_48_khz(tmp_path, rate):
    path = write_wav(tmp_path / "odd.wav", sine(1000, -23, 5, rate or 44100), rate or 44100)
    found = measure(FFMPEG, Sound(str(path), rate, 1), timeout_s=60)
    assert found.loudness_lufs == pytest.approx(-26.0, abs=0.1)
    assert found.duration_ms == pytest.approx(5000, abs=5)


def test_what_is_no_sound_is_refused_in_words_without_the_path(tmp_path):
    garbage = tmp_path / "garbage.flac"
    garbage.write_bytes(b"fLaC" + os.urandom(5000))
    playlist = tmp_path / "list.mp3"
    playlist.write_text("#EXTM3U\nhttp://127.0.0.1:1/a.mp3\n")
    for path in (garbage, playlist, tmp_path / "absent.mp3"):
        refused = answer(FFMPEG, Task(Sound(str(path), 44100, 2), 10))
        assert isinstance(refused, Refusal)
        assert refused.reason.startswith("It cannot be decoded (")
        assert str(tmp_path) not in refused.reason
        assert refused.bug is None


def test_a_truncated_file_is_measured_as_far_as_it_goes(original):
    path = original.with_name("cut.flac")
    FFMPEG.run(["-i", str(original), str(path)], timeout_s=60)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = measure(FFMPEG, Sound(str(path), 44100, 2), timeout_s=60)
    assert 3000 < found.duration_ms < 9000


def test_a_sound_without_samples_is_refused(tmp_path):
    path = write_wav(tmp_path / "empty.wav", np.zeros((2, 0)), 44100)
    refused = answer(FFMPEG, Task(Sound(str(path), 44100, 2), 10))
    assert isinstance(refused, Refusal)


def test_what_is_longer_than_the_bound_is_refused(original, monkeypatch):
    monkeypatch.setattr(decoding, "LONGEST_SECONDS", 5)
    refused = answer(FFMPEG, Task(Sound(str(original), 44100, 2), 10))
    assert refused.reason == "It is longer than 12 hours."
    assert not _decoders()


def test_no_more_mono_sound_is_held_than_the_bound(monkeypatch):
    heard = []
    monkeypatch.setattr(measuring, "MUSIC_SECONDS", 2)
    monkeypatch.setattr(measuring, "hear", lambda mono, heard_part: heard.append((len(mono), heard_part)))
    measured(sine(1000, -20, 8))
    assert heard == [(2 * MONO_RATE, 0.25)]
    measured(sine(1000, -20, 1.5))
    assert heard[1] == (int(1.5 * MONO_RATE), 1.0)


def test_infinities_do_not_spread(tmp_path):
    samples = np.stack([sine(1000, -20, 3)] * 2).astype("<f4")
    samples[:, 1000] = np.inf
    samples[:, 2000] = np.nan
    raw = tmp_path / "raw.f32"
    raw.write_bytes(samples.T.tobytes())
    path = tmp_path / "float.wav"
    FFMPEG.run(["-f", "f32le", "-ar", "48000", "-ac", "2", "-i", str(raw), "-c:a", "pcm_f32le", str(path)], timeout_s=9)
    found = measure(FFMPEG, Sound(str(path), 48000, 2), timeout_s=60)
    assert found.loudness_lufs is not None
    assert np.isfinite(found.loudness_lufs)
    assert np.isfinite(found.true_peak_dbtp)


def test_a_pipe_left_early_leaves_no_process(original):
    with FFMPEG.pipe(["-i", str(original), "-f", "f32le", "pipe:1"], timeout_s=30) as stream:
        assert len(stream.read(100)) == 100
    assert not _decoders()
    with pytest.raises(RuntimeError), FFMPEG.pipe(["-i", str(original), "-f", "f32le", "pipe:1"], timeout_s=30):
        raise RuntimeError
    assert not _decoders()


def test_a_pipe_that_takes_too_long_is_ended(original):
    endless = ["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "s16le", "pipe:1"]
    with pytest.raises(FfmpegFailed, match="did not end within"), FFMPEG.pipe(endless, timeout_s=0.3) as stream:
        while stream.read(1 << 16):
            pass
    assert not _decoders()


def _decoders():
    found = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "comm="], capture_output=True, text=True).stdout
    return [line for line in found.split() if line.startswith("ffmpeg")]
