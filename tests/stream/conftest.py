"""Music for the stream tests, made once a run."""

from pathlib import Path

import pytest

from tests.sound_tool import made_once, shared_folder
from tests.stream import stage


@pytest.fixture(scope="session")
def tunes(tmp_path_factory):
    """`tunes(kind, rate, channels, seconds)`: the path of music as such a file; 22 seconds are three segments."""
    directory = shared_folder(tmp_path_factory, "tunes")

    def tune(kind: str, rate: int = 44100, channels: int = 2, seconds: float = 22.0) -> Path:
        wav = made_once(
            directory / f"{rate}-{channels}-{seconds:g}.wav",
            lambda unfinished: stage.music(unfinished, rate=rate, seconds=seconds, channels=channels),
        )
        return stage.encode(wav, kind)

    return tune
