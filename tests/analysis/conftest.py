"""A household over a folder of real music, as a command opens it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from server.composition import Household, open_household
from server.sections.storage import StorageSettings
from server.settings import AnalysisSettings, AudioSettings, LibrarySettings, Settings
from services.audio.ffmpeg import Ffmpeg
from tests.analysis.signals import music, sine, write_wav
from tests.sound_tool import QUICK_FFMPEG

FFMPEG = Ffmpeg(Path(QUICK_FFMPEG))


@dataclass
class Shelf:
    """A music folder and the settings of a household that imports it."""

    music: Path
    settings: Settings

    def put(self, name: str, sound, rate: int = 44100, *, kind: str = "flac", **tags: str) -> Path:
        """A file with these tags; album, artist and title have usual values."""
        wav = write_wav(self.music.parent / "source.wav", sound, rate)
        told = {"title": name, "artist": "The Tones", "album": "Steady", **tags}
        words = [part for key, value in told.items() for part in ("-metadata", f"{key}={value}")]
        path = self.music / f"{name}.{kind}"
        FFMPEG.run(["-i", str(wav), *words, str(path)], timeout_s=30)
        return path

    def spoil(self, path: Path) -> None:
        """Noise in place of the sound of an M4A whose boxes stay as they are: an import finds nothing wrong."""
        data = bytearray(path.read_bytes())
        start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
        data[start:end] = np.random.default_rng(1).integers(0, 255, end - start).astype(np.uint8).tobytes()
        path.write_bytes(data)

    @asynccontextmanager
    async def household(self) -> AsyncIterator[Household]:
        """The household, its library imported."""
        async with open_household(self.settings) as household:
            await household.importer.run([self.music])
            yield household


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    folder = tmp_path / "music"
    folder.mkdir()
    settings = Settings(
        storage=StorageSettings(data_dir=tmp_path / "data"),
        library=LibrarySettings(demo=False),
        analysis=AnalysisSettings(workers=1),
        audio=AudioSettings(ffmpeg=QUICK_FFMPEG),
    )
    return Shelf(folder, settings)


@pytest.fixture
def two_songs(shelf) -> Shelf:
    """A tone at -23 LUFS with silence around it, and music."""
    tone = np.pad(sine(1000, -23, 8, 44100), 44100)
    shelf.put("Tone", np.stack([tone, tone]))
    shelf.put("Music", music(12), BPM="97", track="2")
    return shelf
