"""Lists: orders, filters, pages that stay right while rows are added."""

from dataclasses import replace

import pytest

from services.catalogue.albums import AlbumFilters
from services.catalogue.artists import ArtistFilters
from services.catalogue.orders import AlbumType, ArtistOrder, CatalogueOrder
from services.catalogue.songs import SongFilters
from services.errors import Invalid
from services.paging import Slice, read_cursor, slice_of, write_cursor
from services.viewer import NOBODY

ALL = Slice(limit=100)


async def ids(listing, *arguments, **options):
    return [record.id for record in (await listing(NOBODY, ALL, *arguments, **options)).items]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (CatalogueOrder.TITLE, ["dawn", "dusk", "future", "noon"]),
        (CatalogueOrder.NEWEST, ["future", "dusk", "noon", "dawn"]),
        (CatalogueOrder.MOST_PLAYED, ["noon", "dawn", "dusk", "future"]),
        (CatalogueOrder.RECENTLY_ADDED, ["future", "noon", "dusk", "dawn"]),
    ],
)
async def test_albums_come_in_each_order(music, order, expected):
    assert await ids(music.house.albums.listing, order=order) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ArtistOrder.NAME, ["anna", "bert"]),
        (ArtistOrder.NEWEST, ["bert", "anna"]),
        (ArtistOrder.MOST_PLAYED, ["bert", "anna"]),
    ],
)
async def test_artists_come_in_each_order(music, order, expected):
    assert await ids(music.house.artists.listing, order=order) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (SongFilters(artist_id="bert"), ["b1", "s1"]),
        (SongFilters(album_id="dawn"), ["s1", "s2", "s3"]),
        (SongFilters(genre="rock"), ["s1", "s3"]),
        (SongFilters(genre="slug-indie"), ["s1", "s3"]),
        (SongFilters(genre="shoegaze"), ["s3"]),
        (SongFilters(genre="polka"), []),
        (SongFilters(year=2025), ["b1"]),
        (SongFilters(is_explicit=True), ["s2"]),
        (SongFilters(artist_id="anna", genre="rock", year=2024, is_explicit=False), ["s1", "s3"]),
        (SongFilters(artist_id="nobody"), []),
    ],
)
async def test_songs_are_filtered(music, filters, expected):
    assert await ids(music.house.songs.listing, filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (AlbumFilters(artist_id="anna"), ["dawn", "dusk"]),
        (AlbumFilters(album_type=AlbumType.EP), ["dusk"]),
        (AlbumFilters(genre="rock"), ["dawn"]),
        (AlbumFilters(year=2026), ["dusk"]),
        (AlbumFilters(year=2024), ["dawn"]),
        (AlbumFilters(year=2025), ["noon"]),
        (AlbumFilters(year=-1), []),
    ],
)
async def test_albums_are_filtered(music, filters, expected):
    assert await ids(music.house.albums.listing, filters) == expected


async def test_artists_are_filtered(music):
    listing = music.house.artists.listing
    assert await ids(listing, ArtistFilters(genre="rock")) == ["anna"]
    assert await ids(listing, ArtistFilters(country="de")) == ["anna"]
    assert await ids(listing, ArtistFilters(country="FR")) == []


async def read_all(music, size, order, between=None):
    """Every title, page by page; `between` may add rows after each page."""
    seen, after = [], None
    while True:
        page = await music.house.songs.listing(NOBODY, slice_of(first=size, after=after), order=order)
        seen += [song.id for song in page.items]
        if between is not None:
            await between(len(seen))
        if not page.has_next:
            return seen
        after = page.cursors[-1]


@pytest.mark.parametrize("order", list(CatalogueOrder))
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_together_are_the_list_in_every_order(music, order, size):
    assert await read_all(music, size, order) == await ids(music.house.songs.listing, order=order)


@pytest.mark.parametrize("order", list(CatalogueOrder))
async def test_rows_added_between_pages_neither_repeat_nor_push_others_out(music, order):
    before = await ids(music.house.songs.listing, order=order)

    async def add(count):
        await music.song(f"aa{count}", "anna", title=f"Aa {count}", play_count=1000, release_date="2030")

    seen = await read_all(music, 1, order, add)
    assert [id for id in seen if not id.startswith("aa")] == before
    assert len(seen) == len(set(seen))


async def test_rows_with_equal_and_missing_values_are_each_read_once(music):
    for number in range(7):
        await music.song(f"t{number}", "anna", title="Same", play_count=3)
    for order in CatalogueOrder:
        seen = await read_all(music, 2, order)
        assert sorted(seen) == ["b1", "s1", "s2", "s3", *(f"t{number}" for number in range(7))]


async def test_a_page_says_where_it_lies(music):
    page = await music.house.songs.listing(NOBODY, slice_of(limit=2, offset=1))
    assert [song.id for song in page.items] == ["s1", "s2"]
    assert (page.total, page.has_next, page.has_previous) == (4, True, True)
    assert read_cursor(page.cursors[0]) == ("First", "s1")
    last = await music.house.songs.listing(NOBODY, slice_of(first=2, after=page.cursors[1]), counted=False)
    assert ([song.id for song in last.items], last.total, last.has_next, last.has_previous) == (["s3"], 0, False, True)


