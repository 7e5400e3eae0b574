"""The roll-ups equal a recount of the ledger, whatever happens between any two store commands."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.clock import SetClock
from services.listening.proof import RollUpProof
from services.listening.roll_ups import THE_FOLD, RollUps
from storage.collections.store import Store
from storage.engine import EngineAway
from storage.records import Play
from tests.template_store import open_empty_store

NOW = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
SHELVES = ("plays_by_day", "plays_ever", "listens_by_day", "listens", "listens_by_month", "artist_listeners")


class Mortal:
    """The real engine, which dies at its nth write: before it is done, after it, or in a bulk's middle."""

    def __init__(self, engine):
        self.engine = engine
        self.left = None
        self.half = 0

    def __getattr__(self, name):
        method = getattr(self.engine, name)
        if name not in ("insert", "update", "update_and_get", "bulk", "delete"):
            return method

        async def write(*arguments, **options):
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    if name == "bulk" and self.half:
                        await method(arguments[0], arguments[1][: len(arguments[1]) * self.half // 4])
                    raise EngineAway("died")
            return await method(*arguments, **options)

        return write

    async def dies_in(self, work, left, half=0):
        """Do the work; whether it died."""
        self.left, self.half = left, half
        try:
            await work()
        except EngineAway:
            return True
        finally:
            self.left = None
        return False


@pytest.fixture
async def mortal(tmp_path):
    engine = await open_empty_store(tmp_path / "rolled.db")
    yield Mortal(engine)
    await engine.stop()


def play(id, user="u", song="s", artists=("a",), days=0, country=None, recorded=0, **more):
    at = NOW - timedelta(days=days)
    return Play(id, user, song, at, NOW + timedelta(seconds=recorded), None, list(artists), country=country, **more)


async def rows(engine, shelf):
    return [row async for batch in engine.scan(shelf, {}) for row in batch]


async def totals(engine):
    """What the roll-ups say, without the batches' numbers."""
    found = {}
    for shelf in SHELVES:
        for row in await rows(engine, shelf):
            said = {k: v for k, v in row.items() if k not in ("_id", "batch", "before") and v != {}}
            found[f"{shelf} {row['_id']}"] = said
    return found


SCALE = {1: 1000, 2: 1301, 3: 1477, 4: 1602, 5: 1699, 6: 1778, 7: 1845, 8: 1903, 9: 1954}
"""1 + log10 in thousandths, up to ten plays."""


def weigh_independently(plays, said):
    """Add the rows of accounts' days, and to the songs' rows what they weigh."""
    heard = {}
    for each in plays:
        day = each.started_at.date().isoformat()
        heard.setdefault((each.song_id, day, each.user_id), Counter())[each.country] += 1
    for (song, day, user), by_country in heard.items():
        countries = {code: n for code, n in by_country.items() if code}
        row = {"song_id": song, "day": day, "user_id": user, "plays": by_country.total()}
        said[f"listens_by_day {song}:{day}:{user}"] = row | ({"countries": countries} if countries else {})
        for key in (f"plays_by_day {song}:{day}", f"plays_ever {song}"):
            total = said[key]
            total["weight"] = total.get("weight", 0) + SCALE.get(row["plays"], 2000)
            total["listeners"] = total.get("listeners", 0) + 1
            for code, n in countries.items():
                weights = total.setdefault("weights", {})
                weights[code] = weights.get(code, 0) + SCALE.get(n, 2000)


def counted(plays):
    """What they must say: an independent count of the plays."""
    days, ever, listens, months, artists = Counter(), Counter(), Counter(), Counter(), Counter()
    places, ever_places, last = {}, {}, {}
    for each in plays:
        day, month = each.started_at.date().isoformat(), each.started_at.date().isoformat()[:7]
        days[each.song_id, day] += 1
        ever[each.song_id] += 1
        if each.country:
            places.setdefault((each.song_id, day), Counter())[each.country] += 1
            ever_places.setdefault(each.song_id, Counter())[each.country] += 1
        listens[each.user_id, each.song_id] += 1
        months[each.user_id, month, "song", each.song_id] += 1
        for artist in set(each.artist_ids):
            artists[artist, each.user_id] += 1
            months[each.user_id, month, "artist", artist] += 1
        for key in [(each.user_id, each.song_id), *((artist, each.user_id) for artist in each.artist_ids)]:
            last[key] = max(last.get(key, each.started_at), each.started_at)
    said = {}
    for (song, day), n in days.items():
        said[f"plays_by_day {song}:{day}"] = {"song_id": song, "day": day, "plays": n} | (
            {"countries": dict(places[song, day])} if (song, day) in places else {}
        )
    for song, n in ever.items():
        said[f"plays_ever {song}"] = {"plays": n} | (
            {"countries": dict(ever_places[song])} if song in ever_places else {}
        )
    weigh_independently(plays, said)
    for (user, song), n in listens.items():
        said[f"listens {user}:{song}"] = {"user_id": user, "song_id": song, "plays": n, "last_at": last[user, song]}
    for (user, month, kind, target), n in months.items():
        said[f"listens_by_month {user}:{month}:{kind}:{target}"] = {
            "user_id": user, "month": month, "kind": kind, "target_id": target, "plays": n}  # fmt: skip
    for (artist, user), n in artists.items():
        said[f"artist_listeners {artist}:{user}"] = {
            "artist_id": artist, "user_id": user, "plays": n, "last_at": last[artist, user]}  # fmt: skip
    return said


async def test_each_play_is_folded_once_and_only_once(mortal):
    store, clock = Store(mortal), SetClock(NOW)
    plays = [
        play("1", country="DE"),
        play("2", days=1, country="FR"),
        play("3", days=40),
        play("4", user="v", artists=("a", "b", "a"), country="DE"),
        play("5", song="t", artists=()),
    ]
    for each in plays:
        await store.plays.insert(each)
    fold = RollUps(store, clock, plays_at_once=2)
    assert await fold.fold() == 5
    assert await fold.fold() == 0
    said = await totals(mortal)
    assert said == counted(plays)
    assert said["plays_by_day s:2026-06-01"]["plays"] == 2
    assert said["plays_by_day s:2026-06-01"]["countries"] == {"DE": 2}
    assert said["listens u:s"] == {"user_id": "u", "song_id": "s", "plays": 3, "last_at": NOW}
    assert said["artist_listeners a:v"]["plays"] == 1
    assert await store.plays.count({"folded": False}) == 0
    assert await RollUpProof(store, fold).prove() == 0


async def test_plays_recorded_by_a_slow_clock_or_long_ago_are_not_passed_over(mortal):
    store, fold = Store(mortal), RollUps(Store(mortal), SetClock(NOW))
    await store.plays.insert(play("1", recorded=5))
    await fold.fold()
    late = [play("2", recorded=-3600), play("3", days=29, recorded=5)]
    for each in late:
        await store.plays.insert(each)
    assert await fold.fold() == 2
    assert await totals(mortal) == counted([play("1"), *late])


PLAYS = st.lists(
    st.tuples(
        st.sampled_from("uv"),
        st.sampled_from("st"),
        st.sampled_from([(), ("a",), ("a", "b")]),
        st.integers(0, 35),
        st.sampled_from([None, "DE", "FR"]),
    ),
    min_size=1,
    max_size=10,
)
DEATHS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=4)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=PLAYS, second=PLAYS, deaths=DEATHS, at_once=st.integers(1, 6), damage=st.booleans())
def test_a_crash_between_any_two_commands_neither_loses_nor_doubles(
    io_loop, tmp_path, first, second, deaths, at_once, damage
):
    async def live():
        path = tmp_path / "crash.db"
        for leftover in tmp_path.iterdir():
            leftover.unlink()
        engine = await open_empty_store(path)
        try:
            mortal = Mortal(engine)
            store = Store(mortal)
            fold = RollUps(store, SetClock(NOW), plays_at_once=at_once)
            made = []
            for number, batch in enumerate((first, second)):
                for place, (user, song, artists, days, country) in enumerate(batch):
                    made.append(play(f"{number}.{place}", user, song, artists, days, country, recorded=-number))
                    await store.plays.insert(made[-1])
                for left, half in deaths:
                    await mortal.dies_in(fold.fold, left, half)
            await fold.fold()
            assert await totals(mortal) == counted(made)
            proof = RollUpProof(store, fold, rows_at_once=1)
            assert await proof.prove() == 0
            if damage:
                await store.listens.update({}, {"$inc": {"plays": 3}})
                await store.plays_by_day.update({}, {"$set": {"countries": {"XX": 9}, "weight": 7}})
                await store.listens_by_day.update({}, {"$inc": {"plays": 2}})
                await store.plays_ever.delete({"_id": made[0].song_id})
                for left, half in deaths:
                    await mortal.dies_in(proof.prove, left, half)
                await proof.prove()
                assert await totals(mortal) == counted(made)
        finally:
            await engine.stop()

    io_loop.run_sync(live)


