"""Turns: what two processes write to one person at once is told once to whoever reads on from any place."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.clock import SetClock
from services.events import Bus
from services.notifications import kinds
from services.notifications.notifications import Notifications
from services.notifications.places import START, read_place
from services.notifications.turns import HELD_FOR
from services.viewer import Viewer
from storage.collections.store import Store
from storage.migrations import m0003_turns_of_notifications
from storage.records import Broadcast
from tests.template_store import open_empty_store

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANN, BOB = Viewer(user_id="ann"), Viewer(user_id="bob")


class Slowly:
    """An engine each of whose commands lets others go first as often as `delays` says, as processes do."""

    def __init__(self, engine, delays):
        self._engine, self._delays = engine, iter(delays)

    def __getattr__(self, name):
        command = getattr(self._engine, name)
        if name not in {"get", "get_many", "find", "bulk", "insert", "update", "delete"}:
            return command

        async def later(*positional, **named):
            for _ in range(next(self._delays, 0)):
                await asyncio.sleep(0)
            done = await command(*positional, **named)
            for _ in range(next(self._delays, 0)):
                await asyncio.sleep(0)
            return done

        return later


@asynccontextmanager
async def two_writers(folder, delays=(), behind_s=86_400.0):
    """Two processes over one store; the clock of the second is a day behind, so its ids sort before the first's."""
    engine = await open_empty_store(folder / "store.db")
    try:
        slow = Slowly(engine, delays)
        clocks = SetClock(NOW), SetClock(NOW - timedelta(seconds=behind_s))
        yield [Notifications(Store(slow), clock, Bus()) for clock in clocks], Store(engine)
    finally:
        await engine.stop()


async def read_on(service, viewer, place):
    told = []
    while True:
        rows, place, more = await service.since(viewer, read_place(place.written()), limit=3)
        told += rows
        if not more:
            return told, place


STEPS = st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["tell", "both", "remove", "again"])), max_size=14)


@settings(max_examples=12, deadline=None)
@given(first=STEPS, second=STEPS, looks=st.integers(1, 6), delays=st.lists(st.integers(0, 7), max_size=400))
def test_a_reader_on_its_way_is_told_each_of_two_writers_once(tmp_path_factory, first, second, looks, delays):
    async def run():
        async with two_writers(tmp_path_factory.mktemp("turns"), delays) as (writers, store):
            removed, begun = set(), set()

            async def write(number, steps):
                service = writers[number]
                for step, (whose, what) in enumerate(steps):
                    if what == "remove":
                        rows, _, _ = await service.since((ANN, BOB)[whose], START)
                        if rows:
                            # Whoever reads meanwhile may have it or not.
                            removed.add(rows[-1].id)
                            await service._turns.remove((ANN, BOB)[whose].user_id, rows[-1].id, NOW)
                    else:
                        name = f"same{step}" if what == "again" else f"{number}.{step}"
                        begun.add(name)
                        people = ["ann", "bob"] if what == "both" else [("ann", "bob")[whose]]
                        await service.tell(kinds.review_hidden(name), people)

            told, place = [], START

            async def read():
                nonlocal place
                for _ in range(looks):
                    rows, place = await read_on(writers[0], ANN, place)
                    told.extend(rows)

            await asyncio.gather(write(0, first), write(1, second), read())
            rows, place = await read_on(writers[1], ANN, place)
            told += rows
            ids = [row.id for row in told]
            assert len(ids) == len(set(ids)), "none twice"
            there = {row.id for row in await store.notifications.find({"user_id": "ann"}, limit=1000)}
            assert there - set(ids) == set(), "none lost"
            assert set(ids) - there <= removed
            turns = [row.turn for row in told]
            assert turns == sorted(turns)
            slots = [row.slot for row in await store.notifications.find({}, limit=1000)]
            assert len(slots) == len(set(slots))

    # `asyncio.run` would take the test's own loop away.
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(run())
    finally:
        loop.close()


