"""The queue before the encoders."""

import asyncio

import pytest

from services.audio.admission import Admission, Urgency
from services.clock import Clock
from services.errors import TooMany, Unavailable

PLAYHEAD, NEXT, IDLE = Urgency.PLAYHEAD, Urgency.NEXT_SEGMENT, Urgency.IDLE


class Bench:
    """Works that end when told to, and the order in which they began."""

    def __init__(self, **limits):
        self.admission = Admission(clock=Clock(), **{"places": 1, "waiting_limit": 10, **limits})
        self.begun = []
        self.cancelled = []
        self.gates = {}

    def ask(self, key, user="ada", urgency=PLAYHEAD, continuing=False):
        async def work():
            self.begun.append(key)
            try:
                await self.gates.setdefault(key, asyncio.Event()).wait()
            except asyncio.CancelledError:
                self.cancelled.append(key)
                raise
            return f"sound of {key}"

        running = self.admission.run(key, work, user=user, urgency=urgency, continuing=continuing)
        return asyncio.create_task(running, name=f"ask-{key}")

    def end(self, key):
        self.gates.setdefault(key, asyncio.Event()).set()

    async def settle(self):
        for _ in range(10):
            await asyncio.sleep(0)


async def test_everybody_who_asks_for_the_same_shares_one_work():
    bench = Bench()
    asked = [bench.ask("a", user) for user in ("ada", "bob", "cleo")]
    await bench.settle()
    bench.end("a")
    assert await asyncio.gather(*asked) == ["sound of a"] * 3
    assert bench.begun == ["a"]
    again = bench.ask("a")
    assert await again == "sound of a"
    assert bench.begun == ["a", "a"]


async def test_never_more_at_once_than_there_are_places():
    bench = Bench(places=2)
    asked = [bench.ask(key) for key in "abcd"]
    await bench.settle()
    assert (bench.begun, bench.admission.running, bench.admission.waiting) == (["a", "b"], 2, 2)
    for key in "abcd":
        bench.end(key)
    await asyncio.gather(*asked)
    assert (bench.begun, bench.admission.running, bench.admission.waiting) == (["a", "b", "c", "d"], 0, 0)


async def test_the_playhead_goes_before_what_comes_next_and_that_before_idle_work():
    bench = Bench()
    asked = [bench.ask("first")]
    await bench.settle()
    asked += [bench.ask("idle", urgency=IDLE), bench.ask("next", urgency=NEXT), bench.ask("now")]
    await bench.settle()
    for key in ("first", "now", "next", "idle"):
        bench.end(key)
    await asyncio.gather(*asked)
    assert bench.begun == ["first", "now", "next", "idle"]


async def test_waiting_work_moves_up_when_the_playhead_reaches_it():
    bench = Bench()
    asked = [bench.ask("first")]
    await bench.settle()
    asked += [bench.ask("next", urgency=NEXT), bench.ask("other", urgency=NEXT), bench.ask("later", urgency=NEXT)]
    await bench.settle()
    asked.append(bench.ask("later"))
    await bench.settle()
    for key in ("first", "next", "other", "later"):
        bench.end(key)
    await asyncio.gather(*asked)
    assert bench.begun == ["first", "later", "next", "other"]


async def test_people_take_turns_however_much_one_of_them_asks_for():
    bench = Bench()
    asked = [bench.ask("a0", "ada")]
    await bench.settle()
    asked += [bench.ask(f"a{n}", "ada") for n in (1, 2, 3)] + [bench.ask("b1", "bob"), bench.ask("b2", "bob")]
    await bench.settle()
    for key in ("a0", "a1", "a2", "a3", "b1", "b2"):
        bench.end(key)
    await asyncio.gather(*asked)
    assert bench.begun == ["a0", "b1", "a1", "b2", "a2", "a3"]


async def test_beyond_the_bound_it_is_too_many_with_a_time_to_come_back():
    bench = Bench(waiting_limit=2)
    asked = [bench.ask(key, user=key) for key in "abc"]
    await bench.settle()
    with pytest.raises(TooMany) as refusal:
        await bench.ask("d", user="d")
    assert refusal.value.retry_after >= 1
    assert bench.admission.waiting == 2
    joined = bench.ask("c", user="e")
    continuing = bench.ask("f", user="f", continuing=True)
    await bench.settle()
    assert bench.admission.waiting == 3
    for key in "abcf":
        bench.end(key)
    await asyncio.gather(*asked, joined, continuing)


async def test_one_person_cannot_fill_the_queue():
    bench = Bench(waiting_limit=10, user_limit=2)
    asked = [bench.ask(key, "ada") for key in "abc"]
    await bench.settle()
    with pytest.raises(TooMany):
        await bench.ask("d", "ada")
    asked.append(bench.ask("e", "bob"))
    for key in "abce":
        bench.end(key)
    await asyncio.gather(*asked)


