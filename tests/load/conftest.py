"""Made-up songs, made once."""

from tests.stream.conftest import tunes as tunes  # noqa: PLC0414 - a fixture to be found here

import subprocess

import pytest


@pytest.fixture(scope="session")
def long_tune(tmp_path_factory):
    """Ten minutes of AAC, of which silence is made quickly."""
    path = tmp_path_factory.mktemp("long") / "long.m4a"
    sound = ["-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo", "-t", "600", "-c:a", "aac", "-b:a", "32k"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *sound, str(path)], check=True)
    return path
