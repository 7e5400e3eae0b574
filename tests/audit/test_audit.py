"""The audit log: lines are added, found by admins, and never changed unnoticed."""

import asyncio

import pytest

from services.audit.audit import Audit, Sought
from services.audit.details import LEFT_OUT, plain_details
from services.errors import Denied, Invalid, Unauthenticated
from services.paging import Slice
from services.viewer import NOBODY, SYSTEM, Role, Viewer

ADMIN = Viewer(user_id="boss", roles=frozenset({Role.ADMIN}))
WARDEN = Viewer(user_id="warden", roles=frozenset({Role.MODERATOR}))


async def test_lines_are_numbered_without_a_gap_however_many_write_at_once(rig):
    two = [rig.house.audit, Audit(rig.store, rig.clock)]
    await asyncio.gather(*(two[n % 2].note(WARDEN, "song.hide", "song", f"s{n}") for n in range(20)))
    found = await rig.store.audit_entries.find({}, sort=[("number", 1)])
    assert [line.number for line in found] == list(range(1, 21))
    proof = await rig.house.audit.prove()
    assert (proof.lines, proof.is_whole, proof.head) == (20, True, found[-1].hash)


async def test_the_shelf_has_no_way_to_change_a_line(rig):
    assert not {"update", "update_and_get", "delete", "bulk", "insert"} & set(dir(rig.store.audit_entries))


@pytest.mark.parametrize("harm", ["altered", "removed", "cut off", "rewritten"])
async def test_what_is_altered_or_missing_is_found(rig, harm, log_watch):
    log_watch.expect("the audit log is not whole")
    for number in range(5):
        await rig.house.audit.note(WARDEN, "user.warn", "user", f"u{number}", reason="spam")
    assert (await rig.house.audit.prove()).is_whole
    name, engine = rig.store.audit_entries.name, rig.store.engine
    lines = await rig.store.audit_entries.find({}, sort=[("number", 1)])
    if harm == "altered":
        await engine.update(name, {"number": 3}, {"$set": {"details.reason": "none"}})
        expected = ["line 3 was altered"]
    elif harm == "removed":
        await engine.delete(name, {"number": 3})
        expected = ["before line 4, 1 are missing"]
    elif harm == "cut off":
        await engine.delete(name, {"number": {"$gte": 4}}, many=True)
        expected = ["line 5 is missing, up to which the log was whole"]
    else:
        await engine.delete(name, {"number": 5})
        await rig.house.audit.note(WARDEN, "user.ban", "user", "u4")
        expected = ["line 5 is not the one that was proven"]
    proof = await rig.house.audit.prove()
    assert (proof.is_whole, proof.faults) == (False, expected)
    assert lines[4].hash == (await rig.store.audit_marks.get("proven")).hash


async def test_admins_find_lines_and_nobody_else(rig):
    await rig.house.audit.note(SYSTEM, "user.return", "user", "ann")
    rig.clock.turn(10)
    since = rig.clock.now()
    await rig.house.audit.note(WARDEN, "user.suspend", "user", "ann", days=3)
    await rig.house.audit.note(WARDEN, "song.hide", "song", "s1")

    async def found(**sought):
        page = await rig.house.audit.listing(ADMIN, Slice(), Sought(**sought))
        return sorted(line.action for line in page.items), page.total

    assert await found() == (["song.hide", "user.return", "user.suspend"], 3)
    assert await found(kind="user", target_id="ann") == (["user.return", "user.suspend"], 2)
    assert await found(actor_id="warden") == (["song.hide", "user.suspend"], 2)
    assert await found(action="user.suspend") == (["user.suspend"], 1)
    assert await found(until=since) == (["user.return"], 1)
    assert await found(since=since, kind="song") == (["song.hide"], 1)
    for viewer, refusal in ((WARDEN, Denied), (NOBODY, Unauthenticated)):
        with pytest.raises(refusal):
            await rig.house.audit.listing(viewer, Slice(), Sought())
    with pytest.raises(Invalid):
        await found(action="x" * 81)


async def test_a_line_says_itself_over_graphql(rig):
    await rig.house.audit.note(WARDEN, "user.suspend", "user", "ann", days=3)
    query = '{ auditLog(kind: "user") { edges { node { number action actorId targetId details { name value } } } } }'
    assert (await rig.data(query, ADMIN))["auditLog"]["edges"][0]["node"] == {
        "number": 1,
        "action": "user.suspend",
        "actorId": "warden",
        "targetId": "ann",
        "details": [{"name": "days", "value": "3"}],
    }


def test_details_are_bounded_and_hold_no_secret():
    kept = plain_details(
        {"password": "x", "reason": "write to ann@example.com", "many": ["a"] * 99, "long": "a b" * 400, "gone": None}
        | {"key": "sk_" + "a" * 60, "token_count": 4}
    )
    assert kept["password"] == kept["token_count"] == LEFT_OUT
    assert kept["reason"] == f"write to {LEFT_OUT}"
    assert len(kept["many"]) == 148
    assert len(kept["long"]) == 300
    assert kept["key"] == LEFT_OUT
    assert "gone" not in kept
    assert len(plain_details({f"n{n}": n for n in range(40)})) == 16
