"""Stations: heard from a seed, kept, and gone."""

import pytest

from tests.discovery.listeners import two_camps

RADIO = """query { radio(seedArtist: "jazz0", limit: 50) { id name songs { id title artist { name } } } }"""
CREATE = 'mutation { createRadio(name: "My Rock Radio", seedGenre: "rock") { radio { id name } } }'
MINE = "{ myRadios { id name seedGenre { name } seedArtist { name } seedSong { title } } }"
TUNE = "query ($id: ID!, $n: Int) { radio(id: $id, limit: $n) { id name seedGenre { name } songs { id } } }"


async def songs(rig, arguments, viewer=None):
    """What a station plays."""
    document = f"{{ radio({arguments}) {{ id songs {{ id }} }} }}"
    found = (await rig.data(document, *([viewer] if viewer else [])))["radio"]
    return [song["id"] for song in found["songs"]]


async def hears(rig, viewer, station, song, ms_played=200_000):
    """A play on a station, told as a player tells it."""
    document = """mutation ($song: ID!, $on: ID!, $ms: Int) {
      playSong(songId: $song, source: RADIO, sourceId: $on, msPlayed: $ms) { song { id } } }"""
    rig.clock.turn(2)
    await rig.data(document, viewer, song=song, on=station, ms=ms_played)


async def test_an_artists_station_plays_them_and_those_like_them(rig):
    await two_camps(rig)
    station = (await rig.data(RADIO))["radio"]
    assert (station["id"], station["name"]) == ("artist:jazz0", "Jazz0 Radio")
    artists = {song["id"].split("-")[0] for song in station["songs"]}
    assert artists == {"jazz0", "jazz1", "jazz2", "jazz3"}
    assert await songs(rig, 'id: "artist:jazz0", limit: 24') == await songs(rig, 'seedArtist: "jazz0", limit: 24')


async def test_a_songs_station_begins_with_it_and_a_genres_station_takes_in_those_below(music):
    assert (await songs(music, 'seedSong: "b1"'))[0] == "b1"
    # With so few songs the whole library joins in, after the genre's own.
    assert set(await songs(music, 'seedGenre: "rock", limit: 2')) <= {"s1", "s3", "b1"}
    assert set(await songs(music, 'seedGenre: "slug-shoegaze"')) == {"s1", "s2", "s3", "b1"}


async def test_a_station_is_the_same_all_day_and_another_mix_tomorrow(rig):
    await two_camps(rig)
    today = await songs(rig, 'seedGenre: "jazz"')
    rig.clock.turn(600)
    assert await songs(rig, 'seedGenre: "jazz"') == today
    rig.clock.turn(86_400)
    tomorrow = await songs(rig, 'seedGenre: "jazz"')
    assert tomorrow != today and sorted(tomorrow) == sorted(today)


async def test_a_kept_station_is_listed_tuned_and_dropped_by_its_owner_alone(music):
    mine, other = await music.sign_up("mine"), await music.sign_up("other")
    made = (await music.data(CREATE, mine))["createRadio"]["radio"]
    assert made["name"] == "My Rock Radio"
    assert (await music.data(MINE, mine))["myRadios"] == [
        {**made, "seedGenre": {"name": "rock"}, "seedArtist": None, "seedSong": None}
    ]
    tuned = (await music.data(TUNE, mine, id=made["id"]))["radio"]
    assert (tuned["name"], tuned["seedGenre"]) == ("My Rock Radio", {"name": "rock"})
    drop = "mutation ($id: ID!) { deleteRadio(radioId: $id) { success } }"
    for viewer in (other,):
        assert (await music.data(MINE, viewer))["myRadios"] == []
        assert await music.errors(TUNE, viewer, id=made["id"]) == [{"code": "NOT_FOUND", "field": "id"}]
        assert await music.errors(drop, viewer, id=made["id"]) == [{"code": "NOT_FOUND", "field": "radioId"}]
    assert await music.data(drop, mine, id=made["id"]) == {"deleteRadio": {"success": True}}
    assert (await music.data(MINE, mine))["myRadios"] == []


async def test_a_station_without_a_name_is_called_after_its_seed(music):
    viewer = await music.sign_up("mine")
    made = await music.data('mutation { createRadio(seedSong: "b1") { radio { name seedSong { id } } } }', viewer)
    assert made["createRadio"]["radio"] == {"name": "Bees Radio", "seedSong": {"id": "b1"}}


async def test_a_kept_station_whose_seed_is_gone_goes_on_from_what_was_heard_on_it(music):
    viewer = await music.sign_up("mine")
    made = await music.data('mutation { createRadio(seedSong: "b1") { radio { id } } }', viewer)
    id = made["createRadio"]["radio"]["id"]
    await music.store.songs.delete({"_id": "b1"})
    assert await music.errors(TUNE, viewer, id=id) == [{"code": "NOT_FOUND", "field": "id"}]
    assert (await music.data(MINE, viewer))["myRadios"][0]["seedSong"] is None
    await hears(music, viewer, id, "s3")
    station = (await music.data(TUNE, viewer, id=id))["radio"]
    assert station["name"] == "Bees Radio"
    assert {song["id"] for song in station["songs"]} == {"s1", "s2", "s3"}


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ("", "INVALID", "seedArtist"),
        ('seedArtist: "anna", seedSong: "s1"', "INVALID", "seedArtist"),
        ('seedArtist: "absent"', "NOT_FOUND", "seedArtist"),
        ('seedArtist: "ghost"', "NOT_FOUND", "seedArtist"),
        ('seedArtist: ""', "NOT_FOUND", "seedArtist"),
        ('seedSong: "s4"', "NOT_FOUND", "seedSong"),
        ('seedGenre: "polka"', "NOT_FOUND", "seedGenre"),
        ('seedGenre: "\\u0000"', "NOT_FOUND", "seedGenre"),
    ],
)
async def test_a_seed_that_cannot_be_meant_is_refused_and_nothing_is_kept(music, arguments, code, field):
    viewer = await music.sign_up("mine")
    shown = f"({arguments})" if arguments else ""
    for document in (f"{{ radio{shown} {{ id }} }}", f"mutation {{ createRadio{shown} {{ radio {{ id }} }} }}"):
        assert await music.errors(document, viewer) == [{"code": code, "field": field}]
    assert await music.store.radios.count({}) == 0


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\0"])
async def test_names_that_cannot_be_are_refused(music, name):
    viewer = await music.sign_up("mine")
    document = 'mutation ($name: String) { createRadio(name: $name, seedGenre: "rock") { radio { id } } }'
    assert await music.errors(document, viewer, name=name) == [{"code": "INVALID", "field": "name"}]


async def test_at_most_a_hundred_stations_are_kept_and_listing_them_costs_the_same_as_one(music):
    viewer = await music.sign_up("mine")
    counts = []
    for number in range(101):
        errors = (await music.ask(CREATE, viewer)).get("errors")
        assert bool(errors) == (number == 100)
        if number in (0, 99):
            music.engine.asked.clear()
            assert (
                len((await music.data(MINE.replace("myRadios", "myRadios(limit: 100)"), viewer))["myRadios"])
                == number + 1
            )
            counts.append(dict(music.engine.asked))
    assert counts[0] == counts[1] == {"radios": 1, "genres": 1}
    assert errors[0]["extensions"]["code"] == "TOO_MANY_STATIONS"
