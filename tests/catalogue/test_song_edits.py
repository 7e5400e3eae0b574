"""Rewriting songs: every field, credits as they are printed, lyrics with their times, counts that follow."""

import pytest

from services.events import CatalogueChanged
from services.viewer import NOBODY, Role, Viewer

ADMIN = Viewer("admin", frozenset({Role.ADMIN}))
OTHER = Viewer("other", frozenset({Role.ARTIST}))

UPDATE = """mutation ($id: ID!, $title: String, $lyrics: String, $syncedLyrics: String, $mood: String,
  $language: String,  $genre: String, $genres: [String!], $isExplicit: Boolean, $trackNumber: Int, $discNumber: Int,
  $featuredArtistIds: [ID!], $isrc: String, $copyright: String) {
  updateSong(songId: $id, title: $title, lyrics: $lyrics, syncedLyrics: $syncedLyrics, mood: $mood, language: $language,
    genre: $genre, genres: $genres, isExplicit: $isExplicit, trackNumber: $trackNumber, discNumber: $discNumber,
    featuredArtistIds: $featuredArtistIds, isrc: $isrc, copyright: $copyright) {
    song { title sortTitle slug lyrics syncedLyrics { atMs text } mood language genre { name } genres { name }
      isExplicit trackNumber discNumber artistCredit featuredArtists { id } credits { name role join } isrc copyright
    } } }"""


async def edit(rig, viewer=ADMIN, id="s1", **words):
    return (await rig.data(UPDATE, viewer, id=id, **words))["updateSong"]["song"]


async def test_every_field_is_set(music):
    music.engine.asked.clear()
    song = await edit(music, title="The Last", lyrics="a\r\nb", mood="calm", language="pt-BR", genre="Dub",
                      genres=["rock"], isExplicit=True, trackNumber=7, discNumber=2, isrc="us-rc1-76-07839",
                      copyright="℗ 2026")  # fmt: skip
    assert +music.engine.asked == {"songs": 6, "artists": 5, "genres": 7, "albums": 3}
    credits = song.pop("credits")
    assert [credit["role"] for credit in credits] == ["main", "featured", "featured"]
    assert song == {
        "title": "The Last",
        "sortTitle": "Last, The",
        "slug": "the-last",
        "lyrics": "a\nb",
        "syncedLyrics": [{"atMs": 1500, "text": "la"}],
        "mood": "calm",
        "language": "pt-BR",
        "genre": {"name": "Dub"},
        "genres": [{"name": "Dub"}, {"name": "rock"}],
        "isExplicit": True,
        "trackNumber": 7,
        "discNumber": 2,
        "artistCredit": "anna",
        "featuredArtists": [{"id": "bert"}, {"id": "ghost"}],
        "isrc": "USRC17607839",
        "copyright": "℗ 2026",
    }
    album = await music.store.albums.get("dawn")
    assert (album.is_explicit, album.disc_count) == (True, 2)
    assert (await music.data('{ song(slug: "slug-s1") { id } }'))["song"] == {"id": "s1"}


async def test_timed_lyrics_bring_the_plain_words_along(music):
    song = await edit(music, syncedLyrics="[00:02.50]two\n[00:01.00]one")
    assert song["syncedLyrics"] == [{"atMs": 1000, "text": "one"}, {"atMs": 2500, "text": "two"}]
    assert song["lyrics"] == "two\none"
    song = await edit(music, syncedLyrics="", lyrics="mine")
    assert (song["syncedLyrics"], song["lyrics"]) == ([], "mine")


async def test_credits_are_printed_as_people_read_them(music):
    await music.artist("cleo", name="Cleo")
    song = await edit(music, featuredArtistIds=["bert"])
    assert song["artistCredit"] == "anna feat. Bert"
    song = await edit(music, featuredArtistIds=["cleo", "bert", "ghost", "cleo"])
    assert song["artistCredit"] == "anna feat. Cleo, Bert & Ghost"
    assert [each["id"] for each in song["featuredArtists"]] == ["cleo", "bert", "ghost"]
    kept = await music.store.songs.get("s1")
    assert kept.artist_ids == ["anna", "cleo", "bert", "ghost"]
    assert [credit["artist_id"] for credit in kept.tagged["credits"]] == ["anna", "bert", "ghost"]
    assert [credit["join"] for credit in kept.tagged["credits"]] == ["", "", ""]
    assert (await music.store.artists.get("cleo")).song_count == 1
    song = await edit(music, featuredArtistIds=[])
    assert (song["artistCredit"], song["featuredArtists"]) == ("anna", [])
    assert (await music.store.artists.get("cleo")).song_count == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("title", "\t", "INVALID"), ("lyrics", "x" * 100_001, "INVALID"), ("lyrics", "a\x00", "INVALID"),
     ("syncedLyrics", "no times", "INVALID"), ("mood", "x" * 51, "INVALID"), ("language", "english", "INVALID"),
     ("isrc", "USRC1760783", "INVALID"), ("trackNumber", 0, "INVALID"), ("trackNumber", -1, "INVALID"),
     ("trackNumber", 10_000, "INVALID"), ("discNumber", 1000, "INVALID"), ("isExplicit", None, "INVALID"),
     ("genre", "\ud800", "INVALID"), ("genres", ["x"] * 11, "INVALID"), ("featuredArtistIds", ["anna"], "INVALID"),
     ("featuredArtistIds", ["nowhere"], "NOT_FOUND"), ("featuredArtistIds", [str(n) for n in range(21)], "INVALID")],
)  # fmt: skip
async def test_words_out_of_bounds_are_refused_by_name_and_change_nothing(music, field, value, code):
    before = await music.store.songs.get("s1")
    assert await music.errors(UPDATE, ADMIN, id="s1", **{field: value}) == [{"code": code, "field": field}]
    assert await music.store.songs.get("s1") == before


async def test_rights_come_before_words(music):
    for viewer, id, refusal in (
        (NOBODY, "s1", "UNAUTHENTICATED"),
        (Viewer("u"), "s1", "DENIED"),
        (OTHER, "s1", "DENIED"),
        (OTHER, "s4", "NOT_FOUND"),
        (OTHER, "nowhere", "NOT_FOUND"),
    ):
        assert [each["code"] for each in await music.errors(UPDATE, viewer, id=id, title="")] == [refusal]


async def test_the_owner_edits_and_it_is_told(music):
    told = []
    music.house.bus.hear(CatalogueChanged, told.append)
    await music.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": "other"}})
    assert (await edit(music, OTHER, mood="wild"))["mood"] == "wild"
    assert told == [CatalogueChanged(song_ids=("s1",))]
    assert (await edit(music, OTHER, mood=None))["mood"] is None
