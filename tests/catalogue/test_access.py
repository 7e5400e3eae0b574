"""Who sees what: absent, hidden and explicit things, on every path alike."""

import pytest

from services.errors import NotFound
from services.paging import Slice
from services.viewer import NOBODY, Role, Viewer
from tests.catalogue_rig import file_of

PRUDE = Viewer("u-prude", explicit_content=False)
ADMIN = Viewer("u-admin", frozenset({Role.ADMIN}))
OWNER = Viewer("u-owner", frozenset({Role.ARTIST}))
STRANGER = Viewer("u-stranger", frozenset({Role.ARTIST}))
EVERYBODY = Slice(limit=100)


async def own(music, artist_id):
    await music.store.artists.update({"_id": artist_id}, {"$set": {"owner_id": OWNER.user_id}})


async def titles(music, viewer):
    page = await music.house.songs.listing(viewer, EVERYBODY)
    return [song.title for song in page.items], page.total


async def test_hidden_songs_are_listed_for_admins_and_their_owner_alone(music):
    await own(music, "anna")
    shown = ["Bees", "First", "Second", "Third"]
    hidden_too = ["Bees", "First", "Hidden", "Second", "Third"]
    assert await titles(music, NOBODY) == (shown, 4)
    assert await titles(music, STRANGER) == (shown, 4)
    assert await titles(music, OWNER) == (hidden_too, 5)
    assert await titles(music, ADMIN) == (hidden_too, 5)


async def test_explicit_songs_are_left_out_for_who_wants_none_save_the_owner(music):
    assert await titles(music, PRUDE) == (["Bees", "First", "Third"], 3)
    await own(music, "anna")
    prude_owner = Viewer("u-owner", frozenset({Role.ARTIST}), explicit_content=False)
    assert await titles(music, prude_owner) == (["Bees", "First", "Hidden", "Second", "Third"], 5)


@pytest.mark.parametrize("viewer", [NOBODY, PRUDE, STRANGER])
async def test_absent_and_hidden_records_are_the_same_answer(music, viewer):
    told = []
    for get in (music.house.songs.get, music.house.songs.sources):
        for id in ("s4", "nowhere", "", "\x00", "x" * 5000):
            with pytest.raises(NotFound) as refusal:
                await get(viewer, id)
            told.append((refusal.value.message, refusal.value.extensions))
    assert len({str(each) for each in told}) == 1
    for service, hidden in ((music.house.artists, "ghost"), (music.house.albums, "lost")):
        said = set()
        for id in (hidden, "nowhere"):
            with pytest.raises(NotFound) as refusal:
                await service.get(viewer, id)
            said.add(refusal.value.message)
        assert len(said) == 1
        assert await service.by_slug(viewer, f"slug-{hidden}") is None


async def test_the_owner_and_admins_reach_hidden_records_by_every_path(music):
    await own(music, "anna")
    for viewer in (OWNER, ADMIN):
        assert (await music.house.songs.get(viewer, "s4")).title == "Hidden"
        assert (await music.house.songs.by_slug(viewer, "slug-s4")).title == "Hidden"
        assert "s4" in [song.id for song in (await music.house.songs.of_albums(viewer, ["dawn"]))["dawn"]]
    assert (await music.house.artists.get(ADMIN, "ghost")).name == "Ghost"
    assert (await music.house.albums.get(ADMIN, "lost")).title == "Lost"
    await own(music, "ghost")
    await own(music, "bert")
    assert (await music.house.artists.get(OWNER, "ghost")).name == "Ghost"
    assert (await music.house.albums.get(OWNER, "lost")).title == "Lost"
    assert [artist.id for artist in (await music.house.artists.listing(OWNER, EVERYBODY)).items] == [
        "anna",
        "bert",
        "ghost",
    ]


async def test_sources_need_a_file_that_is_there(music):
    sources, files = music.house.songs.sources, music.store.audio_files
    with pytest.raises(NotFound):
        await sources(NOBODY, "s1")
    await files.insert(file_of("s1", state="vanished"))
    with pytest.raises(NotFound) as gone:
        await sources(NOBODY, "s1")
    with pytest.raises(NotFound) as absent:
        await sources(NOBODY, "nowhere")
    assert gone.value.message == absent.value.message
    await files.insert(file_of("s1", id="f2", path="/music/other.mp3", payload_hash="h2"))
    song, file = await sources(NOBODY, "s1")
    assert (song.id, file.id) == ("s1", "f2")
    await music.store.songs.update({"_id": "s1"}, {"$set": {"file_id": "f-s1"}})
    assert (await sources(NOBODY, "s1"))[1].id == "f2"
    await files.update({"_id": "f-s1"}, {"$set": {"state": "present"}})
    assert (await sources(NOBODY, "s1"))[1].id == "f-s1"


async def test_sources_of_a_hidden_song_are_for_its_owner(music):
    await own(music, "anna")
    await music.store.audio_files.insert(file_of("s4"))
    assert (await music.house.songs.sources(OWNER, "s4"))[1].id == "f-s4"
    with pytest.raises(NotFound):
        await music.house.songs.sources(STRANGER, "s4")
