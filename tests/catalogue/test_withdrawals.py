"""Out of sight by people's word: who may, what goes along, what comes back, and what an import makes of it."""

import pytest

from services.events import CatalogueChanged
from services.viewer import NOBODY, Role, Viewer
from tests.catalogue_rig import file_of

ADMIN = Viewer("admin", frozenset({Role.ADMIN}))
MODERATOR = Viewer("mod", frozenset({Role.MODERATOR}))
OWNER = Viewer("owner", frozenset({Role.ARTIST}))
OTHER = Viewer("other", frozenset({Role.ARTIST}))

SET = """mutation ($kind: CatalogueKind!, $id: ID!, $hidden: Boolean!) {
  setHidden(kind: $kind, id: $id, hidden: $hidden) { success isHidden } }"""


@pytest.fixture
async def shop(music):
    await music.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": "owner"}})
    await music.store.artists.update({"_id": "ghost"}, {"$set": {"is_withdrawn": True}})
    # Like an imported one, the hidden song has no sound.
    await music.store.audio_files.insert(file_of("s4", state="vanished"))
    return music


async def set_hidden(rig, viewer, kind, id, hidden):
    answer = (await rig.data(SET, viewer, kind=kind, id=id, hidden=hidden))["setHidden"]
    assert answer["success"]
    return answer["isHidden"]


async def shown(rig, viewer=NOBODY):
    """The songs, albums and artists that somebody sees in lists."""
    document = """{ songs(limit: 100) { edges { node { id } } } albums(limit: 100) { edges { node { id } } }
      artists(limit: 100) { edges { node { id } } } }"""
    data = await rig.data(document, viewer)
    return [sorted(edge["node"]["id"] for edge in data[name]["edges"]) for name in ("songs", "albums", "artists")]


EVERYTHING = [["b1", "s1", "s2", "s3"], ["dawn", "dusk", "future", "noon"], ["anna", "bert"]]


async def test_a_song_goes_and_comes_back_with_its_album_counted_anew(shop):
    await set_hidden(shop, OWNER, "SONG", "s2", True)
    assert (await shown(shop))[0] == ["b1", "s1", "s3"]
    album = await shop.store.albums.get("dawn")
    assert (album.total_tracks, album.is_explicit) == (2, False)
    assert (await shop.data('{ song(id: "s2") { id } }'))["song"] is None
    assert (await shop.data('{ song(id: "s2") { isHidden } }', OWNER))["song"] == {"isHidden": True}
    assert await set_hidden(shop, OWNER, "SONG", "s2", False) is False
    assert (await shown(shop))[0] == EVERYTHING[0]
    assert (await shop.store.albums.get("dawn")).total_tracks == 3


async def test_an_album_takes_its_songs_along_and_brings_back_those_that_sound(shop):
    told = []
    shop.house.bus.hear(CatalogueChanged, told.append)
    await set_hidden(shop, OWNER, "SONG", "s2", True)
    assert await set_hidden(shop, OWNER, "ALBUM", "dawn", True) is True
    songs, albums, _ = await shown(shop)
    assert (songs, albums) == (["b1"], ["dusk", "future", "noon"])
    assert {id for event in told for id in event.song_ids} == {"s1", "s2", "s3"}
    assert {id for event in told for id in event.album_ids} == {"dawn"}
    assert await set_hidden(shop, OWNER, "SONG", "s2", False) is True
    assert await set_hidden(shop, OWNER, "ALBUM", "dawn", False) is False
    assert await shown(shop) == EVERYTHING
    assert (await shop.store.songs.get("s4")).is_hidden


async def test_an_artist_takes_everything_along_but_the_songs_of_others(shop):
    await shop.song("guest", "bert", album_id="dawn")
    assert await set_hidden(shop, MODERATOR, "ARTIST", "anna", True) is True
    songs, albums, artists = await shown(shop)
    assert (songs, "dawn" in albums, "dusk" in albums, artists) == (["b1", "guest"], False, False, ["bert"])
    assert await set_hidden(shop, MODERATOR, "ARTIST", "anna", False) is False
    songs, albums, artists = await shown(shop)
    assert (songs, "dawn" in albums, artists) == (["b1", "guest", "s1", "s2", "s3"], True, ["anna", "bert"])


async def test_what_the_house_hid_its_owner_does_not_bring_back(shop):
    for viewer in (MODERATOR, ADMIN):
        await set_hidden(shop, viewer, "ALBUM", "dawn", True)
        await set_hidden(shop, OWNER, "ALBUM", "dawn", True)
        assert await shop.errors(SET, OWNER, kind="ALBUM", id="dawn", hidden=False) == [{"code": "DENIED"}]
        assert await set_hidden(shop, MODERATOR, "ALBUM", "dawn", False) is False
    await set_hidden(shop, OWNER, "ALBUM", "dawn", True)
    assert await set_hidden(shop, OWNER, "ALBUM", "dawn", False) is False


@pytest.mark.parametrize(
    ("kind", "id", "gone"), [("SONG", "s1", "s4"), ("ALBUM", "dawn", "lost"), ("ARTIST", "anna", "ghost")]
)
async def test_who_may_not_hide_and_what_is_not_there(shop, kind, id, gone):
    for viewer, code in ((NOBODY, "UNAUTHENTICATED"), (Viewer("u"), "DENIED"), (OTHER, "DENIED")):
        assert [each["code"] for each in await shop.errors(SET, viewer, kind=kind, id=id, hidden=True)] == [code]
    for absent in (gone, "nowhere", "", "\x00"):
        refusals = await shop.errors(SET, OTHER, kind=kind, id=absent, hidden=False)
        assert refusals == [{"code": "NOT_FOUND", "field": "id"}]
    assert await shown(shop) == EVERYTHING


async def test_moderators_see_what_is_hidden(shop):
    assert "s4" in (await shown(shop, MODERATOR))[0]
    assert "ghost" in (await shown(shop, MODERATOR))[2]


async def test_the_proof_puts_right_what_a_crash_left(shop):
    for song in ("s1", "s2"):
        await shop.store.audio_files.insert(file_of(song))
    await shop.store.albums.update({"_id": "dawn"}, {"$set": {"is_withdrawn": True}})
    assert await shop.house.withdrawals.prove() > 0
    assert (await shown(shop))[:2] == [["b1"], ["dusk", "future", "noon"]]
    await shop.store.albums.update({"_id": "dawn"}, {"$set": {"is_withdrawn": False}})
    await shop.house.withdrawals.prove()
    # A song that never had a file is on its way in: whoever brings it shows it.
    assert (await shown(shop))[:2] == [["b1", "s1", "s2"], ["dawn", "dusk", "future", "noon"]]
    assert await shop.house.withdrawals.prove() == 0
