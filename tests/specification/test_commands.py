"""How many store commands each document of the specification costs: exactly these, over HTTP, on a furnished house."""

from __future__ import annotations

import pytest

from tests.specification.counting import by_collection, counted
from tests.specification.documents import operations, with_real_values
from tests.specification.running import ask, prepare, real_values
from tests.specification.world import furnish, served_world

COMMANDS: dict[str, dict[str, int]] = {
    "mutation register": {
        "known_places": 2,
        "mailed_links": 2,
        "outbox": 1,
        "second_factors": 1,
        "sessions": 2,
        "users": 1,
    },
    "mutation login": {"known_places": 2, "second_factors": 1, "sessions": 2, "users": 1},
    "mutation refreshToken": {"sessions": 1, "users": 1},
    "mutation updateProfile": {"images": 1, "users": 1},
    "query me": {"artists": 1, "followed_artists": 1, "playlists": 2, "users": 1},
    "query user": {"followed_artists": 1, "playlists": 2, "users": 1},
    "query userPreferences": {"users": 1},
    "mutation updatePreferences": {"users": 1},
    "mutation followUser": {"followed_users": 1, "users": 2},
    "query artist": {"albums": 1, "artists": 1, "genres": 1, "songs": 2},
    "query searchArtists": {"artists": 1, "search_queries": 2, "users": 1},
    "query trendingArtists": {"artists": 1, "charts": 1, "genres": 1},
    "query similarArtists": {"artists": 4, "genres": 1, "plays": 5, "songs": 1},
    "mutation followArtist": {"artists": 1, "followed_artists": 1},
    "mutation unfollowArtist": {"artists": 1, "followed_artists": 1},
    "mutation createArtist": {"artists": 3, "genres": 1, "images": 1},
    "query album": {"albums": 1, "artists": 1, "reviews": 1, "songs": 1, "users": 1},
    "query song": {"albums": 1, "artists": 1, "genres": 1, "songs": 1},
    "query searchSongs": {"artists": 1, "genres": 2, "search_queries": 2, "songs": 1, "users": 1},
    "query newReleases": {"albums": 1, "artists": 1},
    "query recommendedSongs": {
        "albums": 1,
        "artists": 1,
        "followed_artists": 1,
        "liked_songs": 1,
        "plays": 5,
        "songs": 7,
        "tastes": 2,
    },
    "mutation uploadSong": {"albums": 4, "artists": 4, "audio_files": 2, "genres": 1, "songs": 6, "uploads": 4},
    "mutation likeSong": {"liked_songs": 1, "songs": 2},
    "mutation unlikeSong": {"liked_songs": 1, "songs": 1},
    "mutation playSong": {"albums": 1, "plays": 1, "songs": 2, "users": 2},
    "mutation addReview": {"reviews": 1, "songs": 1, "users": 1},
    "query playlist": {"artists": 1, "playlists": 2, "songs": 1, "users": 1},
    "query myPlaylists": {"playlists": 3, "songs": 1},
    "query featuredPlaylists": {"playlists": 1},
    "mutation createPlaylist": {"images": 1, "playlists": 4},
    "mutation updatePlaylist": {"playlists": 5},
    "mutation addSongToPlaylist": {"playlists": 3, "songs": 2},
    "mutation removeSongFromPlaylist": {"playlists": 2},
    "mutation reorderPlaylistSongs": {"playlists": 1},
    "mutation followPlaylist": {"playlist_followers": 1, "playlists": 2},
    "mutation deletePlaylist": {"playlist_followers": 1, "playlist_invites": 1, "playlists": 2},
    "query recommendations": {
        "artists": 3,
        "followed_artists": 2,
        "genres": 1,
        "liked_songs": 2,
        "plays": 6,
        "songs": 9,
        "tastes": 2,
    },
    "query radio": {
        "artists": 6,
        "genres": 1,
        "liked_songs": 1,
        "plays": 7,
        "songs": 8,
        "station_skips": 1,
        "tastes": 1,
    },
    "query discoverWeekly": {
        "albums": 1,
        "artists": 1,
        "followed_artists": 1,
        "liked_songs": 1,
        "plays": 7,
        "songs": 4,
        "tastes": 3,
        "users": 1,
        "weekly_lists": 2,
    },
    "query myTasteProfile": {"artists": 1, "genres": 1, "liked_songs": 1, "plays": 1, "tastes": 1},
    "mutation createRadio": {"genres": 1, "radios": 2},
    "mutation updateTasteProfile": {"genres": 2, "liked_songs": 1, "plays": 1, "tastes": 2},
    "query search": {"albums": 1, "artists": 2, "playlists": 1, "search_queries": 1, "songs": 1, "users": 2},
    "query autocomplete": {"albums": 1, "artists": 1, "playlists": 1, "songs": 1},
    "query listeningHistory": {"artists": 1, "plays": 1, "songs": 1},
    "query myTopArtists": {"artists": 1, "plays": 1},
    "query myTopSongs": {"artists": 1, "listens_by_month": 1, "songs": 1},
    "query trendingCharts": {"artists": 1, "charts": 1, "songs": 1},
}
"""By document: how many commands each collection is given."""


@pytest.fixture
async def world(tmp_path):
    async with served_world(tmp_path / "data") as world:
        await furnish(world)
        yield world


async def test_each_document_costs_exactly_its_store_commands(world):
    found: dict[str, dict[str, int]] = {}
    with counted(world.household.store.engine) as requests:
        for document in operations():
            await prepare(world, document)
            text = with_real_values(document, real_values(world))
            requests.clear()
            answer = await ask(world, document, text)
            assert not answer.get("errors"), (str(document), answer["errors"])
            if document.kind != "subscription":
                [asked] = requests
                assert str(document) not in found, "two documents of one name: tell them apart here"
                found[str(document)] = by_collection(asked)
    different = {name: (COMMANDS.get(name), found.get(name)) for name in COMMANDS | found}
    different = {name: pair for name, pair in different.items() if pair[0] != pair[1]}
    told = [f"{name}: {found} instead of {pinned}" for name, (pinned, found) in different.items()]
    assert not told, "\n".join(told)
    assert len(found) == 48
