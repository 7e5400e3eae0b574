"""The back office: accounts, jobs, errors, slow things and storage, for admins."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from server.jobs import Jobs
from server.metrics import Metrics
from server.observe import without_secrets
from server.office import ErrorHearing
from server.schedule import Job
from services.errors import Conflict, Denied, Invalid, NotFound
from services.leases import Leases
from services.office.error_log import ROWS_LIMIT, WAITING_LIMIT, ErrorLog
from services.office.job_board import JobBoard, tell
from services.office.people import Wanted
from services.office.slow_log import SlowLog, percentile
from services.paging import Slice
from services.steady_engine import _shape
from services.viewer import Role
from tests.catalogue_rig import Rig, rig

__all__ = ["rig"]

PEOPLE = (
    "query($s: String) { adminUsers(search: $s, sort: NAME) { edges { node { username email roles } } totalCount } }"
)


async def test_admins_find_people_by_the_beginning_of_a_name_or_an_address(rig: Rig) -> None:
    boss = await rig.sign_up("boss", Role.ADMIN)
    for name in ("anna", "anton", "bert"):
        await rig.sign_up(name)
    found = (await rig.data(PEOPLE, boss, s="AN"))["adminUsers"]
    assert [edge["node"]["username"] for edge in found["edges"]] == ["anna", "anton"]
    assert found["edges"][0]["node"] == {"username": "anna", "email": "anna@example.com", "roles": []}
    assert (await rig.data(PEOPLE, boss, s="bert@exam"))["adminUsers"]["totalCount"] == 1
    assert (await rig.data(PEOPLE, boss, s="$ne"))["adminUsers"]["totalCount"] == 0
    people = rig.house.office_people
    assert (await people.listing(boss, Slice(), Wanted(role="admin"))).total == 1
    assert (await people.listing(boss, Slice(), Wanted(state="suspended"))).total == 0
    with pytest.raises(Invalid):
        await people.listing(boss, Slice(), Wanted(search="a\0b"))
    with pytest.raises(Denied):
        await people.listing(await rig.sign_up("mod", Role.MODERATOR), Slice(), Wanted())


async def test_roles_are_set_told_audited_and_hold_at_once(rig: Rig) -> None:
    boss = await rig.sign_up("boss", Role.ADMIN)
    ann = await rig.sign_in("ann")
    await rig.house.office_people.set_roles(boss, ann.user.id, ["moderator"])
    assert (await rig.house.accounts.viewer_for(ann.token)).has(Role.MODERATOR)
    lines = await rig.store.audit_entries.find({"action": "user.roles"})
    assert [(line.target_id, line.actor_id, line.details) for line in lines] == [
        (ann.user.id, boss.user_id, {"after": "moderator", "before": ""})
    ]
    with pytest.raises(NotFound):
        await rig.house.office_people.set_roles(boss, "nobody", ["moderator"])
    with pytest.raises(Invalid):
        await rig.house.office_people.set_roles(boss, ann.user.id, ["king"])


async def test_the_last_admin_stays_one_also_when_two_give_up_at_once(rig: Rig) -> None:
    one, two = await rig.sign_up("one", Role.ADMIN), await rig.sign_up("two", Role.ADMIN)
    people = rig.house.office_people
    await asyncio.gather(
        people.set_roles(one, str(two.user_id), []), people.set_roles(two, str(one.user_id), []), return_exceptions=True
    )
    left = await rig.store.users.find({"roles": "admin"})
    assert left
    for other in left[1:]:
        await people.set_roles(one, other.id, [])
    with pytest.raises(Conflict) as refusal:
        await people.set_roles(one, left[0].id, ["artist"])
    assert refusal.value.reason == "LAST_ADMIN"
    user = await rig.store.users.get(left[0].id)
    assert user is not None and user.roles == ["admin"]


async def test_a_sheet_tells_of_sessions_and_a_tier_is_given_and_sessions_end(rig: Rig) -> None:
    boss = await rig.sign_up("boss", Role.ADMIN)
    ann = await rig.sign_in("ann")
    await rig.house.office_people.set_tier(boss, ann.user.id, "premium", days=30)
    sheet = await rig.house.office_people.sheet(boss, ann.user.id)
    assert sheet is not None
    assert (sheet.user.subscription_type, sheet.session_count, sheet.has_second_factor) == ("premium", 1, False)
    assert [(grant.source, grant.tier) for grant in sheet.grants] == [("house", "premium")]
    assert await rig.house.office_people.end_sessions(boss, ann.user.id) == 1
    assert await rig.house.office_people.sheet(boss, "nobody") is None


async def test_a_job_asked_for_runs_in_one_process_and_tells_how_it_went(rig: Rig, log_watch: Any) -> None:
    log_watch.expect("job failed")
    boss = await rig.sign_up("boss", Role.ADMIN)
    runs: list[str] = []

    async def work() -> None:
        tell("counting", 3, 4)
        runs.append("x")
        if len(runs) == 2:
            raise ValueError("ann@example.com is wrong")

    processes = []
    for _ in range(2):
        board = JobBoard(rig.store, rig.clock)
        row = Job("count", 60, work)
        jobs = Jobs([row], Leases(rig.store, rig.clock), Metrics(), board)
        board.know([("count", 60.0)])
        processes.append((jobs, board))
    with pytest.raises(NotFound):
        await processes[0][1].run_now(boss, "no such job")
    for expected in ("done", "failed"):
        await processes[0][1].run_now(boss, "count")
        [asked] = await processes[1][1].listing(boss)
        assert asked.wanted_at is not None
        for jobs, _ in processes:
            await jobs.run_wanted()
        await asyncio.gather(*(task for jobs, _ in processes for task in jobs.asked), return_exceptions=True)
        assert (await processes[0][1].listing(boss))[0].outcome == expected
    [row_now] = await processes[1][1].listing(boss)
    assert (len(runs), row_now.runs, row_now.failures, row_now.wanted_at) == (2, 2, 1, None)
    assert (row_now.phase, row_now.done, row_now.total) == ("counting", 3, 4)
    assert row_now.error.startswith("ValueError (request id ")
    for jobs, _ in processes:
        await jobs.stop()


async def test_log_lines_are_folded_kept_bounded_and_free_of_secrets(rig: Rig) -> None:
    boss = await rig.sign_up("boss", Role.ADMIN)
    hearing, log = ErrorHearing(rig.house.error_log), logging.Logger("tutti.test")
    log.addHandler(hearing)
    for _ in range(3):
        log.warning("mail was not sent", extra={"address": "ann@example.com"})
    try:
        raise KeyError("ann's token")
    except KeyError:
        log.exception("failed at /stream?ticket=abcdef")
    log.info("nothing")
    page = await rig.house.error_log.listing(boss, Slice())
    assert {(row.level, row.message, row.count) for row in page.items} == {
        ("warning", "mail was not sent", 3),
        ("error", "failed at /stream?ticket=***", 1),
    }
    assert "ann" not in "".join(row.detail for row in page.items)
    assert "KeyError test_office.py:" in next(row.detail for row in page.items if row.level == "error")
    another = ErrorLog(rig.store, rig.clock)
    another.note("warning", "tutti.test", "mail was not sent")
    for number in range(WAITING_LIMIT + 5):
        another.note("error", "tutti.test", f"kind {number}")
    assert another.dropped == 6
    restarted = await another.listing(boss, Slice(), level="warning")
    assert [row.count for row in restarted.items] == [4]
    assert await another.sweep() == 0 and ROWS_LIMIT > WAITING_LIMIT
    assert await another.clear(boss) == WAITING_LIMIT + 1
    assert without_secrets("token=x") == "token=***"


async def test_slow_things_are_folded_by_shape_with_percentiles(rig: Rig) -> None:
    boss = await rig.sign_up("boss", Role.ADMIN)
    slow = SlowLog(rig.store, rig.clock, request_ms=100, command_ms=10)
    for took_ms in (99, 100, 200, 300):
        slow.note("graphql", "query { songs }", took_ms)
    slow.note("store", "find songs (artist_id) by -play_count", 50)
    page = await slow.listing(boss, Slice(), order="worst")
    assert [(row.kind, row.count, row.worst_ms) for row in page.items] == [("graphql", 3, 300.0), ("store", 1, 50.0)]
    slow.note("graphql", "query { songs }", 400)
    [row] = (await slow.listing(boss, Slice(), kind="graphql")).items
    assert (row.count, percentile(row.samples, 0.5), percentile(row.samples, 0.95)) == (4, 200.0, 400.0)
    assert percentile([], 0.5) == 0.0


def test_the_shape_of_a_command_has_no_values():
    asked = {"$and": [{"user_id": "u1"}, {"$or": [{"at": {"$gt": 1}}]}], "name": "secret"}
    assert _shape("find", ("plays", asked), {"sort": [("at", -1)]}) == "find plays (at, name, user_id) by -at"
    assert _shape("insert", ("users", {"email": "a@b"}), {}) == "insert users"


async def test_storage_health_and_holdings_are_told_and_the_cache_is_purged(rig: Rig) -> None:
    boss = await rig.sign_up("boss", Role.ADMIN)
    await rig.artist("a")
    await rig.song("s", "a", is_hidden=True)
    answer = await rig.data(
        "{ adminHoldings { songs hiddenSongs users } adminHealth { store } adminImportFolders "
        "adminStorage { folders { name bytes } databaseBytes cacheHitRate } }",
        boss,
    )
    assert answer["adminHoldings"] == {"songs": 1, "hiddenSongs": 1, "users": 1}
    assert answer["adminStorage"]["databaseBytes"] > 0 and answer["adminStorage"]["cacheHitRate"] is None
    cache = rig.house.deliveries.cache
    await cache.start()
    await cache.write("0123456789abcdef", "a.mp3", b"sound")
    assert await rig.house.figures.purge_cache(boss) == 5
    assert (cache.used_bytes, cache.has("0123456789abcdef", "a.mp3")) == (0, False)