async def test_a_number_is_not_given_again_to_a_writer_that_was_slow(tmp_path):
    async with two_writers(tmp_path) as ((here, there), store):
        await here.tell(kinds.review_hidden("r1"), ["ann"])
        turns, real = there._turns, there._turns._store.notification_marks.get_many
        marks = there._telling._turns._store.notification_marks

        async def meanwhile(ids):
            found = await real(ids)
            await here.tell(kinds.review_hidden("r2"), ["ann"])
            newest = await store.notifications.first({"user_id": "ann"}, sort=[("turn", -1)])
            _, meanwhile.place = await read_on(here, ANN, START)
            await here.delete(ANN, newest.id)
            return found

        marks.get_many = meanwhile
        await there.tell(kinds.review_hidden("r3"), ["ann"])
        assert turns is there._telling._turns
        rows, _ = await read_on(here, ANN, meanwhile.place)
        assert [(row.target_id, row.turn) for row in rows] == [("r3", 3)]


async def test_one_that_was_told_already_leaves_no_number_free_before_the_next(tmp_path):
    async with two_writers(tmp_path) as ((here, _), _store):
        await here.tell(kinds.review_hidden("r1"), ["ann"])
        made = [here._telling.made(kinds.review_hidden(name), "ann") for name in ("r1", "r2", "r3")]
        assert [(one.target_id, one.turn) for one in await here._turns.write(made)] == [("r2", 2), ("r3", 3)]


async def test_a_removed_one_keeps_its_place_for_an_hour_and_numbers_go_on_after_it(tmp_path):
    async with two_writers(tmp_path) as ((here, _), store):
        for name in ("r1", "r2"):
            await here.tell(kinds.review_hidden(name), ["ann"])
        [_, newest], place, _ = await here.since(ANN, START)
        await here.delete(ANN, newest.id)
        assert await here.sweep() == 0
        assert (await here.since(ANN, read_place(newest.id)))[1] == place
        here._clock.turn(HELD_FOR.total_seconds() + 1)
        assert await here.sweep() == 1
        await here.tell(kinds.review_hidden("r2"), ["ann"])
        rows, _ = await read_on(here, ANN, place)
        assert [(row.target_id, row.turn) for row in rows] == [("r2", 3)], "told again, and not for the old number"
        assert await store.notifications.count({}) == 2


async def test_a_broadcast_of_a_process_that_is_behind_is_handed_over_too(tmp_path):
    async with two_writers(tmp_path) as ((here, there), store):
        made = [Broadcast(service._clock.new_id(), "a", f"k{n}", "album_released", "t", "m", NOW)
                for n, service in enumerate((here, there))]  # fmt: skip
        assert made[1].id < made[0].id
        wrote = await asyncio.gather(
            *(s._turns.write_broadcast(one) for s, one in zip((here, there), made, strict=True))
        )
        assert (wrote, sorted(one.turn for one in made)) == ([True, True], [1, 2])
        assert await there._turns.write_broadcast(Broadcast("z", "a", "k0", "album_released", "t", "m", NOW)) is False
        await here.collect("ann")
        assert (await store.notification_marks.get("ann")).seen_turn == 2


async def test_what_was_written_before_there_were_turns_is_numbered_by_id(tmp_path):
    async with two_writers(tmp_path) as ((here, _), store):
        for name in ("r1", "r2", "r3"):
            await here.tell(kinds.review_hidden(name), ["ann"])
        rows = await store.notifications.find({}, sort=[("_id", 1)])
        await store.notifications.engine.ensure("notifications", [])
        await store.notifications.update({}, {"$unset": {"turn": "", "slot": ""}}, many=True)
        await store.notification_marks.delete({}, many=True)
        for _ in range(2):
            await m0003_turns_of_notifications.apply(store.notifications.engine)
        assert await store.notifications.find({}, sort=[("_id", 1)]) == rows
        await here.tell(kinds.review_hidden("r4"), ["ann"])
        assert (await here.since(ANN, read_place("n2.3")))[0][0].target_id == "r4"
