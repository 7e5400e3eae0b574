"""Music for the stream tests, made once a run."""

from pathlib import Path

import pytest

from tests.stream import stage


@pytest.fixture(scope="session")
def tunes(tmp_path_factory):
    """`tunes(kind, rate, channels, seconds)`: the path of music as such a file; 22 seconds are three segments."""
    directory = tmp_path_factory.mktemp("tunes")

    def tune(kind: str, rate: int = 44100, channels: int = 2, seconds: float = 22.0) -> Path:
        wav = directory / f"{rate}-{channels}-{seconds:g}.wav"
        if not wav.exists():
            stage.music(wav, rate=rate, seconds=seconds, channels=channels)
        return stage.encode(wav, kind)

    return tune
