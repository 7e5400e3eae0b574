"""The rule tree of smart playlists: what it refuses, what it means, and that the store's filter never loses a song."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Invalid
from services.playlists.rules import Facts, candidates, check, genres_in, satisfies
from storage.collections.record_codec import RecordCodec
from storage.language import matches, parse_filter
from storage.records import AudioFeatures, Song

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PLAIN = Song("s", "S", "s", "s", "anna", "Anna", NOW - timedelta(days=40), NOW, artist_ids=["anna", "bert"])
CODEC = RecordCodec(Song, id_key="_id")


def song(**more) -> Song:
    return replace(PLAIN, **more)


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({}, "rules"),
        ([], "rules"),
        ("genre", "rules"),
        ({"liked": True, "mood": "calm"}, "rules"),
        ({"tempi": {"from": 1}}, "rules.tempi"),
        ({"all": []}, "rules.all"),
        ({"all": [{"liked": 1}]}, "rules.all.0.liked"),
        ({"not": {"year": {}}}, "rules.not.year"),
        ({"year": {"from": 2000, "until": 2010}}, "rules.year"),
        ({"year": {"from": 2010, "to": 2000}}, "rules.year"),
        ({"year": {"from": True}}, "rules.year"),
        ({"tempo": {"from": float("nan")}}, "rules.tempo"),
        ({"tempo": {"to": float("inf")}}, "rules.tempo"),
        ({"energy": {"to": 1.5}}, "rules.energy"),
        ({"playCount": {"from": -1}}, "rules.playCount"),
        ({"lastPlayed": {"withinDays": 0}}, "rules.lastPlayed"),
        ({"lastPlayed": {"withinDays": 3, "notWithinDays": 3}}, "rules.lastPlayed"),
        ({"genre": ""}, "rules.genre"),
        ({"genre": "x" * 101}, "rules.genre"),
        ({"mood": "a\x00b"}, "rules.mood"),
        ({"any": [{"liked": True}] * 61}, "rules.any"),
        ({"all": [{"any": [{"liked": True}] * 30}, {"any": [{"liked": True}] * 30}]}, "rules"),
        ({"not": {"not": {"not": {"not": {"not": {"not": {"liked": True}}}}}}}, "rules.not.not.not.not.not.not"),
    ],
)
def test_a_tree_that_means_nothing_is_refused_with_its_place(tree, place):
    with pytest.raises(Invalid) as refusal:
        check(tree)
    assert refusal.value.field == place


def test_questions_about_the_song():
    facts = Facts(NOW, genres={"rock": frozenset({"g1", "g2"})})
    track = song(genre_ids=["g2"], year=1999, mood="calm", features=AudioFeatures(tempo=120.0), duration_ms=200_000)
    for tree, expected in [
        ({"genre": "rock"}, True),
        ({"genre": "jazz"}, False),
        ({"year": {"from": 1990, "to": 1999}}, True),
        ({"year": {"from": 2000}}, False),
        ({"mood": "calm"}, True),
        ({"mood": "wild"}, False),
        ({"tempo": {"from": 120, "to": 120}}, True),
        ({"energy": {"from": 0}}, False),
        ({"duration": {"to": 200}}, True),
        ({"duration": {"to": 199}}, False),
        ({"artistId": "bert"}, True),
        ({"artistId": "carl"}, False),
        ({"added": {"withinDays": 41}}, True),
        ({"added": {"notWithinDays": 39}}, True),
        ({"not": {"isExplicit": True}}, True),
        ({"all": [{"mood": "calm"}, {"year": {"to": 1998}}]}, False),
        ({"any": [{"mood": "wild"}, {"year": {"to": 1999}}]}, True),
    ]:
        check(tree)
        assert satisfies(tree, track, facts) is expected, tree


def test_questions_about_the_listener():
    facts = Facts(NOW, plays={"s": 3}, last_played={"s": NOW - timedelta(days=2)}, liked=frozenset({"s"}))
    other = song(id="other")
    for tree, mine, others in [
        ({"liked": True}, True, False),
        ({"liked": False}, False, True),
        ({"playCount": {"from": 3}}, True, False),
        ({"playCount": {"to": 0}}, False, True),
        ({"lastPlayed": {"withinDays": 2}}, True, False),
        ({"lastPlayed": {"notWithinDays": 1}}, True, True),
    ]:
        assert (satisfies(tree, PLAIN, facts), satisfies(tree, other, facts)) == (mine, others), tree
    assert genres_in({"all": [{"genre": "a"}, {"not": {"genre": "b"}}]}) == {"a", "b"}


def test_the_filter_is_as_narrow_as_the_tree_allows():
    facts = Facts(NOW, liked=frozenset({"x", "a"}), genres={"rock": frozenset({"g"})})
    assert candidates({"all": [{"genre": "rock"}, {"liked": True}]}, facts) == {
        "$and": [{"genre_ids": {"$in": ["g"]}}, {"_id": {"$in": ["a", "x"]}}]
    }
    assert candidates({"any": [{"genre": "rock"}, {"liked": False}]}, facts) == {}
    assert candidates({"not": {"not": {"mood": "calm"}}}, facts) == {"mood": "calm"}


SPANS = st.builds(lambda kind, days: {kind: days}, st.sampled_from(["withinDays", "notWithinDays"]), st.integers(1, 50))
RANGE = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda pair: {"from": min(pair), "to": max(pair)})
OPEN = st.one_of(RANGE, RANGE.map(lambda both: {"from": both["from"]}), RANGE.map(lambda both: {"to": both["to"]}))
LEAVES = st.one_of(
    st.sampled_from(["rock", "jazz", "none"]).map(lambda name: {"genre": name}),
    st.sampled_from(["calm", "wild"]).map(lambda mood: {"mood": mood}),
    st.sampled_from(["anna", "carl"]).map(lambda id: {"artistId": id}),
    st.booleans().map(lambda yes: {"isExplicit": yes}),
    st.booleans().map(lambda yes: {"liked": yes}),
    st.tuples(st.sampled_from(["year", "tempo", "totalPlays", "playCount", "duration"]), OPEN).map(
        lambda pair: {pair[0]: pair[1]}
    ),
    st.tuples(st.sampled_from(["lastPlayed", "added"]), SPANS).map(lambda pair: {pair[0]: pair[1]}),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"all": nodes}),
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"any": nodes}),
        inner.map(lambda node: {"not": node}),
    ),
    max_leaves=6,
)
SONGS = st.builds(
    song,
    id=st.sampled_from(["a", "b", "c"]),
    genre_ids=st.lists(st.sampled_from(["g1", "g2", "g3"]), max_size=2, unique=True),
    mood=st.sampled_from([None, "calm", "wild"]),
    artist_ids=st.lists(st.sampled_from(["anna", "carl"]), max_size=2, unique=True),
    year=st.one_of(st.none(), st.integers(0, 7)),
    play_count=st.integers(0, 7),
    duration_ms=st.integers(0, 7000),
    is_explicit=st.booleans(),
    features=st.builds(AudioFeatures, tempo=st.one_of(st.none(), st.integers(0, 7).map(float))),
    created_at=st.integers(0, 60).map(lambda days: NOW - timedelta(days=days)),
)
FACTS = st.builds(
    lambda plays, days, liked: Facts(
        NOW,
        plays=plays,
        last_played={id: NOW - timedelta(days=day) for id, day in days.items()},
        liked=frozenset(liked),
        genres={"rock": frozenset({"g1", "g2"}), "jazz": frozenset({"g3"})},
    ),
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 6)),
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 60)),
    st.sets(st.sampled_from(["a", "c"])),
)


@given(TREES, SONGS, FACTS)
def test_no_satisfying_song_is_ever_lost_by_the_filter(tree, track, facts):
    if satisfies(tree, track, facts):
        assert matches(parse_filter(candidates(tree, facts)), CODEC.encode(track))


@given(TREES, SONGS, FACTS)
def test_not_is_the_opposite_and_a_pair_of_it_is_nothing(tree, track, facts):
    assert satisfies({"not": tree}, track, facts) is not satisfies(tree, track, facts)
    assert satisfies({"not": {"not": tree}}, track, facts) is satisfies(tree, track, facts)
