"""What somebody plays most: theirs alone, for each range, bounded."""

from datetime import timedelta

import pytest

SONGS = """query {
  myTopSongs(timeRange: YEAR, limit: 50) {
    song {
      id
      title
      artist {
        name
      }
    }
    playCount
  }
}"""
ARTISTS = """query {
  myTopArtists(timeRange: MONTH, limit: 20) {
    artist {
      id
      name
      profileImage
    }
    playCount
  }
}"""


async def listen(music, viewer, song, times, days=0.0):
    for number in range(times):
        at = music.clock.now() - timedelta(days=days, seconds=number)
        await music.house.plays.record(viewer, song, play_id=f"{song}.{days}.{number}", started_at=at)


async def tops(music, viewer, noun, range):
    field = f"myTop{noun}s"
    answer = await music.data(f"{{ {field}(timeRange: {range}) {{ {noun.lower()} {{ id }} playCount }} }}", viewer)
    return [(each[noun.lower()]["id"], each["playCount"]) for each in answer[field]]


async def test_the_specifications_documents_answer(music):
    viewer, other = await music.sign_up("listener"), await music.sign_up("other")
    for document in (SONGS, ARTISTS):
        assert list((await music.data(document, viewer)).values()) == [[]]
    await listen(music, viewer, "s1", 2)
    await listen(music, viewer, "b1", 3)
    await listen(music, other, "s3", 9)
    await music.house.roll_ups.fold()
    music.engine.asked.clear()
    assert (await music.data(SONGS, viewer))["myTopSongs"] == [
        {"song": {"id": "b1", "title": "Bees", "artist": {"name": "Bert"}}, "playCount": 3},
        {"song": {"id": "s1", "title": "First", "artist": {"name": "Anna"}}, "playCount": 2},
    ]
    assert music.engine.asked == {"listens_by_month": 1, "songs": 1, "artists": 1}
    music.engine.asked.clear()
    # Bert features on s1, and a hidden artist does too.
    assert (await music.data(ARTISTS, viewer))["myTopArtists"] == [
        {"artist": {"id": "bert", "name": "Bert", "profileImage": None}, "playCount": 5},
        {"artist": {"id": "anna", "name": "Anna", "profileImage": None}, "playCount": 2},
    ]
    assert music.engine.asked == {"plays": 1, "artists": 1}


async def test_each_range_has_its_source_and_they_agree(music):
    viewer = await music.sign_up("listener")
    for song, days in (("s1", 0.5), ("s2", 5), ("s3", 20), ("b1", 29.5)):
        await listen(music, viewer, song, 1, days)
    await music.store.plays.update({"song_id": "b1"}, {"$set": {"started_at": music.clock.now() - timedelta(days=200)}})
    await music.house.roll_ups.fold()
    found = {range: [id for id, _ in await tops(music, viewer, "Song", range)] for range in ("DAY", "WEEK", "MONTH")}
    assert found == {"DAY": ["s1"], "WEEK": ["s1", "s2"], "MONTH": ["s1", "s2", "s3"]}
    for noun, all in (("Song", [("b1", 1), ("s1", 1), ("s2", 1), ("s3", 1)]), ("Artist", [("anna", 3), ("bert", 2)])):
        for range in ("YEAR", "ALL_TIME"):
            assert await tops(music, viewer, noun, range) == all
    music.clock.turn(86_400 * 250)
    assert [id for id, _ in await tops(music, viewer, "Song", "YEAR")] == ["s1", "s2", "s3"]
    assert await tops(music, viewer, "Song", "MONTH") == []


async def test_a_hundred_rows_cost_what_one_costs(music):
    viewer = await music.sign_up("listener")
    for number in range(100):
        await music.song(f"x{number:03}", "anna")
        await listen(music, viewer, f"x{number:03}", 1)
    await music.house.roll_ups.fold()
    shelves = {"MONTH": "plays", "YEAR": "listens_by_month", "ALL_TIME": "listens"}
    for period, shelf in shelves.items():
        for limit in (1, 100):
            document = SONGS.replace("YEAR", period).replace("50", str(limit))
            music.engine.asked.clear()
            assert len((await music.data(document, viewer))["myTopSongs"]) == limit
            assert music.engine.asked == {shelf: 1, "songs": 1, "artists": 1}


async def test_what_went_out_of_sight_is_left_out(music):
    viewer = await music.sign_up("listener")
    await listen(music, viewer, "s1", 2)
    await listen(music, viewer, "b1", 1)
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    assert await tops(music, viewer, "Song", "WEEK") == [("b1", 1)]


@pytest.mark.parametrize("field", ["myTopSongs", "myTopArtists"])
@pytest.mark.parametrize("limit", [0, -1, 101])
async def test_tops_are_bounded(music, field, limit):
    viewer = await music.sign_up("listener")
    for range in ("DAY", "YEAR", "ALL_TIME"):
        errors = await music.errors(f"{{ {field}(timeRange: {range}, limit: {limit}) {{ playCount }} }}", viewer)
        assert errors == [{"code": "INVALID", "field": "limit"}]


async def test_play_song_of_the_specification_costs_what_it_cost(music):
    viewer = await music.sign_up("listener")
    document = """mutation {
      playSong(songId: "s1", source: PLAYLIST, sourceId: "playlist_123") {
        success
        song {
          playCount
        }
      }
    }"""
    music.engine.asked.clear()
    assert await music.data(document, viewer) == {"playSong": {"success": True, "song": {"playCount": 11}}}
    # The song and its count, the listener (once more by who plays now), the ledger, the album's count.
    assert music.engine.asked == {"songs": 2, "users": 2, "plays": 1, "albums": 1}