async def test_work_ends_with_its_last_waiter_and_not_before():
    bench = Bench()
    one, two = bench.ask("a", "ada"), bench.ask("a", "bob")
    await bench.settle()
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    assert bench.cancelled == []
    two.cancel()
    await asyncio.gather(two, return_exceptions=True)
    assert bench.cancelled == ["a"]
    assert (bench.admission.running, bench.admission.waiting) == (0, 0)


async def test_work_that_nobody_waits_for_any_more_is_never_begun():
    bench = Bench()
    first, second = bench.ask("a"), bench.ask("b")
    await bench.settle()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    bench.end("a")
    await first
    await bench.settle()
    assert bench.begun == ["a"]


async def test_a_failure_reaches_every_waiter_and_frees_the_place():
    admission = Admission(clock=Clock(), places=1, waiting_limit=5)

    async def fail():
        await asyncio.sleep(0)
        raise Unavailable("broken")

    async def succeed():
        return b"sound"

    asked = [admission.run("a", fail, user=user, urgency=PLAYHEAD) for user in ("ada", "bob")]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable, Unavailable]
    assert await admission.run("b", succeed, user="ada", urgency=PLAYHEAD) == b"sound"


async def test_idle_work_stops_as_soon_as_a_listener_wants_a_place():
    bench = Bench()
    idle = bench.ask("idle", "house", urgency=IDLE)
    await bench.settle()
    assert (bench.begun, bench.admission.busy) == (["idle"], False)
    listener = bench.ask("now")
    with pytest.raises(TooMany):
        await idle
    await bench.settle()
    assert (bench.begun, bench.cancelled, bench.admission.busy) == (["idle", "now"], ["idle"], True)
    bench.end("now")
    assert await listener == "sound of now"
    assert (bench.admission.tally.gave_way, bench.admission.tally.killed) == (1, 0)
    assert bench.admission.quiet_s < 5


async def test_idle_work_that_a_listener_joins_is_theirs_and_goes_on():
    bench = Bench()
    idle = bench.ask("song", "house", urgency=IDLE)
    await bench.settle()
    joined, other = bench.ask("song", "ada"), bench.ask("other", "bob")
    await bench.settle()
    assert bench.begun == ["song"]
    for key in ("song", "other"):
        bench.end(key)
    assert await asyncio.gather(idle, joined, other) == ["sound of song", "sound of song", "sound of other"]
    assert bench.admission.tally.shared == 1


async def test_what_nobody_hears_yet_fills_half_of_the_queue_and_gives_way_at_its_end():
    bench = Bench(waiting_limit=4)
    asked = [bench.ask("first")]
    await bench.settle()
    ahead = [bench.ask(f"n{n}", f"u{n}", urgency=Urgency.NEXT_SONG) for n in (1, 2)]
    await bench.settle()
    with pytest.raises(TooMany):
        await bench.ask("n3", "u3", urgency=Urgency.NEXT_SONG)
    asked += [bench.ask(f"p{n}", f"v{n}") for n in (1, 2, 3)]
    await bench.settle()
    with pytest.raises(TooMany):
        await ahead[1]
    assert bench.admission.waiting_by_urgency == {PLAYHEAD: 3, Urgency.NEXT_SONG: 1}
    for key in ("first", "p1", "p2", "p3", "n1"):
        bench.end(key)
    await asyncio.gather(*asked, ahead[0])
    assert bench.begun == ["first", "p1", "p2", "p3", "n1"]
    assert (bench.admission.tally.refused, bench.admission.tally.gave_way) == (1, 1)


async def test_a_work_that_is_cancelled_twice_still_clears_up_in_peace():
    admission, ended, gate = Admission(clock=Clock(), places=1, waiting_limit=5), [], asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            await gate.wait()
            ended.append("in peace")

    waiter = asyncio.create_task(admission.run("a", work, user="ada", urgency=PLAYHEAD), name="waiter")
    for _ in range(5):
        await asyncio.sleep(0)
    for _ in range(2):
        waiter.cancel()
        await asyncio.sleep(0)
    stopping = asyncio.create_task(admission.stop(), name="stop")
    await asyncio.sleep(0)
    gate.set()
    await stopping
    await asyncio.gather(waiter, return_exceptions=True)
    assert ended == ["in peace"]


async def test_stopping_cancels_what_runs_and_refuses_what_waits():
    bench = Bench()
    asked = [bench.ask("a"), bench.ask("b")]
    await bench.settle()
    await bench.admission.stop()
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable, Unavailable]
    assert (bench.begun, bench.cancelled) == (["a"], ["a"])
    with pytest.raises(Unavailable):
        await bench.ask("c")
    await bench.admission.stop()