async def test_every_single_point_of_death_in_a_fold_is_survived(mortal):
    store, deaths = Store(mortal), 0
    made = []
    for point in range(20):
        for half in (0, 2):
            made.append(play(f"{point}.{half}", song=f"s{point % 3}", artists=("a", "b"), country="DE"))
            await store.plays.insert(made[-1])
            deaths += await mortal.dies_in(RollUps(store, SetClock(NOW)).fold, point, half)
    await RollUps(store, SetClock(NOW)).fold()
    # Nine writes make a batch, one fewer where accounts' days have it already; with nine allowed, nobody dies any more.
    assert deaths == 18
    assert await totals(mortal) == counted(made)


async def test_two_processes_at_once_and_new_plays_between_them_count_each_play_once(mortal):
    store = Store(mortal)
    folds = [RollUps(store, SetClock(NOW), plays_at_once=3) for _ in range(3)]
    made = [play(str(number), song=f"s{number % 2}", user=f"u{number % 3}") for number in range(20)]

    async def listen():
        for each in made:
            await store.plays.insert(each)

    await asyncio.gather(listen(), *(each.fold() for each in folds), RollUpProof(store, folds[0]).prove())
    await folds[0].fold()
    assert await totals(mortal) == counted(made)
    assert await RollUpProof(store, folds[1]).prove() == 0


