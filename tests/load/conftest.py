"""Made-up songs, made once."""

import subprocess

import pytest

from tests.sound_tool import QUICK_FFMPEG
from tests.stream.conftest import tunes

__all__ = ["tunes"]


@pytest.fixture(scope="session")
def long_tune(tmp_path_factory):
    """Ten minutes of AAC, of which silence is made quickly."""
    path = tmp_path_factory.mktemp("long") / "long.m4a"
    sound = ["-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo", "-t", "600", "-c:a", "aac", "-b:a", "32k"]
    subprocess.run([QUICK_FFMPEG, "-v", "error", "-y", *sound, str(path)], check=True)
    return path