@pytest.mark.parametrize("values", [["a"], ["a", "b", "c"], [7, "s1"], ["a", None], ["a", 3], [True, "s1"]])
async def test_a_cursor_of_another_list_is_refused(music, values):
    with pytest.raises(Invalid) as refusal:
        await music.house.songs.listing(NOBODY, slice_of(first=1, after=write_cursor(values)))
    assert refusal.value.field == "after"


async def test_an_albums_songs_stand_in_order_of_disc_and_track(music):
    of_albums = await music.house.songs.of_albums(NOBODY, ["dawn", "noon", "dusk", "nowhere"])
    assert {album: [song.id for song in songs] for album, songs in of_albums.items()} == {
        "dawn": ["s1", "s2", "s3"],
        "noon": ["b1"],
        "dusk": [],
        "nowhere": [],
    }


async def test_more_songs_than_one_read_brings_are_all_there(music, monkeypatch):
    from services.catalogue import listing

    monkeypatch.setattr(listing, "BATCH", 2)
    assert [song.id for song in (await music.house.songs.of_albums(NOBODY, ["dawn"]))["dawn"]] == ["s1", "s2", "s3"]


async def test_top_songs_count_those_an_artist_features_on(music):
    top = await music.house.songs.top(NOBODY, [("bert", 5), ("anna", 2), ("ghost", 1)])
    assert {key: [song.id for song in songs] for key, songs in top.items()} == {
        ("bert", 5): ["b1", "s1"],
        ("anna", 2): ["s3", "s2"],
        ("ghost", 1): ["s1"],
    }


async def test_new_releases_are_out_already_and_the_newest_first(music):
    new = music.house.albums.new_releases
    assert [album.id for album in await new(NOBODY)] == ["dusk", "noon", "dawn"]
    assert [album.id for album in await new(NOBODY, AlbumType.ALBUM, 1)] == ["noon"]
    assert [album.id for album in await new(NOBODY, AlbumType.SINGLE)] == []
    music.clock.turn(400 * 24 * 3600)
    assert [album.id for album in await new(NOBODY, None, 1)] == ["future"]
    with pytest.raises(Invalid) as refusal:
        await new(NOBODY, None, 101)
    assert refusal.value.field == "limit"


async def test_old_slugs_keep_leading_to_their_record(music):
    assert (await music.house.artists.by_slug(NOBODY, "bertram")).id == "bert"
    await music.artist("tram", slug="bertram")
    assert (await music.house.artists.by_slug(NOBODY, "bertram")).id == "tram"
    assert await music.house.artists.by_slug(NOBODY, "nobody") is None


async def test_genres_are_a_tree(music):
    genres = music.house.genres
    assert [genre.id for genre in await genres.listing(NOBODY)] == ["indie", "rock", "shoegaze"]
    assert [genre.id for genre in await genres.listing(NOBODY, roots_only=True)] == ["rock"]
    assert [genre.id for genre in await genres.listing(NOBODY, limit=1, offset=1)] == ["rock"]
    below = await genres.of_parents(NOBODY, ["rock", "indie", "shoegaze"])
    assert {id: [genre.id for genre in found] for id, found in below.items()} == {
        "rock": ["indie"],
        "indie": ["shoegaze"],
        "shoegaze": [],
    }
    with pytest.raises(Invalid):
        await genres.listing(NOBODY, limit=501)


async def test_a_songs_copy_of_a_list_row_survives_a_round_trip(music):
    song = await music.house.songs.get(NOBODY, "s1")
    assert replace(song) == song
    assert [credit.artist_id for credit in song.credits] == ["anna", "bert", "ghost"]
    assert song.synced_lyrics[0].at_ms == 1500


@pytest.mark.parametrize("together", [2000, 6, 4])
async def test_the_top_songs_of_many_artists_are_those_of_each(music, monkeypatch, together):
    monkeypatch.setattr("services.catalogue.songs.TOP_SONGS_TOGETHER", together)
    for number in range(6):
        await music.song(f"x{number}", "anna", play_count=number, featured=["bert"] if number % 2 else [])
    wanted = [("anna", 2), ("bert", 3), ("anna", 100), ("nobody", 5), ("bert", 3)]
    each = {}
    for one in wanted:
        each |= await music.house.songs.top(NOBODY, [one])
    found = await music.house.songs.top(NOBODY, wanted)
    assert {key: [song.id for song in songs] for key, songs in found.items()} == {
        key: [song.id for song in songs] for key, songs in each.items()
    }
    assert [song.id for song in found["anna", 2]] == ["s3", "s2"]
    assert [song.id for song in found["bert", 3]] == ["b1", "s1", "x5"]
    assert found["nobody", 5] == []


async def test_the_top_songs_of_many_artists_cost_two_commands(music, finds):
    async with finds(2, songs=2):
        assert len(await music.house.songs.top(NOBODY, [("anna", 2), ("bert", 3), ("ghost", 3)])) == 3
    async with finds(2, songs=2):
        assert len((await music.house.songs.top(NOBODY, [("anna", 2)]))["anna", 2]) == 2
