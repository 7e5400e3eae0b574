"""What people set survives the next import: words, places, covers, and what was taken out of sight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.audit.audit import Audit
from services.catalogue.album_edits import AlbumEdits
from services.catalogue.artist_edits import ArtistEdits
from services.catalogue.genre_names import GenreNames
from services.catalogue.releases import Releases
from services.catalogue.room import build_catalogue
from services.catalogue.song_edits import SongEdits
from services.catalogue.withdrawals import CatalogueKind, Withdrawals
from services.catalogue.workbench import Workbench
from services.pictures.pictures import Pictures
from services.viewer import SYSTEM
from storage.files import LocalFiles
from tests.library.house import House
from tests.library.sounds import Sounds


class Editors:
    """The editors of the catalogue beside an import."""

    def __init__(self, house: House) -> None:
        store, clock, bus = house.store, house.importer.clock, house.importer.bus
        bench, pictures = Workbench(store, clock), Pictures(store, LocalFiles(house.data), clock)
        names = GenreNames(store, clock, build_catalogue(store, clock).genres)
        self.songs = SongEdits(bench, bus, names)
        self.albums = AlbumEdits(bench, bus, pictures, names, Releases(store, clock, bus))
        self.artists = ArtistEdits(bench, bus, pictures, names, Audit(store, clock))
        self.withdrawals = Withdrawals(store, clock, bus, Audit(store, clock))


@pytest.fixture
def editors(house: House) -> Editors:
    return Editors(house)


def put(house: House, sounds: Sounds, number: int, title: str, **tags: Any) -> Path:
    words = {"artist": "Ann", "album": "Days", "albumartist": "Ann", "date": "2020", **tags}
    path = house.music / "Ann" / "Days" / f"0{number}.mp3"
    return sounds.put(path, 300 + number, title=title, tracknumber=str(number), **words)


async def test_an_edited_song_keeps_its_words_when_its_file_is_retagged(
    house: House, sounds: Sounds, editors: Editors
) -> None:
    put(house, sounds, 1, "Mornign", genre="Rock")
    put(house, sounds, 2, "Noon")
    await house.run()
    song = await house.song("Mornign")
    await editors.songs.update(SYSTEM, song.id, title="Morning", genre="Folk", track_number=9, isrc="USRC17607839")
    put(house, sounds, 1, "Morgen", genre="Jazz", mood="calm")
    summary = await house.run()
    assert (summary.songs_added, summary.songs_updated) == (0, 1)
    kept = await house.store.songs.get(song.id)
    assert kept is not None
    assert (kept.title, kept.slug, kept.track_number, kept.isrc) == ("Morning", "morning", 9, "USRC17607839")
    assert (kept.mood, kept.as_tagged("title"), kept.as_tagged("track_number")) == ("calm", "Morgen", 1)
    folk = await house.store.genres.first({"name": "Folk"})
    assert folk is not None
    assert kept.genre_ids == [folk.id]
    assert len(await house.songs()) == 2


async def test_an_edited_song_is_known_again_when_its_file_moves_or_is_made_anew(
    house: House, sounds: Sounds, editors: Editors
) -> None:
    path = put(house, sounds, 1, "Mornign")
    put(house, sounds, 2, "Noon")
    await house.run()
    song = await house.song("Mornign")
    await editors.songs.update(SYSTEM, song.id, title="Morning", track_number=9, disc_number=2)
    path.rename(path.with_name("elsewhere.mp3"))
    await house.run()
    assert sorted(each.title for each in await house.songs()) == ["Morning", "Noon"]
    # Other sound of another length under the same tags: only the words say that it is this song.
    path.with_name("elsewhere.mp3").unlink()
    sounds.put(path.with_suffix(".flac"), 777, 2.5, title="Mornign", artist="Ann", album="Days", albumartist="Ann",
               tracknumber="1", date="2020")  # fmt: skip
    await house.run()
    assert [(each.id, each.title) for each in await house.songs() if each.title != "Noon"] == [(song.id, "Morning")]


async def test_an_edited_album_stays_one_album(house: House, sounds: Sounds, editors: Editors) -> None:
    for number in (1, 2):
        put(house, sounds, number, f"S{number}")
    await house.run()
    album = await house.album("Days")
    await editors.albums.update(SYSTEM, album.id, title="Nights", release_date="1999-12", label="Mine", genres=["Dub"])
    put(house, sounds, 3, "S3", organization="Theirs")
    put(house, sounds, 1, "S1 again")
    await house.run()
    albums = await house.albums()
    assert [(each.id, each.title, each.slug) for each in albums] == [(album.id, "Nights", "nights")]
    assert (albums[0].release_date, albums[0].label, albums[0].total_tracks) == ("1999-12", "Mine", 3)
    assert {song.album_title for song in await house.songs()} == {"Nights"}
    # All songs retagged at once: the files' own title moves on, the person's stays.
    for number in (1, 2, 3):
        put(house, sounds, number, f"S{number}", album="Dayz")
    await house.run()
    albums = await house.albums()
    assert [(each.id, each.title, each.as_tagged("title")) for each in albums] == [(album.id, "Nights", "Dayz")]


async def test_an_edited_artist_meets_the_files_that_say_the_old_name(
    house: House, sounds: Sounds, editors: Editors
) -> None:
    put(house, sounds, 1, "One", genre="Rock")
    await house.run()
    artist = await house.artist("Ann")
    await editors.artists.update(SYSTEM, artist.id, name="Anna", genres=["Dub"], bio="Sings.")
    put(house, sounds, 2, "Two", genre="Rock")
    await house.run()
    artists = await house.artists()
    assert [(each.id, each.name, each.bio, each.song_count) for each in artists] == [(artist.id, "Anna", "Sings.", 2)]
    dub = await house.store.genres.first({"name": "Dub"})
    assert dub is not None
    assert artists[0].genre_ids == [dub.id]


@pytest.mark.parametrize("kind", list(CatalogueKind))
async def test_what_people_hid_stays_hidden_however_often_it_is_imported(
    house: House, sounds: Sounds, editors: Editors, kind: CatalogueKind
) -> None:
    path = put(house, sounds, 1, "One")
    await house.run()
    song, album, artist = (await house.songs())[0], (await house.albums())[0], (await house.artists())[0]
    id = {CatalogueKind.SONG: song.id, CatalogueKind.ALBUM: album.id, CatalogueKind.ARTIST: artist.id}[kind]
    assert await editors.withdrawals.set_hidden(SYSTEM, kind, id, True)
    kept = path.read_bytes()
    for step in ("retag", "lose", "return"):
        if step == "retag":
            put(house, sounds, 1, "One more")
            kept = path.read_bytes()
        elif step == "lose":
            path.unlink()
        else:
            path.write_bytes(kept)
        await house.run(allow_empty=True)
        assert [each.is_hidden for each in await house.songs()] == [True], step
    if kind != CatalogueKind.SONG:
        put(house, sounds, 2, "Two")
        await house.run()
        assert [each.is_hidden for each in await house.songs()] == [True, True]
    assert [each.is_hidden for each in await house.albums()] == [True]
    assert not await editors.withdrawals.set_hidden(SYSTEM, kind, id, False)
    assert {each.is_hidden for each in await house.songs()} == {False}
    assert [each.is_hidden for each in await house.albums()] == [False]
    assert [each.is_hidden for each in await house.artists()] == [False]
    assert await editors.withdrawals.prove() == 0


async def test_bringing_back_shows_nothing_whose_sound_is_gone(house: House, sounds: Sounds, editors: Editors) -> None:
    path = put(house, sounds, 1, "One")
    put(house, sounds, 2, "Two")
    await house.run()
    song = await house.song("One")
    await editors.withdrawals.set_hidden(SYSTEM, CatalogueKind.SONG, song.id, True)
    kept = path.read_bytes()
    path.unlink()
    await house.run()
    assert await editors.withdrawals.set_hidden(SYSTEM, CatalogueKind.SONG, song.id, False)
    path.write_bytes(kept)
    await house.run()
    assert (await house.song("One")).is_hidden is False


async def test_an_import_after_an_admin_made_the_artist_and_album_fills_them(
    house: House, sounds: Sounds, editors: Editors
) -> None:
    artist = await editors.artists.create(SYSTEM, name="Ann")
    album = await editors.albums.create(SYSTEM, artist.id, title="Days", release_date="2020-05")
    put(house, sounds, 1, "One")
    await house.run()
    song = await house.song("One")
    assert (song.artist_id, song.album_id) == (artist.id, album.id)
    assert [(each.title, each.release_date, each.total_tracks) for each in await house.albums()] == [
        ("Days", "2020-05", 1)
    ]
