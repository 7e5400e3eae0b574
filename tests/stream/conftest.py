"""Music for the stream tests, made once a run."""

from pathlib import Path

import pytest

from tests.stream import stage


@pytest.fixture(scope="session")
def tunes(tmp_path_factory):
    """`tunes(kind, rate, channels)`: the path of 22 seconds of music as such a file (three segments)."""
    directory = tmp_path_factory.mktemp("tunes")

    def tune(kind: str, rate: int = 44100, channels: int = 2) -> Path:
        wav = directory / f"{rate}-{channels}.wav"
        if not wav.exists():
            stage.music(wav, rate=rate, seconds=22.0, channels=channels)
        return stage.encode(wav, kind)

    return tune
