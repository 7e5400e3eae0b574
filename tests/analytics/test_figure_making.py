"""The figures of each day equal a recount of the ledger, whatever happens between any two store commands."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.analytics.crowds import crowd_of, pack, size, unpack
from services.analytics.figure_making import FigureMaking
from services.clock import SetClock
from storage.collections.store import Store
from storage.records import Play, Song
from tests.catalogue_rig import PASSWORD
from tests.listening.test_roll_ups import Mortal
from tests.template_store import open_empty_store

NOW = datetime(2026, 6, 1, 0, 40, tzinfo=UTC)
LENGTH_MS = 200_000


@pytest.fixture
async def mortal(tmp_path):
    engine = await open_empty_store(tmp_path / "figures.db")
    yield Mortal(engine)
    await engine.stop()


async def shelves(store):
    """Song `s1` of genre g, and `s2` without."""
    for id, genres in (("s1", ["g"]), ("s2", [])):
        song = Song(id, id, id, id, "a", "a", NOW, NOW, duration_ms=LENGTH_MS, genre_ids=genres, artist_ids=["a"])
        await store.songs.insert(song)


def play(number, user="u", song="s1", hours=0, ms=None, completed=False, source=None):
    at = NOW - timedelta(hours=hours)
    return Play(f"{user}:{number}", user, song, at, at, "b", ["a"], ms, completed, source, "p" if source else None)


def recounted(plays):
    """The same figures, by a way of their own: (kind, target, day) to plays, listeners, heard, known, done, skips."""
    found = {}
    for each in plays:
        day = each.started_at.strftime("%Y-%m-%d")
        things = [("house", ""), ("song", each.song_id), ("album", "b"), ("artist", "a")]
        things += [("genre", "g")] if each.song_id == "s1" else []
        things += [("playlist", "p"), ("from_playlist", "a/p")] if each.source == "playlist" else []
        heard = LENGTH_MS if each.completed and each.ms_played is None else each.ms_played
        for thing in things:
            row = found.setdefault((*thing, day), [0, set(), 0, 0, 0, 0])
            row[0] += 1
            row[1].add(each.user_id)
            row[2] += heard or 0
            row[3] += heard is not None
            row[4] += each.completed
            row[5] += heard is not None and not each.completed and heard < 30_000
    return {key: (row[0], len(row[1]), *row[2:]) for key, row in found.items()}


async def told(store):
    """What the rows say, in the same shape."""
    found = {}
    async for rows in store.figures_by_day.scan({}):
        for row in rows:
            said = (row.plays, row.listeners, row.ms_heard, row.known, row.completed, row.skips)
            found[row.kind, row.target_id, row.day] = said
            if row.kind == "artist":
                assert size(unpack(row.crowd)) == row.listeners
    async for days in store.figure_days.scan({}):
        for day in days:
            sums = [sum(slot.get(name, 0) for slot in day.slots.values()) for name in ("plays", "ms_heard")]
            ends = [sum(slot.get(name, 0) for slot in day.slots.values()) for name in ("known", "completed", "skips")]
            found["house", "", day.id] = (sums[0], size(unpack(day.crowd)), sums[1], *ends)
    return found


PLAYS = st.lists(
    st.tuples(
        st.sampled_from(["u", "v", "w"]),
        st.sampled_from(["s1", "s2"]),
        st.integers(0, 60),
        st.sampled_from([None, 0, 29_999, 30_000, 150_000]),
        st.booleans(),
        st.sampled_from([None, "radio", "playlist"]),
    ),
    max_size=12,
)


@given(drawn=PLAYS, death=st.integers(0, 14), half=st.integers(0, 4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_figures_of_any_ledger_equal_its_recount_though_the_counting_dies(
    io_loop, tmp_path_factory, drawn, death, half
):
    async def proven():
        engine = await open_empty_store(tmp_path_factory.mktemp("drawn") / "figures.db")
        try:
            mortal = Mortal(engine)
            store = Store(mortal)
            await shelves(store)
            making = FigureMaking(store, SetClock(NOW), plays_at_once=3)
            plays = [play(number, *each) for number, each in enumerate(drawn)]
            for each in plays:
                await store.plays.insert(each)
            await mortal.dies_in(making.make, death, half)
            await making.make()
            assert await told(store) == recounted(plays)
            assert await making.make() == 0
            assert await making.prove() == 0
        finally:
            await engine.stop()

    io_loop.run_sync(proven, timeout=30)


async def test_what_was_heard_later_is_counted_again_and_what_is_wrong_is_put_right(mortal):
    store = Store(mortal)
    await shelves(store)
    making = FigureMaking(store, SetClock(NOW))
    plays = [play(1, ms=1000), play(2, user="v", hours=30)]
    for each in plays:
        await store.plays.insert(each)
    assert await making.make() == 2
    plays[0].ms_played = 90_000
    await store.plays.update({"_id": "u:1"}, {"$set": {"ms_played": 90_000, "is_figured": False}})
    assert await making.make() == 1
    assert await told(store) == recounted(plays)
    await store.figures_by_day.update({"kind": "song"}, {"$inc": {"plays": 7}})
    await store.figures_by_day.update({"kind": "album"}, {"$set": {"day": "2020-01-01"}})
    assert await making.prove() > 0
    await store.plays.delete({"_id": "v:2"})
    assert await making.prove() > 0
    told_now = await told(store)
    assert {key: row for key, row in told_now.items() if key[2] != "2020-01-01"} == recounted(plays[:1])


async def test_numbers_are_given_once_and_somebody_erased_stays_one_nameless_listener(rig):
    making, store = rig.house.figure_making, rig.store
    await shelves(store)
    ann = await rig.sign_up("ann")
    for number, user in enumerate(["u", "v", ann.user_id, ann.user_id]):
        await store.plays.insert(play(number, user, hours=number * 24))
    await making.make()
    before = await told(store)
    numbers = await making.numbers.of(["u", "v", ann.user_id])
    assert sorted(numbers.values()) == [0, 1, 2]
    await rig.house.leaving.leave(ann, password=PASSWORD)
    rig.clock.turn(15 * 86_400)
    assert await rig.house.leaving.erase_due() == 1
    assert await store.plays.count({"user_id": ann.user_id}) == 0
    assert ann.user_id not in await making.numbers.known([ann.user_id])
    assert (await making.prove(), await told(store)) == (0, before)
    assert (await making.numbers.of(["x"]))["x"] == 3


@given(st.sets(st.integers(0, 5000), max_size=50), st.sets(st.integers(0, 5000), max_size=50))
@settings(max_examples=30, deadline=None)
def test_crowds_are_exact_sets(one, other):
    packed = [unpack(pack(crowd_of(each))) for each in (one, other)]
    assert (size(packed[0] | packed[1]), size(packed[0] & packed[1])) == (len(one | other), len(one & other))