async def test_a_process_that_slept_through_later_batches_adds_nothing_when_it_wakes(mortal):
    store, fold = Store(mortal), RollUps(Store(mortal), SetClock(NOW))
    await store.plays.insert(play("1"))
    assert await mortal.dies_in(fold.fold, 3)
    asleep = await store.folds.get(THE_FOLD)
    plays = list((await mortal.get_many("plays", asleep.play_ids)).values())
    await fold.fold()
    await store.plays.insert(play("2"))
    await fold.fold()
    await fold._apply(asleep, plays)
    assert await totals(mortal) == counted([play("1"), play("2")])


async def test_rows_nobody_played_and_plays_from_before_the_marks_are_put_right(mortal):
    store, fold = Store(mortal), RollUps(Store(mortal), SetClock(NOW))
    await store.plays.insert(play("1"))
    await fold.fold()
    for user, song in (("0", "0"), ("u", "other"), ("zz", "zz")):
        row = {"_id": f"{user}:{song}", "user_id": user, "song_id": song, "plays": 4, "last_at": NOW, "batch": 1}
        await mortal.insert("listens", row)
    old = Store(mortal).plays.codec.encode(play("2"))
    del old["folded"]
    await mortal.insert("plays", old)
    assert await RollUpProof(store, fold).prove() == 3
    assert await fold.fold() == 1
    assert await totals(mortal) == counted([play("1"), play("2")])


class Overtaken:
    """The real engine; between one read of a shelf's rows and the writes that follow, somebody else does their work."""

    def __init__(self, engine, shelf, work):
        self.engine = engine
        self.shelf = shelf
        self.work = work

    def __getattr__(self, name):
        return getattr(self.engine, name)

    async def get_many(self, collection, ids):
        found = await self.engine.get_many(collection, ids)
        if collection == self.shelf and self.work is not None:
            work, self.work = self.work, None
            await work()
        return found


@pytest.mark.parametrize("shelf", SHELVES)
async def test_a_process_overtaken_between_its_read_and_its_writes_adds_nothing(mortal, shelf):
    store, other, made = Store(mortal), RollUps(Store(mortal), SetClock(NOW)), []
    # First every row is new to both, then every row is old.
    for number in range(2):
        made.append(play(f"now{number}", country="DE"))
        await store.plays.insert(made[-1])

        async def overtake(number=number):
            await other.fold()
            made.append(play(f"later{number}"))
            await store.plays.insert(made[-1])
            await other.fold()

        slow = Overtaken(mortal, shelf, overtake)
        await RollUps(Store(slow), SetClock(NOW)).fold()
        assert slow.work is None
        assert await totals(mortal) == counted(made)
        assert await store.plays.count({"folded": True}) == len(made)
