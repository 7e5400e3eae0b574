"""Totals and counts after imports and changes equal a recount made another way; what makes one album, one artist."""

from __future__ import annotations

from collections import Counter

from tests.library.house import House
from tests.library.sounds import Sounds


async def assert_counts_right(house: House) -> None:
    """Recount everything by plain loops."""
    songs = [song for song in await house.songs() if not song.is_hidden]
    for album in await house.albums():
        own = [song for song in songs if song.album_id == album.id]
        assert album.total_tracks == len(own)
        assert album.total_duration_ms == sum(song.duration_ms for song in own)
        assert album.is_hidden == (not own)
        if own:
            assert album.disc_count == len({song.disc_number or 1 for song in own})
            assert album.is_explicit == any(song.is_explicit for song in own)
            assert set(album.genre_ids) == {id for song in own for id in song.genre_ids}
    shown = [album for album in await house.albums() if not album.is_hidden]
    for artist in await house.artists():
        assert artist.song_count == sum(1 for song in songs if artist.id in song.artist_ids)
        assert artist.album_count == sum(1 for album in shown if album.artist_id == artist.id)
        assert artist.is_hidden == (artist.song_count == 0 and artist.album_count == 0)
        theirs = Counter(id for song in songs if artist.id in song.artist_ids for id in song.genre_ids)
        assert set(artist.genre_ids) == set(theirs)


async def test_counts_stay_right_through_adding_retagging_losing_and_returning(house: House, sounds: Sounds) -> None:
    paths = []
    for number in range(1, 9):
        paths.append(sounds.put(
            house.music / ("x" if number < 5 else "y") / f"0{number}.flac", 300 + number, title=f"T{number}",
            artist=["Ann", "Bob"] if number % 2 else "Ann", albumartist="Ann", album="X" if number < 5 else "Y",
            tracknumber=str(number), discnumber=str(1 + number % 3), genre=["Rock", "Jazz"] if number % 3 else "Folk",
            itunesadvisory="1" if number == 8 else "0", date=f"20{10 + number % 2}",
        ))  # fmt: skip
    await house.run()
    await assert_counts_right(house)
    assert (await house.album("Y")).is_explicit is True
    sounds.put(paths[7], 308, title="T8", artist="Cy", albumartist="Cy", album="Z", genre="Pop")
    paths[0].unlink()
    await house.run()
    await assert_counts_right(house)
    assert ((await house.album("Y")).is_explicit, (await house.artist("Cy")).album_count) == (False, 1)
    for path in paths[1:4]:
        path.unlink()
    await house.run()
    await assert_counts_right(house)
    assert ((await house.album("X")).is_hidden, (await house.album("X")).total_tracks) == (True, 0)
    sounds.put(paths[0], 301, title="T1", artist="Ann", albumartist="Ann", album="X")
    await house.run()
    await assert_counts_right(house)
    assert len(await house.songs()) == 8


async def test_a_compilation_has_various_artists_and_one_album(house: House, sounds: Sounds) -> None:
    for number in range(1, 5):
        sounds.put(house.music / "Hits" / f"0{number}.mp3", 300 + number, title=f"T{number}", artist=f"Band {number}",
                   album="Hits", date=str(1980 + number))  # fmt: skip
    await house.run()
    album = await house.album("Hits")
    assert (album.artist_credit, album.total_tracks, album.release_date) == ("Various Artists", 4, "1984")
    sounds.put(house.music / "Hits" / "05.mp3", 305, title="T5", artist="Band 5", album="hits", date="1999")
    await house.run()
    assert [album.total_tracks for album in await house.albums()] == [5]
    await assert_counts_right(house)


async def test_one_album_over_two_discs_and_two_albums_of_one_name(house: House, sounds: Sounds) -> None:
    for disc in (1, 2):
        sounds.put(house.music / "Ann" / "Long" / f"CD{disc}" / "01.mp3", 300 + disc, title=f"D{disc}", artist="Ann",
                   album="Long", discnumber=str(disc), date="2001")  # fmt: skip
    sounds.put(house.music / "p1" / "1.mp3", 310, title="Red Rain", artist="Peter", album="Peter", date="1977")
    sounds.put(house.music / "p2" / "1.mp3", 311, title="Games", artist="Peter", album="Peter", date="1980")
    await house.run()
    assert ((await house.album("Long")).disc_count, (await house.album("Long")).total_tracks) == (2, 2)
    assert sorted((album.title, album.slug) for album in await house.albums()) == [
        ("Long", "long"), ("Peter", "peter"), ("Peter", "peter-2"),
    ]  # fmt: skip


async def test_spellings_and_ids_meet_in_one_artist(house: House, sounds: Sounds) -> None:
    mbid = "11111111-2222-3333-4444-555555555555"
    other = "99999999-2222-3333-4444-555555555555"
    sounds.put(house.music / "1.flac", 300, title="1", artist="Sigur Rós")
    sounds.put(house.music / "2.flac", 301, title="2", artist="SIGUR ROS", musicbrainz_artistid=mbid)
    sounds.put(house.music / "3.flac", 302, title="3", artist="Sigur Rós", musicbrainz_artistid=other)
    await house.run()
    artists = await house.artists()
    assert sorted((artist.musicbrainz_id, artist.song_count, artist.slug) for artist in artists) == [
        (mbid, 2, "sigur-ros"), (other, 1, "sigur-ros-2"),
    ]  # fmt: skip
    sounds.put(house.music / "4.flac", 303, title="4", artist="Sigur Ros")
    await house.run()
    assert len(await house.artists()) == 2
    await assert_counts_right(house)


async def test_genres_meet_and_keep_their_slashes(house: House, sounds: Sounds) -> None:
    sounds.put(house.music / "1.flac", 300, title="1", genre=["Rock; pop", "R&B/Soul"])
    sounds.put(house.music / "2.flac", 301, title="2", genre=["ROCK", "Folk, World, & Country"])
    sounds.put(house.music / "3.mp3", 302, title="3", genre="(17)")
    await house.run()
    genres = {genre.id: genre.name for genre in await house.store.genres.find({}, limit=50)}
    assert sorted(genres.values()) == ["Folk, World, & Country", "R&B/Soul", "Rock", "pop"]
    assert [genres[id] for id in (await house.song("1")).genre_ids] == ["Rock", "pop", "R&B/Soul"]
    assert [genres[id] for id in (await house.song("3")).genre_ids] == ["Rock"]


async def test_many_songs_of_one_title_get_numbered_slugs(house: House, sounds: Sounds) -> None:
    for number in range(150):
        sounds.put(house.music / f"{number:03} Intro.mp3", 300 + number % 5, title="Intro", artist=f"Band {number}")
    await house.run()
    slugs = [song.slug for song in await house.songs()]
    assert (len(slugs), len(set(slugs))) == (150, 150)
    assert set(slugs) == {"intro", *(f"intro-{number}" for number in range(2, 151))}
    sounds.put(house.music / "late" / "Intro.mp3", 306, title="Intro", artist="Late")
    await house.run()
    # The search leaps to the last power of two in use, and goes on from there.
    assert (await house.songs())[-1].slug == "intro-151"
