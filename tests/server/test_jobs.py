"""Periodic jobs: leased, skipped while they run elsewhere, backing off after failures."""

import asyncio
from datetime import UTC, datetime

import pytest

from server.jobs import Jobs, tick_s
from server.metrics import Metrics
from server.schedule import Job
from services.clock import SetClock
from services.leases import Leases
from services.office.job_board import JobBoard
from storage.collections.store import Store
from tests.template_store import open_empty_store


@pytest.fixture
async def store(tmp_path):
    engine = await open_empty_store(tmp_path / "jobs.db")
    yield Store(engine)
    await engine.stop()


@pytest.fixture
def clock():
    return SetClock(datetime(2026, 1, 1, tzinfo=UTC))


def runs(metrics, job, outcome):
    return metrics.registry.get_sample_value("tutti_job_runs_total", {"job": job, "outcome": outcome}) or 0


class Counted:
    """Work that counts, and fails while told to."""

    def __init__(self):
        self.done = 0
        self.failing = False
        self.begun = asyncio.Event()

    async def __call__(self):
        self.begun.set()
        if self.failing:
            raise ValueError("no luck")
        self.done += 1


async def test_two_processes_do_a_job_once_in_an_interval(store, clock):
    work, metrics = Counted(), Metrics()
    row = Job("count", 60, work)
    one = Jobs([row], Leases(store, clock), metrics)
    other = Jobs([row], Leases(store, clock), metrics)
    await one.tick(row)
    await other.tick(row)
    assert work.done == 1
    assert (runs(metrics, "count", "done"), runs(metrics, "count", "leased elsewhere")) == (1, 1)
    clock.turn(60)
    await other.tick(row)
    assert work.done == 2


async def test_a_process_that_died_with_the_lease_is_replaced_in_the_next_interval(store, clock):
    assert await Leases(store, clock).take("count", 48) is True
    work, metrics = Counted(), Metrics()
    row = Job("count", 60, work)
    jobs = Jobs([row], Leases(store, clock), metrics)
    await jobs.tick(row)
    assert work.done == 0
    clock.turn(49)
    await jobs.tick(row)
    assert work.done == 1


async def test_a_daily_job_is_done_though_no_process_lives_for_a_day(store, clock):
    work = Counted()
    row = Job("prove", 86_400, work)
    assert tick_s(row) == 600
    done = []
    for _ in range(4 * 24):
        clock.turn(900)
        await Jobs([row], Leases(store, clock), Metrics()).tick(row)
        done.append(work.done)
    assert (done[0], done[-2], done[-1]) == (1, 1, 1)
    clock.turn(900)
    await Jobs([row], Leases(store, clock), Metrics()).tick(row)
    assert work.done == 2


async def test_work_on_a_process_own_memory_is_done_in_each(store, clock):
    work, metrics = Counted(), Metrics()
    row = Job("forget", 60, work, own_memory=True)
    for _ in range(2):
        await Jobs([row], Leases(store, clock), metrics).tick(row)
    assert work.done == 2


async def test_a_failing_job_is_logged_and_backs_off(store, clock, log_watch):
    log_watch.expect("job failed")
    work, metrics = Counted(), Metrics()
    work.failing = True
    row = Job("count", 60, work)
    jobs = Jobs([row], Leases(store, clock), metrics)
    for _ in range(6):
        await jobs.tick(row)
        clock.turn(60)
    # Tried at ticks 1, 3 and 7 of an unlucky streak: one tick is skipped after the first failure, three after the next.
    assert runs(metrics, "count", "failed") == 2
    work.failing = False
    await jobs.tick(row)
    assert runs(metrics, "count", "done") == 1
    clock.turn(60)
    await jobs.tick(row)
    assert work.done == 2


async def test_stopping_ends_a_job_in_the_middle(store, clock):
    begun = asyncio.Event()

    async def endless():
        begun.set()
        await asyncio.Event().wait()

    row = Job("endless", 60, endless)
    jobs = Jobs([row], Leases(store, clock), Metrics())
    jobs.start()
    ticking = asyncio.create_task(jobs.tick(row), name="tick")
    await begun.wait()
    await jobs.stop()
    with pytest.raises(asyncio.CancelledError):
        await ticking


class Slow:
    """Work that goes on until it is let."""

    def __init__(self):
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.begins = self.ends = 0

    async def __call__(self):
        self.begins += 1
        self.begun.set()
        await self.may_end.wait()
        self.ends += 1


async def test_a_daily_job_that_a_stop_breaks_off_is_begun_anew_by_another_process(store, clock):
    work = Slow()
    row = Job("prove", 86_400, work)
    stopping, other = Jobs([row], Leases(store, clock), Metrics()), Jobs([row], Leases(store, clock), Metrics())
    ticking = asyncio.create_task(stopping.tick(row), name="tick")
    await work.begun.wait()
    await other.tick(row)
    await stopping.stop()
    with pytest.raises(asyncio.CancelledError):
        await ticking
    work.may_end.set()
    await other.tick(row)
    assert (work.begins, work.ends) == (2, 1)
    await other.tick(row)
    assert work.begins == 2


async def test_a_job_somebody_asked_for_that_a_stop_breaks_off_is_asked_for_again(store, clock):
    work, board = Slow(), JobBoard(store, clock)
    row = Job("prove", 86_400, work)
    stopping, other = (Jobs([row], Leases(store, clock), Metrics(), board) for _ in range(2))
    stopping.start()
    await board.want(["prove"])
    await stopping.run_wanted()
    await work.begun.wait()
    await stopping.stop()
    work.may_end.set()
    await other.run_wanted()
    await asyncio.gather(*other.asked)
    assert (work.begins, work.ends) == (2, 1)
    assert await board.take_wanted() == []


async def test_a_job_in_hand_may_end_when_its_process_stops(store, clock):
    work = Slow()
    row = Job("prove", 86_400, work)
    jobs = Jobs([row], Leases(store, clock), Metrics())
    ticking = asyncio.create_task(jobs.tick(row), name="tick")
    await work.begun.wait()
    finishing = asyncio.create_task(jobs.finish(), name="finish")
    await asyncio.sleep(0)
    work.may_end.set()
    await finishing
    await jobs.stop()
    await ticking
    assert work.ends == 1
    assert await Leases(store, clock).take("prove", 1) is False


async def test_a_process_that_stops_begins_no_job(store, clock):
    work = Counted()
    jobs = Jobs([Job("often", 0.02, work)], Leases(store, clock), Metrics())
    jobs.start()
    await asyncio.wait_for(work.begun.wait(), 10)
    await jobs.finish()
    done = work.done
    clock.turn(60)
    await asyncio.sleep(0.2)
    assert work.done == done
    await jobs.stop()
