"""Making and rewriting albums: every field, rights, the copies on songs, and the news of a release."""

import base64

import pytest

from services.events import AlbumReleased
from services.viewer import NOBODY, Role, Viewer
from tests.pictures.canvas import corners, saved

ADMIN = Viewer("admin", frozenset({Role.ADMIN}))
OWNER = Viewer("owner", frozenset({Role.ARTIST}))
OTHER = Viewer("other", frozenset({Role.ARTIST}))
PICTURE = base64.b64encode(saved(corners(), "PNG")).decode()

CREATE = """mutation ($artist: ID!, $title: String!, $type: AlbumType, $releaseDate: String, $coverImage: String,
  $description: String, $label: String, $copyright: String, $upc: String, $genres: [String!]) {
  createAlbum(artistId: $artist, title: $title, albumType: $type, releaseDate: $releaseDate, coverImage: $coverImage,
    description: $description, label: $label, copyright: $copyright, upc: $upc, genres: $genres) {
    album { id title sortTitle slug albumType releaseDate coverImage description label copyright upc isHidden
      genres { name } artist { id albumCount } artistCredit credits { name role } totalTracks totalDuration } } }"""
UPDATE = """mutation ($id: ID!, $title: String, $releaseDate: String, $upc: String, $label: String, $cover: String) {
  updateAlbum(albumId: $id, title: $title, releaseDate: $releaseDate, upc: $upc, label: $label, coverImage: $cover) {
    album { title slug releaseDate upc label coverImage } } }"""


@pytest.fixture
async def band(rig):
    return await rig.house.artist_edits.create(OWNER, name="The Band")


@pytest.fixture
def news(rig):
    told = []
    rig.house.bus.hear(AlbumReleased, told.append)
    return told


async def test_an_album_is_made_with_every_field(rig, band):
    rig.engine.asked.clear()
    words = {"description": "one\ntwo", "label": "L", "copyright": "© 2026 L", "upc": "0-12345-67890-5"}
    made = await rig.data(CREATE, OWNER, artist=band.id, title="The First", type="EP", releaseDate="2026-03",
                          coverImage=PICTURE, genres=["rock"], **words)  # fmt: skip
    assert +rig.engine.asked == {"artists": 5, "genres": 7, "images": 1, "albums": 5, "songs": 1}
    album = made["createAlbum"]["album"]
    id, cover = album.pop("id"), album.pop("coverImage")
    assert cover.startswith("/covers/")
    assert album == {
        "title": "The First",
        "sortTitle": "First, The",
        "slug": "the-first",
        "albumType": "EP",
        "releaseDate": "2026-03",
        "description": "one\ntwo",
        "label": "L",
        "copyright": "© 2026 L",
        "upc": "012345678905",
        "isHidden": False,
        "genres": [{"name": "rock"}],
        "artist": {"id": band.id, "albumCount": 1},
        "artistCredit": "The Band",
        "credits": [{"name": "The Band", "role": "main"}],
        "totalTracks": 0,
        "totalDuration": 0,
    }
    assert (await rig.data("query ($id: ID!) { album(id: $id) { title } }", id=id))["album"] == {"title": "The First"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "x" * 201), ("releaseDate", "2026-13"), ("releaseDate", "2026-02-30"),
     ("releaseDate", "0999"), ("releaseDate", "26"), ("releaseDate", "tomorrow"), ("upc", "123"), ("upc", "x" * 12),
     ("label", "x" * 201), ("copyright", "x" * 501), ("description", "x" * 5001), ("description", "\x07"),
     ("coverImage", "base64_data"), ("genres", ["a\nb"])],
)  # fmt: skip
async def test_words_out_of_bounds_are_refused_by_name(rig, band, field, value):
    variables = {"title": "T", field: value}
    assert await rig.errors(CREATE, OWNER, artist=band.id, **variables) == [{"code": "INVALID", "field": field}]
    assert await rig.store.albums.count({}) == 0


