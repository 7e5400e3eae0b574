"""Uploaded songs and imports of folders: neither takes, doubles or hides what the other brought."""

import os
import shutil

from server.composition import open_household
from server.config import load_settings
from tests.uploads.place import open_place, text_of, tone


async def test_an_import_leaves_uploaded_songs_alone(place, tmp_path, sound):
    song = await place.song(text=text_of(sound))
    music = tmp_path / "music" / "Cid" / "Sea"
    music.mkdir(parents=True)
    tone(music / "01 Wave.wav", 1, 220)
    done = await place.household.importer.run([tmp_path / "music"])
    assert (done.songs_added, done.songs_hidden) == (1, 0)
    kept = await place.store.songs.get(song["id"])
    assert (kept.is_hidden, await place.store.songs.count({})) == (False, 2)


async def test_a_root_that_holds_the_data_folder_passes_uploads_over(place, tmp_path, sound):
    song = await place.song(text=text_of(sound))
    upload = await place.announce(sound)
    await place.put(upload["url"], sound, 0, len(sound) - 1)
    before = await place.store.songs.get(song["id"])
    # Not even when a restored copy has other times than the record.
    os.utime(place.kept()[0])
    music = tmp_path / "music" / "Cid" / "Sea"
    music.mkdir(parents=True)
    tone(music / "01 Wave.wav", 1, 220)
    done = await place.household.importer.run([tmp_path])
    assert (done.songs_added, done.songs_updated, done.songs_hidden) == (1, 0, 0)
    assert await place.store.songs.get(song["id"]) == before


async def test_the_same_sound_in_a_folder_does_not_take_the_song_over(place, tmp_path, sound):
    song = await place.song(text=text_of(sound), title="Mine")
    music = tmp_path / "music" / "Cid" / "Sea"
    music.mkdir(parents=True)
    (music / "01 Wave.wav").write_bytes(sound)
    await place.household.importer.run([tmp_path / "music"])
    before = await place.store.songs.get(song["id"])
    assert (before.title, before.artist_id, before.is_hidden) == ("Mine", "ann", False)
    shutil.rmtree(tmp_path / "music" / "Cid")
    await place.household.importer.run([tmp_path / "music"], allow_empty=True)
    assert await place.store.songs.get(song["id"]) == before
    answer = await place.fetch(
        (await place.ask("query($id: ID!) { song(id: $id) { audioUrl } }", "ann", id=song["id"]))["data"]["song"][
            "audioUrl"
        ]
        + "&quality=lossless"
    )
    assert answer.body == sound


async def test_a_data_folder_that_moved_takes_its_songs_along(tmp_path, sound):
    async with open_place(tmp_path) as place:
        song = await place.song(text=text_of(sound))
    shutil.move(tmp_path / "data", tmp_path / "elsewhere")
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "elsewhere")})
    for _ in range(2):
        async with open_household(settings) as household:
            [file] = await household.store.audio_files.find({"song_id": song["id"]})
            assert file.path.startswith(str(tmp_path / "elsewhere" / "uploads" / "songs"))
            heard = await household.house.deliveries.open(place.viewers["ann"], song["id"], "lossless")
            assert heard.file is not None
            heard.close()
