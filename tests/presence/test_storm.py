"""Whatever happens to players, in the end somebody is online exactly if a player of theirs is open."""

from __future__ import annotations

import asyncio
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.presence.reducer import Connection, Status, Told, counted
from tests.presence.storm import Storm

CONNECTIONS = st.dictionaries(
    st.sampled_from("abcd"), st.builds(Connection, st.sampled_from([None, "phone", "tv"]), st.booleans()), max_size=4
)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_no_order_of_events_leaves_a_ghost_or_loses_somebody(seed):
    async def weather():
        storm = Storm(Random(seed))
        for _ in range(60):
            await storm.step()
        await storm.calm_down()

    # `asyncio.run` would take the test's own loop away.
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(weather())
    finally:
        loop.close()


@given(st.lists(CONNECTIONS, min_size=1, max_size=12), st.data())
def test_counts_may_be_lost_and_repeated(counts, data):
    every = some = Told()
    for at, count in enumerate(counts):
        after = counted(every, count, at)
        assert (after is every) == ((after.status, after.devices) == (every.status, every.devices))
        assert after.rev == every.rev + (after is not every) or after.rev == at
        every = after
        if data.draw(st.booleans()):
            some = counted(counted(some, count, at), count, at)
    some = counted(some, counts[-1], len(counts))
    assert (some.status, some.devices) == (every.status, every.devices)


def test_somebody_is_away_when_every_player_is():
    here, left = Connection(), Connection(is_away=True)
    assert counted(Told(), {"a": left, "b": here}, 5).status is Status.ONLINE
    away = counted(Told(), {"a": left, "b": left}, 5)
    assert (away.status, away.rev, away.since_ms) == (Status.AWAY, 5, 5)
    assert counted(away, {"a": left}, 9) is away
    assert counted(away, {}, 9) == Told(9, Status.OFFLINE, frozenset(), 9)