async def test_rights_come_before_words(rig, band):
    for viewer, artist, code in (
        (NOBODY, band.id, "UNAUTHENTICATED"),
        (Viewer("u"), band.id, "DENIED"),
        (OTHER, band.id, "DENIED"),
        (OTHER, "nowhere", "NOT_FOUND"),
    ):
        assert [each["code"] for each in await rig.errors(CREATE, viewer, artist=artist, title="")] == [code]
    album = await rig.house.album_edits.create(OWNER, band.id, title="T")
    assert await rig.errors(UPDATE, OTHER, id=album.id, title="") == [{"code": "DENIED"}]
    assert await rig.errors(UPDATE, OTHER, id="nowhere") == [{"code": "NOT_FOUND", "field": "albumId"}]
    await rig.store.albums.update({"_id": album.id}, {"$set": {"is_hidden": True}})
    assert await rig.errors(UPDATE, OTHER, id=album.id) == [{"code": "NOT_FOUND", "field": "albumId"}]
    assert (await rig.store.albums.get(album.id)).title == "T"


async def test_an_edit_reaches_the_songs_copies_and_old_addresses_go_on(music):
    changed = await music.data(UPDATE, ADMIN, id="dawn", title="Daybreak", cover=PICTURE, releaseDate=None, label="L")
    album = changed["updateAlbum"]["album"]
    assert (album["title"], album["slug"], album["releaseDate"], album["label"]) == ("Daybreak", "daybreak", None, "L")
    songs = await music.store.songs.find({"album_id": "dawn"})
    cover = album["coverImage"].removeprefix("/covers/")
    assert {(song.album_title, song.cover_id) for song in songs} == {("Daybreak", cover)}
    assert (await music.data('{ album(slug: "slug-dawn") { id } }'))["album"] == {"id": "dawn"}
    kept = await music.store.albums.get("dawn")
    assert kept.tagged["title"] == "Dawn"
    assert set(kept.edited_fields) == {"title", "sort_title", "cover_id", "release_date", "label"}


async def test_only_an_album_without_songs_is_removed(music):
    delete = "mutation ($id: ID!) { deleteAlbum(albumId: $id) { success } }"
    assert await music.errors(delete, ADMIN, id="dawn") == [{"code": "CONFLICT", "field": "albumId"}]
    assert await music.errors(delete, OTHER, id="dusk") == [{"code": "DENIED"}]
    assert (await music.data(delete, ADMIN, id="dusk"))["deleteAlbum"] == {"success": True}
    assert await music.errors(delete, ADMIN, id="dusk") == [{"code": "NOT_FOUND", "field": "albumId"}]


async def test_a_release_is_told_once_when_its_date_has_come(rig, band, news):
    make = rig.house.album_edits.create
    past = await make(OWNER, band.id, title="Past", release_date="1999")
    future = await make(OWNER, band.id, title="Future", release_date="2026-06-03")
    undated = await make(OWNER, band.id, title="Undated")
    assert news == [AlbumReleased(past.id, band.id)]
    await rig.house.album_edits.update(OWNER, past.id, label="L")
    await rig.house.album_edits.update(OWNER, undated.id, release_date="2026")
    assert news[1:] == [AlbumReleased(undated.id, band.id)]
    await rig.store.artists.update({"_id": band.id}, {"$set": {"follower_count": 1}})
    assert await rig.house.releases.announce_due() == 0
    rig.clock.turn(3 * 24 * 3600)
    assert await rig.house.releases.announce_due() == 1
    assert await rig.house.releases.announce_due() == 0
    assert news[2:] == [AlbumReleased(future.id, band.id)]


async def test_a_library_whose_artists_nobody_follows_is_no_news(rig, news):
    for number in range(3):
        await rig.artist(f"a{number}", follower_count=number)
        await rig.album(f"new{number}", f"a{number}", release_date="2026-05-20")
        await rig.album(f"old{number}", f"a{number}", release_date="2026-04-20")
        await rig.album(f"hidden{number}", f"a{number}", release_date="2026-05-20", is_hidden=True)
    assert await rig.house.releases.announce_due() == 2
    assert sorted(event.album_id for event in news) == ["new1", "new2"]
    await rig.store.artists.update({"_id": "a0"}, {"$set": {"follower_count": 9}})
    assert await rig.house.releases.announce_due() == 0


async def test_an_import_meets_only_what_an_admin_made(rig, band):
    make = rig.house.album_edits.create
    mine, houses, again = [
        (await make(viewer, band.id, title="Debut", release_date="2020-05")) for viewer in (OWNER, ADMIN, ADMIN)
    ]
    assert mine.identity_key == f"made:{mine.id}"
    assert houses.identity_key == "name:band|debut|2020" or houses.identity_key == "name:the band|debut|2020"
    assert again.identity_key == f"made:{again.id}"
    assert [mine.slug, houses.slug, again.slug] == ["debut", "debut-2", "debut-3"]
