"""What a rule tree selects equals looking at every song; and what selecting costs."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.playlists import selecting
from services.playlists.own_facts import OwnFacts
from services.playlists.rules import Facts, check, is_exact, satisfies
from services.playlists.selecting import Selecting, SmartOrder
from services.viewer import Role, Viewer
from storage.records import AudioFeatures, Edge, Play, Song
from tests.catalogue_rig import START, Rig

DRAW = random.Random(7)
NEVER = datetime.min.replace(tzinfo=START.tzinfo)


async def library(rig: Rig, listener: str, count: int = 70) -> None:
    """Songs of every kind, with plays and likes of the listener's and of somebody else's."""
    rock = await rig.genre("rock")
    await rig.genre("indie", rock)
    await rig.genre("jazz")
    await rig.artist("anna")
    await rig.artist("bert")
    for number in range(count):
        artist = DRAW.choice(["anna", "bert"])
        await rig.song(
            f"s{number:03}",
            artist,
            title=f"Title {DRAW.randrange(30)}",
            sort_title=f"Title {DRAW.randrange(30):02}",
            genre_ids=DRAW.choice([[], ["rock"], ["indie"], ["jazz", "indie"]]),
            year=DRAW.choice([None, 1990, 2000, 2010]),
            mood=DRAW.choice([None, "calm", "wild"]),
            language=DRAW.choice([None, "de"]),
            album_id=DRAW.choice([None, "dawn"]),
            release_date=DRAW.choice([None, "1990", "2000-02", "2010-03-04"]),
            features=AudioFeatures(tempo=DRAW.choice([None, 90.0, 120.0]), energy=DRAW.choice([None, 0.2, 0.9])),
            duration_ms=DRAW.choice([100_000, 200_000, 300_000]),
            is_explicit=DRAW.random() < 0.3,
            is_hidden=DRAW.random() < 0.2,
            play_count=DRAW.randrange(5),
        )
        rig.clock.turn(DRAW.choice([0, 86_400]))
    now = rig.clock.now()
    for user in (listener, "other"):
        for number in range(3 * count):
            song, when = f"s{DRAW.randrange(count):03}", now - timedelta(days=DRAW.randrange(400), hours=1)
            await rig.store.plays.insert(Play(f"{user}:{number}", user, song, when, when))
        await rig.house.roll_ups.fold()
        for number in DRAW.sample(range(count), count // 3):
            await rig.store.liked_songs.insert(Edge(f"{user}:s{number:03}", user, f"s{number:03}", now))


def some_tree(depth: int = 3) -> dict[str, Any]:
    if depth and DRAW.random() < 0.6:
        kind = DRAW.choice(["all", "any", "not"])
        return {kind: some_tree(depth - 1) if kind == "not" else [some_tree(depth - 1) for _ in range(2)]}
    return DRAW.choice(
        [
            {"genre": DRAW.choice(["rock", "Indie", "slug-jazz", "none"])},
            {"year": {"from": 1995}},
            {"year": {"from": 1990, "to": 2000}},
            {"mood": "calm"},
            {"language": "de"},
            {"tempo": {"to": 100}},
            {"energy": {"from": 0.5}},
            {"duration": {"from": 150, "to": 250}},
            {"totalPlays": {"from": 2}},
            {"artistId": "anna"},
            {"albumId": "dawn"},
            {"isExplicit": DRAW.random() < 0.5},
            {"added": {DRAW.choice(["withinDays", "notWithinDays"]): 20}},
            {"playCount": {"from": DRAW.randrange(3)}},
            {"playCount": {"to": 2}},
            {"lastPlayed": {DRAW.choice(["withinDays", "notWithinDays"]): DRAW.choice([30, 200])}},
            {"liked": DRAW.random() < 0.5},
        ]
    )


async def everything(rig: Rig, user: str) -> tuple[list[Song], Facts]:
    """All songs, and all facts, worked out the plainest way."""
    plays: dict[str, int] = {}
    last: dict[str, datetime] = {}
    for play in await rig.store.plays.find({"user_id": user}, limit=10_000):
        plays[play.song_id] = plays.get(play.song_id, 0) + 1
        last[play.song_id] = max(last.get(play.song_id, NEVER), play.started_at)
    liked = frozenset(edge.target_id for edge in await rig.store.liked_songs.find({"user_id": user}, limit=10_000))
    genres = {"rock": {"rock", "indie"}, "Indie": {"indie"}, "slug-jazz": {"jazz"}, "none": set()}
    facts = Facts(rig.clock.now(), plays, last, liked, {text: frozenset(ids) for text, ids in genres.items()})
    return await rig.store.songs.find({}, limit=10_000), facts


def ordered(songs: list[Song], order: SmartOrder, facts: Facts) -> list[str]:
    keys: dict[SmartOrder, Any] = {
        SmartOrder.MOST_PLAYED: lambda song: -facts.plays.get(song.id, 0),
        SmartOrder.LEAST_RECENTLY_PLAYED: lambda song: facts.last_played.get(song.id, NEVER),
        SmartOrder.POPULAR: lambda song: -song.play_count,
        SmartOrder.RECENTLY_ADDED: lambda song: -song.created_at.timestamp(),
        SmartOrder.TITLE: lambda song: song.sort_title,
    }
    songs = sorted(songs, key=lambda song: song.id)
    if order is SmartOrder.NEWEST:
        return [song.id for song in sorted(songs, key=lambda song: song.release_date or "", reverse=True)]
    return [song.id for song in sorted(songs, key=keys[order])]


async def test_what_is_selected_is_what_looking_at_every_song_finds(rig, monkeypatch):
    # Small batches, so that every selection goes over several.
    monkeypatch.setattr(selecting, "_BATCH", 16)
    await library(rig, "ann")
    songs, facts = await everything(rig, "ann")
    asking = Selecting(rig.store, OwnFacts(rig.store, rig.clock))
    orders = [order for order in SmartOrder if order is not SmartOrder.RANDOM]
    exact = 0
    for number in range(150):
        viewer = Viewer("ann", explicit_content=number % 2 == 0)
        tree, order = some_tree(), DRAW.choice(orders)
        check(tree)
        exact += is_exact(tree, facts)
        seen = [song for song in songs if not song.is_hidden and (viewer.explicit_content or not song.is_explicit)]
        wanted = ordered([song for song in seen if satisfies(tree, song, facts)], order, facts)
        found = await asking.select(viewer, tree, order, 10, "seed")
        assert [song.id for song in found.songs] == wanted[:10], (tree, order)
        assert found.match_count == len(wanted), tree
    assert 20 < exact < 130


async def test_lots_are_the_same_for_one_seed_and_others_for_another(rig):
    await library(rig, "ann", 40)
    asking = Selecting(rig.store, OwnFacts(rig.store, rig.clock))
    drawn = [
        [song.id for song in (await asking.select(Viewer("ann"), tree, SmartOrder.RANDOM, 10, seed)).songs]
        for tree, seed in [({"liked": False}, "a"), ({"liked": False}, "a"), ({"liked": False}, "b")]
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 10


async def test_no_more_than_the_bound_is_looked_at(rig, monkeypatch):
    monkeypatch.setattr(selecting, "_BATCH", 5)
    monkeypatch.setattr(selecting, "SCANNED_LIMIT", 20)
    await rig.artist("anna")
    for number in range(30):
        await rig.song(f"s{number:03}", "anna", sort_title=f"{number:03}")
    asking = Selecting(rig.store, OwnFacts(rig.store, rig.clock))
    found = await asking.select(Viewer("ann"), {"not": {"liked": True}}, SmartOrder.TITLE, 3, "")
    assert ([song.id for song in found.songs], found.match_count) == (["s000", "s001", "s002"], 20)


@pytest.mark.parametrize(
    ("tree", "order", "asked"),
    [
        ({"year": {"from": 2000}}, SmartOrder.NEWEST, {"songs": 2}),
        ({"all": [{"genre": "rock"}, {"genre": "indie"}]}, SmartOrder.TITLE, {"genres": 2, "songs": 2}),
        ({"liked": True}, SmartOrder.POPULAR, {"liked_songs": 1, "songs": 2}),
        ({"liked": False}, SmartOrder.POPULAR, {"liked_songs": 1, "songs": 1}),
        ({"playCount": {"from": 1}}, SmartOrder.MOST_PLAYED, {"listens": 1, "songs": 1}),
        (
            {"any": [{"lastPlayed": {"withinDays": days}} for days in (3, 9)]},
            SmartOrder.TITLE,
            {"listens": 1, "songs": 2},
        ),
        ({"playCount": {"to": 5}}, SmartOrder.LEAST_RECENTLY_PLAYED, {"listens": 1, "songs": 1}),
    ],
)
async def test_selecting_costs_a_fixed_number_of_store_commands(music, tree, order, asked):
    music.engine.asked.clear()
    await Selecting(music.store, OwnFacts(music.store, music.clock)).select(Viewer("ann"), tree, order, 10, "")
    assert dict(music.engine.asked) == asked


async def test_whoever_owns_an_artist_selects_from_their_hidden_songs_too(music):
    viewer = await music.sign_up("anna", Role.ARTIST)
    await music.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": viewer.user_id}})
    asking = Selecting(music.store, OwnFacts(music.store, music.clock))
    for tree in ({"albumId": "dawn"}, {"not": {"albumId": "noon"}}):
        for who, ids in ((viewer, ["s1", "s2", "s3", "s4"]), (Viewer("x"), ["s1", "s2", "s3"])):
            found = await asking.select(who, tree, SmartOrder.TITLE, 10, "")
            assert sorted(song.id for song in found.songs) == ids
