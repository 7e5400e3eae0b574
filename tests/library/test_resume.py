"""An import killed at any write and run again leaves what an uninterrupted one leaves."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from services.clock import Clock
from services.events import Bus
from services.library.importer import Importer
from storage.collections.store import Store
from storage.files import Folder, LocalFiles
from storage.indexes import ensure_indexes
from storage.sqlite import SqliteEngine
from tests.library.house import House
from tests.library.sounds import Sounds
from tests.warm_python import warm_python

CHILD = Path(__file__).with_name("killed_import.py")


async def picture(store: Store) -> dict[str, Any]:
    """The catalogue without ids and times, everything followed to names."""
    songs = await store.songs.find({}, limit=1000)
    albums = {album.id: album for album in await store.albums.find({}, limit=1000)}
    artists = {artist.id: artist for artist in await store.artists.find({}, limit=1000)}
    genres = {genre.id: genre.name for genre in await store.genres.find({}, limit=1000)}
    files = {file.id: file for file in await store.audio_files.find({}, limit=1000)}
    known = {song.id for song in songs}
    return {
        "songs": sorted(
            (song.title, song.artist_credit, song.slug, albums[song.album_id].title, song.track_number or 0,
             Path(files[song.file_id].path).name, artists[song.artist_id].name, song.is_hidden,
             [genres[id] for id in song.genre_ids])
            for song in songs
        ),
        "albums": sorted(
            (album.title, album.slug, album.total_tracks, album.total_duration_ms, album.is_hidden,
             artists[album.artist_id].name, [genres[id] for id in album.genre_ids])
            for album in albums.values()
        ),
        "artists": sorted(
            (artist.name, artist.slug, artist.song_count, artist.album_count, artist.is_hidden)
            for artist in artists.values()
        ),
        "genres": sorted(genres.values()),
        "files": sorted((Path(file.path).name, file.state, file.song_id in known) for file in files.values()),
    }  # fmt: skip


def fill(music: Path, sounds: Sounds) -> None:
    for album in range(4):
        for track in range(1, 6):
            sounds.put(music / f"Album {album}" / f"0{track}.mp3", 300 + track, title=f"T{track} of {album}",
                       artist="Ann" if album < 2 else f"Bob {album} feat. Ann", album=f"Album {album}",
                       albumartist="Ann" if album < 2 else f"Bob {album}", tracknumber=str(track), genre="Rock",
                       comment=str(album))  # fmt: skip
            # Tones repeat from album to album: the same sound on four albums is four songs.


@pytest.mark.parametrize(
    ("method", "calls"),
    [("insert_all", 6), ("insert_all", 8), ("keep_files", 4), ("keep_files", 8), ("change_all", 5),
     ("songs_on_albums", 3)],
)  # fmt: skip
async def test_a_killed_import_goes_on_where_it_was(
    house: House, sounds: Sounds, tmp_path: Path, method: str, calls: int
) -> None:
    fill(house.music, sounds)
    await house.run()
    expected = await picture(house.store)
    assert len(expected["songs"]) == 20
    data = tmp_path / "killed"
    child = await asyncio.to_thread(
        warm_python().run, CHILD, str(house.music), str(data), method, str(calls), env=os.environ
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    engine = SqliteEngine(data / "tutti.db")
    await engine.start()
    try:
        await ensure_indexes(engine)
        store = Store(engine)
        half = await store.songs.find({}, limit=1000)
        importer = Importer(store, LocalFiles(data), Folder(data), None, Clock(), Bus(), workers=2)
        summary = await importer.run([house.music])
        assert summary.was_interrupted_before is True
        assert await picture(store) == expected
        songs = {song.id for song in await store.songs.find({}, limit=1000)}
        assert {song.id for song in half} <= songs
        again = await importer.run([house.music])
        assert (again.was_interrupted_before, again.files_read) == (False, 0)
    finally:
        await engine.stop()
