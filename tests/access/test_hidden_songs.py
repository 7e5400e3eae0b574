"""A song that is hidden, or explicit for those who want none: gone on every way that leads to it, there before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from services.playlists.making import PlaylistDraft
from services.viewer import Role, Viewer
from storage.records import Chart, ChartEntry, Edge, Play, WeeklyList
from tests.catalogue_rig import Rig, days, furnish, small_house

SONG = "title lyrics audioUrl isLiked"
WAYS = {
    "song": f'{{ song(id: "b1") {{ {SONG} }} }}',
    "song by slug": f'{{ song(slug: "slug-b1") {{ {SONG} }} }}',
    "its lyrics": '{ lyrics(songId: "b1") { plain } }',
    "songs": f"{{ songs {{ edges {{ node {{ {SONG} }} }} totalCount }} }}",
    "songs by artist": '{ songs(filters: {artistId: "bert"}) { edges { node { title } } } }',
    "its album": f'{{ album(id: "noon") {{ songs {{ {SONG} }} }} }}',
    "its artist": f'{{ artist(id: "bert") {{ topSongs(limit: 10) {{ {SONG} }} }} }}',
    "likes": f"{{ likedSongs {{ edges {{ node {{ {SONG} }} }} }} }}",
    "history": f"{{ listeningHistory {{ song {{ {SONG} }} }} }}",
    "history, page by page": "{ listeningHistoryConnection { edges { node { song { title } } } } }",
    "tops of the month": f"{{ myTopSongs {{ song {{ {SONG} }} }} }}",
    "charts": f"{{ trendingCharts(type: GLOBAL, timeRange: WEEK) {{ songs {{ song {{ {SONG} }} }} }} }}",
    "a playlist": f'{{ playlist(id: "«playlist»") {{ songs {{ song {{ {SONG} }} }} }} }}',
    "a playlist, page by page": '{ playlist(id: "«playlist»") { entries { edges { node { song { title } } } } } }',
    "a playlist as a file": '{ exportPlaylist(playlistId: "«playlist»", format: JSPF) { text } }',
    "a smart playlist": '{ playlist(id: "«smart»") { songs { song { title } } } }',
    "rules": '{ previewSmartRules(rules: {genre: "indie"}) { songs { title } } }',
    "a station": f'{{ radio(seedArtist: "bert") {{ songs {{ {SONG} }} }} }}',
    "a kept station": f'{{ radio(id: "«station»") {{ songs {{ {SONG} }} }} }}',
    "its own station": '{ radio(seedSong: "b1") { name songs { title } } }',
    "kept stations": "{ myRadios { seedSong { title } } }",
    "daily mixes": f"{{ dailyMixes {{ songs {{ {SONG} }} }} }}",
    "discover weekly": f"{{ discoverWeekly {{ songs {{ {SONG} }} }} }}",
    "recommended songs": f"{{ recommendedSongs {{ {SONG} }} }}",
    "recommendations": f"{{ recommendations {{ reason songs {{ {SONG} }} groups {{ reason songs {{ title }} }} }} }}",
    "songs like another": f'{{ similarSongs(songId: "b2") {{ {SONG} }} }}',
    "songs like it": '{ similarSongs(songId: "b1") { title } song(id: "b1") { title } }',
    "a mood": f'{{ moodPlaylist(mood: "calm") {{ songs {{ {SONG} }} entries {{ song {{ title }} }} }} }}',
    "its genre's page": f'{{ genre(id: "indie") {{ topSongs {{ {SONG} }} }} }}',
    "what rises": f"{{ trendingCharts(timeRange: WEEK, order: ACCELERATION) {{ songs {{ song {{ {SONG} }} }} }} }}",
    "search": '{ search(query: "Bees", types: [SONG]) { songs { title } } }',
    "search for songs": f'{{ searchSongs(query: "Bees") {{ edges {{ node {{ {SONG} }} }} totalCount }} }}',
    "suggestions": '{ autocomplete(query: "Bee") { suggestions } }',
    "its reviews": '{ reviews(songId: "b1") { edges { node { song { title } } } } }',
    "my reviews": "{ myReviews { edges { node { song { title } } } } }",
    "a share link": '{ sharedThing(token: "«link»") { ... on Song { title } } }',
    "my share links": "{ myShareLinks { edges { node { thing { ... on Song { title } } } } } }",
}
TITLE = "Bees"


@pytest.fixture
async def house(tmp_path: Path):
    """A listener who has to do with the song b1 in every way, and the words of the documents."""
    async with small_house(tmp_path) as rig:
        await furnish(rig)
        await rig.song("b2", "bert", title="Wasps", album_id="noon", genre_ids=["indie"])
        await rig.store.songs.update(
            {"_id": "b1"}, {"$set": {"genre_ids": ["indie"], "lyrics": "Bees hum", "mood": "Calm"}}
        )
        viewer = await rig.sign_up("listener")
        yield rig, viewer, await _bonds(rig, viewer)


async def _bonds(rig: Rig, viewer: Viewer) -> dict[str, str]:
    house, store, now = rig.house, rig.store, rig.clock.now()
    me = viewer.user_id or ""
    await store.liked_songs.insert(Edge(f"{me}:b1", me, "b1", now))
    await store.plays.insert(Play(f"{me}:p", me, "b1", now - days(1), now, artist_ids=["bert"]))
    await store.charts.insert(
        Chart("songs:global:week", "songs", "global", "week", now, "2026-06-01", [ChartEntry("b1", 1, 9)])
    )
    await store.charts.insert(
        Chart("trends:global:week", "trends", "global", "trends:week", now, "2026-06-01", [ChartEntry("b1", 1, 9)])
    )
    playlist = await house.playlist_making.create(viewer, PlaylistDraft("Mix"))
    await house.playlist_editing.add_songs(viewer, playlist.id, ["b1", "s1"])
    text = 'mutation { createSmartPlaylist(name: "Rules", rules: {liked: true}) { playlist { id } } }'
    smart = (await rig.data(text, viewer))["createSmartPlaylist"]["playlist"]["id"]
    station = await house.stations.keep(viewer, name="Mine", seed_artist="bert")
    await house.stations.keep(viewer, name="Other", seed_song="b1")
    await store.weekly_lists.insert(WeeklyList(me, "2026-06-01", ["b1", "s1"], now))
    await house.reviews.add(viewer, song_id="b1", rating=4)
    link = await house.share_links.create(viewer, {"song": "b1"})
    await house.indexing.catch_up()
    return {"«playlist»": playlist.id, "«smart»": smart, "«station»": station.id, "«link»": link.id}


async def leading_to_it(rig: Rig, viewer: Viewer, words: dict[str, str]) -> set[str]:
    """The ways on which the viewer meets the song."""
    met = set()
    for way, document in WAYS.items():
        for word, id in words.items():
            document = document.replace(word, id)
        if TITLE in str((await rig.ask(document, viewer)).get("data")):
            met.add(way)
    return met


async def test_a_song_in_sight_is_met_on_every_way(house):
    assert await leading_to_it(*house) == set(WAYS)


async def test_a_hidden_song_is_met_on_no_way(house):
    rig, viewer, words = house
    moderator = await rig.sign_up("moderator", Role.MODERATOR)
    text = 'mutation { setHidden(kind: SONG, id: "b1", hidden: true) { isHidden } }'
    assert await rig.data(text, moderator) == {"setHidden": {"isHidden": True}}
    # The index has not heard of it yet; what it names is looked at again.
    assert await leading_to_it(rig, viewer, words) == set()
    await rig.house.indexing.catch_up()
    assert await leading_to_it(rig, viewer, words) == set()


async def test_an_explicit_song_is_met_on_no_way_by_those_who_want_none(house):
    rig, viewer, words = house
    await rig.store.songs.update({"_id": "b1"}, {"$set": {"is_explicit": True, "updated_at": rig.clock.now()}})
    clean = replace(viewer, explicit_content=False)
    assert await leading_to_it(rig, clean, words) == set()
    await rig.house.indexing.catch_up()
    assert await leading_to_it(rig, clean, words) == set()
    assert await leading_to_it(rig, viewer, words) == set(WAYS)
