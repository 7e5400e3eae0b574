"""The same import over a MongoDB-protocol server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.clock import Clock
from services.events import Bus
from services.library.importer import Importer
from storage.collections.store import Store
from storage.files import Folder, LocalFiles
from storage.indexes import INDEXES
from storage.mongo import MongoEngine
from tests.library.house import House
from tests.library.sounds import Sounds
from tests.services.ferretdb import Server, running_server

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def mongo_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(params=["pymongo", "motor"])
async def far_house(request: pytest.FixtureRequest, mongo_server: Server, tmp_path: Path) -> AsyncIterator[House]:
    engine = MongoEngine(mongo_server.uri, database=f"import_{request.param}", driver=request.param)
    await engine.start()
    for name, indexes in INDEXES.items():
        # What an import leans on is what must be unique; the rest is speed.
        await engine.ensure(name, [index for index in indexes if index.unique])
    store = Store(engine)
    (tmp_path / "music").mkdir()
    importer = Importer(
        store, LocalFiles(tmp_path / "data"), Folder(tmp_path / "data"), None, Clock(), Bus(), workers=2
    )
    yield House(store, importer, tmp_path / "music", tmp_path / "data")
    await engine.stop()


async def test_songs_are_added_moved_retagged_lost_and_found(far_house: House, sounds: Sounds) -> None:
    house = far_house
    for number in range(1, 5):
        sounds.put(house.music / "X" / f"0{number}.flac", 300 + number, title=f"T{number}", artist=["Ann", "Bob"],
                   albumartist="Ann", album="X", tracknumber=str(number), genre="Rock", isrc=f"USABC000000{number}",
                   musicbrainz_artistid="11111111-2222-3333-4444-555555555555")  # fmt: skip
    assert (await house.run()).songs_added == 4
    ids = [song.id for song in await house.songs()]
    assert (await house.run()).files_unchanged == 4
    (house.music / "X").rename(house.music / "Y")
    sounds.put(house.music / "Y" / "01.flac", 301, title="Renamed", artist="Ann", album="X", albumartist="Ann")
    summary = await house.run()
    assert (summary.songs_added, summary.songs_recognised) == (0, 4)
    assert [song.id for song in await house.songs()] == ids
    (house.music / "Y" / "02.flac").rename(house.data / "away.flac")
    assert (await house.run()).songs_hidden == 1
    assert ((await house.album("X")).total_tracks, (await house.artist("Ann")).song_count) == (3, 3)
    (house.data / "away.flac").rename(house.music / "back.flac")
    assert (await house.run()).songs_returned == 1
    assert [song.id for song in await house.songs()] == ids
    assert not any(song.is_hidden for song in await house.songs())
