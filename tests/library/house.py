"""Everything an import needs, and short questions about what it left in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from services.library.importer import Importer
from services.library.summary import Summary
from storage.collections.store import Store
from storage.records import Album, Artist, AudioFile, Song


@dataclass
class House:
    """Everything an import needs, and short questions about what it left."""

    store: Store
    importer: Importer
    music: Path
    data: Path
    events: list[str] = field(default_factory=list)

    async def run(self, **options: object) -> Summary:
        return await self.importer.run([self.music], **options)

    async def songs(self) -> list[Song]:
        return await self.store.songs.find({}, sort=[("_id", 1)], limit=1000)

    async def song(self, title: str) -> Song:
        found = await self.store.songs.find({"title": title}, limit=10)
        assert len(found) == 1, f"{len(found)} songs are called {title}"
        return found[0]

    async def albums(self) -> list[Album]:
        return await self.store.albums.find({}, sort=[("title", 1)], limit=1000)

    async def album(self, title: str) -> Album:
        found = await self.store.albums.find({"title": title}, limit=10)
        assert len(found) == 1, f"{len(found)} albums are called {title}"
        return found[0]

    async def artists(self) -> list[Artist]:
        return await self.store.artists.find({}, sort=[("name", 1)], limit=1000)

    async def artist(self, name: str) -> Artist:
        found = await self.store.artists.find({"name": name}, limit=10)
        assert len(found) == 1, f"{len(found)} artists are called {name}"
        return found[0]

    async def files(self) -> list[AudioFile]:
        return await self.store.audio_files.find({}, sort=[("path", 1)], limit=1000)

    async def file(self, path: Path) -> AudioFile:
        found = await self.store.audio_files.find({"path": str(path)}, limit=2)
        assert len(found) == 1
        return found[0]
